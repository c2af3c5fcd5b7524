#include "token.h"

#include <string.h>

#include "base/mem.h"
#include "base/rand.h"

/* Of one client. */
struct client {
	struct link link; /* of user.clients, the last one used in front */
	char agent[AGENT_MAX + 1], mechanism[24];
	struct token current, fresh;
};

static struct client *find(
	struct user *u, const char *agent, const char *mechanism)
{
	LIST_EACH(&u->clients, at)
	{
		struct client *c = LIST_ITEM(at, struct client, link);
		if (strcmp(c->agent, agent) == 0 &&
			strcmp(c->mechanism, mechanism) == 0)
			return c;
	}
	return NULL;
}

static void forget(struct client *c)
{
	list_remove(&c->link);
	mem_wipe(c, sizeof(*c));
	mem_free(c);
}

void token_forget_all(struct user *u)
{
	LIST_EACH(&u->clients, at)
	forget(LIST_ITEM(at, struct client, link));
}

static void to_front(struct user *u, struct client *c)
{
	list_remove(&c->link);
	list_prepend(&u->clients, &c->link);
}

static void make_room(struct user *u)
{
	size_t count = 0;
	LIST_EACH(&u->clients, at)
	if (++count >= TOKENS_MAX)
		forget(LIST_ITEM(at, struct client, link));
}

static struct client *add(
	struct user *u, const char *agent, const char *mechanism)
{
	struct client *c = mem_alloc(sizeof(*c));
	link_init(&c->link);
	if (!span_copy(c->agent, sizeof(c->agent), span_of(agent)) ||
		!span_copy(c->mechanism, sizeof(c->mechanism),
			span_of(mechanism)) ||
		!agent[0]) {
		mem_free(c);
		return NULL;
	}
	make_room(u);
	list_append(&u->clients, &c->link);
	return c;
}

const struct token *token_make(
	struct user *u, const char *agent, const char *mechanism, usec_t wall)
{
	struct client *c = find(u, agent, mechanism);
	if (!c)
		c = add(u, agent, mechanism);
	if (!c)
		return NULL;
	rand_token(c->fresh.text, TOKEN_LENGTH);
	c->fresh.expiry = wall + TOKEN_LIFE;
	to_front(u, c);
	return &c->fresh;
}

static bool shows(const struct token *t, const struct xmpp_ht *ht,
	struct span proof, struct span data, usec_t wall)
{
	return t->text[0] && t->expiry > wall &&
	       xmpp_ht_is_initiator(ht, proof, span_of(t->text), data);
}

bool token_check(struct user *u, const char *agent, const char *mechanism,
	struct span proof, struct span data, usec_t wall,
	const struct token **used)
{
	struct xmpp_ht ht;
	struct client *c = find(u, agent, mechanism);
	if (!c || !xmpp_ht_of(&ht, span_of(mechanism)))
		return false;
	if (shows(&c->fresh, &ht, proof, data, wall)) {
		c->current = c->fresh;
		mem_wipe(&c->fresh, sizeof(c->fresh));
	} else if (!shows(&c->current, &ht, proof, data, wall)) {
		return false;
	}
	to_front(u, c);
	*used = &c->current;
	return true;
}
