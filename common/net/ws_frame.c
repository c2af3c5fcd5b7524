#include "net/ws_frame.h"

#include <string.h>
#include <sys/types.h>

#include <wslay/wslay.h>

#include "base/mem.h"
#include "base/rand.h"
#include "base/utf8.h"

struct ws_framer {
	wslay_frame_context_ptr frames;
	bool is_server;
	size_t max;
	struct span in;   /* what of the bytes at hand is not read yet */
	struct buf *out;  /* while something is written */
	struct buf whole; /* the message so far */
	struct buf control;
	uint8_t opcode;   /* of the message that has begun */
	bool is_begun;    /* a message has */
	bool is_done;     /* what is in whole was given away */
	bool is_in_frame; /* behind its head */
	uint64_t left;    /* bytes of that frame */
	bool has_failed;
};

/* ---- the ends of libwslay ---- */

static ssize_t give_bytes(uint8_t *to, size_t n, int flags, void *arg)
{
	struct ws_framer *f = arg;
	(void)flags;
	/* Never more than the frame at hand has, whose length is known with
	 * the first byte behind its head: what is behind a message stays with
	 * the caller, who may want to look at it later. */
	size_t wanted = f->is_in_frame ? f->left : 1;
	if (n > wanted)
		n = wanted;
	if (n > f->in.n)
		n = f->in.n;
	if (n == 0)
		return -1;
	memcpy(to, f->in.p, n);
	f->in = span_skip(f->in, n);
	return (ssize_t)n;
}

static ssize_t take_bytes(const uint8_t *from, size_t n, int flags, void *arg)
{
	struct ws_framer *f = arg;
	(void)flags;
	return buf_add(f->out, from, n) ? (ssize_t)n : -1;
}

static int make_mask(uint8_t *to, size_t n, void *arg)
{
	(void)arg;
	rand_bytes(to, n); /* section 5.3: not to be foreseen */
	return 0;
}

struct ws_framer *ws_framer_new(bool is_server, size_t max)
{
	static const struct wslay_frame_callbacks callbacks = {
		.send_callback = take_bytes,
		.recv_callback = give_bytes,
		.genmask_callback = make_mask,
	};
	struct ws_framer *f = mem_alloc(sizeof(*f));
	f->is_server = is_server;
	f->max = max;
	buf_init(&f->whole, max);
	buf_init(&f->control, WS_CONTROL_MAX);
	/* It has its own malloc; where that fails there is no framer, and
	 * what is read or written is a fault. */
	if (wslay_frame_context_init(&f->frames, &callbacks, f) != 0)
		f->frames = NULL;
	return f;
}

void ws_framer_free(struct ws_framer *f)
{
	if (!f)
		return;
	wslay_frame_context_free(f->frames);
	buf_clear_wiped(&f->whole);
	buf_clear(&f->control);
	mem_free(f);
}

/* ---- in ---- */

static enum ws_event fail(struct ws_framer *f, enum ws_code *code,
	enum ws_code which, const char *sentence, struct err *e)
{
	f->has_failed = true;
	*code = which;
	err_set(e, STATUS_MALFORMED, "%s", sentence);
	return WS_FAULT;
}

static bool is_known(uint8_t opcode)
{
	return opcode <= WSLAY_BINARY_FRAME ||
	       (opcode >= WSLAY_CONNECTION_CLOSE && opcode <= WSLAY_PONG);
}

/* What is wrong with this frame, by its head; NULL where nothing is. */
static const char *find_fault(
	const struct ws_framer *f, const struct wslay_frame_iocb *frame)
{
	if (frame->mask && !f->is_server)
		return "a frame from a server that is masked";
	if (!frame->mask && f->is_server)
		return "a frame from a client that is not masked";
	if (frame->rsv || !is_known(frame->opcode))
		return "a frame of an extension that nobody asked for";
	if (wslay_is_ctrl_frame(frame->opcode))
		return NULL; /* whole and small: libwslay has seen to it */
	if (frame->opcode == WSLAY_CONTINUATION_FRAME && !f->is_begun)
		return "a fragment of no message";
	return NULL;
}

