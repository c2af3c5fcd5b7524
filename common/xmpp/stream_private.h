/* stream_private - what the parts of a client's stream share
 *
 * stream.c: birth and death; stream_phase.c: phases, the end; stream_target.c:
 * which server; stream_web.c: which other way; stream_negotiate.c: from the
 * first header to stream_auth.c, SASL; stream_bind.c: the resource;
 * stream_inline.c: both in one; stream_early.c: what is said before it is
 * asked for; stream_ahead.c: what is worked out before it is needed;
 * stream_session.c and stream_take.c: stanzas out and in; stream_resume.c:
 * after a cut.
 */
#ifndef XMPP_STREAM_PRIVATE_H
#define XMPP_STREAM_PRIVATE_H

#include "xmpp/auth.h"
#include "xmpp/fast.h"
#include "xmpp/features.h"
#include "xmpp/known.h"
#include "xmpp/stream.h"
#include "xmpp/target_web.h"
#include "xmpp/wire.h"

/* In the order in which they come. */
enum xmpp_phase {
	XMPP_PHASE_REST,    /* cut, and not connected again yet */
	XMPP_PHASE_LOOKUP,  /* which servers */
	XMPP_PHASE_ADDRESS, /* of the server at hand */
	XMPP_PHASE_CONNECT,
	XMPP_PHASE_FEATURES, /* in plain */
	XMPP_PHASE_STARTTLS,
	XMPP_PHASE_HANDSHAKE,
	XMPP_PHASE_FEATURES_TLS,
	/* from here on a failure is not the server's but ours: no other one
	 * is tried */
	XMPP_PHASE_AUTH,
	XMPP_PHASE_RESPONSE,
	XMPP_PHASE_FEATURES_AUTH,
	XMPP_PHASE_RESUME,
	XMPP_PHASE_BIND,
	XMPP_PHASE_ONLINE,
	XMPP_PHASE_CLOSING,
	XMPP_PHASE_ENDED,
};

/* What was said without waiting, and is not answered yet. */
enum xmpp_early {
	XMPP_EARLY_STARTTLS = 1,
	XMPP_EARLY_AUTH = 2,
	XMPP_EARLY_BIND = 4,
	XMPP_EARLY_STANZAS = 8, /* behind the request to bind */
	XMPP_EARLY_RESUME = 16,
};

/* What was asked for with authentication. */
enum xmpp_inline {
	XMPP_INLINE_NOTHING,
	XMPP_INLINE_RESUME,
	XMPP_INLINE_BIND,
};

struct xmpp_stream {
	struct loop *loop;
	struct resolver *resolver;
	struct xmpp_stream_handlers handlers;
	void *arg;

	struct xmpp_jid jid; /* the account's */
	char *domain;        /* its domain in A-labels */
	char *domain_text;   /* in U-labels */
	struct buf password;
	char *username;
	unsigned web;       /* of the settings */
	bool may_fall_back; /* to the Web, where nothing else is reached */
	bool was_unreached, was_reached; /* a target, since we looked */
	bool by_web;    /* fallen back: to be remembered where it helps */
	bool by_memory; /* of an earlier run */
	bool hasty;     /* not all of the ports had their time */
	bool web_asked; /* for host-meta, once in a run */
	struct xmpp_target *web_found; /* by it, while the ports have time … */
	size_t web_count;
	struct timer *beside; /* … which ends with this */
	bool allow_plain, verified, unauthenticated;
	bool anonymous; /* the JID is a domain: nobody in particular */
	struct xmpp_log log;
	char *tls_name;
	const char *const *connect_to;
	struct tunnel_settings via; /* strings owned; host NULL: none */
	enum resolve_family family;
	usec_t deadline;
	/* The strings of settings.tls, for the configs made when needed. */
	struct tls_settings tls;
	struct tls_config
		*tls_configs[XMPP_SECURITY_COUNT]; /* by enum xmpp_security */

