/* SPDX-License-Identifier: Apache-2.0 */
/* blob.c - shared bytes: immutable, counted. */
#include "net/net.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC 0xB10BU

struct net_blob {
	unsigned magic;
	atomic_uint refs;
	const char *p;
	size_t n;
	char *owned;	/* memory of its own, beside `bytes` */
	char bytes[];
};

static struct net_blob *
blob_alloc(size_t inline_n)
{
	struct net_blob *b = malloc(sizeof(*b) + inline_n);

	CHECK(b != NULL);
	b->magic = MAGIC;
	atomic_init(&b->refs, 1);
	b->p = b->bytes;
	b->n = inline_n;
	b->owned = NULL;
	return b;
}

struct net_blob *
net_blob_new(const void *p, size_t n)
{
	struct net_blob *b = blob_alloc(n);

	if (n > 0)
		memcpy(b->bytes, p, n);
	return b;
}

struct net_blob *
net_blob_static(const void *p, size_t n)
{
	struct net_blob *b = blob_alloc(0);

	b->p = p;
	b->n = n;
	return b;
}

struct net_blob *
net_blob_take(struct buf *from)
{
	struct net_blob *b = blob_alloc(0);

	b->p = b->owned = from->p;
	b->n = from->n;
	from->p = NULL;
	from->n = from->cap = 0;
	return b;
}

struct net_blob *
net_blob_ws_text(struct str text)
{
	uint8_t head[10];
	size_t head_n = ws_frame_header(head, WS_OP_TEXT, text.n);
	struct net_blob *b = blob_alloc(head_n + text.n);

	memcpy(b->bytes, head, head_n);
	if (text.n > 0)
		memcpy(b->bytes + head_n, text.p, text.n);
	return b;
}

struct net_blob *
net_blob_ref(struct net_blob *b)
{
	CHECK_OBJ(b, MAGIC);
	atomic_fetch_add_explicit(&b->refs, 1, memory_order_relaxed);
	return b;
}

void
net_blob_unref(struct net_blob **bp)
{
	struct net_blob *b = *bp;

	if (b == NULL)
		return;
	CHECK_OBJ(b, MAGIC);
	*bp = NULL;
	if (atomic_fetch_sub_explicit(&b->refs, 1, memory_order_acq_rel) != 1)
		return;
	b->magic = 0;
	free(b->owned);
	free(b);
}

size_t
net_blob_size(const struct net_blob *b)
{
	return b->n;
}

struct str
net_blob_bytes(const struct net_blob *b)
{
	return (struct str){ b->p, b->n };
}
