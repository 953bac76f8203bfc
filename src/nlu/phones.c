/* SPDX-License-Identifier: Apache-2.0 */
/* phones.c - telephone numbers, to E.164 where the country is known.
 *
 * Runs of digits look alike: how surely one is a number to call comes from
 * its form (+, 00, a leading 0, the groups of North America), from the length that its
 * country writes, and from the words beside it.
 */
#include "nlu/entity_parts.h"

#include <string.h>

#define DIGITS_MAX 15
#define GROUPS_MAX 8

struct country {
	char iso2[3], code[4], trunk[3];
	unsigned char min, max;	/* digits after the country's code */
};

static const struct country countries[] = {
	{ "US", "1", "1", 10, 10 }, { "CA", "1", "1", 10, 10 }, { "GB", "44", "0", 9, 10 }, { "IE", "353", "0", 7, 9 },
	{ "DE", "49", "0", 6, 12 }, { "AT", "43", "0", 7, 13 }, { "CH", "41", "0", 9, 9 }, { "FR", "33", "0", 9, 9 },
	{ "BE", "32", "0", 8, 9 }, { "NL", "31", "0", 9, 9 }, { "LU", "352", "", 6, 9 }, { "ES", "34", "", 9, 9 },
	{ "PT", "351", "", 9, 9 }, { "IT", "39", "", 8, 11 }, { "NO", "47", "", 8, 8 }, { "SE", "46", "0", 7, 9 },
	{ "DK", "45", "", 8, 8 }, { "FI", "358", "0", 6, 11 }, { "IS", "354", "", 7, 9 }, { "PL", "48", "", 9, 9 },
	{ "CZ", "420", "", 9, 9 }, { "SK", "421", "0", 9, 9 }, { "HU", "36", "06", 8, 9 }, { "RO", "40", "0", 9, 9 },
	{ "BG", "359", "0", 7, 9 }, { "GR", "30", "", 10, 10 }, { "HR", "385", "0", 8, 9 }, { "SI", "386", "0", 8, 8 },
	{ "EE", "372", "", 7, 8 }, { "LV", "371", "", 8, 8 }, { "LT", "370", "8", 8, 8 }, { "UA", "380", "0", 9, 9 },
	{ "TR", "90", "0", 10, 10 }, { "RU", "7", "8", 10, 10 }, { "IL", "972", "0", 8, 9 }, { "AE", "971", "0", 8, 9 },
	{ "IN", "91", "0", 10, 10 }, { "CN", "86", "0", 10, 11 }, { "JP", "81", "0", 9, 10 }, { "KR", "82", "0", 8, 10 },
	{ "SG", "65", "", 8, 8 }, { "HK", "852", "", 8, 8 }, { "AU", "61", "0", 9, 9 }, { "NZ", "64", "0", 8, 10 },
	{ "ZA", "27", "0", 9, 9 }, { "BR", "55", "0", 10, 11 }, { "MX", "52", "", 10, 10 }, { "AR", "54", "0", 10, 11 },
	{ "CL", "56", "", 9, 9 }, { "CO", "57", "", 8, 10 }, { "PE", "51", "0", 8, 9 },
};

#define COUNTRIES (sizeof(countries) / sizeof(countries[0]))

struct run {
	size_t from, to, digits_to;	/* bytes; digits_to without the extension */
	char digits[DIGITS_MAX + 1];
	size_t n;
	unsigned char group[GROUPS_MAX];
	size_t groups;
	char sign;		/* between most groups */
	bool plus, bracket, zero_in_brackets;
	struct str extension;
};

static const struct country *
by_code(struct str digits)
{
	const struct country *best = NULL;

	for (size_t i = 0; i < COUNTRIES; i++) {
		struct str code = str_from(countries[i].code);

		if (str_starts(digits, code) && (best == NULL || code.n > strlen(best->code)))
			best = &countries[i];
	}
	return best;
}

static const struct country *
by_region(struct str region)
{
	for (size_t i = 0; i < COUNTRIES; i++)
		if (str_eq_nocase(region, str_from(countries[i].iso2)))
			return &countries[i];
	return NULL;
}

static bool
is_separator(char c)
{
	return c == ' ' || c == '-' || c == '.' || c == '/' || c == '(' || c == ')';
}

/* " x123", "ext. 12", "Durchwahl 12" behind the number. */
static void
read_extension(struct str t, struct run *r)
{
	static const char *const words[] = { "extension", "ext.", "ext", "durchwahl", "dw", "poste", "x", "#" };
	size_t k = r->to, from;

	while (k < t.n && k - r->to < 2 && (t.p[k] == ' ' || t.p[k] == ','))
		k++;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct str w = str_from(words[i]);

		if (!str_eq(str_sub(t, k, w.n), w))
			continue;
		k += w.n;
		while (k < t.n && (t.p[k] == ' ' || t.p[k] == '.' || t.p[k] == ':'))
			k++;
		for (from = k; k < t.n && k - from < 6 && scan_is_digit(t.p[k]); k++)
			continue;
		if (k > from && !(k < t.n && scan_is_word(t.p[k]))) {
			r->extension = str_sub(t, from, k - from);
			r->to = k;
		}
		return;
	}
}

