/* SPDX-License-Identifier: Apache-2.0 */
/* model.c - a model as bytes and back, and its references.
 *
 * Layout, little-endian: magic, version, policy hash (64), five counts, then
 * temperature, unknown, keys, idf, weights, bias, the vocabulary (count,
 * length, bytes), and a SHA-256 over all before it.
 */
#include "base/buf.h"
#include "base/rand.h"
#include "nlu/model_parts.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#define VERSION 2u	/* 2: concepts, other weights of features */
#define HASH_LEN 64
#define MODEL_ARENA ((size_t)1 << 30)
#define SUM_LEN 32

static const char magic[8] = { 'B', 'A', 'T', 'O', 'N', 'N', 'L', 'U' };

static void
put_u32(struct buf *b, size_t v)
{
	uint32_t x = (uint32_t)v;
	unsigned char p[4] = { (unsigned char)x, (unsigned char)(x >> 8), (unsigned char)(x >> 16),
		(unsigned char)(x >> 24) };

	buf_add(b, p, 4);
}

static void
put_floats(struct buf *b, const float *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t bits;

		memcpy(&bits, &v[i], 4);
		put_u32(b, bits);
	}
}

void
model_save(const struct model *m, struct buf *out)
{
	char hash[HASH_LEN] = { 0 };
	uint8_t sum[SUM_LEN];
	size_t start = out->n;

	CHECK_OBJ(m, MODEL_MAGIC);
	memcpy(hash, m->policy_hash.p, m->policy_hash.n < HASH_LEN ? m->policy_hash.n : HASH_LEN);
	buf_add(out, magic, sizeof(magic));
	put_u32(out, VERSION);
	buf_add(out, hash, HASH_LEN);
	put_u32(out, m->intents);
	put_u32(out, m->features);
	put_u32(out, m->vocab.n);
	put_floats(out, &m->temperature, 1);
	put_floats(out, m->unknown, CUES);
	for (size_t i = 0; i < m->features; i++)
		put_u32(out, m->key[i]);
	put_floats(out, m->idf, m->features);
	put_floats(out, m->weight, m->features * m->intents);
	put_floats(out, m->bias, m->intents);
	for (size_t i = 0; i < m->vocab.n; i++) {
		put_u32(out, m->vocab.count[i]);
		put_u32(out, m->vocab.text[i].n);
		buf_add_str(out, m->vocab.text[i]);
	}
	if (out->over)
		return;
	sha256(out->p + start, out->n - start, sum);
	buf_add(out, sum, sizeof(sum));
}

struct reader {
	struct str s;
	size_t at;
	bool bad;
};

static struct str
take(struct reader *r, size_t n)
{
	struct str s;

	if (r->bad || n > r->s.n - r->at) {
		r->bad = true;
		return STR_NONE;
	}
	s = str_sub(r->s, r->at, n);
	r->at += n;
	return s;
}

