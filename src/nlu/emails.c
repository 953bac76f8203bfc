/* SPDX-License-Identifier: Apache-2.0 */
/* emails.c - addresses as they are typed, and as they are said: "ana at example dot org". */
#include "nlu/entity_parts.h"

#define LOCAL_MAX 64
#define DOMAIN_MAX 255
#define LABELS_MAX 5

static bool
is_local(char c)
{
	return scan_is_word(c) || c == '.' || c == '_' || c == '%' || c == '+' || c == '-';
}

static bool
is_domain(char c)
{
	return scan_is_word(c) || c == '-' || c == '.';
}

/* Around the sign at byte i. */
static bool
around(struct str t, size_t i, size_t *from, size_t *to)
{
	size_t dot = 0, k;

	*from = i;
	while (*from > 0 && i - *from < LOCAL_MAX && is_local(t.p[*from - 1]))
		(*from)--;
	while (*from < i && (t.p[*from] == '.' || t.p[*from] == '-' || t.p[*from] == '%'))
		(*from)++;
	for (k = i + 1; k < t.n && k - i < DOMAIN_MAX && is_domain(t.p[k]); k++)
		if (t.p[k] == '.' && k > i + 1 && t.p[k - 1] == '.')
			break;
	while (k > i && (t.p[k - 1] == '.' || t.p[k - 1] == '-'))
		k--;
	for (dot = k - 1; dot > i && t.p[dot] != '.'; dot--)
		continue;
	*to = k;
	if (*from == i || dot <= i + 1 || k < dot + 3)
		return false;
	for (size_t d = dot + 1; d < k; d++)	/* a top domain has letters only */
		if (!scan_is_letter(t.p[d]) && !(k > dot + 4 && t.p[dot + 1] == 'x' && t.p[dot + 2] == 'n'))
			return false;
	return true;
}

bool
email_next(const struct scan *s, size_t at, struct hit *out)
{
	struct str t = s->low;

	for (size_t i = at; s->has_at && i + 3 < t.n; i++) {
		size_t from, to;

		if (t.p[i] != '@' || !around(t, i, &from, &to) || from < at)
			continue;
		/* as it was typed: letters may not be ASCII */
		from = plain_at(&s->plain, from);
		*out = (struct hit){ 0, to, 990000, str_lower(s->a, str_sub(s->raw, from,
		    plain_at(&s->plain, to) - from)) };
		(void)around(t, i, &out->from, &to);
		return true;
	}
	return false;
}

static bool
is_bracketed_or_blank(struct str gap)
{
	for (size_t i = 0; i < gap.n; i++)
		if (gap.p[i] != ' ' && gap.p[i] != '(' && gap.p[i] != ')' && gap.p[i] != '[' && gap.p[i] != ']' &&
		    gap.p[i] != '{' && gap.p[i] != '}')
			return false;
	return gap.n > 0 && gap.n <= 3;
}

/* The run of tokens without a blank that ends or begins at token i. */
static size_t
run_back(const struct scan *s, size_t i)
{
	while (i > 0) {
		struct str gap = scan_gap(s, i);

		if (gap.n > 1 || (gap.n == 1 && gap.p[0] != '.' && gap.p[0] != '_' && gap.p[0] != '-' && gap.p[0] != '+'))
			break;
		i--;
	}
	return i;
}

static size_t
run_on(const struct scan *s, size_t i)
{
	while (i + 1 < s->n) {
		struct str gap = scan_gap(s, i + 1);

		if (gap.n > 1 || (gap.n == 1 && gap.p[0] != '-' && gap.p[0] != '.'))
			break;
		i++;
	}
	return i + 1;
}

static struct str
text_of(const struct scan *s, size_t from, size_t to)
{
	return str_sub(s->low, s->v[from].from, s->v[to - 1].to - s->v[from].from);
}

static bool
is_top(const struct scan *s, size_t from, size_t to)
{
	size_t n = s->v[to - 1].to - s->v[to - 1].from;

	return !s->v[to - 1].digits && n >= 2 && n <= 6 && to > from;
}

/* From behind the sign on: domain labels with dots said in the sign's language ("at some point"
 * is no address) or in English. */
static size_t
spoken_domain(const struct scan *s, size_t k, unsigned langs, struct str *domain)
{
	size_t labels = 0, end = 0;

	*domain = STR_NONE;
	while (k < s->n && labels < LABELS_MAX) {
		size_t to = run_on(s, k);
		const struct reading *dot;

		*domain = labels == 0 ? text_of(s, k, to) : str_fmt(s->a, "%S.%S", *domain, text_of(s, k, to));
		labels++;
		end = to;
		dot = to < s->n && is_bracketed_or_blank(scan_gap(s, to)) ?
		    scan_role(s, to, ROLE_DOTSIGN, langs | LANG_EN) : NULL;
		if (dot == NULL || to + 1 >= s->n || !is_bracketed_or_blank(scan_gap(s, to + 1)))
			return labels > 1 && is_top(s, k, to) ? end : 0;
		k = to + 1;
	}
	return 0;
}

bool
email_spoken(const struct scan *s, size_t *i, struct hit *out)
{
	for (size_t k = *i; scan_has_role(s, ROLE_ATSIGN) && k < s->n; k++) {
		const struct reading *sign = scan_role(s, k, ROLE_ATSIGN, LANGS_ALL);
		struct str domain;
		size_t from, end;
		bool bracket;

		if (k == 0 || sign == NULL || k + 1 >= s->n ||
		    !is_bracketed_or_blank(scan_gap(s, k)) || !is_bracketed_or_blank(scan_gap(s, k + 1)) ||
		    (end = spoken_domain(s, k + 1, sign->langs, &domain)) == 0)
			continue;
		from = run_back(s, k - 1);
		bracket = scan_gap(s, k).p[scan_gap(s, k).n - 1] != ' ';
		if (from < *i || (!bracket && scan_role(s, k - 1, ROLE_VERB, LANGS_ALL) != NULL))
			continue;
		*out = (struct hit){ s->v[from].from, s->v[end - 1].to, bracket ? 950000 : 850000,
			str_fmt(s->a, "%S@%S", text_of(s, from, k), domain) };
		*i = end;
		return true;
	}
	return false;
}

void
emails_find(struct found *f)
{
	struct hit h;

	for (size_t at = 0; email_next(f->s, at, &h); at = h.to)
		found_add(f, STR("email"), h.from, h.to, h.value, h.p_ppm);
	for (size_t i = 0; email_spoken(f->s, &i, &h);)
		found_add(f, STR("email"), h.from, h.to, h.value, h.p_ppm);
}
