/* SPDX-License-Identifier: Apache-2.0 */
/* str.h - a borrowed view of bytes, and formatting into an arena.
 *
 * A str never owns.  It is not NUL-terminated unless the text says so; the
 * empty str may have p == NULL.  str_fmt() is our own formatter (no locale, no
 * malloc), so that the pure library may use it.  Thread-safe.
 */
#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *p;
	size_t n;
};

#define STR(lit) ((struct str){ "" lit, sizeof(lit) - 1 })
#define STR_INIT(lit) { "" lit, sizeof(lit) - 1 }	/* in the initializer of a static */
#define STR_ARG(s) (int)(s).n, (s).p ? (s).p : ""	/* for "%.*s" of printf */
#define STR_NONE ((struct str){ 0, 0 })

static inline struct str
str_from(const char *z)		/* NULL gives the empty str */
{
	return z == NULL ? STR_NONE : (struct str){ z, strlen(z) };
}

static inline bool
str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool str_eqz_all(struct str a, const char *z);
/* Most of what is compared differs at once: no call, no strlen. */
static inline bool
str_eqz(struct str a, const char *z)
{
	return (a.n == 0 || (z != NULL && z[0] == a.p[0])) && str_eqz_all(a, z);
}

/* FNV-1a, of 32 and 64 bits: spreads, nothing more. Tables in the sources and trained models rest on
 * these values. _more goes on from what was hashed before, _byte by one byte. */
#define STR_HASH 2166136261u
#define STR_HASH64 UINT64_C(14695981039346656037)

static inline uint32_t
str_hash_byte(uint32_t h, char c)
{
	return (h ^ (unsigned char)c) * 16777619u;
}

static inline uint32_t
str_hash_more(uint32_t h, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		h = str_hash_byte(h, s.p[i]);
	return h;
}

static inline uint32_t
str_hash(struct str s)
{
	return str_hash_more(STR_HASH, s);
}

static inline uint64_t
str_hash64_byte(uint64_t h, char c)
{
	return (h ^ (unsigned char)c) * UINT64_C(1099511628211);
}

static inline uint64_t
str_hash64_more(uint64_t h, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		h = str_hash64_byte(h, s.p[i]);
	return h;
}

static inline uint64_t
str_hash64(struct str s)
{
	return str_hash64_more(STR_HASH64, s);
}

bool str_eq_nocase(struct str a, struct str b); /* ASCII only */
int str_cmp(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Byte offset of the first occurrence, or -1. */
ptrdiff_t str_find(struct str s, struct str needle);
ptrdiff_t str_find_nocase(struct str s, struct str needle);	/* ASCII */
struct str str_sub(struct str s, size_t from, size_t n);	/* clamps */
struct str str_trim(struct str s);				/* ASCII space */
/* Cuts s at the first `sep`: returns what stands before it, *rest gets what
 * stands after it; without sep returns s and *rest is empty with p == NULL. */
struct str str_cut(struct str s, char sep, struct str *rest);
/* Strict decimal, optional '-': false on anything else or overflow. */
bool str_i64(struct str s, int64_t *out);

struct str str_dup(struct arena *a, struct str s);	/* NUL-terminated */
char *str_z(struct arena *a, struct str s);		/* NUL-terminated copy */
struct str str_lower(struct arena *a, struct str s);	/* ASCII */
struct str str_join(struct arena *a, const struct str *parts, size_t n, struct str sep);

/* Verbs: %s (const char *), %S (struct str), %d %u (int, unsigned), %zu
 * (size_t), %ld (int64_t), %lu (uint64_t), %c, %%, and %P: an int64_t of
 * millionths shown as ".94" (two digits, truncated; 1 shows "1.00").  An
 * unknown verb is a CHECK. The result is NUL-terminated. */
struct str str_fmt(struct arena *a, const char *fmt, ...);

/* Largest prefix of at most n bytes that does not cut a UTF-8 character. */
struct str str_clip_utf8(struct str s, size_t n);
/* Strict UTF-8 (no surrogates, overlongs, > U+10FFFF). *bad gets the offset. */
bool str_utf8_valid(struct str s, size_t *bad);
