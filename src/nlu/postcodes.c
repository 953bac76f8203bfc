/* SPDX-License-Identifier: Apache-2.0 */
/* postcodes.c - postcodes of twenty countries, and lines of an address.
 *
 * Some shapes tell themselves ("SW1A 1AA", "1234 AB", "12345-678"); plain
 * digits are one only after a word that says so, or after a street.
 */
#include "nlu/entity_parts.h"

#include <string.h>

#define STREET_WORDS 5

/* A: letter, 9: digit, blank: one blank or nothing, -: a dash. */
static const struct shape {
	char iso2[3];
	const char *form;
	int32_t p_ppm;		/* without a word beside it */
} shapes[] = {
	{ "GB", "A9 9AA", 700000 }, { "GB", "A99 9AA", 850000 }, { "GB", "AA9 9AA", 900000 },
	{ "GB", "AA99 9AA", 900000 }, { "GB", "A9A 9AA", 900000 }, { "GB", "AA9A 9AA", 950000 },
	{ "CA", "A9A 9A9", 950000 }, { "IE", "A99 A9A9", 750000 }, { "IE", "A99 AA99", 750000 },
	{ "IE", "A99 9A9A", 750000 }, { "IE", "A99 AAAA", 0 }, { "NL", "9999 AA", 0 },
	{ "US", "99999-9999", 800000 }, { "BR", "99999-999", 850000 }, { "PT", "9999-999", 700000 },
	{ "PL", "99-999", 520000 }, { "JP", "999-9999", 0 }, { "SE", "999 99", 0 }, { "CZ", "999 99", 0 },
	{ "GR", "999 99", 0 }, { "AR", "A9999AAA", 700000 }, { "LV", "AA-9999", 0 }, { "LT", "AA-99999", 0 },
	{ "DE", "99999", 0 }, { "FR", "99999", 0 }, { "ES", "99999", 0 }, { "IT", "99999", 0 }, { "US", "99999", 0 },
	{ "FI", "99999", 0 }, { "TR", "99999", 0 }, { "MX", "99999", 0 }, { "AT", "9999", 0 }, { "CH", "9999", 0 },
	{ "BE", "9999", 0 }, { "NO", "9999", 0 }, { "DK", "9999", 0 }, { "AU", "9999", 0 }, { "NZ", "9999", 0 },
	{ "LU", "9999", 0 }, { "IN", "999999", 0 }, { "SG", "999999", 0 }, { "CN", "999999", 0 },
};

#define SHAPES (sizeof(shapes) / sizeof(shapes[0]))

/* The end of the shape at byte `at`, 0: not it. Dutch letters are capitals as written. */
static size_t
match_shape(const struct scan *s, const char *form, size_t at)
{
	struct str t = s->plain.s;
	bool capitals = strcmp(form, "9999 AA") == 0;

	for (; *form != '\0'; form++) {
		char c = at < t.n ? t.p[at] : '\0';

		if (*form == ' ') {
			at += c == ' ';
			continue;
		}
		if (*form == 'A' ? !(scan_is_letter(c) && c != PLAIN_LETTER && !(capitals && c >= 'a')) :
		    *form == '9' ? !scan_is_digit(c) : c != *form)
			return 0;
		at++;
	}
	if (at < t.n && (scan_is_word(t.p[at]) || (t.p[at] == '-' && at + 1 < t.n && scan_is_word(t.p[at + 1]))))
		return 0;
	return at;
}

static bool
begins_word(const struct scan *s, size_t i)
{
	struct str t = s->low;
	size_t at = s->v[i].from;

	return at == 0 || !(scan_is_word(t.p[at - 1]) || t.p[at - 1] == '-' || t.p[at - 1] == '.' ||
	    t.p[at - 1] == '/' || t.p[at - 1] == '#' || t.p[at - 1] == '@' || t.p[at - 1] == '_');
}

/* The letters that it begins with are one of the 124 areas, the last two are
 * none of six; without a blank, or with one letter only, in capitals. */
static bool
is_british(const struct scan *s, size_t from, size_t to)
{
	static const char areas[] = " ab al b ba bb bd bh bl bn br bs bt ca cb cf ch cm co cr ct cv cw da dd de dg dh dl dn"
	    " dt dy e ec eh en ex fk fy g gl gu gy ha hd hg hp hr hs hu hx ig im ip iv je ka kt kw ky l la ld le ll ln ls"
	    " lu m me mk ml n ne ng nn np nr nw ol ox pa pe ph pl po pr rg rh rm s sa se sg sk sl sm sn so sp sr ss st sw"
	    " sy ta td tf tn tq tr ts tw ub w wa wc wd wf wn wr ws wv yo ze ";
	size_t n = scan_is_letter(s->low.p[from + 1]) ? 2 : 1;
	char area[5] = { ' ', s->low.p[from], n == 2 ? s->low.p[from + 1] : ' ', n == 2 ? ' ' : '\0', '\0' };
	bool capitals = true, blank = false;

	for (size_t i = to - 2; i < to; i++)
		if (strchr("cikmov", s->low.p[i]) != NULL)
			return false;
	for (size_t i = from; i < to; i++) {
		capitals &= !(s->plain.s.p[i] >= 'a' && s->plain.s.p[i] <= 'z');
		blank |= s->plain.s.p[i] == ' ';
	}
	return strstr(areas, area) != NULL && (capitals || (blank && n == 2));
}

