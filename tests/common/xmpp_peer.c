#include "tests/common/xmpp_peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "tests/common/test.h"
#include "xmpp/ns.h"
#include "xmpp/sasl.h"

#define ITERATIONS 4096

#define HEADER                                                                 \
	"<stream:stream xmlns='jabber:client' xmlns:stream='" XMPP_NS_STREAM   \
	"' id='x' from='" PEER_DOMAIN "' version='1.0'>"
#define FEATURES(what) "<stream:features>" what "</stream:features>"

static const char mechanisms[] = "<mechanism>SCRAM-SHA-512</mechanism>"
				 "<mechanism>SCRAM-SHA-256</mechanism>"
				 "<mechanism>SCRAM-SHA-1</mechanism>"
				 "<mechanism>PLAIN</mechanism>";

/* ---- saying ---- */

void peer_say(struct peer *p, const char *text)
{
	if (p->conn)
		conn_write(p->conn, span_of(text));
}

/* What the script has for this step, else `usual`; then what is behind. */
static void say(struct peer *p, enum peer_step step, const char *usual)
{
	const struct peer_line *l = &p->lines[step];
	struct buf text = BUF_INIT(1 << 20);
	p->came[step]++;
	buf_str(&text, l->say ? l->say : usual);
	if (l->also)
		buf_str(&text, l->also);
	if (text.len)
		conn_write(p->conn, buf_view(&text));
	buf_clear(&text);
	if (l->hang_up)
		conn_close(p->conn);
}

/* ---- SASL ---- */

static bool find_keys(void *arg, struct span name, enum hash hash,
	struct xmpp_scram_keys *keys)
{
	struct peer *p = arg;
	return span_is(name, PEER_USER) &&
	       xmpp_scram_keys_make(keys, hash, span_of(p->password),
		       span_of(p->salt), ITERATIONS, NULL);
}

static void say_sasl(struct peer *p, enum peer_step step, const char *name,
	struct span message)
{
	struct buf text = BUF_INIT(1 << 16);
	buf_printf(&text, "<%s xmlns='" XMPP_NS_SASL "'>", name);
	xmpp_sasl_encode(&text, message);
	buf_printf(&text, "</%s>", name);
	say(p, step, buf_text(&text));
	buf_clear(&text);
}

static void refuse(struct peer *p, enum peer_step step)
{
	say(p, step,
		"<failure xmlns='" XMPP_NS_SASL
		"'><not-authorized/></failure>");
}

static size_t bindings(
	struct peer *p, struct buf data[3], struct xmpp_sasl_binding found[3])
{
	static const struct {
		enum tls_binding type;
		const char *name;
	} types[] = { { TLS_BINDING_EXPORTER, "tls-exporter" },
		{ TLS_BINDING_UNIQUE, "tls-unique" },
		{ TLS_BINDING_SERVER_END_POINT, "tls-server-end-point" } };
	size_t count = 0;
	for (size_t i = 0; i < 3; i++) {
		buf_init(&data[i], 256);
		if (tls_binding_data(
			    conn_tls(p->conn), types[i].type, &data[i]))
			found[count++] =
				(struct xmpp_sasl_binding){ types[i].name,
					buf_view(&data[i]) };
	}
	return count;
}

static void keep_stanza(void *arg, struct xml_element *s)
{
	*(struct xml_element **)arg = s;
}

static void ignore_header(
	void *arg, const struct xml_element *header, const char *content_ns)
{
	(void)arg;
	(void)header;
	(void)content_ns;
}

/* What it offers itself, whatever somebody between makes of it; views into
 * what is returned. */
static struct xml_element *offered(
	const struct peer *p, struct xmpp_sasl_offer *offer)
{
	static const struct xml_parser_handler handler = {
		.open = ignore_header, .stanza = keep_stanza
	};
	struct xml_element *features = NULL;
	struct xml_parser *parser =
		xml_parser_new(XML_PARSER_STREAM, &handler, &features);
	char *text = mem_format(
		HEADER FEATURES("<mechanisms xmlns='%s'>%s</mechanisms>%s"),
		XMPP_NS_SASL, p->proves, p->features ? p->features : "");
	assert_true(xml_parser_feed(parser, span_of(text), NULL));
	assert_non_null(features);
	assert_true(xmpp_sasl_offer_parse(offer, features, false, NULL));
	xml_parser_free(parser);
	mem_free(text);
	return features;
}

