/* SPDX-License-Identifier: Apache-2.0 */
/* wordpiece.h - text to BERT's token ids.
 *
 * The basic tokenizer (control characters out, spaces apart, CJK characters and
 * punctuation words of their own; with `lower`, lower case and accents off), then the
 * greedy longest match of WordPiece; a word of more than 100 characters or with a part
 * that no token matches is [UNK] (Wu et al. 2016, arXiv 1609.08144; Devlin et al. 2019).
 * A text that spells "[SEP]" gives its letters, never the special token.  Total: a broken
 * byte is left out; time is bounded by `max` and WORDPIECE_BYTES_MAX.
 * Immutable, thread-safe.
 */
#pragma once

#include "base/fault.h"
#include "base/str.h"

#include <stdint.h>

#define WORDPIECE_BYTES_MAX ((size_t)64 << 10)	/* of a text; what follows is not read */

struct wordpiece;

struct wordpiece_count {
	size_t words;		/* without punctuation */
	size_t whole;		/* of those, the ones that are one token */
};

/* The tokens' bytes must outlive it.  E_INVALID: [CLS], [SEP] or [UNK] is missing. */
enum err wordpiece_new(const struct str *vocab, size_t n, bool lower, struct wordpiece **out,
    struct fault *f) NODISCARD;
void wordpiece_free(struct wordpiece **w);
size_t wordpiece_bytes(const struct wordpiece *w);

uint32_t wordpiece_cls(const struct wordpiece *w);
uint32_t wordpiece_sep(const struct wordpiece *w);
/* At most max ids, without [CLS] and [SEP]; count may be NULL. */
size_t wordpiece_encode(const struct wordpiece *w, struct str text, uint32_t *ids, size_t max,
    struct wordpiece_count *count);
