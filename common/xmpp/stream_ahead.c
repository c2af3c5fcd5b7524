/* What is worked out while the server is waited for, of what will be needed:
 * first what TLS begins with, then SaltedPassword of the last login's salt.
 * Both take longer than a near server does to answer. */
#include "xmpp/prep.h"
#include "xmpp/salted.h"
#include "xmpp/stream_private.h"

static bool make_tls(struct xmpp_stream *s)
{
	struct err e = ERR_NONE;
	if (s->target->security != XMPP_SECURITY_STARTTLS ||
		xmpp_stream_tls_config(s, XMPP_SECURITY_STARTTLS, &e))
		return true;
	xmpp_stream_fail(s, &e);
	return false;
}

void xmpp_stream_on_spare(void *arg)
{
	struct xmpp_stream *s = arg;
	bool made = s->tls_configs[s->target->security] != NULL;
	if (!made && !make_tls(s))
		return;
	/* One after the other: what came meanwhile comes first. */
	if (s->salted && (!made || xmpp_salted_work(s->salted)))
		timer_set(s->spare, 0);
}

/* Where there are tokens the password is not needed. */
static bool expects_scram(const struct xmpp_stream *s)
{
	bool by_token = s->known.fast[0] && (s->fast || !s->fast_tried);
	return s->password.len && !s->unauthenticated && !by_token;
}

static void expect_salt(struct xmpp_stream *s)
{
	const struct xmpp_known_salt *salt = &s->known.salt;
	struct buf prepared = BUF_INIT(XMPP_SCRAM_MESSAGE_MAX);
	if (!s->salted && expects_scram(s) &&
		xmpp_known_salt_is_steady(salt, xmpp_stream_wall(s)) &&
		xmpp_prep_sasl(&prepared, buf_view(&s->password), NULL))
		s->salted = xmpp_salted_new(salt->hash, buf_view(&prepared),
			xmpp_known_salt_get(salt), salt->iterations);
	buf_clear_wiped(&prepared);
}

void xmpp_stream_work_ahead(struct xmpp_stream *s)
{
	expect_salt(s);
	xmpp_wire_flush(s->wire); /* it is what the server is waiting for */
	timer_set(s->spare, 0);
}

void xmpp_stream_learn_salt(struct xmpp_stream *s)
{
	if (s->salted)
		xmpp_known_salt_set(&s->learnt.salt,
			xmpp_salted_hash(s->salted),
			xmpp_salted_salt(s->salted),
			xmpp_salted_iterations(s->salted), xmpp_stream_wall(s));
}
