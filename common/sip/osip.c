#include "sip/osip.h"

#include <string.h>
#include <sys/time.h>
#include <time.h>

#include <osipparser2/osip_parser.h>
#include <osipparser2/osip_port.h>

#include "base/mem.h"
#include "sip/chars.h"
#include "sip/header.h"
#include "sip/uri.h"

/* Its messages are of no use to anybody: what is wrong with a value is said
 * by the caller. */
static void be_silent(const char *file, int line, osip_trace_level_t level,
	const char *format, va_list ap)
{
	(void)file, (void)line, (void)level, (void)format, (void)ap;
}

static void start(void)
{
	static bool is_started;
	if (is_started)
		return;
	is_started = true;
	osip_set_allocators(
		mem_foreign_alloc, mem_foreign_resize, mem_foreign_free);
	osip_trace_initialize_func(END_TRACE_LEVEL, be_silent);
	parser_init();
}

/* ---- putting the parts together again ----------------------------------------- */

/* Takes the string part from the front of *rest, and its view of it. */
static bool take(struct span *rest, const char *part, struct span *view)
{
	struct span want = span_of(part);
	if (!span_equal(span_first(*rest, want.n), want))
		return false;
	if (view)
		*view = span_first(*rest, want.n);
	*rest = span_skip(*rest, want.n);
	return true;
}

static bool take_params(
	struct span *rest, const osip_list_t *list, struct span *view)
{
	osip_list_iterator_t at;
	const osip_uri_param_t *p = osip_list_get_first(list, &at);
	const char *from = rest->p;
	for (; osip_list_iterator_has_elem(at); p = osip_list_get_next(&at))
		if (!take(rest, ";", NULL) || !take(rest, p->gname, NULL) ||
			(p->gvalue && (!take(rest, "=", NULL) ||
					      !take(rest, p->gvalue, NULL))))
			return false;
	*view = span_between(from, rest->p);
	return true;
}

static bool take_host_and_port(
	struct sip_uri *u, struct span *rest, const osip_uri_t *found)
{
	uint32_t port = 0;
	struct span digits;
	u->is_ipv6 = take(rest, "[", NULL);
	if (!found->host || !take(rest, found->host, &u->host) ||
		(u->is_ipv6 && !take(rest, "]", NULL)))
		return false;
	if (found->port &&
		(!take(rest, ":", NULL) || !take(rest, found->port, &digits) ||
			!span_to_u32(digits, UINT16_MAX, &port) || port == 0))
		return false;
	u->port = (uint16_t)port;
	return true;
}

static bool join_uri(
	struct sip_uri *u, struct span text, const osip_uri_t *found)
{
	struct span rest = text;
	if (!found->scheme || !take(&rest, found->scheme, &u->scheme) ||
		!take(&rest, ":", NULL))
		return false;
	u->opaque = rest;
	u->has_user = found->username != NULL;
	u->has_password = found->password != NULL;
	if ((u->has_user && !take(&rest, found->username, &u->user)) ||
		(u->has_password &&
			(!take(&rest, ":", NULL) ||
				!take(&rest, found->password, &u->password))) ||
		((u->has_user || u->has_password) && !take(&rest, "@", NULL)))
		return false;
	if (!take_host_and_port(u, &rest, found) ||
		!take_params(&rest, &found->url_params, &u->params))
		return false;
	return rest.n == 0;
}

bool sip_osip_uri(struct sip_uri *u, struct span text)
{
	/* An escape may triple its first byte, and is three bytes itself. */
	char copy[SIP_OSIP_TEXT_MAX * 2];
	size_t n = 0;
	osip_uri_t *found;
	if (text.n >= SIP_OSIP_TEXT_MAX)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		copy[n++] = text.p[i];
		/* "%25" is decoded to "%", so "%2541" to "%41". */
		if (text.p[i] == '%') {
			copy[n++] = '2';
			copy[n++] = '5';
		}
	}
	copy[n] = '\0';
	start();
	if (osip_uri_init(&found) != OSIP_SUCCESS)
		return false;
	struct sip_uri got = { .text = text };
	bool ok = osip_uri_parse(found, copy) == OSIP_SUCCESS &&
		  join_uri(&got, text, found);
	osip_uri_free(found);
	if (ok)
		*u = got;
	return ok;
}

/* ---- media types ------------------------------------------------------------------ */

static struct span skip_lws(struct span s)
{
	while (s.n && sip_char_is(s.p[0], SIP_CHAR_LWS))
		s = span_skip(s, 1);
	return s;
}

bool sip_osip_media_type(struct sip_media_type *t, struct span text)
{
	char copy[SIP_OSIP_TEXT_MAX];
	osip_content_type_t *found;
	if (text.n >= sizeof(copy))
		return false;
	for (size_t i = 0; i < text.n; i++) /* it knows no folding */
		copy[i] =
			sip_char_is(text.p[i], SIP_CHAR_LWS) ? ' ' : text.p[i];
	copy[text.n] = '\0';
	start();
	if (osip_content_type_init(&found) != OSIP_SUCCESS)
		return false;
	struct sip_media_type got;
	struct span rest = text;
	bool ok = osip_content_type_parse(found, copy) == OSIP_SUCCESS &&
		  found->type && found->subtype &&
		  take(&rest, found->type, &got.type);
	rest = skip_lws(rest);
	ok = ok && take(&rest, "/", NULL);
	rest = skip_lws(rest);
	ok = ok && take(&rest, found->subtype, &got.subtype);
	got.params = rest;
	osip_content_type_free(found);
	if (ok)
		*t = got;
	return ok;
}
