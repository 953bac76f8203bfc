/* SPDX-License-Identifier: Apache-2.0 */
/* safetensors.c - the tensors of a .safetensors file. */
#include "vec/safetensors.h"

#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES 256

static const struct {
	const char *name;
	uint64_t size;
} dtypes[] = {
	{ "F32", 4 }, { "F16", 2 }, { "BF16", 2 }, { "F64", 8 }, { "I64", 8 }, { "I32", 4 },
	{ "I16", 2 }, { "I8", 1 }, { "U64", 8 }, { "U32", 4 }, { "U16", 2 }, { "U8", 1 },
	{ "BOOL", 1 }, { "F8_E4M3", 1 }, { "F8_E5M2", 1 },
};

static uint64_t
dtype_size(struct str name)
{
	for (size_t i = 0; i < sizeof(dtypes) / sizeof(dtypes[0]); i++)
		if (str_eqz(name, dtypes[i].name))
			return dtypes[i].size;
	return 0;
}

enum err
safetensors_head_size(struct str first8, size_t *bytes, struct fault *f)
{
	uint64_t n;

	if (first8.n < sizeof(n))
		return fault(f, E_INVALID, "truncated: no length of a header");
	memcpy(&n, first8.p, sizeof(n));
	if (n < 2 || n > SAFETENSORS_HEADER_MAX)
		return fault(f, E_INVALID, "not a safetensors file: a header of %llu bytes cannot be",
		    (unsigned long long)n);
	*bytes = 8 + (size_t)n;
	return E_OK;
}

/* A name of theirs, fit to be shown. */
static enum err
check_name(struct str name, struct fault *f)
{
	if (name.n == 0 || name.n > NAME_MAX_BYTES)
		return fault(f, E_INVALID, "a tensor's name has %zu bytes; 1 to %d can be", name.n,
		    NAME_MAX_BYTES);
	for (size_t i = 0; i < name.n; i++)
		if ((unsigned char)name.p[i] < 32 || name.p[i] == 127)
			return fault(f, E_INVALID, "a tensor's name holds a control character");
	return E_OK;
}

static enum err
whole_number(const struct safetensor *t, const json_t *v, const char *what, uint64_t *out, struct fault *f)
{
	json_int_t n = json_is_integer(v) ? json_integer_value(v) : -1;

	if (n < 0)
		return fault(f, E_INVALID, "%.*s: its %s is no whole number from 0", STR_ARG(t->name), what);
	*out = (uint64_t)n;
	return E_OK;
}

static enum err
read_shape(struct safetensor *t, const json_t *shape, struct fault *f)
{
	uint64_t cells = 1, size = dtype_size(t->dtype);

	if (!json_is_array(shape) || json_array_size(shape) > SAFETENSORS_DIMS_MAX)
		return fault(f, E_INVALID, "%.*s: its shape is no list of at most %d numbers",
		    STR_ARG(t->name), SAFETENSORS_DIMS_MAX);
	t->dims = (uint32_t)json_array_size(shape);
	for (uint32_t i = 0; i < t->dims; i++) {
		TRY(whole_number(t, json_array_get(shape, i), "shape", &t->shape[i], f));
		if (__builtin_mul_overflow(cells, t->shape[i], &cells))
			return fault(f, E_INVALID, "%.*s: its shape cannot be: too large", STR_ARG(t->name));
	}
	if (__builtin_mul_overflow(cells, size, &cells) || cells != t->end - t->begin)
		return fault(f, E_INVALID, "%.*s: its shape and its %llu bytes disagree", STR_ARG(t->name),
		    (unsigned long long)(t->end - t->begin));
	return E_OK;
}

static enum err
read_entry(struct safetensor *t, const json_t *entry, struct fault *f)
{
	const json_t *at;

	TRY(check_name(t->name, f));
	if (!json_is_object(entry))
		return fault(f, E_INVALID, "%.*s: not described by an object", STR_ARG(t->name));
	t->dtype = json_get_str(entry, "dtype");
	if (dtype_size(t->dtype) == 0)
		return fault(f, E_INVALID, "%.*s: unknown dtype \"%.*s\"", STR_ARG(t->name),
		    STR_ARG(str_clip_utf8(t->dtype, 32)));
	at = json_object_get(entry, "data_offsets");
	if (!json_is_array(at) || json_array_size(at) != 2)
		return fault(f, E_INVALID, "%.*s: no data_offsets", STR_ARG(t->name));
	TRY(whole_number(t, json_array_get(at, 0), "data_offsets", &t->begin, f));
	TRY(whole_number(t, json_array_get(at, 1), "data_offsets", &t->end, f));
	if (t->end < t->begin)
		return fault(f, E_INVALID, "%.*s: it ends before it begins", STR_ARG(t->name));
	return read_shape(t, json_object_get(entry, "shape"), f);
}

static int
by_place(const void *x, const void *y)
{
	const struct safetensor *a = x, *b = y;

	if (a->begin != b->begin)
		return a->begin < b->begin ? -1 : 1;
	return a->end < b->end ? -1 : a->end > b->end;
}

