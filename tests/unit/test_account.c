#include "tests/common/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/account_file.h"

/* Only the files: what options do to them is tests/tools/account.t. */

static char home[] = "/tmp/samtal-account-XXXXXX";
static char path[200];

static int make_home(void **state)
{
	(void)state;
	strcpy(home + strlen(home) - 6, "XXXXXX");
	if (!mkdtemp(home))
		return -1;
	setenv("HOME", home, 1);
	unsetenv("XDG_CONFIG_HOME");
	return 0;
}

static void in_home(const char *below)
{
	snprintf(path, sizeof(path), "%s/%s", home, below);
}

static int remove_home(void **state)
{
	(void)state;
	static const char *const names[] = { ".config/samtal/accounts",
		".sendxmpprc", "samtal/accounts" };
	static const char *const folders[] = { ".config/samtal", ".config",
		"samtal", "" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		in_home(names[i]);
		unlink(path);
	}
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		in_home(folders[i]);
		rmdir(path);
	}
	return 0;
}

static void write_file(const char *below, const char *text, mode_t mode)
{
	in_home(below);
	for (char *slash = path + strlen(home) + 1;
		(slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void assert_value(const struct account_file *f, const char *section,
	const char *key, const char *want)
{
	const char *got = account_file_find(f, section, key);
	if (!want)
		assert_null(got);
	else if (!got)
		fail_msg("[%s] has no %s", section, key);
	else
		assert_string_equal(got, want);
}

static void a_section_holds_a_jid_and_a_sip_uri(void **state)
{
	(void)state;
	struct err e = ERR_NONE;
	write_file(".config/samtal/accounts",
		"# mine\n[bot]\njid = bot@example.org\n"
		"sip = sip:100@pbx.example.org\n"
		"password-command = pass show bot\nsip-server=10.0.0.1\n"
		"[other]\njid: me@example.org\n",
		0600);
	struct account_file *f = account_file_open(&e);
	assert_ok(f != NULL, &e);
	assert_value(f, "bot", "jid", "bot@example.org");
	assert_value(f, "bot", "sip", "sip:100@pbx.example.org");
	assert_value(f, "bot", "password-command", "pass show bot");
	assert_value(f, "bot", "sip-server", "10.0.0.1");
	assert_value(f, "other", "jid", "me@example.org");
	assert_value(f, "other", "sip", NULL);
	account_file_free(f);
}

static void the_configuration_folder_may_be_elsewhere(void **state)
{
	(void)state;
	struct err e = ERR_NONE;
	write_file("samtal/accounts", "[a]\njid = a@b\n", 0600);
	setenv("XDG_CONFIG_HOME", home, 1);
	struct account_file *f = account_file_open(&e);
	assert_ok(f != NULL, &e);
	assert_value(f, "a", "jid", "a@b");
	account_file_free(f);
}

static void no_file_is_no_error(void **state)
{
	(void)state;
	struct err e = ERR_NONE;
	assert_null(account_file_open(&e));
	assert_null(account_rc_open(&e));
	assert_false(err_is_set(&e));
}

static void a_file_that_others_can_read_is_refused(void **state)
{
	(void)state;
	static const mode_t modes[] = { 0640, 0604, 0620, 0601 };
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		struct err e = ERR_NONE;
		write_file(".config/samtal/accounts", "[a]\njid = a@b\n",
			modes[i]);
		assert_null(account_file_open(&e));
		assert_int_equal(e.status, STATUS_USAGE);
		assert_non_null(strstr(e.text, "chmod 600"));
		write_file(".sendxmpprc", "a@b secret\n", modes[i]);
		e = ERR_NONE;
		assert_null(account_rc_open(&e));
		assert_non_null(strstr(e.text, "chmod 600"));
	}
}

static void what_is_wrong_in_the_file_is_said(void **state)
{
	(void)state;
	static const struct {
		const char *text, *sentence;
	} rows[] = {
		{ "jid = a@b\n", "\"jid\" stands before the first [NAME]" },
		{ "[a]\njdi = a@b\n", "[a] has \"jdi\", which is no key" },
		{ "[a]\nnonsense\n", "line 2 is neither" },
		{ "[a]\npassword = x\n", "[a] has a password in clear" },
		{ "[a]\njid = a@b\njid = c@d\n", "[a] has \"jid\" twice" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err e = ERR_NONE;
		write_file(".config/samtal/accounts", rows[i].text, 0600);
		assert_null(account_file_open(&e));
		assert_int_equal(e.status, STATUS_USAGE);
		if (!strstr(e.text, rows[i].sentence))
			fail_msg("expected \"%s\" in \"%s\"", rows[i].sentence,
				e.text);
	}
}

static void sendxmpprc_is_read_in_each_of_its_forms(void **state)
{
	(void)state;
	static const struct {
		const char *text, *jid, *server, *password, *command;
	} rows[] = {
		{ "# mine\n\nalice@jabber.org  secret\n", "alice@jabber.org",
			NULL, "secret", NULL },
		{ "alice@jabber.org;foo.com secret", "alice@jabber.org",
			"foo.com", "secret", NULL },
		{ "alice@jabber.org:1234 secret", "alice@jabber.org",
			"jabber.org:1234", "secret", NULL },
		{ "alice@jabber.org;foo.com:1234 secret x", "alice@jabber.org",
			"foo.com:1234", "secret", NULL },
		{ "username: john\njserver: jabber.example.com\nport: 5222\n"
		  "password: my pass: 2\n",
			"john@jabber.example.com", "jabber.example.com:5222",
			"my pass: 2", NULL },
		{ "username: l.host\njserver: talk.example.com\n"
		  "password: p\ncomponent: example.org\n",
			"l.host@example.org", "talk.example.com", "p", NULL },
		{ "username: a@b.org\neval_password: pass x\n", "a@b.org", NULL,
			NULL, "pass x" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err e = ERR_NONE;
		write_file(".sendxmpprc", rows[i].text, 0400);
		struct account_file *f = account_rc_open(&e);
		assert_ok(f != NULL, &e);
		assert_value(f, "", "jid", rows[i].jid);
		assert_value(f, "", "server", rows[i].server);
		assert_value(f, "", "password", rows[i].password);
		assert_value(f, "", "password-command", rows[i].command);
		account_file_free(f);
		in_home(".sendxmpprc");
		unlink(path);
	}
}

static void a_sendxmpprc_that_is_none_is_refused(void **state)
{
	(void)state;
	static const char *const texts[] = { "", "nonsense\n",
		"username: john\n", "password: x\n",
		"a@b secret\nc@d secret\n" };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct err e = ERR_NONE;
		write_file(".sendxmpprc", texts[i], 0600);
		assert_null(account_rc_open(&e));
		assert_int_equal(e.status, STATUS_USAGE);
	}
}

#define AT_HOME(f) cmocka_unit_test_setup_teardown(f, make_home, remove_home)

TEST_MAIN(AT_HOME(a_section_holds_a_jid_and_a_sip_uri),
	AT_HOME(the_configuration_folder_may_be_elsewhere),
	AT_HOME(no_file_is_no_error),
	AT_HOME(a_file_that_others_can_read_is_refused),
	AT_HOME(what_is_wrong_in_the_file_is_said),
	AT_HOME(sendxmpprc_is_read_in_each_of_its_forms),
	AT_HOME(a_sendxmpprc_that_is_none_is_refused))
