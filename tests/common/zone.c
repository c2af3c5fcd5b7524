#include "tests/common/zone.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/list.h"
#include "base/mem.h"
#include "net/dns.h"

#define WORDS_MAX 8
#define HEADER_SIZE 12
#define TTL 300
#define CNAMES_MAX 4

enum behaviour { /* beside the record types */
	SILENT = 0x10000,
	SLOW,
	SERVFAIL,
	REFUSED,
	TRUNCATED,
	GARBAGE,
};

static const struct {
	const char *word;
	int type;
	size_t data; /* words behind it */
} types[] = {
	{ "A", RECORD_A, 1 },
	{ "AAAA", RECORD_AAAA, 1 },
	{ "CNAME", RECORD_CNAME, 1 },
	{ "SRV", RECORD_SRV, 4 },
	{ "NAPTR", RECORD_NAPTR, 6 },
	{ "SILENT", SILENT, 0 },
	{ "SLOW", SLOW, 1 },
	{ "SERVFAIL", SERVFAIL, 0 },
	{ "REFUSED", REFUSED, 0 },
	{ "TRUNCATED", TRUNCATED, 0 },
	{ "GARBAGE", GARBAGE, 0 },
};

struct record {
	struct link link;
	char *name;
	int type;
	struct buf data; /* as on the wire */
	char *target;    /* of a CNAME */
	usec_t slow;
};

struct zone {
	struct link records;
};

/* ---- writing ---- */

static void add_number(struct buf *b, uint32_t n, unsigned bytes)
{
	while (bytes--)
		buf_char(b, (char)(n >> 8 * bytes));
}

static void add_name(struct buf *b, struct span name)
{
	struct span label;
	if (span_ends(name, "."))
		name.n--;
	while (name.n) {
		span_cut(&name, '.', &label);
		buf_char(b, (char)label.n);
		buf_span(b, label);
	}
	buf_char(b, '\0');
}

static void add_string(struct buf *b, struct span s)
{
	buf_char(b, (char)s.n);
	buf_span(b, s);
}

/* ---- reading the zone ---- */

/* A word, or what stands in "quotes". */
static bool next_word(struct span *line, struct span *word)
{
	*line = span_trim(*line);
	if (line->n == 0)
		return false;
	if (line->p[0] == '"') {
		*line = span_skip(*line, 1);
		return span_cut(line, '"', word);
	}
	size_t n = 0;
	while (n < line->n && line->p[n] != ' ' && line->p[n] != '\t')
		n++;
	*word = span_first(*line, n);
	*line = span_skip(*line, n);
	return true;
}

static bool add_u16(struct buf *b, struct span word)
{
	uint32_t n;
	if (!span_to_u32(word, UINT16_MAX, &n))
		return false;
	add_number(b, n, 2);
	return true;
}

static bool add_address(struct buf *b, struct span word, int type)
{
	struct endpoint a;
	if (!endpoint_parse_address(&a, word) ||
		(endpoint_family(&a) == AF_INET) != (type == RECORD_A))
		return false;
	return type == RECORD_A
		       ? buf_add(b, &a.v4.sin_addr, sizeof(a.v4.sin_addr))
		       : buf_add(b, &a.v6.sin6_addr, sizeof(a.v6.sin6_addr));
}

static bool set_data(struct record *r, struct span *word)
{
	uint32_t ms;
	switch (r->type) {
	case RECORD_A:
	case RECORD_AAAA:
		return add_address(&r->data, word[0], r->type);
	case RECORD_CNAME:
		r->target = span_dup(word[0]);
		add_name(&r->data, word[0]);
		return true;
	case RECORD_SRV:
		for (int i = 0; i < 3; i++)
			if (!add_u16(&r->data, word[i]))
				return false;
		add_name(&r->data, word[3]);
		return true;
	case RECORD_NAPTR:
		if (!add_u16(&r->data, word[0]) || !add_u16(&r->data, word[1]))
			return false;
		for (int i = 2; i < 5; i++)
			add_string(&r->data, word[i]);
		add_name(&r->data, word[5]);
		return true;
	case SLOW:
		if (!span_to_u32(word[0], 60000, &ms))
			return false;
		r->slow = ms * USEC_MS;
		return true;
	default:
		return true;
	}
}

static size_t find_type(struct span word)
{
	size_t i = 0, count = sizeof(types) / sizeof(*types);
	while (i < count && !span_is(word, types[i].word))
		i++;
	return i;
}

static void record_free(struct record *r)
{
	list_remove(&r->link);
	buf_clear(&r->data);
	mem_free(r->target);
	mem_free(r->name);
	mem_free(r);
}

