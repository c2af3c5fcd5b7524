#include "sip/dialog.h"

#include <string.h>

#include "base/mem.h"
#include "base/rand.h"
#include "sip/header.h"

/* Call-ID and two tags, each within its header field. */
#define KEY_MAX (3 * SIP_LINE_MAX)

void sip_dialog_clear(struct sip_dialog *d)
{
	mem_free(d->key);
	mem_free(d->call_id);
	mem_free(d->local_tag);
	mem_free(d->remote_tag);
	mem_free(d->local);
	mem_free(d->remote);
	mem_free(d->target);
	for (size_t i = 0; i < d->route_count; i++)
		mem_free(d->routes[i]);
	*d = (struct sip_dialog){ .key = NULL };
}

static void key_add(struct buf *out, struct span call_id, struct span local_tag,
	struct span remote_tag)
{
	buf_span(out, call_id);
	buf_char(out, '\n');
	buf_span(out, local_tag);
	buf_char(out, '\n');
	buf_span(out, remote_tag);
}

bool sip_dialog_key(struct buf *out, const struct sip_scan *request)
{
	struct span call_id = sip_scan_value(request, SIP_HDR_CALL_ID);
	struct span to_tag = sip_tag(sip_scan_value(request, SIP_HDR_TO));
	struct span from_tag = sip_tag(sip_scan_value(request, SIP_HDR_FROM));

	if (call_id.n == 0 || to_tag.n == 0)
		return false;
	key_add(out, call_id, to_tag, from_tag);
	return !out->failed;
}

static char *make_key(const struct sip_dialog *d)
{
	struct buf key = BUF_INIT(KEY_MAX);

	key_add(&key, span_of(d->call_id), span_of(d->local_tag),
		span_of(d->remote_tag));
	return buf_take(&key);
}

/* ---- what a message says about the other side ----------------------------------- */

/* The URI of the first Contact; NULL where there is none that may be used. */
static char *contact_uri(const struct sip_scan *m)
{
	struct sip_values at = SIP_VALUES_INIT;
	struct sip_addr a;
	struct sip_uri u;

	if (!sip_scan_values(m, SIP_HDR_CONTACT, &at) ||
		!sip_addr_parse_uri(&a, &u, at.value, NULL) ||
		(u.kind != SIP_SCHEME_SIP && u.kind != SIP_SCHEME_SIPS))
		return NULL;
	return span_dup(a.uri);
}

bool sip_routes_copy(char *routes[SIP_ROUTES_MAX], size_t *count,
	const struct sip_scan *m, enum sip_hdr kind, struct err *e)
{
	struct sip_values at = SIP_VALUES_INIT;
	struct sip_addr a;
	struct sip_uri u;
	size_t n = 0;
	bool ok = true;

	while (ok && sip_scan_values(m, kind, &at)) {
		if (n == SIP_ROUTES_MAX)
			ok = err_set(e, STATUS_MALFORMED,
				"more than %d %s values", SIP_ROUTES_MAX,
				sip_hdr_name(kind));
		else if ((ok = sip_addr_parse_uri(&a, &u, at.value, e)))
			routes[n++] = span_dup(at.value);
	}
	if (ok && at.malformed)
		ok = err_set(e, STATUS_MALFORMED, "%s is malformed",
			sip_hdr_name(kind));
	while (!ok && n > 0)
		mem_free(routes[--n]);
	*count = n;
	return ok;
}

/* The Record-Route values, from the last one back for the caller. */
static bool take_routes(struct sip_dialog *d, const struct sip_scan *m,
	bool reversed, struct err *e)
{
	char *routes[SIP_ROUTES_MAX];
	size_t count;

	if (!sip_routes_copy(routes, &count, m, SIP_HDR_RECORD_ROUTE, e))
		return false;
	for (size_t i = 0; i < d->route_count; i++)
		mem_free(d->routes[i]);
	for (size_t i = 0; i < count; i++)
		d->routes[i] = routes[reversed ? count - 1 - i : i];
	d->route_count = count;
	return true;
}

static bool is_secure(const struct sip_scan *request)
{
	return span_starts_nocase(request->request_uri, "sips:");
}

/* ---- making one (12.1) ------------------------------------------------------------ */

bool sip_dialog_start_caller(struct sip_dialog *d,
	const struct sip_scan *request, const struct sip_scan *response,
	struct err *e)
{
	struct sip_dialog n = { .is_caller = true };
	struct span from = sip_scan_value(request, SIP_HDR_FROM);
	struct span to = sip_scan_value(response, SIP_HDR_TO);
	struct sip_cseq cseq;

	if (!sip_cseq_parse(&cseq, sip_scan_value(request, SIP_HDR_CSEQ), e))
		return false;
	n.target = contact_uri(response);
	if (!n.target && response->status_code < 200)
		return err_set(e, STATUS_MALFORMED,
			"a provisional response without Contact makes no "
			"dialog");
	/* INTEROP: a 2xx without Contact still has to be acknowledged and
	 * ended, for which there is no better address. */
	if (!n.target)
		n.target = span_dup(request->request_uri);
	if (!take_routes(&n, response, true, e)) {
		sip_dialog_clear(&n);
		return false;
	}
	n.call_id = span_dup(sip_scan_value(request, SIP_HDR_CALL_ID));
	n.local = span_dup(from);
	n.local_tag = span_dup(sip_tag(from));
	n.remote = span_dup(to);
	n.remote_tag = span_dup(sip_tag(to));
	n.local_cseq = cseq.number;
	n.is_confirmed = response->status_code >= 200;
	n.is_secure = is_secure(request);
	n.key = make_key(&n);
	*d = n;
	return true;
}

