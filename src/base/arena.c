/* SPDX-License-Identifier: Apache-2.0 */
/* arena.c - memory that lives as long as one job.
 *
 * Chunks in a list, a pointer that moves forward.  Each allocation stands
 * between a header (its size) and a red zone right behind its last byte, so a
 * write past the end is found: at once under AddressSanitizer, where all of it
 * is poisoned, else when the arena is reset and the words are read back.
 */
#include "base/arena.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif

#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

#define MAGIC 0xA12E4A01U
#define ALIGN ((size_t)16)
#define HEAD ALIGN	       /* holds the allocation's size */
#define RED sizeof(uint64_t)   /* behind its last byte */
#define RED_WORD UINT64_C(0xFD5AFEED0DDBA115)
#define CHUNK ((size_t)64 << 10)
#define CHUNK_FIRST ((size_t)8 << 10)	/* most of what is short-lived needs no more */
#define SPARE 48		/* chunks that are kept for the next arena */
#define SPARE_FIRST 256
/* What an arena may still give after it was left: enough to say why. */
#define RESERVE ((size_t)64 << 10)

struct chunk {
	struct chunk *next;
	size_t cap, used;	/* of the bytes behind this header */
};

struct deferred {
	struct deferred *next;
	void (*fn)(void *);
	void *arg;
};

struct arena {
	unsigned magic;
	bool running;		/* inside arena_run */
	size_t ceiling;
	size_t extra;		/* on top of it: the reserve, what defer took */
	size_t used;		/* with headers and red zones */
	struct chunk *chunks;	/* only the first is filled */
	struct deferred *deferred;
	jmp_buf exit;
	struct fault *fault;	/* arena_run's */
};

static size_t
round_up(size_t n)
{
	return (n + (ALIGN - 1)) & ~(ALIGN - 1);
}

#define CHUNK_HEAD round_up(sizeof(struct chunk))

static char *
chunk_bytes(struct chunk *c)
{
	return (char *)c + CHUNK_HEAD;
}

/* Chunks that were given back, of the two usual sizes: a batch's arena is made by
 * a worker and freed by the writer, and each free of 64 KB lets malloc tidy its
 * whole heap.  Under AddressSanitizer each chunk is malloc's own. */
static struct {
	pthread_mutex_t lock;
	struct chunk *first[2];
	unsigned n[2];
} spare = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct chunk *
spare_take(size_t cap)
{
	struct chunk *c = NULL;
#ifndef ARENA_ASAN
	size_t kind = cap == CHUNK;

	if (cap != CHUNK && cap != CHUNK_FIRST)
		return NULL;
	(void)pthread_mutex_lock(&spare.lock);
	c = spare.first[kind];
	if (c != NULL) {
		spare.first[kind] = c->next;
		spare.n[kind]--;
	}
	(void)pthread_mutex_unlock(&spare.lock);
#else
	(void)cap;
#endif
	return c;
}

static bool
spare_give(struct chunk *c)
{
	bool taken = false;
#ifndef ARENA_ASAN
	size_t kind = c->cap == CHUNK;

	if (c->cap != CHUNK && c->cap != CHUNK_FIRST)
		return false;
	(void)pthread_mutex_lock(&spare.lock);
	taken = spare.n[kind] < (kind == 1 ? SPARE : SPARE_FIRST);
	if (taken) {
		c->next = spare.first[kind];
		spare.first[kind] = c;
		spare.n[kind]++;
	}
	(void)pthread_mutex_unlock(&spare.lock);
#else
	(void)c;
#endif
	return taken;
}

static struct chunk *
chunk_new(size_t cap)
{
	struct chunk *c = spare_take(cap);

	if (c == NULL)
		c = malloc(CHUNK_HEAD + cap);
	CHECK(c != NULL);	/* allocation failure aborts, by rule */
	*c = (struct chunk){ .cap = cap };
	ASAN_POISON_MEMORY_REGION(chunk_bytes(c), cap);
	return c;
}

static void
chunk_free(struct chunk *c)
{
	ASAN_UNPOISON_MEMORY_REGION(chunk_bytes(c), c->cap);
	if (!spare_give(c))
		free(c);
}

/* Reads every red zone back. */
static void
chunk_check(struct chunk *c)
{
#ifdef ARENA_ASAN
	(void)c;	/* poisoned: a write there was reported when it happened */
#else
	for (size_t at = 0; at < c->used;) {
		uint64_t word;
		size_t n;

		memcpy(&n, chunk_bytes(c) + at, sizeof(n));
		CHECK(n <= c->used - at - HEAD - RED);
		memcpy(&word, chunk_bytes(c) + at + HEAD + n, sizeof(word));
		CHECK(word == RED_WORD);	/* somebody wrote past an allocation's end */
		at += round_up(HEAD + n + RED);
	}
#endif
}

struct arena *
arena_new(size_t ceiling_bytes)
{
	struct arena *a = calloc(1, sizeof(*a));

	CHECK(a != NULL);
	a->magic = MAGIC;
	a->ceiling = ceiling_bytes == 0 ? ARENA_CEILING_DEFAULT : ceiling_bytes;
	return a;
}

