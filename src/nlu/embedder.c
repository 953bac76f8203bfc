/* SPDX-License-Identifier: Apache-2.0 */
/* embedder.c - the cache of vectors: a table, and a ring of age.
 *
 * One array of slots that are chained twice: by hash, and by use.  The file is the
 * slots from the oldest on, under a checksum: reading it in that order restores
 * their age.
 */
#include "nlu/embedder.h"

#include "base/buf.h"
#include "base/bytes.h"
#include "base/rand.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAGIC 0x454d4244u
#define KEY_LEN 32
#define FILE_VERSION 1u
#define FILE_BYTES_MAX ((size_t)1 << 30)
#define NONE UINT32_MAX
#define ARENA_MORE ((size_t)1 << 20)	/* for the path, and what an arena keeps */

static const char file_magic[8] = { 'B', 'A', 'T', 'O', 'N', 'V', 'E', 'C' };

struct slot {
	uint8_t key[KEY_LEN];
	uint32_t next;			/* in its bucket */
	uint32_t older, newer;		/* by use */
};

struct embedder {
	unsigned magic;
	struct arena *a;		/* owns all below and the embedder */
	struct encoder *e;
	const char *path;
	size_t width, max, n, buckets;	/* buckets: a power of two */
	pthread_mutex_t lock;
	struct slot *slot;
	float *v;			/* max x width: no memory until it is written to */
	uint32_t *bucket;
	uint32_t oldest, newest;
	bool changed;
};

static size_t
bucket_of(const struct embedder *m, const uint8_t key[KEY_LEN])
{
	uint32_t h;

	memcpy(&h, key, sizeof(h));
	return h & (m->buckets - 1);
}

static uint32_t
find(const struct embedder *m, const uint8_t key[KEY_LEN])
{
	uint32_t i = m->bucket[bucket_of(m, key)];

	while (i != NONE && memcmp(m->slot[i].key, key, KEY_LEN) != 0)
		i = m->slot[i].next;
	return i;
}

static void
unchain(struct embedder *m, uint32_t i)
{
	struct slot *s = &m->slot[i];

	if (s->older != NONE)
		m->slot[s->older].newer = s->newer;
	else
		m->oldest = s->newer;
	if (s->newer != NONE)
		m->slot[s->newer].older = s->older;
	else
		m->newest = s->older;
}

static void
make_newest(struct embedder *m, uint32_t i)
{
	struct slot *s = &m->slot[i];

	s->older = m->newest;
	s->newer = NONE;
	if (m->newest != NONE)
		m->slot[m->newest].newer = i;
	else
		m->oldest = i;
	m->newest = i;
}

/* A slot of its own: a new one, or the one that was least recently used. */
static uint32_t
claim(struct embedder *m)
{
	uint32_t i, *at;

	if (m->n < m->max)
		return (uint32_t)m->n++;
	i = m->oldest;
	unchain(m, i);
	for (at = &m->bucket[bucket_of(m, m->slot[i].key)]; *at != i;)
		at = &m->slot[*at].next;
	*at = m->slot[i].next;
	return i;
}

static void
add(struct embedder *m, const uint8_t key[KEY_LEN], const float *v)
{
	uint32_t i = find(m, key), *head;

	if (i != NONE) {
		unchain(m, i);
	} else {
		i = claim(m);
		head = &m->bucket[bucket_of(m, key)];
		memcpy(m->slot[i].key, key, KEY_LEN);
		m->slot[i].next = *head;
		*head = i;
	}
	make_newest(m, i);
	memcpy(m->v + i * m->width, v, m->width * sizeof(*v));
	m->changed = true;
}

static void
key_of(const struct embedder *m, struct str text, uint8_t key[KEY_LEN])
{
	const struct encoder_info *info = encoder_info_of(m->e);
	const struct sha256_part parts[] = { { info->source.p, info->source.n }, { "\0", 1 }, { text.p, text.n } };

	sha256_parts(parts, text.n > 0 ? 3 : 2, key);
}

static struct str
source_of(const struct embedder *m)
{
	return encoder_info_of(m->e)->source;
}

static bool
read_vectors(struct embedder *m, struct str bytes)
{
	struct bytes_reader r = { str_sub(bytes, 0, bytes.n - KEY_LEN), sizeof(file_magic), false };
	uint8_t sum[KEY_LEN];
	uint32_t n;

	sha256(r.s.p, r.s.n, sum);
	if (memcmp(bytes.p, file_magic, sizeof(file_magic)) != 0 ||
	    memcmp(sum, bytes.p + r.s.n, KEY_LEN) != 0 || bytes_take_u32(&r) != FILE_VERSION ||
	    !str_eq(bytes_take_str(&r), source_of(m)) || bytes_take_u32(&r) != m->width)
		return false;
	n = bytes_take_u32(&r);
	if (n != (r.s.n - r.at) / (KEY_LEN + m->width * sizeof(float)))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		uint8_t key[KEY_LEN];
		float v[ENCODER_WIDTH_MAX];

		memcpy(key, bytes_take(&r, KEY_LEN).p, KEY_LEN);
		for (size_t j = 0; j < m->width; j++)
			v[j] = bytes_take_f32(&r);
		if (r.bad)
			return false;
		add(m, key, v);
	}
	return true;
}

