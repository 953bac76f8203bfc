/* SPDX-License-Identifier: Apache-2.0 */
/* dataset.h - anybody's labelled file: texts and labels, with the lines they stand on.
 *
 * CSV (RFC 4180; comma, or semicolon where the first line has only those), TSV and JSONL,
 * told apart by the name's ending or, without one, by the first line; or a folder that
 * holds `seq.in` and `label`, one a line.  A header is found by the usual names of its
 * columns (text, sentence, utterance, query, question, message, seq.in; label, category,
 * intent, class); without one the first two columns are taken.
 * What can be lived with (an empty text, a byte that is no UTF-8, a label in two
 * spellings) is counted and noted; what cannot is E_INVALID with file and line.
 * Views live in the arena.  Not thread-safe for one arena.
 */
#pragma once

#include "base/arena.h"
#include "base/fault.h"
#include "base/str.h"

#include <stdint.h>

#define DATASET_BYTES_MAX ((size_t)64 << 20)
#define DATASET_ROWS_MAX 500000
#define DATASET_ARENA_MAX ((size_t)4 << 30)	/* ceiling that the largest set fits under */

struct dataset_row {
	struct str text, label;	/* valid UTF-8; label empty where only texts were wanted */
	uint32_t line;		/* from 1 */
};

struct dataset_note {		/* something that was lived with */
	struct str text;	/* "FILE:LINE: what", whole */
};

struct dataset {
	struct str path;
	struct dataset_row *v;
	size_t n;
	size_t empty, invalid;	/* rows without a text or label; rows whose UTF-8 was broken */
	struct dataset_note *notes;
	size_t notes_n;
};

enum dataset_want { DATASET_LABELLED, DATASET_TEXTS };

/* E_NOTFOUND, E_TOOBIG past the limits above, E_INVALID with "FILE:LINE: ...". */
enum err dataset_read(struct arena *a, const char *path, enum dataset_want want, struct dataset *out,
    struct fault *f) NODISCARD;
/* The same of bytes in memory; path is what errors call it and tells the format. */
enum err dataset_parse(struct arena *a, struct str path, struct str bytes, enum dataset_want want,
    struct dataset *out, struct fault *f) NODISCARD;

/* Names of classes: columns class|label|intent|name... then name, description (CSV, TSV).
 * Two columns are id and description, three id, name and description. */
struct dataset_name {
	struct str id, name, description;
	uint32_t line;
};
enum err dataset_names(struct arena *a, const char *path, struct dataset_name **out, size_t *n,
    struct fault *f) NODISCARD;

/* "Card arrival", "card_arrival" and "CARD-ARRIVAL" are one: what spellings are compared by. */
struct str dataset_label_key(struct arena *a, struct str label);
void dataset_note(struct arena *a, struct dataset *d, struct str text);
/* A whole regular file. E_NOTFOUND, E_TOOBIG. */
enum err dataset_slurp(struct arena *a, const char *path, size_t max_bytes, struct str *out,
    struct fault *f) NODISCARD;
