/* SPDX-License-Identifier: Apache-2.0 */
/* senses.h - the parts of perceive: each pure, each on its own.
 *
 * words are normalised and corrected (nlu/slips.h) unless it says raw.
 */
#pragma once

#include "facts/history.h"
#include "facts/perception.h"

struct patterns;
struct scan;
struct zone;

/* What a sentence encoder made of a message. */
struct sentence {
	const float *v;		/* NULL: it was not asked */
	size_t width;
	struct str encoder;	/* its source (vec/encoder_file.h) */
};

/* Mood of one message: its words, the raw text for capitals and signs, and its vector, which counts
 * where the encoder is one that moods were learned with (nlu/mood_head.h). */
struct mood_reading {
	int32_t ppm[MOOD_N];
	int32_t sentiment_ppm;	/* -PPM .. PPM */
	uint32_t letters;	/* how long it is */
	uint32_t shouts;	/* words in capitals, doubled ! and ? */
};
void mood_of(const struct str *words, size_t n, struct str raw, const struct sentence *vector,
    struct mood_reading *out);
/* Adds what the conversation adds: earlier messages of the customer, newest first
 * (do moods mount, voices rise, messages get shorter), and repetition. */
void mood_mount(const struct mood_reading *earlier, size_t earlier_n, const int32_t *similar_ppm,
    size_t similar_n, struct mood_reading *now);

/* How surely the customer wants a person. */
int32_t person_wish(const struct str *words, size_t n);

/* How alike two messages are, in words and in what they are about (nlu/concepts.h): 0 where one says
 * nothing of its own ("ok").  cosine_ppm: of their vectors, where the caller has them; else -1. */
int32_t similar_of(const struct str *a, size_t a_n, const struct str *b, size_t b_n, int32_t cosine_ppm);
/* The same in two steps, for a message that is held against several: what is compared, in the arena. */
struct likeness;
const struct likeness *similar_read(struct arena *a, const struct str *words, size_t n);
int32_t similar_ppm(const struct likeness *a, const struct likeness *b, int32_t cosine_ppm);

/* What the workflows of what is wished for will have to ask, because neither the message nor (h, may be NULL)
 * one before it says it: kinds of entities.  0 where the wish is not known. */
size_t entities_missing(const struct policy *p, const struct perception *now, const struct history *h);
int32_t complexity_of(const struct str *words, size_t n, struct str raw, size_t entities_n, size_t missing_n,
    int32_t unknown_ppm, const int32_t mood[MOOD_N]);

/* The policy's formats, compiled; in the arena, pcre2's memory deferred. */
enum err patterns_compile(struct arena *a, const struct policy *p, const struct patterns **out,
    struct fault *f) NODISCARD;
/* All entities, by position, not overlapping: the desk's own kinds, email, phone, amount, date, time,
 * duration, quantity, product, postcode.  pat and p may be NULL: the built-in ones only.
 * region: the inbox's country ("NO"): of a number without one, of "kr", of 3/4/2026. */
const struct entity *entities_find_in(const struct patterns *pat, const struct policy *p, struct str region,
    struct str text, struct str awaiting, int64_t now_us, const struct zone *zone, struct arena *a, size_t *n);
/* Of a text that is scanned already (nlu/scan.h). */
const struct entity *entities_find_scanned(const struct patterns *pat, const struct policy *p, struct str region,
    const struct scan *s, struct str awaiting, int64_t now_us, const struct zone *zone, struct arena *a, size_t *n);
/* In the policy's first inbox. */
const struct entity *entities_find(const struct patterns *pat, const struct policy *p,
    struct str text, struct str awaiting, int64_t now_us, const struct zone *zone, struct arena *a,
    size_t *n);
