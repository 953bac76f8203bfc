/* SPDX-License-Identifier: Apache-2.0 */
/* memo.h - the stems of texts that are asked about again and again; private to src/kb.
 *
 * Passages, headings and listed questions change only with a publish, but each
 * question is compared with two dozen of them: stemmed once, they are read here.
 * Built by one thread, then immutable and thread-safe.  Lives in its arena.
 */
#pragma once

#include "text/stem.h"

struct kb_text {
	const struct str *stems, *forms;	/* forms[i], normalised, has stems[i] */
	size_t n;
};
struct kb_memo;

/* At most texts_max texts (and MEMO_BYTES) are kept; what is more is not remembered. */
struct kb_memo *kb_memo_new(struct arena *a, size_t texts_max);
void kb_memo_add(struct kb_memo *m, struct arena *a, struct stemmer *st, size_t lang, struct str text);
/* NULL: not known. */
const struct kb_text *kb_memo_find(const struct kb_memo *m, size_t lang, struct str text);
/* The same, made anew. */
struct kb_text kb_text_read(struct arena *a, struct stemmer *st, struct str text);
