/* SPDX-License-Identifier: Apache-2.0 */
/* encoder_file.c - an encoder's weights as one checksummed file.
 *
 * The checksum is looked at before the header is believed; the header is checked all
 * the same, for whoever wrote the file may have meant harm: sizes are added up in 64
 * bits and compared with what is there before anything is allocated or pointed at.
 */
#include "vec/encoder_file.h"

#include "base/buf.h"
#include "base/json.h"
#include "vec/encoder_parts.h"

#include <math.h>
#include <sodium.h>
#include <string.h>

static const char magic[8] = { 'B', 'A', 'T', 'O', 'N', 'E', 'N', 'C' };

#define START 16u		/* magic, version, length of the header */
#define HEADER_MAX 65536u
#define ALIGN 64u
#define HASH crypto_hash_sha256_BYTES

/* The header holds whole numbers only: epsilon in units of 1e-15. */
#define EPSILON_UNIT 1e-15
#define EPSILON_MAX 10000000000000 /* 0.01 */

static uint64_t
aligned(uint64_t n)
{
	return (n + ALIGN - 1) / ALIGN * ALIGN;
}

static uint32_t
get_u32(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* --- What may be. */

static enum err
in_range(const char *what, uint32_t v, uint32_t min, uint32_t max, struct fault *f)
{
	if (v < min || v > max)
		return fault(f, E_INVALID, "%s is %u; %u to %u can be", what, v, min, max);
	return E_OK;
}

static bool
is_hash(struct str s)
{
	if (s.n != 2 * HASH)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (strchr("0123456789abcdef", s.p[i]) == NULL || s.p[i] == '\0')
			return false;
	return true;
}

static enum err
check_text(const char *what, struct str s, size_t max, struct fault *f)
{
	if (s.n > max)
		return fault(f, E_INVALID, "%s has %zu bytes; %zu at most", what, s.n, max);
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 32 || s.p[i] == 127)
			return fault(f, E_INVALID, "%s holds a control character", what);
	return str_utf8_valid(s, NULL) ? E_OK : fault(f, E_INVALID, "%s is not UTF-8", what);
}

enum err
encoder_info_check(const struct encoder_info *info, struct fault *f)
{
	TRY(check_text("name", info->name, 64, f));
	TRY(check_text("licence", info->licence, 64, f));
	TRY(check_text("prefix", info->prefix, ENCODER_PREFIX_MAX, f));
	if (info->name.n == 0)
		return fault(f, E_INVALID, "the encoder has no name");
	if (!is_hash(info->source))
		return fault(f, E_INVALID, "source is no SHA-256 in hex");
	TRY(in_range("layers", info->layers, 1, ENCODER_LAYERS_MAX, f));
	TRY(in_range("width", info->width, 8, ENCODER_WIDTH_MAX, f));
	TRY(in_range("inner", info->inner, 8, ENCODER_INNER_MAX, f));
	TRY(in_range("heads", info->heads, 1, info->width, f));
	TRY(in_range("positions", info->positions, 2, ENCODER_POSITIONS_MAX, f));
	TRY(in_range("types", info->types, 1, ENCODER_TYPES_MAX, f));
	TRY(in_range("vocab", info->vocab, 4, ENCODER_VOCAB_MAX, f));
	if (info->width % 8 != 0 || info->inner % 8 != 0)
		return fault(f, E_INVALID, "width %u and inner %u must be multiples of 8", info->width,
		    info->inner);
	if (info->width % info->heads != 0)
		return fault(f, E_INVALID, "%u heads do not divide a width of %u", info->heads, info->width);
	/* less would be written as 0 */
	if (!((double)info->epsilon >= EPSILON_UNIT && (double)info->epsilon <= EPSILON_MAX * EPSILON_UNIT))
		return fault(f, E_INVALID, "epsilon is %g; 1e-15 to 0.01 can be", (double)info->epsilon);
	return E_OK;
}

/* --- The header. */

static enum err
need_u32(const json_t *o, const char *key, uint32_t *out, struct fault *f)
{
	int64_t v = json_get_i64(o, key, -1);

	if (v < 0 || v > UINT32_MAX)
		return fault(f, E_INVALID, "the header's %s is no number that can be", key);
	*out = (uint32_t)v;
	return E_OK;
}

