/* What the answer to OPTIONS says: methods, extensions, media (RFC 3261
 * section 11.2, RFC 3264). */
#include "sipcheck.h"

#include "base/mem.h"
#include "sip/header.h"
#include "sip/sdp.h"

#define LIST_ROOM 400

/* All values of a kind, one behind the other; false: there is no such field. */
static bool list_values(
	struct buf *out, const struct sip_scan *m, enum sip_hdr kind)
{
	struct sip_values at = SIP_VALUES_INIT;

	while (sip_scan_values(m, kind, &at))
		buf_printf(out, "%s%.*s", out->len ? ", " : "",
			SPAN_ARGS(at.value));
	return sip_scan_find(m, kind) != NULL;
}

static void judge_list(struct sipcheck *c, const struct sip_scan *m,
	enum sip_hdr kind, const char *check, const char *what,
	const char *advice)
{
	struct buf list = BUF_INIT(LIST_ROOM);

	if (list_values(&list, m, kind))
		finding_add(&c->findings, FINDING_NOTE, check, NULL, "%s: %s",
			what, list.len ? buf_text(&list) : "none");
	else if (m->status_code < 300)
		finding_add(&c->findings, FINDING_WARNING, check, advice,
			"the answer does not say which %s there are", what);
	buf_clear(&list);
}

/* RFC 3581: without it the answer goes to the port in Via, which behind a NAT
 * is nobody's. */
static void judge_via(struct sipcheck *c, const struct sip_scan *m)
{
	struct sip_values at = SIP_VALUES_INIT;
	struct sip_via via;

	if (!sip_scan_values(m, SIP_HDR_VIA, &at) ||
		!sip_via_parse(&via, at.value, NULL))
		return;
	if (via.rport)
		finding_add(&c->findings, FINDING_OK, "nat", NULL,
			"answers go where requests came from (rport)");
	else
		finding_add(&c->findings, FINDING_WARNING, "nat",
			"callers behind a NAT need RFC 3581 (rport)",
			"the answer has no rport");
}

static void add_codecs(struct buf *out, const struct sip_sdp *sdp)
{
	for (unsigned i = 0; i < sdp->media_count; i++) {
		const struct sip_sdp_media *media = &sdp->media[i];
		struct span rest = media->formats, format;
		buf_printf(
			out, "%s%.*s", i ? "; " : "", SPAN_ARGS(media->type));
		while (sip_sdp_format_next(&rest, &format)) {
			struct sip_sdp_codec codec;
			if (sip_sdp_codec(sdp, media, format, &codec))
				buf_printf(out, " %.*s/%u",
					SPAN_ARGS(codec.encoding),
					codec.clock_rate);
			else
				buf_printf(out, " %.*s", SPAN_ARGS(format));
		}
	}
}

static void judge_media(struct sipcheck *c, const struct sip_scan *m)
{
	struct sip_sdp *sdp = mem_alloc(sizeof(*sdp));
	struct buf list = BUF_INIT(LIST_ROOM);
	struct err e;

	if (m->body.n && sip_sdp_parse(sdp, m->body, &e)) {
		add_codecs(&list, sdp);
		finding_add(&c->findings, FINDING_NOTE, "codecs", NULL,
			"codecs: %s", buf_text(&list));
	} else if (m->body.n) {
		finding_add(&c->findings, FINDING_WARNING, "codecs", NULL,
			"the body of the answer is no SDP: %s", e.text);
	}
	buf_clear(&list);
	mem_free(sdp);
}

void check_answer(struct sipcheck *c)
{
	if (!c->answer)
		return;
	struct sip_scan *m = mem_alloc(sizeof(*m));
	sip_scan(m, span_of(c->answer));
	look_at(c, &c->places[c->answer_place]);
	struct span server = sip_scan_value(m, SIP_HDR_SERVER);
	if (server.n)
		finding_add(&c->findings, FINDING_NOTE, "server", NULL,
			"it calls itself %.*s", SPAN_ARGS(server));
	judge_list(c, m, SIP_HDR_ALLOW, "methods", "methods",
		"RFC 3261 section 11.2: Allow belongs into the answer");
	judge_list(c, m, SIP_HDR_SUPPORTED, "extensions", "extensions",
		"RFC 3261 section 11.2: Supported belongs into the answer");
	if (c->places[c->answer_place].target.kind == SIP_TRANSPORT_UDP)
		judge_via(c, m);
	judge_media(c, m);
	look_at(c, NULL);
	mem_free(m);
}
