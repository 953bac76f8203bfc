/* SPDX-License-Identifier: Apache-2.0 */
/* concepts.c - finds the words and phrases of concepts.txt. */
#include "nlu/concepts.h"

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
	int concept;
};

#include "nlu/concepts.inc"

#define ENTRIES (sizeof(entries) / sizeof(entries[0]))
#define KNOWN (sizeof(known) / sizeof(known[0]))
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

/* How many entries have a head that is not behind key. */
static size_t
entries_up_to(struct str key)
{
	size_t lo = 0, hi = ENTRIES;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (str_cmp((struct str){ entries[mid].head, entries[mid].head_n }, key) <= 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static size_t
add(struct concept_hit *out, size_t found, size_t max, struct concept_hit hit)
{
	if (found < max)
		out[found++] = hit;
	return found;
}

/* Every head that is the word or, open-ended, its beginning: the longest first. */
static size_t
find_at(const struct str *w, size_t n, size_t i, struct concept_hit *out, size_t max)
{
	struct str key = w[i];
	size_t found = 0;

	while (key.n > 0) {
		size_t at = entries_up_to(key), same = 0;
		const struct entry *last = at > 0 ? &entries[at - 1] : NULL;

		if (last == NULL)
			break;
		while (same < last->head_n && same < key.n && last->head[same] == key.p[same])
			same++;
		if (same < last->head_n) {
			key.n = same;
			continue;
		}
		for (; at > 0 && strcmp(entries[at - 1].head, last->head) == 0; at--) {
			const struct entry *e = &entries[at - 1];
			bool apart = false;
			size_t end = same == w[i].n || e->open_end ? match_rest(w, n, i + 1, e->rest, &apart) : 0;

			if (end > 0)
				found = add(out, found, max, (struct concept_hit){ names[e->concept], i,
				    end - i, apart });
		}
		key.n = same - 1;
	}
	for (size_t k = 0; k < ENDINGS; k++)
		if (str_ends(w[i], str_from(endings[k].text)))
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
	struct concept_hit hit;
	size_t lo = 0, hi = KNOWN;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int c = str_cmp(w, str_from(known[mid]));

		if (c == 0)
			return true;
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return concepts_find(&w, 1, &hit, 1) > 0;
}
