/* SPDX-License-Identifier: Apache-2.0 */
/* json_heap.c - jansson's small blocks, kept by each thread for its next ones.
 *
 * A turn parses and writes some ten bodies: a thousand blocks of 24 to 200
 * bytes, taken together and freed together.  glibc keeps seven of a size at hand;
 * the rest goes through its bins.  Here a thread keeps more.  The blocks are
 * malloc's own and know their size, so any of them may be freed by anybody, and
 * it does not matter what was allocated before json_keep_blocks().
 * What a thread keeps is never given back: for threads that live as long as the
 * program.  Under AddressSanitizer nothing is kept.
 */
#include "base/json.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#define STEP ((size_t)16)	/* glibc's sizes: 24, 40, 56, ... */
#define LEAST ((size_t)24)
#define SIZES 16
#define KEPT_MAX 512		/* of a size, a thread */

#if defined(__SANITIZE_ADDRESS__)
#define KEEP 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KEEP 0
#endif
#endif
#ifndef KEEP
#define KEEP 1
#endif

struct block {
	struct block *next;
};

static _Thread_local struct {
	struct block *first[SIZES];
	unsigned n[SIZES];
} kept;

static void *
block_take(size_t n)
{
	size_t i = n <= LEAST ? 0 : (n - LEAST + STEP - 1) / STEP;
	struct block *b;

	if (i >= SIZES)
		return malloc(n);
	b = kept.first[i];
	if (b == NULL)
		return malloc(LEAST + i * STEP);
	kept.first[i] = b->next;
	kept.n[i]--;
	return b;
}

static void
block_give(void *p)
{
	struct block *b = p;
	size_t i;

	if (p == NULL)
		return;
	/* The size it can serve: rounded down. */
	i = (malloc_usable_size(p) - LEAST) / STEP;
	if (i >= SIZES || kept.n[i] == KEPT_MAX) {
		free(p);
		return;
	}
	b->next = kept.first[i];
	kept.first[i] = b;
	kept.n[i]++;
}

void
json_keep_blocks(void)
{
	if (KEEP)
		json_set_alloc_funcs(block_take, block_give);
}