	struct xmpp_target targets[XMPP_TARGETS_MAX];
	size_t target_count, target_next;
	const struct xmpp_target *target; /* at hand */
	usec_t target_until;              /* its share of the deadline */
	uint16_t connect_port;            /* its own, or --connect-to's */
	struct xmpp_target_search *search;
	struct xmpp_web_search *web_search;
	struct query *query;
	struct err failure;           /* the worst of the targets before */
	struct xmpp_target preferred; /* where a server sent us */
	unsigned redirects;           /* in a row */

	usec_t reconnect;
	usec_t limit;    /* the deadline of the settings */
	bool recovering; /* cut, until there is a session again */
	unsigned rests;  /* in a row, without anything won */
	usec_t since;    /* of the session, or of its resumption */
	bool in_session; /* what comes are stanzas */
	bool paused;

	enum xmpp_phase phase;
	struct timer *timer; /* of the phase */
	struct timer *spare; /* for work while the server is waited for */
	struct xmpp_wire *wire;
	struct xmpp_auth *auth;
	struct xmpp_salted *salted;   /* for this login, or of the last; NULL */
	struct xml_element *features; /* those of before authentication … */
	struct xmpp_features offered; /* … with views into them */
	struct xmpp_fast *fast;       /* our slot of tokens; NULL: none */
	bool fast_tried;
	char token_mechanism[21]; /* of the token asked for, or used */
	enum xmpp_inline inlined;
	struct xml_element *granted; /* <success/> with what came of it; NULL */
	bool catches_up;             /* the caller does, from the archive */
	/* of the session: it was bound with authentication, … */
	bool is_inline, has_carbons;
	char *archive_end; /* id of the last message then; NULL: not known */
	/* of the last features */
	bool session_required, sm_offered, csi_offered;
	bool inactive; /* as the server is to know */
	uint32_t
		max_bytes; /* of a stanza, as the server says; 0: it does not */
	char bind_id[21];

	bool remembers, unpin;    /* of the settings */
	struct xmpp_known known;  /* of this account by this transport */
	struct xmpp_known learnt; /* the same with what this run has seen */
	bool repins;              /* the pins are those of learnt alone */
	unsigned early;           /* enum xmpp_early */
	bool offer_changed; /* since the last time: begun anew, by steps */
	bool by_steps;      /* nothing early: the server has stumbled */

	struct xmpp_jid bound;
	struct xmpp_sm sm;
	uint32_t number; /* of the stanza at hand */
	bool owed;       /* an <r/> was answered with less than came */
};

extern const struct xmpp_wire_handlers xmpp_stream_wire_handlers;

/* ---- stream_phase.c ---- */

void xmpp_stream_enter(struct xmpp_stream *s, enum xmpp_phase phase);
void xmpp_stream_end(struct xmpp_stream *s, const struct err *e); /* of all */
/* This target is given up; the next one, or the end. */
void xmpp_stream_fail(struct xmpp_stream *s, const struct err *e);
/* The same, behind a stream error where condition is not NULL and with a
 * closing tag. */
