#include "sip/ua_private.h"

#include "base/mem.h"
#include "base/rand.h"
#include "sip/login.h"

/* How often a port that UDP has free is tried for TCP as well. */
#define PORT_TRIES 20

/* ---- what is refused (8.2.1 to 8.2.3) ------------------------------------------ */

static struct sip_check_policy policy_of(
	const struct sip_ua *ua, const struct sip_flow *flow)
{
	return (struct sip_check_policy){ .methods = ua->methods,
		.extensions = ua->s.extensions,
		.media_types = ua->s.media_types,
		.is_stream = sip_flow_is_stream(flow) };
}

/* True: it may be acted upon.  A BYE is let through also where no calls are
 * taken: it is for a dialog that is not there (15.1.2). */
static bool check(struct sip_verdict *v, struct sip_scan *m,
	const struct sip_check_policy *policy)
{
	struct sip_check_policy with_bye = *policy;

	with_bye.methods |= 1u << SIP_METHOD_BYE;
	return sip_check_request(v, m, &with_bye);
}

static void refuse(struct sip_server *s, struct sip_scan *m,
	const struct sip_verdict *v, const struct sip_check_policy *policy)
{
	struct buf out = BUF_INIT(SIP_MSG_MAX);
	struct sip_msg_response r =
		sip_server_response(s, v->code, span_of(v->reason));

	if (v->action == SIP_CHECK_REPLY &&
		sip_check_reply(&out, m, v, policy, &r))
		sip_server_respond(s, v->code, buf_view(&out), NULL);
	else
		sip_server_abandon(s);
	buf_clear(&out);
}

/* No transaction can be made of it (8.2.7). */
static void unreadable(void *arg, struct sip_flow *flow, struct sip_scan *m)
{
	struct sip_ua *ua = arg;
	struct sip_check_policy policy = policy_of(ua, flow);
	struct buf out = BUF_INIT(SIP_MSG_MAX);
	struct sip_msg_response r = { .to_tag = span_of(ua->tag) };
	struct sip_values at = SIP_VALUES_INIT;
	char received[ENDPOINT_TEXT_SIZE];
	struct sip_verdict v;
	struct sip_via via;

	bool has_via = sip_scan_values(m, SIP_HDR_VIA, &at) &&
		       sip_via_parse(&via, at.value, NULL);
	if (has_via) {
		sip_flow_received(flow, &via, received, &r.rport);
		r.received = span_of(received);
	}
	if (check(&v, m, &policy) || v.action != SIP_CHECK_REPLY)
		return;
	r.code = v.code;
	r.reason = span_of(v.reason);
	bool composed = sip_check_reply(&out, m, &v, &policy, &r);
	/* Without a Via that can be read the reply goes to the source, which
	 * on UDP may be anybody's address: never more than came from there. */
	if (composed &&
		(has_via || sip_flow_is_reliable(flow) || out.len <= m->raw.n))
		sip_flow_reply(flow, has_via ? &via : NULL, buf_view(&out));
	buf_clear(&out);
}

/* ---- requests --------------------------------------------------------------------- */

static struct sip_dialog *find_dialog(struct sip_ua *ua, struct sip_scan *m)
{
	struct buf key = BUF_INIT(SIP_MSG_MAX);
	struct map_node *node = NULL;

	if (sip_dialog_key(&key, m))
		node = map_find(&ua->dialogs, buf_view(&key));
	buf_clear(&key);
	return node ? MAP_ITEM(node, struct sip_dialog, node) : NULL;
}

static void reply(struct sip_ua *ua, struct sip_server *s, unsigned code)
{
	struct sip_reply nothing = { .reason = SPAN_EMPTY };

	sip_ua_reply(ua, s, code, &nothing, NULL);
}

static const struct sip_ua_awaited *find_awaited(
	struct sip_ua *ua, const struct sip_scan *m)
{
	struct span call_id = sip_scan_value(m, SIP_HDR_CALL_ID);
	struct span tag = sip_tag(sip_scan_value(m, SIP_HDR_TO));

