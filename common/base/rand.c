#include "base/rand.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>

#include "base/fatal.h"
#include "base/mem.h"

static struct {
	bool simulated;
	uint64_t state; /* of the simulated sequence */
	size_t left;
	unsigned char pool[256];
} source;

static void read_kernel(unsigned char *out, size_t n)
{
	while (n) {
		ssize_t got = getrandom(out, n, 0);
		if (got < 0 && errno != EINTR)
			fatal("the kernel gives no random bytes");
		if (got > 0) {
			out += got;
			n -= (size_t)got;
		}
	}
}

/* splitmix64: one 64-bit state, every seed as good as another. */
static uint64_t next_simulated(void)
{
	uint64_t z = source.state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static void refill(void)
{
	if (source.simulated) {
		for (size_t i = 0; i < sizeof(source.pool); i += 8) {
			uint64_t word = next_simulated();
			memcpy(source.pool + i, &word, 8);
		}
	} else {
		read_kernel(source.pool, sizeof(source.pool));
	}
	source.left = sizeof(source.pool);
}

void rand_bytes(void *out, size_t n)
{
	unsigned char *to = out;
	while (n) {
		if (source.left == 0)
			refill();
		size_t some = n < source.left ? n : source.left;
		unsigned char *from =
			source.pool + sizeof(source.pool) - source.left;
		memcpy(to, from, some);
		mem_wipe(from, some); /* nobody reads it twice */
		source.left -= some;
		to += some;
		n -= some;
	}
}

uint64_t rand_below(uint64_t limit)
{
	if (limit < 2)
		return 0;
	/* Values below this would favour the small remainders. */
	uint64_t unfair = -limit % limit, value;
	do {
		rand_bytes(&value, sizeof(value));
	} while (value < unfair);
	return value % limit;
}

void rand_token(char *out, size_t n)
{
	static const char letters[32] = "abcdefghijklmnopqrstuvwxyz234567";
	rand_bytes(out, n);
	for (size_t i = 0; i < n; i++)
		out[i] = letters[(unsigned char)out[i] & 31];
	out[n] = '\0';
}

void rand_simulate(uint64_t seed)
{
	source.simulated = true;
	source.state = seed;
	source.left = 0;
}