static enum err
need_word(const json_t *o, const char *key, const char *zero, const char *one, bool *out,
    struct fault *f)
{
	struct str word;

	TRY(json_need_str(o, key, 16, &word, f));
	if (!str_eqz(word, zero) && !str_eqz(word, one))
		return fault(f, E_INVALID, "the header's %s is neither %s nor %s", key, zero, one);
	*out = str_eqz(word, one);
	return E_OK;
}

static enum err
read_header(struct arena *a, struct str text, struct encoder_info *info, struct fault *f)
{
	static const char *const keys[] = { "epsilon_e15", "heads", "inner", "layers", "licence", "lower",
		"name", "pooling", "positions", "precision", "prefix", "source", "types", "vocab", "width",
		NULL };
	json_t *o;
	bool first, small;
	int64_t epsilon;

	TRY(json_parse(a, text, HEADER_MAX, &o, f));
	if (!json_is_object(o))
		return fault(f, E_INVALID, "the header is no object");
	TRY(json_only(o, keys, f));
	TRY(json_need_str(o, "name", 64, &info->name, f));
	TRY(json_need_str(o, "source", 2 * HASH, &info->source, f));
	info->licence = json_get_str(o, "licence");
	info->prefix = json_get_str(o, "prefix");
	TRY(need_word(o, "pooling", "mean", "first", &first, f));
	TRY(need_word(o, "precision", "f32", "int8", &small, f));
	info->pooling = first ? POOL_FIRST : POOL_MEAN;
	info->precision = small ? ENCODER_I8 : ENCODER_F32;
	TRY(need_u32(o, "layers", &info->layers, f));
	TRY(need_u32(o, "heads", &info->heads, f));
	TRY(need_u32(o, "width", &info->width, f));
	TRY(need_u32(o, "inner", &info->inner, f));
	TRY(need_u32(o, "positions", &info->positions, f));
	TRY(need_u32(o, "types", &info->types, f));
	TRY(need_u32(o, "vocab", &info->vocab, f));
	info->lower = json_get_bool(o, "lower", true);
	epsilon = json_get_i64(o, "epsilon_e15", 0);
	if (epsilon <= 0 || epsilon > EPSILON_MAX)
		return fault(f, E_INVALID, "the header's epsilon_e15 is %lld: above 0, up to %lld can be",
		    (long long)epsilon, (long long)EPSILON_MAX);
	info->epsilon = (float)((double)epsilon * EPSILON_UNIT);
	return encoder_info_check(info, f);
}

static struct str
header_text(struct arena *a, const struct encoder_info *info)
{
	json_t *o = json_obj(a);

	json_set_str(o, "name", info->name);
	json_set_str(o, "licence", info->licence);
	json_set_str(o, "source", info->source);
	json_set_str(o, "prefix", info->prefix);
	json_set_z(o, "pooling", info->pooling == POOL_FIRST ? "first" : "mean");
	json_set_z(o, "precision", info->precision == ENCODER_I8 ? "int8" : "f32");
	json_set_i64(o, "layers", info->layers);
	json_set_i64(o, "heads", info->heads);
	json_set_i64(o, "width", info->width);
	json_set_i64(o, "inner", info->inner);
	json_set_i64(o, "positions", info->positions);
	json_set_i64(o, "types", info->types);
	json_set_i64(o, "vocab", info->vocab);
	json_set_bool(o, "lower", info->lower);
	json_set_i64(o, "epsilon_e15", llround((double)info->epsilon / EPSILON_UNIT));
	return json_text(a, o);
}

/* --- Reading. */

static enum err
read_vocabulary(struct arena *a, struct str bytes, uint64_t *at, struct encoder_weights *w,
    struct fault *f)
{
	bool cls = false, sep = false, unk = false;
	struct str *tokens;

