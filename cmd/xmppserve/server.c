#include "server.h"

#include "authenticate.h"
#include "base/rand.h"
#include "resume.h"
#include "room.h"

bool server_init(
	struct server *s, struct loop *l, const char *domain, struct err *e)
{
	*s = (struct server){ .loop = l,
		.mechanisms = authenticate_usual(),
		.keep = RESUME_KEEP };
	link_init(&s->sessions);
	rand_token(s->archive_run, ARCHIVE_RUN_LENGTH);
	return xmpp_jid_make(
		&s->domain, SPAN_EMPTY, span_of(domain), SPAN_EMPTY, e);
}

void server_clear(struct server *s)
{
	room_free_all(s);
	user_free_all(s);
	tls_config_free(s->tls);
	xmpp_jid_clear(&s->domain);
}

void server_accept(
	void *arg, struct accepted *offer, const struct endpoint *from)
{
	session_accept(arg, offer, from, false);
}

void server_accept_tls(
	void *arg, struct accepted *offer, const struct endpoint *from)
{
	session_accept(arg, offer, from, true);
}

/* RFC 6120 section 4.9.3.20. */
void server_shut_down(struct server *s)
{
	s->ending = true;
	LIST_EACH(&s->sessions, at)
	session_end(LIST_ITEM(at, struct session, link), "system-shutdown");
}

bool server_is_deserted(void *arg)
{
	const struct server *s = arg;
	return link_is_alone(&s->sessions);
}

void server_drop_all(struct server *s)
{
	struct link *first;
	while ((first = list_first(&s->sessions)))
		session_drop(LIST_ITEM(first, struct session, link));
}