	if (m->method_kind != SIP_METHOD_NOTIFY)
		return NULL;
	LIST_EACH(&ua->awaited, at)
	{
		const struct sip_ua_awaited *a =
			LIST_ITEM(at, struct sip_ua_awaited, link);
		if (span_equal(a->call_id, call_id) &&
			span_equal(a->local_tag, tag))
			return a;
	}
	return NULL;
}

static void in_dialog(
	struct sip_ua *ua, struct sip_server *s, struct sip_scan *m)
{
	struct sip_dialog *d = find_dialog(ua, m);
	const struct sip_ua_awaited *a = d ? NULL : find_awaited(ua, m);
	unsigned code = d ? sip_dialog_receive(d, m) : 481;

	if (a)
		a->handler(a->arg, s, m);
	else if (code)
		reply(ua, s, code);
	else
		d->handlers->request(d->handlers_arg, d, s, m);
}

static void request(
	void *arg, struct sip_server *s, struct sip_scan *m, bool merged)
{
	struct sip_ua *ua = arg;
	struct sip_check_policy policy = policy_of(ua, sip_server_flow(s));
	struct sip_verdict v;

	if (!check(&v, m, &policy))
		refuse(s, m, &v, &policy);
	else if (merged)
		reply(ua, s, 482);
	else if (sip_tag(sip_scan_value(m, SIP_HDR_TO)).n)
		in_dialog(ua, s, m);
	else if (ua->served[m->method_kind].handler)
		ua->served[m->method_kind].handler(
			ua->served[m->method_kind].arg, s, m);
	else if (m->method_kind == SIP_METHOD_OPTIONS)
		reply(ua, s, 200);
	else
		reply(ua, s, 481);
}

static void ack(void *arg, struct sip_flow *flow, struct sip_scan *m)
{
	struct sip_ua *ua = arg;
	struct sip_check_policy policy = policy_of(ua, flow);
	struct sip_verdict v;

	if (!check(&v, m, &policy))
		return;
	struct sip_dialog *d = find_dialog(ua, m);
	if (d && d->handlers->ack)
		d->handlers->ack(d->handlers_arg, d, m);
}

void sip_ua_serve(struct sip_ua *ua, enum sip_method method,
	sip_ua_request *handler, void *arg)
{
	ua->served[method].handler = handler;
	ua->served[method].arg = arg;
	ua->methods |= 1u << method;
}

void sip_ua_serve_in_dialog(struct sip_ua *ua, enum sip_method method)
{
	ua->methods |= 1u << method;
}

/* ---- dialogs ------------------------------------------------------------------------ */

bool sip_ua_add_dialog(struct sip_ua *ua, struct sip_dialog *d,
	const struct sip_dialog_handlers *handlers, void *arg)
{
	if (map_find(&ua->dialogs, span_of(d->key)))
		return false;
	d->handlers = handlers;
	d->handlers_arg = arg;
	map_add(&ua->dialogs, &d->node, span_of(d->key));
	return true;
}

void sip_ua_remove_dialog(struct sip_ua *ua, struct sip_dialog *d)
{
	if (d->handlers)
		map_remove(&ua->dialogs, &d->node);
	d->handlers = NULL;
}

void sip_ua_await(struct sip_ua *ua, struct sip_ua_awaited *a)
{
	list_append(&ua->awaited, &a->link);
}

void sip_ua_forget_awaited(struct sip_ua_awaited *a)
{
	list_remove(&a->link);
}

size_t sip_ua_dialogs(const struct sip_ua *ua)
{
	return ua->dialogs.count;
}

/* ---- the service route (RFC 3608) ------------------------------------------------- */

static void forget_routes(struct sip_ua *ua)
{
	while (ua->route_count > 0)
		mem_free(ua->routes[--ua->route_count]);
}

void sip_ua_clear_service_route(struct sip_ua *ua)
{
	forget_routes(ua);
}

void sip_ua_set_outbound(struct sip_ua *ua, bool outbound)
{
	ua->is_outbound = outbound;
}

bool sip_ua_set_service_route(
	struct sip_ua *ua, const struct sip_scan *response, struct err *e)
{
	char *routes[SIP_ROUTES_MAX];
	size_t count;
	struct sip_addr a;

