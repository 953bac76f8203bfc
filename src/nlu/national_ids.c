/* SPDX-License-Identifier: Apache-2.0 */
/* national_ids.c - ids that states give, by their check digits, dates and shapes.
 *
 * What its arithmetic alone tells from any number (French NIR, Italian codice fiscale, two check digits)
 * is taken anywhere; what one number in ten would pass needs its usual
 * writing or the word beside it (idword in entity_words.txt).
 */
#include "nlu/checks.h"
#include "nlu/personal_parts.h"

#include <string.h>

#define WORD_BACK 6

/* How surely, from the shape alone and with the word; 0: not one. */
struct verdict {
	int32_t alone, with_word;
};

static struct str
part(const struct code *c, size_t from, size_t n)
{
	return (struct str){ c->c + from, n };
}

static int
num(const struct code *c, size_t from, size_t n)
{
	int v = 0;

	for (size_t i = from; i < from + n; i++)
		v = v * 10 + (c->c[i] - '0');
	return v;
}

static bool
is_grouped(const struct code *c, const char *as)
{
	size_t n = strlen(as);

	if (c->groups != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (c->group[i] != (size_t)(as[i] - '0'))
			return false;
	return true;
}

static bool
is_day(int day, int month)
{
	return day >= 1 && day <= 31 && month >= 1 && month <= 12;
}

static bool
are_digits(const struct code *c, size_t from, size_t n)
{
	for (size_t i = from; i < from + n; i++)
		if (c->c[i] < '0' || c->c[i] > '9')
			return false;
	return true;
}

static struct verdict
us_ssn(const struct code *c)
{
	int area = num(c, 0, 3);

	if (area == 0 || area == 666 || num(c, 3, 2) == 0 || num(c, 5, 4) == 0)
		return (struct verdict){ 0, 0 };
	if (area >= 900 && !(num(c, 3, 2) >= 50))
		return (struct verdict){ 0, 0 };
	if (is_grouped(c, "324"))
		return (struct verdict){ c->sign == '-' ? 950000 : 850000, 990000 };
	return (struct verdict){ 0, c->groups == 1 ? 950000 : 0 };
}

static struct verdict
de_steuer_id(const struct code *c)
{
	int count[10] = { 0 }, many = 0;

	for (size_t i = 0; i < 10; i++)
		count[c->c[i] - '0']++;
	for (int i = 0; i < 10; i++)
		many = count[i] > many ? count[i] : many;
	if (c->c[0] == '0' || many < 2 || many > 3 || !check_mod11_10(part(c, 0, 11)))
		return (struct verdict){ 0, 0 };
	return (struct verdict){ is_grouped(c, "2333") ? 850000 : 0, 980000 };
}

static struct verdict
fr_nir(const struct code *c)
{
	int month = num(c, 3, 2), key = num(c, 13, 2);
	char plain[13];
	int64_t less = 0;

	if (c->c[0] < '1' || c->c[0] > '4' || month < 1 || (month > 12 && month < 20))
		return (struct verdict){ 0, 0 };
	memcpy(plain, c->c, sizeof(plain));
	if (plain[5] == '2' && (plain[6] == 'A' || plain[6] == 'B')) {	/* Corsica */
		less = plain[6] == 'A' ? 1000000 : 2000000;
		plain[6] = '0';
	}
	for (size_t i = 0; i < sizeof(plain); i++)
		if (plain[i] < '0' || plain[i] > '9')
			return (struct verdict){ 0, 0 };
	if ((check_remainder((struct str){ plain, 13 }, 97) + 97 - less % 97) % 97 + key != 97)
		return (struct verdict){ 0, 0 };
	return (struct verdict){ 950000, 990000 };
}

static struct verdict
es_dni(const struct code *c)
{
	static const char letters[] = "TRWAGMYFPDXBNJZSQVHLCKE";
	char number[8];

	memcpy(number, c->c, 8);
	if (number[0] >= 'X' && number[0] <= 'Z')
		number[0] = (char)('0' + (number[0] - 'X'));
	for (size_t i = 0; i < 8; i++)
		if (number[i] < '0' || number[i] > '9')
			return (struct verdict){ 0, 0 };
	if (c->c[8] != letters[check_remainder((struct str){ number, 8 }, 23)])
		return (struct verdict){ 0, 0 };
	return (struct verdict){ 950000, 990000 };
}

static struct verdict
it_codice_fiscale(const struct code *c)
{
	static const int odd_value[] = { 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10,
		22, 25, 24, 23 };
	static const char form[] = "AAAAAA99A99A999A";
	int sum = 0;

	for (size_t i = 0; i < 16; i++) {
		char ch = c->c[i];
		bool digit = ch >= '0' && ch <= '9';
		int v = digit ? ch - '0' : ch - 'A';

		/* a digit may stand as a letter where two people would share one */
		if ((form[i] == 'A' && digit) || (!digit && (ch < 'A' || ch > 'Z')) ||
		    (form[i] == '9' && !digit && strchr("LMNPQRSTUV", ch) == NULL))
			return (struct verdict){ 0, 0 };
		if (i < 15)
			sum += i % 2 == 0 ? odd_value[v] : v;
	}
	if (sum % 26 != c->c[15] - 'A')
		return (struct verdict){ 0, 0 };
	return (struct verdict){ 990000, 990000 };
}

static struct verdict
nl_bsn(const struct code *c)
{
	static const signed char weight[] = { 9, 8, 7, 6, 5, 4, 3, 2, -1 };

	if (check_weighted(part(c, 0, 9), weight, 9) % 11 != 0 || num(c, 0, 9) == 0)
		return (struct verdict){ 0, 0 };
	return (struct verdict){ 0, 980000 };
}

static struct verdict
pt_nif(const struct code *c)
{
	static const signed char weight[] = { 9, 8, 7, 6, 5, 4, 3, 2 };
	int64_t r = 11 - check_weighted(part(c, 0, 8), weight, 8) % 11;

	if ((r > 9 ? 0 : r) != c->c[8] - '0' || c->c[0] == '0' || c->c[0] == '4')
		return (struct verdict){ 0, 0 };
	return (struct verdict){ 0, 980000 };
}

static struct verdict
gb_nino(const struct code *c)
{
	static const char *const never[] = { "BG", "GB", "KN", "NK", "NT", "TN", "ZZ" };

	if (strchr("DFIQUV", c->c[0]) != NULL || strchr("DFIOQUV", c->c[1]) != NULL || c->c[0] < 'A' ||
	    c->c[1] < 'A' || c->c[8] < 'A' || c->c[8] > 'D' || !are_digits(c, 2, 6))
		return (struct verdict){ 0, 0 };
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		if (memcmp(c->c, never[i], 2) == 0)
			return (struct verdict){ 0, 0 };
	return (struct verdict){ 900000, 990000 };
}

static struct verdict
pl_pesel(const struct code *c)
{
	static const signed char weight[] = { 1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1 };
	int month = num(c, 2, 2) % 20;

	if (check_weighted(part(c, 0, 11), weight, 11) % 10 != 0 || !is_day(num(c, 4, 2), month))
		return (struct verdict){ 0, 0 };
	return (struct verdict){ 0, 980000 };
}

static struct verdict
be_number(const struct code *c)
{
	int64_t head = check_remainder(part(c, 0, 9), 97);
	char late[10] = "2";
	int key = num(c, 9, 2), month = num(c, 2, 2) % 20;

	memcpy(late + 1, c->c, 9);
	if (month > 12 || num(c, 4, 2) > 31 || (97 - head != key && 97 - check_remainder((struct str){ late, 10 }, 97) !=
	    key))
		return (struct verdict){ 0, 0 };
	return (struct verdict){ c->groups > 1 ? 950000 : 700000, 990000 };
}

static struct verdict
se_personnummer(const struct code *c)
{
	size_t from = c->n - 10;
	int day = num(c, from + 4, 2);

	if (!is_day(day > 60 ? day - 60 : day, num(c, from + 2, 2)) || !check_luhn(part(c, from, 10)))
		return (struct verdict){ 0, 0 };
	return (struct verdict){ is_grouped(c, "64") || is_grouped(c, "84") ? 850000 : c->n == 12 ? 600000 : 0, 980000 };
}

static bool
cpf_digit(const struct code *c, size_t n)
{
	int sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (c->c[i] - '0') * (int)(n + 1 - i);
	return sum * 10 % 11 % 10 == c->c[n] - '0';
}

static struct verdict
br_cpf(const struct code *c)
{
	bool same = true;

	for (size_t i = 1; i < 11; i++)
		same &= c->c[i] == c->c[0];
	if (same || !cpf_digit(c, 9) || !cpf_digit(c, 10))
		return (struct verdict){ 0, 0 };
	return (struct verdict){ is_grouped(c, "3332") ? 980000 : c->groups == 1 ? 650000 : 0, 990000 };
}

static struct verdict
no_fodselsnummer(const struct code *c)
{
	static const signed char first[] = { 3, 7, 6, 1, 8, 9, 4, 5, 2, 1 };
	static const signed char second[] = { 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1 };
	int day = num(c, 0, 2);

	if (!is_day(day > 40 ? day - 40 : day, num(c, 2, 2)) || check_weighted(part(c, 0, 10), first, 10) % 11 != 0 ||
	    check_weighted(part(c, 0, 11), second, 11) % 11 != 0)
		return (struct verdict){ 0, 0 };
	return (struct verdict){ c->groups == 1 || is_grouped(c, "65") ? 900000 : 0, 990000 };
}

static struct verdict
dk_cpr(const struct code *c)
{
	if (!is_day(num(c, 0, 2), num(c, 2, 2)))
		return (struct verdict){ 0, 0 };
	return (struct verdict){ is_grouped(c, "64") && c->sign == '-' ? 600000 : 0, 950000 };
}

static struct verdict
fi_hetu(const struct code *c)
{
	static const char check[] = "0123456789ABCDEFHJKLMNPRSTUVWXY";
	struct str head = { c->c, 6 };
	char nine[9];
	bool middle = c->n == 11;	/* a letter for the century, else a sign between */

	if (!are_digits(c, 0, 6) || !are_digits(c, c->n - 4, 3) || !is_day(num(c, 0, 2), num(c, 2, 2)) ||
	    (middle ? strchr("ABCDEFYXWVU", c->c[6]) == NULL : c->sign != '-' && c->sign != '+'))
		return (struct verdict){ 0, 0 };
	memcpy(nine, head.p, 6);
	memcpy(nine + 6, c->c + c->n - 4, 3);
	if (check[check_remainder((struct str){ nine, 9 }, 31)] != c->c[c->n - 1])
		return (struct verdict){ 0, 0 };
	return (struct verdict){ 950000, 990000 };
}

static struct verdict
ch_ahv(const struct code *c)
{
	if (num(c, 0, 3) != 756 || !check_ean(part(c, 0, 13)))
		return (struct verdict){ 0, 0 };
	return (struct verdict){ 950000, 990000 };
}

static struct verdict
ca_sin(const struct code *c)
{
	return (struct verdict){ 0, check_luhn(part(c, 0, 9)) && c->c[0] != '0' ? 970000 : 0 };
}

static struct verdict
gb_nhs(const struct code *c)
{
	return (struct verdict){ 0, check_mod11(part(c, 0, 10)) ? 970000 : 0 };
}

static struct verdict
in_aadhaar(const struct code *c)
{
	return (struct verdict){ 0, c->c[0] > '1' && check_verhoeff(part(c, 0, 12)) ? 970000 : 0 };
}

/* word: the value in entity_words.txt.  form: A letter, 9 digit, * either. */
static const struct kind_of_id {
	int word;
	const char *what, *form;
	struct verdict (*judge)(const struct code *);
} kinds[] = {
	{ 1, "US ssn", "999999999", us_ssn }, { 2, "DE steuer_id", "99999999999", de_steuer_id },
	{ 3, "FR nir", "99999**99999999", fr_nir }, { 4, "ES dni", "*9999999A", es_dni },
	{ 5, "IT codice_fiscale", "AAAAAA**A**A***A", it_codice_fiscale }, { 6, "NL bsn", "999999999", nl_bsn },
	{ 7, "PT nif", "999999999", pt_nif }, { 8, "GB nino", "AA999999A", gb_nino },
	{ 9, "PL pesel", "99999999999", pl_pesel }, { 10, "BE national_number", "99999999999", be_number },
	{ 11, "SE personnummer", "9999999999", se_personnummer }, { 11, "SE personnummer", "999999999999", se_personnummer },
	{ 12, "BR cpf", "99999999999", br_cpf }, { 13, "NO fodselsnummer", "99999999999", no_fodselsnummer },
	{ 14, "DK cpr", "9999999999", dk_cpr }, { 15, "FI hetu", "999999999*", fi_hetu },
	{ 15, "FI hetu", "999999A999*", fi_hetu }, { 16, "CH ahv", "9999999999999", ch_ahv },
	{ 17, "CA sin", "999999999", ca_sin }, { 18, "GB nhs", "9999999999", gb_nhs },
	{ 19, "IN aadhaar", "999999999999", in_aadhaar },
};

static bool
has_form(const struct code *c, const char *form)
{
	for (size_t i = 0; form[i] != '\0'; i++) {
		bool digit = c->c[i] >= '0' && c->c[i] <= '9', letter = c->c[i] >= 'A' && c->c[i] <= 'Z';

		if ((form[i] == '9' && !digit) || (form[i] == 'A' && !letter) || (!digit && !letter))
			return false;
	}
	return true;
}

/* The id word among the words before token i, whichever of its meanings fits (nif: ES, PT). */
static bool
is_named(const struct scan *s, size_t i, int word)
{
	for (size_t k = i; k > 0 && i - k < WORD_BACK; k--) {
		const struct token *t = &s->v[k - 1];

		for (uint32_t r = 0; r < t->readings_n; r++)
			if (t->first[r].role == ROLE_IDWORD && t->first[r].value == word &&
			    scan_role(s, k - 1, ROLE_IDWORD, t->first[r].langs) != NULL)
				return true;
	}
	return false;
}

/* Passports and driving licences have no shape of their own: a word, then a code. */
static void
named_only(struct sightings *x, size_t i)
{
	static const char *const what[] = { "passport", "driver_license" };
	const struct scan *s = x->s;

	for (int w = 0; w < 2; w++) {
		size_t end = i, digits = 0, n = 0;

		if (!is_named(s, i, 20 + w) || (i > 0 && scan_gap(s, i).n == 0))
			continue;
		do {
			digits += s->v[end].digits ? s->v[end].to - s->v[end].from : 0;
			n += s->v[end].to - s->v[end].from;
			end++;
		} while (end < s->n && n < 20 && (scan_gap(s, end).n == 0 || str_eqz(scan_gap(s, end), "-")));
		if (digits >= 5 && n >= 6 && n <= 18)
			sighting_add(x, STR("national_id"), str_from(what[w]), s->v[i].from, s->v[end - 1].to, 900000);
	}
}

void
national_ids_find(struct sightings *x)
{
	const struct scan *s = x->s;

	for (size_t i = 0; i < s->n; i++) {
		size_t read_n = 0;
		struct code c;
		bool read = false;

		if (i > 0 && scan_gap(s, i).n == 0)
			continue;
		named_only(x, i);
		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
			const struct kind_of_id *id = &kinds[k];
			size_t n = strlen(id->form);
			struct verdict v;
			int32_t p;

			if ((id->form[0] == '9' && !s->v[i].digits) || (id->form[0] == 'A' && s->v[i].digits))
				continue;
			if (n != read_n)
				read = code_read(s, i, n, &c);
			read_n = n;
			if (!read || !has_form(&c, id->form))
				continue;
			v = id->judge(&c);
			if (v.with_word == 0 && v.alone == 0)
				continue;
			p = v.with_word > v.alone && is_named(s, i, id->word) ? v.with_word : v.alone;
			sighting_add(x, STR("national_id"), str_from(id->what), c.from, c.to, p);
		}
	}
}
