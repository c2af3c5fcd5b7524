#include "net/dns.h"

#include <string.h>
#include <strings.h>

#include "base/utf8.h"

#define HEADER_SIZE 12
#define LABEL_MAX 63
#define NAME_LENGTH_MAX 254 /* of labels with their lengths, without the root */
#define POINTER 0xc0
#define POINTERS_MAX 64 /* each points back, so no name needs more */
#define CLASS_IN 1
#define CNAMES_MAX 16

struct reader {
	struct span all;
	size_t at;
	bool failed;
};

static unsigned byte_at(struct span s, size_t i)
{
	return (unsigned char)s.p[i];
}

static uint32_t take_number(struct reader *r, size_t bytes)
{
	uint32_t number = 0;
	if (r->failed || r->all.n - r->at < bytes) {
		r->failed = true;
		return 0;
	}
	for (size_t i = 0; i < bytes; i++)
		number = number << 8 | byte_at(r->all, r->at++);
	return number;
}

/* ---- names (RFC 1035 section 4.1.4) ---- */

/* Bytes that would make one name look like another are not for us. */
static bool is_plain(struct span label)
{
	for (size_t i = 0; i < label.n; i++) {
		unsigned c = byte_at(label, i);
		if (c <= ' ' || c >= 0x7f || c == '.' || c == '\\')
			return false;
	}
	return true;
}

/* Goes through the labels to the end of the name, through pointers too.  out
 * is empty where a label is not plain: the name is well formed, but not ours. */
bool dns_read_name(struct span message, size_t *at, char out[DNS_NAME_SIZE])
{
	size_t i = *at, behind = 0, used = 0, pointers = 0;
	bool plain = true;
	for (;;) {
		if (i >= message.n)
			return false;
		unsigned n = byte_at(message, i++);
		if (n == 0)
			break;
		if ((n & POINTER) == POINTER) {
			if (i >= message.n || ++pointers > POINTERS_MAX)
				return false;
			size_t target =
				(n & ~POINTER) << 8 | byte_at(message, i++);
			if (!behind)
				behind = i;
			if (target + 2 >= i) /* only backwards */
				return false;
			i = target;
			continue;
		}
		if (n > LABEL_MAX || n > message.n - i ||
			used + n + 1 > NAME_LENGTH_MAX)
			return false;
		plain = plain && is_plain(span_from(message.p + i, n));
		memcpy(out + used, message.p + i, n);
		used += n;
		out[used++] = '.';
		i += n;
	}
	*at = behind ? behind : i;
	if (!plain)
		used = 0;
	else if (used == 0)
		out[used++] = '.';
	else
		used--; /* the last dot */
	out[used] = '\0';
	return true;
}

static void take_name(struct reader *r, char out[DNS_NAME_SIZE])
{
	out[0] = '\0';
	if (!r->failed && !dns_read_name(r->all, &r->at, out))
		r->failed = true;
}

/* RFC 1035 section 3.3: length and bytes; "" where it is not text. */
static void take_string(struct reader *r, char out[256])
{
	size_t n = take_number(r, 1);
	out[0] = '\0';
	if (r->failed || r->all.n - r->at < n) {
		r->failed = true;
		return;
	}
	struct span text = span_from(r->all.p + r->at, n);
	r->at += n;
	if (!span_has(text, '\0') && utf8_is_valid(text))
		span_copy(out, 256, text);
}

/* ---- records ---- */

static void take_address(
	struct answer *out, struct span data, int family, uint32_t ttl)
{
	struct endpoint a = { .len = 0 };
	if (family == AF_INET && data.n == sizeof(a.v4.sin_addr)) {
		a.v4.sin_family = AF_INET;
		memcpy(&a.v4.sin_addr, data.p, data.n);
		a.len = sizeof(a.v4);
	} else if (family == AF_INET6 && data.n == sizeof(a.v6.sin6_addr)) {
		a.v6.sin6_family = AF_INET6;
		memcpy(&a.v6.sin6_addr, data.p, data.n);
		a.len = sizeof(a.v6);
	}
	if (a.len)
		answer_add_address(out, &a, ttl);
}

