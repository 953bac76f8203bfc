/* SPDX-License-Identifier: Apache-2.0 */
/* corpus_file.c - reads the plain front matter of the demo's articles: no YAML but what stands there. */
#include "kb/corpus_file.h"

#include "text/markdown.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CANDIDATES_MAX 2000

static void
read_front(struct arena *a, struct str front, struct passage *p, struct str *questions)
{
	while (front.p != NULL && front.n > 0) {
		struct str line = str_cut(front, '\n', &front);

		if (str_starts(line, STR("id: ")))
			p->article = str_trim(str_sub(line, 4, line.n));
		else if (str_starts(line, STR("title: ")))
			p->title = str_trim(str_sub(line, 7, line.n));
		else if (str_starts(line, STR("language: ")))
			p->language = str_trim(str_sub(line, 10, line.n));
		else if (str_starts(line, STR("  - ")))
			*questions = str_fmt(a, "%S%s%S", *questions, questions->n > 0 ? "\n" : "",
			    str_trim(str_sub(line, 4, line.n)));
	}
}

static void
read_article(struct arena *a, struct str file, struct kb_candidate *v, size_t *n)
{
	struct str front, body, questions = STR_NONE;
	struct passage p = { .version = 1 };
	const struct md_passage *md;
	size_t md_n;
	int line;

	markdown_front(file, &front, &body, &line);
	read_front(a, front, &p, &questions);
	if (markdown_passages(a, body, &md, &md_n, NULL) != E_OK)
		return;
	for (size_t i = 0; i < md_n && *n < CANDIDATES_MAX; i++) {
		p.anchor = md[i].anchor;
		p.section = md[i].section;
		p.text = md[i].text;
		v[(*n)++] = (struct kb_candidate){ p, questions, 0, NULL };
	}
}

const struct kb_candidate *
corpus_read(struct arena *a, const char *dir, size_t *n, struct kb_stats **stats)
{
	struct kb_candidate *v = arena_array(a, struct kb_candidate, CANDIDATES_MAX);
	struct kb_article_text *t;
	struct dirent **names;
	int files = scandir(dir, &names, NULL, alphasort);

	*n = 0;
	for (int i = 0; i < files; i++) {
		char path[512], *bytes = arena_alloc(a, 65536);
		FILE *f;

		snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		f = str_ends(str_from(path), STR(".md")) ? fopen(path, "re") : NULL;
		free(names[i]);
		if (f == NULL)
			continue;
		read_article(a, (struct str){ bytes, fread(bytes, 1, 65536, f) }, v, n);
		fclose(f);
	}
	if (files >= 0)
		free(names);
	t = arena_array(a, struct kb_article_text, *n + 1);
	for (size_t i = 0; i < *n; i++)
		t[i] = (struct kb_article_text){ v[i].passage.language, v[i].passage.title, v[i].passage.section,
			v[i].questions, v[i].passage.text, v[i].passage.anchor };
	*stats = kb_stats_new(a, t, *n);
	return *n > 0 ? v : NULL;
}
