/* SPDX-License-Identifier: Apache-2.0 */
/* utf8.h - stepping through text by code point and by what a person calls a character.
 *
 * Total: a broken byte is U+FFFD and one byte long.  Pure, thread-safe.
 */
#pragma once

#include "base/str.h"

/* The code point at s.p[*i], *i < s.n; moves *i past it. */
int32_t utf8_next(struct str s, size_t *i);
/* Writes cp, returns its length (1..4). */
size_t utf8_put(int32_t cp, char out[4]);
/* Largest prefix of at most n grapheme clusters. A cluster longer than 64
 * bytes (zalgo) is cut. */
struct str utf8_clip_graphemes(struct str s, size_t n);
