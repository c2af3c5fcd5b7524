/* inbox - MESSAGE requests that come, each shown once and answered when it is
 * safe
 *
 * RFC 3428 section 7.  Whoever takes the messages answers them in their order,
 * now or later: when a record is written, or a command has ended.  Until then
 * the server transaction absorbs what is sent again.
 *
 * A message may come again by a transaction of its own: its sender has tried
 * another address, or opened a new connection, because our answer was lost.
 * Such a one (the same Call-ID, CSeq, From tag and body) is not shown again
 * but gets the answer that the first one had, for SIP_INBOX_MEMORY.
 *
 * Floods are bounded: of messages that wait for their answer, of bytes in one,
 * and of those that are remembered.
 */
#ifndef SIP_INBOX_H
#define SIP_INBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "sip/scan.h"

/* Timer F, and as much again for a second address; at least. */
#define SIP_INBOX_MEMORY (64 * USEC_SEC)
/* Remembered at most, at some 200 bytes each. */
#define SIP_INBOX_SEEN_MAX 100000
/* What is asked of who comes while too many wait. */
#define SIP_INBOX_RETRY_AFTER 5 /* seconds */

struct sip_ua;
struct sip_inbox;

struct sip_inbox_settings {
	struct sip_ua *ua;
	size_t body_max;    /* a larger one gets 413 */
	size_t waiting_max; /* while more wait, others get 503 */
};

/* 0: it waits for its answer.  Else it is refused with that code, now. */
typedef unsigned sip_inbox_message(void *arg, struct sip_scan *m);

/* Serves MESSAGE on the user agent, before which it is freed. */
struct sip_inbox *sip_inbox_new(const struct sip_inbox_settings *s,
	sip_inbox_message *message, void *arg);
/* What still waits is never answered.  NULL is fine. */
void sip_inbox_free(struct sip_inbox *i);

/* The oldest that waits, or all: 200, or what it is refused with; nothing
 * where none waits. */
void sip_inbox_answer(struct sip_inbox *i, unsigned code);
void sip_inbox_answer_all(struct sip_inbox *i, unsigned code);

size_t sip_inbox_waiting(const struct sip_inbox *i);

#endif
