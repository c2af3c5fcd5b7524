/* throw - a request that is wrong, sent as it is, and what comes of it */
#ifndef SIPCHECK_THROW_H
#define SIPCHECK_THROW_H

#include "sipcheck.h"

/* Where a fault makes sense. */
#define BY_UDP 1u
#define BY_STREAM 2u /* TCP, TLS */
#define BY_WEB 4u    /* WebSocket, plain or on TLS */
#define BY_ALL (BY_UDP | BY_STREAM | BY_WEB)

enum fault_wants {
	WANTS_REFUSAL,  /* 400 and above, or the end of the connection */
	WANTS_ANYTHING, /* it is sound, but it may be too large */
	WANTS_SILENCE,  /* there is nothing that could be answered */
	WANTS_ANSWER,   /* it is sound */
};

struct fault {
	const char *what;
	unsigned by;
	enum fault_wants wants;
	unsigned answers; /* of WANTS_ANSWER, and how many requests there are */
	const char *advice; /* where they do not come */
	/* Instead of the right ones; NULL: they are right.  "": left out. */
	const char *start, *version, *call_id, *cseq, *length;
	const char *front, *behind; /* of the request; NULL: nothing */
	size_t filler;              /* bytes of a header field nobody knows */
	bool is_garbage, is_half, in_pieces;
};

struct thrown {
	unsigned code;    /* of the first final response; 0: none */
	unsigned answers; /* final responses */
	bool has_left;    /* the far side ended the connection */
	struct err e;     /* it could not be sent */
};

/* On a socket of its own, for half a second, or as long as a reply may take
 * where one is wanted.  False: the run is over. */
bool throw_it(struct sipcheck *c, const struct place *p, const struct fault *f,
	struct thrown *t);

#endif
