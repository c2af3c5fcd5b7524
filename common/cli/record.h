/* record - the one format in which every tool says what happened
 *
 * samtal-records(5) is the schema; record_keys.c and record_types.c hold the
 * tables it is checked against.  A record is begun, its values are added in
 * the order they shall have, and it is ended, which writes it: with -j as one
 * line of JSON, else as a line of the TAB-separated columns of its type, the
 * type first; a column whose value is absent or empty is "-".  Values are
 * borrowed until record_end.
 *
 *	struct record r;
 *	record_begin(&r, out, RECORD_PING, RECORD_SIP, loop_wall(loop));
 *	record_text(&r, KEY_FROM, from);
 *	record_decimal(&r, KEY_RTT_MS, rtt, 3);
 *	return record_end(&r, e);
 *
 * Absent is how unknown is written; a value is never null.
 */
#ifndef CLI_RECORD_H
#define CLI_RECORD_H

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/span.h"

#define RECORD_SCHEMA 1 /* "schema" of `ready` records and --version */

enum record_proto { RECORD_NO_PROTO, RECORD_SIP, RECORD_XMPP };

enum record_type {
	RECORD_READY,
	RECORD_MESSAGE,
	RECORD_PRESENCE,
	RECORD_CALL,
	RECORD_MEDIA,
	RECORD_PING,
	RECORD_HOP,
	RECORD_SIP_MESSAGE, /* "sip" */
	RECORD_STANZA,
	RECORD_EVENT, /* a server's: connected, authenticated, closed … */
	RECORD_CONTACT,
	RECORD_REGISTER,
	RECORD_OCCUPANT,
	RECORD_BOOKMARK,
	RECORD_INVITATION,
	RECORD_IDENTITY,
	RECORD_FEATURE,
	RECORD_ITEM,
	RECORD_FIELD,
	RECORD_CAPS,
	RECORD_FINDING,
	RECORD_LOOKUP,
	RECORD_TARGET,
	RECORD_NOTIFY,
	RECORD_MAILBOX,
	RECORD_DIALOG,
	RECORD_REGISTRATION,
	RECORD_PARTICIPANT,
	RECORD_ERROR,
	RECORD_SUMMARY,
	RECORD_TYPE_COUNT
};

/* Each key: its name in JSON, kind and sentence are in record_keys.c. */
enum record_key {
	KEY_TYPE,
	KEY_PROTO,
	KEY_TIME,
	KEY_SCHEMA,
	KEY_DELAY,
	KEY_ACCOUNT,
	KEY_DIRECTION,
	KEY_FROM,
	KEY_TO,
	KEY_ID,
	KEY_STANZA_ID,
	KEY_ORIGIN_ID,
	KEY_REPLACES,
	KEY_RETRACTS,
	KEY_REPLIES_TO,
	KEY_REACTS_TO,
	KEY_REACTIONS,
	KEY_CALL_ID,
	KEY_THREAD,
	KEY_MESSAGE_TYPE,
	KEY_PRESENCE_TYPE,
	KEY_BODY,
	KEY_SUBJECT,
	KEY_LANG,
	KEY_CONTENT_TYPE,
	KEY_SHOW,
	KEY_STATUS,
	KEY_PRIORITY,
	KEY_METHOD,
	KEY_REQUEST_URI,
	KEY_STATUS_CODE,
	KEY_REASON,
	KEY_CSEQ,
	KEY_BRANCH,
	KEY_FROM_TAG,
	KEY_TO_TAG,
	KEY_USER_AGENT,
	KEY_CONTACT,
	KEY_AGAIN_S,
	KEY_Q,
	KEY_INSTANCE,
	KEY_PUB_GRUU,
	KEY_TEMP_GRUU,
	KEY_REG_ID,
	KEY_OUTBOUND,
	KEY_PATH,
	KEY_SERVICE_ROUTE,
	KEY_WARNING,
	KEY_BODY_LENGTH,
	KEY_FAULTS,
	KEY_HEADERS, /* array of {"name":…,"value":…}, in order */
	KEY_SRC,
	KEY_DST,
	KEY_TRANSPORT,
	KEY_ADDRESS,
	KEY_PORT,
	KEY_CA_FILE,
	KEY_TLS_NAME,
	KEY_QUESTION,
	KEY_RECORD_TYPE,
	KEY_ANSWER,
	KEY_TTL_S,
	KEY_ORDER,
	KEY_PREFERENCE,
	KEY_WEIGHT,
	KEY_CHOSEN,
	KEY_SEQUENCE,
	KEY_RTT_MS,
	KEY_SENT,
	KEY_RECEIVED,
	KEY_LOST,
	KEY_LOSS_PERCENT,
	KEY_RTT_MIN_MS,
	KEY_RTT_AVG_MS,
	KEY_RTT_MAX_MS,
	KEY_RTT_MDEV_MS,
	KEY_DURATION_MS,
	KEY_STATE,
	KEY_CODEC,
	KEY_PACKETS_SENT,
	KEY_PACKETS_RECEIVED,
	KEY_PACKETS_LOST,
	KEY_JITTER_MS,
	KEY_NODE,
	KEY_CATEGORY,
	KEY_KIND,
	KEY_NAME,
	KEY_FEATURE,
	KEY_JID,
	KEY_NICK,
	KEY_ROLE,
	KEY_AFFILIATION,
	KEY_AUTOJOIN,
	KEY_PASSWORD,
	KEY_ROOM,
	KEY_SUBSCRIPTION,
	KEY_GROUPS, /* array of texts */
	KEY_ASK,
	KEY_APPROVED,
	KEY_ITEM_NODE,
	KEY_FORM,
	KEY_FIELD,
	KEY_VALUES, /* array of texts */
	KEY_LABEL,
	KEY_HASH,
	KEY_VER,
	KEY_VERIFIED,
	KEY_EVENT,
	KEY_EXPIRES_S,
	KEY_REMOTE,
	KEY_CHANGE,
	KEY_MESSAGES_WAITING,
	KEY_MESSAGE_CLASS,
	KEY_NEW,
	KEY_OLD,
	KEY_NEW_URGENT,
	KEY_OLD_URGENT,
	KEY_LEVEL,
	KEY_CHECK,
	KEY_ADVICE,
	KEY_CONDITION,
	KEY_TEXT,
	KEY_RETRYABLE,
	KEY_RAW,
	KEY_COUNT
};

