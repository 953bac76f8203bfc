/* SPDX-License-Identifier: Apache-2.0 */
/* personal_parts.h - the finders behind personal_find; spans are of the plain text. */
#pragma once

#include "nlu/personal.h"
#include "nlu/scan.h"

#define PERSONAL_CANDIDATES 192

struct sightings {
	const struct scan *s;
	struct personal *v;	/* PERSONAL_CANDIDATES */
	size_t n;
};

void sighting_add(struct sightings *x, struct str kind, struct str what, size_t from, size_t to, int32_t p_ppm);

void accounts_find(struct sightings *x);	/* cards, IBANs */
void national_ids_find(struct sightings *x);
void secrets_find(struct sightings *x);
void places_find(struct sightings *x);		/* addresses, ip */

/* A run of letters and digits with single blanks, dashes or dots between, from
 * token i on: its characters without them, at most max. */
struct code {
	char c[40];
	size_t n;
	size_t end;		/* tokens */
	size_t from, to;	/* bytes */
	size_t group[12], groups;
	bool digits;		/* nothing else */
	char sign;		/* the first one between; '\0': none */
};
/* Exactly n characters (capitals); false if the text has no such run or more follows. */
bool code_read(const struct scan *s, size_t i, size_t n, struct code *out);
