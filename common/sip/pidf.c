#include "sip/pidf.h"

#include "base/utf8.h"

/* Text of an element or of an attribute in double quotes. */
static void add_text(struct buf *out, struct span s)
{
	if (!utf8_is_valid(s))
		out->failed = true;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c == '&')
			buf_str(out, "&amp;");
		else if (c == '<')
			buf_str(out, "&lt;");
		else if (c == '>')
			buf_str(out, "&gt;");
		else if (c == '"')
			buf_str(out, "&quot;");
		else if (c < 0x20 && c != '\n' && c != '\t')
			out->failed = true; /* XML 1.0 section 2.2 */
		else
			buf_char(out, (char)c);
	}
}

static void add_activity(struct buf *out, struct span show)
{
	const char *activity = span_is(show, "away")  ? "away"
			       : span_is(show, "dnd") ? "busy"
			       : span_is(show, "xa")  ? "away"
						      : NULL;
	if (activity)
		buf_printf(out,
			"<dm:person id=\"p\"><rpid:activities><rpid:%s/>"
			"</rpid:activities></dm:person>",
			activity);
}

bool sip_pidf_format(struct buf *out, const struct sip_pidf *p)
{
	buf_str(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
		"<presence xmlns=\"urn:ietf:params:xml:ns:pidf\""
		" xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\""
		" xmlns:rpid=\"urn:ietf:params:xml:ns:pidf:rpid\" entity=\"");
	add_text(out, p->entity);
	buf_printf(out, "\"><tuple id=\"t\"><status><basic>%s</basic>",
		p->is_open ? "open" : "closed");
	if (p->is_open && p->show.n) {
		buf_str(out, "<show xmlns=\"jabber:client\">");
		add_text(out, p->show);
		buf_str(out, "</show>");
	}
	buf_str(out, "</status>");
	if (p->contact.n) {
		buf_str(out, "<contact>");
		add_text(out, p->contact);
		buf_str(out, "</contact>");
	}
	if (p->note.n) {
		buf_str(out, "<note>");
		add_text(out, p->note);
		buf_str(out, "</note>");
	}
	buf_str(out, "</tuple>");
	if (p->is_open)
		add_activity(out, p->show);
	return buf_str(out, "</presence>") && !out->failed;
}
