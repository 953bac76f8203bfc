/* SPDX-License-Identifier: Apache-2.0 */
/* json.h - the glue to jansson: bounded parsing, canonical text, getters.
 *
 * Ownership: json_t is jansson's, reference counted; json_parse() hands its
 * reference to the arena (arena_defer), so nobody above decrefs it.
 * Canonical text: sorted keys, no spaces, integers only (a real is refused),
 * no NUL in strings, UTF-8 kept as it is.  Thread-safe (no shared state).
 */
#pragma once

#include "base/str.h"

#include <jansson.h>

/* For a program that serves: each thread keeps jansson's freed blocks for its
 * next ones (json_heap.c).  Once, before there are other threads. */
void json_keep_blocks(void);

/* Strict: UTF-8, no duplicate keys, no NUL, whole numbers only (so that what was
 * parsed can be written canonically), depth <= 32, size <= max_bytes (E_TOOBIG).
 * Any value may stand at the top; json_only and json_need_str ask for objects.
 * On failure E_INVALID names line, column and what was expected. */
enum err json_parse(struct arena *a, struct str text, size_t max_bytes, json_t **out,
    struct fault *f) NODISCARD;
/* The same, but numbers may have fractions: files of other people, which are read and
 * never written again (json_text refuses a real). */
enum err json_parse_foreign(struct arena *a, struct str text, size_t max_bytes, json_t **out,
    struct fault *f) NODISCARD;
/* Of a text that json_text() wrote and the store kept: what json_parse() refuses
 * cannot be in it, so only the grammar is checked.  Never for what a peer sent. */
enum err json_parse_own(struct arena *a, struct str text, json_t **out, struct fault *f) NODISCARD;

/* A fresh object/array whose reference the arena owns. */
json_t *json_obj(struct arena *a);
json_t *json_arr(struct arena *a);
/* Set: the string is copied and must be UTF-8 (broken bytes become U+FFFD). */
void json_set_str(json_t *o, const char *key, struct str v);
void json_set_z(json_t *o, const char *key, const char *v);
void json_set_i64(json_t *o, const char *key, int64_t v);
void json_set_bool(json_t *o, const char *key, bool v);
void json_set(json_t *o, const char *key, json_t *borrowed);	/* increfs */
void json_push(json_t *arr, json_t *borrowed);			/* increfs */
void json_push_str(json_t *arr, struct str v);
/* Get: absent or of another type gives the default. Borrowed. */
struct str json_get_str(const json_t *o, const char *key);
int64_t json_get_i64(const json_t *o, const char *key, int64_t otherwise);
bool json_get_bool(const json_t *o, const char *key, bool otherwise);

/* Required and typed getters for requests: E_INVALID names the field. */
enum err json_need_str(const json_t *o, const char *key, size_t max_bytes, struct str *out,
    struct fault *f) NODISCARD;
/* An unknown field is an error: allowed is a NULL-terminated list. */
enum err json_only(const json_t *o, const char *const allowed[], struct fault *f) NODISCARD;

/* Canonical text, in the arena. Reals or NULs in it are a CHECK. */
struct str json_text(struct arena *a, const json_t *v);