static void take_auth(struct peer *p, const struct xml_element *s)
{
	struct buf first = BUF_INIT(1 << 16), answer = BUF_INIT(1 << 16);
	struct buf data[3];
	struct xmpp_sasl_binding found[3];
	mem_free(p->mechanism);
	p->mechanism = mem_str(xml_element_attr_find(s, "mechanism"));
	xmpp_sasl_decode(&first, xml_element_text_get(s));
	struct xmpp_scram_server_setup setup = { .bindings = found,
		.binding_count = bindings(p, data, found),
		.find = find_keys,
		.arg = p };
	setup.plus_offered =
		p->mechanisms && strstr(p->mechanisms, "-PLUS") != NULL;
	struct span id, name, password;
	struct xmpp_sasl_offer offer;
	struct xml_element *list = p->proves ? offered(p, &offer) : NULL;
	if (strcmp(p->mechanism, "PLAIN") == 0) {
		bool good = xmpp_sasl_plain_parse(
				    buf_view(&first), &id, &name, &password) &&
			    span_is(password, p->password);
		if (good)
			say(p, PEER_RESPONSE,
				"<success xmlns='" XMPP_NS_SASL "'/>");
		else
			refuse(p, PEER_RESPONSE);
		p->authenticated = good;
	} else if (strcmp(p->mechanism, "EXTERNAL") == 0 ||
		   strcmp(p->mechanism, "ANONYMOUS") == 0) {
		p->authenticated = true;
		say(p, PEER_RESPONSE, "<success xmlns='" XMPP_NS_SASL "'/>");
	} else if (xmpp_sasl_scram_of(
			   span_of(p->mechanism), &setup.hash, &setup.plus)) {
		if (p->proves)
			setup.offer = &offer;
		xmpp_scram_server_free(p->scram);
		p->scram = xmpp_scram_server_new(&setup);
		if (xmpp_scram_server_first(
			    p->scram, buf_view(&first), &answer, NULL))
			say_sasl(p, PEER_AUTH, "challenge", buf_view(&answer));
		else
			refuse(p, PEER_AUTH);
	}
	for (size_t i = 0; i < 3; i++)
		buf_clear(&data[i]);
	xml_element_free(list);
	buf_clear(&first);
	buf_clear(&answer);
}

static void take_response(struct peer *p, const struct xml_element *s)
{
	struct buf final = BUF_INIT(1 << 16), answer = BUF_INIT(1 << 16);
	xmpp_sasl_decode(&final, xml_element_text_get(s));
	p->authenticated = xmpp_scram_server_final(
		p->scram, buf_view(&final), &answer, NULL);
	if (p->authenticated)
		say_sasl(p, PEER_RESPONSE, "success", buf_view(&answer));
	else
		refuse(p, PEER_RESPONSE);
	buf_clear(&final);
	buf_clear(&answer);
}

/* ---- stanzas ---- */

static void take_bind(struct peer *p, const struct xml_element *s)
{
	const struct xml_element *bind =
		xml_element_find(s, "bind", XMPP_NS_BIND);
	struct span resource =
		xml_element_child_text(bind, "resource", XMPP_NS_BIND);
	mem_free(p->bound);
	p->bound = mem_format("%s@%s/%.*s", PEER_USER, PEER_DOMAIN,
		resource.n ? (int)resource.n : 4,
		resource.n ? resource.p : "here");
	char *text = mem_format("<iq type='result' id='%s'><bind xmlns='%s'>"
				"<jid>%s</jid></bind></iq>",
		xml_element_attr_find(s, "id"), XMPP_NS_BIND, p->bound);
	say(p, PEER_BIND, text);
	mem_free(text);
}

