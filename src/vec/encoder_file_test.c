/* SPDX-License-Identifier: Apache-2.0 */
/* encoder_file_test.c - what is written is read; nothing else is. */
#include "vec/encoder_file.h"

#include "base/buf.h"
#include "vec/encoder_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct str
written(struct arena *a, enum encoder_precision precision, struct encoder_weights **w)
{
	struct buf out;
	struct str bytes;

	*w = fixture_weights(a, fixture_info(precision), 1);
	buf_init(&out, 1 << 20);
	encoder_file_write(*w, &out);
	assert_false(out.over);
	bytes = str_dup(a, buf_str(&out));
	buf_free(&out);
	return bytes;
}

/* The checksum made good again, as somebody who means harm would. */
static void
sign(struct str bytes)
{
	char *p = (char *)(uintptr_t)bytes.p;

	crypto_hash_sha256((unsigned char *)p + bytes.n - 32, (unsigned char *)p, bytes.n - 32);
}

static void
assert_refused(struct arena *a, struct str bytes, const char *why)
{
	struct encoder_weights out;
	struct fault f = { 0 };

	assert_int_equal(encoder_file_read(a, bytes, &out, &f), E_INVALID);
	if (strstr(f.text, why) == NULL)
		fail_msg("expected \"%s\", got \"%s\"", why, f.text);
}

static void
same_matrix(const struct matrix *in, const struct matrix *out, enum encoder_precision precision)
{
	for (uint32_t r = 0; r < in->rows; r++)
		for (uint32_t c = 0; c < in->cols; c++) {
			size_t at = (size_t)r * in->cols + c;

			if (precision == ENCODER_F32)
				assert_true(in->f32[at] == out->f32[at]);
			else
				assert_true(fabsf(in->f32[at] - (float)out->i8[at] * out->scale[r]) <=
				    out->scale[r] * 0.501F);
		}
}

static void
written_is_read(enum encoder_precision precision)
{
	struct arena *a = arena_new(0);
	struct encoder_weights *w, out;
	const struct encoder_part *in_parts, *out_parts;
	struct str bytes = written(a, precision, &w);
	struct fault f = { 0 };
	size_t n;

	assert_int_equal(encoder_file_read(a, bytes, &out, &f), E_OK);
	assert_true(str_eq(out.info.name, w->info.name) && str_eq(out.info.source, w->info.source));
	assert_true(str_eq(out.info.licence, w->info.licence) && out.info.prefix.n == 0);
	assert_int_equal(out.info.heads, 2);
	assert_int_equal(out.info.precision, precision);
	assert_true(out.info.lower && out.info.pooling == POOL_MEAN);
	assert_true(fabsf(out.info.epsilon / 1e-12F - 1) < 1e-6F);
	for (uint32_t i = 0; i < w->info.vocab; i++)
		assert_true(str_eq(out.vocab[i], w->vocab[i]));
	/* what would be written as nothing is not written */
	w->info.epsilon = 1e-16F;
	assert_int_equal(encoder_info_check(&w->info, &f), E_INVALID);
	in_parts = encoder_parts(a, w, &n);
	out_parts = encoder_parts(a, &out, &n);
	assert_int_equal(n, 21);
	for (size_t i = 0; i < n; i++) {
		const char *at = (const char *)(out_parts[i].floats != NULL ? (const void *)*out_parts[i].floats :
		    precision == ENCODER_F32 ? (const void *)out_parts[i].matrix->f32 :
		    (const void *)out_parts[i].matrix->i8);

		assert_int_equal((at - bytes.p) % 64, 0);
		if (out_parts[i].matrix != NULL)
			same_matrix(in_parts[i].matrix, out_parts[i].matrix, precision);
		else
			assert_memory_equal(*in_parts[i].floats, *out_parts[i].floats,
			    (size_t)in_parts[i].rows * in_parts[i].cols * sizeof(float));
	}
	arena_free(&a);
}

static void
test_f32(void **state)
{
	(void)state;
	written_is_read(ENCODER_F32);
}

static void
test_int8(void **state)
{
	(void)state;
	written_is_read(ENCODER_I8);
}

/* A row of zeros has the scale 0 and comes back as zeros. */
static void
test_row_of_zeros(void **state)
{
	struct arena *a = arena_new(0);
	struct encoder_weights *w = fixture_weights(a, fixture_info(ENCODER_I8), 1), out;
	struct buf file;

	(void)state;
	memset((float *)(uintptr_t)w->words.f32, 0, w->info.width * sizeof(float));
	buf_init(&file, 1 << 20);
	encoder_file_write(w, &file);
	assert_int_equal(encoder_file_read(a, str_dup(a, buf_str(&file)), &out, NULL), E_OK);
	assert_true(out.words.scale[0] == 0 && out.words.scale[1] > 0);
	for (uint32_t i = 0; i < w->info.width; i++)
		assert_int_equal(out.words.i8[i], 0);
	buf_free(&file);
	arena_free(&a);
}

