#include "net/tls_probe.h"

#include "base/mem.h"
#include "net/conn.h"
#include "net/loop.h"

struct tls_probe {
	struct tls_probe_settings s;
	tls_probe_done *done;
	void *arg;
	struct timer *next;
	struct tls_config *config; /* of the connection at hand */
	struct conn *conn;
	unsigned step; /* 0: as any client; then the versions */
	struct tls_probed found;
};

static void end_connection(struct tls_probe *p)
{
	conn_free(p->conn);
	p->conn = NULL;
	tls_config_free(p->config);
	p->config = NULL;
}

void tls_probe_cancel(struct tls_probe *p)
{
	if (!p)
		return;
	end_connection(p);
	timer_free(p->next);
	mem_free(p);
}

/* The handshake at hand is over, well or not. */
static void go_on(struct tls_probe *p)
{
	end_connection(p);
	p->step++;
	timer_set(p->next, 0);
}

static void take_times(struct tls_probe *p)
{
	if (!p->found.has_times)
		p->found.has_times = tls_peer_times(
			conn_tls(p->conn), &p->found.from, &p->found.until);
}

static void is_open(void *arg)
{
	struct tls_probe *p = arg;
	const struct tls *t = conn_tls(p->conn);

	take_times(p);
	if (p->step == 0) {
		span_copy(p->found.version, sizeof(p->found.version),
			span_of(tls_version(t)));
		span_copy(p->found.cipher, sizeof(p->found.cipher),
			span_of(tls_cipher(t)));
	} else {
		p->found.accepts[p->step - 1] = true;
	}
	go_on(p);
}

static size_t overlook(void *arg, struct span bytes)
{
	(void)arg;
	return bytes.n;
}

static void is_closed(void *arg, const struct err *e)
{
	struct tls_probe *p = arg;

	if (p->step == 0)
		p->found.refused = *e;
	go_on(p);
}

static bool start(struct tls_probe *p, struct err *e)
{
	static const struct conn_handlers handlers = {
		.open = is_open, .data = overlook, .closed = is_closed
	};
	struct tls_settings s = { .insecure = true,
		.only = (enum tls_only)p->step };
	struct conn_settings c = { .addresses = &p->s.address,
		.count = 1,
		.peer = p->s.peer,
		.deadline = p->s.patience };

	p->config = tls_config_new(p->step ? &s : &p->s.trust, e);
	if (!p->config)
		return false;
	c.tls = p->config;
	p->conn = conn_new(p->s.loop, &c, &handlers, p);
	return true;
}

/* Where no connection can be made at all, none of the others is tried. */
static void start_next(void *arg)
{
	struct tls_probe *p = arg;
	const struct err *e = &p->found.refused;
	bool is_reached = !err_is_set(e) || e->status == STATUS_TLS;

	while (p->step <= TLS_PROBE_VERSIONS && is_reached) {
		if (start(p, NULL))
			return;
		p->step++; /* a version that OpenSSL was built without */
	}
	p->done(p->arg, &p->found);
	tls_probe_cancel(p);
}

struct tls_probe *tls_probe_new(const struct tls_probe_settings *s,
	tls_probe_done *done, void *arg, struct err *e)
{
	struct tls_probe *p = mem_alloc(sizeof(*p));

	p->s = *s;
	p->done = done;
	p->arg = arg;
	p->next = timer_new(s->loop, start_next, p);
	if (start(p, e))
		return p;
	tls_probe_cancel(p);
	return NULL;
}

const char *tls_probe_version_name(unsigned index)
{
	static const char *const names[TLS_PROBE_VERSIONS] = { "TLS 1.0",
		"TLS 1.1", "TLS 1.2", "TLS 1.3" };
	return names[index];
}
