#include "sip/hdr.h"

#include <string.h>

#define NAME_SIZE 32 /* longer than any of ours */
#define SLOTS 512    /* a power of two; one in eight is taken */

struct entry {
	const char *name;
	unsigned char length;
	char compact;
	unsigned char flags;
};

#define ENTRY(constant, name, compact, flags)                                  \
	[SIP_HDR_##constant] = { name, sizeof(name) - 1, compact, flags },
static const struct entry entries[SIP_HDR_COUNT] = {
	[SIP_HDR_OTHER] = { "", 0, 0, 0 }, SIP_HDR_LIST(ENTRY)
};
#undef ENTRY

static inline uint64_t word_at(const char *p)
{
	uint64_t w;
	memcpy(&w, p, sizeof(w));
	return w;
}

static inline uint32_t half_at(const char *p)
{
	uint32_t w;
	memcpy(&w, p, sizeof(w));
	return w;
}

/* Of the first and the last four letters, which tell our names apart; n > 1. */
static inline unsigned slot_of(const char *p, size_t n)
{
	const uint32_t small = 0x20202020;
	uint32_t first, last;
	if (n >= 4) {
		first = half_at(p) | small;
		last = half_at(p + n - 4) | small;
	} else {
		first = ((uint32_t)(unsigned char)p[0] << 8 |
				(unsigned char)p[1]) |
			small;
		last = (unsigned char)p[n - 1] | small;
	}
	uint32_t h = (first ^ last << 6 ^ last >> 26) * 0x9e3779b1u;
	return (h + (uint32_t)n * 0x61c88647u) >> 23;
}

/* The index over all names, made of the list above at the first look-up.  A
 * name is ours where it has the bits of `lower` once those of `letters` are
 * set, eight bytes at a time. */
static struct {
	bool is_ready;
	unsigned char slots[SLOTS];
	unsigned char compact[26];
	struct {
		char lower[NAME_SIZE], letters[NAME_SIZE];
	} name[SIP_HDR_COUNT];
} names;

static void make_index(void)
{
	for (unsigned kind = 1; kind < SIP_HDR_COUNT; kind++) {
		const struct entry *e = &entries[kind];
		unsigned slot = slot_of(e->name, e->length);
		while (names.slots[slot])
			slot = (slot + 1) & (SLOTS - 1);
		names.slots[slot] = (unsigned char)kind;
		for (unsigned i = 0; i < e->length; i++) {
			char letter = e->name[i] >= 'A' ? 0x20 : 0;
			names.name[kind].letters[i] = letter;
			names.name[kind].lower[i] = e->name[i] | letter;
		}
		if (e->compact)
			names.compact[e->compact - 'a'] = (unsigned char)kind;
	}
	names.is_ready = true;
}

static inline bool is_name(unsigned kind, const char *p, size_t n)
{
	const char *lower = names.name[kind].lower;
	const char *letters = names.name[kind].letters;
	uint64_t differs = 0;
	size_t i = 0;
	if (entries[kind].length != n)
		return false;
	/* The last word overlaps the one in front of it. */
	if (n >= 8) {
		for (; i < n - 8; i += 8)
			differs |= (word_at(p + i) | word_at(letters + i)) ^
				   word_at(lower + i);
		i = n - 8;
		differs |= (word_at(p + i) | word_at(letters + i)) ^
			   word_at(lower + i);
	} else if (n >= 4) {
		differs = (half_at(p) | half_at(letters)) ^ half_at(lower);
		i = n - 4;
		differs |= (half_at(p + i) | half_at(letters + i)) ^
			   half_at(lower + i);
	} else {
		for (; i < n; i++)
			differs |= (uint64_t)((p[i] | letters[i]) ^ lower[i]);
	}
	return !differs;
}

enum sip_hdr sip_hdr_find(struct span name)
{
	if (!names.is_ready)
		make_index();
	if (name.n == 0 || name.n >= NAME_SIZE)
		return SIP_HDR_OTHER;
	if (name.n == 1) {
		char c = name.p[0] | 0x20;
		return c >= 'a' && c <= 'z' ? names.compact[c - 'a']
					    : SIP_HDR_OTHER;
	}
	unsigned slot = slot_of(name.p, name.n);
	while (names.slots[slot] && !is_name(names.slots[slot], name.p, name.n))
		slot = (slot + 1) & (SLOTS - 1);
	return names.slots[slot];
}

const char *sip_hdr_name(enum sip_hdr kind)
{
	return entries[kind].name;
}

bool sip_hdr_is_list(enum sip_hdr kind)
{
	return entries[kind].flags & SIP_HDR_IS_LIST;
}

bool sip_hdr_is_single(enum sip_hdr kind)
{
	return entries[kind].flags & SIP_HDR_IS_SINGLE;
}

/* ---- methods -------------------------------------------------------------- */

static const char *const methods[SIP_METHOD_COUNT] = {
	[SIP_METHOD_OTHER] = "",
	[SIP_METHOD_ACK] = "ACK",
	[SIP_METHOD_BYE] = "BYE",
	[SIP_METHOD_CANCEL] = "CANCEL",
	[SIP_METHOD_INFO] = "INFO",
	[SIP_METHOD_INVITE] = "INVITE",
	[SIP_METHOD_MESSAGE] = "MESSAGE",
	[SIP_METHOD_NOTIFY] = "NOTIFY",
	[SIP_METHOD_OPTIONS] = "OPTIONS",
	[SIP_METHOD_PRACK] = "PRACK",
	[SIP_METHOD_PUBLISH] = "PUBLISH",
	[SIP_METHOD_REFER] = "REFER",
	[SIP_METHOD_REGISTER] = "REGISTER",
	[SIP_METHOD_SUBSCRIBE] = "SUBSCRIBE",
	[SIP_METHOD_UPDATE] = "UPDATE",
};

enum sip_method sip_method_find(struct span name)
{
	for (unsigned i = 1; i < SIP_METHOD_COUNT; i++)
		if (name.n && name.p[0] == methods[i][0] &&
			span_is(name, methods[i]))
			return i;
	return SIP_METHOD_OTHER;
}

const char *sip_method_name(enum sip_method method)
{
	return methods[method];
}

/* ---- reason phrases ------------------------------------------------------- */

static const struct {
	unsigned short code;
	const char *phrase;
} phrases[] = {
	{ 100, "Trying" },
	{ 180, "Ringing" },
	{ 181, "Call Is Being Forwarded" },
	{ 182, "Queued" },
	{ 183, "Session Progress" },
	{ 199, "Early Dialog Terminated" },
	{ 200, "OK" },
	{ 202, "Accepted" },
	{ 204, "No Notification" },
	{ 300, "Multiple Choices" },
	{ 301, "Moved Permanently" },
	{ 302, "Moved Temporarily" },
	{ 305, "Use Proxy" },
	{ 380, "Alternative Service" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 402, "Payment Required" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 407, "Proxy Authentication Required" },
	{ 408, "Request Timeout" },
	{ 410, "Gone" },
	{ 412, "Conditional Request Failed" },
	{ 413, "Request Entity Too Large" },
	{ 414, "Request-URI Too Long" },
	{ 415, "Unsupported Media Type" },
	{ 416, "Unsupported URI Scheme" },
	{ 417, "Unknown Resource-Priority" },
	{ 420, "Bad Extension" },
	{ 421, "Extension Required" },
	{ 422, "Session Interval Too Small" },
	{ 423, "Interval Too Brief" },
	{ 424, "Bad Location Information" },
	{ 428, "Use Identity Header" },
	{ 429, "Provide Referrer Identity" },
	{ 430, "Flow Failed" },
	{ 433, "Anonymity Disallowed" },
	{ 436, "Bad Identity Info" },
	{ 437, "Unsupported Credential" },
	{ 438, "Invalid Identity Header" },
	{ 439, "First Hop Lacks Outbound Support" },
	{ 440, "Max-Breadth Exceeded" },
	{ 469, "Bad Info Package" },
	{ 470, "Consent Needed" },
	{ 480, "Temporarily Unavailable" },
	{ 481, "Call/Transaction Does Not Exist" },
	{ 482, "Loop Detected" },
	{ 483, "Too Many Hops" },
	{ 484, "Address Incomplete" },
	{ 485, "Ambiguous" },
	{ 486, "Busy Here" },
	{ 487, "Request Terminated" },
	{ 488, "Not Acceptable Here" },
	{ 489, "Bad Event" },
	{ 491, "Request Pending" },
	{ 493, "Undecipherable" },
	{ 494, "Security Agreement Required" },
	{ 500, "Server Internal Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Server Time-out" },
	{ 505, "Version Not Supported" },
	{ 513, "Message Too Large" },
	{ 555, "Push Notification Service Not Supported" },
	{ 580, "Precondition Failure" },
	{ 600, "Busy Everywhere" },
	{ 603, "Decline" },
	{ 604, "Does Not Exist Anywhere" },
	{ 606, "Not Acceptable" },
	{ 607, "Unwanted" },
	{ 608, "Rejected" },
};

const char *sip_reason_phrase(unsigned status_code)
{
	for (size_t i = 0; i < sizeof(phrases) / sizeof(*phrases); i++)
		if (phrases[i].code == status_code)
			return phrases[i].phrase;
	return "Unknown";
}
