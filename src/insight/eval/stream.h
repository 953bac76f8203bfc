/* SPDX-License-Identifier: Apache-2.0 */
/* stream.h - messages in, perceptions out, a line each: `baton perceive`.
 *
 * A line that begins with { is a JSON object:
 *	{"text", "history": [{"by": "customer"|"ai"|"agent", "text"}], "language", "awaiting", "id"}
 * any other line is a text.  Each line gives one line of JSON: the perception
 * (nlu/perception_json.h) with "text", and "id" if there was one; or {"error", "line"}, and
 * the next line is read.  Bounded: a line past STREAM_LINE_MAX is an error (a plain
 * text is cut), and nothing is kept from one line to the next.
 */
#pragma once

#include "base/arena.h"
#include "base/fault.h"
#include "base/str.h"

#include <stdint.h>
#include <stdio.h>

struct model;
struct policy;
struct zone;

#define STREAM_LINE_MAX ((size_t)4 << 20)
#define STREAM_HISTORY_MAX 1000
#define STREAM_KNOWN_MAX 64

struct stream_spec {
	const struct model *model;	/* may be NULL */
	const struct policy *policy;
	int inbox;
	const struct zone *zone;
	int64_t now_us;		/* 0: the clock's */
	bool plain;		/* every line is a text */
};

/* Until the input ends. *errors counts the lines that were refused. E_UPSTREAM: input or
 * output broke. */
enum err stream_perceive(const struct stream_spec *spec, int in, FILE *out, size_t *errors,
    struct fault *f) NODISCARD;

/* The policy of no workspace: no intents, one inbox. languages: "en,de" (E_INVALID names what
 * is not one). */
enum err stream_policy(struct arena *a, struct str languages, struct str zone, const struct policy **out,
    struct fault *f) NODISCARD;
/* "2026-11-22T10:00:00Z", "2026-11-22" or seconds since 1970. */
enum err stream_time(struct str s, int64_t *out_us, struct fault *f) NODISCARD;
