/* SPDX-License-Identifier: Apache-2.0 */
/* checks.h - check digits: of the desk's own numbers, of cards, accounts and ids. Pure. */
#pragma once

#include "base/str.h"
#include "facts/policy.h"

/* digits: 0-9 only. */
bool check_luhn(struct str digits);
bool check_ean(struct str digits);		/* weights 3 and 1 from the right: EAN-13, EAN-8, UPC */
bool check_mod11(struct str digits_or_x);	/* weights 2, 3, ... from the right (ISBN-10); X is ten */
bool check_mod97(struct str alphanumeric);	/* ISO 7064 as it stands: letters are 10..35; remainder 1 */
bool check_mod11_10(struct str digits);		/* ISO 7064 hybrid: DE Steuer-ID */
bool check_verhoeff(struct str digits);
/* Sum of digit * weight, over the weights there are. */
int64_t check_weighted(struct str digits, const signed char *weight, size_t n);
/* The number without letters, blanks and dashes, remainder by m. */
int64_t check_remainder(struct str digits, int64_t m);

/* By the scheme of a policy; signs that are no digit are left out (mod97 keeps letters). */
bool check_scheme(enum check_scheme scheme, struct str code);
