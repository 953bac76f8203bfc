/* SPDX-License-Identifier: Apache-2.0 */
/* encoder_file.h - an encoder's weights: as plain structs, and as one checksummed file.
 *
 * Any BERT-family sentence encoder (MiniLM, bge-small, ...).  The file, little-endian:
 *	"BATONENC", u32 format version, u32 length of the header
 *	the header: JSON with the fields of struct encoder_info
 *	the vocabulary: u32 length and bytes of each token, in order
 *	the tensors, each at a multiple of 64 bytes, in the order of the structs below;
 *	an int8 matrix is its rows, then (again at a multiple of 64) one float scale a row
 *	SHA-256 of all before it
 * A file that is truncated, changed by one bit, of another version or of a shape
 * that cannot be is refused by name (E_INVALID).  What was read can be relied upon:
 * width and inner are multiples of 8, heads divide width, there are at least 2 positions
 * and 1 type, every float is a number of magnitude <= ENCODER_VALUE_MAX, no int8 is -128,
 * and the vocabulary has [CLS], [SEP] and [UNK].  The views point into `bytes`
 * (usually a mapping, at least 16-byte aligned): it must outlive them.  Pure but for the
 * arena; thread-safe.
 */
#pragma once

#include "base/arena.h"
#include "base/fault.h"
#include "base/str.h"

#include <stdint.h>

struct buf;

#define ENCODER_LAYERS_MAX 24
#define ENCODER_WIDTH_MAX 1024
#define ENCODER_INNER_MAX 4096
#define ENCODER_POSITIONS_MAX 8192
#define ENCODER_TYPES_MAX 16
#define ENCODER_VOCAB_MAX 262144
#define ENCODER_TOKEN_BYTES_MAX 512
#define ENCODER_PREFIX_MAX 512
#define ENCODER_VALUE_MAX 1e5F
#define ENCODER_FILE_VERSION 1u

enum encoder_pooling { POOL_MEAN, POOL_FIRST };
enum encoder_precision { ENCODER_F32, ENCODER_I8 };

struct encoder_info {
	struct str name;	/* "all-MiniLM-L6-v2", or the folder's name */
	struct str licence;	/* SPDX, empty = not known */
	struct str source;	/* SHA-256 of the safetensors it was made of, 64 hex digits */
	struct str prefix;	/* put before every text; usually empty */
	enum encoder_pooling pooling;
	enum encoder_precision precision;
	uint32_t layers, heads, width, inner, positions, types, vocab;
	bool lower;		/* lower case, accents stripped, before WordPiece */
	float epsilon;		/* of LayerNorm */
};

struct matrix {			/* rows = outputs, cols = inputs, row-major */
	uint32_t rows, cols;
	const float *f32;	/* ENCODER_F32 */
	const int8_t *i8;	/* ENCODER_I8: value = i8 * scale[row] */
	const float *scale;
};

struct encoder_layer {
	struct matrix q, k, v, o, up, down;
	const float *q_bias, *k_bias, *v_bias, *o_bias, *up_bias, *down_bias;
	const float *attention_norm, *attention_norm_bias, *output_norm, *output_norm_bias;
};

struct encoder_weights {
	struct encoder_info info;
	const struct str *vocab;	/* info.vocab tokens */
	struct matrix words;		/* vocab x width, of the file's precision */
	const float *positions;		/* positions x width */
	const float *types;		/* types x width */
	const float *norm, *norm_bias;
	struct encoder_layer layer[ENCODER_LAYERS_MAX];
};

/* The limits above, of what a file or a source claims; E_INVALID names the field. */
enum err encoder_info_check(const struct encoder_info *info, struct fault *f) NODISCARD;

enum err encoder_file_read(struct arena *a, struct str bytes, struct encoder_weights *out,
    struct fault *f) NODISCARD;
/* f32 weights are turned into int8 where info.precision says so: one scale a row,
 * the row's largest magnitude / 127.  info passes encoder_info_check, out is empty; past
 * out's maximum it is `over`. */
void encoder_file_write(const struct encoder_weights *w, struct buf *out);
