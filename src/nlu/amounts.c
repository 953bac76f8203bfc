/* SPDX-License-Identifier: Apache-2.0 */
/* amounts.c - money: "1.234,56 €", "$12", "12 quid", "zwanzig Euro" as minor units and ISO 4217. */
#include "nlu/entity_parts.h"

#include <string.h>

#define MINOR_MAX INT64_C(100000000000)
#define CURRENCY_KR 60
#define CURRENCY_PESO 61

/* In the order of entity_words.txt. */
static const char *const iso4217[] = { "EUR", "USD", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "JPY",
	"CNY", "INR", "BRL", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "ZAR", "TRY", "RON", "BGN", "ISK", "ILS", "AED",
	"KRW", "UAH", "THB", "ARS", "CLP", "COP" };

static struct str
by_region(struct str region, const char *const (*list)[2], size_t n, const char *otherwise)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq_nocase(region, str_from(list[i][0])))
			return str_from(list[i][1]);
	return str_from(otherwise);
}

static struct str
iso_of(int value, struct str region)
{
	static const char *const kr[][2] = { { "SE", "SEK" }, { "DK", "DKK" }, { "IS", "ISK" } };
	static const char *const peso[][2] = { { "AR", "ARS" }, { "CL", "CLP" }, { "CO", "COP" } };

	if (value == CURRENCY_KR)
		return by_region(region, kr, sizeof(kr) / sizeof(kr[0]), "NOK");
	if (value == CURRENCY_PESO)
		return by_region(region, peso, sizeof(peso) / sizeof(peso[0]), "MXN");
	return str_from(iso4217[value]);
}

static struct str
of_sign(char c, struct str region)
{
	static const char *const dollar[][2] = { { "CA", "CAD" }, { "AU", "AUD" }, { "NZ", "NZD" }, { "SG", "SGD" },
		{ "HK", "HKD" }, { "MX", "MXN" }, { "AR", "ARS" }, { "CL", "CLP" }, { "CO", "COP" } };

	switch (c) {
	case '$': return by_region(region, dollar, sizeof(dollar) / sizeof(dollar[0]), "USD");
	case PLAIN_EURO: return STR("EUR");
	case PLAIN_POUND: return STR("GBP");
	case PLAIN_YEN: return str_eq_nocase(region, STR("CN")) ? STR("CNY") : STR("JPY");
	case PLAIN_RUPEE: return STR("INR");
	default: return STR_NONE;
	}
}

static int
decimals_of(struct str iso)
{
	return str_eqz(iso, "JPY") || str_eqz(iso, "KRW") || str_eqz(iso, "CLP") || str_eqz(iso, "ISK") ? 0 : 2;
}

struct number {
	size_t from, to;	/* bytes */
	int64_t digits;		/* without the sign between */
	int decimals;
};

/* Is byte k a sign between thousands or before decimals? */
static bool
is_sign_inside(struct str t, size_t k)
{
	char c = t.p[k];
	size_t run = 0;

	if (k + 1 >= t.n || !scan_is_digit(t.p[k + 1]))
		return false;
	if (c == '.' || c == ',' || c == '\'')
		return true;
	if (c != ' ')
		return false;
	while (k + 1 + run < t.n && run < 4 && scan_is_digit(t.p[k + 1 + run]))
		run++;
	return run == 3;
}

/* "1.234,50", "49.90", "1 234", "1'000.-" */
static bool
read_number(struct str t, size_t from, struct number *out)
{
	size_t last = 0, last_run = 0, k = from;
	char signs[2] = { '\0', '\0' };

	*out = (struct number){ .from = from };
	for (; k < t.n && k - from < 24; k++) {
		char c = t.p[k];

		if (scan_is_digit(c)) {
			if (out->digits > MINOR_MAX)
				return false;
			out->digits = out->digits * 10 + (c - '0');
			last_run++;
			continue;
		}
		if (!is_sign_inside(t, k))
			break;
		signs[0] = signs[0] == '\0' ? c : signs[0];
		signs[1] = c;
		last = k;
		last_run = 0;
	}
	out->to = k;
	if (last > 0 && (signs[1] == '.' || signs[1] == ',') && last_run != 3 && last_run <= 4)
		out->decimals = (int)last_run;
	else if (last > 0 && last_run == 3 && signs[0] != signs[1])
		out->decimals = 3;	/* "1.234,500" */
	return !(k < t.n && scan_is_digit(t.p[k]));
}

static bool
minor_of(const struct number *n, struct str iso, int64_t *out)
{
	int want = decimals_of(iso);
	int64_t v = n->digits;

	for (int i = n->decimals; i < want; i++)
		v *= 10;
	for (int i = want; i < n->decimals; i++)
		v /= 10;
	*out = v;
	return v <= MINOR_MAX * 100;
}

static void
add(struct found *f, size_t from, size_t to, const struct number *n, struct str iso, int32_t p_ppm)
{
	int64_t minor;

	if (minor_of(n, iso, &minor))
		found_add(f, STR("amount"), from, to, str_fmt(f->a, "%ld %S", minor, iso), p_ppm);
}

