/* sipcheck - what the files of the tool share
 *
 * main.c goes through the checks; each is a file: dns.c, reach.c, tls.c,
 * answer.c (what an OPTIONS brought), auth.c, intrusive.c.  ask.c sends one
 * request to one place and waits; throw.c sends what is no right request.
 */
#ifndef SIPCHECK_H
#define SIPCHECK_H

#include "cli/finding.h"
#include "cli/run.h"
#include "cli/sip_agent.h"
#include "sip/locate.h"

#define PLACES_MAX 24

struct options {
	struct run_options run;
	struct sip_agent_options agent;
	usec_t reply_wait;
	bool intrusive, nagios;
};

/* A target, and what is known of it. */
struct place {
	struct sip_target target;
	char *name;        /* of the target; NULL: none */
	bool is_announced; /* by the DNS, or by the URI */
	bool is_answering;
};

/* What came from the DNS on the URI's own way. */
struct seen {
	size_t naptr, srv, v4, v6;
	bool udp, tcp, tls; /* services among the NAPTR records */
};

struct sipcheck {
	struct run *run;
	const struct options *options;
	struct sip_agent agent;
	struct findings findings;
	char *uri;         /* checked, a sip: or sips: URI */
	struct sip_uri at; /* that of the next hop, taken apart */
	struct place places[PLACES_MAX];
	size_t place_count;
	struct seen seen;
	char *answer; /* the first final response to an OPTIONS; or NULL */
	size_t answer_place; /* from where */
	bool is_over;        /* the deadline came, or a signal */
};

/* Waits until done(arg); false: the run is over. */
bool wait_until(struct sipcheck *c, bool (*done)(void *arg), void *arg);

/* The findings that follow are of this place; NULL: of none. */
void look_at(struct sipcheck *c, const struct place *p);

/* ---- ask.c ---- */

struct ask {
	struct sipcheck *of;
	struct sip_client *client;
	struct timer *patience;
	bool is_over;
	usec_t rtt;
	unsigned code; /* 0: nobody answered, and e says why */
	char *text;    /* the final response as it came */
	struct err e;
};

/* Each struct ask needs ask_clear in the end. */
void ask_start(struct ask *a, struct sipcheck *c, const struct sip_target *to,
	const char *method);
bool ask_is_over(void *ask);
void ask_clear(struct ask *a);

/* ---- the checks ---- */

void check_dns(struct sipcheck *c);
void check_reach(struct sipcheck *c);
void check_tls(struct sipcheck *c);
void check_answer(struct sipcheck *c);
void check_auth(struct sipcheck *c);
void check_intrusive(struct sipcheck *c);

/* dns.c: where the URI leads by one transport (NONE: by RFC 3263), into
 * places that are not there yet. */
void find_places(struct sipcheck *c, enum sip_transport_kind kind,
	sip_locate_step *step, struct err *e);

#endif