bool sip_dialog_start_callee(struct sip_dialog *d,
	const struct sip_scan *request, struct span local_tag, struct err *e)
{
	struct sip_dialog n = { .is_caller = false };
	struct span from = sip_scan_value(request, SIP_HDR_FROM);
	struct span to = sip_scan_value(request, SIP_HDR_TO);
	struct sip_cseq cseq;

	if (!sip_cseq_parse(&cseq, sip_scan_value(request, SIP_HDR_CSEQ), e))
		return false;
	n.target = contact_uri(request);
	if (!n.target)
		return err_set(e, STATUS_MALFORMED,
			"%.*s has no Contact with a sip: or sips: URI",
			SPAN_ARGS(request->method));
	if (!take_routes(&n, request, false, e)) {
		sip_dialog_clear(&n);
		return false;
	}
	n.call_id = span_dup(sip_scan_value(request, SIP_HDR_CALL_ID));
	n.remote = span_dup(from);
	n.remote_tag = span_dup(sip_tag(from));
	n.local = mem_format(
		"%.*s;tag=%.*s", SPAN_ARGS(to), SPAN_ARGS(local_tag));
	n.local_tag = span_dup(local_tag);
	n.remote_cseq = cseq.number;
	n.has_remote_cseq = true;
	/* 8.1.1.5: any first value below 2^31; leaves room to count. */
	n.local_cseq = (uint32_t)rand_below(1u << 30);
	n.is_secure = is_secure(request);
	n.key = make_key(&n);
	*d = n;
	return true;
}

bool sip_dialog_start_notified(struct sip_dialog *d,
	const struct sip_scan *notify, uint32_t local_cseq, struct err *e)
{
	struct span to = sip_scan_value(notify, SIP_HDR_TO);

	if (!sip_dialog_start_callee(d, notify, sip_tag(to), e))
		return false;
	mem_free(d->local); /* it has its tag already */
	d->local = span_dup(to);
	d->local_cseq = local_cseq;
	d->is_caller = d->is_confirmed = true;
	return true;
}

bool sip_dialog_confirm(
	struct sip_dialog *d, const struct sip_scan *response, struct err *e)
{
	if (!take_routes(d, response, true, e))
		return false;
	sip_dialog_refresh_target(d, response);
	d->is_confirmed = true;
	return true;
}

void sip_dialog_refresh_target(struct sip_dialog *d, const struct sip_scan *m)
{
	char *target = contact_uri(m);

	if (!target)
		return;
	mem_free(d->target);
	d->target = target;
}

/* ---- requests of ours (12.2.1.1) ---------------------------------------------------- */

static struct span route_uri(const char *value)
{
	struct sip_addr a;

	return sip_addr_parse(&a, span_of(value), NULL) ? a.uri : SPAN_EMPTY;
}

static bool first_is_strict(const struct sip_dialog *d)
{
	struct sip_uri u;

	return d->route_count &&
	       sip_uri_parse(&u, route_uri(d->routes[0]), NULL) &&
	       !sip_uri_is_loose(&u);
}

struct span sip_dialog_next_hop(const struct sip_dialog *d)
{
	return d->route_count ? route_uri(d->routes[0]) : span_of(d->target);
}

static bool dialog_write(struct buf *out, const struct sip_dialog *d,
	struct span method, uint32_t cseq)
{
	bool strict = first_is_strict(d);

	sip_msg_request_line(out, method,
		strict ? route_uri(d->routes[0]) : span_of(d->target));
	for (size_t i = strict; i < d->route_count; i++)
		sip_msg_add(out, SIP_HDR_ROUTE, span_of(d->routes[i]));
	if (strict)
		sip_msg_addf(out, SIP_HDR_ROUTE, "<%s>", d->target);
	sip_msg_add_number(out, SIP_HDR_MAX_FORWARDS, SIP_MAX_FORWARDS);
	sip_msg_add(out, SIP_HDR_FROM, span_of(d->local));
	sip_msg_add(out, SIP_HDR_TO, span_of(d->remote));
	sip_msg_add(out, SIP_HDR_CALL_ID, span_of(d->call_id));
	return sip_msg_add_cseq(out, cseq, method);
}

bool sip_dialog_request(
	struct buf *out, struct sip_dialog *d, struct span method)
{
	return dialog_write(out, d, method, ++d->local_cseq);
}

bool sip_dialog_ack(struct buf *out, const struct sip_dialog *d, uint32_t cseq)
{
	return dialog_write(out, d, SPAN("ACK"), cseq);
}

/* ---- what comes (12.2.2) ---------------------------------------------------------------- */

unsigned sip_dialog_receive(
	struct sip_dialog *d, const struct sip_scan *request)
{
	struct sip_cseq cseq;

	if (!sip_cseq_parse(&cseq, sip_scan_value(request, SIP_HDR_CSEQ), NULL))
		return 400;
	if (d->has_remote_cseq && cseq.number < d->remote_cseq)
		return 500;
	d->remote_cseq = cseq.number;
	d->has_remote_cseq = true;
	return 0;
}

bool sip_dialog_is_of_response(
	const struct sip_dialog *d, const struct sip_scan *response)
{
	return span_is(sip_scan_value(response, SIP_HDR_CALL_ID), d->call_id) &&
	       span_is(sip_tag(sip_scan_value(response, SIP_HDR_FROM)),
		       d->local_tag) &&
	       span_is(sip_tag(sip_scan_value(response, SIP_HDR_TO)),
		       d->remote_tag);
}
