/* SPDX-License-Identifier: Apache-2.0 */
/* plain.h - a text as ASCII, with the place where each byte came from.
 *
 * For scanners of numbers, codes and dates: digits of any script are 0-9, wide
 * forms narrow, letters lose their accents (ü is u, ß is ss; case stays), every
 * dash is -, every blank (not the line feed) is one space byte each, invisible
 * characters and marks are gone.  What is left over becomes one of the bytes below.
 * Total and linear.  Lives in the arena.  Thread-safe.
 */
#pragma once

#include "base/str.h"

#define PLAIN_SIGN '\x01'	/* any other sign */
#define PLAIN_LETTER '\x80'	/* a letter of another script */
#define PLAIN_EURO '\x81'
#define PLAIN_POUND '\x82'
#define PLAIN_YEN '\x83'
#define PLAIN_RUPEE '\x84'

struct plain {
	struct str s;
	const uint32_t *at;	/* s.n + 1 offsets into the text; NULL: the same as in s */
};

struct plain plain_of(struct arena *a, struct str text);
/* Offset in the text of byte i <= s.n. */
size_t plain_at(const struct plain *p, size_t i);
