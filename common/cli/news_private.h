/* news_private - the packages that news.c knows (news_kinds.c), how their
 * documents merge (news_merge.c) and what that changed (news_rows.c) */
#ifndef CLI_NEWS_PRIVATE_H
#define CLI_NEWS_PRIVATE_H

#include "cli/news.h"

/* What becomes of an element that is in the state already. */
enum news_mode {
	NEWS_REPLACE,  /* it is the new one */
	NEWS_UNITE,    /* each of its parts is merged; the others stay */
	NEWS_BY_STATE, /* as its attribute `state` says (RFC 4575 section 4.4) */
};

/* An element that is not named in a rule is replaced, and has no key. */
struct news_rule {
	const char *name;
	const char *key; /* attribute; NULL: there is one such element */
	enum news_mode mode;
};

/* A dialog, a contact, a user, where it stands. */
struct news_place {
	const struct xml_element *root, *parent, *element;
};

struct news_kind {
	const char *root, *ns;
	enum record_type type;
	const char *group; /* the elements that have rows in them; NULL: root */
	const char *row;
	const char *key;  /* attribute of a row */
	const char *gone; /* the state of one that is over */
	/* RFC 4575 section 4.6: not processed where a number was left out, nor
	 * where it is that of the state. */
	bool is_strict;
	const struct news_rule *rules; /* name NULL ends them */
	void (*fields)(const struct news_place *at, struct news_row *row);
};

/* NULL: not one of them. */
const struct news_kind *news_kind_find(const struct xml_element *document);

void news_add_field(
	struct news_row *row, enum record_key key, struct span value);
/* The empty span where there is none. */
struct span news_field_find(const struct news_row *row, enum record_key key);

/* Merges what is in update into what is in state. */
void news_merge(const struct news_kind *kind, struct xml_element *state,
	const struct xml_element *update);

/* What is over goes from the state; RFC 4235 section 4.3, RFC 3680 section 5.2:
 * at any time. */
void news_prune(const struct news_kind *kind, struct xml_element *state);

struct news_trees {
	const struct xml_element *old, *now; /* may be NULL */
	const struct xml_element *told; /* a partial document; NULL: none */
};
/* Each row in which old and now differ, or that was told. */
void news_report(const struct news_kind *kind, const struct news_trees *trees,
	news_row_handler *on_row, void *arg);

#endif
