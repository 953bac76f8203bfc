/* SPDX-License-Identifier: Apache-2.0 */
/* injection_set.c - reads the texts of tools/train_senses/injection.c and bench/nlu/injection.c. */
#include "injection_set.h"

#include "nlu/injection.h"
#include "text/tokens.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDS 5
#define ORDINARY_SHARE 8	/* every so manieth line of a .tsv */
#define ORDINARY_WEIGHT 0.03f

static void
add(struct injection_set *s, const char *text, size_t n, bool positive, int fold, float weight)
{
	struct arena *a = arena_new(0);
	uint32_t *keys = malloc(LINEAR_KEYS * sizeof(*keys));
	struct str t = { text, n };
	const struct str *words;
	size_t words_n;

	if ((s->n & (s->n - 1)) == 0) {
		s->v = realloc(s->v, (s->n * 2 + 1) * sizeof(*s->v));
		s->text = realloc(s->text, (s->n * 2 + 1) * sizeof(*s->text));
	}
	if (keys == NULL || s->v == NULL || s->text == NULL)
		abort();
	text_words(a, t, &words, &words_n);
	s->v[s->n] = (struct fit_sample){ .n = injection_keys(words, words_n, t, keys, LINEAR_KEYS),
		.target = { positive ? 1.0f : 0.0f }, .weight = weight, .fold = fold };
	s->v[s->n].keys = realloc(keys, (s->v[s->n].n + 1) * sizeof(*keys));
	s->text[s->n++] = strndup(text, n);
	arena_free(&a);
}

/* A CSV whose second column is quoted and may run over lines. */
static void
add_csv(struct injection_set *s, const char *z)
{
	char *cell = malloc(strlen(z) + 1);

	z = strchr(z, '\n');	/* the head */
	while (z != NULL && *z != '\0' && (z = strchr(z, ',')) != NULL) {
		size_t n = 0;
		bool quoted = z[1] == '"';

		for (z += 1 + quoted; *z != '\0'; z++) {
			if (quoted && *z == '"' && z[1] == '"')
				z++;
			else if (*z == (quoted ? '"' : ','))
				break;
			cell[n++] = *z;
		}
		add(s, cell, n, true, -1, 1);
		z = strchr(z, '\n');
	}
	free(cell);
}

static char *
read_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	char *z;
	long n;

	if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (n = ftell(f)) < 0) {
		perror(path);
		return NULL;
	}
	rewind(f);
	z = calloc((size_t)n + 1, 1);
	if (z == NULL || fread(z, 1, (size_t)n, f) != (size_t)n) {
		perror(path);
		return NULL;
	}
	(void)fclose(f);
	return z;
}

bool
injection_read_public(const char *folder, struct injection_set *s)
{
	char path[4096], *z, *rest = NULL;
	int positives = 0, negatives = 0;

	(void)snprintf(path, sizeof(path), "%s/deepset_train.jsonl", folder);
	z = read_file(path);
	if (z == NULL)
		return false;
	/* Every fifth of each kind: the folds have the same share. */
	for (char *line = strtok_r(z, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
		json_t *o = json_loads(line, 0, NULL);
		const char *text = json_string_value(json_object_get(o, "text"));
		bool positive = json_integer_value(json_object_get(o, "label")) == 1;

		if (text != NULL)
			add(s, text, strlen(text), positive, (positive ? positives++ : negatives++) % FOLDS, 1);
		json_decref(o);
	}
	free(z);
	(void)snprintf(path, sizeof(path), "%s/giskard_prompt_injections.csv", folder);
	z = read_file(path);
	if (z == NULL)
		return false;
	add_csv(s, z);
	free(z);
	return true;
}

bool
injection_read_ours(const char *path, struct injection_set *s)
{
	char *z = read_file(path), *rest = NULL;

	if (z == NULL)
		return false;
	for (char *line = strtok_r(z, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
		if ((line[0] == '+' || line[0] == '-') && line[1] == '\t')
			add(s, line + 2, strlen(line + 2), line[0] == '+', -1, 1);
	free(z);
	return true;
}

bool
injection_read_customers(const char *path, struct injection_set *s)
{
	char *z = read_file(path), *rest = NULL;
	const char *plain = strstr(path, ".tsv");
	size_t number = 0;

	if (z == NULL)
		return false;
	for (char *line = strtok_r(z, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
		char *text = strstr(line, "\"q\": \""), *end;

		if (plain != NULL) {
			if (number++ % ORDINARY_SHARE == 0)
				add(s, line, strcspn(line, "\t"), false, -1, ORDINARY_WEIGHT);
		} else if (text != NULL && (end = strstr(text + 6, "\", \"")) != NULL)
			add(s, text + 6, (size_t)(end - text - 6), false, -1, 1);
		else if (line[strspn(line, " ")] == '-' && strchr(line, ':') == NULL)
			add(s, line + strspn(line, " -"), strlen(line + strspn(line, " -")), false, -1, 1);
	}
	free(z);
	return true;
}

struct linear
injection_fit(const struct injection_set *s, int leave_out)
{
	struct fit_options o = {
		.outputs = 1, .bits = 15, .passes = 30, .rate = 0.1f, .decay = 1e-5f, .least = 3, .leave_out = leave_out,
	};

	return fit_linear(s->v, s->n, &o);
}
