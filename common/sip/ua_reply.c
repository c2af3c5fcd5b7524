/* What a user agent answers with (RFC 3261 sections 8.2.6, 11.2, 12.1.1). */
#include "sip/ua_private.h"

void sip_ua_add_allow(struct buf *out, const struct sip_ua *ua)
{
	struct buf list = BUF_INIT(SIP_LINE_MAX);

	for (int k = SIP_METHOD_ACK; k < SIP_METHOD_COUNT; k++)
		if (ua->methods & 1u << k)
			buf_printf(&list, "%s%s", list.len ? ", " : "",
				sip_method_name((enum sip_method)k));
	sip_msg_add(out, SIP_HDR_ALLOW, buf_view(&list));
	buf_clear(&list);
}

static void add_list(struct buf *out, enum sip_hdr kind, const char *first,
	const char *const *words)
{
	struct buf list = BUF_INIT(SIP_LINE_MAX);

	buf_str(&list, first);
	for (; words && *words; words++)
		buf_printf(&list, "%s%s", list.len ? ", " : "", *words);
	if (list.len)
		sip_msg_add(out, kind, buf_view(&list));
	buf_clear(&list);
}

/* RFC 3327 section 5.1 wants "path" wherever RFC 5626 wants "outbound". */
void sip_ua_add_supported(struct buf *out, const struct sip_ua *ua)
{
	add_list(out, SIP_HDR_SUPPORTED,
		ua->is_outbound ? "outbound, path" : "", ua->s.extensions);
}

void sip_ua_add_accept(struct buf *out, const struct sip_ua *ua)
{
	static const char *const any[] = { "*/*", NULL };

	add_list(out, SIP_HDR_ACCEPT, "",
		ua->s.media_types ? ua->s.media_types : any);
}

void sip_ua_contact(struct buf *out, const struct sip_ua *ua,
	enum sip_transport_kind kind, const struct endpoint *local,
	struct span user, bool secure)
{
	if (ua->s.contact)
		buf_str(out, ua->s.contact);
	else
		sip_transport_contact(out,
			sip_transactions_transport(ua->transactions), kind,
			local, user, secure);
}

void sip_ua_add_contact(struct buf *out, const struct sip_ua *ua,
	enum sip_transport_kind kind, const struct endpoint *local,
	struct span user, bool secure)
{
	struct buf value = BUF_INIT(SIP_LINE_MAX);

	sip_ua_contact(&value, ua, kind, local, user, secure);
	/* RFC 5626 section 4.3; what a person has said stays as it is. */
	if (ua->is_outbound && !ua->s.contact && value.len)
		sip_msg_addf(out, SIP_HDR_CONTACT, "%.*s;ob>",
			(int)(value.len - 1), buf_text(&value));
	else
		sip_msg_add(out, SIP_HDR_CONTACT, buf_view(&value));
	buf_clear(&value);
}

void sip_ua_add_name(
	struct buf *out, const struct sip_ua *ua, enum sip_hdr kind)
{
	if (ua->s.user_agent)
		sip_msg_add(out, kind, span_of(ua->s.user_agent));
}

/* Which of Allow, Supported and Accept a response should have (11.2,
 * 13.3.1.4, 21.4.6). */
static void add_abilities(struct buf *out, const struct sip_ua *ua,
	enum sip_method m, unsigned code)
{
	bool done = code / 100 == 2;
	bool options = done && m == SIP_METHOD_OPTIONS;

	if (options || (done && m == SIP_METHOD_INVITE) || code == 405 ||
		code == 501)
		sip_ua_add_allow(out, ua);
	if (options || (done && m == SIP_METHOD_INVITE))
		sip_ua_add_supported(out, ua);
	if (options) {
		sip_ua_add_accept(out, ua);
		sip_msg_add(out, SIP_HDR_ACCEPT_ENCODING, SPAN("identity"));
		sip_msg_add(out, SIP_HDR_ACCEPT_LANGUAGE, SPAN("en"));
	} else if (code == 415) {
		sip_ua_add_accept(out, ua);
	}
}

bool sip_ua_compose_reply(struct buf *out, struct sip_ua *ua,
	struct sip_server *s, unsigned code, const struct sip_reply *with)
{
	struct sip_msg_response r = sip_server_response(s, code, with->reason);

	sip_server_request(s, &ua->scan);
	sip_msg_respond(out, &ua->scan, &r);
	/* 12.1.1: the route set of the dialog that it makes */
	if (code > 100 && code < 300)
		sip_msg_copy(out, &ua->scan, SIP_HDR_RECORD_ROUTE);
	if (with->contact.n)
		sip_msg_add(out, SIP_HDR_CONTACT, with->contact);
	add_abilities(out, ua, sip_server_method(s), code);
	if (code != 100)
		sip_ua_add_name(out, ua, SIP_HDR_SERVER);
	buf_span(out, with->headers);
	return sip_msg_end(out, with->content_type, with->body);
}

bool sip_ua_reply(struct sip_ua *ua, struct sip_server *s, unsigned code,
	const struct sip_reply *with, struct err *e)
{
	struct buf out = BUF_INIT(SIP_MSG_MAX);
	bool sent;

	if (sip_server_is_answered(s))
		sent = err_set(e, STATUS_INTERNAL, "it is answered already");
	else if (sip_ua_compose_reply(&out, ua, s, code, with))
		sent = sip_server_respond(s, code, buf_view(&out), e);
	else
		sent = err_set(e, STATUS_MALFORMED,
			"the response cannot be written: it is larger than %d "
			"bytes, or a field of it is not valid",
			SIP_MSG_MAX);
	buf_clear(&out);
	return sent;
}