bool xmpp_stream_refuse(struct xmpp_stream *s, enum status status,
	const char *condition, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void xmpp_stream_note(const struct xmpp_stream *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

void xmpp_stream_drop_target(struct xmpp_stream *s);
void xmpp_stream_on_timer(void *arg); /* that of the phase */
/* A stream error that says the same wherever, and whenever, it is asked. */
bool xmpp_stream_is_final(const struct err *e);

/* ---- stream_target.c ---- */

void xmpp_stream_find_targets(struct xmpp_stream *s);
void xmpp_stream_drop_searches(struct xmpp_stream *s);
void xmpp_stream_use_targets(
	struct xmpp_stream *s, const struct xmpp_target *found, size_t count);
void xmpp_stream_try(struct xmpp_stream *s, const struct xmpp_target *t);
void xmpp_stream_next_target(struct xmpp_stream *s);
struct tls_config *xmpp_stream_tls_config(
	struct xmpp_stream *s, enum xmpp_security security, struct err *e);
/* The search that s->web_search is to be. */
struct xmpp_web_search *xmpp_stream_search_web(
	struct xmpp_stream *s, unsigned kinds, xmpp_target_done *done);
void xmpp_stream_tls_peer(const struct xmpp_stream *s, struct tls_peer *peer);

/* ---- stream_web.c ---- */

bool xmpp_stream_web_is_allowed(
	const struct xmpp_stream *s, const struct xmpp_stream_settings *from);
/* True: what helped an earlier run is tried now. */
bool xmpp_stream_recall_web(struct xmpp_stream *s);
void xmpp_stream_remember_web(struct xmpp_stream *s); /* bound */
/* A target has failed, in the phase at hand. */
void xmpp_stream_note_failure(struct xmpp_stream *s, const struct err *why);
/* How long it may take to connect to the target at hand, so that there is time
 * for another way. */
usec_t xmpp_stream_connect_share(const struct xmpp_stream *s);
/* A target is tried: how long it is silent. */
void xmpp_stream_watch_ports(struct xmpp_stream *s);
void xmpp_stream_on_beside(void *arg); /* of that timer */
/* A target is reached, or none will be: it has no use any more. */
void xmpp_stream_forget_web(struct xmpp_stream *s);
/* All targets have failed, s->failure says how.  True: there is another way. */
bool xmpp_stream_fall_back(struct xmpp_stream *s);

/* ---- stream_negotiate.c ---- */

void xmpp_stream_open(struct xmpp_stream *s, enum xmpp_phase next); /* header */
bool xmpp_stream_advance(struct xmpp_stream *s, struct xml_element *element,
	enum xmpp_phase next);
/* False: what came is none, and the stream is refused. */
bool xmpp_stream_parse_features(struct xmpp_stream *s, struct xmpp_features *f,
	const struct xml_element *came);
/* What came is no part of the step we are at; false. */
bool xmpp_stream_unexpected(struct xmpp_stream *s,
	const struct xml_element *came, const char *wanted);

/* ---- stream_bind.c ---- */

/* It is known who we are.  RFC 6120 begins a new stream on the same connection,
 * XEP-0388 does not. */
void xmpp_stream_open_again(struct xmpp_stream *s);
void xmpp_stream_go_on(struct xmpp_stream *s);
/* With an id of its own, which the answer must have; the session of before is
 * forgotten. */
struct xml_element *xmpp_stream_bind_request(struct xmpp_stream *s);

bool xmpp_stream_bind(struct xmpp_stream *s); /* asks for a resource */
/* The features of an authenticated stream came. */
bool xmpp_stream_begin_bind(
	struct xmpp_stream *s, const struct xml_element *came);
bool xmpp_stream_take_bind(
	struct xmpp_stream *s, const struct xml_element *came);
/* False: it is no full JID, and the stream is refused. */
bool xmpp_stream_set_bound(struct xmpp_stream *s, struct span jid);

/* ---- stream_inline.c ---- */

/* Into <authenticate/>, on this offer. */
void xmpp_stream_add_inline(struct xmpp_stream *s, struct xml_element *word,
	const struct xmpp_features *offer);
void xmpp_stream_drop_inline(struct xmpp_stream *s); /* it came to nothing */
/* <success/> came, with an answer or without one … */
void xmpp_stream_keep_inline(
	struct xmpp_stream *s, const struct xml_element *success);
/* … which counts when the features behind it are here. */
bool xmpp_stream_take_inline(struct xmpp_stream *s);

/* ---- stream_auth.c ---- */

/* On this offer, by what is pinned, and by a token where there is one that is
 * wanted; NULL and e. */
struct xmpp_auth *xmpp_stream_auth_new(struct xmpp_stream *s,
	const struct xmpp_features *offer, bool by_token, struct err *e);
/* Its first word, with what SASL2 wants to know besides; NULL and e. */
struct xml_element *xmpp_stream_auth_word(struct xmpp_stream *s,
	const struct xmpp_features *offer, struct err *e);
/* The features that offer SASL came; taken. */
void xmpp_stream_begin_auth(struct xmpp_stream *s, struct xml_element *came);
void xmpp_stream_go_on_auth(
	struct xmpp_stream *s, const struct xml_element *came);

/* ---- stream_early.c ---- */

/* The target is connected: what is known of it. */
void xmpp_stream_recall(struct xmpp_stream *s);
void xmpp_stream_policy(
	const struct xmpp_stream *s, struct xmpp_sasl_policy *policy);
/* Authenticated, and the server too. */
void xmpp_stream_learn_proof(struct xmpp_stream *s);
void xmpp_stream_remember(struct xmpp_stream *s); /* bound */
/* Behind a header that was just written; where it may be early. */
void xmpp_stream_starttls_early(struct xmpp_stream *s);
void xmpp_stream_auth_early(struct xmpp_stream *s);
void xmpp_stream_bind_early(struct xmpp_stream *s);
/* The request to bind, with what need not wait for its answer. */
bool xmpp_stream_bind_at_once(struct xmpp_stream *s);
uint64_t xmpp_stream_wall(const struct xmpp_stream *s); /* seconds since 1970 */
void xmpp_stream_warn(struct xmpp_stream *s, const struct err *e);
/* True: it failed because of that, and is to be tried again by steps. */
bool xmpp_stream_stumbled(struct xmpp_stream *s, const struct err *why);

/* ---- stream_ahead.c ---- */

/* The first header is written. */
void xmpp_stream_work_ahead(struct xmpp_stream *s);
void xmpp_stream_on_spare(void *arg);               /* of that timer */
void xmpp_stream_learn_salt(struct xmpp_stream *s); /* by SCRAM */

/* ---- stream_resume.c ---- */

/* A connection of ours has failed.  False: that is the end of it. */
bool xmpp_stream_recover(struct xmpp_stream *s, const struct err *why);
/* The server has said see-other-host: false where we do not go there. */
bool xmpp_stream_redirect(struct xmpp_stream *s, const struct err *why);
void xmpp_stream_end_rest(struct xmpp_stream *s);
/* Is there a session to go on with? */
bool xmpp_stream_can_resume(const struct xmpp_stream *s);
/* <resumed/> or <failed/> came; false: the stream is refused. */
bool xmpp_stream_take_resumption(
	struct xmpp_stream *s, const struct xml_element *came);
/* A new session is about to be bound, where there was one before. */
void xmpp_stream_forget(struct xmpp_stream *s);
/* There is a session, new or resumed. */
void xmpp_stream_recovered(struct xmpp_stream *s);
/* It is of use: the next cut is a first one again. */
void xmpp_stream_thrives(struct xmpp_stream *s);

/* ---- stream_session.c ---- */

void xmpp_stream_begin_session(struct xmpp_stream *s);
/* An element of ours that is no stanza; taken. */
void xmpp_stream_write(struct xmpp_stream *s, struct xml_element *element);
/* The features that came are the first element of it; taken. */
void xmpp_stream_begin_talk(struct xmpp_stream *s, struct xml_element *came);
struct xml_element *xmpp_stream_enable_request(struct xmpp_stream *s);
/* Writes what waits, as far as it is taken. */
void xmpp_stream_pump(struct xmpp_stream *s);
/* The turn ends: asks for an acknowledgement where it is time. */
void xmpp_stream_settle(struct xmpp_stream *s);
/* Active or not, where the server wants to know. */
void xmpp_stream_say_state(struct xmpp_stream *s);
/* What is said in front of the closing tag. */
void xmpp_stream_farewell(struct xmpp_stream *s);

/* ---- stream_take.c ---- */

/* An element on a bound stream; taken. */
void xmpp_stream_take(struct xmpp_stream *s, struct xml_element *e);

#endif
