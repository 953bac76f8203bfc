/* SPDX-License-Identifier: Apache-2.0 */
/* train.c - letters of 41 languages: a softmax regression, pruned, four bits a weight.
 *
 *	train WORDS.tsv KEEP OUT.bin
 *
 * Stands alone; not part of the program.  The n-grams and their keys are those of
 * src/text/lang_grams.c.  AdaGrad (Duchi et al. 2011), two passes over all n-grams,
 * then two over the KEEP of the largest sqrt(count) * |weights|.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LANGS 41
#define BITS 21
#define KEYS (1u << BITS)
#define ORDER 5
#define LETTERS_MAX 40
#define FOUND_MAX 1000
#define RATE 0.1f
#define PASSES 2

struct sample {
	int lang;
	char *text;
};

static char ids[LANGS][4];
static int langs;
static float (*weight)[LANGS], (*squares)[LANGS];
static unsigned char *keep;

static int
lang_index(const char *id)
{
	for (int i = 0; i < langs; i++)
		if (strcmp(ids[i], id) == 0)
			return i;
	if (langs == LANGS || strlen(id) != 2) {
		fprintf(stderr, "train: unexpected language %s\n", id);
		exit(1);
	}
	strcpy(ids[langs], id);
	return langs++;
}

static struct sample *
read_samples(const char *path, size_t *n)
{
	FILE *f = fopen(path, "r");
	struct sample *v = NULL;
	char *line = NULL;
	size_t room = 0, space = 0;
	ssize_t len;

	if (f == NULL) {
		perror(path);
		exit(1);
	}
	for (*n = 0; (len = getline(&line, &space, f)) > 0; (*n)++) {
		char *tab = strchr(line, '\t');

		line[len - 1] = '\0';
		*tab = '\0';
		if (*n == room)
			v = realloc(v, (room = room * 2 + 1024) * sizeof(*v));
		v[*n] = (struct sample){ lang_index(line), strdup(tab + 1) };
	}
	fclose(f);
	return v;
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

	if (n < FOUND_MAX && keep[key])
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
learn_one(const struct sample *s)
{
	uint32_t found[FOUND_MAX];
	size_t n = grams_of(s->text, found);
	float z[LANGS] = { 0 }, top = -1e30f, sum = 0;

	for (size_t i = 0; i < n; i++)
		for (int l = 0; l < LANGS; l++)
			z[l] += weight[found[i]][l];
	for (int l = 0; l < LANGS; l++)
		top = z[l] > top ? z[l] : top;
	for (int l = 0; l < LANGS; l++)
		sum += z[l] = expf(z[l] - top);
	for (int l = 0; l < LANGS; l++)
		z[l] = z[l] / sum - (l == s->lang);
	for (size_t i = 0; i < n; i++)
		for (int l = 0; l < LANGS; l++) {
			float *g = &squares[found[i]][l];

			*g += z[l] * z[l];
			weight[found[i]][l] -= RATE * z[l] / (sqrtf(*g) + 1e-3f);
		}
}

static void
learn(const struct sample *v, size_t n)
{
	memset(weight, 0, KEYS * sizeof(*weight));
	memset(squares, 0, KEYS * sizeof(*squares));
	for (int pass = 0; pass < PASSES; pass++)
		for (size_t i = 0; i < n; i++)
			learn_one(&v[i]);
}

static int
larger_first(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x < y) - (x > y);
}

static void
prune(const struct sample *v, size_t n, size_t wanted)
{
	float *worth = calloc(KEYS, sizeof(*worth)), *sorted = malloc(KEYS * sizeof(*sorted));

	for (size_t i = 0; i < n; i++) {
		uint32_t found[FOUND_MAX];
		size_t k = grams_of(v[i].text, found);

		for (size_t j = 0; j < k; j++)
			worth[found[j]]++;
	}
	for (size_t i = 0; i < KEYS; i++) {
		float square = 0;

		for (int l = 0; l < LANGS; l++)
			square += weight[i][l] * weight[i][l];
		sorted[i] = worth[i] = sqrtf(worth[i]) * sqrtf(square);
	}
	qsort(sorted, KEYS, sizeof(*sorted), larger_first);
	for (size_t i = 0; i < KEYS; i++)
		keep[i] = worth[i] > sorted[wanted];
	free(worth);
	free(sorted);
}

/* The middle weight: most languages say little of a key, and little should be said exactly. */
static float
median_of(const float w[LANGS])
{
	float sorted[LANGS];

	memcpy(sorted, w, sizeof(sorted));
	qsort(sorted, LANGS, sizeof(*sorted), larger_first);
	return sorted[LANGS / 2];
}

/* A key's weights around their middle, as steps of -7..7; small ones lie closer together
 * (tools/lang_grams has the same table). */
static void
write_key(FILE *f, uint32_t key)
{
	static const float level[8] = { 0, 1 / 16.0f, 2 / 16.0f, 4 / 16.0f, 6 / 16.0f, 8 / 16.0f, 12 / 16.0f, 1 };
	float *w = weight[key], middle = median_of(w), most = 0;
	unsigned char row[(LANGS + 1) / 2] = { 0 };
	int scale;

	for (int l = 0; l < LANGS; l++)
		most = fmaxf(most, fabsf(w[l] - middle));
	scale = (int)ceilf(most * 32);
	scale = scale < 1 ? 1 : scale > 255 ? 255 : scale;
	for (int l = 0; l < LANGS; l++) {
		float v = (w[l] - middle) * 32 / (float)scale;
		int step = 7;

		while (step > 0 && fabsf(v) < (level[step] + level[step - 1]) / 2)
			step--;
		step = v < 0 ? -step : step;
		row[l / 2] |= (unsigned char)((step + 8) << (l % 2 * 4));
	}
	fwrite(&key, sizeof(key), 1, f);
	fputc(scale, f);
	fwrite(row, sizeof(row), 1, f);
}

int
main(int argc, char **argv)
{
	uint32_t kept = 0, n_langs = LANGS;
	struct sample *v;
	size_t n;
	FILE *f;

	if (argc != 4) {
		fprintf(stderr, "usage: train WORDS.tsv KEEP OUT.bin\n");
		return 2;
	}
	v = read_samples(argv[1], &n);
	weight = malloc(KEYS * sizeof(*weight));
	squares = malloc(KEYS * sizeof(*squares));
	keep = malloc(KEYS);
	memset(keep, 1, KEYS);
	learn(v, n);
	prune(v, n, strtoul(argv[2], NULL, 10));
	learn(v, n);
	for (uint32_t i = 0; i < KEYS; i++)
		kept += keep[i];
	f = fopen(argv[3], "wb");
	if (f == NULL) {
		perror(argv[3]);
		return 1;
	}
	fwrite(&kept, sizeof(kept), 1, f);
	fwrite(&n_langs, sizeof(n_langs), 1, f);
	for (int l = 0; l < LANGS; l++)
		fwrite(ids[l], 2, 1, f);
	for (uint32_t i = 0; i < KEYS; i++)
		if (keep[i])
			write_key(f, i);
	return fclose(f) == 0 ? 0 : 1;
}
