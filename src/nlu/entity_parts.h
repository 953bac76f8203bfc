/* SPDX-License-Identifier: Apache-2.0 */
/* entity_parts.h - the finders behind entities_find: each adds what it sees, surely or not.
 *
 * Spans are in bytes of the scan's plain text until entities_find has chosen.
 * Values live in the arena.
 */
#pragma once

#include "facts/perception.h"
#include "nlu/scan.h"

struct zone;
struct patterns;

#define CANDIDATES_MAX 160
#define ENTITIES_MAX 32
#define ENTITY_LEAST_PPM 500000	/* below it, it is none */

struct found {
	struct arena *a;
	const struct scan *s;
	struct str region;	/* of the inbox: "NO"; may be empty */
	struct entity *v;	/* CANDIDATES_MAX */
	size_t n;
};

/* Adds, unless it is too unsure or there are CANDIDATES_MAX. from < to in the plain text. */
void found_add(struct found *f, struct str kind, size_t from, size_t to, struct str value, int32_t p_ppm);

void formats_find(struct found *f, const struct patterns *pat, const struct policy *p, struct str awaiting);
void products_find(struct found *f, const struct patterns *pat);
void emails_find(struct found *f);
void amounts_find(struct found *f);
/* Days and times in the customer's zone; durations and quantities where no day is meant. */
void dates_find(struct found *f, int64_t now_us, const struct zone *zone);
void phones_find(struct found *f);
void postcodes_find(struct found *f);

/* --- what personal data is found by as well --- */

struct hit {
	size_t from, to;	/* in the plain text */
	int32_t p_ppm;
	struct str value;
};

/* The next e-mail address or phone number from byte `at`; false: none. */
bool email_next(const struct scan *s, size_t at, struct hit *out);
bool phone_next(const struct scan *s, struct str region, size_t at, struct hit *out);
/* "ana at example dot org" from token *i on. */
bool email_spoken(const struct scan *s, size_t *i, struct hit *out);
/* An address line from token i on: "8 Wressle Road", "Hauptstr. 12a", "12 rue de Rivoli". */
bool address_at(const struct scan *s, size_t i, struct hit *out);
/* A postcode at token i that its shape alone tells ("SW1A 1AA", "1234 AB"); *iso2 whose. */
bool postcode_shaped(const struct scan *s, size_t i, struct hit *out, struct str *iso2);

/* --- durations.c: at token i, how many tokens; 0: none --- */
size_t duration_at(const struct scan *s, size_t i, struct hit *out);
size_t quantity_at(const struct scan *s, size_t i, struct hit *out);

/* --- times.c: minutes of the day at token i --- */
struct day_time {
	int minute;
	int32_t p_ppm;
	bool bare;		/* "at 5": only beside a day */
};
size_t time_at(const struct scan *s, size_t i, struct day_time *out);

/* --- products.c --- */
struct products;
const struct products *products_index(struct arena *a, const struct policy *p);
const struct products *patterns_products(const struct patterns *pat);