static uint32_t
take_u32(struct reader *r)
{
	struct str s = take(r, 4);
	const unsigned char *p = (const unsigned char *)s.p;

	return s.n < 4 ? 0 : (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static float *
take_floats(struct reader *r, struct arena *a, size_t n)
{
	float *v;

	if (r->bad || n > (r->s.n - r->at) / 4) {
		r->bad = true;
		return arena_array(a, float, 1);
	}
	v = arena_array(a, float, n + 1);
	for (size_t i = 0; i < n; i++) {
		uint32_t bits = take_u32(r);

		memcpy(&v[i], &bits, 4);
		r->bad |= !isfinite(v[i]);
	}
	return v;
}

static void
take_vocab(struct reader *r, struct model *m, size_t n)
{
	struct str *words;
	uint32_t *count;

	if (r->bad || n > (r->s.n - r->at) / 8) {
		r->bad = true;
		return;
	}
	words = arena_array(m->arena, struct str, n + 1);
	count = arena_array(m->arena, uint32_t, n + 1);
	for (size_t i = 0; i < n && !r->bad; i++) {
		count[i] = take_u32(r);
		words[i] = str_dup(m->arena, take(r, take_u32(r)));
		r->bad |= words[i].n == 0 || (i > 0 && str_cmp(words[i - 1], words[i]) >= 0);
	}
	if (!r->bad)
		vocab_build(m->arena, words, count, n, &m->vocab);
}

static enum err
check_frame(const struct policy *p, struct str bytes, struct fault *f)
{
	char hash[HASH_LEN] = { 0 };
	uint8_t sum[SUM_LEN];

	if (bytes.n < sizeof(magic) + 4 + HASH_LEN + SUM_LEN || memcmp(bytes.p, magic, sizeof(magic)) != 0)
		return fault(f, E_INVALID, "the intent model is damaged: it does not begin as one");
	if (memcmp(bytes.p + sizeof(magic), "\x02\0\0\0", 4) != 0)
		return fault(f, E_INVALID, "the intent model has another format version than %u: publish the "
		    "policy again", VERSION);
	sha256(bytes.p, bytes.n - SUM_LEN, sum);
	if (memcmp(sum, bytes.p + bytes.n - SUM_LEN, SUM_LEN) != 0)
		return fault(f, E_INVALID, "the intent model is damaged: its checksum does not match");
	memcpy(hash, p->hash.p == NULL ? "" : p->hash.p, p->hash.n < HASH_LEN ? p->hash.n : HASH_LEN);
	if (memcmp(hash, bytes.p + sizeof(magic) + 4, HASH_LEN) != 0)
		return fault(f, E_INVALID, "the intent model was trained for another policy");
	return E_OK;
}

static enum err
read_model(struct model *m, const struct policy *p, struct str bytes, struct fault *f)
{
	struct reader r = { str_sub(bytes, 0, bytes.n - SUM_LEN), sizeof(magic) + 4 + HASH_LEN, false };
	size_t words;
	uint32_t *key;
	float *v;

	m->intents = take_u32(&r);
	m->features = take_u32(&r);
	words = take_u32(&r);
	if (m->intents != p->intents_n || m->features > r.s.n / 4)
		return fault(f, E_INVALID, "the intent model is damaged: its counts do not fit");
	v = take_floats(&r, m->arena, 1);
	m->temperature = v[0] > 0 ? v[0] : 1;
	v = take_floats(&r, m->arena, CUES);
	if (!r.bad)
		memcpy(m->unknown, v, sizeof(m->unknown));
	key = arena_array(m->arena, uint32_t, m->features + 1);
	for (size_t i = 0; i < m->features; i++) {
		key[i] = take_u32(&r);
		r.bad |= i > 0 && key[i] <= key[i - 1];
	}
	m->key = key;
	m->idf = take_floats(&r, m->arena, m->features);
	m->weight = take_floats(&r, m->arena, m->features * m->intents);
	m->bias = take_floats(&r, m->arena, m->intents);
	take_vocab(&r, m, words);
	if (r.bad || r.at != r.s.n)
		return fault(f, E_INVALID, "the intent model is damaged at byte %zu", r.at);
	model_build_table(m);
	return patterns_compile(m->arena, p, &m->patterns, f);
}

enum err
model_load(const struct policy *p, struct str bytes, struct model **out, struct fault *f)
{
	struct arena *a;
	struct model *m;
	enum err e;

	TRY(check_frame(p, bytes, f));
	a = arena_new(MODEL_ARENA);
	m = arena_new_of(a, struct model);
	m->magic = MODEL_MAGIC;
	m->refs = 1;
	m->arena = a;
	m->policy_hash = str_dup(a, p->hash);
	e = read_model(m, p, bytes, f);
	if (e != E_OK)
		arena_free(&a);
	else
		*out = m;
	return e;
}

struct model *
model_ref(struct model *m)
{
	CHECK_OBJ(m, MODEL_MAGIC);
	atomic_fetch_add(&m->refs, 1);
	return m;
}

void
model_unref(struct model **m)
{
	struct model *x = *m;
	struct arena *a;

	*m = NULL;
	if (x == NULL)
		return;
	CHECK_OBJ(x, MODEL_MAGIC);
	if (atomic_fetch_sub(&x->refs, 1) > 1)
		return;
	a = x->arena;
	x->magic = 0;
	arena_free(&a);
}
