#include "cli/account.h"

#include <string.h>

#include "base/mem.h"
#include "cli/account_file.h"

const struct opt xmpp_account_options[] = {
	{ OPT_GROUP, .help = "Account" },
	{ OPT_ACCOUNT, 'a', "account", "NAME",
		"take this section of the accounts file",
		.offset = offsetof(struct xmpp_account_options, account) },
	{ OPT_JID, 0, "jid", "JID", "be this one",
		.offset = offsetof(struct xmpp_account_options, jid) },
	{ OPT_ENDPOINT, 0, "server", "HOST[:PORT]",
		"connect there instead of asking the DNS",
		.offset = offsetof(struct xmpp_account_options, server) },
	{ OPT_USE, .use = secret_options,
		.offset = offsetof(struct xmpp_account_options, secret) },
	{ OPT_USE, .use = tls_options,
		.offset = offsetof(struct xmpp_account_options, tls) },
	{ OPT_END },
};

const struct opt sip_account_options[] = {
	{ OPT_GROUP, .help = "Account" },
	{ OPT_ACCOUNT, 'a', "account", "NAME",
		"take this section of the accounts file",
		.offset = offsetof(struct sip_account_options, account) },
	{ OPT_SIP_URI, 0, "uri", "URI", "be this one",
		.offset = offsetof(struct sip_account_options, uri) },
	{ OPT_STRING, 0, "username", "NAME",
		"authenticate as this one, where it is not the URI's user",
		.offset = offsetof(struct sip_account_options, username) },
	{ OPT_SIP_URI, 0, "proxy", "URI",
		"send everything by this proxy; also wss://HOST/PATH",
		.offset = offsetof(struct sip_account_options, proxy) },
	{ OPT_USE, .use = secret_options,
		.offset = offsetof(struct sip_account_options, secret) },
	{ OPT_USE, .use = tls_options,
		.offset = offsetof(struct sip_account_options, tls) },
	{ OPT_END },
};

/* What of a section is whose: the key that is the address, and the prefix of
 * keys for one protocol. */
struct protocol {
	const char *address, *prefix, *option;
};
static const struct protocol xmpp = { "jid", "xmpp-", "--jid" };
static const struct protocol sip = { "sip", "sip-", "--uri" };

static const char *value(const struct account_file *f, const char *section,
	const struct protocol *p, const char *key)
{
	char *own = mem_format("%s%s", p->prefix, key);
	const char *found = account_file_find(f, section, own);
	mem_free(own);
	return found ? found : account_file_find(f, section, key);
}

static void fill(
	struct account *a, const char *section, const struct protocol *p)
{
	const struct {
		const char **member;
		const char *key;
	} members[] = {
		{ &a->server, "server" },
		{ &a->proxy, "proxy" },
		{ &a->username, "username" },
		{ &a->transport, "transport" },
		{ &a->registrar, "registrar" },
		{ &a->realm, "realm" },
		{ &a->also, "also" },
		{ &a->ha1_md5, "ha1-md5" },
		{ &a->ha1_sha256, "ha1-sha-256" },
		{ &a->ha1_sha512_256, "ha1-sha-512-256" },
		{ &a->resource, "resource" },
		{ &a->secret.command, "password-command" },
		{ &a->secret.file, "password-file" },
		{ &a->tls.ca, "ca" },
		{ &a->tls.cert, "cert" },
		{ &a->tls.key, "key" },
		{ &a->tls.tls_name, "tls-name" },
		{ &a->tls.pin, "pin" },
	};
	a->name = section;
	a->address = account_file_find(a->file, section, p->address);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		*members[i].member = value(a->file, section, p, members[i].key);
	a->password = mem_str(account_file_find(a->file, section, "password"));
}

static bool has_section(const struct account_file *f, const char *name)
{
	LIST_EACH(&f->entries, at)
	if (strcmp(LIST_ITEM(at, struct account_entry, link)->section, name) ==
		0)
		return true;
	return false;
}

static bool take_named(struct account *a, const char *name,
	const struct protocol *p, struct err *e)
{
	if (!a->file)
		return err_set(e, STATUS_USAGE,
			"-a %s: there is no accounts file; see "
			"samtal-accounts(5)",
			name);
	if (!has_section(a->file, name))
		return err_set(e, STATUS_USAGE, "-a %s: no section [%s] in %s",
			name, name, a->file->path);
	fill(a, name, p);
	return true;
}