static struct str
written(const struct scan *s, const struct shape *x, size_t from, size_t to)
{
	char out[16];
	size_t n = 0;

	for (const char *f = x->form; *f != '\0' && n < sizeof(out) && from < to; f++) {
		char c = s->low.p[from];

		if (*f == ' ') {
			from += c == ' ';
			out[n++] = ' ';
			continue;
		}
		out[n++] = c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
		from++;
	}
	return str_dup(s->a, (struct str){ out, n });
}

bool
postcode_shaped(const struct scan *s, size_t i, struct hit *out, struct str *iso2)
{
	if (!begins_word(s, i))
		return false;
	for (size_t k = 0; k < SHAPES; k++) {
		const struct shape *x = &shapes[k];
		size_t to = x->p_ppm == 0 ? 0 : match_shape(s, x->form, s->v[i].from);

		if (to == 0 || (strcmp(x->iso2, "GB") == 0 && !is_british(s, s->v[i].from, to)))
			continue;
		*out = (struct hit){ s->v[i].from, to, x->p_ppm, written(s, x, s->v[i].from, to) };
		*iso2 = str_from(x->iso2);
		return true;
	}
	return false;
}

/* Of the inbox's country first, then of any; the word or the street says that it is one. */
static bool
named(const struct scan *s, size_t i, struct str region, struct hit *out)
{
	const struct shape *best = NULL;
	size_t end = 0;
	bool own = false;

	for (size_t k = 0; k < SHAPES; k++) {
		size_t to = match_shape(s, shapes[k].form, s->v[i].from);
		bool of_region = str_eq_nocase(region, str_from(shapes[k].iso2));

		if (to == 0 || (of_region ? own && to <= end : own || to <= end))
			continue;
		own |= of_region;
		best = &shapes[k];
		end = to;
	}
	if (best == NULL)
		return false;
	*out = (struct hit){ s->v[i].from, end, own ? 950000 : 900000, written(s, best, s->v[i].from, end) };
	return true;
}

void
postcodes_find(struct found *f)
{
	const struct scan *s = f->s;
	size_t street_to = 0;
	bool street = false;

	for (size_t i = 0; s->has_digit && i < s->n; i++) {
		struct hit h;
		struct str iso2;
		bool near;

		if (address_at(s, i, &h)) {
			street = true;
			street_to = h.to;
			while (i + 1 < s->n && s->v[i + 1].from < h.to)
				i++;
			continue;
		}
		if (!begins_word(s, i))
			continue;
		near = street && s->v[i].from > street_to && s->v[i].from - street_to < 40 && s->v[i].digits;
		if (near || scan_before(s, i, 4, ROLE_POSTCODE, NULL)) {
			if (!named(s, i, f->region, &h))
				continue;
			if (near)
				h.p_ppm = 800000;
		} else if (!postcode_shaped(s, i, &h, &iso2)) {
			continue;
		}
		found_add(f, STR("postcode"), h.from, h.to, h.value, h.p_ppm);
	}
}

/* --- lines of an address --- */

static bool
is_capital(const struct scan *s, size_t i)
{
	char c = s->plain.s.p[s->v[i].from];

	return c >= 'A' && c <= 'Z';
}

static bool
is_house_number(const struct scan *s, size_t i)
{
	return i < s->n && s->v[i].digits && s->v[i].to - s->v[i].from <= 5 && s->v[i].number > 0;
}

/* "12a", "12 bis": tokens of the number at i. */
static size_t
house_number(const struct scan *s, size_t i)
{
	size_t n = 1;

	if (!is_house_number(s, i))
		return 0;
	if (i + 1 < s->n && !s->v[i + 1].digits && s->v[i + 1].to - s->v[i + 1].from == 1 && scan_gap(s, i + 1).n == 0)
		n++;
	else if (i + 1 < s->n && (str_eqz(scan_word(s, i + 1), "bis") || str_eqz(scan_word(s, i + 1), "ter")))
		n++;
	return n;
}

static bool
is_street_gap(const struct scan *s, size_t i)
{
	struct str gap = scan_gap(s, i);

	if (i >= s->n || gap.n > 2)
		return false;
	/* a dot after more than "St" or "Hauptstr" ends a sentence */
	if (gap.n > 0 && gap.p[0] == '.' && i > 0 && s->v[i - 1].to - s->v[i - 1].from > 2 &&
	    !str_ends(scan_word(s, i - 1), STR("str")))
		return false;
	for (size_t k = 0; k < gap.n; k++)
		if (gap.p[k] != ' ' && gap.p[k] != ',' && gap.p[k] != '.' && gap.p[k] != '\'' && gap.p[k] != '-' &&
		    gap.p[k] != '/')
			return false;
	return true;
}

