/* SPDX-License-Identifier: Apache-2.0 */
/* personal.h - personal data in a text, to be masked whatever it means to the desk.
 *
 * Kinds, and what they say closer:
 *	card		"visa", "mastercard", ...: Luhn and the issuers' ranges; "mistyped" beside a word
 *	iban		its country: length and mod 97
 *	national_id	"US ssn", "DE steuer_id", ...: check digits, dates, or the word beside it
 *	phone, email, ip
 *	address		"street", "GB postcode", "US place": lines of an address
 *	secret		"password", "code", "api_key", "token", "private_key", "url"
 *	birth_date	a day after a word that says so
 * By shape and arithmetic, not by a list of names: a name is not found.
 * Total; text past 16,000 bytes is not looked at.  Pure, thread-safe.
 */
#pragma once

#include "facts/perception.h"

struct scan;

#define PERSONAL_MAX 64

/* By position, not overlapping, in the arena. */
const struct personal *personal_find(struct str text, struct arena *a, size_t *n);
/* Of a text that is scanned already (nlu/scan.h). */
const struct personal *personal_find_scanned(const struct scan *s, struct arena *a, size_t *n);
/* The text with "[card]" for each span; v as personal_find gives it. */
struct str personal_mask(struct str text, const struct personal *v, size_t n, struct arena *a);
