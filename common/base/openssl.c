#include "base/openssl.h"

#include <openssl/crypto.h>
#include <stdbool.h>

#include "base/mem.h"

static void *get(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return mem_foreign_alloc(size);
}

static void *resize(void *p, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return mem_foreign_resize(p, size);
}

static void give(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	mem_foreign_free(p);
}

void openssl_start(void)
{
	static bool started;
	if (started)
		return;
	started = true;
	/* Refused where another library has used OpenSSL before: then its
	 * own allocators stay, and both kinds end in free(3). */
	CRYPTO_set_mem_functions(get, resize, give);
	/* What it would tidy up at the end, the end of the process does. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
}
