/* SPDX-License-Identifier: Apache-2.0 */
/* arena.h - memory that lives as long as one job.
 *
 * Everything "in the arena" dies with it; nobody frees above store/ and net/.
 * An arena has a ceiling.  Past it arena_alloc() does not return: it leaves
 * through the exit that arena_run() set (the only setjmp), after the deferred
 * releases ran, and arena_run() returns E_TOOBIG.  An arena that is not inside
 * arena_run() aborts instead.  So: no arena call inside a library's callback
 * or under a lock; callbacks fill bounded bufs.
 * Memory is 16-byte aligned; arena_alloc does not zero, arena_zalloc does.
 * Under AddressSanitizer unallocated and reset memory is poisoned, with a red
 * zone between allocations; release builds keep an 8-byte red zone word that
 * reset checks.  Not thread-safe: one job, one thread.
 */
#pragma once

#include "base/fault.h"

#include <stddef.h>

#define ARENA_CEILING_DEFAULT ((size_t)8 << 20)

struct arena;

struct arena *arena_new(size_t ceiling_bytes); /* 0 = the default */
void arena_free(struct arena **a);	       /* runs the deferred, NULLs */
void arena_reset(struct arena *a);	       /* runs the deferred, keeps one chunk */

void *arena_alloc(struct arena *a, size_t n_bytes) __attribute__((returns_nonnull, malloc));
void *arena_zalloc(struct arena *a, size_t n_bytes) __attribute__((returns_nonnull, malloc));
#define arena_new_of(a, type) ((type *)arena_zalloc((a), sizeof(type)))
#define arena_array(a, type, n) ((type *)arena_zalloc_n((a), (n), sizeof(type)))
void *arena_zalloc_n(struct arena *a, size_t n, size_t each_bytes) __attribute__((returns_nonnull));

/* Runs fn(arg) when the arena is reset, freed or left: newest first. */
void arena_defer(struct arena *a, void (*fn)(void *), void *arg);

size_t arena_used(const struct arena *a);

/* Runs fn(a, arg) under the arena's ceiling.  Returns what fn returned, or
 * E_TOOBIG with *f filled when the ceiling was reached.  Not nestable. */
enum err arena_run(struct arena *a, enum err (*fn)(struct arena *, void *, struct fault *),
    void *arg, struct fault *f);
