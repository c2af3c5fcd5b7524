/* fuzz_sip_login - a response to a request that a login has signed: a challenge
 * is answered with secrets of its own realms only and so that the server's side
 * believes it, in a request that can be read; a 2xx proves what it says. */
#include <stdlib.h>

#include "base/buf.h"
#include "sip/login.h"
#include "sip/msg.h"

#define REQUEST                                                                \
	"MESSAGE sip:b@h.example SIP/2.0\r\n"                                  \
	"From: <sip:bob@h.example>;tag=1\r\nTo: <sip:b@h.example>\r\n"         \
	"Call-ID: 1\r\nCSeq: 1 MESSAGE\r\nContent-Length: 1\r\n\r\nx"
#define TURNS 3

static const struct sip_digest_login secrets[] = {
	{ .user = SPAN("bob"), .password = SPAN("secret"), .realm = SPAN("r") },
	{ .user = SPAN("al"), .password = SPAN(""), .realm = SPAN("s") },
};

static void check(const struct sip_scan *m, enum sip_hdr kind)
{
	struct sip_values at = SIP_VALUES_INIT;
	struct sip_credentials c;

	while (sip_scan_values(m, kind, &at)) {
		bool known = false;
		if (!sip_credentials_parse(&c, at.value, NULL))
			abort();
		for (size_t i = 0; i < 2; i++)
			known |= sip_digest_is_user(&c, secrets[i].user) &&
				 sip_digest_verify(
					 &c, &secrets[i], m->method, m->body);
		if (!known)
			abort();
	}
}

/* What goes out after it, and whether it can be read. */
static void sign(struct buf *request, struct sip_scan *m, struct sip_login *l,
	const struct sip_login_way *way)
{
	buf_reset(request);
	buf_str(request, REQUEST);
	if (!sip_login_sign(request, l, way)) {
		buf_reset(request);
		buf_str(request, REQUEST);
	}
	if (!sip_scan(m, buf_view(request)))
		abort();
	check(m, SIP_HDR_AUTHORIZATION);
	check(m, SIP_HDR_PROXY_AUTHORIZATION);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static struct sip_scan request, response;
	const struct sip_login_settings s = { .secret = secrets[0],
		.realm = size % 2 ? SPAN("r") : SPAN_EMPTY,
		.topmost = size % 3 == 0 };
	const struct sip_login_way way = { .next_hop = SPAN("sip:h.example") };
	struct sip_login *l = sip_login_new(&s);
	struct sip_login_tries tries = { .stale = 0 };
	struct buf text = BUF_INIT(SIP_MSG_MAX);
	struct err e;

	sip_login_trust(l, way.next_hop);
	sip_login_add(l, &secrets[1]);
	sip_scan(&response, span_from((const char *)data, size));
	sign(&text, &request, l, &way);
	for (int i = 0; i < TURNS; i++) {
		bool again = sip_login_challenged(
			l, &tries, &request, &response, &way, &e);
		sign(&text, &request, l, &way);
		/* the same nonce again is no reason for another try */
		if (again && i == TURNS - 1)
			abort();
		sip_login_learn(l, &request, &response, &way, &e);
		sign(&text, &request, l, &way);
	}
	buf_clear(&text);
	sip_login_free(l);
	return 0;
}