/* A sign or a code before the number; *from where it begins. */
static struct str
currency_before(const struct scan *s, size_t at, struct str region, size_t *from)
{
	struct str t = s->low, iso;
	size_t end = at, i;
	const struct reading *r;

	while (end > 0 && t.p[end - 1] == ' ' && at - end < 2)
		end--;
	if (end > 0 && (t.p[end - 1] == '-' || t.p[end - 1] == '+') && end == at)
		end--;
	if (end == 0)
		return STR_NONE;
	iso = of_sign(t.p[end - 1], region);
	*from = end - 1;
	if (iso.n > 0 && t.p[end - 1] == '$' && end > 1 && scan_is_letter(t.p[end - 2])) {
		static const struct {
			const char *word, *iso;
		} list[] = { { "us", "USD" }, { "c", "CAD" }, { "ca", "CAD" }, { "a", "AUD" }, { "au", "AUD" },
			{ "nz", "NZD" }, { "r", "BRL" }, { "s", "SGD" }, { "hk", "HKD" }, { "mx", "MXN" } };

		i = scan_token_at(s, end - 1);
		for (size_t k = 0; i > 0 && k < sizeof(list) / sizeof(list[0]); k++)
			if (s->v[i - 1].to == end - 1 && str_eqz(scan_word(s, i - 1), list[k].word)) {
				*from = s->v[i - 1].from;
				return str_from(list[k].iso);
			}
	}
	if (iso.n > 0)
		return iso;
	i = scan_token_at(s, at);
	if (i == 0 || s->v[i - 1].to != end || end - s->v[i - 1].from > 3)
		return STR_NONE;
	/* only codes stand before: "EUR 20", "kr 399", "Rs 500" */
	r = scan_role(s, i - 1, ROLE_CURRENCY, LANGS_ALL);
	*from = s->v[i - 1].from;
	return r == NULL ? STR_NONE : iso_of(r->value, region);
}

static struct str
currency_after(const struct scan *s, size_t at, struct str region, size_t *to)
{
	size_t k = at, i;
	const struct reading *r;
	struct str iso;

	while (k < s->low.n && (s->low.p[k] == ' ' || s->low.p[k] == '-') && k - at < 2)
		k++;
	if (k >= s->low.n)
		return STR_NONE;
	iso = of_sign(s->low.p[k], region);
	*to = k + 1;
	if (iso.n > 0)
		return iso;
	i = scan_token_at(s, k);
	if (i >= s->n || s->v[i].from != k || (r = scan_role(s, i, ROLE_CURRENCY, LANGS_ALL)) == NULL)
		return STR_NONE;
	*to = s->v[i + r->words - 1].to;
	return iso_of(r->value, region);
}

/* "50 cents" of the currency of the place; "5 euro 50" */
static void
take_cents(const struct scan *s, struct number *n, size_t *to)
{
	size_t i = scan_token_at(s, *to);

	if (n->decimals == 0 && i < s->n && s->v[i].digits && s->v[i].to - s->v[i].from == 2 && scan_is_near(s, i) &&
	    scan_role(s, i + 1, ROLE_UNIT, LANGS_ALL) == NULL &&
	    scan_role(s, i + 1, ROLE_CURRENCY, LANGS_ALL) == NULL && (i + 1 == s->n || !scan_is_near(s, i + 1) ||
	    scan_role(s, i + 1, ROLE_CENTS, LANGS_ALL) != NULL)) {
		n->digits = n->digits * 100 + s->v[i].number;
		n->decimals = 2;
		*to = s->v[i].to;
	}
}

static void
in_digits(struct found *f)
{
	struct str t = f->s->low, iso;

	for (size_t i = 0; i < t.n; i++) {
		struct number n;
		size_t from, to;

		if (!scan_is_digit(t.p[i]))
			continue;
		if (i > 0 && (scan_is_digit(t.p[i - 1]) || (t.p[i - 1] == '-' && i > 1 && scan_is_word(t.p[i - 2])) ||
		    ((t.p[i - 1] == '.' || t.p[i - 1] == ',') && i > 1 && scan_is_digit(t.p[i - 2]))))
			continue;
		if (!read_number(t, i, &n))
			continue;
		to = n.to;
		if ((iso = currency_before(f->s, i, f->region, &from)).n > 0) {
			if (to < t.n && t.p[to] == 'k' && !(to + 1 < t.n && scan_is_word(t.p[to + 1]))) {
				n.digits *= 1000;
				to++;
			}
			add(f, from, to, &n, iso, 980000);
		} else if ((iso = currency_after(f->s, to, f->region, &to)).n > 0) {
			take_cents(f->s, &n, &to);
			add(f, i, to, &n, iso, 970000);
		}
		i = n.to > i ? n.to - 1 : i;
	}
}

/* "zwanzig euro", "two hundred dollars", "a couple of quid" */
static void
in_words(struct found *f)
{
	const struct scan *s = f->s;

	for (size_t i = 0; i < s->n;) {
		const struct reading *r;
		struct number v = { 0 };
		unsigned langs;
		size_t n;

		if (s->v[i].digits || (n = scan_number(s, i, &v.digits, &langs)) == 0) {
			i++;
			continue;
		}
		r = scan_is_near(s, i + n) ? scan_role(s, i + n, ROLE_CURRENCY, langs) : NULL;
		if (r != NULL)
			add(f, s->v[i].from, s->v[i + n + r->words - 1].to, &v, iso_of(r->value, f->region),
			    v.digits == 1 ? 550000 : 930000);
		i += n;
	}
}

void
amounts_find(struct found *f)
{
	if (f->s->has_digit)
		in_digits(f);
	in_words(f);
}
