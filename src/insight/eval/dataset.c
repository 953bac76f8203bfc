/* SPDX-License-Identifier: Apache-2.0 */
/* dataset.c - reads labelled files of several formats into one shape. */
#include "insight/eval/dataset.h"

#include "insight/eval/table.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOTES_MAX 50
#define LABEL_MAX 256

static const char *const text_columns[] = {
	"text", "sentence", "utterance", "query", "question", "message", "seq.in", NULL
};
static const char *const label_columns[] = { "label", "category", "intent", "class", NULL };

struct reading {
	struct arena *a;
	struct dataset *d;
	enum dataset_want want;
	size_t room;
	uint32_t first_empty, first_invalid;
};

/* --- files ---------------------------------------------------------------- */

enum err
dataset_slurp(struct arena *a, const char *path, size_t max_bytes, struct str *out, struct fault *f)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);	/* a pipe is refused, not waited for */
	struct stat st;
	size_t n = 0;
	ssize_t got = 1;
	char *to;

	if (fd < 0)
		return fault(f, errno == ENOENT ? E_NOTFOUND : E_INVALID, "%s: %s", path, strerror(errno));
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return fault(f, E_INVALID, "%s: not a file", path);
	}
	if ((size_t)st.st_size > max_bytes) {
		close(fd);
		return fault(f, E_TOOBIG, "%s: %lld bytes, at most %zu MB are read", path, (long long)st.st_size,
		    max_bytes >> 20);
	}
	to = arena_alloc(a, (size_t)st.st_size + 1);
	while (n < (size_t)st.st_size && (got = read(fd, to + n, (size_t)st.st_size - n)) > 0)
		n += (size_t)got;
	if (got < 0)
		(void)fault(f, E_INVALID, "%s: %s", path, strerror(errno));
	close(fd);
	if (got < 0)
		return E_INVALID;
	to[n] = '\0';
	*out = (struct str){ to, n };
	return E_OK;
}

/* --- rows ----------------------------------------------------------------- */

void
dataset_note(struct arena *a, struct dataset *d, struct str text)
{
	if (d->notes == NULL)
		d->notes = arena_array(a, struct dataset_note, NOTES_MAX);
	if (d->notes_n < NOTES_MAX)
		d->notes[d->notes_n++].text = text;
}

/* Broken bytes become U+FFFD, so that what is shown and saved is text. */
static struct str
repair(struct arena *a, struct str s)
{
	struct str out;
	size_t bad, n = 0;
	char *to;

	to = arena_alloc(a, s.n * 3 + 1);
	while (!str_utf8_valid(s, &bad)) {
		memcpy(to + n, s.p, bad);
		memcpy(to + n + bad, "\xEF\xBF\xBD", 3);
		n += bad + 3;
		s = str_sub(s, bad + 1, s.n);
	}
	if (s.n > 0)
		memcpy(to + n, s.p, s.n);
	out = (struct str){ to, n + s.n };
	return out;
}

static enum err
add_row(struct reading *r, struct str text, struct str label, uint32_t line, struct fault *f)
{
	struct dataset *d = r->d;
	struct dataset_row *grown;

	text = str_trim(text);
	label = str_trim(label);
	if (!str_utf8_valid(text, NULL) || !str_utf8_valid(label, NULL)) {
		r->first_invalid = d->invalid++ == 0 ? line : r->first_invalid;
		text = repair(r->a, text);
		label = repair(r->a, label);
	}
	if (text.n == 0 || (r->want == DATASET_LABELLED && label.n == 0)) {
		r->first_empty = d->empty++ == 0 ? line : r->first_empty;
		return E_OK;
	}
	if (label.n > LABEL_MAX && r->want == DATASET_LABELLED)
		return fault(f, E_INVALID, "%.*s:%u: a label of %zu bytes: are text and label the right way round?",
		    STR_ARG(d->path), line, label.n);
	if (d->n == DATASET_ROWS_MAX)
		return fault(f, E_TOOBIG, "%.*s:%u: more than %d rows", STR_ARG(d->path), line, DATASET_ROWS_MAX);
	if (d->n == r->room) {
		r->room = r->room == 0 ? 1024 : r->room * 2;
		grown = arena_alloc(r->a, r->room * sizeof(*grown));
		if (d->n > 0)
			memcpy(grown, d->v, d->n * sizeof(*grown));
		d->v = grown;
	}
	d->v[d->n++] = (struct dataset_row){ text, label, line };
	return E_OK;
}

/* --- CSV and TSV ---------------------------------------------------------- */

struct columns {
	size_t text, label;
	bool header;
};