static void take_srv(struct answer *out, struct reader *r, uint32_t ttl)
{
	char target[DNS_NAME_SIZE];
	struct srv_record record = { .ttl = ttl, .target = target };
	record.priority = (uint16_t)take_number(r, 2);
	record.weight = (uint16_t)take_number(r, 2);
	record.port = (uint16_t)take_number(r, 2);
	take_name(r, target);
	if (!r->failed && *target)
		answer_add_srv(out, &record);
}

static void take_naptr(struct answer *out, struct reader *r, uint32_t ttl)
{
	char flags[256], services[256], regexp[256];
	char replacement[DNS_NAME_SIZE];
	struct naptr_record record = { .ttl = ttl,
		.flags = flags,
		.services = services,
		.regexp = regexp,
		.replacement = replacement };
	record.order = (uint16_t)take_number(r, 2);
	record.preference = (uint16_t)take_number(r, 2);
	take_string(r, flags);
	take_string(r, services);
	take_string(r, regexp);
	take_name(r, replacement);
	if (!r->failed && *replacement)
		answer_add_naptr(out, &record);
}

struct search {
	char name[DNS_NAME_SIZE]; /* whose records are taken */
	int cnames;
	uint32_t ttl; /* the shortest of the CNAMEs so far */
	enum record_type type;
};

/* The data of one record; r ends exactly behind it or has failed. */
static void take_data(struct answer *out, struct reader *r,
	struct search *search, unsigned type, uint32_t ttl, size_t size)
{
	size_t end = r->at + size;
	if (ttl > search->ttl)
		ttl = search->ttl;
	if (type == RECORD_CNAME) {
		take_name(r, search->name);
		search->ttl = ttl;
		if (++search->cnames > CNAMES_MAX)
			r->failed = true;
	} else if (type == RECORD_SRV) {
		take_srv(out, r, ttl);
	} else if (type == RECORD_NAPTR) {
		take_naptr(out, r, ttl);
	} else {
		take_address(out, span_from(r->all.p + r->at, size),
			type == RECORD_A ? AF_INET : AF_INET6, ttl);
		r->at = end;
	}
	if (r->at != end)
		r->failed = true;
}

static void take_record(
	struct answer *out, struct reader *r, struct search *search)
{
	char owner[DNS_NAME_SIZE];
	take_name(r, owner);
	unsigned type = take_number(r, 2), class = take_number(r, 2);
	uint32_t ttl = take_number(r, 4);
	size_t size = take_number(r, 2);
	if (ttl > INT32_MAX) /* RFC 2181 section 8 */
		ttl = 0;
	if (r->failed || r->all.n - r->at < size) {
		r->failed = true;
		return;
	}
	bool is_wanted = class == CLASS_IN && *owner &&
			 strcasecmp(owner, search->name) == 0 &&
			 (type == search->type || type == RECORD_CNAME);
	if (is_wanted)
		take_data(out, r, search, type, ttl, size);
	else
		r->at += size;
}

void dns_read_answer(
	struct answer *out, enum record_type type, struct span reply)
{
	struct reader r = { .all = reply };
	struct search search = { .type = type, .ttl = INT32_MAX };
	take_number(&r, 4); /* id and flags: c-ares has seen to them */
	uint32_t questions = take_number(&r, 2), records = take_number(&r, 2);
	r.at = r.failed ? 0 : HEADER_SIZE;
	if (reply.n < HEADER_SIZE || questions != 1)
		r.failed = true;
	take_name(&r, search.name);
	take_number(&r, 4);
	for (uint32_t i = 0; i < records && !r.failed; i++)
		take_record(out, &r, &search);
	if (r.failed) {
		answer_clear(out);
		out->outcome = OUTCOME_FAILED;
	} else if (out->count == 0) {
		out->outcome = OUTCOME_NO_RECORD;
	}
}