static bool
set(const struct scan *s, size_t from, size_t to, int32_t p_ppm, struct hit *out)
{
	*out = (struct hit){ s->v[from].from, s->v[to - 1].to, p_ppm,
		str_sub(s->low, s->v[from].from, s->v[to - 1].to - s->v[from].from) };
	return true;
}

/* "8 Wressle Road": a number, one to five words, what a street is called. */
static bool
number_first(const struct scan *s, size_t i, struct hit *out)
{
	size_t n = house_number(s, i), capitals = 0;

	if (n == 0 || (i > 0 && scan_gap(s, i).n == 0) || (i + n < s->n &&
	    (scan_gap(s, i + n).n == 0 || scan_gap(s, i + n).p[0] == '.')) ||
	    (i > 0 && scan_gap(s, i).p[scan_gap(s, i).n - 1] == '/'))
		return false;
	for (size_t k = i + n; k < s->n && k - i - n <= STREET_WORDS && is_street_gap(s, k); k++) {
		const struct reading *r = scan_role(s, k, ROLE_STREET, k == i + n ? LANG_FR : LANG_EN);

		if (r != NULL && r->value == 1 && k == i + n) {	/* 12 rue de Rivoli */
			size_t end = k + 1, words = 0;

			for (; end < s->n && words < STREET_WORDS && is_street_gap(s, end) && !s->v[end].digits &&
			    (is_capital(s, end) || s->v[end].to - s->v[end].from <= 3); end++)
				words += is_capital(s, end);
			if (words > 0)
				return set(s, i, end, 900000, out);
		}
		if (r != NULL && (r->value == 0 || r->value == 3) && k > i + n) {
			if (is_capital(s, k - 1) && scan_gap(s, k).n > 0)
				return set(s, i, k + 1, 900000, out);
			/* in small letters: "8 wressle road", not "11 on the road" */
			return r->value == 0 && capitals == 0 && k - i - n <= 2 && s->v[k - 1].to - s->v[k - 1].from > 3 &&
			    set(s, i, k + 1, 650000, out);
		}
		if (s->v[k].digits && k > i + n + 1)
			return false;
		capitals += is_capital(s, k);
	}
	return false;
}

/* "Calle Mayor 12", "Via Roma, 3", "Rua das Flores 7" */
static bool
word_first(const struct scan *s, size_t i, struct hit *out)
{
	const struct reading *r = scan_role(s, i, ROLE_STREET, LANG_ES | LANG_PT | LANG_IT);
	size_t capitals = 0, n;

	if (r == NULL || r->value != 2)
		return false;
	/* the short ones need what ends them: "C/ Mayor" */
	if (s->v[i].to - s->v[i].from == 1 && !(i + 1 < s->n && scan_gap(s, i + 1).n > 0 && scan_gap(s, i + 1).p[0] == '/'))
		return false;
	for (size_t k = i + r->words; k < s->n && k - i <= STREET_WORDS + 1 && is_street_gap(s, k); k++) {
		if (capitals > 0 && (n = house_number(s, k)) > 0)
			return set(s, i, k + n, 900000, out);
		if (s->v[k].digits)
			return false;
		capitals += is_capital(s, k);
	}
	return false;
}

static bool
ends_as_street(struct str w)
{
	static const char *const list[] = { "strasse", "straat", "gasse", "allee", "platz", "laan", "plein", "gracht",
		"kade", "singel", "steig", "ufer", "damm", "veien", "gata", "vagen", "gatan" };

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (str_ends(w, str_from(list[i])) && w.n > strlen(list[i]) + 1)
			return true;
	return w.n > 4 && (str_ends(w, STR("str")) || str_ends(w, STR("weg")) || str_ends(w, STR("ring")));
}

/* "Hauptstr. 12a", "Lange Straße 5", "Nassaustraat 123" */
static bool
compound(const struct scan *s, size_t i, struct hit *out)
{
	struct str w = scan_word(s, i);
	bool alone = str_eqz(w, "strasse") || str_eqz(w, "str") || str_eqz(w, "straat") || str_eqz(w, "weg") ||
	    str_eqz(w, "allee") || str_eqz(w, "platz");
	size_t from = i, n;

	if (!ends_as_street(w) && !(alone && i > 0 && is_capital(s, i - 1)))
		return false;
	if (alone)
		from = i - 1;
	else if (!is_capital(s, i) && !str_ends(w, STR("strasse")) && !str_ends(w, STR("straat")) &&
	    !str_ends(w, STR("str")))
		return false;
	if (!is_street_gap(s, i + 1) || (n = house_number(s, i + 1)) == 0)
		return false;
	return set(s, from, i + 1 + n, 900000, out);
}

bool
address_at(const struct scan *s, size_t i, struct hit *out)
{
	if (!s->has_digit)
		return false;
	if (s->v[i].digits)
		return number_first(s, i, out);
	return word_first(s, i, out) || compound(s, i, out);
}
