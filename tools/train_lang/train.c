/* SPDX-License-Identifier: Apache-2.0 */
/* train.c - letters of 41 languages: a softmax regression of which few weights are kept; and
 * the words of the desk's seven that say more than their letters.
 *
 *	train WORDS.tsv WEIGHTS LETTERS.bin DESK.tsv WORDS DESK.bin PAIRS.tsv...
 *
 * Stands alone; not part of the program.  The n-grams and their keys are those of
 * src/text/lang_grams.c.  AdaGrad (Duchi et al. 2011), one pass over all n-grams; then the
 * WEIGHTS that matter most (sqrt(count) * |weight - the key's median|, a desk's
 * language counting more) learn for one pass more, alone, in steps as small as they had
 * become.  A language competes with those of its script; one of a desk's, besides, with the
 * other six: it is among these that it is told most.
 * Of DESK.tsv's words those are kept of which most is gained: how likely a text has the word, times
 * the divergence of what letters say from what is so (src/text/lang_desk.c looks them up).
 * Prints what share of PAIRS.tsv is told rightly, of all languages and among the seven.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define LANGS 41
#define BITS 22
#define KEYS (1u << BITS)
#define ORDER 5
#define LETTERS_MAX 40
#define FOUND_MAX 1000
#define RATE 0.1f
#define SEEN_MIN 4	/* an n-gram of fewer samples is none */
#define DESK_MORE 1.3f
#define STEP 64.0f	/* of a weight, to the nat */
#define STEPS_MAX 511

static const struct group {
	int from, to;
} groups[] = { { 0, 31 }, { 31, 36 }, { 36, 39 }, { 39, 41 } };
static const char ids[LANGS][3] = { "en", "de", "fr", "es", "pt", "it", "nl", /* the desk's come first */
	"az", "ca", "cs", "da", "et", "eu", "fi", "hr", "hu", "is", "lt", "lv", "ms", "no", "pl", "ro", "sk", "sl", "sq",
	"sv", "tl", "tr", "vi", "yo", "be", "bg", "ru", "sr", "uk", "ar", "fa", "ur", "hi", "mr" };
static const struct group desk = { 0, 7 };

struct sample {
	int lang;
	char *text;
};
struct samples {
	struct sample *v;
	size_t n;
};
struct row {
	float w[LANGS], squares[LANGS];
};

#define DESK 7
#define HASH_BITS 27	/* of a desk's word: the place, and twelve bits to know it by */
#define PLACE_BITS 15
#define RARER_STEP 0.5f	/* of a nat, in DESK.tsv */

struct known {
	uint32_t hash, rarer;	/* rarer: four bits a language */
	float worth;
};

static struct known *known;	/* by hash, once they are chosen */
static size_t known_n;
static struct row *rows;
static uint32_t *seen;
static uint64_t *keep;	/* of a key: the languages that have a weight; none: not looked at */

static int
lang_index(const char *id)
{
	for (int i = 0; i < LANGS; i++)
		if (strcmp(ids[i], id) == 0)
			return i;
	fprintf(stderr, "train: unexpected language %s\n", id);
	exit(1);
}

static const struct group *
group_of(int lang)
{
	const struct group *g = groups;

	while (lang >= g->to)
		g++;
	return g;
}

static struct samples
read_samples(const char *path)
{
	FILE *f = fopen(path, "r");
	struct samples s = { 0 };
	char *line = NULL;
	size_t room = 0, space = 0;
	ssize_t len;

	if (f == NULL) {
		perror(path);
		exit(1);
	}
	for (; (len = getline(&line, &space, f)) > 0; s.n++) {
		char *tab = strchr(line, '\t');

		line[len - 1] = '\0';
		*tab = '\0';
		if (s.n == room)
			s.v = realloc(s.v, (room = room * 2 + 1024) * sizeof(*s.v));
		s.v[s.n] = (struct sample){ lang_index(line), strdup(tab + 1) };
	}
	fclose(f);
	return s;
}