/* The separators from byte k on: at most three, of one kind of line. */
static size_t
skip_separators(struct str t, size_t k)
{
	size_t from = k;

	while (k < t.n && k - from < 4 && is_separator(t.p[k]))
		k++;
	/* ". " ends a sentence */
	if (k - from > 3 || (k - from > 1 && t.p[from] == '.'))
		return from;
	return k;
}

static bool
read_run(struct str t, size_t i, struct run *r)
{
	size_t k = i;

	*r = (struct run){ .from = i, .plus = t.p[i] == '+' };
	k += r->plus;
	while (k < t.n) {
		size_t from = skip_separators(t, k), end;

		if (from < t.n && !scan_is_digit(t.p[from]))
			break;
		for (end = from; end < t.n && scan_is_digit(t.p[end]); end++) {
			if (r->n >= DIGITS_MAX)
				return false;
			r->digits[r->n++] = t.p[end];
		}
		if (end == from)
			break;
		if (r->groups >= GROUPS_MAX)
			return false;
		if (from > i && t.p[from - 1] == '(' && end < t.n && t.p[end] == ')') {
			r->bracket = true;
			r->zero_in_brackets |= end - from == 1 && t.p[from] == '0' && r->groups > 0;
		}
		if (from > k && r->groups > 0)
			r->sign = t.p[from - 1] == '(' ? ' ' : t.p[k];
		r->group[r->groups++] = (unsigned char)(end - from);
		k = r->to = end;
	}
	r->digits_to = r->to;
	if (r->groups > 0)
		read_extension(t, r);
	return r->groups > 0;
}

/* (555) 123-4567, 555-123-4567, 1-555-123-4567 */
static bool
is_north_american(const struct run *r)
{
	const unsigned char *g = r->group;
	size_t n = r->groups;

	if (n == 4 && g[0] == 1 && r->digits[0] == '1') {
		g++;
		n--;
	}
	return n == 3 && g[0] == 3 && g[1] == 3 && g[2] == 4;
}

/* Three groups that may be a day, four that may be an address of the network. */
static bool
is_other_thing(const struct run *r)
{
	const unsigned char *g = r->group;

	if (r->plus || r->bracket)
		return false;
	if (r->groups == 3 && ((g[0] == 4 && g[1] <= 2 && g[2] <= 2) || (g[0] <= 2 && g[1] <= 2 && g[2] == 4)) &&
	    r->sign != ' ')
		return true;
	if (r->groups == 3 && g[0] == 3 && g[1] == 2 && g[2] == 4)	/* US SSN */
		return true;
	if (r->groups == 4 && r->sign == '.' && g[0] <= 3 && g[1] <= 3 && g[2] <= 3 && g[3] <= 3)
		return true;
	/* a day and more: "2026-11-26 10" */
	return r->groups >= 3 && g[0] == 4 && g[1] == 2 && g[2] == 2 &&
	    (strncmp(r->digits, "19", 2) == 0 || strncmp(r->digits, "20", 2) == 0);
}

static int32_t
of_form(const struct run *r, struct str region)
{
	const struct country *c = by_region(region);
	struct str digits = { r->digits, r->n };

	if (r->plus) {
		const struct country *by = by_code(digits);
		size_t rest = by == NULL ? 0 : r->n - strlen(by->code) - r->zero_in_brackets;

		return by != NULL && rest >= by->min && rest <= by->max ? 990000 : 800000;
	}
	if (r->n < 7)
		return r->n == 6 && r->groups > 1 ? 200000 : 0;
	if (r->extension.n > 0)
		return 900000;
	if (is_north_american(r) || (r->bracket && r->groups > 1))
		return 920000;
	if (str_starts(digits, STR("00")) && r->n >= 9)
		return by_code(str_sub(digits, 2, r->n)) != NULL ? 900000 : 600000;
	if (r->digits[0] == '0' && r->n >= 9 && r->n <= 12)
		return c != NULL && c->trunk[0] == '0' && r->n - 1 >= c->min && r->n - 1 <= c->max ? 880000 : 700000;
	if (c != NULL && r->groups > 1 && r->n >= c->min && r->n <= c->max)
		return 700000;
	if (r->groups >= 3 && r->n >= 8 && r->n <= 13)
		return 600000;
	return r->groups == 2 && r->group[0] == 3 && r->group[1] == 4 && r->sign == '-' ? 520000 : 300000;
}

