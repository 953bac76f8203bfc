/* SPDX-License-Identifier: Apache-2.0 */
/* concepts.c - finds the words and phrases of concepts.txt. */
#include "nlu/concepts.h"

#include "text/word_slots.h"

#include <string.h>

#define GAP_MAX 4

struct entry {
	const char *head, *rest;	/* first word; the others, joined by a blank */
	size_t head_n;
	bool open_end;			/* the first word may go on */
	int concept;
};

struct ending {
	const char *text;
	size_t n;
	int concept;
};

#include "nlu/concepts.inc"

#define ENDINGS (sizeof(endings) / sizeof(endings[0]))

static bool
is_word(struct str w, const char *pattern, size_t n)
{
	if (n > 0 && pattern[n - 1] == '*')
		return str_starts(w, (struct str){ pattern, n - 1 });
	return str_eq(w, (struct str){ pattern, n });
}

/* The index after the last word if `rest` stands at words[i], else 0. */
static size_t
match_rest(const struct str *w, size_t n, size_t i, const char *rest, bool *apart)
{
	size_t skip = 0;

	for (const char *p = rest; *p != '\0';) {
		size_t len = strcspn(p, " "), s = 0;

		if (len == 2 && p[0] == '.' && p[1] == '.') {
			skip = GAP_MAX;
			*apart = true;
		} else {
			while (i + s < n && s <= skip && !is_word(w[i + s], p, len))
				s++;
			if (i + s >= n || s > skip)
				return 0;
			i += s + 1;
			skip = 0;
		}
		p += len;
		p += *p == ' ';
	}
	return i;
}

static size_t
add(struct concept_hit *out, size_t found, size_t max, struct concept_hit hit)
{
	if (found < max)
		out[found++] = hit;
	return found;
}

static bool
is_head(const struct entry *e, struct str w)
{
	return e->head_n == w.n && memcmp(e->head, w.p, w.n) == 0;
}

/* The last entry of each head that is the word or a beginning of it; the shortest first.  No
 * word goes on after less than OPEN_MIN bytes. */
static size_t
heads_of(struct str w, size_t out[HEAD_MAX])
{
	uint32_t h = STR_HASH;
	size_t n = 0;

	for (size_t k = 0; k < w.n && k < HEAD_MAX; k++) {
		uint32_t at, i;

		h = str_hash_byte(h, w.p[k]);
		if (k + 1 < OPEN_MIN && k + 1 < w.n)
			continue;
		at = h;
		while ((i = word_slots_next(&head_slots, h, &at)) != WORD_SLOTS_END)
			if (is_head(&entries[i], (struct str){ w.p, k + 1 })) {
				out[n++] = i;
				break;
			}
	}
	return n;
}

/* Every head that is the word or, open-ended, its beginning: the longest first. */
static size_t
find_at(const struct str *w, size_t n, size_t i, struct concept_hit *out, size_t max)
{
	size_t last[HEAD_MAX], found = 0;

	for (size_t k = heads_of(w[i], last); k > 0; k--) {
		struct str head = { entries[last[k - 1]].head, entries[last[k - 1]].head_n };

		for (size_t at = last[k - 1] + 1; at > 0 && is_head(&entries[at - 1], head); at--) {
			const struct entry *e = &entries[at - 1];
			bool apart = false;
			size_t end = head.n == w[i].n || e->open_end ? match_rest(w, n, i + 1, e->rest, &apart) : 0;

			if (end > 0)
				found = add(out, found, max, (struct concept_hit){ names[e->concept], i,
				    end - i, apart });
		}
	}
	for (size_t k = 0; k < ENDINGS; k++)
		if (str_ends(w[i], (struct str){ endings[k].text, endings[k].n }))
			found = add(out, found, max, (struct concept_hit){ names[endings[k].concept], i, 1, false });
	return found;
}

static bool
is_inside(const struct concept_hit *h, const struct concept_hit *all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (all[i].n > h->n && !all[i].apart && all[i].at <= h->at &&
		    h->at + h->n <= all[i].at + all[i].n)
			return true;
	return false;
}

size_t
concepts_find(const struct str *w, size_t n, struct concept_hit *out, size_t max)
{
	size_t found = 0, kept = 0;

	for (size_t i = 0; i < n; i++)
		found += find_at(w, n, i, out + found, max - found);
	/* What covers a hit may itself be covered, and then its cover covers both:
	 * the ones already let go are never needed. */
	for (size_t i = 0; i < found; i++)
		if (!is_inside(&out[i], out, kept) && !is_inside(&out[i], out + i + 1, found - i - 1))
			out[kept++] = out[i];
	return kept;
}

bool
concepts_has_word(struct str w)
{
	uint32_t h = str_hash(w), at = h, i;
	struct concept_hit hit;

	while ((i = word_slots_next(&known_slots, h, &at)) != WORD_SLOTS_END)
		if (str_eqz(w, known[i]))
			return true;
	return concepts_find(&w, 1, &hit, 1) > 0;
}
