/* OpenSSL's queue of errors as a sentence for a person. */
#include "net/tls_openssl.h"

#include <openssl/err.h>
#include <string.h>

const char *tls_reason(void)
{
	unsigned long error = ERR_peek_error();
	ERR_clear_error();
	if (ERR_SYSTEM_ERROR(error))
		return strerror(ERR_GET_REASON(error));
	const char *text = ERR_reason_error_string(error);
	return text ? text : "no reason given";
}

/* RFC 8446 section 6.2: an alert, as the far side's words. */
static bool alerted(const struct tls *t, int alert, struct err *e)
{
	const char *text = SSL_alert_desc_string_long(alert);
	switch (alert) {
	case SSL_AD_PROTOCOL_VERSION:
		return err_set(e, STATUS_TLS,
			"the far side speaks neither TLS 1.2 nor 1.3");
	case SSL_AD_HANDSHAKE_FAILURE:
	case SSL_AD_INSUFFICIENT_SECURITY:
		return err_set(e, STATUS_TLS,
			"the far side has no cipher in common with us, or "
			"wants a client certificate (--cert FILE)");
	case SSL_AD_BAD_CERTIFICATE:
	case SSL_AD_UNSUPPORTED_CERTIFICATE:
	case SSL_AD_CERTIFICATE_REVOKED:
	case SSL_AD_CERTIFICATE_EXPIRED:
	case SSL_AD_CERTIFICATE_UNKNOWN:
	case SSL_AD_UNKNOWN_CA:
	case SSL_AD_ACCESS_DENIED:
		return err_set(e, STATUS_TLS,
			"the far side refuses our certificate: %s", text);
	case TLS13_AD_CERTIFICATE_REQUIRED:
		return err_set(e, STATUS_TLS,
			"the far side wants a client certificate (--cert "
			"FILE)");
	case SSL_AD_UNRECOGNIZED_NAME:
		return err_set(e, STATUS_TLS,
			"the far side does not serve \"%s\" (server name "
			"indication)",
			t && t->name ? t->name : "");
	case SSL_AD_NO_APPLICATION_PROTOCOL:
		return err_set(e, STATUS_TLS,
			"the far side does not speak \"%.*s\" here (ALPN)",
			t ? t->config->alpn[0] : 0,
			t ? (const char *)t->config->alpn + 1 : "");
	default:
		return err_set(
			e, STATUS_TLS, "the far side ended TLS: %s", text);
	}
}

static bool ours(const struct tls *t, unsigned long error, struct err *e)
{
	switch (ERR_GET_REASON(error)) {
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_WRONG_SSL_VERSION:
	case SSL_R_VERSION_TOO_LOW:
		return err_set(e, STATUS_TLS,
			"the far side speaks neither TLS 1.2 nor 1.3");
	case SSL_R_WRONG_VERSION_NUMBER:
	case SSL_R_HTTP_REQUEST:
	case SSL_R_HTTPS_PROXY_REQUEST:
	case SSL_R_UNKNOWN_PROTOCOL:
		return err_set(
			e, STATUS_TLS, "what the far side sends is not TLS");
	case SSL_R_NO_SHARED_CIPHER:
	case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
	case SSL_R_NO_SUITABLE_KEY_SHARE:
		return err_set(e, STATUS_TLS,
			"the far side has no cipher in common with us");
	case SSL_R_NO_APPLICATION_PROTOCOL:
		return err_set(e, STATUS_TLS,
			"the far side does not offer \"%.*s\" (ALPN)",
			t ? t->config->alpn[0] : 0,
			t ? (const char *)t->config->alpn + 1 : "");
	case SSL_R_BAD_EXTENSION:
		return err_set(e, STATUS_TLS,
			"the far side answers with an extension that cannot "
			"be%s",
			t && t->config->alpn[0] ? " (another protocol of ALPN?)"
						: "");
	case SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC:
		return err_set(e, STATUS_TLS,
			"what came was changed on the way (bad record MAC)");
	default:
		return err_set(e, STATUS_TLS, "TLS failed: %s",
			ERR_reason_error_string(error)
				? ERR_reason_error_string(error)
				: "no reason given");
	}
}

bool tls_error(const struct tls *t, struct err *e)
{
	unsigned long error = ERR_peek_error();
	ERR_clear_error();
	int reason = ERR_GET_REASON(error);
	if (t && t->refusal)
		return err_set(e, STATUS_TLS, "%s", t->refusal);
	if (ERR_GET_LIB(error) == ERR_LIB_SSL &&
		reason >= SSL_AD_REASON_OFFSET &&
		reason < SSL_AD_REASON_OFFSET + 256)
		return alerted(t, reason - SSL_AD_REASON_OFFSET, e);
	return ours(t, error, e);
}
