/* ws_frame - messages of a WebSocket as frames (RFC 6455 section 5)
 *
 * The door to libwslay, which knows the bytes of one frame; what may follow
 * what, and how much, is seen to here: masks by the side, no reserved bits or
 * opcodes, control frames between fragments and never fragmented, text in
 * UTF-8, close codes of section 7.4.
 *
 * Pure: bytes in, messages out, and the other way round.  Bytes may come cut
 * anywhere.
 */
#ifndef NET_WS_FRAME_H
#define NET_WS_FRAME_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

#define WS_FRAME_OVERHEAD 14 /* the longest head of a frame */
#define WS_CONTROL_MAX 125   /* section 5.5 */
#define WS_REASON_MAX (WS_CONTROL_MAX - 2)

enum ws_code { /* section 7.4.1; 1005 and 1006 are never on the wire */
	WS_CODE_NORMAL = 1000,
	WS_CODE_GOING_AWAY = 1001,
	WS_CODE_PROTOCOL_ERROR = 1002,
	WS_CODE_UNACCEPTABLE = 1003,
	WS_CODE_NONE = 1005,
	WS_CODE_BAD_DATA = 1007,
	WS_CODE_POLICY = 1008,
	WS_CODE_TOO_BIG = 1009,
	WS_CODE_FAULT_OF_SERVER = 1011,
};

enum ws_event {
	WS_NOTHING, /* more bytes are needed */
	WS_TEXT,
	WS_BINARY,
	WS_CLOSE, /* code and, as payload, the reason */
	WS_PING,
	WS_PONG,
	WS_FAULT, /* e, and the code to close with; nothing comes after it */
};

struct ws_framer;

/* The two sides differ in who masks.  max: of a message, whole. */
struct ws_framer *ws_framer_new(bool is_server, size_t max);
void ws_framer_free(struct ws_framer *f); /* NULL is fine */

/* One step: takes bytes off the front of *bytes and says what is there now.
 * *payload is valid until the next call.  WS_NOTHING: all of *bytes is
 * taken. */
enum ws_event ws_framer_read(struct ws_framer *f, struct span *bytes,
	struct span *payload, enum ws_code *code, struct err *e);

/* Appends one message, whole, in one frame; what: TEXT, BINARY, PING, PONG. */
bool ws_framer_write(struct ws_framer *f, struct buf *out, enum ws_event what,
	struct span payload);
/* The reason is cut where it is too long. */
bool ws_framer_write_close(struct ws_framer *f, struct buf *out,
	enum ws_code code, struct span reason);

#endif
