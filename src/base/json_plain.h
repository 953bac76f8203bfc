/* SPDX-License-Identifier: Apache-2.0 */
/* json_plain.h - the plain JSON that nearly all is, read in one pass.
 *
 * For json.c alone (and its tests).  jansson decides what JSON is: whatever is not
 * plain (an escape, a fraction, a long number, a duplicate key, depth, any mistake)
 * is left to it, and so is every error's text.  Where this gives a value, it is the
 * one that json_parse() would have had from jansson: json_fuzz.c compares them.
 */
#pragma once

#include "base/str.h"

#include <jansson.h>

#define JSON_DEPTH_MAX 32

/* The caller's reference, or NULL: ask jansson. */
json_t *json_plain(struct str text);
