/* Flows in the table of their transport, and what is handed to their users. */
#include "sip/transport_private.h"

#include <string.h>

#include "base/mem.h"

/* ---- the table ---------------------------------------------------------------- */

#define KEY_MAX 512

static size_t key_add_endpoint(char *key, const struct endpoint *a)
{
	if (!a || a->len == 0)
		return 0;
	if (endpoint_family(a) == AF_INET) {
		memcpy(key, &a->v4.sin_addr, 4);
		memcpy(key + 4, &a->v4.sin_port, 2);
		return 6;
	}
	memcpy(key, &a->v6.sin6_addr, 16);
	memcpy(key + 16, &a->v6.sin6_port, 2);
	memcpy(key + 18, &a->v6.sin6_scope_id, 4);
	return 22;
}

static struct span flow_key(char key[static KEY_MAX],
	enum sip_transport_kind kind, const struct sip_udp *udp,
	const struct endpoint *local, const struct endpoint *remote,
	const char *name)
{
	size_t n = 0;

	key[n++] = (char)kind;
	memcpy(key + n, &udp, sizeof(udp));
	n += sizeof(udp);
	n += key_add_endpoint(key + n, udp ? local : NULL);
	n += key_add_endpoint(key + n, remote);
	/* A name of DNS has at most 255 bytes; a longer one matches nothing. */
	for (; name && *name && n < KEY_MAX; name++)
		key[n++] = (char)(*name >= 'A' && *name <= 'Z' ? *name | 0x20
							       : *name);
	return span_from(key, n);
}

struct sip_flow *sip_flow_find(struct sip_transport *t,
	enum sip_transport_kind kind, const struct sip_udp *udp,
	const struct endpoint *local, const struct endpoint *remote,
	const char *name)
{
	char key[KEY_MAX];
	struct map_node *node = map_find(
		&t->table, flow_key(key, kind, udp, local, remote, name));

	return node ? MAP_ITEM(node, struct sip_flow, node) : NULL;
}

struct sip_flow *sip_flow_new(struct sip_transport *t,
	enum sip_transport_kind kind, struct sip_udp *udp,
	const struct endpoint *local, const struct endpoint *remote,
	const char *name)
{
	char bytes[KEY_MAX];
	struct span key = flow_key(bytes, kind, udp, local, remote, name);
	struct sip_flow *f = mem_alloc(sizeof(*f) + key.n);

	memcpy(f->key, key.p, key.n);
	key.p = f->key;
	f->t = t;
	f->kind = kind;
	f->udp = udp;
	f->remote = *remote;
	if (local)
		f->local = *local;
	link_init(&f->users);
	list_append(&t->flows, &f->link);
	/* Both ends may connect to each other at once: the first is used. */
	if (!map_find(&t->table, key)) {
		map_add(&t->table, &f->node, key);
		f->is_in_table = true;
	}
	return f;
}

void sip_flow_leave_table(struct sip_flow *f)
{
	if (f->is_in_table)
		map_remove(&f->t->table, &f->node);
	f->is_in_table = false;
}

void sip_flow_free_unused(struct sip_flow *f)
{
	if (f->busy || f->conn || f->ws || !link_is_alone(&f->users))
		return;
	sip_flow_leave_table(f);
	list_remove(&f->link);
	timer_free(f->idle);
	mem_free(f->alias);
	mem_free(f);
}

/* ---- to its users ------------------------------------------------------------- */

void sip_flow_tell(struct sip_flow *f, const struct err *e)
{
	struct link todo;

	/* A handler may let go of this flow or of others', so that each is
	 * taken from a list of its own before it is called. */
	link_init(&todo);
	LIST_EACH(&f->users, at)
	{
		list_remove(at);
		list_append(&todo, at);
	}
	f->busy++;
	while (!link_is_alone(&todo)) {
		struct sip_flow_user *u = LIST_ITEM(
			list_first(&todo), struct sip_flow_user, link);
		list_remove(&u->link);
		list_append(&f->users, &u->link);
		if (e && u->events->failed)
			u->events->failed(u, e);
		else if (!e && u->events->ready)
			u->events->ready(u);
	}
	f->busy--;
	sip_flow_free_unused(f);
}

/* Who keeps a flow is one at most, and may let go of it here. */
void sip_flow_tell_stun(struct sip_flow *f, const struct stun *s)
{
	f->busy++;
	LIST_EACH(&f->users, at)
	{
		struct sip_flow_user *u =
			LIST_ITEM(at, struct sip_flow_user, link);
		if (u->events->stun) {
			u->events->stun(u, s);
			break;
		}
	}
	f->busy--;
	sip_flow_free_unused(f);
}

bool sip_flow_deliver(struct sip_flow *f, struct span bytes)
{
	struct sip_transport *t = f->t;

	sip_flow_trace(f, false, bytes);
	sip_scan(&t->scan, bytes);
	if (t->scan.start_line.n == 0)
		return false;
	if (sip_is_ws(f->kind) && !f->alias)
		sip_ws_learn_alias(f, &t->scan);
	f->busy++;
	t->handlers.message(t->arg, f, &t->scan);
	f->busy--;
	return true;
}

void sip_flow_trace(const struct sip_flow *f, bool outgoing, struct span bytes)
{
	struct sip_transport *t = f->t;

	if (!t->trace)
		return;
	const struct conn *conn = sip_flow_conn(f);
	struct sip_wire w = { .outgoing = outgoing,
		.kind = f->kind,
		.local = conn ? conn_local(conn) : &f->local,
		.remote = &f->remote,
		.bytes = bytes,
		.wall = loop_wall(t->loop) };
	t->trace(t->trace_arg, &w);
}
