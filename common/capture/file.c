#include "capture/file.h"

#include <string.h>

void capture_file_init(struct capture_file *f)
{
	*f = (struct capture_file){ .format = CAPTURE_NO_FORMAT };
}

void capture_file_clear(struct capture_file *f)
{
	capture_pcapng_clear(&f->pcapng);
	capture_file_init(f);
}

static const struct {
	struct span magic;
	const char *name, *unpack;
} packed[] = {
	{ SPAN("\x1f\x8b"), "gzip", "gzip -dc" },
	{ SPAN("\x28\xb5\x2f\xfd"), "zstd", "zstd -dc" },
	{ SPAN("\x04\x22\x4d\x18"), "lz4", "lz4 -dc" },
	{ SPAN("\xfd\x37\x7a\x58"), "xz", "xz -dc" },
};

static enum capture_next refuse(const char *magic, struct err *e)
{
	for (size_t i = 0; i < sizeof(packed) / sizeof(packed[0]); i++)
		if (memcmp(magic, packed[i].magic.p, packed[i].magic.n) == 0) {
			err_set(e, STATUS_MALFORMED,
				"capture is compressed by %s: unpack it with "
				"\"%s FILE\" and read the pipe",
				packed[i].name, packed[i].unpack);
			return CAPTURE_BAD;
		}
	err_set(e, STATUS_MALFORMED,
		"neither pcap nor pcapng: it begins with octets %02x %02x %02x "
		"%02x",
		(unsigned char)magic[0], (unsigned char)magic[1],
		(unsigned char)magic[2], (unsigned char)magic[3]);
	return CAPTURE_BAD;
}

static enum capture_next recognise(
	struct capture_file *f, struct span in, struct err *e)
{
	if (in.n < 4)
		return CAPTURE_MORE;
	if (capture_pcap_is(in.p))
		f->format = CAPTURE_PCAP;
	else if (capture_pcapng_is(in.p))
		f->format = CAPTURE_PCAPNG;
	else
		return refuse(in.p, e);
	return CAPTURE_PACKET;
}

enum capture_next capture_file_next(struct capture_file *f, struct span *in,
	struct capture_packet *p, struct err *e)
{
	enum capture_next what = CAPTURE_PACKET;
	if (f->format == CAPTURE_NO_FORMAT)
		what = recognise(f, *in, e);
	if (what != CAPTURE_PACKET)
		return what;
	what = f->format == CAPTURE_PCAP
		       ? capture_pcap_next(&f->pcap, in, p, e)
		       : capture_pcapng_next(&f->pcapng, in, p, e);
	f->packets += what == CAPTURE_PACKET;
	return what;
}

bool capture_file_end(
	const struct capture_file *f, struct span rest, struct err *e)
{
	if (f->format == CAPTURE_NO_FORMAT && rest.n == 0)
		return err_set(
			e, STATUS_MALFORMED, "no capture: the input is empty");
	bool is_started = f->pcap.started || f->pcapng.started;
	if (!is_started)
		return err_set(
			e, STATUS_MALFORMED, "capture ends within its header");
	if (rest.n > 0 || f->pcapng.skip > 0)
		return err_set(e, STATUS_MALFORMED,
			"capture is cut off in the middle of a record, behind "
			"packet %llu",
			(unsigned long long)f->packets);
	return true;
}
