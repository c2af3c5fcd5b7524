/* fuzz_sip_digest - a challenge that can be answered is answered so that the
 * server's side believes it; credentials of anybody are only looked at. */
#include <stdlib.h>

#include "base/buf.h"
#include "sip/digest.h"

/* What the server says of credentials is what proves that it knows them. */
static void prove(const struct sip_credentials *c, struct span text)
{
	const struct sip_digest_login login = { .user = SPAN("bob"),
		.password = SPAN("secret") };
	struct sip_auth_info info;
	struct buf b = BUF_INIT(1 << 20);
	if (sip_auth_info_parse(&info, text, NULL))
		sip_auth_info_verify(&info, c, &login, text);
	if (sip_auth_info_format(&b, c, &login, text, SPAN("next")) &&
		(!sip_auth_info_parse(&info, buf_view(&b), NULL) ||
			!sip_auth_info_verify(&info, c, &login, text)))
		abort();
	buf_clear(&b);
}

static void answer(const struct sip_challenge *c, struct span text)
{
	const struct sip_digest_login login = { .user = SPAN("bob"),
		.password = SPAN("secret") };
	const struct sip_digest_request request = { .method = SPAN("REGISTER"),
		.uri = SPAN("sip:h"),
		.body = SPAN("x"),
		.cnonce = SPAN("c"),
		.nonce_count = 1 };
	struct sip_credentials got;
	struct buf b = BUF_INIT(1 << 20);
	if (sip_digest_answer(&b, c, &login, &request, NULL) &&
		(!sip_credentials_parse(&got, buf_view(&b), NULL) ||
			!sip_digest_is_user(&got, SPAN("bob")) ||
			!sip_digest_verify(
				&got, &login, SPAN("REGISTER"), SPAN("x"))))
		abort();
	if (b.len)
		prove(&got, text);
	buf_clear(&b);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct span text = span_from((const char *)data, size);
	const struct sip_digest_login login = { .user = SPAN("bob"),
		.password = SPAN("secret") };
	struct sip_challenge c;
	struct sip_credentials got;
	struct err e;
	if (sip_challenge_parse(&c, text, &e))
		answer(&c, text);
	if (sip_credentials_parse(&got, text, &e)) {
		sip_digest_is_user(&got, SPAN("bob"));
		sip_digest_verify(&got, &login, SPAN("REGISTER"), SPAN_EMPTY);
		prove(&got, text);
	}
	return 0;
}