static uint32_t
key_of(uint32_t h)
{
	h ^= h >> 15;
	h *= 0x85ebca6b;
	h ^= h >> 13;
	h *= 0xc2b2ae35;
	h ^= h >> 16;
	return h >> (32 - BITS);
}

static size_t
add(uint32_t *found, size_t n, uint32_t hash)
{
	uint32_t key = key_of(hash);

	if (n < FOUND_MAX && keep[key] != 0)
		found[n++] = key;
	return n;
}

static size_t
grams_of_word(const char *p, size_t len, uint32_t *found, size_t n)
{
	char w[LETTERS_MAX * 4 + 2];
	size_t at[LETTERS_MAX + 3], letters = 0, used = 0;
	int made = *p == '~';	/* its borders mean nothing */

	p += made;
	len -= (size_t)made;
	if (!made) {
		at[letters++] = used;
		w[used++] = '_';
	}
	for (size_t i = 0; i < len && letters <= LETTERS_MAX;) {
		at[letters++] = used;
		do
			w[used++] = p[i++];
		while (i < len && (p[i] & 0xc0) == 0x80);
	}
	if (!made) {
		at[letters++] = used;
		w[used++] = '_';
	}
	at[letters] = used;
	for (size_t i = 0; i < letters; i++) {
		uint32_t h = 2166136261u;

		for (size_t j = i; j < letters && j < i + ORDER; j++) {
			for (size_t b = at[j]; b < at[j + 1]; b++)
				h = (h ^ (unsigned char)w[b]) * 16777619u;
			if (j > i || w[at[i]] != '_')
				n = add(found, n, h);
		}
	}
	if (!made && letters > ORDER) {
		uint32_t h = 77u;

		for (size_t b = 0; b < used; b++)
			h = (h ^ (unsigned char)w[b]) * 16777619u;
		n = add(found, n, h);
	}
	return n;
}

static size_t
grams_of(const char *text, uint32_t *found)
{
	size_t n = 0;

	while (*text != '\0') {
		size_t len = strcspn(text, " ");

		n = grams_of_word(text, len, found, n);
		text += len + (text[len] == ' ');
	}
	return n;
}

static void
score(const uint32_t *found, size_t n, const struct group *g, float z[LANGS])
{
	memset(z, 0, LANGS * sizeof(*z));
	for (size_t i = 0; i < n; i++) {
		const float *w = rows[found[i]].w;

		for (int l = g->from; l < g->to; l++)
			z[l] += w[l];
	}
}

/* Adds the loss's slope: what is said of each language less what is so. */
static void
add_slope(const float z[LANGS], const struct group *g, int lang, float slope[LANGS])
{
	float p[LANGS], top = -1e30f, sum = 0;

	for (int l = g->from; l < g->to; l++)
		top = z[l] > top ? z[l] : top;
	for (int l = g->from; l < g->to; l++)
		sum += p[l] = expf(z[l] - top);
	for (int l = g->from; l < g->to; l++)
		slope[l] += p[l] / sum - (float)(l == lang);
}

static void
learn_one(const struct sample *s)
{
	const struct group *g = group_of(s->lang);
	uint32_t found[FOUND_MAX];
	size_t n = grams_of(s->text, found);
	float z[LANGS], slope[LANGS] = { 0 };

	score(found, n, g, z);
	add_slope(z, g, s->lang, slope);
	if (s->lang < desk.to)
		add_slope(z, &desk, s->lang, slope);
	for (size_t i = 0; i < n; i++) {
		struct row *r = &rows[found[i]];
		uint64_t mask = keep[found[i]];

		for (int l = g->from; l < g->to; l++) {
			float d = slope[l] * (float)(mask >> l & 1);

			r->squares[l] += d * d;
			r->w[l] -= RATE * d / (sqrtf(r->squares[l]) + 1e-3f);
		}
	}
}

