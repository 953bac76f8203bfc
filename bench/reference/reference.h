/* SPDX-License-Identifier: Apache-2.0 */
/* reference.h - the yardstick's two halves: bytes (reference.c), rows (store.c).
 *
 * A server that does for a customer's message what SQLite must do, and nothing
 * else: no sign-in, no limits, no checks, no events to anybody, one writer.
 * What Baton costs above it is what Baton's promises cost.
 */
#pragma once

#include <stdint.h>

#define TEXT_MAX 512

struct work {
	struct work *next;
	int fd;			/* whose answer it is */
	unsigned gen;		/* of the connection that had that fd */
	int64_t visitor;	/* which conversation */
	char text[TEXT_MAX];	/* as it stands in the request: JSON without quotes */
	char cmid[16];
	/* the result */
	int32_t seq;
	int64_t at_us;
};

/* Opens the store, makes `conversations` of them, starts the writer. `wake` is
 * an eventfd that it adds to after each commit. Exits when it cannot. */
void store_open(const char *path, int64_t conversations, int wake);
/* From the loop: the writer's from here on. */
void store_submit(struct work *w);
/* What has been committed since; the caller frees it. */
struct work *store_done(void);
