/* SPDX-License-Identifier: Apache-2.0 */
/* wordpiece.c - one walk over the text; a word is gathered, then cut into tokens. */
#include "vec/wordpiece.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define WORD_CHARS_MAX 100
#define WORD_BYTES_MAX (WORD_CHARS_MAX * 4)
#define NONE UINT32_MAX
#define SEED_INSIDE 0x9e3779b97f4a7c15u	/* of tokens that go on a word: "##ing" */

struct wordpiece {
	const struct str *vocab;
	uint32_t *slots;	/* token + 1, 0 = free; open addressing */
	size_t mask;
	size_t longest;		/* bytes of the longest token, "##" not counted */
	uint32_t cls, sep, unk;
	bool lower;
};

static bool
is_inside(struct str token)
{
	return token.n > 2 && token.p[0] == '#' && token.p[1] == '#';
}

static struct str
bare(struct str token)
{
	return is_inside(token) ? str_sub(token, 2, token.n) : token;
}

static size_t
slot_of(const struct wordpiece *w, uint64_t h)
{
	return (size_t)(h ^ h >> 29) & w->mask;
}

static uint32_t
find(const struct wordpiece *w, struct str text, bool inside, uint64_t h)
{
	for (size_t i = slot_of(w, h);; i = (i + 1) & w->mask) {
		struct str token;

		if (w->slots[i] == 0)
			return NONE;
		token = w->vocab[w->slots[i] - 1];
		if (is_inside(token) == inside && str_eq(bare(token), text))
			return w->slots[i] - 1;
	}
}

static uint64_t
hash_of(struct str text, bool inside)
{
	return str_hash64_more(inside ? SEED_INSIDE : STR_HASH64, text);
}

/* A token that stands twice keeps its first place. */
static void
add(struct wordpiece *w, uint32_t id)
{
	struct str text = bare(w->vocab[id]);
	bool inside = is_inside(w->vocab[id]);
	uint64_t h = hash_of(text, inside);
	size_t i = slot_of(w, h);

	if (text.n == 0 || find(w, text, inside, h) != NONE)
		return;
	while (w->slots[i] != 0)
		i = (i + 1) & w->mask;
	w->slots[i] = id + 1;
	if (text.n > w->longest)
		w->longest = text.n;
}

static enum err
special(const struct wordpiece *w, struct str name, uint32_t *out, struct fault *f)
{
	*out = find(w, name, false, hash_of(name, false));
	if (*out == NONE)
		return fault(f, E_INVALID, "the vocabulary has no %.*s", STR_ARG(name));
	return E_OK;
}

static enum err
find_specials(struct wordpiece *w, struct fault *f)
{
	TRY(special(w, STR("[CLS]"), &w->cls, f));
	TRY(special(w, STR("[SEP]"), &w->sep, f));
	return special(w, STR("[UNK]"), &w->unk, f);
}

enum err
wordpiece_new(const struct str *vocab, size_t n, bool lower, struct wordpiece **out,
    struct fault *f)
{
	struct wordpiece *w = calloc(1, sizeof(*w));
	size_t slots = 16;
	enum err e;

	CHECK(w != NULL && n < NONE);
	while (slots < 2 * n)
		slots *= 2;
	w->vocab = vocab;
	w->lower = lower;
	w->mask = slots - 1;
	w->slots = calloc(slots, sizeof(w->slots[0]));
	CHECK(w->slots != NULL);
	for (size_t i = 0; i < n; i++)
		add(w, (uint32_t)i);
	e = find_specials(w, f);
	if (e != E_OK)
		wordpiece_free(&w);
	*out = w;
	return e;
}

void
wordpiece_free(struct wordpiece **wp)
{
	if (*wp == NULL)
		return;
	free((*wp)->slots);
	free(*wp);
	*wp = NULL;
}

size_t
wordpiece_bytes(const struct wordpiece *w)
{
	return sizeof(*w) + (w->mask + 1) * sizeof(w->slots[0]);
}

uint32_t
wordpiece_cls(const struct wordpiece *w)
{
	return w->cls;
}

uint32_t
wordpiece_sep(const struct wordpiece *w)
{
	return w->sep;
}

/* ---- one word into tokens ---- */

struct word {
	char p[WORD_BYTES_MAX + 4];
	size_t n, chars;
};

struct output {
	const struct wordpiece *w;
	uint32_t *ids;
	size_t n, max;
	struct wordpiece_count count;
};

/* The longest token at `at`; *end gets where it ends. */
static uint32_t
longest_at(const struct wordpiece *w, const struct word *word, size_t at, size_t *end)
{
	uint64_t h[WORD_BYTES_MAX + 4], now = at > 0 ? SEED_INSIDE : STR_HASH64;
	size_t n = word->n - at;

	if (n > w->longest)
		n = w->longest;
	for (size_t i = 0; i < n; i++)
		h[i] = now = str_hash64_byte(now, word->p[at + i]);
	for (; n > 0; n--) {
		struct str text = { word->p + at, n };
		uint32_t id = find(w, text, at > 0, h[n - 1]);

		if (id != NONE) {
			*end = at + n;
			return id;
		}
	}
	return NONE;
}

/* Cuts the word, adds its tokens as far as there is room, and empties it. */
static void
end_word(struct output *o, struct word *word, bool punctuation)
{
	uint32_t ids[WORD_BYTES_MAX];
	size_t n = 0, at = 0;

	if (word->chars == 0)
		return;
	while (word->chars <= WORD_CHARS_MAX && at < word->n) {
		uint32_t id = longest_at(o->w, word, at, &at);

		if (id == NONE) {
			n = 0;
			break;
		}
		ids[n++] = id;
	}
	if (n == 0)
		ids[n++] = o->w->unk;
	if (!punctuation) {
		o->count.words++;
		o->count.whole += n == 1 && ids[0] != o->w->unk;
	}
	for (size_t i = 0; i < n && o->n < o->max; i++)
		o->ids[o->n++] = ids[i];
	word->n = word->chars = 0;
}

