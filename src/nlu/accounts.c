/* SPDX-License-Identifier: Apache-2.0 */
/* accounts.c - payment cards by the issuers' ranges and Luhn, IBANs by length and mod 97. */
#include "nlu/checks.h"
#include "nlu/personal_parts.h"

#include <string.h>

#define CARD_LEAST 12
#define CARD_MOST 19
#define CARD_WORD_BACK 6

/* First digits from..to as a number of `digits` digits; lengths as bits. */
static const struct issuer {
	const char *name;
	int from, to, digits;
	uint32_t lengths;
} issuers[] = {
	{ "visa", 4, 4, 1, 1u << 13 | 1u << 16 | 1u << 19 }, { "mastercard", 51, 55, 2, 1u << 16 },
	{ "mastercard", 2221, 2720, 4, 1u << 16 }, { "amex", 34, 34, 2, 1u << 15 }, { "amex", 37, 37, 2, 1u << 15 },
	{ "discover", 6011, 6011, 4, 15u << 16 }, { "discover", 644, 649, 3, 15u << 16 },
	{ "discover", 65, 65, 2, 15u << 16 }, { "unionpay", 62, 62, 2, 15u << 16 }, { "diners", 300, 305, 3, 63u << 14 },
	{ "diners", 3095, 3095, 4, 63u << 14 }, { "diners", 36, 36, 2, 63u << 14 }, { "diners", 38, 39, 2, 63u << 14 },
	{ "jcb", 3528, 3589, 4, 15u << 16 }, { "jcb", 2131, 2131, 4, 1u << 15 }, { "jcb", 1800, 1800, 4, 1u << 15 },
	{ "mir", 2200, 2204, 4, 15u << 16 }, { "maestro", 50, 50, 2, 255u << 12 }, { "maestro", 56, 58, 2, 255u << 12 },
	{ "maestro", 60, 69, 2, 255u << 12 },
};

static const struct issuer *
issuer_of(const struct code *c)
{
	for (size_t i = 0; i < sizeof(issuers) / sizeof(issuers[0]); i++) {
		int head = 0;

		for (int k = 0; k < issuers[i].digits; k++)
			head = head * 10 + (c->c[k] - '0');
		if (head >= issuers[i].from && head <= issuers[i].to && (issuers[i].lengths >> c->n & 1u) != 0)
			return &issuers[i];
	}
	return NULL;
}

/* In groups of four, or 4-6-5, or in one. */
static bool
is_grouped(const struct code *c)
{
	if (c->groups == 1)
		return true;
	if (c->groups == 3 && c->group[0] == 4 && c->group[1] == 6)
		return true;
	for (size_t i = 0; i + 1 < c->groups; i++)
		if (c->group[i] != 4)
			return false;
	return c->group[c->groups - 1] <= 4;
}

static bool
card_at(struct sightings *x, size_t i, size_t *end)
{
	for (size_t n = CARD_MOST; n >= CARD_LEAST; n--) {
		struct code c;
		const struct issuer *who;
		bool word;

		if (!code_read(x->s, i, n, &c) || !c.digits || (who = issuer_of(&c)) == NULL || !is_grouped(&c) ||
		    (c.sign != '\0' && c.sign != ' ' && c.sign != '-' && c.sign != '.'))
			continue;
		word = scan_before(x->s, i, CARD_WORD_BACK, ROLE_CARD, NULL);
		/* short ones in one run are any number: one in ten passes Luhn */
		if (check_luhn((struct str){ c.c, c.n }))
			sighting_add(x, STR("card"), str_from(who->name), c.from, c.to,
			    word || n >= 15 || c.groups > 2 ? 990000 : 750000);
		else if (word && n >= 15)
			sighting_add(x, STR("card"), STR("mistyped"), c.from, c.to, 700000);
		else
			continue;
		*end = c.end;
		return true;
	}
	return false;
}

static size_t
iban_length(const char *country)
{
	static const char list[] = "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28"
	    "EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28"
	    "LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22"
	    "RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";

	for (size_t i = 0; i + 4 <= sizeof(list) - 1; i += 4)
		if (list[i] == country[0] && list[i + 1] == country[1])
			return (size_t)(list[i + 2] - '0') * 10 + (size_t)(list[i + 3] - '0');
	return 0;
}

static bool
iban_at(struct sightings *x, size_t i, size_t *end)
{
	struct str w = scan_word(x->s, i);
	char country[2], turned[40];
	struct code c;
	size_t n;

	if (w.n != 2 || i + 1 >= x->s->n || !x->s->v[i + 1].digits)
		return false;
	country[0] = (char)(w.p[0] - 32);
	country[1] = (char)(w.p[1] - 32);
	n = iban_length(country);
	if (n == 0 || !code_read(x->s, i, n, &c))
		return false;
	memcpy(turned, c.c + 4, n - 4);
	memcpy(turned + n - 4, c.c, 4);
	if (check_mod97((struct str){ turned, n }))
		sighting_add(x, STR("iban"), str_dup(x->s->a, (struct str){ country, 2 }), c.from, c.to, 999000);
	else if (scan_before(x->s, i, 4, ROLE_IBAN, NULL))
		sighting_add(x, STR("iban"), STR("mistyped"), c.from, c.to, 700000);
	else
		return false;
	*end = c.end;
	return true;
}

void
accounts_find(struct sightings *x)
{
	for (size_t i = 0; i < x->s->n; i++) {
		size_t end = 0;

		if (x->s->v[i].digits ? card_at(x, i, &end) : iban_at(x, i, &end))
			i = end - 1;
	}
}
