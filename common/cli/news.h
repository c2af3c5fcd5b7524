/* news - the whole state of a resource, put together from what NOTIFYs say
 *
 * The packages dialog (RFC 4235 section 4.3), reg (RFC 3680 section 5.2) and
 * conference (RFC 4575 section 4.6) may tell only what has changed.  Their
 * documents are numbered: here the state is kept, each document is merged into
 * it by the keys of its elements, and what that changed comes out as rows, one
 * for each dialog, contact or participant.  A document that is older than the
 * state is passed over; a number that was left out wants the whole state.
 *
 *	struct news_result r = news_take(n, document, is_first, on_row, arg);
 *	if (r.wants_all)
 *		sip_subscription_refresh(s);
 *
 * INTEROP: an element `dialog` that is told again keeps what it does not
 * repeat.  The text of RFC 4235 replaces it, while its own flows (section 6.1)
 * name the remote party once.
 *
 * Memory: the state takes at most NEWS_MAX; what would be more is forgotten,
 * and wanted as a whole.
 */
#ifndef CLI_NEWS_H
#define CLI_NEWS_H

#include "cli/record.h"
#include "xml/element.h"

/* Bytes of the tree: some 700 dialogs or participants, which is more than one
 * message can tell of as a whole. */
#define NEWS_MAX (1024 * 1024)
#define NEWS_FIELDS_MAX 8

enum news_change {
	NEWS_ADDED,
	NEWS_CHANGED,
	NEWS_REMOVED, /* or it is there and over: a terminated dialog */
};

struct news_field {
	enum record_key key; /* KEY_EXPIRES_S: a number, in text */
	struct span value;   /* never empty */
};

/* Views of the state, until the handler returns. */
struct news_row {
	enum record_type type;
	enum news_change change;
	struct news_field fields[NEWS_FIELDS_MAX];
	size_t field_count;
};
typedef void news_row_handler(void *arg, const struct news_row *row);

struct news_result {
	bool is_known;       /* a document of these three packages */
	bool is_passed_over; /* it is old, or of no use alone */
	bool wants_all;      /* something is missing: ask for the whole state */
	bool is_over;        /* the conference is no more: leave */
};

struct news;

struct news *news_new(void);
void news_free(struct news *n);

/* is_first: of a subscription, whose numbers begin anew; the rows are what is
 * different from the state before.  document is borrowed. */
struct news_result news_take(struct news *n, const struct xml_element *document,
	bool is_first, news_row_handler *on_row, void *arg);

#endif