static void
learn(const struct samples *s)
{
	for (size_t i = 0; i < s->n; i++)
		learn_one(&s->v[i]);
}

static uint32_t
hash_of_word(const char *p, size_t n)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * 16777619u;
	h ^= h >> 15;
	h *= 0x85ebca6b;
	h ^= h >> 13;
	h *= 0xc2b2ae35;
	h ^= h >> 16;
	return h >> (32 - HASH_BITS);
}

static int
by_hash(const void *a, const void *b)
{
	const struct known *x = a, *y = b;

	return x->hash != y->hash ? (x->hash > y->hash) - (x->hash < y->hash) : (x->worth < y->worth) - (x->worth > y->worth);
}

static int
by_worth(const void *a, const void *b)
{
	const struct known *x = a, *y = b;

	return x->worth != y->worth ? (x->worth < y->worth) - (x->worth > y->worth) : by_hash(a, b);
}

/* As lang.c: half of what letters say among the seven, and what is known; their best stays. */
static void
add_known(const char *word, size_t n, float z[LANGS])
{
	uint32_t hash = hash_of_word(word, n);
	size_t from = 0, to = known_n, middle;
	float before = -1e30f, after = -1e30f;

	while (from < to)
		if (known[middle = (from + to) / 2].hash < hash)
			from = middle + 1;
		else
			to = middle;
	if (from == known_n || known[from].hash != hash)
		return;
	for (int l = 0; l < DESK; l++) {
		before = fmaxf(before, z[l]);
		z[l] = z[l] / 2 - (float)(known[from].rarer >> 4 * l & 15) * RARER_STEP;
		after = fmaxf(after, z[l]);
	}
	for (int l = 0; l < DESK; l++)
		z[l] += before - after;
}

static void
score_text(const char *text, const struct group *g, float z[LANGS])
{
	memset(z, 0, LANGS * sizeof(*z));
	while (*text != '\0') {
		size_t len = strcspn(text, " ");
		uint32_t found[FOUND_MAX];
		float one[LANGS];

		score(found, grams_of_word(text, len, found, 0), g, one);
		if (g == groups && *text != '~')
			add_known(text, len, one);
		for (int l = g->from; l < g->to; l++)
			z[l] += one[l];
		text += len + (text[len] == ' ');
	}
}

static int
best_of(const float z[LANGS], const struct group *g)
{
	int best = g->from;

	for (int l = g->from; l < g->to; l++)
		if (z[l] > z[best])
			best = l;
	return best;
}

static void
try_out(const struct samples *s, const char *what)
{
	size_t right = 0, of_desk = 0, right_desk = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct group *g = group_of(s->v[i].lang);
		float z[LANGS];

		score_text(s->v[i].text, g, z);
		right += best_of(z, g) == s->v[i].lang;
		if (s->v[i].lang < desk.to) {
			of_desk++;
			right_desk += best_of(z, &desk) == s->v[i].lang;
		}
	}
	printf("%s: %.4f of %zu, among the desk's %.4f of %zu\n", what, (double)right / (double)s->n, s->n,
	    (double)right_desk / (double)of_desk, of_desk);
	fflush(stdout);
}

static void
try_all(char **paths, const char *what)
{
	for (; *paths != NULL; paths++) {
		struct samples s = read_samples(*paths);

		printf("%s, ", *paths);
		try_out(&s, what);
	}
}

/* What is seen too seldom is not looked at. */
static void
count(const struct samples *s)
{
	for (uint32_t k = 0; k < KEYS; k++)
		keep[k] = 1;
	for (size_t i = 0; i < s->n; i++) {
		uint32_t found[FOUND_MAX];
		size_t n = grams_of(s->v[i].text, found);

		for (size_t j = 0; j < n; j++)
			seen[found[j]]++;
	}
	for (uint32_t k = 0; k < KEYS; k++)
		keep[k] = seen[k] >= SEEN_MIN ? (1ull << LANGS) - 1 : 0;
}

