/* SPDX-License-Identifier: Apache-2.0 */
/* rand.h - the seam through which randomness comes in.
 *
 * The real one is libsodium's; the seeded one (tests, simulation) is a ChaCha20
 * stream of its seed.  An id is 128 random bits, written as 22 characters of
 * base64url without padding: the only ids that leave the process.
 * Thread-safe (the seeded one locks).
 */
#pragma once

#include "base/str.h"

struct rand {
	void (*bytes)(struct rand *, void *out, size_t n);
};

struct rand *rand_real(void);
struct rand *rand_seeded(uint64_t seed);	/* free with rand_free */
void rand_free(struct rand **r);
static inline void rand_bytes(struct rand *r, void *out, size_t n) { r->bytes(r, out, n); }

#define ID_LEN 22
struct id {
	uint8_t b[16];
};
struct id id_new(struct rand *r);
void id_text(struct id id, char out[ID_LEN + 1]);
struct str id_str(struct arena *a, struct id id);
bool id_parse(struct str s, struct id *out);	/* strict: 22 characters, canonical */
bool id_eq(struct id a, struct id b);

/* 256-bit secrets: 43 characters of base64url. */
#define TOKEN_LEN 43
void token_new(struct rand *r, char out[TOKEN_LEN + 1]);

/* SHA-256 and its hex text; sha256_parts hashes its parts as one. */
void sha256(const void *p, size_t n, uint8_t out[32]);
struct sha256_part {
	const void *p;
	size_t n;
};
void sha256_parts(const struct sha256_part *parts, size_t n, uint8_t out[32]);
struct str hex_str(struct arena *a, const uint8_t *p, size_t n);
bool bytes_equal_const_time(const void *a, const void *b, size_t n);