	if (w->info.vocab > (bytes.n - *at) / 4)
		return fault(f, E_INVALID, "truncated: no room for %u tokens", w->info.vocab);
	tokens = arena_array(a, struct str, w->info.vocab);
	for (uint32_t i = 0; i < w->info.vocab; i++) {
		uint64_t left = bytes.n - *at;
		uint32_t n = left < 4 ? 0 : get_u32(bytes.p + *at);

		if (left < 4 || n > left - 4 || n > ENCODER_TOKEN_BYTES_MAX)
			return fault(f, E_INVALID, "token %u of the vocabulary does not fit", i);
		tokens[i] = (struct str){ bytes.p + *at + 4, n };
		if (!str_utf8_valid(tokens[i], NULL))
			return fault(f, E_INVALID, "token %u of the vocabulary is not UTF-8", i);
		cls = cls || str_eqz(tokens[i], "[CLS]");
		sep = sep || str_eqz(tokens[i], "[SEP]");
		unk = unk || str_eqz(tokens[i], "[UNK]");
		*at += 4 + (uint64_t)n;
	}
	w->vocab = tokens;
	if (!cls || !sep || !unk)
		return fault(f, E_INVALID, "the vocabulary has no %s", !cls ? "[CLS]" : !sep ? "[SEP]" : "[UNK]");
	return E_OK;
}

/* n bytes at the next multiple of 64. */
static enum err
take(struct str bytes, uint64_t *at, uint64_t n, struct str name, const void **out, struct fault *f)
{
	uint64_t from = aligned(*at);

	if (from > bytes.n || n > bytes.n - from)
		return fault(f, E_INVALID, "truncated: %.*s does not fit", STR_ARG(name));
	*out = bytes.p + from;
	*at = from + n;
	return E_OK;
}

static enum err
take_floats(struct str bytes, uint64_t *at, uint64_t n, struct str name, const float **out,
    struct fault *f)
{
	const void *p = NULL;

	TRY(take(bytes, at, n * sizeof(float), name, &p, f));
	*out = p;
	for (uint64_t i = 0; i < n; i++)
		if (!(fabsf((*out)[i]) <= ENCODER_VALUE_MAX))
			return fault(f, E_INVALID, "%.*s holds a value that is no number or too large",
			    STR_ARG(name));
	return E_OK;
}

static enum err
read_part(struct str bytes, uint64_t *at, const struct encoder_part *p, enum encoder_precision precision,
    struct fault *f)
{
	uint64_t n = (uint64_t)p->rows * p->cols;
	const void *q = NULL;

	if (p->floats != NULL)
		return take_floats(bytes, at, n, p->name, p->floats, f);
	*p->matrix = (struct matrix){ .rows = p->rows, .cols = p->cols };
	if (precision == ENCODER_F32)
		return take_floats(bytes, at, n, p->name, &p->matrix->f32, f);
	TRY(take(bytes, at, n, p->name, &q, f));
	p->matrix->i8 = q;
	if (memchr(q, 0x80, n) != NULL)
		return fault(f, E_INVALID, "%.*s holds -128, which no writer writes", STR_ARG(p->name));
	return take_floats(bytes, at, p->rows, p->name, &p->matrix->scale, f);
}

/* The magic, the version and the checksum: is it one of ours, and whole? */
static enum err
check_whole(struct str bytes, struct fault *f)
{
	unsigned char hash[HASH];

	if (bytes.n < START || memcmp(bytes.p, magic, sizeof(magic)) != 0)
		return fault(f, E_INVALID, "not an encoder file (baton encoder add makes one)");
	if (get_u32(bytes.p + 8) != ENCODER_FILE_VERSION)
		return fault(f, E_INVALID, "of format version %u, this program reads %u: add the encoder again",
		    get_u32(bytes.p + 8), ENCODER_FILE_VERSION);
	if (bytes.n < START + HASH)
		return fault(f, E_INVALID, "truncated at %zu bytes", bytes.n);
	crypto_hash_sha256(hash, (const unsigned char *)bytes.p, bytes.n - HASH);
	if (memcmp(hash, bytes.p + bytes.n - HASH, HASH) != 0)
		return fault(f, E_INVALID, "truncated or damaged: its checksum does not match");
	return E_OK;
}

