/* subscription - one end of a presence subscription as a state machine (RFC
 * 6121 appendix A)
 *
 * Each of two accounts has its own state toward the other; a step that one of
 * them takes goes out of the one machine and into the other.  Tables and no
 * more: subscribe.c says the stanzas.
 */
#ifndef XMPPSERVE_SUBSCRIPTION_H
#define XMPPSERVE_SUBSCRIPTION_H

#include <stdbool.h>

/* The nine states of section A.1 are these, or'ed; TO excludes OUT, FROM
 * excludes IN. */
enum {
	SUB_NONE = 0,
	SUB_TO = 1,   /* we see their presence */
	SUB_FROM = 2, /* they see ours */
	SUB_BOTH = SUB_TO | SUB_FROM,
	SUB_OUT = 4, /* our request is not answered yet: ask='subscribe' */
	SUB_IN = 8,  /* theirs is not answered by us */
};

enum subscription_step {
	STEP_SUBSCRIBE,
	STEP_SUBSCRIBED,
	STEP_UNSUBSCRIBE,
	STEP_UNSUBSCRIBED,
	STEP_NONE,
};

/* The presence type of that name; "subscribe" … */
const char *subscription_step_text(enum subscription_step step);
enum subscription_step subscription_step_of(const char *type);

/* We take the step (section A.2): true where it is routed to the other. */
bool subscription_out(unsigned *state, enum subscription_step step);

/* The other takes it (section A.3): true where our resources are told;
 * *answer is what is answered on our behalf, or STEP_NONE. */
bool subscription_in(unsigned *state, enum subscription_step step,
	enum subscription_step *answer);

#endif
