/* mem - memory that is there, or the process leaves
 *
 * None of these returns NULL.  Memory of a peer's choosing is bounded by the
 * maximum of its buf, so running out means the machine has none: fatal()
 * says so in one line.  The same functions are given to libosip2, libxml2 and
 * OpenSSL, which crash or leak where an allocation fails.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

void *mem_alloc(size_t size);               /* zeroed */
void *mem_array(size_t count, size_t size); /* zeroed, overflow checked */
void *mem_grow(void *p, size_t count, size_t size); /* as reallocarray */
char *mem_str(const char *s);                       /* NULL gives NULL */
char *mem_strn(const char *s, size_t n);            /* adds the NUL */
char *mem_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
void mem_free(void *p);

/* Overwrites n bytes before they are given back: for secrets. */
void mem_wipe(void *p, size_t n);
void mem_free_wiped(char *secret); /* a string; NULL is fine */

/* As malloc(3) and realloc(3), for the foreign libraries. */
void *mem_foreign_alloc(size_t size);
void *mem_foreign_resize(void *p, size_t size);
void mem_foreign_free(void *p);

/* For tests: the n-th allocation from now on fails; 0 switches it off. */
void mem_fail_at(uint64_t n);

#endif