static void take_sm(struct peer *p, const struct xml_element *s)
{
	char *a = mem_format("<a xmlns='" XMPP_NS_SM "' h='%u'/>", p->stanzas);
	if (strcmp(s->name, "enable") == 0) {
		p->stanzas = 0;
		say(p, PEER_ENABLE, "<enabled xmlns='" XMPP_NS_SM "'/>");
	} else if (strcmp(s->name, "r") == 0) {
		say(p, PEER_REQUEST, a);
	} else {
		xmpp_stanza_format(&p->heard, s, XMPP_NS_CLIENT, NULL);
	}
	mem_free(a);
}

static void on_stanza(void *arg, struct xml_element *s)
{
	struct peer *p = arg;
	if (xml_element_is(s, "starttls", XMPP_NS_TLS)) {
		p->left = xml_parser_rest(p->parser);
		say(p, PEER_STARTTLS, "<proceed xmlns='" XMPP_NS_TLS "'/>");
		if (!p->lines[PEER_STARTTLS].say &&
			!p->lines[PEER_STARTTLS].hang_up) {
			xml_parser_reset(p->parser);
			struct tls_peer peer = { 0 };
			p->secure = true;
			/* What is silent here still reads. */
			if (!p->lines[PEER_HANDSHAKE].say)
				conn_start_tls(p->conn, p->tls, &peer);
			else
				p->in_tls_step = true;
		}
	} else if (xml_element_is(s, "auth", XMPP_NS_SASL)) {
		take_auth(p, s);
	} else if (xml_element_is(s, "response", XMPP_NS_SASL)) {
		take_response(p, s);
	} else if (xml_element_is(s, "abort", XMPP_NS_SASL)) {
		conn_write(p->conn, SPAN("<failure xmlns='" XMPP_NS_SASL
					 "'><aborted/></failure>"));
	} else if (strcmp(s->ns, XMPP_NS_SM) == 0) {
		take_sm(p, s);
	} else if (xml_element_find(s, "bind", XMPP_NS_BIND)) {
		take_bind(p, s);
	} else {
		p->stanzas++;
		xmpp_stanza_format(&p->heard, s, XMPP_NS_CLIENT, NULL);
		say(p, PEER_STANZA, "");
	}
	if (p->authenticated && strcmp(s->ns, XMPP_NS_SASL) == 0)
		xml_parser_reset(p->parser);
	xml_element_free(s);
}

static void on_header(
	void *arg, const struct xml_element *header, const char *content_ns)
{
	struct peer *p = arg;
	(void)header;
	(void)content_ns;
	char *text;
	if (!p->secure) {
		say(p, PEER_HEADER,
			"<?xml version='1.0'?>" HEADER FEATURES(
				"<starttls xmlns='" XMPP_NS_TLS
				"'><required/></starttls>"));
	} else if (!p->authenticated) {
		text = mem_format(
			HEADER FEATURES(
				"<mechanisms xmlns='%s'>%s</mechanisms>%s"),
			XMPP_NS_SASL,
			p->mechanisms ? p->mechanisms : mechanisms,
			p->features ? p->features : "");
		say(p, PEER_HEADER_TLS, text);
		mem_free(text);
	} else {
		text = mem_format(
			HEADER FEATURES("<bind xmlns='" XMPP_NS_BIND "'/>%s%s"),
			p->no_sm ? "" : "<sm xmlns='" XMPP_NS_SM "'/>",
			p->features_bound ? p->features_bound : "");
		say(p, PEER_HEADER_AUTH, text);
		mem_free(text);
	}
}

static void on_close(void *arg)
{
	struct peer *p = arg;
	buf_str(&p->heard, "</stream:stream>");
	say(p, PEER_CLOSE, "</stream:stream>");
	if (!p->lines[PEER_CLOSE].say)
		conn_close(p->conn);
}

static const struct xml_parser_handler parser_handler = {
	.open = on_header,
	.stanza = on_stanza,
	.close = on_close,
};

/* ---- the connection ---- */

static void on_open(void *arg)
{
	(void)arg;
}