/* What a key's value is; the schema of samtal-records(5). */
enum record_kind {
	KIND_TEXT,
	KIND_NUMBER,
	KIND_BOOL,
	KIND_TIME,  /* text, RFC 3339 in UTC: record_time */
	KIND_ARRAY, /* JSON text: record_json */
	KIND_BYTES, /* text; NAME_base64 where it is not UTF-8 */
};

struct record_key_info {
	const char *name;
	struct span json; /* ,"name": */
	enum record_kind kind;
	const char *meaning; /* one line, no full stop */
};
const struct record_key_info *record_key_info(enum record_key key);

#define RECORD_COLUMNS_MAX 16

struct record_type_info {
	const char *name;
	const char *meaning;
	/* The columns of the text form, in order; KEY_COUNT ends them. */
	enum record_key columns[RECORD_COLUMNS_MAX];
};
const struct record_type_info *record_type_info(enum record_type type);

struct out; /* where records go: cli/out.h */

#define RECORD_VALUES_MAX 48

struct record_value {
	enum record_key key;
	enum record_value_kind {
		VALUE_TEXT,
		VALUE_NUMBER,
		VALUE_BOOL,
		VALUE_TIME,
		VALUE_JSON
	} kind;
	unsigned decimals;
	int64_t number;
	struct span text;
};

struct record {
	struct out *out;
	enum record_type type;
	enum record_proto proto;
	usec_t time;
	size_t count;
	struct record_value values[RECORD_VALUES_MAX];
};

void record_begin(struct record *r, struct out *out, enum record_type type,
	enum record_proto proto, usec_t wall);

/* An empty text is written; give none where there is none.  A text that is
 * not UTF-8 is written with U+FFFD, bytes (KIND_BYTES) as base64. */
void record_text(struct record *r, enum record_key key, struct span value);
void record_str(struct record *r, enum record_key key, const char *value);
void record_int(struct record *r, enum record_key key, int64_t value);
/* value / 10^decimals: microseconds as *_ms are decimals 3 */
void record_decimal(struct record *r, enum record_key key, int64_t value,
	unsigned decimals);
void record_bool(struct record *r, enum record_key key, bool value);
void record_time(struct record *r, enum record_key key, usec_t wall);
/* The text of one JSON value, see base/json.h; in columns as it is. */
void record_json(struct record *r, enum record_key key, struct span json);

/* False: stdout could not be written (e), or its reader left (out_has_reader
 * is false and e is untouched). */
bool record_end(struct record *r, struct err *e);

#endif
