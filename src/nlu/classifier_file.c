/* SPDX-License-Identifier: Apache-2.0 */
/* classifier_file.c - a classifier as bytes and back.
 *
 * Little-endian: magic, format version; provenance (seed, counts, encoder); the
 * vocabulary, the words, the regression, centres, scale, judges, known vectors,
 * out-of-fold predictions; a SHA-256 over all before it.
 */
#include "nlu/classifier_parts.h"

#include "base/buf.h"
#include "base/bytes.h"
#include "base/rand.h"
#include "nlu/sparse_parts.h"
#include "vec/blas.h"
#include "vec/encoder_file.h"

#include <math.h>
#include <string.h>

#define VERSION 4u	/* 4: pieces of words have a voice of their own; another confidence */
#define SUM_LEN 32
#define CLASSIFIER_ARENA ((size_t)8 << 30)

static const char magic[8] = { 'B', 'A', 'T', 'O', 'N', 'C', 'L', 'S' };

static void
save_logistic(const struct logistic *l, struct buf *out)
{
	bytes_put_u32(out, (uint32_t)l->n);
	bytes_put_f32(out, l->prior);
	bytes_put_floats(out, l->mean, l->n);
	bytes_put_floats(out, l->scale, l->n);
	bytes_put_floats(out, l->weight, l->n + 1);
}

static void
save_known(const struct classifier *c, struct buf *out)
{
	bytes_put_u32(out, (uint32_t)c->known_n);
	for (size_t i = 0; i < c->known_n; i++) {
		bytes_put_u32(out, c->known_example[i]);
		bytes_put_u32(out, (uint32_t)c->known_class[i]);
		bytes_put_f32(out, c->known_scale[i]);
	}
	buf_add(out, c->known, c->known_n * c->mind.width);
}

static void
save_vectors(const struct classifier *c, struct buf *out)
{
	const struct mind *m = &c->mind;
	size_t k = BLAS_PADDED(m->classes);

	bytes_put_floats(out, c->scale.mean, m->width);
	bytes_put_floats(out, c->scale.inverse, m->width);
	dense_save(&m->dense, out);
	for (size_t j = 0; j < m->width; j++)
		bytes_put_floats(out, m->centre + j * k, m->classes);
	save_known(c, out);
}

/* A probability, to six digits: what is promised is counted in millionths. */
static uint32_t
millionths(double v)
{
	return v <= 0 ? 0 : v >= 1 ? 1000000 : (uint32_t)(v * 1e6 + 0.5);
}

void
classifier_save(const struct classifier *c, struct buf *out)
{
	uint8_t sum[SUM_LEN];
	size_t start = out->n;

	CHECK_OBJ(c, CLASSIFIER_MAGIC);
	buf_add(out, magic, sizeof(magic));
	bytes_put_u32(out, VERSION);
	bytes_put_u64(out, c->seed);
	bytes_put_u32(out, (uint32_t)c->classes);
	bytes_put_u32(out, (uint32_t)c->examples_n);
	bytes_put_u32(out, (uint32_t)c->history_n);
	bytes_put_str(out, c->encoder);
	bytes_put_u32(out, (uint32_t)c->mind.width);
	for (size_t i = 0; i < c->classes; i++)
		buf_add_c(out, c->mind.has[i] ? 1 : 0);
	vocab_save(&c->vocab, out);
	sparse_save(c->mind.sparse, out);
	if (c->mind.width > 0)
		save_vectors(c, out);
	for (int i = 0; i < 2; i++) {
		bytes_put_floats(out, c->judge[i].weight, TERMS);
		bytes_put_f32(out, c->judge[i].temperature);
		save_logistic(&c->judge[i].scope, out);
	}
	bytes_put_f32(out, c->skip_from);
	bytes_put_f32(out, c->skip_unknown);
	bytes_put_u32(out, (uint32_t)c->oof_n);
	for (size_t i = 0; i < c->oof_n; i++) {
		const struct out_of_fold *o = &c->oof[i];

		bytes_put_u32(out, (uint32_t)o->example);
		bytes_put_u32(out, (uint32_t)o->truth);
		bytes_put_u32(out, (uint32_t)o->best);
		bytes_put_u32(out, millionths(o->p_best));
		bytes_put_u32(out, millionths(o->p_truth));
		bytes_put_u32(out, millionths(o->unknown));
		bytes_put_u32(out, millionths(o->confidence));
		bytes_put_u32(out, (uint32_t)o->fold);
	}
	if (out->over)
		return;
	sha256(out->p + start, out->n - start, sum);
	buf_add(out, sum, sizeof(sum));
}

