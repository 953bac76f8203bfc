/* SPDX-License-Identifier: Apache-2.0 */
/* scan.c - tokens, and one look into the table of words for each. */
#include "nlu/scan.h"

#include "text/word_slots.h"

#include <string.h>

#include "nlu/entity_words.inc"

_Static_assert(ROLE_WEEKDAY < 64, "a token's roles are bits of 64");

#define READINGS (sizeof(readings) / sizeof(readings[0]))
#define NUMBER_DIGITS 9
#define WORD_MAX 40

static void
look_up(struct token *t, struct str word)
{
	uint32_t h = str_hash(word), at = h, first;

	while ((first = word_slots_next(&head_slots, h, &at)) != WORD_SLOTS_END) {
		if (!str_eqz(word, readings[first].head))
			continue;
		t->first = &readings[first];
		for (size_t i = first; i < READINGS && str_eqz(word, readings[i].head); i++) {
			t->readings_n++;
			t->roles |= UINT64_C(1) << readings[i].role;
		}
		return;
	}
}

static void
read_digits(struct token *t, struct str s)
{
	t->digits = true;
	if (s.n > NUMBER_DIGITS)
		return;
	t->number = 0;
	for (size_t i = 0; i < s.n; i++)
		t->number = t->number * 10 + (s.p[i] - '0');
}

static struct str
lower(struct arena *a, struct str s, struct scan *out)
{
	char *p = arena_alloc(a, s.n + 1);

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		p[i] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
		out->has_digit |= scan_is_digit(c);
		out->has_at |= c == '@';
	}
	p[s.n] = '\0';
	return (struct str){ p, s.n };
}

void
scan_text(struct arena *a, struct str text, struct scan *out)
{
	struct str s;
	size_t room = 0;

	*out = (struct scan){ .a = a, .raw = str_clip_utf8(text, SCAN_BYTES_MAX) };
	out->plain = plain_of(a, out->raw);
	s = out->low = lower(a, out->plain.s, out);
	for (size_t i = 0; i < s.n; i++)
		room += scan_is_word(s.p[i]) && (i == 0 || scan_is_digit(s.p[i]) != scan_is_digit(s.p[i - 1]) ||
		    !scan_is_word(s.p[i - 1]));
	out->v = arena_alloc(a, (room + 1) * sizeof(*out->v));
	for (size_t i = 0; i < s.n;) {
		size_t from = i;
		bool digit;
		struct token *t;

		if (!scan_is_word(s.p[i])) {
			i++;
			continue;
		}
		digit = scan_is_digit(s.p[i]);
		while (i < s.n && (digit ? scan_is_digit(s.p[i]) : scan_is_letter(s.p[i])))
			i++;
		t = &out->v[out->n++];
		*t = (struct token){ .from = (uint32_t)from, .to = (uint32_t)i, .number = -1 };
		if (digit)
			read_digits(t, str_sub(s, from, i - from));
		/* "2 moro": digits may begin a reading as well */
		if (i - from <= WORD_MAX)
			look_up(t, str_sub(s, from, i - from));
		out->roles |= t->roles;
	}
}

struct str
scan_word(const struct scan *s, size_t i)
{
	return str_sub(s->low, s->v[i].from, s->v[i].to - s->v[i].from);
}

struct str
scan_gap(const struct scan *s, size_t i)
{
	size_t from = i == 0 ? 0 : s->v[i - 1].to, to = i < s->n ? s->v[i].from : s->low.n;

	return str_sub(s->low, from, to - from);
}

bool
scan_is_near(const struct scan *s, size_t i)
{
	struct str gap = scan_gap(s, i);

	if (i == 0 || i >= s->n || gap.n > 3)
		return false;
	for (size_t k = 0; k < gap.n; k++)
		if (gap.p[k] != ' ')
			return false;
	return true;
}

/* Between the words of one reading: a blank, an apostrophe, a dash, a dot. */
static bool
is_joined(const struct scan *s, size_t i)
{
	struct str gap = scan_gap(s, i);

	if (gap.n > 3)
		return false;
	for (size_t k = 0; k < gap.n; k++)
		if (gap.p[k] != ' ' && gap.p[k] != '\'' && gap.p[k] != '-' && gap.p[k] != '.')
			return false;
	return true;
}

static bool
goes_on(const struct scan *s, size_t i, const struct reading *r)
{
	struct str rest = str_from(r->rest);

	for (size_t k = 1; rest.n > 0; k++) {
		struct str w = str_cut(rest, ' ', &rest);

		if (i + k >= s->n || !str_eq(scan_word(s, i + k), w) || !is_joined(s, i + k))
			return false;
	}
	return true;
}

const struct reading *
scan_reading(const struct scan *s, size_t i, enum role role, unsigned langs)
{
	const struct token *t = &s->v[i];

	for (uint32_t k = 0; k < t->readings_n; k++) {
		const struct reading *r = &t->first[k];

		if (r->role == role && (r->langs & langs) != 0 && goes_on(s, i, r))
			return r;
	}
	return NULL;
}

size_t
scan_number(const struct scan *s, size_t i, int64_t *value, unsigned *langs)
{
	const struct reading *r, *scale;

	if (i >= s->n)
		return 0;
	if (s->v[i].digits) {
		*value = s->v[i].number;
		*langs = LANGS_ALL;
		return *value >= 0;
	}
	r = scan_role(s, i, ROLE_NUMBER, LANGS_ALL);
	scale = scan_role(s, r == NULL ? i : i + r->words, ROLE_SCALE, r == NULL ? LANGS_ALL : r->langs);
	if (r == NULL && scale == NULL)
		return 0;
	*value = (r == NULL ? 1 : r->value) * (scale == NULL ? 1 : scale->value);
	*langs = (r == NULL ? LANGS_ALL : r->langs) & (scale == NULL ? LANGS_ALL : scale->langs);
	return (r == NULL ? 0u : r->words) + (scale == NULL ? 0u : scale->words);
}

bool
scan_before(const struct scan *s, size_t i, size_t back, enum role role, int *value)
{
	for (size_t k = i; k > 0 && i - k < back; k--) {
		const struct reading *r = scan_role(s, k - 1, role, LANGS_ALL);

		if (r == NULL)
			continue;
		if (value != NULL)
			*value = r->value;
		return true;
	}
	return false;
}

size_t
scan_token_at(const struct scan *s, size_t at)
{
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (s->v[mid].from < at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}
