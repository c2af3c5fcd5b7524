/* fuzz_sip_sdp - a session description, and all that is asked of one */
#include <stdlib.h>

#include "base/buf.h"
#include "sip/sdp.h"

static void ask(const struct sip_sdp *sdp, const struct sip_sdp_media *media)
{
	struct buf b = BUF_INIT(1 << 20);
	struct span formats = media->formats, format;
	struct sip_sdp_codec codec;
	sip_sdp_media_direction(sdp, media);
	sip_sdp_media_ptime(sdp, media);
	sip_sdp_media_rtcp_port(sdp, media);
	if (media->port && !sip_sdp_media_address(sdp, media).is_set)
		abort();
	while (sip_sdp_format_next(&formats, &format))
		if (sip_sdp_codec(sdp, media, format, &codec))
			sip_sdp_add_codec(&b, &codec);
	/* What was offered can always be refused. */
	buf_reset(&b);
	if (!sip_sdp_add_refusal(&b, media))
		abort();
	buf_clear(&b);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static struct sip_sdp sdp;
	struct err e;
	if (!sip_sdp_parse(&sdp, span_from((const char *)data, size), &e))
		return 0;
	for (unsigned i = 0; i < sdp.media_count; i++)
		ask(&sdp, &sdp.media[i]);
	return 0;
}
