/* SPDX-License-Identifier: Apache-2.0 */
/* features.c - what the intent model sees of a text, and how it scores it. */
#include "nlu/concepts.h"
#include "nlu/grams.h"
#include "nlu/model_parts.h"
#include "text/utf8.h"

#include <math.h>
#include <string.h>

#define WORDS_MAX 200
#define CHARS_MAX 40		/* of a word */
#define CONCEPTS_MAX 64
#define CONCEPTS_PAIRED 12

/* What a feature weighs before its idf.  A desk has few examples, and in few
 * examples the spelling of everyday words says least, what they are about most;
 * chosen by five-fold held-out accuracy of the demo (docs/decisions/0007). */
#define WORD 1.0f
#define WORD_PAIR 0.5f
#define CHARS 0.25f
#define FUNCTION_WORD 0.4f	/* of what another word weighs */
#define CONCEPT 6.0f
#define CONCEPT_PAIR 3.0f

static uint32_t
mix(uint32_t h, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * 16777619u;
	return h;
}

static uint32_t
finish(uint32_t h)
{
	h ^= h >> 16;
	h *= 0x85ebca6bu;
	h ^= h >> 13;
	return h == 0 ? 1 : h;
}

/* 2..5-grams of code points of _word_. */
static size_t
char_grams(struct str w, float weight, struct feature *out, size_t room)
{
	char p[CHARS_MAX * 4 + 2];
	size_t at[CHARS_MAX + 3], chars = 0, len = 0, n = 0;
	struct str padded;

	w = str_sub(w, 0, CHARS_MAX - 2);
	p[len++] = '_';
	memcpy(p + len, w.p, w.n);
	len += w.n;
	p[len++] = '_';
	padded = (struct str){ p, len };
	for (size_t i = 0; i < len && chars < CHARS_MAX + 2;) {
		at[chars++] = i;
		(void)utf8_next(padded, &i);
	}
	at[chars] = len;
	for (size_t g = 2; g <= 5; g++)
		for (size_t i = 0; i + g <= chars && n < room; i++)
			out[n++] = (struct feature){ finish(mix(0x9e3779b9u + (uint32_t)g, p + at[i],
			    at[i + g] - at[i])), weight };
	return n;
}

/* What the words are about: each concept once, and each two of them together. */
static size_t
concept_features(const struct str *words, size_t n, struct feature *out, size_t room)
{
	struct concept_hit hits[CONCEPTS_MAX];
	const char *seen[CONCEPTS_MAX];
	size_t found = concepts_find(words, n, hits, CONCEPTS_MAX), distinct = 0, k = 0;

	for (size_t i = 0; i < found; i++) {
		size_t at = distinct;

		/* in order of their names, so that a pair is the same either way round */
		while (at > 0 && strcmp(seen[at - 1], hits[i].concept) > 0)
			at--;
		if (at > 0 && seen[at - 1] == hits[i].concept)
			continue;
		memmove(seen + at + 1, seen + at, (distinct++ - at) * sizeof(*seen));
		seen[at] = hits[i].concept;
	}
	for (size_t i = 0; i < distinct && k < room; i++) {
		uint32_t h = mix(0x5bd1e995u, seen[i], strlen(seen[i]));

		out[k++] = (struct feature){ finish(h), CONCEPT };
		for (size_t j = i + 1; j < distinct && j < CONCEPTS_PAIRED && k < room; j++)
			out[k++] = (struct feature){ finish(mix(mix(h, "+", 1), seen[j], strlen(seen[j]))),
			    CONCEPT_PAIR };
	}
	return k;
}

size_t
features_of(const struct str *words, size_t n, struct feature *out)
{
	size_t k = 0;

	if (n > WORDS_MAX)
		n = WORDS_MAX;
	for (size_t i = 0; i < n && k + 2 < FEATURES_MAX; i++) {
		uint32_t h = mix(2166136261u, words[i].p, words[i].n);
		float part = is_function_word(words[i]) ? FUNCTION_WORD : 1.0f;

		out[k++] = (struct feature){ finish(h), WORD * part };
		if (i + 1 < n)
			out[k++] = (struct feature){ finish(mix(mix(h, " ", 1), words[i + 1].p,
			    words[i + 1].n)), WORD_PAIR };
		if (!is_placeholder(words[i]))
			k += char_grams(words[i], CHARS * part, out + k, FEATURES_MAX - k);
	}
	k += concept_features(words, n, out + k, FEATURES_MAX - k);
	return k;
}

void
model_build_table(struct model *m)
{
	m->slots = 64;
	while (m->slots < m->features * 2)
		m->slots *= 2;
	m->table = arena_array(m->arena, uint32_t, m->slots);
	for (size_t i = 0; i < m->features; i++) {
		size_t at = m->key[i] & (m->slots - 1);

		while (m->table[at] != 0)
			at = (at + 1) & (m->slots - 1);
		m->table[at] = (uint32_t)i + 1;
	}
}

