/* clock - times as numbers and as text; reads no clock
 *
 * The only clocks are net/loop's, so that a test can turn them.  Durations
 * and monotonic times are usec_t; wall times are usec_t since 1970 in UTC.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

typedef int64_t usec_t;

#define USEC_MS ((usec_t)1000)
#define USEC_SEC ((usec_t)1000000)
#define USEC_NEVER INT64_MAX

/* 2026-11-22T10:15:30.123456Z */
#define CLOCK_TEXT_SIZE 28
char *clock_format(char out[CLOCK_TEXT_SIZE], usec_t wall);

/* RFC 3339 and XEP-0082: any fraction, Z or an offset; years 1970 to 9999. */
bool clock_parse(struct span s, usec_t *wall);

/* "30", "0.5", "500ms", "2m", "1h": a duration as options take it. */
bool clock_parse_duration(struct span s, usec_t *out);

#endif
