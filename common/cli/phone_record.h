/* phone_record - a call as records: each state it comes to, then its audio */
#ifndef CLI_PHONE_RECORD_H
#define CLI_PHONE_RECORD_H

#include "cli/phone.h"

void phone_record_progress(struct phone *p, unsigned code, struct span reason);
void phone_record_up(struct phone *p);
void phone_record_end(struct phone *p, const struct sip_invite_end *end);

#endif
