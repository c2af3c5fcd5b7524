#include "base/buf.h"
#include "base/mem.h"
#include "cli/account_file.h"

/* sendxmpp(1): since 1.24 "key: value" lines, before that one line
 * "user@domain[;host][:port] password [component]".  go-sendxmpp(1) reads the
 * first form with a whole JID as the username. */

struct rc {
	struct span username, jserver, port, password, command, component;
};

static bool take_field(struct rc *rc, struct span key, struct span value)
{
	const struct {
		const char *key;
		struct span *member;
	} fields[] = {
		{ "username", &rc->username },
		{ "jserver", &rc->jserver },
		{ "port", &rc->port },
		{ "password", &rc->password },
		{ "eval_password", &rc->command },
		{ "component", &rc->component },
	};
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (span_is(key, fields[i].key)) {
			*fields[i].member = value;
			return true;
		}
	return false;
}

static struct span word(struct span *line)
{
	*line = span_trim(*line);
	size_t n = 0;
	while (n < line->n && line->p[n] != ' ' && line->p[n] != '\t')
		n++;
	struct span head = span_first(*line, n);
	*line = span_skip(*line, n);
	return head;
}

/* alice@example.org;foo.example.com:1234 secret */
static void take_line(struct rc *rc, struct span line)
{
	struct span rest = word(&line);
	rc->password = word(&line);
	if (span_cut(&rest, ';', &rc->username)) {
		span_cut(&rest, ':', &rc->jserver);
	} else {
		rest = rc->username;
		span_cut(&rest, ':', &rc->username);
	}
	rc->port = rest; /* what is behind the colon, or nothing */
}

static void add(struct account_file *f, const char *key, struct span value)
{
	if (value.n)
		account_file_add(f, SPAN_EMPTY, span_of(key), value);
}

/* The domain of a bare user name is the component (what the stream is
 * opened to) and else the server. */
static void add_jid(struct account_file *f, const struct rc *rc)
{
	struct buf text = BUF_INIT(4096);
	struct span domain = rc->component.n ? rc->component : rc->jserver;
	buf_span(&text, rc->username);
	if (!span_has(rc->username, '@')) {
		buf_char(&text, '@');
		buf_span(&text, domain);
	}
	add(f, "jid", buf_view(&text));
	buf_reset(&text);
	if (rc->jserver.n || rc->port.n) {
		struct span user, host = rc->username;
		if (rc->jserver.n)
			host = rc->jserver;
		else
			span_cut(&host, '@', &user);
		buf_span(&text, host);
		if (rc->port.n)
			buf_char(&text, ':');
		buf_span(&text, rc->port);
		add(f, "server", buf_view(&text));
	}
	buf_clear(&text);
}

static bool understand(struct rc *rc, struct span text, struct err *e)
{
	struct span line, key;
	unsigned number = 0;
	for (bool more = true; more;) {
		more = span_cut(&text, '\n', &line);
		number++;
		line = span_trim(line);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		struct span value = line;
		bool is_field = span_cut(&value, ':', &key);
		if (is_field &&
			take_field(rc, span_trim(key), span_trim(value)))
			continue;
		if (rc->username.n || !span_has(line, '@'))
			return err_set(e, STATUS_USAGE,
				"line %u is not understood", number);
		take_line(rc, line);
	}
	if (rc->username.n == 0)
		return err_set(e, STATUS_USAGE, "no username in it");
	if (!span_has(rc->username, '@') && !rc->jserver.n && !rc->component.n)
		return err_set(e, STATUS_USAGE,
			"username has no domain and there is no jserver");
	return true;
}

struct account_file *account_rc_parse(
	char *path, const char *text, struct err *e)
{
	struct rc rc = { 0 };
	struct account_file *f = account_file_new(path);
	if (understand(&rc, span_of(text), e)) {
		add_jid(f, &rc);
		add(f, "password", rc.password);
		add(f, "password-command", rc.command);
		return f;
	}
	err_prefix(e, "%s", f->path);
	account_file_free(f);
	return NULL;
}

struct account_file *account_rc_open(struct err *e)
{
	char *path;
	char *text = account_file_read("HOME", ".sendxmpprc", &path, e);
	if (!text) {
		mem_free(path);
		return NULL;
	}
	struct account_file *f = account_rc_parse(path, text, e);
	mem_free_wiped(text);
	return f;
}
