/* bytes - numbers in packets and files, in either byte order
 *
 * Inline, since the readers do little else for each of millions of packets.
 * The caller has made sure that the octets are there.
 */
#ifndef CAPTURE_BYTES_H
#define CAPTURE_BYTES_H

#include <stdbool.h>
#include <stdint.h>

static inline uint16_t capture_be16(const char *p)
{
	const unsigned char *b = (const unsigned char *)p;
	return (uint16_t)(b[0] << 8 | b[1]);
}

static inline uint32_t capture_be32(const char *p)
{
	return (uint32_t)capture_be16(p) << 16 | capture_be16(p + 2);
}

static inline uint16_t capture_le16(const char *p)
{
	const unsigned char *b = (const unsigned char *)p;
	return (uint16_t)(b[1] << 8 | b[0]);
}

static inline uint32_t capture_le32(const char *p)
{
	return (uint32_t)capture_le16(p + 2) << 16 | capture_le16(p);
}

/* In the order of a file: big-endian where `big`. */
static inline uint16_t capture_get16(bool big, const char *p)
{
	return big ? capture_be16(p) : capture_le16(p);
}

static inline uint32_t capture_get32(bool big, const char *p)
{
	return big ? capture_be32(p) : capture_le32(p);
}

#endif