static int
larger_first(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x < y) - (x > y);
}

/* Less its script's middle weight: most languages say little of a key. Of the other scripts nothing. */
static void
centre(float w[LANGS])
{
	for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++) {
		float sorted[LANGS], middle;
		int n = groups[g].to - groups[g].from;

		memcpy(sorted, w + groups[g].from, (size_t)n * sizeof(*sorted));
		qsort(sorted, (size_t)n, sizeof(*sorted), larger_first);
		middle = sorted[n / 2];
		for (int l = groups[g].from; l < groups[g].to; l++)
			w[l] -= middle;
	}
}

static float
worth_of(uint32_t key, int lang)
{
	return sqrtf((float)seen[key]) * fabsf(rows[key].w[lang]) * (lang < desk.to ? DESK_MORE : 1);
}

static void
prune(size_t wanted)
{
	float *worth, least;
	size_t n = 0;

	for (uint32_t k = 0; k < KEYS; k++)
		if (keep[k] != 0) {
			centre(rows[k].w);
			n++;
		}
	worth = malloc(n * LANGS * sizeof(*worth));
	n = 0;
	for (uint32_t k = 0; k < KEYS; k++)
		for (int l = 0; keep[k] != 0 && l < LANGS; l++)
			worth[n++] = worth_of(k, l);
	qsort(worth, n, sizeof(*worth), larger_first);
	least = wanted < n ? worth[wanted] : 0;
	free(worth);
	for (uint32_t k = 0; k < KEYS; k++)
		for (int l = 0; keep[k] != 0 && l < LANGS; l++)
			if (worth_of(k, l) <= least) {
				keep[k] &= ~(1ull << l);
				rows[k].w[l] = 0;
			}
}

static void
round_weights(void)
{
	for (uint32_t k = 0; k < KEYS; k++)
		for (int l = 0; keep[k] != 0 && l < LANGS; l++) {
			rows[k].w[l] = fminf(fmaxf(roundf(rows[k].w[l] * STEP), -STEPS_MAX), STEPS_MAX) / STEP;
			if (rows[k].w[l] == 0)
				keep[k] &= ~(1ull << l);
		}
}

/* u32 keys, u32 weights, u32 languages, two letters a language; per key: u32 key, u8 weights; then
 * all weights: u16, ten bits of 64ths of a nat above six of language. */
static int
write_table(const char *path)
{
	FILE *f = fopen(path, "wb");
	uint32_t head[3] = { 0, 0, LANGS };

	if (f == NULL) {
		perror(path);
		return 1;
	}
	for (uint32_t k = 0; k < KEYS; k++) {
		head[0] += keep[k] != 0;
		head[1] += (uint32_t)__builtin_popcountll(keep[k]);
	}
	fwrite(head, sizeof(head), 1, f);
	for (int l = 0; l < LANGS; l++)
		fwrite(ids[l], 2, 1, f);
	for (uint32_t k = 0; k < KEYS; k++)
		if (keep[k] != 0) {
			fwrite(&k, sizeof(k), 1, f);
			fputc(__builtin_popcountll(keep[k]), f);
		}
	for (uint32_t k = 0; k < KEYS; k++)
		for (int l = 0; l < LANGS; l++)
			if ((keep[k] >> l & 1) != 0) {
				uint16_t w = (uint16_t)((uint32_t)(int)(rows[k].w[l] * STEP) << 6 | (uint32_t)l);

				fwrite(&w, sizeof(w), 1, f);
			}
	printf("%u n-grams, %u weights\n", head[0], head[1]);
	return fclose(f) == 0 ? 0 : 1;
}

