/* fuzz_record - whatever a peer wrote, its record is one line of JSON that
 * gives the text back, or one line of columns that a terminal may see */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "cli/out.h"
#include "cli/record.h"
#include "cli/record_in.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_json(struct span line, struct span text)
{
	struct record_in in;
	struct span back;
	struct buf want = BUF_INIT(1 << 22), raw = BUF_INIT(1 << 22);
	utf8_add_valid(&want, text);
	if (!span_ends(line, "\n") || span_find(line, '\n', 0) != line.n - 1 ||
		!record_in_parse(&in, line, NULL) ||
		!record_in_text(&in, KEY_SUBJECT, &back) ||
		!span_equal(back, buf_view(&want)) ||
		!record_in_bytes(&in, KEY_RAW, &raw) ||
		!span_equal(buf_view(&raw), text))
		abort();
	record_in_clear(&in);
	buf_clear(&want);
	buf_clear(&raw);
}

/* A tab between every two columns of a message, and nowhere else. */
static void check_columns(struct span line)
{
	const enum record_key *columns =
		record_type_info(RECORD_MESSAGE)->columns;
	size_t tabs = 0, want = 0;
	while (columns[want + 1] != KEY_COUNT)
		want++;
	if (!span_ends(line, "\n") || !utf8_is_valid(line))
		abort();
	for (size_t i = 0; i + 1 < line.n; i++) {
		tabs += line.p[i] == '\t';
		if ((unsigned char)line.p[i] < 0x20 && line.p[i] != '\t')
			abort();
	}
	if (tabs != want)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_from((const char *)data, size);
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct out *out = out_new(fd, NULL, NULL);
	for (int json = 0; json < 2; json++) {
		struct record r;
		out_set_json(out, json);
		record_begin(&r, out, RECORD_MESSAGE, RECORD_XMPP, 0);
		record_text(&r, KEY_SUBJECT, text);
		record_text(&r, KEY_BODY, text);
		record_text(&r, KEY_RAW, text);
		record_end(&r, NULL);
		struct span line = buf_view(out_begin(out));
		if (json)
			check_json(line, text);
		else
			check_columns(line);
		out_flush(out, NULL);
	}
	out_free(out);
	close(fd);
	return 0;
}
