#include "xmpp/sasl.h"

#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/utf8.h"
#include "xmpp/ns.h"

/* ---- what is offered ---- */

static bool add_offered(
	struct span *list, size_t *count, struct span item, struct err *e)
{
	if (*count == XMPP_SASL_OFFER_MAX)
		return err_set(e, STATUS_AUTH,
			"the server offers more than %d mechanisms",
			XMPP_SASL_OFFER_MAX);
	list[(*count)++] = item;
	return true;
}

bool xmpp_sasl_offer_parse(struct xmpp_sasl_offer *offer,
	const struct xml_element *features, bool sasl2, struct err *e)
{
	const struct xml_element *list =
		sasl2 ? xml_element_find(
				features, "authentication", XMPP_NS_SASL2)
		      : xml_element_find(features, "mechanisms", XMPP_NS_SASL);
	const struct xml_element *bindings = xml_element_find(
		features, "sasl-channel-binding", XMPP_NS_CHANNEL_BINDING);
	*offer = (struct xmpp_sasl_offer){ .is_sasl2 = sasl2,
		.has_binding_list = bindings != NULL };
	if (list)
		XML_ELEMENT_EACH(list, m, "mechanism", list->ns)
	if (!add_offered(offer->mechanisms, &offer->mechanism_count,
		    span_trim(xml_element_text_get(m)), e))
		return false;
	if (bindings)
		XML_ELEMENT_EACH(bindings, b, "channel-binding", NULL)
	if (!add_offered(offer->bindings, &offer->binding_count,
		    span_of(xml_element_attr_find(b, "type")), e))
		return false;
	return true;
}

/* ---- XEP-0474 ---- */

/* RFC 4790 section 9.3, i;octet */
static int compare_octets(const void *a, const void *b)
{
	return span_compare(*(const struct span *)a, *(const struct span *)b);
}

static void add_sorted(
	struct buf *out, const struct span *list, size_t count, char delimiter)
{
	struct span sorted[XMPP_SASL_OFFER_MAX];
	memcpy(sorted, list, count * sizeof(*list));
	qsort(sorted, count, sizeof(*sorted), compare_octets);
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_char(out, delimiter);
		buf_span(out, sorted[i]);
	}
}

static void add_offer(struct buf *out, const struct xmpp_sasl_offer *offer,
	char delimiter, char separator)
{
	add_sorted(out, offer->mechanisms, offer->mechanism_count, delimiter);
	if (!offer->has_binding_list)
		return;
	buf_char(out, separator);
	add_sorted(out, offer->bindings, offer->binding_count, delimiter);
}

void xmpp_sasl_offer_string(
	const struct xmpp_sasl_offer *offer, struct buf *out)
{
	add_offer(out, offer, '\x1e', '\x1f');
}

void xmpp_sasl_offer_string_old(
	const struct xmpp_sasl_offer *offer, struct buf *out)
{
	add_offer(out, offer, ',', '|');
}

/* ---- mechanisms of one message ---- */

static bool check_part(struct span s, const char *what, struct err *e)
{
	if (span_has(s, '\0') || !utf8_is_valid(s))
		return err_set(e, STATUS_AUTH, "the %s is not UTF-8", what);
	return true;
}

/* RFC 4616 section 2: [authzid] NUL authcid NUL passwd */
bool xmpp_sasl_plain(struct buf *out, struct span authzid, struct span name,
	struct span password, struct err *e)
{
	if (!check_part(authzid, "authorization identity", e) ||
		!check_part(name, "name", e) ||
		!check_part(password, "password", e))
		return false;
	if (!name.n || !password.n)
		return err_set(e, STATUS_AUTH, "the %s is empty",
			name.n ? "password" : "name");
	buf_span(out, authzid);
	buf_char(out, '\0');
	buf_span(out, name);
	buf_char(out, '\0');
	return buf_span(out, password);
}

bool xmpp_sasl_plain_parse(struct span message, struct span *authzid,
	struct span *name, struct span *password)
{
	return utf8_is_valid(message) && span_cut(&message, '\0', authzid) &&
	       span_cut(&message, '\0', name) &&
	       !span_cut(&message, '\0', password) && name->n && password->n;
}

bool xmpp_sasl_external(struct buf *out, struct span authzid, struct err *e)
{
	return check_part(authzid, "authorization identity", e) &&
	       buf_span(out, authzid);
}

bool xmpp_sasl_anonymous(struct buf *out, struct span trace, struct err *e)
{
	return check_part(trace, "trace", e) && buf_span(out, trace);
}

/* ---- in XML ---- */

bool xmpp_sasl_encode(struct buf *out, struct span message)
{
	return message.n ? base64_add(out, message) : buf_char(out, '=');
}

bool xmpp_sasl_decode(struct buf *out, struct span text)
{
	return span_is(text, "=") || base64_decode(out, text);
}