/* One after the other, as the format says; *data gets the length of all. */
static enum err
check_places(const struct safetensor *v, size_t n, uint64_t *data, struct fault *f)
{
	uint64_t at = 0;

	for (size_t i = 0; i < n; i++) {
		if (v[i].begin != at)
			return fault(f, E_INVALID, v[i].begin < at ? "%.*s overlaps the tensor before it" :
			    "a hole before %.*s", STR_ARG(v[i].name));
		at = v[i].end;
	}
	*data = at;
	return E_OK;
}

static enum err
read_head(struct arena *a, struct str head, struct safetensors *out, uint64_t *data, struct fault *f)
{
	struct safetensor *v;
	const char *key;
	json_t *o, *entry;
	size_t n = 0;

	TRY(json_parse(a, str_sub(head, 8, head.n), SAFETENSORS_HEADER_MAX, &o, f));
	if (!json_is_object(o) || json_object_size(o) > SAFETENSORS_MAX)
		return fault(f, E_INVALID, "not a safetensors file: its header is no object of at most %d tensors",
		    SAFETENSORS_MAX);
	v = arena_array(a, struct safetensor, json_object_size(o) + 1);
	json_object_foreach(o, key, entry) {
		if (strcmp(key, "__metadata__") == 0)
			continue;
		v[n].name = str_from(key);
		TRY(read_entry(&v[n++], entry, f));
	}
	qsort(v, n, sizeof(*v), by_place);
	TRY(check_places(v, n, data, f));
	*out = (struct safetensors){ v, n };
	return E_OK;
}

enum err
safetensors_size(struct arena *a, struct str head, uint64_t *bytes, struct fault *f)
{
	struct safetensors all;

	TRY(read_head(a, head, &all, bytes, f));
	if (__builtin_add_overflow(*bytes, head.n, bytes))
		return fault(f, E_INVALID, "its size cannot be");
	return E_OK;
}

enum err
safetensors_parse(struct arena *a, struct str bytes, struct safetensors *out, struct fault *f)
{
	uint64_t data;
	size_t head;

	TRY(safetensors_head_size(bytes, &head, f));
	if (head > bytes.n)
		return fault(f, E_INVALID, "truncated in its header");
	TRY(read_head(a, str_sub(bytes, 0, head), out, &data, f));
	if (data > bytes.n - head)
		return fault(f, E_INVALID, "truncated: its tensors need %llu bytes, %zu are there",
		    (unsigned long long)data, bytes.n - head);
	if (data < bytes.n - head)
		return fault(f, E_INVALID, "%zu bytes too many", bytes.n - head - (size_t)data);
	for (size_t i = 0; i < out->n; i++) {
		struct safetensor *t = (struct safetensor *)(uintptr_t)&out->v[i];

		t->p = bytes.p + head + t->begin;
	}
	return E_OK;
}

const struct safetensor *
safetensors_find(const struct safetensors *s, struct str name)
{
	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->v[i].name, name))
			return &s->v[i];
	return NULL;
}

static float
float_of_bits(uint32_t bits)
{
	float v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

static float
float_of_half(uint32_t h)
{
	uint32_t sign = (h & 0x8000) << 16, exponent = h >> 10 & 31, fraction = h & 1023;

	if (exponent == 0) {	/* zero or subnormal: fraction * 2^-24, exact */
		float v = (float)fraction * 0x1p-24F;

		return sign != 0 ? -v : v;
	}
	if (exponent == 31)	/* infinity or not a number */
		return float_of_bits(sign | 0x7f800000 | fraction << 13);
	return float_of_bits(sign | (exponent + 112) << 23 | fraction << 13);
}

enum err
safetensor_floats(struct arena *a, const struct safetensor *t, const float **out, struct fault *f)
{
	bool half = str_eqz(t->dtype, "F16"), brain = str_eqz(t->dtype, "BF16");
	size_t bytes = (size_t)(t->end - t->begin), n = bytes / (half || brain ? 2 : 4);
	float *v;

	if (!half && !brain && !str_eqz(t->dtype, "F32"))
		return fault(f, E_INVALID, "%.*s is %.*s; F32, F16 or BF16 is needed", STR_ARG(t->name),
		    STR_ARG(t->dtype));
	if (!half && !brain && ((uintptr_t)t->p & 3) == 0) {
		*out = (const float *)(const void *)t->p;
		return E_OK;
	}
	v = arena_alloc(a, n * sizeof(*v) + 1);
	if (!half && !brain) {
		memcpy(v, t->p, bytes);
	} else {
		for (size_t i = 0; i < n; i++) {
			uint16_t bits;

			memcpy(&bits, t->p + 2 * i, sizeof(bits));
			v[i] = half ? float_of_half(bits) : float_of_bits((uint32_t)bits << 16);
		}
	}
	*out = v;
	return E_OK;
}
