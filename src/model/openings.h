/* SPDX-License-Identifier: Apache-2.0 */
/* openings.h - the messages with which customers opened their topics, for learning from.
 *
 * A conversation's first message, and the one that brings it back after it was resolved: answers
 * to questions ("yes", an order number) say nothing of what is wanted.
 */
#pragma once

#include "base/arena.h"
#include "base/fault.h"
#include "base/str.h"

#include <stdint.h>

struct db;

/* Newest first, up to and with gid *to (0: the newest, which *to gets), at most max, from a bounded
 * stretch of the record: the same again as long as nobody erases. each: false ends it; the text
 * dies with the call. */
enum err openings_read(struct db *db, int64_t *to, size_t max, bool (*each)(void *arg, struct str text),
    void *arg, struct fault *f) NODISCARD;
