/* SPDX-License-Identifier: Apache-2.0 */
/* mask.c - a customer's past message, made fit to be learned from without a label. */
#include "nlu/mask.h"

#include "base/buf.h"
#include "nlu/personal.h"
#include "nlu/senses.h"
#include "nlu/words.h"

#include <string.h>

#define LONGEST 600		/* bytes; a longer one wants more than one thing */
#define WORDS_LEAST 3		/* "yes" and "HP-1042" teach nothing */
#define DIGITS_SOMEBODYS 4	/* a number of some system that nobody told us of */

static bool
is_anybodys(struct str kind)
{
	static const char *const list[] = { "date", "time", "duration", "quantity", "product" };

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (str_eqz(kind, list[i]))
			return true;
	return false;
}

static void
hide(bool *hidden, size_t n, size_t from, size_t to)
{
	for (size_t i = from; i < to && i < n; i++)
		hidden[i] = true;
}

/* Pieces between blanks that look like a code, an address or a handle. */
static void
hide_codes(struct str s, bool *hidden)
{
	for (size_t from = 0, to; from < s.n; from = to + 1) {
		size_t digits = 0, end;
		struct str piece;

		for (to = from; to < s.n && s.p[to] != ' ' && s.p[to] != '\n' && s.p[to] != '\t'; to++)
			digits += s.p[to] >= '0' && s.p[to] <= '9';
		for (end = to; end > from && strchr(".,;:!?)", s.p[end - 1]) != NULL;)
			end--;
		piece = str_sub(s, from, end - from);
		if (digits >= DIGITS_SOMEBODYS || str_find(piece, STR("@")) >= 0 ||
		    str_find(piece, STR("://")) >= 0 || str_find_nocase(piece, STR("www.")) >= 0)
			hide(hidden, s.n, from, end);
	}
}

struct str
mask_message(struct str text, const struct policy *p, const struct patterns *pat, struct arena *a)
{
	struct str s = str_trim(text), out;
	const struct personal *found;
	const struct entity *e;
	const struct str *words;
	bool *hidden;
	struct buf b;
	size_t n, own = 0;

	if (s.n == 0 || s.n > LONGEST)
		return STR_NONE;
	hidden = arena_array(a, bool, s.n + 1);
	found = personal_find(s, a, &n);
	for (size_t i = 0; i < n; i++)
		hide(hidden, s.n, found[i].from, found[i].to);
	e = entities_find(pat, p, s, STR_NONE, 0, NULL, a, &n);
	for (size_t i = 0; i < n; i++)
		if (!is_anybodys(e[i].kind))
			hide(hidden, s.n, e[i].from, e[i].to);
	hide_codes(s, hidden);
	buf_init(&b, s.n * 3 + 8);
	for (size_t i = 0; i < s.n; i++) {
		if (!hidden[i])
			buf_add_c(&b, s.p[i]);
		else if (i == 0 || !hidden[i - 1])
			buf_add_z(&b, "…");
	}
	out = str_dup(a, buf_str(&b));
	buf_free(&b);
	words_of_text(a, out, p, pat, &words, &n);
	for (size_t i = 0; i < n; i++)
		own += !is_placeholder(words[i]);
	return own < WORDS_LEAST ? STR_NONE : out;
}
