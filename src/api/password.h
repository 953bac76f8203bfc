/* SPDX-License-Identifier: Apache-2.0 */
/* password.h - Argon2id, behind a semaphore.
 *
 * Hashing takes 64 MB and tens of milliseconds: at most `concurrent` run at
 * once, the others wait (so call it on the slow pool, never on the loop).  A
 * wrong user costs the same computation as a wrong password; the counter lets
 * a test prove that.
 */
#pragma once

#include "base/str.h"

struct password;

struct password *password_new(unsigned concurrent);
void password_free(struct password **p);
/* The Argon2id text in the arena. E_INVALID: shorter than 10 or longer than 200 bytes. */
enum err password_hash(struct password *p, struct str plain, struct arena *a, struct str *out,
    struct fault *f) NODISCARD;
/* hashed empty: computes against a decoy and returns false. Also when plain is too long. */
bool password_verify(struct password *p, struct str plain, struct str hashed);
uint64_t password_computed(const struct password *p);	/* hashes so far */
