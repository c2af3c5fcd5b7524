/* The recipients that are rooms: joined when they are first needed, spoken in,
 * left at the end. */
#include "xmppsend.h"

#include "base/mem.h"
#include "base/rand.h"
#include "xmpp/muc_room.h"

#define ID_LENGTH 20

/* In one run.  With what is on its way to them (ROOM_OPEN_MAX) their joining
 * again fits into the queue of a session. */
#define ROOMS_MAX 32
/* In which a room lets us in, and reflects a message; of a stream WAIT. */
#define ANSWER (10 * USEC_SEC)

struct entry {
	struct map_node node; /* by its JID */
	struct xmppsend *tool;
	struct xmpp_jid jid;
	struct xmpp_muc_room *room; /* NULL: it was never joined */
	struct err end;             /* set: why we are not in */
};

#define EACH_ENTRY(t, at)                                                      \
	for (struct entry *at = next_entry(t, NULL); at; at = next_entry(t, at))

static struct entry *next_entry(const struct xmppsend *t, struct entry *at)
{
	struct map_node *n = map_next(&t->rooms, at ? &at->node : NULL);
	return n ? MAP_ITEM(n, struct entry, node) : NULL;
}

/* ---- what the rooms tell ---- */

/* The tag is the parcel. */
static void on_said(
	void *arg, uint64_t tag, const char *stanza_id, const struct err *why)
{
	struct entry *entry = arg;
	struct parcel *p = (struct parcel *)(uintptr_t)tag;
	struct err e = *why;
	if (err_is_set(&e))
		err_prefix(&e, "%s", p->to);
	entry->tool->open--;
	send_decided(p, stanza_id, &e);
}

static void on_left(void *arg, const struct err *why)
{
	struct entry *entry = arg;
	entry->end = *why;
}

static const struct xmpp_muc_handlers room_handlers = {
	.said = on_said,
	.left = on_left,
};

/* ---- joining ---- */

static void join(struct xmppsend *t, struct entry *entry)
{
	const struct options *o = t->options;
	bool stream = letters_is_stream(&o->letters);
	struct xmpp_muc_settings s = { .loop = t->run->loop,
		.client = t->login.client,
		.room = &entry->jid,
		.nick = t->nick,
		.only_this_nick = o->room.nick != NULL,
		.password = t->password,
		.create = o->room.create,
		.wait = o->reply_wait ? o->reply_wait
			: stream      ? WAIT
				      : ANSWER,
		.resend = o->resend };
	entry->room = xmpp_muc_room_new(&s, &room_handlers, entry, &entry->end);
}

static struct entry *enter(struct xmppsend *t, const struct xmpp_jid *jid)
{
	struct map_node *n = map_find(&t->rooms, xmpp_jid_bare(jid));
	if (n)
		return MAP_ITEM(n, struct entry, node);
	if (t->rooms.count >= ROOMS_MAX)
		return NULL;
	struct entry *entry = mem_alloc(sizeof(*entry));
	entry->tool = t;
	xmpp_jid_copy_bare(&entry->jid, jid);
	map_add(&t->rooms, &entry->node, xmpp_jid_full(&entry->jid));
	join(t, entry);
	return entry;
}

bool rooms_prepare(struct xmppsend *t, struct err *e)
{
	const struct options *o = t->options;
	if (!o->muc)
		return true;
	return room_password(&t->password, t->run, &o->room, "the room", e);
}

bool rooms_open(struct xmppsend *t, struct err *e)
{
	const struct options *o = t->options;
	if (!o->muc)
		return true;
	t->nick = room_nick(&o->room, &t->login.jid, e);
	if (!t->nick)
		return false;
	for (size_t i = 0; i < t->names.count; i++)
		enter(t, &t->to[i]);
	return true;
}

/* ---- speaking ---- */

