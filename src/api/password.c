/* SPDX-License-Identifier: Apache-2.0 */
/* password.c - Argon2id, behind a semaphore. */
#include "api/password.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define MAGIC 0x9A55U
#define PLAIN_MIN 10
#define PLAIN_MAX 200

struct password {
	unsigned magic;
	struct arena *arena;
	pthread_mutex_t lock;
	pthread_cond_t free;
	unsigned running, most;
	_Atomic uint64_t computed;
};

static void
begin(struct password *p)
{
	CHECK(pthread_mutex_lock(&p->lock) == 0);
	while (p->running == p->most)
		CHECK(pthread_cond_wait(&p->free, &p->lock) == 0);
	p->running++;
	CHECK(pthread_mutex_unlock(&p->lock) == 0);
}

static void
end(struct password *p)
{
	atomic_fetch_add(&p->computed, 1);
	CHECK(pthread_mutex_lock(&p->lock) == 0);
	p->running--;
	CHECK(pthread_cond_signal(&p->free) == 0);
	CHECK(pthread_mutex_unlock(&p->lock) == 0);
}

static int
compute(struct password *p, struct str plain, char out[crypto_pwhash_STRBYTES])
{
	int r;

	begin(p);
	r = crypto_pwhash_str(out, plain.p, plain.n, crypto_pwhash_OPSLIMIT_INTERACTIVE,
	    crypto_pwhash_MEMLIMIT_INTERACTIVE);
	end(p);
	return r;
}

struct password *
password_new(unsigned concurrent)
{
	struct arena *a = arena_new(0);
	struct password *p = arena_new_of(a, struct password);

	CHECK(sodium_init() >= 0);
	p->magic = MAGIC;
	p->arena = a;
	p->most = concurrent > 0 ? concurrent : 1;
	CHECK(pthread_mutex_init(&p->lock, NULL) == 0);
	CHECK(pthread_cond_init(&p->free, NULL) == 0);
	return p;
}

void
password_free(struct password **pp)
{
	struct password *p = *pp;
	struct arena *a;

	if (p == NULL)
		return;
	CHECK_OBJ(p, MAGIC);
	CHECK(pthread_cond_destroy(&p->free) == 0);
	CHECK(pthread_mutex_destroy(&p->lock) == 0);
	a = p->arena;
	*pp = NULL;
	arena_free(&a);
}

enum err
password_hash(struct password *p, struct str plain, struct arena *a, struct str *out,
    struct fault *f)
{
	char text[crypto_pwhash_STRBYTES];

	CHECK_OBJ(p, MAGIC);
	if (plain.n < PLAIN_MIN || plain.n > PLAIN_MAX)
		return fault(f, E_INVALID, "A password has %d to %d bytes.", PLAIN_MIN, PLAIN_MAX);
	if (compute(p, plain, text) != 0)
		return fault(f, E_RETRY, "no memory to hash a password");
	*out = str_dup(a, str_from(text));
	return E_OK;
}

/* A hash of the same cost that no password opens: salt and hash are random. */
static void
make_decoy(char out[crypto_pwhash_STRBYTES])
{
	uint8_t salt[16], hash[32];
	char salt_text[32], hash_text[64];

	randombytes_buf(salt, sizeof(salt));
	randombytes_buf(hash, sizeof(hash));
	(void)sodium_bin2base64(salt_text, sizeof(salt_text), salt, sizeof(salt),
	    sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
	(void)sodium_bin2base64(hash_text, sizeof(hash_text), hash, sizeof(hash),
	    sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
	memset(out, 0, crypto_pwhash_STRBYTES);
	(void)snprintf(out, crypto_pwhash_STRBYTES, "$argon2id$v=19$m=%u,t=%u,p=1$%s$%s",
	    (unsigned)(crypto_pwhash_MEMLIMIT_INTERACTIVE / 1024),
	    (unsigned)crypto_pwhash_OPSLIMIT_INTERACTIVE, salt_text, hash_text);
}

bool
password_verify(struct password *p, struct str plain, struct str hashed)
{
	char text[crypto_pwhash_STRBYTES];
	bool known = hashed.n > 0 && hashed.n < sizeof(text), ok;

	CHECK_OBJ(p, MAGIC);
	make_decoy(text);
	if (known) {
		memset(text, 0, sizeof(text));
		memcpy(text, hashed.p, hashed.n);
	}
	/* Too long a text costs what any other costs. */
	if (plain.n > PLAIN_MAX) {
		plain.n = PLAIN_MAX;
		known = false;
	}
	begin(p);
	ok = crypto_pwhash_str_verify(text, plain.n > 0 ? plain.p : "", plain.n) == 0;
	end(p);
	return ok && known;
}

uint64_t
password_computed(const struct password *p)
{
	return atomic_load(&p->computed);
}