static void
run_deferred(struct arena *a)
{
	while (a->deferred != NULL) {
		struct deferred d = *a->deferred;

		a->deferred = d.next;
		d.fn(d.arg);
	}
}

/* One stays for the next job: a whole one rather than a first one. */
static bool
worth_keeping(const struct chunk *c, const struct chunk *kept)
{
	return c->cap == CHUNK ? kept == NULL || kept->cap != CHUNK :
	    c->cap == CHUNK_FIRST && kept == NULL;
}

void
arena_reset(struct arena *a)
{
	struct chunk *keep = NULL;

	CHECK_OBJ(a, MAGIC);
	CHECK(!a->running);
	run_deferred(a);
	while (a->chunks != NULL) {
		struct chunk *c = a->chunks;

		a->chunks = c->next;
		chunk_check(c);
		if (worth_keeping(c, keep)) {
			struct chunk *other = keep;

			keep = c;
			c = other;
		}
		if (c != NULL)
			chunk_free(c);
	}
	if (keep != NULL) {
		keep->next = NULL;
		keep->used = 0;
		ASAN_POISON_MEMORY_REGION(chunk_bytes(keep), keep->cap);
	}
	a->chunks = keep;
	a->used = 0;
	a->extra = 0;
}

void
arena_free(struct arena **ap)
{
	struct arena *a = *ap;

	if (a == NULL)
		return;
	arena_reset(a);
	if (a->chunks != NULL)
		chunk_free(a->chunks);
	a->magic = 0;
	free(a);
	*ap = NULL;
}

/* Past the ceiling: the job's one exit. */
static _Noreturn void
leave(struct arena *a, size_t n)
{
	if (!a->running)
		NEVER("an arena reached its ceiling outside arena_run");
	(void)fault(a->fault, E_TOOBIG, "this needs more than its %zu bytes of memory (asked for %zu)",
	    a->ceiling, n);
	run_deferred(a);
	a->running = false;
	a->extra += RESERVE;
	longjmp(a->exit, 1);
}

/* A chunk with room for `whole` bytes.  A large one gets a chunk of its own,
 * behind the first, whose room is not lost by that. */
static struct chunk *
chunk_for(struct arena *a, size_t whole)
{
	struct chunk *c = a->chunks;

	if (c != NULL && c->cap - c->used >= whole)
		return c;
	if (c != NULL && whole > CHUNK / 2) {
		struct chunk *own = chunk_new(whole);

		own->next = c->next;
		c->next = own;
		return own;
	}
	c = chunk_new(whole > CHUNK ? whole : a->chunks == NULL && whole < CHUNK_FIRST ? CHUNK_FIRST : CHUNK);
	c->next = a->chunks;
	a->chunks = c;
	return c;
}

/* `whole` is what the allocation takes with header and red zone. */
static void *
take(struct arena *a, size_t n, size_t whole)
{
	struct chunk *c = chunk_for(a, whole);
	char *p;

	p = chunk_bytes(c) + c->used;
	c->used += whole;
	a->used += whole;
#ifdef ARENA_ASAN
	ASAN_UNPOISON_MEMORY_REGION(p + HEAD, n);
#else
	memcpy(p, &n, sizeof(n));
	memcpy(p + HEAD + n, &(uint64_t){ RED_WORD }, RED);
#endif
	return p + HEAD;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	size_t whole;

	CHECK_OBJ(a, MAGIC);
	if (n > a->ceiling)
		leave(a, n);
	whole = round_up(HEAD + n + RED);
	if (whole > a->ceiling + a->extra - a->used)
		leave(a, n);
	return take(a, n, whole);
}

void *
arena_zalloc(struct arena *a, size_t n)
{
	return memset(arena_alloc(a, n), 0, n);
}

void *
arena_zalloc_n(struct arena *a, size_t n, size_t each)
{
	size_t total;

	if (__builtin_mul_overflow(n, each, &total))
		total = SIZE_MAX;	/* past every ceiling */
	return arena_zalloc(a, total);
}

void
arena_defer(struct arena *a, void (*fn)(void *), void *arg)
{
	struct deferred *d;

	CHECK_OBJ(a, MAGIC);
	/* Not under the ceiling: to leave here would leak what the caller is
	 * about to hand over. */
	d = take(a, sizeof(*d), round_up(HEAD + sizeof(*d) + RED));
	a->extra += round_up(HEAD + sizeof(*d) + RED);
	*d = (struct deferred){ a->deferred, fn, arg };
	a->deferred = d;
}

size_t
arena_used(const struct arena *a)
{
	CHECK_OBJ(a, MAGIC);
	return a->used;
}

enum err
arena_run(struct arena *a, enum err (*fn)(struct arena *, void *, struct fault *), void *arg,
    struct fault *f)
{
	enum err e;

	CHECK_OBJ(a, MAGIC);
	CHECK(!a->running);
	a->fault = f;
	if (setjmp(a->exit) != 0)
		return E_TOOBIG;
	a->running = true;
	e = fn(a, arg, f);
	a->running = false;
	return e;
}