/* "default", or the only section that has an address of this protocol;
 * several without a word of choice are a question, not a guess. */
static bool take_default(
	struct account *a, const struct protocol *p, struct err *e)
{
	const char *only = NULL;
	if (account_file_find(a->file, "default", p->address)) {
		fill(a, "default", p);
		return true;
	}
	LIST_EACH(&a->file->entries, at)
	{
		const struct account_entry *entry =
			LIST_ITEM(at, struct account_entry, link);
		if (strcmp(entry->key, p->address) != 0)
			continue;
		if (only)
			return err_set(e, STATUS_USAGE,
				"several accounts in %s: choose with -a, or "
				"name one [default]",
				a->file->path);
		only = entry->section;
	}
	if (only)
		fill(a, only, p);
	return true;
}

static void override(const char **to, const char *with)
{
	if (with)
		*to = with;
}

static void override_tls(struct tls_options *to, const struct tls_options *o)
{
	override(&to->ca, o->ca);
	override(&to->cert, o->cert);
	override(&to->key, o->key);
	override(&to->tls_name, o->tls_name);
	override(&to->pin, o->pin);
	to->insecure = o->insecure;
}

/* A source of the password on the command line hides the file's. */
static void override_secret(struct account *a, const struct secret_options *o)
{
	if (!o->file && !o->command && !o->fd)
		return;
	a->secret = *o;
	mem_free_wiped(a->password);
	a->password = NULL;
}

/* The file is looked at where it is asked for by -a, or where the address is
 * not on the command line. */
static bool open_file(struct account *a, const char *name, const char *address,
	const struct protocol *p, struct err *e)
{
	struct err why = ERR_NONE;
	if (!name && address)
		return true;
	a->file = account_file_open(&why);
	if (!a->file && !err_is_set(&why) && !name && p == &xmpp) {
		a->file = account_rc_open(&why);
		if (a->file)
			fill(a, "", p);
	} else if (!err_is_set(&why)) {
		if (name)
			take_named(a, name, p, &why);
		else if (a->file)
			take_default(a, p, &why);
	}
	if (!err_is_set(&why))
		return true;
	if (e)
		*e = why;
	account_clear(a);
	return false;
}

static bool must_have_address(
	struct account *a, const struct protocol *p, struct err *e)
{
	if (a->address)
		return true;
	if (a->name && *a->name)
		err_set(e, STATUS_USAGE, "account %s has no %s", a->name,
			p->address);
	else
		err_set(e, STATUS_USAGE,
			"no account: give %s or -a, see samtal-accounts(5)",
			p->option);
	account_clear(a);
	return false;
}

bool account_open_xmpp(
	struct account *a, const struct xmpp_account_options *o, struct err *e)
{
	*a = (struct account){ .name = "" };
	if (!open_file(a, o->account, o->jid, &xmpp, e))
		return false;
	override(&a->address, o->jid);
	override(&a->server, o->server);
	override_secret(a, &o->secret);
	override_tls(&a->tls, &o->tls);
	return must_have_address(a, &xmpp, e);
}

bool account_open_sip(struct account *a, const struct sip_account_options *o,
	enum account_need need, struct err *e)
{
	*a = (struct account){ .name = "" };
	/* Who needs no account does not stumble over a choice of several. */
	bool look = need == ACCOUNT_NEEDED || o->account;
	if (look && !open_file(a, o->account, o->uri, &sip, e))
		return false;
	override(&a->address, o->uri);
	override(&a->username, o->username);
	override(&a->proxy, o->proxy);
	override_secret(a, &o->secret);
	override_tls(&a->tls, &o->tls);
	return need == ACCOUNT_OPTIONAL && !o->account
		       ? true
		       : must_have_address(a, &sip, e);
}

bool account_open_secret(struct account *a, const char *name, struct err *e)
{
	*a = (struct account){ .name = "" };
	return open_file(a, name, NULL, &sip, e);
}

void account_clear(struct account *a)
{
	account_file_free(a->file);
	mem_free_wiped(a->password);
	*a = (struct account){ .name = "" };
}

bool account_has_password(const struct account *a)
{
	return a->password || a->secret.file || a->secret.command ||
	       a->secret.fd;
}

char *account_password(struct run *r, const struct account *a, struct err *e)
{
	if (!a->password)
		return secret_read(r, &a->secret, a->address, e);
	secret_harden();
	return mem_str(a->password);
}