static void
take_into(struct bytes_reader *r, float *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		v[i] = bytes_take_f32(r);
}

static void
load_logistic(struct bytes_reader *r, struct logistic *l)
{
	size_t n = bytes_take_u32(r);

	if (n > LOGISTIC_CUES_MAX) {
		r->bad = true;
		return;
	}
	l->n = n;
	l->prior = bytes_take_f32(r);
	take_into(r, l->mean, n);
	take_into(r, l->scale, n);
	take_into(r, l->weight, n + 1);
}

static void
load_known(struct classifier *c, struct bytes_reader *r)
{
	size_t n = bytes_take_u32(r), w = c->mind.width;
	uint32_t *example;
	int32_t *class;
	float *scale;
	struct str v;

	if (r->bad || n > (r->s.n - r->at) / (12 + w)) {
		r->bad = true;
		return;
	}
	example = arena_array(c->arena, uint32_t, n + 1);
	class = arena_array(c->arena, int32_t, n + 1);
	scale = arena_array(c->arena, float, n + 1);
	for (size_t i = 0; i < n; i++) {
		example[i] = bytes_take_u32(r);
		class[i] = (int32_t)bytes_take_u32(r);
		scale[i] = bytes_take_f32(r);
		r->bad |= class[i] < 0 || (size_t)class[i] >= c->classes;
	}
	v = str_dup(c->arena, bytes_take(r, n * w));
	c->known = (const int8_t *)v.p;
	c->known_n = r->bad ? 0 : n;
	c->known_example = example;
	c->known_class = class;
	c->known_scale = scale;
}

static void
load_vectors(struct classifier *c, struct bytes_reader *r)
{
	struct mind *m = &c->mind;
	size_t k = BLAS_PADDED(m->classes);
	float *centre;

	c->scale.width = m->width;
	c->scale.mean = bytes_take_floats(r, c->arena, m->width);
	c->scale.inverse = bytes_take_floats(r, c->arena, m->width);
	dense_load(c->arena, r, m->classes, m->width, &m->dense);
	if (r->bad)
		return;
	centre = arena_array(c->arena, float, m->width * k + 1);
	for (size_t j = 0; j < m->width && !r->bad; j++)
		take_into(r, centre + j * k, m->classes);
	m->centre = centre;
	load_known(c, r);
}

static void
load_out_of_fold(struct classifier *c, struct bytes_reader *r)
{
	size_t n = bytes_take_u32(r);

	if (r->bad || n > (r->s.n - r->at) / 32) {
		r->bad = true;
		return;
	}
	c->oof = arena_array(c->arena, struct out_of_fold, n + 1);
	for (size_t i = 0; i < n; i++) {
		struct out_of_fold *o = &c->oof[i];

		o->example = (int)bytes_take_u32(r);
		o->truth = (int)bytes_take_u32(r);
		o->best = (int)bytes_take_u32(r);
		o->p_best = bytes_take_u32(r) / 1e6;
		o->p_truth = bytes_take_u32(r) / 1e6;
		o->unknown = bytes_take_u32(r) / 1e6;
		o->confidence = bytes_take_u32(r) / 1e6;
		r->bad |= o->example < 0 || o->truth < 0 || (size_t)o->truth >= c->classes || o->best < -1 ||
		    o->best >= (int)c->classes;
		o->fold = (int)bytes_take_u32(r);
	}
	c->oof_n = n;
}