/* Whatever is wrong with the file: it is only a cache. */
static void
read_file(struct embedder *m)
{
	FILE *f = fopen(m->path, "rb");
	struct buf b;
	char part[65536];
	size_t n;

	if (f == NULL)
		return;
	buf_init(&b, FILE_BYTES_MAX);
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		buf_add(&b, part, n);
	fclose(f);
	if (!b.over && b.n > sizeof(file_magic) + KEY_LEN)
		(void)read_vectors(m, buf_str(&b));
	buf_free(&b);
	m->changed = false;
}

/* Beside it, then in its place: a reader sees the old file or the new one. */
static void
write_file(const struct embedder *m)
{
	struct buf b, beside;
	uint8_t sum[KEY_LEN];
	FILE *f;
	bool good;
	int fd;

	buf_init(&b, FILE_BYTES_MAX);
	buf_add(&b, file_magic, sizeof(file_magic));
	bytes_put_u32(&b, FILE_VERSION);
	bytes_put_str(&b, source_of(m));
	bytes_put_u32(&b, (uint32_t)m->width);
	bytes_put_u32(&b, (uint32_t)m->n);
	for (uint32_t i = m->oldest; i != NONE; i = m->slot[i].newer) {
		buf_add(&b, m->slot[i].key, KEY_LEN);
		bytes_put_floats(&b, m->v + i * m->width, m->width);
	}
	sha256(b.p, b.n, sum);
	buf_add(&b, sum, sizeof(sum));
	buf_init(&beside, 8192);
	buf_fmt(&beside, "%s.%ld", m->path, (long)getpid());
	/* What customers and desks wrote can be guessed from it: the owner's only. */
	(void)remove(buf_z(&beside));
	fd = b.over || beside.over ? -1 : open(buf_z(&beside), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	f = fd < 0 ? NULL : fdopen(fd, "wb");
	if (f != NULL) {
		good = fwrite(b.p, 1, b.n, f) == b.n;
		good = fclose(f) == 0 && good;
		if (!good || rename(buf_z(&beside), m->path) != 0)
			(void)remove(buf_z(&beside));
	}
	buf_free(&beside);
	buf_free(&b);
}

struct embedder *
embedder_new(struct encoder *e, const char *path, size_t cache_max)
{
	size_t width = encoder_info_of(e)->width, max = cache_max < 1 ? 1 : cache_max, buckets = 64;
	struct embedder *m;
	struct arena *a;

	while (buckets < max)
		buckets *= 2;
	a = arena_new(max * (width * sizeof(float) + sizeof(struct slot)) + buckets * sizeof(uint32_t) +
	    ARENA_MORE);
	m = arena_new_of(a, struct embedder);
	m->magic = MAGIC;
	m->a = a;
	m->e = encoder_ref(e);
	m->width = width;
	m->max = max;
	m->buckets = buckets;
	m->slot = arena_alloc(a, max * sizeof(*m->slot));
	m->v = arena_alloc(a, max * width * sizeof(*m->v));
	m->bucket = arena_alloc(a, buckets * sizeof(*m->bucket));
	for (size_t i = 0; i < m->buckets; i++)
		m->bucket[i] = NONE;
	m->oldest = m->newest = NONE;
	pthread_mutex_init(&m->lock, NULL);
	if (path != NULL) {
		m->path = str_z(a, str_from(path));
		read_file(m);
	}
	return m;
}

void
embedder_free(struct embedder **mp)
{
	struct embedder *m = *mp;
	struct arena *a;

	*mp = NULL;
	if (m == NULL)
		return;
	CHECK_OBJ(m, MAGIC);
	if (m->path != NULL && m->changed)
		write_file(m);
	m->magic = 0;
	encoder_unref(&m->e);
	pthread_mutex_destroy(&m->lock);
	a = m->a;
	arena_free(&a);
}

const struct encoder_info *
embedder_info(const struct embedder *m)
{
	return encoder_info_of(m->e);
}

const struct encoder *
embedder_encoder(const struct embedder *m)
{
	return m->e;
}

static bool
look(struct embedder *m, const uint8_t key[KEY_LEN], float *out)
{
	uint32_t i;

	pthread_mutex_lock(&m->lock);
	i = find(m, key);
	if (i != NONE) {
		memcpy(out, m->v + i * m->width, m->width * sizeof(*out));
		unchain(m, i);
		make_newest(m, i);
	}
	pthread_mutex_unlock(&m->lock);
	return i != NONE;
}

void
embedder_embed(struct embedder *m, struct arena *a, struct str text, float *out)
{
	uint8_t key[KEY_LEN];

	CHECK_OBJ(m, MAGIC);
	key_of(m, text, key);
	if (!look(m, key, out))
		encoder_embed(m->e, a, text, out);
}

void
embedder_embed_known(struct embedder *m, struct arena *a, struct str text, float *out)
{
	uint8_t key[KEY_LEN];

	CHECK_OBJ(m, MAGIC);
	key_of(m, text, key);
	if (look(m, key, out))
		return;
	encoder_embed(m->e, a, text, out);
	pthread_mutex_lock(&m->lock);
	add(m, key, out);
	pthread_mutex_unlock(&m->lock);
}
