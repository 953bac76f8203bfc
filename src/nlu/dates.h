/* SPDX-License-Identifier: Apache-2.0 */
/* dates.h - days in a text, English and German, as yyyy-mm-dd: part of entities.c. */
#pragma once

#include "facts/perception.h"

struct zone;

#define ENTITIES_MAX 32

struct found {
	struct arena *a;
	struct str text;
	struct entity *v;	/* ENTITIES_MAX */
	size_t n;
};

/* Adds unless the span is taken or there are ENTITIES_MAX. */
void found_add(struct found *f, struct str kind, size_t from, size_t to, struct str value);
void dates_find(struct found *f, int64_t now_us, const struct zone *zone);
