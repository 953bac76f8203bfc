/* SPDX-License-Identifier: Apache-2.0 */
/* checks.c - sums that a mistyped number fails. */
#include "nlu/checks.h"

#define CODE_MAX 64

static int
digit(char c)
{
	return c - '0';
}

bool
check_luhn(struct str s)
{
	int sum = 0;

	for (size_t i = 0; i < s.n; i++) {
		int d = digit(s.p[s.n - 1 - i]) * (i % 2 == 1 ? 2 : 1);

		sum += d > 9 ? d - 9 : d;
	}
	return s.n > 1 && sum % 10 == 0;
}

bool
check_ean(struct str s)
{
	int sum = 0;

	for (size_t i = 0; i < s.n; i++)
		sum += digit(s.p[s.n - 1 - i]) * (i % 2 == 1 ? 3 : 1);
	return s.n > 1 && sum % 10 == 0;
}

bool
check_mod11(struct str s)
{
	int sum = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[s.n - 1 - i];

		if ((c == 'X' || c == 'x') && i != 0)
			return false;
		sum += (c == 'X' || c == 'x' ? 10 : digit(c)) * (int)(i + 1);
	}
	return s.n > 1 && sum % 11 == 0;
}

bool
check_mod97(struct str s)
{
	int64_t v = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c >= '0' && c <= '9')
			v = v * 10 + digit(c);
		else if (c >= 'A' && c <= 'Z')
			v = v * 100 + (c - 'A' + 10);
		else if (c >= 'a' && c <= 'z')
			v = v * 100 + (c - 'a' + 10);
		else
			return false;
		v %= 97;
	}
	return s.n > 2 && v == 1;
}

bool
check_mod11_10(struct str s)
{
	int p = 10;

	for (size_t i = 0; i + 1 < s.n; i++) {
		int sum = (digit(s.p[i]) + p) % 10;

		p = (sum == 0 ? 10 : sum) * 2 % 11;
	}
	return s.n > 1 && (11 - p) % 10 == digit(s.p[s.n - 1]);
}

bool
check_verhoeff(struct str s)
{
	static const unsigned char times[10][10] = {
		{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 }, { 1, 2, 3, 4, 0, 6, 7, 8, 9, 5 }, { 2, 3, 4, 0, 1, 7, 8, 9, 5, 6 },
		{ 3, 4, 0, 1, 2, 8, 9, 5, 6, 7 }, { 4, 0, 1, 2, 3, 9, 5, 6, 7, 8 }, { 5, 9, 8, 7, 6, 0, 4, 3, 2, 1 },
		{ 6, 5, 9, 8, 7, 1, 0, 4, 3, 2 }, { 7, 6, 5, 9, 8, 2, 1, 0, 4, 3 }, { 8, 7, 6, 5, 9, 3, 2, 1, 0, 4 },
		{ 9, 8, 7, 6, 5, 4, 3, 2, 1, 0 } };
	static const unsigned char turn[8][10] = {
		{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 }, { 1, 5, 7, 6, 2, 8, 3, 0, 9, 4 }, { 5, 8, 0, 3, 7, 9, 6, 1, 4, 2 },
		{ 8, 9, 1, 6, 0, 4, 3, 5, 2, 7 }, { 9, 4, 5, 3, 1, 2, 6, 8, 7, 0 }, { 4, 2, 8, 6, 5, 7, 3, 9, 0, 1 },
		{ 2, 7, 9, 3, 8, 0, 6, 4, 1, 5 }, { 7, 0, 4, 6, 9, 1, 3, 2, 5, 8 } };
	unsigned c = 0;

	for (size_t i = 0; i < s.n; i++)
		c = times[c][turn[i % 8][digit(s.p[s.n - 1 - i])]];
	return s.n > 1 && c == 0;
}

int64_t
check_weighted(struct str s, const signed char *weight, size_t n)
{
	int64_t sum = 0;

	for (size_t i = 0; i < s.n && i < n; i++)
		sum += digit(s.p[i]) * weight[i];
	return sum;
}

int64_t
check_remainder(struct str s, int64_t m)
{
	int64_t v = 0;

	for (size_t i = 0; i < s.n; i++)
		v = (v * 10 + digit(s.p[i])) % m;
	return v;
}

bool
check_scheme(enum check_scheme scheme, struct str code)
{
	char kept[CODE_MAX];
	struct str s = { kept, 0 };

	if (scheme == CHECK_NONE)
		return true;
	for (size_t i = 0; i < code.n; i++) {
		char c = code.p[i];
		bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

		if (!((c >= '0' && c <= '9') || (letter && scheme == CHECK_MOD97) ||
		    ((c == 'X' || c == 'x') && scheme == CHECK_MOD11)))
			continue;
		if (s.n == CODE_MAX)
			return false;
		kept[s.n++] = c;
	}
	switch (scheme) {
	case CHECK_LUHN: return check_luhn(s);
	case CHECK_MOD97: return check_mod97(s);
	case CHECK_MOD11: return check_mod11(s);
	case CHECK_EAN13: return s.n == 13 && check_ean(s);
	case CHECK_NONE:
	default: return true;
	}
}