uint32_t
model_lookup(const struct model *m, uint32_t key)
{
	size_t at = key & (m->slots - 1);

	while (m->table[at] != 0) {
		if (m->key[m->table[at] - 1] == key)
			return m->table[at] - 1;
		at = (at + 1) & (m->slots - 1);
	}
	return UINT32_MAX;
}

/* A feature that training met: in a fold's model others weigh exactly nothing. */
static uint32_t
learned(const struct model *m, uint32_t key)
{
	uint32_t at = model_lookup(m, key);
	const float *w;

	if (at == UINT32_MAX)
		return at;
	w = m->weight + (size_t)at * m->intents;
	for (size_t c = 0; c < m->intents; c++)
		if (w[c] < 0 || w[c] > 0)
			return at;
	return UINT32_MAX;
}

/* How much of the message's meaning the desk has words for: whole words, or
 * parts of words by their grams. Function words count little. */
static float
coverage(const struct model *m, const struct str *w, size_t n, float *content)
{
	struct feature grams[CHARS_MAX * 4];
	float have = 0, all = 0, meaning = 0;

	for (size_t i = 0; i < n && i < WORDS_MAX; i++) {
		bool stop = is_function_word(w[i]);
		float weight = is_placeholder(w[i]) ? 0.3f : stop ? 0.15f : 1.0f, known = 0;

		if (is_placeholder(w[i]) ||
		    learned(m, finish(mix(2166136261u, w[i].p, w[i].n))) != UINT32_MAX) {
			known = 1;
		} else {
			size_t k = char_grams(w[i], 1, grams, CHARS_MAX * 4), hit = 0, long_n = 0, wide;

			/* 4- and 5-grams stand at the end */
			wide = k < 2 * w[i].n ? k : 2 * w[i].n;
			for (size_t g = k - wide; g < k; g++) {
				long_n++;
				hit += learned(m, grams[g].key) != UINT32_MAX;
			}
			known = long_n == 0 ? 0 : 0.5f * (float)hit / (float)long_n;
		}
		have += weight * known;
		all += weight;
		meaning += weight >= 1.0f ? known : 0;
	}
	*content = meaning;
	return all > 0 ? have / all : 0;
}

void
model_score(const struct model *m, const struct str *words, size_t n, struct arena *a, float *logit,
    float cues[CUES])
{
	struct feature *f = arena_alloc(a, FEATURES_MAX * sizeof(*f));
	size_t k = features_of(words, n, f);
	float square = 0, best = -1e30f, second = -1e30f, content, cover;

	for (size_t c = 0; c < m->intents; c++)
		logit[c] = 0;
	for (size_t i = 0; i < k; i++) {
		uint32_t at = learned(m, f[i].key);
		float v;

		if (at == UINT32_MAX)
			continue;
		v = f[i].v * m->idf[at];
		square += v * v;
		for (size_t c = 0; c < m->intents; c++)
			logit[c] += v * m->weight[at * m->intents + c];
	}
	for (size_t c = 0; c < m->intents; c++) {
		logit[c] = m->bias[c] + (square > 0 ? logit[c] / sqrtf(square) : 0);
		if (logit[c] > best) {
			second = best;
			best = logit[c];
		} else if (logit[c] > second) {
			second = logit[c];
		}
	}
	if (m->intents < 2)
		second = 0;
	cover = coverage(m, words, n, &content);
	cues[0] = 1;
	cues[1] = m->intents == 0 ? 0 : best / m->temperature;
	cues[2] = m->intents == 0 ? 0 : (best - second) / m->temperature;
	cues[3] = cover;
	cues[4] = content > 3 ? 1 : content / 3;
}

int32_t
model_unknown(const struct model *m, const float cues[CUES])
{
	double z = 0;

	if (m->intents == 0)
		return PPM;
	for (size_t i = 0; i < CUES; i++)
		z += (double)m->unknown[i] * (double)cues[i];
	return (int32_t)(1000000.0 / (1.0 + exp(-z)));
}

size_t
model_rank(const struct model *m, const float *logit, struct intent_score out[5])
{
	double sum = 0, top = -1e30;
	size_t n = 0;

	for (size_t c = 0; c < m->intents; c++)
		top = (double)logit[c] > top ? (double)logit[c] : top;
	for (size_t c = 0; c < m->intents; c++)
		sum += exp(((double)logit[c] - top) / (double)m->temperature);
	for (size_t c = 0; c < m->intents; c++) {
		double p = exp(((double)logit[c] - top) / (double)m->temperature) / sum;
		struct intent_score s = { (int)c, (int32_t)(p * 1000000.0) };
		size_t at = n < 5 ? n : 5;

		while (at > 0 && out[at - 1].p_ppm < s.p_ppm) {
			if (at < 5)
				out[at] = out[at - 1];
			at--;
		}
		if (at < 5)
			out[at] = s;
		n += n < 5;
	}
	return n;
}
