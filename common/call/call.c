#include "call/call.h"

#include "base/mem.h"
#include "base/rand.h"

#define SDP_TYPE SPAN("application/sdp")
/* Origin's numbers; 63 bits fit every reader (RFC 3264 section 5). */
#define SESSION_ID_MAX (UINT64_C(1) << 62)

struct call {
	struct sip_ua *ua;
	struct sip_invite *invite;
	struct call_handlers handlers;
	void *arg;
	struct call_codecs codecs;
	struct call_local local;
	struct audio *audio;
	struct call_agreed agreed;
	bool has_agreed;
	char *early_tag; /* of the fork whose provisional response answered */
	bool offered;    /* our offer is out, its answer is not here */
	bool is_up;
	struct buf offer; /* theirs, to be answered */
	struct err fault; /* of the media, which ended the call */
	usec_t up_since, duration;
};

/* ---- descriptions ---- */

static int family(const struct call *c)
{
	return endpoint_family(&c->local.rtp);
}

/* The audio socket lies on the address that the signalling goes by; behind a
 * NAT, whose address is described but is not here, on all there are. */
static bool open_audio(
	struct call *c, const struct endpoint *address, struct err *e)
{
	/* What an earlier target had said of media is of no use for the next. */
	if (c->audio && !c->has_agreed &&
		endpoint_same_address(&c->local.rtp, address))
		return true;
	c->has_agreed = false;
	struct endpoint at = *address;
	if (sip_transport_is_advertised(sip_ua_transport(c->ua), address))
		endpoint_parse_address(&at, endpoint_family(address) == AF_INET
						    ? SPAN("0.0.0.0")
						    : SPAN("::"));
	audio_free(c->audio);
	c->audio = audio_new(
		sip_ua_loop(c->ua), &at, &c->handlers.audio, c->arg, e);
	if (!c->audio)
		return false;
	c->local.rtp = *address;
	endpoint_set_port(&c->local.rtp, endpoint_port(audio_local(c->audio)));
	return true;
}

static void agree(struct call *c, const struct call_agreed *agreed)
{
	c->agreed = *agreed;
	c->has_agreed = true;
	audio_agree(c->audio, agreed);
}

static bool is_sdp(struct sip_scan *m)
{
	struct span type = sip_scan_value(m, SIP_HDR_CONTENT_TYPE), head;
	span_cut(&type, ';', &head);
	return m->body.n && span_is_nocase(span_trim(head), "application/sdp");
}

static bool read_answer(struct call *c, struct sip_scan *m, struct err *e)
{
	struct call_agreed agreed;
	if (!is_sdp(m))
		return err_set(e, STATUS_MALFORMED,
			"the call was answered without a description of media");
	if (!call_read_answer(&agreed, &c->codecs, family(c), m->body, e))
		return false;
	c->offered = false;
	agree(c, &agreed);
	return true;
}

static struct call *new_call(struct sip_ua *ua,
	const struct call_codecs *codecs, const struct call_handlers *handlers,
	void *arg)
{
	struct call *c = mem_alloc(sizeof(*c));
	/* Who only calls must be asked again and hung up on, too. */
	sip_ua_serve_in_dialog(ua, SIP_METHOD_INVITE);
	sip_ua_serve_in_dialog(ua, SIP_METHOD_BYE);
	c->ua = ua;
	c->codecs = *codecs;
	c->handlers = *handlers;
	c->arg = arg;
	c->local.session_id = rand_below(SESSION_ID_MAX);
	c->local.session_version = c->local.session_id;
	c->local.direction = SIP_SDP_SENDRECV;
	buf_init(&c->offer, SIP_SDP_MAX);
	return c;
}

static void free_call(struct call *c)
{
	audio_free(c->audio);
	buf_clear(&c->offer);
	mem_free(c->early_tag);
	mem_free(c);
}

/* ---- what the session tells ---- */

static bool write_offer(void *arg, struct buf *body, struct span *content_type,
	const struct endpoint *local, struct err *e)
{
	struct call *c = arg;
	if (!open_audio(c, local, e))
		return false;
	*content_type = SDP_TYPE;
	c->offered = true;
	return call_offer(body, &c->codecs, &c->local);
}

static struct span to_tag(struct sip_scan *m)
{
	return sip_tag(sip_scan_value(m, SIP_HDR_TO));
}

static void progressed(void *arg, struct sip_scan *response)
{
	struct call *c = arg;
	/* Early media: what cannot be read now may be said better in the 2xx. */
	if (is_sdp(response) && !c->has_agreed &&
		read_answer(c, response, NULL)) {
		c->offered = true;
		mem_free(c->early_tag);
		c->early_tag = span_dup(to_tag(response));
	}
	if (c->handlers.progress)
		c->handlers.progress(
			c->arg, response->status_code, response->reason);
}

/* Without a description of its own: has the same far side given one before?
 * A 2xx's, in a provisional response; an ACK's, in this call. */
static bool is_known(const struct call *c, struct sip_scan *m)
{
	return c->has_agreed && !is_sdp(m) &&
	       (m->is_request ||
		       (c->early_tag && span_is(to_tag(m), c->early_tag)));
}

/* Also where the ACK of a re-INVITE brings the answer to our offer. */
static void confirmed(void *arg, struct sip_scan *m)
{
	struct call *c = arg;
	if (c->offered && !is_known(c, m) && !read_answer(c, m, &c->fault)) {
		sip_invite_end(c->invite, 0, SPAN_EMPTY);
		return;
	}
	c->offered = false;
	if (c->is_up)
		return;
	c->is_up = true;
	c->up_since = loop_now(sip_ua_loop(c->ua));
	audio_start(c->audio);
	if (c->handlers.up)
		c->handlers.up(c->arg);
}

