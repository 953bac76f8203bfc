/* SPDX-License-Identifier: Apache-2.0 */
/* phrase_normalise.c - a policy's words in the form that messages are compared in. */
#include "rules/phrase_normalise.h"

#include "text/tokens.h"

struct str
phrase_normalise(struct arena *a, struct str text)
{
	const struct str *words;
	size_t n;

	text_words(a, text, &words, &n);
	return n == 0 ? STR_NONE : str_join(a, words, n, STR(" "));
}
