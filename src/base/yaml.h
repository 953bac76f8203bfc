/* SPDX-License-Identifier: Apache-2.0 */
/* yaml.h - a bounded YAML reader: text to a tree of nodes that know their place.
 *
 * A file of ours needs maps, lists and scalars and nothing else: anchors,
 * aliases, tags, duplicate keys, several documents, more than YAML_MAX_BYTES
 * or YAML_MAX_DEPTH are refused.  The tree lives in the arena.  Getters name
 * what they miss in a struct complaints, so that one reading finds all
 * mistakes; a NULL node is accepted by all of them and means "already said".
 */
#pragma once

#include "base/complaints.h"

#define YAML_MAX_BYTES ((size_t)1 << 20)
#define YAML_MAX_DEPTH 32

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml {
	enum yaml_kind kind;
	struct str file;
	int line, column;	/* from 1 */
	struct str text;	/* SCALAR, NUL-terminated */
	bool plain;		/* SCALAR without quotes */
	struct yaml_pair {
		struct str key;
		int line;
		const struct yaml *value;
	} *pairs;		/* MAP, in the file's order */
	const struct yaml **items;	/* LIST */
	size_t n;		/* pairs or items */
};

/* NULL after one complaint. An empty file is an empty map. first_line is the
 * line the bytes start at (front matter), 1 for a whole file. */
const struct yaml *yaml_parse(struct arena *a, struct str file, int first_line, struct str bytes,
    struct complaints *c);

/* A complaint at the node's place. */
void yaml_complain(struct complaints *c, const struct yaml *at, struct str text);

/* The value of a key or NULL. The first also when `map` is no map. */
const struct yaml *yaml_get(const struct yaml *map, const char *key);
const struct yaml *yaml_need(struct complaints *c, const struct yaml *map, const char *key);
/* Of that kind? Else one complaint: "expected a list". NULL: false, silently. */
bool yaml_is(struct complaints *c, const struct yaml *y, enum yaml_kind kind);
/* A map with no other keys than these (NULL-terminated); one complaint a key. */
bool yaml_only(struct complaints *c, const struct yaml *map, const char *const keys[]);
/* A scalar's text; empty after a complaint. */
struct str yaml_text(struct complaints *c, const struct yaml *y);
/* The scalars of a list. */
const struct str *yaml_texts(struct complaints *c, const struct yaml *list, struct arena *a, size_t *n);
bool yaml_bool(struct complaints *c, const struct yaml *y, bool otherwise);
int64_t yaml_int(struct complaints *c, const struct yaml *y, int64_t min, int64_t max, int64_t otherwise);