/* True for an empty line too. */
static bool add_line(struct zone *z, struct span line)
{
	struct span word[WORDS_MAX], rest = line;
	size_t count = 0, type;
	span_cut(&rest, '#', &line);
	while (count < WORDS_MAX && next_word(&line, &word[count]))
		count++;
	if (count == 0)
		return true;
	if (count < 2 || line.n ||
		(type = find_type(word[1])) == sizeof(types) / sizeof(*types) ||
		count != 2 + types[type].data)
		return false;
	struct record *r = mem_alloc(sizeof(*r));
	r->name = span_dup(word[0]);
	r->type = types[type].type;
	r->data = BUF_INIT(1024);
	list_append(&z->records, &r->link);
	return set_data(r, word + 2);
}

struct zone *zone_new(struct span text, struct err *e)
{
	struct zone *z = mem_alloc(sizeof(*z));
	struct span line;
	link_init(&z->records);
	for (int number = 1; text.n; number++) {
		span_cut(&text, '\n', &line);
		if (!add_line(z, line)) {
			err_set(e, STATUS_USAGE, "zone line %d: %.*s", number,
				SPAN_ARGS(line));
			zone_free(z);
			return NULL;
		}
	}
	return z;
}

void zone_free(struct zone *z)
{
	if (!z)
		return;
	LIST_EACH(&z->records, at)
	{
		record_free(LIST_ITEM(at, struct record, link));
	}
	mem_free(z);
}

/* ---- replying ---- */

static const struct record *find(
	const struct zone *z, const char *name, int type)
{
	LIST_EACH(&z->records, at)
	{
		const struct record *r = LIST_ITEM(at, struct record, link);
		if (strcasecmp(r->name, name) == 0 &&
			(type == 0 || r->type == type))
			return r;
	}
	return NULL;
}

static void add_record(struct buf *reply, const char *owner,
	const struct record *r, unsigned *count)
{
	add_name(reply, span_of(owner));
	add_number(reply, (uint32_t)r->type, 2);
	add_number(reply, 1, 2); /* IN */
	add_number(reply, TTL, 4);
	add_number(reply, (uint32_t)r->data.len, 2);
	buf_span(reply, buf_view(&r->data));
	++*count;
}

/* All of this type, behind the CNAMEs that lead to them. */
static unsigned add_records(
	const struct zone *z, struct buf *reply, const char *name, int type)
{
	unsigned count = 0;
	for (int i = 0; i < CNAMES_MAX; i++) {
		const char *here = find(z, name, 0) ? name : "*";
		const struct record *alias = find(z, here, RECORD_CNAME);
		LIST_EACH(&z->records, at)
		{
			struct record *r = LIST_ITEM(at, struct record, link);
			if (r->type == type && strcasecmp(r->name, here) == 0)
				add_record(reply, name, r, &count);
		}
		if (!alias)
			break;
		add_record(reply, name, alias, &count);
		name = alias->target;
	}
	return count;
}

static void set_header(struct buf *reply, unsigned flags, unsigned count)
{
	reply->data[2] = (char)(flags >> 8);
	reply->data[3] = (char)flags;
	memset(reply->data + 6, 0, 6);
	reply->data[7] = (char)count;
}

bool zone_reply(const struct zone *z, struct span query, bool is_udp,
	struct buf *reply, usec_t *after)
{
	char name[DNS_NAME_SIZE];
	size_t at = HEADER_SIZE;
	*after = 0;
	if (query.n < HEADER_SIZE || !dns_read_name(query, &at, name) ||
		query.n - at < 4)
		return false;
	int type = (unsigned char)query.p[at] << 8 |
		   (unsigned char)query.p[at + 1];
	const char *here = find(z, name, 0) ? name : "*";
	const struct record *slow = find(z, here, SLOW);
	unsigned count = 0;
	unsigned flags = 0x8580; /* a reply, authoritative, recursion */
	buf_span(reply, span_first(query, at + 4));
	if (slow)
		*after = slow->slow;
	if (find(z, here, SILENT))
		return false;
	if (!find(z, here, 0))
		flags |= 3; /* NXDOMAIN */
	else if (find(z, here, SERVFAIL))
		flags |= 2;
	else if (find(z, here, REFUSED))
		flags |= 5;
	else if (find(z, here, TRUNCATED) && is_udp)
		flags |= 0x200;
	else
		count = add_records(z, reply, name, type);
	if (find(z, here, GARBAGE))
		count = 200;
	set_header(reply, flags, count);
	return true;
}
