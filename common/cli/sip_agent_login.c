/* Who a SIP tool is: the account, and the password for its servers. */
#include <string.h>

#include "base/mem.h"
#include "cli/sip_agent_private.h"

static bool has_ha1(const struct account *a)
{
	return a->ha1_md5 || a->ha1_sha256 || a->ha1_sha512_256;
}

/* An HA1 is lower case hex, as long as its hash. */
static bool take_ha1(struct span *ha1, const char *text, const char *key,
	size_t digits, struct err *e)
{
	if (!text)
		return true;
	*ha1 = span_of(text);
	if (ha1->n == digits &&
		strspn(text, "0123456789abcdefABCDEF") == digits)
		return true;
	return err_set(e, STATUS_USAGE, "%s wants %zu hexadecimal digits", key,
		digits);
}

static bool take_secrets(
	struct sip_digest_login *secret, const struct account *a, struct err *e)
{
	struct span *ha1 = secret->ha1;
	bool good =
		take_ha1(&ha1[SIP_DIGEST_MD5], a->ha1_md5, "ha1-md5", 32, e) &&
		take_ha1(&ha1[SIP_DIGEST_SHA256], a->ha1_sha256, "ha1-sha-256",
			64, e) &&
		take_ha1(&ha1[SIP_DIGEST_SHA512_256], a->ha1_sha512_256,
			"ha1-sha-512-256", 64, e);
	if (!good && *a->name)
		err_prefix(e, "account %s", a->name);
	return good;
}

/* The password, where it is said where it is; where -a was given and nothing
 * is said, whoever sits at the terminal may know.  NULL without e: none. */
static char *ask_password(struct sip_agent *a, bool is_named, struct err *e)
{
	struct err why = ERR_NONE;
	bool said = account_has_password(&a->account);
	if (!said && (!is_named || has_ha1(&a->account)))
		return NULL;
	char *password = account_password(a->run, &a->account, &why);
	if (!password && (said || a->run->signal))
		*e = why;
	return password;
}

static bool take_user(struct buf *user, const struct account *a, struct err *e)
{
	struct sip_uri u;
	if (a->username)
		return buf_str(user, a->username);
	if (a->address && sip_uri_parse(&u, span_of(a->address), NULL) &&
		u.has_user)
		return sip_uri_decode(user, u.user);
	return err_set(e, STATUS_USAGE,
		"there is a password, but whose: give --username, --uri or "
		"-a");
}

static bool trust(
	struct sip_login *l, const char *uri, const char *what, struct err *e)
{
	return !uri || sip_login_trust(l, span_of(uri)) ||
	       err_set(e, STATUS_USAGE, "%s: %s is no SIP URI", what, uri);
}

static bool make_login(struct sip_agent *a, const struct sip_agent_options *o,
	const char *password, struct err *e)
{
	struct buf user = BUF_INIT(SIP_LINE_MAX);
	const struct account *account = &a->account;
	struct sip_login_settings s = { .secret = { .password =
							    span_of(password) },
		.realm = span_of(account->realm),
		.topmost = o->digest_order &&
			   strcmp(o->digest_order, "topmost") == 0 };
	bool good = take_secrets(&s.secret, account, e) &&
		    take_user(&user, account, e);
	if (good) {
		secret_harden();
		s.secret.user = buf_view(&user);
		a->login = sip_login_new(&s);
		good = trust(a->login, account->address, "the account", e) &&
		       trust(a->login, account->registrar, "registrar", e) &&
		       trust(a->login, account->proxy, "proxy", e);
	}
	buf_clear(&user);
	return good;
}

/* ---- the secrets of other realms ---- */

/* The account `name`, which `also` of another names. */
static bool add_section(struct sip_agent *a, const char *name, struct err *e)
{
	struct buf user = BUF_INIT(SIP_LINE_MAX);
	struct sip_digest_login secret = { .user = SPAN_EMPTY };
	char *password = NULL;
	struct account more;
	bool good = account_open_secret(&more, name, e);
	if (good && !more.realm)
		good = err_set(e, STATUS_USAGE, "[%s] has no realm", name);
	if (good && !has_ha1(&more)) {
		password = account_has_password(&more)
				   ? account_password(a->run, &more, e)
				   : NULL;
		good = password || err_is_set(e) ||
		       err_set(e, STATUS_USAGE, "[%s] has no password", name);
		good = good && password;
	}
	good = good && take_secrets(&secret, &more, e) &&
	       take_user(&user, &more, e);
	if (good) {
		secret.user = buf_view(&user);
		secret.realm = span_of(more.realm);
		secret.password = span_of(password);
		good = sip_login_add(a->login, &secret) ||
		       err_set(e, STATUS_USAGE,
			       "there is a password for the realm of [%s] "
			       "already, or there are more than %d",
			       name, SIP_LOGIN_SECRETS_MAX);
	}
	buf_clear(&user);
	mem_free_wiped(password);
	account_clear(&more);
	return good;
}

static bool add_others(struct sip_agent *a, struct err *e)
{
	struct span rest = span_of(a->account.also), name;
	bool good = true;
	while (good && rest.n) {
		span_cut(&rest, ' ', &name);
		char *one = span_dup(name);
		good = !name.n || add_section(a, one, e);
		mem_free(one);
	}
	if (!good)
		err_prefix(e, "also = %s", a->account.also);
	return good;
}

bool sip_agent_log_in(struct sip_agent *a, const struct sip_agent_options *o,
	enum account_need need, struct err *e)
{
	if (!account_open_sip(&a->account, &o->account, need, e) ||
		!sip_agent_take_url(a, e))
		return false;
	char *password = ask_password(a, o->account.account != NULL, e);
	bool good = !err_is_set(e) && ((!password && !has_ha1(&a->account)) ||
					      make_login(a, o, password, e));
	mem_free_wiped(password);
	if (good && a->account.also && !a->login)
		good = err_set(e, STATUS_USAGE,
			"also = %s: account %s has no password of its own",
			a->account.also, a->account.name);
	return good && (!a->account.also || add_others(a, e));
}
