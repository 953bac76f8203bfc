/* SPDX-License-Identifier: Apache-2.0 */
/* encoder_import.h - a published sentence encoder's files, to an encoder's weights.
 *
 * The files are those of a sentence-transformers folder.  Encoders whose SHA-256 is in
 * the list of encoder_known.c need no more than weights and vocabulary; others say what
 * they are in config.json and 1_Pooling/config.json, or whoever adds them does.  What would
 * make the vectors wrong is refused by name: another activation, other positions, a
 * module behind the pooling, a tensor that is no part of a BERT encoder.  Views point
 * into the files.  Pure but for the arena; thread-safe.
 */
#pragma once

#include "vec/encoder_file.h"

/* Contents; n == 0: not there. */
struct encoder_files {
	struct str name;	/* of the folder or archive, for want of a better */
	struct str weights;	/* model.safetensors, 4-byte aligned where it can be */
	struct str vocab;	/* vocab.txt */
	struct str config;	/* config.json */
	struct str pooling;	/* 1_Pooling/config.json */
	struct str tokenizer;	/* tokenizer_config.json */
	struct str modules;	/* modules.json */
};

/* What the source does not say itself; zero = as the source says. */
struct encoder_options {
	struct str name;
	enum encoder_precision precision;
	bool pooling_given;
	enum encoder_pooling pooling;
	uint32_t heads;
};

struct encoder_known {
	const char *weights, *vocab;	/* SHA-256 in hex */
	const char *name, *licence, *prefix;
	uint32_t heads;
	enum encoder_pooling pooling;
};

/* NULL when the hash (64 hex digits) is not one we know. */
const struct encoder_known *encoder_known(struct str hash);

enum err encoder_import(struct arena *a, const struct encoder_files *files,
    const struct encoder_options *o, struct encoder_weights *out, struct fault *f) NODISCARD;
