/* err - what went wrong, for a person and for the exit status
 *
 * Every function that can fail takes a struct err * as its last parameter
 * and returns false (or NULL) after filling it in; err_set returns false so
 * that `return err_set(e, …)` is the whole failure path.  The one who finds
 * the fault says what and why; each caller that knows more puts who and where
 * in front with err_prefix.  The sentence has no trailing newline or full
 * stop and says what to do where that is known.
 *
 * e may be NULL where the caller does not care.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

/* The exit statuses of every tool; samtal(7) has the same table. */
enum status {
	STATUS_DONE = 0,
	STATUS_REFUSED = 1, /* the far side said no, or nothing matched */
	STATUS_USAGE = 2,
	STATUS_UNREACHABLE = 3, /* no such name, refused, no route */
	STATUS_TLS = 4,
	STATUS_AUTH = 5,
	STATUS_TIMEOUT = 6,   /* nobody answered */
	STATUS_MALFORMED = 7, /* data, of a peer or of the user */
	STATUS_LOCAL_IO = 8,
	STATUS_INTERNAL = 9,
	STATUS_COUNT
};

#define ERR_TEXT_MAX 512
#define ERR_CONDITION_MAX 48

struct err {
	enum status status;
	int code;       /* SIP status code, 0 where there is none */
	bool retryable; /* the same may succeed later */
	char condition[ERR_CONDITION_MAX]; /* RFC 6120 condition, "" if none */
	char text[ERR_TEXT_MAX];
};

#define ERR_NONE ((struct err){ .status = STATUS_DONE })

/* Both return false.  A text that does not fit is cut at a character. */
bool err_set(struct err *e, enum status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
bool err_errno(struct err *e, enum status status, int number,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Puts "context: " in front of the text. */
void err_prefix(struct err *e, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

void err_condition(struct err *e, const char *condition, bool retryable);
void err_clear(struct err *e);
bool err_is_set(const struct err *e);

/* Of the outcomes of one run the one to exit with: the first that occurred
 * of 9 8 4 5 3 6 7 1 (2 comes before all: nothing was tried). */
enum status status_worse(enum status a, enum status b);

/* "timed out", "usage" …: the words of the table in samtal(7). */
const char *status_text(enum status s);

#endif