/* Something behind a header, in the same piece. */
static bool is_hasty(struct span bytes)
{
	size_t header = span_find_span(bytes, SPAN("<stream:stream"), 0);
	size_t end = span_find(bytes, '>', header);
	return header < bytes.n && end + 1 < bytes.n;
}

static void refuse_haste(struct peer *p)
{
	conn_write(p->conn,
		SPAN(HEADER "<stream:error><not-well-formed "
			    "xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
			    "</stream:error></stream:stream>"));
	conn_close(p->conn);
}

static size_t on_data(void *arg, struct span bytes)
{
	struct peer *p = arg;
	buf_span(&p->plain, bytes);
	buf_char(&p->plain, '|');
	p->left = 0;
	if (p->in_tls_step)
		say(p, PEER_HANDSHAKE, "");
	else if (p->slow && is_hasty(bytes))
		refuse_haste(p);
	else
		xml_parser_feed(p->parser, bytes, NULL);
	return bytes.n - p->left;
}

static void on_closed(void *arg, const struct err *e)
{
	struct peer *p = arg;
	p->closes++;
	p->end = *e;
	conn_free(p->conn);
	p->conn = NULL;
}

static const struct conn_handlers handlers = {
	.open = on_open,
	.secured = on_open,
	.data = on_data,
	.closed = on_closed,
};

static void on_offer(
	void *arg, struct accepted *offer, const struct endpoint *from)
{
	struct peer *p = arg;
	(void)from;
	struct conn_settings s = { .max_in = 1 << 20, .max_out = 1 << 24 };
	p->connections++;
	conn_free(p->conn);
	p->secure = p->direct;
	p->authenticated = p->in_tls_step = false;
	p->stanzas = 0;
	xml_parser_reset(p->parser);
	if (p->direct)
		s.tls = p->tls;
	p->conn = conn_accept(offer, &s, &handlers, p);
}

/* ---- birth and death ---- */

static char *path(const struct peer *p, const char *name)
{
	return mem_format("%s/%s", p->folder, name);
}

const char *peer_ca(const struct peer *p)
{
	static char file[256];
	snprintf(file, sizeof(file), "%s/ca.pem", p->folder);
	return file;
}

void peer_init(struct peer *p, struct sim *sim, const char *at,
	const char *const *names, size_t count)
{
	struct err e = ERR_NONE;
	*p = (struct peer){ .sim = sim,
		.loop = sim_loop(sim),
		.password = PEER_PASSWORD,
		.salt = "0123456789abcdef",
		.heard = BUF_INIT(1 << 24),
		.plain = BUF_INIT(1 << 24) };
	p->folder = mem_format("%s/samtal-peer-XXXXXX",
		getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	assert_non_null(mkdtemp(p->folder));
	char *cert = path(p, "cert.pem"), *key = path(p, "key.pem");
	assert_ok(tls_make_certificate(names, count, peer_ca(p), cert, key,
			  loop_wall(p->loop), 30, &e),
		&e);
	struct tls_settings tls = {
		.server = true, .cert_file = cert, .key_file = key
	};
	p->tls = tls_config_new(&tls, &e);
	assert_ok(p->tls != NULL, &e);
	mem_free(cert);
	mem_free(key);
	p->parser = xml_parser_new(XML_PARSER_STREAM, &parser_handler, p);
	assert_ok(endpoint_parse(&p->at, span_of(at), 0, &e), &e);
	p->listener = listener_new(p->loop, &p->at, on_offer, p, &e);
	assert_ok(p->listener != NULL, &e);
}

void peer_clear(struct peer *p)
{
	static const char *const files[] = { "ca.pem", "cert.pem", "key.pem" };
	for (size_t i = 0; i < 3; i++) {
		char *file = path(p, files[i]);
		unlink(file);
		mem_free(file);
	}
	rmdir(p->folder);
	conn_free(p->conn);
	listener_free(p->listener);
	tls_config_free(p->tls);
	xml_parser_free(p->parser);
	xmpp_scram_server_free(p->scram);
	buf_clear(&p->heard);
	buf_clear(&p->plain);
	mem_free(p->mechanism);
	mem_free(p->bound);
	mem_free(p->folder);
}
