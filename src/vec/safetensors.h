/* SPDX-License-Identifier: Apache-2.0 */
/* safetensors.h - the tensors of a .safetensors file.
 *
 * 8 bytes little-endian: the length of the header; the header, JSON: a name to dtype,
 * shape and offsets each; the data.  As the format's own reader does, refused by name
 * (E_INVALID): a tensor past the end, overlapping another, leaving a hole, of an unknown
 * dtype, or whose shape and length disagree.  Views point into the bytes.  Pure but for
 * the arena; thread-safe.
 */
#pragma once

#include "base/fault.h"
#include "base/str.h"

#define SAFETENSORS_HEADER_MAX ((size_t)8 << 20)
#define SAFETENSORS_MAX 4096	/* tensors a file */
#define SAFETENSORS_DIMS_MAX 8

struct safetensor {
	struct str name;
	struct str dtype;	/* "F32", "F16", "BF16", "I64", ... */
	uint32_t dims;
	uint64_t shape[SAFETENSORS_DIMS_MAX];
	uint64_t begin, end;	/* in the data */
	const char *p;		/* its first byte */
};

struct safetensors {
	const struct safetensor *v;	/* in the order of the data */
	size_t n;
};

enum err safetensors_parse(struct arena *a, struct str bytes, struct safetensors *out,
    struct fault *f) NODISCARD;
/* How long the whole file must be, from its beginning alone (length and header). */
enum err safetensors_size(struct arena *a, struct str head, uint64_t *bytes, struct fault *f) NODISCARD;
/* The length of the beginning: 8 + the header's. first8 has 8 bytes. E_INVALID when it cannot be. */
enum err safetensors_head_size(struct str first8, size_t *bytes, struct fault *f) NODISCARD;

/* NULL when there is none. */
const struct safetensor *safetensors_find(const struct safetensors *s, struct str name);
/* F32 (a view where it is aligned), F16 or BF16 as floats; another dtype: E_INVALID. */
enum err safetensor_floats(struct arena *a, const struct safetensor *t, const float **out,
    struct fault *f) NODISCARD;
