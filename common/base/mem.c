#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"

static uint64_t fail_countdown;

static void *checked(void *p)
{
	if (fail_countdown && --fail_countdown == 0) {
		free(p);
		p = NULL;
	}
	if (!p)
		fatal("out of memory");
	return p;
}

/* malloc(0) may be NULL; nobody here wants to know. */
static size_t at_least_one(size_t size)
{
	return size ? size : 1;
}

/* glibc's calloc does not look where free has just put one of that size. */
#define SMALL 1024

void *mem_alloc(size_t size)
{
	if (size > SMALL)
		return checked(calloc(1, size));
	return memset(checked(malloc(at_least_one(size))), 0, size);
}

void *mem_array(size_t count, size_t size)
{
	return checked(calloc(at_least_one(count), at_least_one(size)));
}

void *mem_grow(void *p, size_t count, size_t size)
{
	return checked(
		reallocarray(p, at_least_one(count), at_least_one(size)));
}

char *mem_str(const char *s)
{
	return s ? mem_strn(s, strlen(s)) : NULL;
}

char *mem_strn(const char *s, size_t n)
{
	char *copy = checked(malloc(n + 1));
	if (n)
		memcpy(copy, s, n);
	copy[n] = '\0';
	return copy;
}

char *mem_format(const char *format, ...)
{
	char *text = NULL;
	va_list ap;
	va_start(ap, format);
	int n = vasprintf(&text, format, ap);
	va_end(ap);
	return checked(n < 0 ? NULL : text);
}

void mem_free(void *p)
{
	free(p);
}

void mem_wipe(void *p, size_t n)
{
	if (n)
		explicit_bzero(p, n);
}

void mem_free_wiped(char *secret)
{
	if (secret)
		mem_wipe(secret, strlen(secret));
	free(secret);
}

void *mem_foreign_alloc(size_t size)
{
	return checked(malloc(at_least_one(size)));
}

void *mem_foreign_resize(void *p, size_t size)
{
	return checked(realloc(p, at_least_one(size)));
}

void mem_foreign_free(void *p)
{
	free(p);
}

void mem_fail_at(uint64_t n)
{
	fail_countdown = n;
}