static bool
is_one_of(struct str cell, const char *const names[])
{
	cell = str_trim(cell);
	for (size_t i = 0; names[i] != NULL; i++)
		if (str_eq_nocase(cell, str_from(names[i])))
			return true;
	return false;
}

static size_t
column_of(const struct table_record *rec, const char *const names[])
{
	for (size_t n = 0; names[n] != NULL; n++)	/* the usual name first */
		for (size_t i = 0; i < rec->n; i++)
			if (str_eq_nocase(str_trim(rec->field[i]), str_from(names[n])))
				return i;
	return SIZE_MAX;
}

static enum err
find_columns(const struct reading *r, const struct table_record *rec, struct columns *out, struct fault *f)
{
	size_t text = column_of(rec, text_columns), label = column_of(rec, label_columns);

	*out = (struct columns){ .text = 0, .label = 1 };
	if (text == SIZE_MAX && label == SIZE_MAX) {
		if (r->want == DATASET_LABELLED && rec->n < 2)
			return fault(f, E_INVALID, "%.*s:%u: one column only: a text and its label are needed",
			    STR_ARG(r->d->path), rec->line);
		return E_OK;
	}
	/* One name of two is enough in a table of two columns. */
	if (text == SIZE_MAX && rec->n == 2)
		text = 1 - label;
	if (label == SIZE_MAX && rec->n == 2)
		label = 1 - text;
	out->header = true;
	out->text = text;
	out->label = label;
	if (text == SIZE_MAX)
		return fault(f, E_INVALID, "%.*s:%u: no column of this header is called text, sentence, utterance, "
		    "query, question or message", STR_ARG(r->d->path), rec->line);
	if (label == SIZE_MAX && r->want == DATASET_LABELLED)
		return fault(f, E_INVALID, "%.*s:%u: no column of this header is called label, category, intent or class",
		    STR_ARG(r->d->path), rec->line);
	return E_OK;
}

static enum err
read_table(struct reading *r, struct str bytes, char separator, struct fault *f)
{
	struct table_record *rec = arena_new_of(r->a, struct table_record);
	struct columns c = { 0 };
	struct table t;
	bool more, first = true, labels = r->want == DATASET_LABELLED;

	for (table_open(&t, r->d->path, bytes, separator);; first = false) {
		TRY(table_next(&t, r->a, rec, &more, f));
		if (!more)
			return E_OK;
		if (first) {
			TRY(find_columns(r, rec, &c, f));
			if (c.header)
				continue;
		}
		if (rec->n <= c.text || (labels && rec->n <= c.label))
			return fault(f, E_INVALID, "%.*s:%u: %zu column%s, but the %s stands in column %zu",
			    STR_ARG(r->d->path), rec->line, rec->n, rec->n == 1 ? "" : "s",
			    rec->n <= c.text ? "text" : "label", (rec->n <= c.text ? c.text : c.label) + 1);
		TRY(add_row(r, rec->field[c.text], labels ? rec->field[c.label] : STR_NONE, rec->line, f));
	}
}

/* --- JSONL and plain lines ------------------------------------------------ */

static struct str
next_line(struct str *rest)
{
	struct str line = str_cut(*rest, '\n', rest);

	return str_ends(line, STR("\r")) ? str_sub(line, 0, line.n - 1) : line;
}

/* The value of the first of these names, in the arena. */
static struct str
json_field(struct arena *a, const json_t *o, const char *const names[], bool *found)
{
	*found = false;
	for (size_t i = 0; names[i] != NULL && !*found; i++) {
		const json_t *v = json_object_get(o, names[i]);

		*found = json_is_string(v) || json_is_integer(v);
		if (json_is_string(v))
			return str_dup(a, (struct str){ json_string_value(v), json_string_length(v) });
		if (json_is_integer(v))
			return str_fmt(a, "%ld", (int64_t)json_integer_value(v));
	}
	return STR_NONE;
}

static enum err
read_json_line(struct reading *r, struct str line, uint32_t number, struct fault *f)
{
	bool text_found, label_found;
	struct str text, label;
	json_error_t why;
	json_t *o;

	if (!str_utf8_valid(line, NULL)) {
		r->first_invalid = r->d->invalid++ == 0 ? number : r->first_invalid;
		line = repair(r->a, line);
	}
	o = json_loadb(line.p, line.n, JSON_REJECT_DUPLICATES, &why);
	if (!json_is_object(o)) {
		json_decref(o);
		return fault(f, E_INVALID, "%.*s:%u: expected one JSON object%s%s", STR_ARG(r->d->path), number,
		    o == NULL ? ": " : "", o == NULL ? why.text : "");
	}
	text = json_field(r->a, o, text_columns, &text_found);
	label = json_field(r->a, o, label_columns, &label_found);
	json_decref(o);
	if (!text_found)
		return fault(f, E_INVALID, "%.*s:%u: no \"text\" in this object", STR_ARG(r->d->path), number);
	if (!label_found && r->want == DATASET_LABELLED)
		return fault(f, E_INVALID, "%.*s:%u: no \"label\" in this object", STR_ARG(r->d->path), number);
	return add_row(r, text, label, number, f);
}

