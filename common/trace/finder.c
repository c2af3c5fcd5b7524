#include "trace/finder.h"

void trace_finder_init(struct trace_finder *f)
{
	f->segment = NULL;
	f->rest = SPAN_EMPTY;
	f->found = f->with_faults = f->unfinished = 0;
}

void trace_finder_begin(
	struct trace_finder *f, const struct capture_segment *segment)
{
	f->segment = segment;
	f->rest = segment->payload;
}

/* A message is there when its start line is; its faults are for the reader
 * to judge. */
static bool take(struct trace_finder *f, struct span bytes)
{
	bool faultless = sip_scan(&f->message, bytes);
	if (f->message.start_line.n == 0)
		return false;
	f->found++;
	f->with_faults += !faultless;
	return true;
}

static bool next_in_datagram(struct trace_finder *f)
{
	struct span bytes = f->rest;
	f->rest = SPAN_EMPTY;
	return sip_scan_is_likely(bytes) && take(f, bytes);
}

/* The rest of the segment from the next message on; false: there is none. */
static bool next_in_segment(struct trace_finder *f)
{
	while (sip_scan_is_likely(f->rest)) {
		struct sip_framer framer = { 0 };
		struct span bytes = f->rest;
		size_t skip, length;
		switch (sip_scan_frame(&framer, bytes, &skip, &length)) {
		case SIP_FRAME_PING:
			f->rest = span_skip(bytes, skip);
			continue;
		case SIP_FRAME_MESSAGE:
			bytes = span_skip(bytes, skip);
			f->rest = span_skip(bytes, length);
			return take(f, span_first(bytes, length));
		case SIP_FRAME_BROKEN:
			f->rest = SPAN_EMPTY;
			return take(f, span_skip(bytes, skip));
		case SIP_FRAME_MORE:
			f->rest = SPAN_EMPTY;
			f->unfinished++;
		}
	}
	f->rest = SPAN_EMPTY;
	return false;
}

bool trace_finder_next(struct trace_finder *f)
{
	if (f->rest.n == 0)
		return false;
	return f->segment->transport == CAPTURE_UDP ? next_in_datagram(f)
						    : next_in_segment(f);
}
