/* A message comes; and has been dealt with. */
#include "base/mem.h"
#include "cli/out.h"
#include "xmpprecv.h"

/* A message that is not dealt with yet. */
struct received {
	struct xmpp_pledge pledge;
	struct xml_element *receipt; /* NULL: none */
	struct catch_up_mark mark;
	bool counts; /* towards -c */
};

struct xmpp_client *xmpprecv_client(const struct xmpprecv *t)
{
	return t->listen.login.client;
}

/* ---- a message has been dealt with ---- */

static struct received *promise_make(uint32_t number, bool waits)
{
	struct received *r = mem_alloc(sizeof(*r));
	r->pledge.number = number;
	r->pledge.waits = waits;
	return r;
}

void take_kept(void *arg, struct xmpp_pledge *p)
{
	struct xmpprecv *t = arg;
	struct received *r = (struct received *)p;
	if (t->catch_up)
		catch_up_kept(t->catch_up, &r->mark);
	if (r->receipt)
		receipts_give(t->receipts, r->receipt);
	if (t->exec)
		t->listen.counted += r->counts;
}

void take_broken(void *arg, struct xmpp_pledge *p)
{
	struct received *r = (struct received *)p;
	(void)arg;
	xml_element_free(r->receipt);
	mem_free(r->mark.id);
}

void take_mark(void *arg, struct catch_up_mark *mark)
{
	struct xmpprecv *t = arg;
	struct received *r = promise_make(0, false);
	r->mark = *mark;
	xmpp_listen_promise(&t->listen, &r->pledge);
}

/* A command has ended. */
void take_exec(void *arg, const struct err *e)
{
	struct xmpprecv *t = arg;
	struct xmpp_listen *l = &t->listen;
	if (err_is_set(e)) {
		l->fault = *e;
		err_prefix(&l->fault, "--exec");
		return;
	}
	xmpp_listen_keep(l);
	if (xmpp_listen_is_over(l))
		exec_stop(t->exec);
	if (!exec_is_full(t->exec))
		xmpp_client_pause(xmpprecv_client(t), false);
}

/* ---- client state indication ---- */

void take_idle(void *arg)
{
	struct xmpprecv *t = arg;
	t->active = 0;
	xmpp_client_set_active(xmpprecv_client(t), false);
}

/* XEP-0352: what we print is what somebody looks at.  Messages that came in
 * one read are one sign of life. */
static void be_active(struct xmpprecv *t)
{
	usec_t heard = xmpp_client_heard(xmpprecv_client(t));
	if (t->active && t->active == heard)
		return;
	t->active = heard;
	xmpp_client_set_active(xmpprecv_client(t), true);
	timer_set(t->idle, t->options->idle);
}

/* ---- a message comes ---- */

static bool run_command(struct xmpprecv *t, const struct xmpp_message *m)
{
	struct xmpp_listen *l = &t->listen;
	struct record_xmpp x = xmpp_listen_records(l);
	x.out = exec_begin(t->exec, &l->fault);
	if (!x.out)
		return false;
	bool good = record_xmpp_message(
			    &x, loop_wall(l->run->loop), m, &l->fault) &&
		    exec_end(t->exec, &l->fault);
	if (exec_is_full(t->exec))
		xmpp_client_pause(xmpprecv_client(t), true);
	return good;
}

static void print(struct xmpprecv *t, const struct xmpp_message *m, bool counts)
{
	struct xmpp_listen *l = &t->listen;
	const struct xml_element *s = m->stanza;
	struct record_xmpp x = xmpp_listen_records(l);
	bool good = t->options->body
			    ? out_write(l->run->out,
				      xml_element_child_text(s, "body", s->ns),
				      &l->fault)
			    : record_xmpp_message(&x, loop_wall(l->run->loop),
				      m, &l->fault);
	xmpp_listen_wrote(l, good && counts);
}

/* Where it is all there is to it, it counts as a message. */
static void print_invitation(struct xmpprecv *t, const struct xmpp_message *m,
	const struct xmpp_invitation *i)
{
	struct xmpp_listen *l = &t->listen;
	struct record_xmpp x = xmpp_listen_records(l);
	bool good = record_xmpp_invitation(
		&x, loop_wall(l->run->loop), m, i, &l->fault);
	xmpp_listen_wrote(l, good && !xmpp_message_has_text(m));
}

/* Is there something to say of it?  A body is all that --body has. */
static bool says_something(
	const struct xmpprecv *t, const struct xmpp_message *m)
{
	if (xml_element_attr_is(m->stanza, "type", "error") ||
		xmpp_message_has_text(m))
		return true;
	return !t->options->body && (xmpp_message_reactions(m) || m->retracts);
}

/* Bodies and commands are for what others have said. */
static bool is_wanted(const struct xmpprecv *t, const struct xmpp_message *m)
{
	bool plain = t->options->body || t->exec;
	bool bounce = xml_element_attr_is(m->stanza, "type", "error");
	if (plain && (bounce || m->sent))
		return false;
	return filter_takes(t->filter, m);
}

void take_turn(void *arg, const struct xmpp_message *message, uint32_t number)
{
	struct xmpprecv *t = arg;
	struct xmpp_message m = *message;
	if (xmpp_listen_is_over(&t->listen))
		return;
	xmpp_corrections_read(&t->seen, &m);
	bool bounce = xml_element_attr_is(m.stanza, "type", "error");
	bool says = says_something(t, &m);
	struct xmpp_invitation invitation;
	bool invited = !t->options->body && !t->exec &&
		       xmpp_invitation_read(&invitation, &m);
	bool wanted = (says || invited) && is_wanted(t, &m);
	struct received *r = promise_make(number, wanted);
	r->counts = !bounce && !m.sent;
	if (t->catch_up)
		catch_up_mark(t->catch_up, &r->mark, &m);
	if (wanted && t->receipts)
		r->receipt = xmpp_receipt_make(&m);
	if (wanted)
		be_active(t);
	bool counts = r->counts;
	xmpp_listen_promise(&t->listen, &r->pledge);
	if (wanted && invited)
		print_invitation(t, &m, &invitation);
	if (wanted && t->exec)
		run_command(t, &m);
	else if (wanted && says)
		print(t, &m, counts);
}

void take_message(void *arg, const struct xml_element *s)
{
	struct xmpprecv *t = arg;
	struct xmpp_message m;
	/* What comes after the last that was wanted stays with the server. */
	if (xmpp_listen_is_over(&t->listen)) {
		xmpp_client_defer(xmpprecv_client(t));
		return;
	}
	if (t->catch_up && catch_up_take(t->catch_up, s))
		return;
	xmpp_message_read(&m, s, xmpp_client_jid(xmpprecv_client(t)), t->ids);
	if (!t->catch_up || catch_up_is_due(t->catch_up, &m, s))
		take_turn(t, &m, xmpp_client_defer(xmpprecv_client(t)));
}