static void
test_every_truncation(void **state)
{
	struct arena *a = arena_new(0), *each = arena_new(0);
	struct encoder_weights *w;
	struct str bytes = written(a, ENCODER_I8, &w);

	(void)state;
	for (size_t n = 0; n < bytes.n; n++) {
		assert_refused(each, (struct str){ bytes.p, n }, n < 16 ? "not an encoder file" : "truncated");
		arena_reset(each);
	}
	arena_free(&each);
	arena_free(&a);
}

static void
test_every_bit(void **state)
{
	struct arena *a = arena_new(0), *each = arena_new(0);
	struct encoder_weights *w;
	struct str bytes = written(a, ENCODER_I8, &w);
	char *p = (char *)(uintptr_t)bytes.p;

	(void)state;
	for (size_t bit = 0; bit < bytes.n * 8; bit++) {
		p[bit / 8] = (char)(p[bit / 8] ^ (1 << bit % 8));
		assert_refused(each, bytes, bit < 64 ? "not an encoder file" : bit < 96 ? "format version" :
		    "checksum");
		p[bit / 8] = (char)(p[bit / 8] ^ (1 << bit % 8));
		arena_reset(each);
	}
	arena_free(&each);
	arena_free(&a);
}

/* The file with `from` replaced by `to` in its header, its tensors aligned again, and signed. */
static struct str
with_header(struct arena *a, struct str bytes, const char *from, const char *to)
{
	static const char zeros[64];
	struct encoder_weights was;
	struct str header, vocab, body;
	size_t first;
	uint32_t n;
	ptrdiff_t at;
	struct buf out;

	assert_int_equal(encoder_file_read(a, bytes, &was, NULL), E_OK);
	memcpy(&n, bytes.p + 12, sizeof(n));
	header = str_sub(bytes, 16, n);
	vocab.p = header.p + header.n;
	vocab.n = (size_t)(was.vocab[was.info.vocab - 1].p + was.vocab[was.info.vocab - 1].n - vocab.p);
	first = (size_t)((const char *)was.words.i8 - bytes.p);
	body = str_sub(bytes, first, bytes.n);
	at = str_find(header, str_from(from));
	assert_true(at >= 0);
	buf_init(&out, 1 << 20);
	buf_add(&out, bytes.p, 12);
	n = (uint32_t)(n - strlen(from) + strlen(to));
	buf_add(&out, &n, sizeof(n));
	buf_add(&out, header.p, (size_t)at);
	buf_add_z(&out, to);
	buf_add_str(&out, str_sub(header, (size_t)at + strlen(from), header.n));
	buf_add_str(&out, vocab);
	buf_add(&out, zeros, (64 - out.n % 64) % 64);
	buf_add_str(&out, body);
	bytes = str_dup(a, buf_str(&out));
	buf_free(&out);
	sign(bytes);
	return bytes;
}

