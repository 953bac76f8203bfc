/* SPDX-License-Identifier: Apache-2.0 */
/* rand.c - randomness, ids, hashes: libsodium behind our names.
 *
 * SHA-256 is OpenSSL's, which uses the processor's instructions for it: each event's
 * body and place in the chain are hashed, eight events a turn.
 */
#include "base/rand.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define SMALL_BYTES 16	/* salts and ids; a secret is longer and comes straight from the kernel */
#define KEPT_BYTES 1024
#define B64 sodium_base64_VARIANT_URLSAFE_NO_PADDING

static void
start_sodium(void)
{
	CHECK(sodium_init() >= 0);
}

static void
need_sodium(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	CHECK(pthread_once(&once, start_sodium) == 0);
}

/* Each event takes a salt, each message an id: a thread fetches them from the kernel
 * by the hundred.  What was handed out is wiped here, so no byte is ever given twice
 * nor found later; the program never forks without an exec. */
static void
small_bytes(void *out, size_t n)
{
	static _Thread_local struct {
		uint8_t b[KEPT_BYTES];
		size_t left;
	} kept;

	if (kept.left < n) {
		randombytes_buf(kept.b, sizeof(kept.b));
		kept.left = sizeof(kept.b);
	}
	kept.left -= n;
	memcpy(out, kept.b + kept.left, n);
	sodium_memzero(kept.b + kept.left, n);
}

static void
real_bytes(struct rand *r, void *out, size_t n)
{
	(void)r;
	need_sodium();
	if (n <= SMALL_BYTES)
		small_bytes(out, n);
	else
		randombytes_buf(out, n);
}

struct rand *
rand_real(void)
{
	static struct rand real = { real_bytes };

	return &real;
}

struct seeded {
	struct rand rand;
	pthread_mutex_t lock;
	uint8_t key[crypto_stream_chacha20_KEYBYTES];
	uint64_t calls;		/* the nonce: each call its own stream */
};

static void
seeded_bytes(struct rand *r, void *out, size_t n)
{
	struct seeded *s = (struct seeded *)(void *)r;	/* its first member */
	uint8_t nonce[crypto_stream_chacha20_NONCEBYTES];

	CHECK(pthread_mutex_lock(&s->lock) == 0);
	s->calls++;
	for (size_t i = 0; i < sizeof(nonce); i++)
		nonce[i] = (uint8_t)(s->calls >> (8 * i));
	CHECK(pthread_mutex_unlock(&s->lock) == 0);
	CHECK(crypto_stream_chacha20(out, n, nonce, s->key) == 0);
}

struct rand *
rand_seeded(uint64_t seed)
{
	struct seeded *s = calloc(1, sizeof(*s));

	CHECK(s != NULL);
	need_sodium();
	s->rand.bytes = seeded_bytes;
	CHECK(pthread_mutex_init(&s->lock, NULL) == 0);
	for (size_t i = 0; i < sizeof(seed); i++)
		s->key[i] = (uint8_t)(seed >> (8 * i));
	return &s->rand;
}

void
rand_free(struct rand **r)
{
	struct seeded *s;

	if (*r == NULL)
		return;
	CHECK((*r)->bytes == seeded_bytes);	/* the real one is static */
	s = (struct seeded *)(void *)*r;
	CHECK(pthread_mutex_destroy(&s->lock) == 0);
	free(s);
	*r = NULL;
}

struct id
id_new(struct rand *r)
{
	struct id id;

	rand_bytes(r, id.b, sizeof(id.b));
	return id;
}

void
id_text(struct id id, char out[ID_LEN + 1])
{
	CHECK(sodium_bin2base64(out, ID_LEN + 1, id.b, sizeof(id.b), B64) != NULL);
}

struct str
id_str(struct arena *a, struct id id)
{
	char *z = arena_alloc(a, ID_LEN + 1);

	id_text(id, z);
	return (struct str){ z, ID_LEN };
}

bool
id_parse(struct str s, struct id *out)
{
	char back[ID_LEN + 1];
	struct id id;
	size_t n;

	if (s.n != ID_LEN || memchr(s.p, '\0', s.n) != NULL)
		return false;
	if (sodium_base642bin(id.b, sizeof(id.b), s.p, s.n, NULL, &n, NULL, B64) != 0 ||
	    n != sizeof(id.b))
		return false;
	/* 22 characters carry 132 bits: the last four must be zero, or one id
	 * would have sixteen names. */
	id_text(id, back);
	if (memcmp(back, s.p, ID_LEN) != 0)
		return false;
	*out = id;
	return true;
}

bool
id_eq(struct id a, struct id b)
{
	return memcmp(a.b, b.b, sizeof(a.b)) == 0;
}

void
token_new(struct rand *r, char out[TOKEN_LEN + 1])
{
	uint8_t secret[32];

	rand_bytes(r, secret, sizeof(secret));
	CHECK(sodium_bin2base64(out, TOKEN_LEN + 1, secret, sizeof(secret), B64) != NULL);
	sodium_memzero(secret, sizeof(secret));
}

static EVP_MD *sha256_md;

static void
fetch_sha256(void)
{
	sha256_md = EVP_MD_fetch(NULL, "SHA256", NULL);
	CHECK(sha256_md != NULL);
}

void
sha256(const void *p, size_t n, uint8_t out[32])
{
	sha256_parts(&(struct sha256_part){ p, n }, 1, out);
}

void
sha256_parts(const struct sha256_part *parts, size_t n, uint8_t out[32])
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	EVP_MD_CTX *state = EVP_MD_CTX_new();

	CHECK(pthread_once(&once, fetch_sha256) == 0);
	CHECK(state != NULL && EVP_DigestInit_ex(state, sha256_md, NULL) == 1);
	for (size_t i = 0; i < n; i++)
		CHECK(EVP_DigestUpdate(state, parts[i].p, parts[i].n) == 1);
	CHECK(EVP_DigestFinal_ex(state, out, NULL) == 1);
	EVP_MD_CTX_free(state);
}

struct str
hex_str(struct arena *a, const uint8_t *p, size_t n)
{
	char *z;

	CHECK(n < SIZE_MAX / 2);
	z = arena_alloc(a, 2 * n + 1);
	CHECK(sodium_bin2hex(z, 2 * n + 1, p, n) != NULL);
	return (struct str){ z, 2 * n };
}

bool
bytes_equal_const_time(const void *a, const void *b, size_t n)
{
	return sodium_memcmp(a, b, n) == 0;
}