static void
add_char(struct word *word, utf8proc_int32_t cp)
{
	word->chars++;
	if (word->chars <= WORD_CHARS_MAX)
		word->n += (size_t)utf8proc_encode_char(cp, (utf8proc_uint8_t *)word->p + word->n);
}

/* ---- the basic tokenizer ---- */

enum sort { SORT_LETTER, SORT_SPACE, SORT_PUNCTUATION, SORT_CJK, SORT_NOTHING };

static bool
is_cjk(utf8proc_int32_t cp)
{
	return (cp >= 0x4e00 && cp <= 0x9fff) || (cp >= 0x3400 && cp <= 0x4dbf) ||
	    (cp >= 0x20000 && cp <= 0x2a6df) || (cp >= 0x2a700 && cp <= 0x2b73f) ||
	    (cp >= 0x2b740 && cp <= 0x2b81f) || (cp >= 0x2b820 && cp <= 0x2ceaf) ||
	    (cp >= 0xf900 && cp <= 0xfaff) || (cp >= 0x2f800 && cp <= 0x2fa1f);
}

static enum sort
sort_of(utf8proc_int32_t cp)
{
	utf8proc_category_t c;

	if (cp < 0x80) {
		if ((cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z') || (cp >= '0' && cp <= '9'))
			return SORT_LETTER;
		if (cp == ' ' || cp == '\t' || cp == '\n' || cp == '\r')
			return SORT_SPACE;
		return cp < ' ' || cp == 0x7f ? SORT_NOTHING : SORT_PUNCTUATION;
	}
	c = utf8proc_category(cp);
	if (c == UTF8PROC_CATEGORY_ZS || c == UTF8PROC_CATEGORY_ZL || c == UTF8PROC_CATEGORY_ZP)
		return SORT_SPACE;
	if (cp == 0xfffd || c == UTF8PROC_CATEGORY_CC ||
	    c == UTF8PROC_CATEGORY_CF || c == UTF8PROC_CATEGORY_CS || c == UTF8PROC_CATEGORY_CO)
		return SORT_NOTHING;
	if (is_cjk(cp))
		return SORT_CJK;
	return c >= UTF8PROC_CATEGORY_PC && c <= UTF8PROC_CATEGORY_PO ? SORT_PUNCTUATION : SORT_LETTER;
}

static void
place(struct output *o, struct word *word, utf8proc_int32_t cp, enum sort sort)
{
	if (sort == SORT_LETTER) {
		add_char(word, cp);
		return;
	}
	end_word(o, word, false);
	if (sort == SORT_SPACE)
		return;
	add_char(word, cp);
	end_word(o, word, sort == SORT_PUNCTUATION);
}

/* Lower case, taken apart, the accents dropped: what is left is placed. */
static void
place_lower(struct output *o, struct word *word, utf8proc_int32_t cp, enum sort sort)
{
	utf8proc_int32_t parts[8];
	utf8proc_ssize_t n;
	int last = 0;

	n = utf8proc_decompose_char(utf8proc_tolower(cp), parts, 8,
	    (utf8proc_option_t)(UTF8PROC_DECOMPOSE | UTF8PROC_STABLE), &last);
	if (sort == SORT_CJK)
		end_word(o, word, false);
	for (utf8proc_ssize_t i = 0; i < n && i < 8; i++)
		if (utf8proc_category(parts[i]) != UTF8PROC_CATEGORY_MN)
			place(o, word, parts[i],
			    sort == SORT_CJK ? SORT_LETTER : sort_of(parts[i]));
	if (sort == SORT_CJK)
		end_word(o, word, false);
}

/* The code point at text.p[*i]; false: a broken byte. */
static bool
next_char(struct str text, size_t *i, utf8proc_int32_t *cp)
{
	const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)text.p + *i;
	size_t left = text.n - *i;
	utf8proc_ssize_t n;

	if (*p < 0x80) {
		*cp = *p;
		++*i;
		return true;
	}
	n = utf8proc_iterate(p, left > 4 ? 4 : (utf8proc_ssize_t)left, cp);
	*i += n > 0 ? (size_t)n : 1;
	return n > 0;
}

size_t
wordpiece_encode(const struct wordpiece *w, struct str text, uint32_t *ids, size_t max,
    struct wordpiece_count *count)
{
	struct output o = { .w = w, .ids = ids, .max = max };
	struct word word;
	utf8proc_int32_t cp;

	word.n = word.chars = 0;
	if (text.n > WORDPIECE_BYTES_MAX)
		text.n = WORDPIECE_BYTES_MAX;
	for (size_t i = 0; i < text.n && o.n < max;) {
		enum sort sort;

		if (!next_char(text, &i, &cp))
			continue;
		sort = sort_of(cp);
		if (sort == SORT_NOTHING)
			continue;
		if (!w->lower)
			place(&o, &word, cp, sort);
		else if (cp < 0x80)
			place(&o, &word, cp >= 'A' && cp <= 'Z' ? cp + 32 : cp, sort);
		else
			place_lower(&o, &word, cp, sort);
	}
	if (o.n < max)
		end_word(&o, &word, false);
	if (count != NULL)
		*count = o.count;
	return o.n;
}