static void
test_hostile_headers(void **state)
{
	static const struct {
		const char *from, *to, *why;
	} cases[] = {
		{ "\"layers\":1", "\"layers\":0", "layers is 0" },
		{ "\"layers\":1", "\"layers\":25", "layers is 25" },
		{ "\"layers\":1", "\"layers\":24", "does not fit" },
		{ "\"layers\":1", "\"layers\":-1", "no number that can be" },
		{ "\"layers\":1", "\"layers\":4294967297", "no number that can be" },
		{ "\"layers\":1", "\"layers\":\"1\"", "no number that can be" },
		{ "\"layers\":1", "\"layers\":1.5", "whole" },
		{ "\"layers\":1,", "", "no number that can be" },
		{ "\"width\":8", "\"width\":1032", "width is 1032" },
		{ "\"width\":8", "\"width\":12", "multiples of 8" },
		{ "\"width\":8", "\"width\":16", "embeddings" },
		{ "\"width\":8", "\"width\":4294967288", "width is 4294967288" },
		{ "\"inner\":16", "\"inner\":4104", "inner is 4104" },
		{ "\"inner\":16", "\"inner\":8", "encoder.layer.0" },
		{ "\"heads\":2", "\"heads\":0", "heads is 0" },
		{ "\"heads\":2", "\"heads\":3", "do not divide" },
		{ "\"positions\":4", "\"positions\":1", "positions is 1" },
		{ "\"positions\":4", "\"positions\":8192", "does not fit" },
		{ "\"types\":2", "\"types\":0", "types is 0" },
		{ "\"vocab\":7", "\"vocab\":3", "vocab is 3" },
		{ "\"vocab\":7", "\"vocab\":262144", "no room for 262144 tokens" },
		{ "\"vocab\":7", "\"vocab\":4000000000", "vocab is 4000000000" },
		{ "\"epsilon_e15\":1000", "\"epsilon_e15\":0", "epsilon" },
		{ "\"epsilon_e15\":1000", "\"epsilon_e15\":9000000000000000000", "epsilon" },
		{ "\"pooling\":\"mean\"", "\"pooling\":\"max\"", "neither mean nor first" },
		{ "\"precision\":\"int8\"", "\"precision\":\"int4\"", "neither f32 nor int8" },
		{ "\"precision\":\"int8\"", "\"precision\":\"f32\"", "embeddings" },
		{ "\"name\":\"fixture\"", "\"name\":\"\"", "name" },
		{ "\"name\":\"fixture\"", "\"name\":\"a\\u001b[2Jb\"", "control character" },
		{ "\"source\":\"01", "\"source\":\"xx", "SHA-256" },
		{ "\"lower\":true", "\"lower\":true,\"extra\":1", "extra" },
		{ "{", "[{", "JSON" },
	};
	struct arena *a = arena_new(0);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct encoder_weights *w;
		struct str bytes = written(a, ENCODER_I8, &w);

		assert_refused(a, with_header(a, bytes, cases[i].from, cases[i].to), cases[i].why);
		arena_reset(a);
	}
	arena_free(&a);
}

/* Bytes at a place changed, and signed. */
static void
refuse_patch(size_t at, const void *with, size_t n, const char *why)
{
	struct arena *a = arena_new(0);
	struct encoder_weights *w;
	struct str bytes = written(a, ENCODER_I8, &w);

	memcpy((char *)(uintptr_t)bytes.p + at, with, n);
	sign(bytes);
	assert_refused(a, bytes, why);
	arena_free(&a);
}

static void
test_hostile_bodies(void **state)
{
	struct arena *a = arena_new(0);
	struct encoder_weights *w, read;
	struct str bytes = written(a, ENCODER_I8, &w);
	const float nan_ = NAN, inf = INFINITY, large = 1e9F;
	const uint32_t huge = UINT32_MAX;
	size_t vocab, words, scale, norm;

	(void)state;
	assert_int_equal(encoder_file_read(a, bytes, &read, NULL), E_OK);
	vocab = (size_t)(read.vocab[0].p - bytes.p) - 4;
	words = (size_t)((const char *)read.words.i8 - bytes.p);
	scale = (size_t)((const char *)read.words.scale - bytes.p);
	norm = (size_t)((const char *)read.layer[0].output_norm - bytes.p);
	refuse_patch(12, &huge, 4, "header of 4294967295 bytes");
	refuse_patch(vocab, &huge, 4, "token 0 of the vocabulary does not fit");
	refuse_patch(vocab + 4, "\xff", 1, "token 0 of the vocabulary is not UTF-8");
	refuse_patch((size_t)(read.vocab[1].p - bytes.p), "[unk]", 5, "no [UNK]");
	refuse_patch((size_t)(read.vocab[2].p - bytes.p), "[cls]", 5, "no [CLS]");
	refuse_patch((size_t)(read.vocab[3].p - bytes.p), "[sep]", 5, "no [SEP]");
	refuse_patch(words, "\x80", 1, "embeddings.word_embeddings.weight holds -128");
	refuse_patch(scale, &nan_, 4, "embeddings.word_embeddings.weight holds a value that is no number");
	refuse_patch(norm, &inf, 4, "encoder.layer.0.output.LayerNorm.weight holds a value");
	refuse_patch(norm, &large, 4, "too large");
	bytes = str_fmt(a, "%S%s", bytes, "64 bytes more than the header says, and a checksum that is right");
	sign(bytes);
	assert_refused(a, bytes, "64 bytes too many");
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_f32),
		cmocka_unit_test(test_int8),
		cmocka_unit_test(test_row_of_zeros),
		cmocka_unit_test(test_every_truncation),
		cmocka_unit_test(test_every_bit),
		cmocka_unit_test(test_hostile_headers),
		cmocka_unit_test(test_hostile_bodies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