enum err
encoder_file_read(struct arena *a, struct str bytes, struct encoder_weights *out, struct fault *f)
{
	const struct encoder_part *parts;
	uint64_t at = START;
	size_t parts_n;
	uint32_t header;

	CHECK(((uintptr_t)bytes.p & 15) == 0);
	*out = (struct encoder_weights){ 0 };
	TRY(check_whole(bytes, f));
	header = get_u32(bytes.p + 12);
	bytes.n -= HASH;
	if (header > HEADER_MAX || header > bytes.n - at)
		return fault(f, E_INVALID, "a header of %u bytes does not fit", header);
	TRY(read_header(a, str_sub(bytes, at, header), &out->info, f));
	at += header;
	TRY(read_vocabulary(a, bytes, &at, out, f));
	parts = encoder_parts(a, out, &parts_n);
	for (size_t i = 0; i < parts_n; i++)
		TRY(read_part(bytes, &at, &parts[i], out->info.precision, f));
	if (at != bytes.n)
		return fault(f, E_INVALID, "%llu bytes too many", (unsigned long long)(bytes.n - at));
	return E_OK;
}

/* --- Writing. */

static void
put_u32(struct buf *out, uint32_t v)
{
	buf_add(out, &v, sizeof(v));
}

static void
pad(struct buf *out)
{
	static const char zeros[ALIGN];

	buf_add(out, zeros, aligned(out->n) - out->n);
}

static float
row_scale(const float *row, uint32_t n)
{
	float top = 0;

	for (uint32_t i = 0; i < n; i++)
		top = fmaxf(top, fabsf(row[i]));
	return top / 127.0F;
}

static void
put_quantised(const struct matrix *m, struct buf *out)
{
	int8_t small[ENCODER_INNER_MAX];

	for (uint32_t r = 0; r < m->rows; r++) {
		const float *row = m->f32 + (size_t)r * m->cols;
		float scale = row_scale(row, m->cols);

		for (uint32_t c = 0; c < m->cols; c++)
			small[c] = scale > 0 ? (int8_t)fmaxf(-127, fminf(127, rintf(row[c] / scale))) : 0;
		buf_add(out, small, m->cols);
	}
	pad(out);
	for (uint32_t r = 0; r < m->rows; r++) {
		float scale = row_scale(m->f32 + (size_t)r * m->cols, m->cols);

		buf_add(out, &scale, sizeof(scale));
	}
}

static void
put_part(const struct encoder_part *p, enum encoder_precision precision, struct buf *out)
{
	size_t n = (size_t)p->rows * p->cols;

	pad(out);
	if (p->floats != NULL) {
		buf_add(out, *p->floats, n * sizeof(float));
		return;
	}
	CHECK(p->matrix->rows == p->rows && p->matrix->cols == p->cols);
	if (precision == ENCODER_F32) {
		CHECK(p->matrix->f32 != NULL);
		buf_add(out, p->matrix->f32, n * sizeof(float));
	} else if (p->matrix->i8 == NULL) {
		put_quantised(p->matrix, out);
	} else {
		buf_add(out, p->matrix->i8, n);
		pad(out);
		buf_add(out, p->matrix->scale, p->rows * sizeof(float));
	}
}

void
encoder_file_write(const struct encoder_weights *w, struct buf *out)
{
	struct arena *a = arena_new(0);
	struct encoder_weights copy = *w;
	struct str header = header_text(a, &w->info);
	const struct encoder_part *parts;
	unsigned char hash[HASH];
	size_t n;

	CHECK(out->n == 0 && encoder_info_check(&w->info, NULL) == E_OK);
	buf_add(out, magic, sizeof(magic));
	put_u32(out, ENCODER_FILE_VERSION);
	put_u32(out, (uint32_t)header.n);
	buf_add_str(out, header);
	for (uint32_t i = 0; i < w->info.vocab; i++) {
		put_u32(out, (uint32_t)w->vocab[i].n);
		buf_add_str(out, w->vocab[i]);
	}
	parts = encoder_parts(a, &copy, &n);
	for (size_t i = 0; i < n; i++)
		put_part(&parts[i], w->info.precision, out);
	crypto_hash_sha256(hash, (const unsigned char *)out->p, out->n);
	buf_add(out, hash, sizeof(hash));
	arena_free(&a);
}
