#include "base/clock.h"

#include <stdio.h>
#include <string.h>

/* Days since 1970-01-01 and back (Gregorian, March first, so that the leap
 * day is the last of its year). */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	year -= month <= 2;
	int64_t era = year / 400;
	int64_t of_era = year - era * 400;
	int64_t of_year =
		(153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t days = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
	return era * 146097 + days - 719468;
}

static void date_of(int64_t days, int *year, int *month, int *day)
{
	days += 719468;
	int64_t era = days / 146097;
	int64_t rest = days - era * 146097;
	int64_t of_era =
		(rest - rest / 1460 + rest / 36524 - rest / 146096) / 365;
	int64_t of_year = rest - (365 * of_era + of_era / 4 - of_era / 100);
	int64_t m = (5 * of_year + 2) / 153;
	*day = (int)(of_year - (153 * m + 2) / 5 + 1);
	*month = (int)(m < 10 ? m + 3 : m - 9);
	*year = (int)(of_era + era * 400 + (*month <= 2));
}

static void put(char *to, int digits, int64_t value)
{
	for (int i = digits - 1; i >= 0; i--, value /= 10)
		to[i] = (char)('0' + value % 10);
}

static void put_second(char *out, int64_t seconds)
{
	int64_t of_day = seconds % 86400;
	int year, month, day;
	date_of(seconds / 86400, &year, &month, &day);
	put(out, 4, year);
	put(out + 5, 2, month);
	put(out + 8, 2, day);
	put(out + 11, 2, of_day / 3600);
	put(out + 14, 2, of_day / 60 % 60);
	put(out + 17, 2, of_day % 60);
}

/* By hand, and no second twice: it stands in every record. */
char *clock_format(char out[CLOCK_TEXT_SIZE], usec_t wall)
{
	static char last[CLOCK_TEXT_SIZE] = "1970-01-01T00:00:00.000000Z";
	static int64_t last_seconds;
	if (wall < 0)
		wall = 0;
	if (wall / USEC_SEC != last_seconds) {
		last_seconds = wall / USEC_SEC;
		put_second(last, last_seconds);
	}
	memcpy(out, last, CLOCK_TEXT_SIZE);
	put(out + 20, 6, wall % USEC_SEC);
	return out;
}

/* Takes n digits off the front. */
static bool take(struct span *s, size_t n, uint32_t max, uint32_t *out)
{
	if (s->n < n || !span_to_u32(span_first(*s, n), max, out))
		return false;
	*s = span_skip(*s, n);
	return true;
}

static bool take_char(struct span *s, const char *any)
{
	if (s->n == 0 || !strchr(any, s->p[0]) || s->p[0] == '\0')
		return false;
	*s = span_skip(*s, 1);
	return true;
}

static usec_t take_fraction(struct span *s)
{
	usec_t value = 0, unit = USEC_SEC / 10;
	while (s->n && s->p[0] >= '0' && s->p[0] <= '9') {
		value += (s->p[0] - '0') * unit;
		unit /= 10;
		*s = span_skip(*s, 1);
	}
	return value;
}

static bool parse_offset(struct span s, int64_t *seconds)
{
	*seconds = 0;
	if (span_is_nocase(s, "Z"))
		return true;
	bool east = s.n && s.p[0] == '+';
	uint32_t hours, minutes;
	if (!take_char(&s, "+-") || !take(&s, 2, 23, &hours) ||
		!take_char(&s, ":") || !take(&s, 2, 59, &minutes) || s.n)
		return false;
	*seconds = (int64_t)(hours * 3600 + minutes * 60) * (east ? 1 : -1);
	return true;
}

bool clock_parse(struct span s, usec_t *wall)
{
	uint32_t year, month, day, hour, minute, second;
	if (!take(&s, 4, 9999, &year) || year < 1970 || !take_char(&s, "-") ||
		!take(&s, 2, 12, &month) || month < 1 || !take_char(&s, "-") ||
		!take(&s, 2, 31, &day) || day < 1 || !take_char(&s, "Tt ") ||
		!take(&s, 2, 23, &hour) || !take_char(&s, ":") ||
		!take(&s, 2, 59, &minute) || !take_char(&s, ":") ||
		!take(&s, 2, 60, &second))
		return false;
	usec_t fraction = take_char(&s, ".") ? take_fraction(&s) : 0;
	int64_t offset;
	if (!parse_offset(s, &offset))
		return false;
	int64_t seconds = days_of(year, month, day) * 86400 + hour * 3600 +
			  minute * 60 + second - offset;
	*wall = seconds * USEC_SEC + fraction;
	return *wall >= 0;
}

bool clock_parse_duration(struct span s, usec_t *out)
{
	static const struct {
		const char *suffix;
		usec_t unit;
	} units[] = { { "ms", USEC_MS }, { "s", USEC_SEC },
		{ "m", 60 * USEC_SEC }, { "h", 3600 * USEC_SEC },
		{ "d", 86400 * USEC_SEC } };
	usec_t unit = USEC_SEC;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (span_ends(s, units[i].suffix)) {
			unit = units[i].unit;
			s.n -= strlen(units[i].suffix);
			break;
		}
	struct span whole;
	bool pointed = span_cut(&s, '.', &whole);
	uint32_t value = 0;
	if (!span_to_u32(whole, 1000000000, &value))
		return false;
	usec_t fraction = take_fraction(&s);
	if (s.n || (pointed && fraction == 0 && whole.n == 0))
		return false;
	*out = value * unit + fraction * unit / USEC_SEC;
	return true;
}