static enum err
read_json(struct reading *r, struct str bytes, struct fault *f)
{
	uint32_t number = 1;

	if (str_starts(bytes, STR("\xEF\xBB\xBF")))
		bytes = str_sub(bytes, 3, bytes.n);
	for (; bytes.n > 0; number++) {
		struct str line = str_trim(next_line(&bytes));

		if (line.n > 0)
			TRY(read_json_line(r, line, number, f));
	}
	return E_OK;
}

static enum err
read_lines(struct reading *r, struct str bytes, struct fault *f)
{
	uint32_t number = 1;

	for (; bytes.n > 0; number++) {
		struct str line = next_line(&bytes);

		if (line.n > 0)
			TRY(add_row(r, line, STR_NONE, number, f));
	}
	return E_OK;
}

/* --- a folder ------------------------------------------------------------- */

static size_t
count_lines(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '\n';
	return n + (s.n > 0 && s.p[s.n - 1] != '\n');
}

static enum err
read_folder(struct reading *r, const char *path, struct fault *f)
{
	struct str texts, labels = STR_NONE;
	uint32_t number = 1;

	TRY(dataset_slurp(r->a, str_fmt(r->a, "%s/seq.in", path).p, DATASET_BYTES_MAX, &texts, f));
	if (r->want == DATASET_LABELLED) {
		TRY(dataset_slurp(r->a, str_fmt(r->a, "%s/label", path).p, DATASET_BYTES_MAX, &labels, f));
		if (count_lines(texts) != count_lines(labels))
			return fault(f, E_INVALID, "%s: seq.in has %zu lines and label has %zu", path,
			    count_lines(texts), count_lines(labels));
	}
	r->d->path = str_fmt(r->a, "%s/seq.in", path);
	for (; texts.n > 0; number++) {
		struct str text = next_line(&texts);

		TRY(add_row(r, text, r->want == DATASET_LABELLED ? next_line(&labels) : STR_NONE, number, f));
	}
	return E_OK;
}

/* --- labels in two spellings ---------------------------------------------- */