	if (!sip_routes_copy(
		    routes, &count, response, SIP_HDR_SERVICE_ROUTE, e))
		return false;
	forget_routes(ua);
	for (size_t i = 0; i < count; i++) {
		ua->routes[i] = routes[i];
		if (ua->s.login && sip_addr_parse(&a, span_of(routes[i]), NULL))
			sip_login_trust(ua->s.login, a.uri);
	}
	ua->route_count = count;
	return true;
}

/* ---- the user agent --------------------------------------------------------------------- */

struct sip_ua *sip_ua_new(const struct sip_ua_settings *s)
{
	static const struct sip_transactions_handlers handlers = {
		.request = request, .ack = ack, .unreadable = unreadable
	};
	struct sip_ua *ua = mem_alloc(sizeof(*ua));
	struct sip_transactions_settings transactions = {
		.loop = s->loop, .timing = s->timing, .max = s->max_transactions
	};
	struct sip_transport_settings transport = { .loop = s->loop,
		.advertise = s->advertise,
		.ws_path = s->ws_path,
		.tls = s->tls };

	ua->s = *s;
	ua->s.advertise = NULL; /* the transport has its own copies */
	ua->s.ws_path = NULL;
	ua->is_outbound = s->outbound;
	ua->methods = 1u << SIP_METHOD_ACK | 1u << SIP_METHOD_CANCEL |
		      1u << SIP_METHOD_OPTIONS;
	link_init(&ua->children);
	link_init(&ua->awaited);
	rand_token(ua->tag, SIP_STATELESS_TAG);
	ua->transactions =
		sip_transactions_new(&transactions, &transport, &handlers, ua);
	return ua;
}

void sip_ua_free(struct sip_ua *ua)
{
	struct link *at;

	if (!ua)
		return;
	while ((at = list_first(&ua->children)) != NULL) {
		struct sip_ua_child *child =
			LIST_ITEM(at, struct sip_ua_child, link);
		child->gone(child);
	}
	sip_transactions_free(ua->transactions);
	map_clear(&ua->dialogs);
	forget_routes(ua);
	mem_free(ua);
}

void sip_ua_add_child(struct sip_ua *ua, struct sip_ua_child *child,
	void (*gone)(struct sip_ua_child *child))
{
	child->gone = gone;
	list_append(&ua->children, &child->link);
}

struct loop *sip_ua_loop(struct sip_ua *ua)
{
	return ua->s.loop;
}

struct sip_transport *sip_ua_transport(struct sip_ua *ua)
{
	return sip_transactions_transport(ua->transactions);
}

struct sip_transactions *sip_ua_transactions(struct sip_ua *ua)
{
	return ua->transactions;
}

const struct sip_ua_settings *sip_ua_settings(const struct sip_ua *ua)
{
	return &ua->s;
}

unsigned sip_ua_kinds(const struct sip_ua *ua)
{
	unsigned plain = SIP_KIND(SIP_TRANSPORT_UDP) |
			 SIP_KIND(SIP_TRANSPORT_TCP) |
			 SIP_KIND(SIP_TRANSPORT_WS);
	unsigned secure =
		SIP_KIND(SIP_TRANSPORT_TLS) | SIP_KIND(SIP_TRANSPORT_WSS);

	return ua->s.tls.client ? plain | secure : plain;
}

bool sip_ua_listen(struct sip_ua *ua, const struct endpoint *local,
	struct endpoint *bound, struct err *e)
{
	struct sip_transport *t = sip_ua_transport(ua);
	struct endpoint udp;

	/* The port that TCP was given may be taken by somebody's UDP. */
	for (int tries = PORT_TRIES;; tries--) {
		struct endpoint tcp;
		bool again = endpoint_port(local) == 0 && tries > 0;
		if (!sip_transport_listen(t, SIP_TRANSPORT_TCP, local, &tcp, e))
			return false;
		if (sip_transport_listen(
			    t, SIP_TRANSPORT_UDP, &tcp, &udp, again ? NULL : e))
			break;
		sip_transport_unlisten(t, SIP_TRANSPORT_TCP, &tcp);
		if (!again)
			return false;
	}
	if (bound)
		*bound = udp;
	return true;
}
