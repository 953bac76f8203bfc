/* SPDX-License-Identifier: Apache-2.0 */
/* model.c - a model as bytes and back, and its references.
 *
 * Layout, little-endian: magic, version, policy hash (64), how many past messages were learned
 * from and their SHA-256, a promise a risk class, whether there is a classifier, the classifier's own bytes, and a SHA-256 over
 * all before it.
 */
#include "nlu/model_parts.h"

#include "base/buf.h"
#include "base/bytes.h"
#include "base/rand.h"
#include "nlu/classifier_parts.h"
#include "nlu/embedder.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#define VERSION 6u	/* 6: pieces of words have a voice of their own; another confidence */
#define MODEL_ARENA ((size_t)64 << 20)
#define SUM_LEN 32

static const char magic[8] = { 'B', 'A', 'T', 'O', 'N', 'N', 'L', 'U' };

static void
put_hash(const struct policy *p, struct str own, char out[POLICY_HASH_LEN])
{
	struct str h = p != NULL ? p->hash : own;

	memset(out, 0, POLICY_HASH_LEN);
	if (h.n > 0)
		memcpy(out, h.p, h.n < POLICY_HASH_LEN ? h.n : POLICY_HASH_LEN);
}

static uint32_t
millionths(double v)
{
	return !(v > 0) ? 0 : v >= 4000 ? UINT32_MAX : (uint32_t)(v * 1e6 + 0.5);
}

void
model_save(const struct model *m, struct buf *out)
{
	char hash[POLICY_HASH_LEN];
	uint8_t sum[SUM_LEN];
	size_t start = out->n;

	CHECK_OBJ(m, MODEL_MAGIC);
	put_hash(NULL, m->policy_hash, hash);
	buf_add(out, magic, sizeof(magic));
	bytes_put_u32(out, VERSION);
	buf_add(out, hash, sizeof(hash));
	bytes_put_u32(out, (uint32_t)m->history_n);
	buf_add(out, m->history_sum, sizeof(m->history_sum));
	for (int i = 0; i < RISKS; i++) {
		const struct promise *p = &m->promise[i];

		bytes_put_u32(out, millionths(p->error));
		bytes_put_u32(out, p->enough);
		bytes_put_u32(out, p->enough ? millionths(p->threshold) : 0);
		bytes_put_u32(out, millionths(p->coverage));
		bytes_put_u32(out, (uint32_t)p->accepted);
		bytes_put_u32(out, (uint32_t)p->wrong);
		bytes_put_u32(out, millionths(p->bound));
	}
	bytes_put_u32(out, m->classifier != NULL);
	if (m->classifier != NULL)
		classifier_save(m->classifier, out);
	if (out->over)
		return;
	sha256(out->p + start, out->n - start, sum);
	buf_add(out, sum, sizeof(sum));
}

static enum err
check_frame(const struct policy *p, struct str bytes, struct fault *f)
{
	struct bytes_reader r = { bytes, sizeof(magic), false };
	char hash[POLICY_HASH_LEN];
	uint8_t sum[SUM_LEN];

	if (bytes.n < sizeof(magic) + 4 + POLICY_HASH_LEN + SUM_LEN ||
	    memcmp(bytes.p, magic, sizeof(magic)) != 0)
		return fault(f, E_INVALID, "the intent model is damaged: it does not begin as one");
	if (bytes_take_u32(&r) != VERSION)
		return fault(f, E_INVALID, "the intent model has another format version than %u", VERSION);
	sha256(bytes.p, bytes.n - SUM_LEN, sum);
	if (memcmp(sum, bytes.p + bytes.n - SUM_LEN, SUM_LEN) != 0)
		return fault(f, E_INVALID, "the intent model is damaged: its checksum does not match");
	put_hash(p, STR_NONE, hash);
	if (memcmp(hash, bytes.p + r.at, POLICY_HASH_LEN) != 0)
		return fault(f, E_INVALID, "the intent model was trained for another policy");
	return E_OK;
}

static void
read_promises(struct model *m, struct bytes_reader *r)
{
	for (int i = 0; i < RISKS; i++) {
		struct promise *p = &m->promise[i];

		p->error = bytes_take_u32(r) / 1e6;
		p->enough = bytes_take_u32(r) != 0;
		p->threshold = bytes_take_u32(r) / 1e6;
		p->coverage = bytes_take_u32(r) / 1e6;
		p->accepted = bytes_take_u32(r);
		p->wrong = bytes_take_u32(r);
		p->bound = bytes_take_u32(r) / 1e6;
		if (!p->enough)
			p->threshold = (double)INFINITY;
	}
}

static enum err
read_model(struct model *m, const struct policy *p, struct embedder *embedder, struct str bytes,
    struct fault *f)
{
	struct bytes_reader r = { str_sub(bytes, 0, bytes.n - SUM_LEN), sizeof(magic) + 4 + POLICY_HASH_LEN,
		false };
	struct str sum;
	bool has;

	m->history_n = bytes_take_u32(&r);
	sum = bytes_take(&r, sizeof(m->history_sum));
	if (sum.n == sizeof(m->history_sum))
		memcpy(m->history_sum, sum.p, sum.n);
	read_promises(m, &r);
	has = bytes_take_u32(&r) != 0;
	if (has != (p->intents_n > 0))
		return fault(f, E_INVALID, "the intent model is damaged: its counts do not fit");
	if (has) {
		TRY(classifier_load((struct str){ r.s.p + r.at, r.s.n - r.at }, &m->classifier, f));
		if (m->classifier->classes != p->intents_n)
			return fault(f, E_INVALID, "the intent model is damaged: its counts do not fit");
		/* of the same weights, and not only called so */
		if (embedder != NULL && str_eq(embedder_info(embedder)->source, m->classifier->encoder) &&
		    embedder_info(embedder)->width == m->classifier->mind.width)
			m->embedder = embedder;
	} else if (r.bad || r.at != r.s.n) {
		return fault(f, E_INVALID, "the intent model is damaged at byte %zu", r.at);
	}
	return patterns_compile(m->arena, p, &m->patterns, f);
}

enum err
model_load(const struct policy *p, struct embedder *embedder, struct str bytes, struct model **out,
    struct fault *f)
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
	e = read_model(m, p, embedder, bytes, f);
	if (e != E_OK)
		model_unref(&m);
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
	classifier_unref(&x->classifier);
	a = x->arena;
	x->magic = 0;
	arena_free(&a);
}

const struct classifier *
model_classifier(const struct model *m)
{
	CHECK_OBJ(m, MODEL_MAGIC);
	return m->classifier;
}

struct str
model_encoder(const struct model *m)
{
	CHECK_OBJ(m, MODEL_MAGIC);
	return m->classifier == NULL ? STR_NONE : m->classifier->encoder;
}

size_t
model_history(const struct model *m, struct arena *a, struct str *sum)
{
	CHECK_OBJ(m, MODEL_MAGIC);
	*sum = m->history_n == 0 ? STR_NONE : hex_str(a, m->history_sum, sizeof(m->history_sum));
	return m->history_n;
}

bool
model_uses_encoder(const struct model *m)
{
	return m != NULL && m->embedder != NULL;
}

const struct vocab *
model_vocab(const struct model *m)
{
	return m == NULL || m->classifier == NULL ? NULL : &m->classifier->vocab;
}