/* A word's likelihood times Kullback and Leibler's divergence. */
static float
gain_of(const char *word, float likely, uint32_t rarer)
{
	float z[LANGS], so[DESK], sum_z = 0, sum_so = 0, gain = 0;

	score_text(word, groups, z);
	for (int l = 0; l < DESK; l++) {
		so[l] = -(float)(rarer >> 4 * l & 15) * RARER_STEP;
		sum_so += expf(so[l]);
		sum_z += expf(z[l]);
	}
	for (int l = 0; l < DESK; l++)
		gain += expf(so[l]) / sum_so * (so[l] - logf(sum_so) - z[l] + logf(sum_z));
	return likely * gain;
}

/* Leaves known as it is until all gains are known: they are what letters lack. */
static void
choose_known(const char *path, size_t wanted)
{
	FILE *f = fopen(path, "r");
	struct known *all = NULL;
	char *line = NULL, *rest;
	size_t n = 0, room = 0, space = 0, kept = 0;

	if (f == NULL) {
		perror(path);
		exit(1);
	}
	while (getline(&line, &space, f) > 0) {
		uint32_t rarer = 0;
		float likely;

		rest = strchr(line, '\t');
		*rest = '\0';
		likely = strtof(rest + 1, &rest);
		for (int l = 0; l < DESK; l++)
			rarer |= (uint32_t)strtoul(rest, &rest, 10) << 4 * l;
		if (n == room)
			all = realloc(all, (room = room * 2 + 1024) * sizeof(*all));
		all[n++] = (struct known){ hash_of_word(line, strlen(line)), rarer, gain_of(line, likely, rarer) };
	}
	fclose(f);
	qsort(all, n, sizeof(*all), by_worth);
	n = wanted < n ? wanted : n;
	qsort(all, n, sizeof(*all), by_hash);
	for (size_t i = 0; i < n; i++)	/* of two with one hash the worthier */
		if (kept == 0 || all[kept - 1].hash != all[i].hash)
			all[kept++] = all[i];
	known = all;
	known_n = kept;
}

/* u32 words; u8 words of each place; then by hash five bytes a word, the lowest first: twelve
 * bits of the hash, and above four for each language. */
static int
write_known(const char *path)
{
	FILE *f = fopen(path, "wb");
	uint32_t n = (uint32_t)known_n;
	size_t i = 0;

	if (f == NULL) {
		perror(path);
		return 1;
	}
	fwrite(&n, sizeof(n), 1, f);
	for (uint32_t place = 0; place < 1u << PLACE_BITS; place++) {
		size_t from = i;

		while (i < known_n && known[i].hash >> (HASH_BITS - PLACE_BITS) == place)
			i++;
		fputc((int)(i - from), f);
	}
	for (i = 0; i < known_n; i++) {
		uint64_t bits = (uint64_t)known[i].rarer << (HASH_BITS - PLACE_BITS) |
		    (known[i].hash & ((1u << (HASH_BITS - PLACE_BITS)) - 1));

		fwrite(&bits, 5, 1, f);
	}
	printf("%u words\n", n);
	return fclose(f) == 0 ? 0 : 1;
}

static void *
zeroes(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		perror("train");
		exit(1);
	}
	madvise(p, size, MADV_HUGEPAGE);
	return p;
}

int
main(int argc, char **argv)
{
	struct samples words;

	if (argc < 8) {
		fprintf(stderr, "usage: train WORDS.tsv WEIGHTS LETTERS.bin DESK.tsv WORDS DESK.bin PAIRS.tsv...\n");
		return 2;
	}
	words = read_samples(argv[1]);
	rows = zeroes(KEYS * sizeof(*rows));
	seen = zeroes(KEYS * sizeof(*seen));
	keep = zeroes(KEYS * sizeof(*keep));
	count(&words);
	learn(&words);
	try_all(argv + 7, "all n-grams");
	prune(strtoul(argv[2], NULL, 10));
	learn(&words);
	try_all(argv + 7, "pruned");
	round_weights();
	try_all(argv + 7, "rounded");
	choose_known(argv[4], strtoul(argv[5], NULL, 10));
	try_all(argv + 7, "with words");
	return write_table(argv[3]) | write_known(argv[6]);
}