/* Section 7.4: of this protocol, of registered ones, of anybody's. */
static bool is_code(unsigned code)
{
	return (code >= 1000 && code <= 1003) ||
	       (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

static enum ws_event read_close(struct ws_framer *f, struct span *payload,
	enum ws_code *code, struct err *e)
{
	const unsigned char *p = (const unsigned char *)f->control.data;
	struct span reason = span_skip(buf_view(&f->control), 2);
	*code = WS_CODE_NONE;
	*payload = SPAN_EMPTY;
	if (f->control.len == 0)
		return WS_CLOSE;
	unsigned number = f->control.len > 1 ? p[0] * 256u + p[1] : 0;
	if (!is_code(number))
		return fail(f, code, WS_CODE_PROTOCOL_ERROR,
			"a close frame with a code that there is not", e);
	if (!utf8_is_valid(reason))
		return fail(f, code, WS_CODE_BAD_DATA,
			"a close frame whose reason is not UTF-8", e);
	*code = (enum ws_code)number;
	*payload = reason;
	return WS_CLOSE;
}

static enum ws_event end_control(struct ws_framer *f, uint8_t opcode,
	struct span *payload, enum ws_code *code, struct err *e)
{
	if (opcode == WSLAY_CONNECTION_CLOSE)
		return read_close(f, payload, code, e);
	*payload = buf_view(&f->control);
	return opcode == WSLAY_PING ? WS_PING : WS_PONG;
}

static enum ws_event end_message(struct ws_framer *f, struct span *payload,
	enum ws_code *code, struct err *e)
{
	f->is_begun = false;
	f->is_done = true;
	*payload = buf_view(&f->whole);
	if (f->opcode == WSLAY_BINARY_FRAME)
		return WS_BINARY;
	if (!utf8_is_valid(*payload))
		return fail(f, code, WS_CODE_BAD_DATA,
			"a text message that is not UTF-8", e);
	return WS_TEXT;
}

/* A frame begins; false: a fault. */
static bool begin_frame(struct ws_framer *f,
	const struct wslay_frame_iocb *frame, enum ws_code *code, struct err *e)
{
	if (wslay_is_ctrl_frame(frame->opcode)) {
		buf_reset(&f->control);
		return true;
	}
	if (frame->opcode != WSLAY_CONTINUATION_FRAME && f->is_begun) {
		fail(f, code, WS_CODE_PROTOCOL_ERROR,
			"a message within a fragmented one", e);
		return false;
	}
	if (frame->opcode != WSLAY_CONTINUATION_FRAME)
		f->opcode = frame->opcode;
	f->is_begun = true;
	/* Before it has come: who announces so much is not waited for. */
	if (frame->payload_length <= f->max - f->whole.len)
		return true;
	fail(f, code, WS_CODE_TOO_BIG, "a message over the limit", e);
	return false;
}

/* A piece of a frame; the event where it was the last of something. */
static enum ws_event take_piece(struct ws_framer *f,
	const struct wslay_frame_iocb *frame, bool is_first, bool is_last,
	struct span *payload, enum ws_code *code, struct err *e)
{
	bool is_control = wslay_is_ctrl_frame(frame->opcode);
	struct buf *to = is_control ? &f->control : &f->whole;
	if (is_first && !begin_frame(f, frame, code, e))
		return WS_FAULT;
	buf_add(to, frame->data, frame->data_length);
	if (!is_last)
		return WS_NOTHING;
	if (is_control)
		return end_control(f, frame->opcode, payload, code, e);
	return frame->fin ? end_message(f, payload, code, e) : WS_NOTHING;
}

enum ws_event ws_framer_read(struct ws_framer *f, struct span *bytes,
	struct span *payload, enum ws_code *code, struct err *e)
{
	enum ws_event event = WS_NOTHING;
	*payload = SPAN_EMPTY;
	if (f->has_failed || !f->frames)
		return fail(f, code, WS_CODE_FAULT_OF_SERVER,
			"nothing more can be read", e);
	if (f->is_done)
		buf_clear(&f->whole);
	f->is_done = false;
	f->in = *bytes;
	while (event == WS_NOTHING && f->in.n > 0) {
		struct wslay_frame_iocb frame = { 0 };
		ssize_t n = wslay_frame_recv(f->frames, &frame);
		if (n == WSLAY_ERR_WANT_READ)
			continue;
		const char *fault = n < 0 ? "a frame that is malformed"
					  : find_fault(f, &frame);
		if (fault) {
			event = fail(f, code, WS_CODE_PROTOCOL_ERROR, fault, e);
			break;
		}
		bool is_first = !f->is_in_frame;
		f->left = (is_first ? frame.payload_length : f->left) -
			  frame.data_length;
		f->is_in_frame = f->left > 0;
		event = take_piece(
			f, &frame, is_first, !f->is_in_frame, payload, code, e);
	}
	*bytes = f->in;
	f->in = SPAN_EMPTY;
	return event;
}

/* ---- out ---- */

static bool write_frame(struct ws_framer *f, struct buf *out, uint8_t opcode,
	struct span payload)
{
	struct wslay_frame_iocb frame = { .fin = 1,
		.opcode = opcode,
		.payload_length = payload.n,
		.mask = !f->is_server,
		.data = (const uint8_t *)payload.p,
		.data_length = payload.n };
	size_t before = out->len;
	/* All or nothing: half a frame would be the end. */
	if (!f->frames || out->max - out->len < WS_FRAME_OVERHEAD ||
		out->max - out->len - WS_FRAME_OVERHEAD < payload.n)
		return false;
	f->out = out;
	ssize_t n = wslay_frame_send(f->frames, &frame);
	f->out = NULL;
	if (n == (ssize_t)payload.n)
		return true;
	out->len = before;
	return false;
}

bool ws_framer_write(struct ws_framer *f, struct buf *out, enum ws_event what,
	struct span payload)
{
	static const uint8_t opcodes[] = {
		[WS_TEXT] = WSLAY_TEXT_FRAME,
		[WS_BINARY] = WSLAY_BINARY_FRAME,
		[WS_PING] = WSLAY_PING,
		[WS_PONG] = WSLAY_PONG,
	};
	return write_frame(f, out, opcodes[what], payload);
}

bool ws_framer_write_close(struct ws_framer *f, struct buf *out,
	enum ws_code code, struct span reason)
{
	struct buf payload = BUF_INIT(WS_CONTROL_MAX);
	buf_char(&payload, (char)(code >> 8));
	buf_char(&payload, (char)(code & 0xff));
	reason = span_first(reason, WS_REASON_MAX);
	reason.n = utf8_valid_length(reason.p, reason.n);
	buf_span(&payload, reason);
	/* Section 7.1.5: no code came, so none goes back. */
	bool good = write_frame(f, out, WSLAY_CONNECTION_CLOSE,
		code == WS_CODE_NONE ? SPAN_EMPTY : buf_view(&payload));
	buf_clear(&payload);
	return good;
}