bool rooms_can_take(struct xmppsend *t, const struct xmpp_jid *to)
{
	struct entry *entry = enter(t, to);
	/* What is wrong with it is told when it is spoken in. */
	if (!entry || err_is_set(&entry->end))
		return true;
	return t->open < ROOM_OPEN_MAX &&
	       xmpp_muc_room_is_joined(entry->room) &&
	       !xmpp_muc_room_is_full(entry->room);
}

bool rooms_say(struct xmppsend *t, const struct xmpp_jid *to, struct parcel *p,
	struct xml_element *s, struct err *e)
{
	struct entry *entry = enter(t, to);
	char token[ID_LENGTH + 1];
	rand_token(token, ID_LENGTH);
	if (!xml_element_attr_find(s, "id"))
		xml_element_attr(s, "id", token);
	p->id = mem_str(xml_element_attr_find(s, "id"));
	if (entry && !err_is_set(&entry->end)) {
		t->open++;
		if (xmpp_muc_room_say(
			    entry->room, s, (uint64_t)(uintptr_t)p, e))
			return true;
		t->open--;
		return false;
	}
	xml_element_free(s);
	if (entry)
		*e = entry->end;
	else
		err_set(e, STATUS_USAGE, "more than %d rooms in one run",
			ROOMS_MAX);
	return false;
}

void rooms_give_up(struct xmppsend *t, const struct err *because)
{
	EACH_ENTRY(t, entry)
	if (entry->room)
		xmpp_muc_room_give_up(entry->room, because);
}

/* ---- the client ---- */

static void on_message(void *arg, const struct xml_element *s)
{
	struct xmppsend *t = arg;
	EACH_ENTRY(t, entry)
	if (entry->room && xmpp_muc_room_take_message(entry->room, s))
		return;
}

static void on_presence(
	void *arg, const struct xml_element *s, const struct xmpp_presence *p)
{
	struct xmppsend *t = arg;
	EACH_ENTRY(t, entry)
	if (entry->room && xmpp_muc_room_take_presence(entry->room, s, p))
		return;
}

static bool on_keep(void *arg, const struct xml_element *s, bool was_written)
{
	struct xmppsend *t = arg;
	EACH_ENTRY(t, entry)
	if (entry->room && !xmpp_muc_room_keep(entry->room, s, was_written))
		return false;
	return true;
}

static void on_renewed(void *arg)
{
	struct xmppsend *t = arg;
	EACH_ENTRY(t, entry)
	if (entry->room)
		xmpp_muc_room_renew(entry->room);
}

/* Deliveries to people were told. */
static void on_ended(void *arg, const struct err *e)
{
	struct err why = *e;
	if (!err_is_set(&why))
		err_set(&why, STATUS_UNREACHABLE, "the stream is closed");
	rooms_give_up(arg, &why);
}

const struct xmpp_client_handlers rooms_handlers = {
	.message = on_message,
	.presence = on_presence,
	.keep = on_keep,
	.renewed = on_renewed,
	.ended = on_ended,
};

/* ---- leaving ---- */

static bool are_left(void *arg)
{
	struct xmppsend *t = arg;
	if (xmpp_client_has_ended(t->login.client))
		return true;
	EACH_ENTRY(t, entry)
	if (entry->room && !xmpp_muc_room_has_ended(entry->room))
		return false;
	return true;
}

void rooms_close(struct xmppsend *t)
{
	struct map_node *n;
	EACH_ENTRY(t, entry)
	if (entry->room)
		xmpp_muc_room_leave(entry->room);
	if (t->login.client && t->rooms.count)
		run_until(t->run, are_left, t,
			loop_now(t->run->loop) + RUN_FAREWELL / 2);
	while ((n = map_next(&t->rooms, NULL))) {
		struct entry *entry = MAP_ITEM(n, struct entry, node);
		map_remove(&t->rooms, n);
		xmpp_muc_room_free(entry->room);
		xmpp_jid_clear(&entry->jid);
		mem_free(entry);
	}
	map_clear(&t->rooms);
	mem_free_wiped(t->password);
	mem_free(t->nick);
}