static bool answer_with(struct call *c, struct err *e)
{
	struct buf sdp = BUF_INIT(SIP_SDP_MAX);
	bool done = c->offer.len ? call_answer(&sdp, &c->agreed, &c->local,
					   buf_view(&c->offer))
				 : call_offer(&sdp, &c->codecs, &c->local);
	struct sip_body body = { SDP_TYPE, buf_view(&sdp) };
	if (done)
		done = sip_invite_answer(c->invite, &body, e);
	else
		err_set(e, STATUS_MALFORMED,
			"the answer to this offer is too large");
	c->offered = done && c->offer.len == 0;
	buf_clear(&sdp);
	return done;
}

static void refuse(struct call *c, const struct err *why)
{
	unsigned code = why->status == STATUS_MALFORMED ? 400
			: why->status == STATUS_REFUSED ? 488
							: 500;
	sip_invite_refuse(c->invite, code, SPAN_EMPTY, SPAN_EMPTY, NULL);
}

/* Those of ours by which the audio could go on: of the same rates. */
static struct call_codecs like(
	const struct call_codecs *all, const struct codec_format *format)
{
	struct call_codecs some = { .count = 0 };
	for (size_t i = 0; i < all->count; i++)
		if (all->list[i]->clock_rate == format->clock_rate &&
			all->list[i]->sample_rate == format->sample_rate)
			some.list[some.count++] = all->list[i];
	return some;
}

/* 14.2: what cannot be agreed to leaves the session as it was. */
static void reinvited(void *arg, struct sip_scan *m)
{
	struct call *c = arg;
	struct call_agreed before = c->agreed, agreed = before;
	struct call_codecs same = like(&c->codecs, before.format);
	struct err e = ERR_NONE;
	buf_reset(&c->offer);
	bool good = !is_sdp(m) ||
		    (call_read_offer(&agreed, &same, family(c), m->body, &e) &&
			    buf_span(&c->offer, m->body));
	c->agreed = agreed;
	c->local.session_version++;
	if (!good || !answer_with(c, &e)) {
		c->agreed = before;
		c->local.session_version--;
		refuse(c, &e);
	} else if (c->offer.len) {
		agree(c, &agreed);
	}
}

static void ended(void *arg, const struct sip_invite_end *end)
{
	struct call *c = arg;
	struct sip_invite_end told = *end;
	if (c->is_up)
		c->duration = loop_now(sip_ua_loop(c->ua)) - c->up_since;
	if (c->audio)
		audio_stop(c->audio);
	if (err_is_set(&c->fault)) {
		told.how = SIP_INVITE_FAILED;
		told.e = &c->fault;
	}
	c->handlers.ended(c->arg, &told);
	free_call(c);
}

static const struct sip_invite_handlers session = {
	.offer = write_offer,
	.progress = progressed,
	.confirmed = confirmed,
	.reinvited = reinvited,
	.ended = ended,
};

/* ---- the caller ---- */

struct call *call_place(struct sip_ua *ua, const struct sip_invite_settings *s,
	const struct call_codecs *codecs, const struct call_handlers *handlers,
	void *arg)
{
	struct call *c = new_call(ua, codecs, handlers, arg);
	c->invite = sip_invite_call(ua, s, &session, c);
	return c;
}

/* ---- the callee ---- */

static bool take_offer(struct call *c, struct sip_scan *m, struct err *e)
{
	if (!open_audio(c, sip_invite_local(c->invite), e))
		return false;
	if (m->body.n == 0)
		return true;
	if (!is_sdp(m))
		return err_set(e, STATUS_REFUSED, "the offer is no SDP");
	struct call_agreed agreed;
	if (!call_read_offer(&agreed, &c->codecs, family(c), m->body, e))
		return false;
	buf_span(&c->offer, m->body);
	agree(c, &agreed);
	return true;
}

struct call *call_take(struct sip_ua *ua, struct sip_server *s,
	struct sip_scan *m, const struct call_codecs *codecs,
	const struct call_handlers *handlers, void *arg, struct err *e)
{
	struct call *c = new_call(ua, codecs, handlers, arg);
	c->invite = sip_invite_take(ua, s, m, SPAN_EMPTY, &session, c);
	if (!c->invite) {
		err_set(e, STATUS_MALFORMED, "the INVITE makes no dialog");
		free_call(c);
		return NULL;
	}
	struct err fault = ERR_NONE;
	if (take_offer(c, m, &fault) &&
		sip_invite_ring(c->invite, 180, NULL, &fault))
		return c;
	refuse(c, &fault);
	call_forget(c);
	if (e)
		*e = fault;
	return NULL;
}

bool call_accept(struct call *c, struct err *e)
{
	return answer_with(c, e);
}

/* ---- both ---- */

void call_hang_up(struct call *c, unsigned code)
{
	if (c->audio)
		audio_stop(c->audio);
	sip_invite_end(c->invite, code, SPAN_EMPTY);
}

void call_forget(struct call *c)
{
	if (!c)
		return;
	sip_invite_forget(c->invite);
	free_call(c);
}

const struct sip_invite *call_invite(const struct call *c)
{
	return c->invite;
}

void call_report(const struct call *c, struct call_report *out)
{
	*out = (struct call_report){ .duration = c->duration };
	if (c->has_agreed) {
		out->format = c->agreed.format;
		out->rtp_remote = c->agreed.remote;
	}
	if (c->audio) {
		out->rtp_local = c->local.rtp;
		audio_report(c->audio, &out->audio);
		if (out->audio.remote.len)
			out->rtp_remote = out->audio.remote;
	}
}
