#include "sip/pidf.h"

#include "xml/text.h"

/* Has everything that is to be written characters that XML can carry? */
static bool is_writable(const struct sip_pidf *p)
{
	const struct span texts[] = { p->entity, p->contact, p->show, p->note };
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (!xml_text_check(texts[i], NULL))
			return false;
	return true;
}

static void add_element(struct buf *out, const char *name, struct span text)
{
	if (!text.n)
		return;
	buf_printf(out, "<%s>", name);
	xml_text_escape(out, text);
	buf_printf(out, "</%s>", name);
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
	if (!is_writable(p))
		return false;
	buf_str(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
		"<presence xmlns=\"urn:ietf:params:xml:ns:pidf\""
		" xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\""
		" xmlns:rpid=\"urn:ietf:params:xml:ns:pidf:rpid\" entity='");
	xml_text_escape_attr(out, p->entity);
	buf_printf(out, "'><tuple id=\"t\"><status><basic>%s</basic>",
		p->is_open ? "open" : "closed");
	if (p->is_open && p->show.n) {
		buf_str(out, "<show xmlns=\"jabber:client\">");
		xml_text_escape(out, p->show);
		buf_str(out, "</show>");
	}
	buf_str(out, "</status>");
	add_element(out, "contact", p->contact);
	add_element(out, "note", p->note);
	buf_str(out, "</tuple>");
	if (p->is_open)
		add_activity(out, p->show);
	return buf_str(out, "</presence>") && !out->failed;
}
