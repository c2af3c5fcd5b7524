/* sip_registrar - a registrar on the simulated network, and a user agent with a
 * registration there, sip:alice@192.0.2.2, whose log has a word for all that it
 * is told
 */
#ifndef TESTS_SIP_REGISTRAR_H
#define TESTS_SIP_REGISTRAR_H

#include "sip/registration.h"
#include "sip/ua.h"
#include "tests/common/sip_raw.h"

#define SIP_REGISTRAR_AT "192.0.2.2:5060"
#define SIP_REGISTRAR_HOUR 3600000 /* ms */

/* A registrar that grants `grant` seconds, and asks for `least` of them. */
struct sip_registrar {
	struct sip_raw raw;
	unsigned grant, least;
	unsigned refuse;          /* 439 only where outbound is asked for */
	const char *lines;        /* more of a 200 */
	const char *refuse_lines; /* of `refuse`, where that is set */
	bool is_bound, is_silent, says_no_contact;
	unsigned requests, refreshes;
	uint32_t last_cseq;
	usec_t expires_at;
	usec_t gap; /* the longest the binding was not there */
};

struct sip_registered {
	struct sim *sim;
	struct sip_registrar registrar;
	struct sip_ua *ua;
	struct sip_registration *registration;
	struct buf log; /* "done 3600;", "failed 1;" … */
	usec_t again;
};

/* A client at 192.0.2.1:5060 that asks for 600 s; settings: its other wishes. */
void sip_registered_open(struct sip_registered *c, uint64_t seed,
	const struct sip_registration_settings *settings);
/* Checks that no timer is left. */
void sip_registered_close(struct sip_registered *c);
/* ms later */
void sip_registered_run(struct sip_registered *c, usec_t ms);

#define assert_registered(c, want)                                             \
	do {                                                                   \
		assert_string_equal(buf_text(&(c)->log), want);                \
		buf_reset(&(c)->log);                                          \
	} while (0)

#endif
