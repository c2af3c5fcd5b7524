/* fatal - the two faults nobody can go on from
 *
 * Out of memory, and a kernel that has no random bytes.  The only place in
 * common/ outside cli/ that ends the process: one line on stderr, status 9.
 */
#ifndef BASE_FATAL_H
#define BASE_FATAL_H

/* The name in front of the line; points to static storage. */
void fatal_set_name(const char *name);

_Noreturn void fatal(const char *why);

#endif
