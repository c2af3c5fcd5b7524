#include "cli/record.h"

/* Of the text form: `type` and `time` come first in every line.  A column is
 * only ever added at the end: scripts cut by position. */
#define COLUMNS(...)                                                           \
	{                                                                      \
		KEY_TYPE, KEY_TIME, __VA_ARGS__, KEY_COUNT                     \
	}

static const struct record_type_info types[RECORD_TYPE_COUNT] = {
	[RECORD_READY] = { "ready", "the tool can be talked to from now on",
		COLUMNS(KEY_ADDRESS, KEY_PORT, KEY_TRANSPORT, KEY_CA_FILE) },
	[RECORD_MESSAGE] = { "message", "a message came, or went out",
		COLUMNS(KEY_FROM, KEY_TO, KEY_BODY, KEY_SUBJECT,
			KEY_MESSAGE_TYPE, KEY_DELAY, KEY_DIRECTION) },
	[RECORD_PRESENCE] = { "presence", "somebody's presence",
		COLUMNS(KEY_FROM, KEY_PRESENCE_TYPE, KEY_SHOW, KEY_STATUS,
			KEY_PRIORITY) },
	[RECORD_CALL] = { "call", "a call has come to this state",
		COLUMNS(KEY_STATE, KEY_FROM, KEY_TO, KEY_STATUS_CODE,
			KEY_REASON, KEY_DURATION_MS) },
	[RECORD_MEDIA] = { "media", "what the audio of a call was like",
		COLUMNS(KEY_CODEC, KEY_SRC, KEY_DST, KEY_PACKETS_SENT,
			KEY_PACKETS_RECEIVED, KEY_PACKETS_LOST,
			KEY_JITTER_MS) },
	[RECORD_PING] = { "ping", "the answer to one request",
		COLUMNS(KEY_FROM, KEY_SEQUENCE, KEY_RTT_MS, KEY_STATUS_CODE,
			KEY_REASON, KEY_USER_AGENT, KEY_CONDITION) },
	[RECORD_HOP] = { "hop", "an element on the way to a SIP target",
		COLUMNS(KEY_TO, KEY_SEQUENCE, KEY_RTT_MS, KEY_STATUS_CODE,
			KEY_REASON, KEY_USER_AGENT, KEY_CONTACT, KEY_WARNING,
			KEY_SRC) },
	[RECORD_SIP_MESSAGE] = { "sip", "a SIP message that was seen",
		COLUMNS(KEY_SRC, KEY_DST, KEY_TRANSPORT, KEY_METHOD,
			KEY_REQUEST_URI, KEY_STATUS_CODE, KEY_REASON, KEY_FROM,
			KEY_TO, KEY_CALL_ID, KEY_CSEQ, KEY_FAULTS) },
	[RECORD_STANZA] = { "stanza", "an XMPP stanza that was seen",
		COLUMNS(KEY_DIRECTION, KEY_FROM, KEY_TO, KEY_ID, KEY_RAW) },
	[RECORD_EVENT] = { "event", "something happened at a server",
		COLUMNS(KEY_EVENT, KEY_FROM, KEY_TO, KEY_SRC, KEY_TEXT) },
	[RECORD_CONTACT] = { "contact", "somebody in our contact list",
		COLUMNS(KEY_JID, KEY_SUBSCRIPTION, KEY_NAME, KEY_GROUPS,
			KEY_ASK, KEY_APPROVED) },
	[RECORD_IDENTITY] = { "identity", "who somebody is (XEP-0030)",
		COLUMNS(KEY_FROM, KEY_NODE, KEY_CATEGORY, KEY_KIND, KEY_NAME,
			KEY_LANG) },
	[RECORD_FEATURE] = { "feature", "what somebody can do (XEP-0030)",
		COLUMNS(KEY_FROM, KEY_NODE, KEY_FEATURE) },
	[RECORD_ITEM] = { "item", "what hangs below somebody (XEP-0030)",
		COLUMNS(KEY_FROM, KEY_NODE, KEY_JID, KEY_ITEM_NODE, KEY_NAME) },
	[RECORD_FIELD] = { "field", "a field of a data form (XEP-0004)",
		COLUMNS(KEY_FROM, KEY_NODE, KEY_FORM, KEY_FIELD, KEY_VALUES,
			KEY_LABEL) },
	[RECORD_CAPS] = { "caps",
		"is what somebody can do what its hash says? (XEP-0115)",
		COLUMNS(KEY_FROM, KEY_NODE, KEY_HASH, KEY_VER, KEY_VERIFIED,
			KEY_TEXT) },
	[RECORD_LOOKUP] = { "lookup", "a question to the DNS and an answer",
		COLUMNS(KEY_TO, KEY_QUESTION, KEY_RECORD_TYPE, KEY_ANSWER,
			KEY_TTL_S, KEY_ORDER, KEY_PREFERENCE, KEY_PRIORITY,
			KEY_WEIGHT, KEY_PORT, KEY_CHOSEN, KEY_TEXT) },
	[RECORD_TARGET] = { "target", "where a URI may be reached",
		COLUMNS(KEY_TO, KEY_SEQUENCE, KEY_TRANSPORT, KEY_ADDRESS,
			KEY_PORT, KEY_TLS_NAME, KEY_REQUEST_URI) },
	[RECORD_ERROR] = { "error", "something went wrong with one of several",
		COLUMNS(KEY_FROM, KEY_TO, KEY_CONDITION, KEY_STATUS_CODE,
			KEY_TEXT) },
	[RECORD_SUMMARY] = { "summary", "the whole run in figures",
		COLUMNS(KEY_TO, KEY_SENT, KEY_RECEIVED, KEY_LOSS_PERCENT,
			KEY_RTT_MIN_MS, KEY_RTT_AVG_MS, KEY_RTT_MAX_MS,
			KEY_RTT_MDEV_MS) },
};

const struct record_type_info *record_type_info(enum record_type type)
{
	return &types[type];
}
