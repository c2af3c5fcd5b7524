#include "cli/phone_record.h"

#include "cli/record.h"

static void begin(struct record *r, struct phone *p, const char *state)
{
	record_begin(r, p->records, RECORD_CALL, RECORD_SIP,
		loop_wall(p->run->loop));
	record_str(r, KEY_STATE, state);
	if (p->from[0])
		record_str(r, KEY_FROM, p->from);
	record_str(r, KEY_TO, p->to);
	if (p->call)
		record_text(r, KEY_CALL_ID,
			sip_invite_call_id(call_invite(p->call)));
}

/* A record that cannot be written is found by the run itself. */
void phone_record_progress(struct phone *p, unsigned code, struct span reason)
{
	struct record r;
	if (!p->records)
		return;
	begin(&r, p, code == 180 ? "ringing" : "progress");
	record_int(&r, KEY_STATUS_CODE, code);
	record_text(&r, KEY_REASON, reason);
	record_end(&r, NULL);
}

void phone_record_up(struct phone *p)
{
	struct record r;
	struct call_report report;
	if (!p->records)
		return;
	call_report(p->call, &report);
	begin(&r, p, "up");
	if (report.format)
		record_str(&r, KEY_CODEC, report.format->name);
	record_end(&r, NULL);
}

static const char *state_of(enum sip_invite_how how)
{
	static const char *const states[] = {
		[SIP_INVITE_WE_LEFT] = "ended",
		[SIP_INVITE_THEY_LEFT] = "ended_by_peer",
		[SIP_INVITE_REFUSED] = "refused",
		[SIP_INVITE_CANCELLED] = "cancelled",
		[SIP_INVITE_FAILED] = "failed",
	};
	return states[how];
}

static void record_media(struct phone *p, const struct call_report *report)
{
	struct record r;
	char local[ENDPOINT_TEXT_SIZE], remote[ENDPOINT_TEXT_SIZE];
	const struct audio_report *a = &report->audio;
	record_begin(&r, p->records, RECORD_MEDIA, RECORD_SIP,
		loop_wall(p->run->loop));
	record_text(&r, KEY_CALL_ID, sip_invite_call_id(call_invite(p->call)));
	record_str(&r, KEY_CODEC, report->format->name);
	record_str(&r, KEY_SRC, endpoint_format(local, &report->rtp_local));
	if (report->rtp_remote.len)
		record_str(&r, KEY_DST,
			endpoint_format(remote, &report->rtp_remote));
	record_int(&r, KEY_PACKETS_SENT, (int64_t)a->sent);
	record_int(&r, KEY_PACKETS_RECEIVED, (int64_t)a->received);
	record_int(&r, KEY_PACKETS_LOST, (int64_t)a->lost);
	record_decimal(&r, KEY_JITTER_MS, a->jitter, 3);
	record_end(&r, NULL);
}

void phone_record_end(struct phone *p, const struct sip_invite_end *end)
{
	struct record r;
	struct call_report report;
	if (!p->records)
		return;
	call_report(p->call, &report);
	begin(&r, p, state_of(end->how));
	if (end->code) {
		record_int(&r, KEY_STATUS_CODE, end->code);
		if (end->reason[0])
			record_str(&r, KEY_REASON, end->reason);
	}
	if (end->e)
		record_str(&r, KEY_TEXT, end->e->text);
	if (p->up)
		record_decimal(&r, KEY_DURATION_MS, report.duration, 3);
	record_end(&r, NULL);
	if (report.format)
		record_media(p, &report);
}
