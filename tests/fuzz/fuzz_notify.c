/* fuzz_notify - whatever a notifier says, each record of it is one line of
 * JSON or of columns, and what is told a second time has no more news
 *
 * The input is a row of bodies, as NOTIFYs of one subscription bring them: a
 * byte that says what is asked ('f': it is the first of a dialog), the type in
 * the rest of its line, the body up to a line "%%".
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "cli/out.h"
#include "cli/record_in.h"
#include "cli/record_notify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Returns how many records there are. */
static size_t check_lines(struct out *out)
{
	struct span all = buf_view(out_begin(out)), line;
	size_t count = 0;
	while (all.n) {
		struct record_in in;
		if (!span_cut(&all, '\n', &line) || !utf8_is_valid(line))
			abort();
		count++;
		if (!out_is_json(out))
			continue;
		if (!record_in_parse(&in, line, NULL))
			abort();
		record_in_clear(&in);
	}
	out_flush(out, NULL);
	return count;
}

static size_t notified(
	struct out *out, struct news *news, const struct sip_notify *what)
{
	struct news_result result = { .is_known = false };
	struct record_presence p;
	struct record_notify n = { .out = out,
		.uri = "sip:bob@example.com",
		.event = "fuzz",
		.notify = what,
		.news = news,
		.result = &result };
	size_t count;
	if (!record_notify(&n, NULL))
		abort();
	count = check_lines(out);
	if (result.is_passed_over && (count != 1 || !result.is_known))
		abort();
	record_notify_presence(&n, &p, NULL);
	check_lines(out);
	return count;
}

static void take(struct out *out, struct news *news, struct span piece)
{
	struct sip_notify what = { .state = SIP_SUBSCRIPTION_ACTIVE };
	if (piece.n == 0)
		return;
	what.is_first = *piece.p == 'f';
	piece = span_skip(piece, 1);
	span_cut(&piece, '\n', &what.content_type);
	what.body = piece;
	out_set_json(out, false);
	if (notified(out, NULL, &what) == 0)
		abort();
	size_t once = notified(out, news, &what);
	out_set_json(out, true);
	size_t twice = notified(out, news, &what);
	if (twice == 0 || twice > once)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char end[] = "\n%%\n";
	struct span rest = span_from((const char *)data, size);
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct out *out = out_new(fd, NULL, NULL);
	struct news *news = news_new();
	while (rest.n) {
		size_t at = span_find_span(rest, span_of(end), 0);
		take(out, news, span_first(rest, at));
		rest = span_skip(rest, at + strlen(end));
	}
	news_free(news);
	out_free(out);
	close(fd);
	return 0;
}