static enum err
check_frame(struct str bytes, struct fault *f)
{
	struct bytes_reader r = { bytes, sizeof(magic), false };
	uint8_t sum[SUM_LEN];
	uint32_t version;

	if (bytes.n < sizeof(magic) + 4 + SUM_LEN || memcmp(bytes.p, magic, sizeof(magic)) != 0)
		return fault(f, E_INVALID, "the classifier is damaged: it does not begin as one");
	version = bytes_take_u32(&r);
	if (version != VERSION)
		return fault(f, E_INVALID, "the classifier has format version %u, not %u: train it again",
		    version, VERSION);
	sha256(bytes.p, bytes.n - SUM_LEN, sum);
	if (memcmp(sum, bytes.p + bytes.n - SUM_LEN, SUM_LEN) != 0)
		return fault(f, E_INVALID, "the classifier is damaged: its checksum does not match");
	return E_OK;
}

static enum err
read_classifier(struct classifier *c, struct str bytes, struct fault *f)
{
	struct bytes_reader r = { str_sub(bytes, 0, bytes.n - SUM_LEN), sizeof(magic) + 4, false };
	bool *has;
	struct str flags;

	c->seed = bytes_take_u64(&r);
	c->classes = bytes_take_u32(&r);
	c->examples_n = bytes_take_u32(&r);
	c->history_n = bytes_take_u32(&r);
	c->encoder = str_dup(c->arena, bytes_take_str(&r));
	c->mind.classes = c->classes;
	c->mind.width = bytes_take_u32(&r);
	if (r.bad || c->classes == 0 || c->classes > CLASSIFIER_CLASSES_MAX || c->mind.width > ENCODER_WIDTH_MAX)
		return fault(f, E_INVALID, "the classifier is damaged: its counts do not fit");
	flags = bytes_take(&r, c->classes);
	c->mind.has = has = arena_array(c->arena, bool, c->classes + 1);
	for (size_t i = 0; i < flags.n; i++)
		has[i] = flags.p[i] != 0;
	vocab_load(c->arena, &r, &c->vocab);
	if (!r.bad)
		TRY(sparse_load(c->arena, &r, &c->mind.sparse, f));
	if (!r.bad && c->mind.sparse->classes != c->classes)
		return fault(f, E_INVALID, "the classifier is damaged: its words know %zu classes, not %zu",
		    c->mind.sparse->classes, c->classes);
	if (!r.bad && c->mind.width > 0)
		load_vectors(c, &r);
	for (int i = 0; i < 2; i++) {
		struct judge *j = &c->judge[i];

		j->encoder = i == 1;
		take_into(&r, j->weight, TERMS);
		j->temperature = bytes_take_f32(&r);
		load_logistic(&r, &j->scope);
		/* the second is learned with an encoder only */
		r.bad |= (i == 0 || c->mind.width > 0) && (!(j->temperature > 0) ||
		    (j->scope.n > 0 && j->scope.n != judge_cues_n(j)));
	}
	c->skip_from = bytes_take_f32(&r);
	c->skip_unknown = bytes_take_f32(&r);
	load_out_of_fold(c, &r);
	if (r.bad || r.at != r.s.n)
		return fault(f, E_INVALID, "the classifier is damaged at byte %zu", r.at);
	return E_OK;
}

enum err
classifier_load(struct str bytes, struct classifier **out, struct fault *f)
{
	struct arena *a;
	struct classifier *c;
	enum err e;

	TRY(check_frame(bytes, f));
	a = arena_new(CLASSIFIER_ARENA);
	c = arena_new_of(a, struct classifier);
	c->magic = CLASSIFIER_MAGIC;
	c->refs = 1;
	c->arena = a;
	e = read_classifier(c, bytes, f);
	if (e != E_OK)
		arena_free(&a);
	else
		*out = c;
	return e;
}
