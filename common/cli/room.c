#include "cli/room.h"

#include "base/mem.h"
#include "cli/secret.h"
#include "cli/xmpp_login.h"

const struct opt room_options[] = {
	{ OPT_STRING, 0, "nick", "NAME",
		"be called so (the localpart of our JID, or what is free)",
		.offset = offsetof(struct room_options, nick) },
	{ OPT_FILE, 0, "room-password-file", "FILE",
		"the room's password is the first line of this file",
		.offset = offsetof(struct room_options, password_file) },
	{ OPT_FLAG, 0, "create", .help = "make the room where there is none",
		.offset = offsetof(struct room_options, create) },
	{ OPT_END },
};

char *room_nick(const struct room_options *o, const struct xmpp_jid *self,
	struct err *e)
{
	if (o->nick && *o->nick)
		return mem_str(o->nick);
	if (!o->nick && self->local.n)
		return span_dup(self->local);
	err_set(e, STATUS_USAGE,
		"%s has no name to be called by in a room: --nick gives one",
		self->text);
	return NULL;
}

bool room_password(char **password, struct run *r, const struct room_options *o,
	const char *whose, struct err *e)
{
	struct secret_options from = { .file = o->password_file };
	*password = NULL;
	if (!from.file)
		return true;
	*password = secret_read(r, &from, whose, e);
	return *password != NULL;
}

bool room_parse_jid(struct xmpp_jid *jid, const char *text, struct err *e)
{
	if (!xmpp_login_parse_jid(jid, text, e))
		return false;
	if (jid->local.n && !jid->resource.n)
		return true;
	xmpp_jid_clear(jid);
	return err_set(e, STATUS_USAGE,
		"%s is no room, as lunch@conference.example.org is", text);
}