struct str
dataset_label_key(struct arena *a, struct str label)
{
	char *to = arena_alloc(a, label.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < label.n; i++) {
		char c = label.p[i];

		if (c == ' ' || c == '\t' || c == '-' || c == '_')
			continue;
		to[n++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
	to[n] = '\0';
	return (struct str){ to, n };
}

struct spelling {
	struct str key, label;
	uint32_t line;
};

static int
cmp_label(const void *a, const void *b)
{
	const struct spelling *x = a, *y = b;
	int by = str_cmp(x->label, y->label);

	return by != 0 ? by : x->line < y->line ? -1 : x->line > y->line;
}

static int
cmp_key(const void *a, const void *b)
{
	const struct spelling *x = a, *y = b;
	int by = str_cmp(x->key, y->key);

	return by != 0 ? by : cmp_label(a, b);
}

static void
note_spellings(struct reading *r)
{
	struct dataset *d = r->d;
	struct spelling *v = arena_array(r->a, struct spelling, d->n + 1);
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++)
		v[i] = (struct spelling){ STR_NONE, d->v[i].label, d->v[i].line };
	qsort(v, d->n, sizeof(*v), cmp_label);
	for (size_t i = 0; i < d->n; i++)
		if (n == 0 || !str_eq(v[n - 1].label, v[i].label))
			v[n++] = v[i];
	for (size_t i = 0; i < n; i++)
		v[i].key = dataset_label_key(r->a, v[i].label);
	qsort(v, n, sizeof(*v), cmp_key);
	for (size_t i = 1; i < n; i++)
		if (str_eq(v[i].key, v[i - 1].key))
			dataset_note(r->a, d, str_fmt(r->a,
			    "%S:%u: the label \"%S\" is also spelt \"%S\" (line %u): they count as two", d->path,
			    (unsigned)v[i].line, v[i].label, v[i - 1].label, (unsigned)v[i - 1].line));
}

/* --- one door ------------------------------------------------------------- */

static enum err
finish(struct reading *r, struct fault *f)
{
	struct dataset *d = r->d;

	if (d->invalid > 0)
		dataset_note(r->a, d, str_fmt(r->a, "%S:%u: not UTF-8 (%zu such row%s): the broken bytes were replaced",
		    d->path, (unsigned)r->first_invalid, d->invalid, d->invalid == 1 ? "" : "s"));
	if (d->empty > 0)
		dataset_note(r->a, d, str_fmt(r->a, "%S:%u: no %s (%zu such row%s): left out", d->path,
		    (unsigned)r->first_empty, r->want == DATASET_LABELLED ? "text or no label" : "text", d->empty,
		    d->empty == 1 ? "" : "s"));
	if (d->n == 0)
		return fault(f, E_INVALID, "%.*s: no %s in it", STR_ARG(d->path),
		    r->want == DATASET_LABELLED ? "text with a label" : "text");
	if (r->want == DATASET_LABELLED)
		note_spellings(r);
	return E_OK;
}

static bool
ends_nocase(struct str path, const char *end)
{
	size_t n = strlen(end);

	return path.n >= n && str_eq_nocase(str_sub(path, path.n - n, n), (struct str){ end, n });
}

static enum err
parse_bytes(struct reading *r, struct str bytes, struct fault *f)
{
	struct str path = r->d->path, head = str_trim(str_sub(bytes, 0, 4096));

	if (ends_nocase(path, ".jsonl") || ends_nocase(path, ".ndjson") || ends_nocase(path, ".json"))
		return read_json(r, bytes, f);
	if (ends_nocase(path, ".csv"))
		return read_table(r, bytes, str_find(str_sub(head, 0, 512), STR(",")) >= 0 ? ',' : 0, f);
	if (ends_nocase(path, ".tsv"))
		return read_table(r, bytes, '\t', f);
	if (str_starts(head, STR("{")))
		return read_json(r, bytes, f);
	if (r->want == DATASET_TEXTS)
		return read_lines(r, bytes, f);
	return read_table(r, bytes, 0, f);
}

enum err
dataset_parse(struct arena *a, struct str path, struct str bytes, enum dataset_want want, struct dataset *out,
    struct fault *f)
{
	struct reading r = { .a = a, .d = out, .want = want };

	*out = (struct dataset){ .path = path };
	if (bytes.n > DATASET_BYTES_MAX)
		return fault(f, E_TOOBIG, "%.*s: more than %zu MB", STR_ARG(path), DATASET_BYTES_MAX >> 20);
	TRY(parse_bytes(&r, bytes, f));
	return finish(&r, f);
}

enum err
dataset_read(struct arena *a, const char *path, enum dataset_want want, struct dataset *out, struct fault *f)
{
	struct reading r = { .a = a, .d = out, .want = want };
	struct str bytes;
	struct stat st;

	*out = (struct dataset){ .path = str_dup(a, str_from(path)) };
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		TRY(read_folder(&r, path, f));
		return finish(&r, f);
	}
	TRY(dataset_slurp(a, path, DATASET_BYTES_MAX, &bytes, f));
	return dataset_parse(a, out->path, bytes, want, out, f);
}

/* --- names of classes ----------------------------------------------------- */

enum err
dataset_names(struct arena *a, const char *path, struct dataset_name **out, size_t *n, struct fault *f)
{
	static const char *const id_columns[] = { "label", "category", "intent", "class", "id", NULL };
	struct table_record *rec = arena_new_of(a, struct table_record);
	struct dataset_name *v;
	struct table t;
	struct str bytes;
	bool more = true, first = true;

	*n = 0;
	TRY(dataset_slurp(a, path, DATASET_BYTES_MAX, &bytes, f));
	if (!str_utf8_valid(bytes, NULL))
		bytes = repair(a, bytes);
	v = arena_array(a, struct dataset_name, count_lines(bytes) + 1);
	for (table_open(&t, str_from(path), bytes, ends_nocase(str_from(path), ".tsv") ? '\t' : 0);; first = false) {
		TRY(table_next(&t, a, rec, &more, f));
		if (!more)
			break;
		if (first && is_one_of(rec->field[0], id_columns))
			continue;
		if (rec->n < 2 || str_trim(rec->field[0]).n == 0)
			return fault(f, E_INVALID, "%s:%u: expected a class, then its name, its description or both", path,
			    rec->line);
		v[(*n)++] = (struct dataset_name){
			.id = str_trim(rec->field[0]),
			.name = rec->n > 2 ? str_trim(rec->field[1]) : STR_NONE,
			.description = str_trim(rec->field[rec->n > 2 ? 2 : 1]),
			.line = rec->line,
		};
	}
	*out = v;
	return *n > 0 ? E_OK : fault(f, E_INVALID, "%s: no name in it", path);
}
