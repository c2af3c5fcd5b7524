/* answer - the records a nameserver gave to one question; private to net/
 *
 * And the seam between net/resolve and who answers: c-ares (resolve_ares.c)
 * or the zone of the simulated network (sim_names.c).
 */
#ifndef NET_ANSWER_H
#define NET_ANSWER_H

#include "net/resolve.h"

/* Of one question; what is over it is left out.  Nobody tries that many. */
#define ANSWER_MAX 64

enum record_type { /* RFC 1035 section 3.2.2 */
	RECORD_A = 1,
	RECORD_CNAME = 5,
	RECORD_AAAA = 28,  /* RFC 3596 */
	RECORD_SRV = 33,   /* RFC 2782 */
	RECORD_NAPTR = 35, /* RFC 3403 */
};

enum outcome {
	OUTCOME_OPEN, /* not answered yet */
	OUTCOME_FOUND,
	OUTCOME_NO_NAME,
	OUTCOME_NO_RECORD,
	OUTCOME_SILENT, /* nobody answered */
	OUTCOME_FAILED, /* somebody did, with a failure or with nonsense */
};

struct answer {
	enum outcome outcome;
	size_t count; /* of the one array that is used */
	struct endpoint *addresses;
	uint32_t *ttls;         /* of the addresses */
	struct srv_record *srv; /* strings are the answer's own */
	struct naptr_record *naptr;
};

void answer_clear(struct answer *a);

/* Each copies, and makes the outcome OUTCOME_FOUND. */
void answer_add_address(
	struct answer *a, const struct endpoint *address, uint32_t ttl);
void answer_add_srv(struct answer *a, const struct srv_record *r);
void answer_add_naptr(struct answer *a, const struct naptr_record *r);

/* Into the order to try them: RFC 2782 page 3, RFC 3403 section 4.1. */
void answer_order_srv(struct answer *a);
void answer_order_naptr(struct answer *a);

/* Families alternate, IPv6 first (RFC 8305 section 4); else the order is kept.
 * Takes from both, which are empty then. */
void answer_merge(struct answer *out, struct answer *v6, struct answer *v4);

/* Appends the addresses of this family that this hosts(5) file has for the
 * name; a file that cannot be read has none. */
void answer_add_hosts(
	struct answer *a, const char *path, const char *name, int family);

/* ---- who answers ---- */

struct query;
struct names;

struct question {
	struct query *query;
	const char *name;
	enum record_type type;
	struct answer answer;
	void *lookup; /* of who answers; NULL: not asked, or answered */
};

/* The answer is in q->answer; may be called from within ask. */
void question_answered(struct question *q);

struct names_ops {
	/* server: NULL for those of the system. */
	struct names *(*open)(struct loop *l, const struct endpoint *server);
	void (*close)(struct names *n); /* after every forget */
	void (*ask)(struct names *n, struct question *q);
	void (*forget)(struct names *n, struct question *q);
	const char *hosts_file; /* NULL: none */
};

extern const struct names_ops names_system;

#endif
