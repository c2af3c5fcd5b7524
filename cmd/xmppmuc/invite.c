/* Invitations: by the room (XEP-0045 section 7.8.2), and without it
 * (XEP-0249). */
#include <string.h>

#include "base/mem.h"
#include "xmpp/deliver.h"
#include "xmpp/error.h"
#include "xmpp/ns.h"
#include "xmppmuc.h"

bool jids_check(struct xmppmuc *t, struct err *e)
{
	for (size_t i = 0; t->operands[i]; i++) {
		struct xmpp_jid jid;
		if (!xmpp_login_parse_jid(&jid, t->operands[i], e))
			return false;
		xmpp_jid_clear(&jid);
	}
	return true;
}

/* ---- by the room ---- */

/* Section 7.8.2.  Refusals come before the answer to the ping that is sent
 * behind them to ourselves in the room. */
void invite_start(struct xmppmuc *t)
{
	for (size_t i = 0; t->operands[i]; i++) {
		struct xml_element *s =
			xml_element_new("message", XMPP_NS_CLIENT);
		struct xml_element *x =
			xml_element_child(s, "x", XMPP_NS_MUC_USER);
		xml_element_attr(s, "to", t->jid.text);
		xml_element_attr(s, "id", t->operands[i]);
		struct xml_element *invite =
			xml_element_child(x, "invite", NULL);
		xml_element_attr(invite, "to", t->operands[i]);
		if (t->options->reason)
			xml_element_text(
				xml_element_child(invite, "reason", NULL),
				t->options->reason);
		xmpp_client_send(client_of(t), s, &t->listen.fault);
	}
	char *self =
		mem_format("%s/%s", t->jid.text, xmpp_muc_room_nick(t->room));
	ask(t, xmpp_ping_make(self), NULL);
	mem_free(self);
}

void invite_take_bounce(struct xmppmuc *t, const struct xml_element *s)
{
	struct xmpp_error error;
	struct err why = ERR_NONE;
	if (t->operation->start != invite_start || !xmpp_error_parse(&error, s))
		return;
	xmpp_error_to_err(&error, &why);
	count_failure(t, xml_element_attr_find(s, "id"), &why);
}

/* ---- without it ---- */

static void on_delivered(void *arg, const struct err *outcome)
{
	answered(arg, outcome);
}

/* With the password that the room wants, where we were given it. */
void invite_directly_start(struct xmppmuc *t)
{
	for (size_t i = 0; t->operands[i]; i++) {
		struct err e = ERR_NONE;
		struct xml_element *s =
			xml_element_new("message", XMPP_NS_CLIENT);
		struct xml_element *x =
			xml_element_child(s, "x", XMPP_NS_CONFERENCE);
		xml_element_attr(s, "to", t->operands[i]);
		xml_element_attr(x, "jid", t->jid.text);
		xml_element_attr(x, "password", t->password);
		xml_element_attr(x, "reason", t->options->reason);
		t->open++;
		if (!xmpp_deliver(client_of(t), s, XMPP_UNTIL_ACCEPTED,
			    USEC_NEVER, on_delivered, t, &e))
			answered(t, &e);
	}
}