/* The form, and the words beside it. */
static int32_t
sureness(const struct scan *s, const struct run *r, struct str region)
{
	size_t i = scan_token_at(s, r->from), end = scan_token_at(s, r->to);
	int32_t p = is_other_thing(r) ? 0 : of_form(r, region);
	bool phone = scan_before(s, i, 6, ROLE_PHONE, NULL);

	for (size_t k = end; !phone && k < s->n && k < end + 3 && scan_gap(s, k).n < 4; k++)
		phone = scan_role(s, k, ROLE_PHONE, LANGS_ALL) != NULL;
	if (p == 0 || r->plus)
		return p;
	if (end < s->n && scan_is_near(s, end) && (scan_role(s, end, ROLE_CURRENCY, LANGS_ALL) != NULL ||
	    scan_role(s, end, ROLE_UNIT, LANGS_ALL) != NULL || scan_role(s, end, ROLE_COUNT, LANGS_ALL) != NULL))
		return 0;	/* "12 345 678 EUR" */
	if (scan_before(s, i, 3, ROLE_NOTPHONE, NULL) && !scan_before(s, i, 3, ROLE_PHONE, NULL))
		return p / 2;
	if (phone)
		p = p >= 600000 ? p + 60000 : r->n < 7 ? 550000 : r->n <= 13 ? 800000 : p;
	return p > 990000 ? 990000 : p;
}

static struct str
e164(const struct scan *s, const struct run *r, struct str region)
{
	const struct country *c = by_region(region);
	struct str digits = { r->digits, r->n }, out;
	size_t trunk;

	if (!r->plus && str_starts(digits, STR("00")) && r->n > 8) {
		digits = str_sub(digits, 2, r->n);
		out = str_fmt(s->a, "+%S", digits);
	} else if (r->plus) {
		const struct country *by = by_code(digits);
		size_t code = by == NULL ? 0 : strlen(by->code);

		out = r->zero_in_brackets && code > 0 && code < r->n && digits.p[code] == '0' ?
		    str_fmt(s->a, "+%s%S", by->code, str_sub(digits, code + 1, r->n)) : str_fmt(s->a, "+%S", digits);
	} else if (c != NULL) {
		trunk = strlen(c->trunk);
		if (trunk > 0 && str_starts(digits, str_from(c->trunk)) && r->n - trunk >= c->min)
			digits = str_sub(digits, trunk, r->n);
		out = digits.n >= c->min && digits.n <= c->max ? str_fmt(s->a, "+%s%S", c->code, digits) :
		    str_dup(s->a, (struct str){ r->digits, r->n });
	} else if (is_north_american(r) && r->n >= 10) {
		out = str_fmt(s->a, "+1%S", str_sub(digits, r->n - 10, 10));
	} else {
		out = str_dup(s->a, digits);
	}
	return r->extension.n > 0 ? str_fmt(s->a, "%S;ext=%S", out, r->extension) : out;
}

static bool
may_begin(struct str t, size_t i)
{
	char c = t.p[i], before = i == 0 ? ' ' : t.p[i - 1];

	if (c != '+' && c != '(' && !scan_is_digit(c))
		return false;
	if (c == '(' && !(i + 1 < t.n && (scan_is_digit(t.p[i + 1]) || t.p[i + 1] == '+')))
		return false;
	if (c == '+' && !(i + 1 < t.n && (scan_is_digit(t.p[i + 1]) || t.p[i + 1] == '(')))
		return false;
	return !(scan_is_word(before) || before == '.' || before == '#' || before == '-' || before == '@' ||
	    before == '/' || before == '_' || before == '=' || before == '$' || before == PLAIN_EURO ||
	    before == PLAIN_POUND || before == '+');
}

bool
phone_next(const struct scan *s, struct str region, size_t at, struct hit *out)
{
	struct str t = s->low;

	for (size_t i = at; s->has_digit && i < t.n; i++) {
		struct run r;
		int32_t p;
		char after;

		if (!may_begin(t, i))
			continue;
		if (!read_run(t, i, &r)) {	/* too long for one: nor is a part of it */
			while (i + 1 < t.n && (scan_is_digit(t.p[i + 1]) || is_separator(t.p[i + 1])))
				i++;
			continue;
		}
		after = r.to < t.n ? t.p[r.to] : ' ';
		p = r.n < 6 || scan_is_letter(after) || after == '%' || after == '@' || after == '_' ||
		    after == PLAIN_EURO ? 0 : sureness(s, &r, region);
		if (p >= ENTITY_LEAST_PPM) {
			*out = (struct hit){ r.from, r.to, p, e164(s, &r, region) };
			return true;
		}
		i = r.to > i ? r.to - 1 : i;
	}
	return false;
}

void
phones_find(struct found *f)
{
	struct hit h;

	for (size_t at = 0; phone_next(f->s, f->region, at, &h); at = h.to)
		found_add(f, STR("phone"), h.from, h.to, h.value, h.p_ppm);
}
