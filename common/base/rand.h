/* rand - random bytes, numbers and identifiers
 *
 * From the kernel (getrandom), through a small buffer: tags, branches,
 * Call-IDs, stanza ids, SSRCs, ports and nonces are all guessed at by
 * somebody.  Without random bytes nobody can go on: fatal().
 */
#ifndef BASE_RAND_H
#define BASE_RAND_H

#include <stddef.h>
#include <stdint.h>

void rand_bytes(void *out, size_t n);
uint64_t rand_below(uint64_t limit); /* 0 … limit-1, each as likely */

/* n characters of a-z2-7 (5 bits each) and a NUL into out[n + 1]. */
void rand_token(char *out, size_t n);

/* For tests: from now on the sequence of this seed instead of the kernel. */
void rand_simulate(uint64_t seed);

#endif
