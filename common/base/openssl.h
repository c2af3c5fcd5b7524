/* openssl - what both doors to OpenSSL do before anything else
 *
 * Gives it our allocators, which it takes only before its own first
 * allocation.  Both base/hash and net/tls_config begin with it; no more than
 * the first call does anything.
 */
#ifndef BASE_OPENSSL_H
#define BASE_OPENSSL_H

void openssl_start(void);

#endif
