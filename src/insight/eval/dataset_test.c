/* SPDX-License-Identifier: Apache-2.0 */
/* dataset_test.c - the formats, what is lived with, and what is refused with its line. */
#include "insight/eval/dataset.h"

#include "base/arena_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct fault fault_;

static enum err
parse(const char *path, const char *bytes, struct dataset *out)
{
	fault_ = (struct fault){ 0 };
	return dataset_parse(arena, str_from(path), str_from(bytes), DATASET_LABELLED, out, &fault_);
}

static void
assert_row(const struct dataset *d, size_t i, const char *text, const char *label, uint32_t line)
{
	assert_true(i < d->n);
	assert_true(str_eqz(d->v[i].text, text));
	assert_true(str_eqz(d->v[i].label, label));
	assert_int_equal(d->v[i].line, line);
}

static void
test_csv(void **state)
{
	struct dataset d;

	(void)state;
	assert_int_equal(parse("a.csv", "\xEF\xBB\xBF" "id,category,text\r\n1,pay,\"one, \"\"two\"\"\nthree\"\r\n\r\n"
	    "2,ship,say \"hi\" now", &d), E_OK);
	assert_int_equal(d.n, 2);
	assert_row(&d, 0, "one, \"two\"\nthree", "pay", 2);
	assert_row(&d, 1, "say \"hi\" now", "ship", 5);
	assert_int_equal(d.notes_n, 0);
	assert_int_equal(parse("a.csv", "where is it,ship\nI pay,pay\n", &d), E_OK);	/* no header */
	assert_row(&d, 0, "where is it", "ship", 1);
	assert_int_equal(parse("a.csv", "label;utterance\nx;a b\n", &d), E_OK);
	assert_row(&d, 0, "a b", "x", 2);
	assert_int_equal(parse("a.csv", "what,intent\na b,x\n", &d), E_OK);	/* one name of two */
	assert_row(&d, 0, "a b", "x", 2);
}

static void
test_tsv_and_json(void **state)
{
	struct dataset d;

	(void)state;
	assert_int_equal(parse("a.tsv", "text\tlabel\n\"no\" she said\tx\n\"a\"\"b\"\ty\n\"open\tz\n", &d), E_OK);
	assert_row(&d, 0, "\"no\" she said", "x", 2);
	assert_row(&d, 1, "a\"b", "y", 3);
	assert_row(&d, 2, "\"open", "z", 4);
	assert_int_equal(parse("a.jsonl", "{\"text\":\"a\",\"label\":\"x\",\"score\":0.5}\n\n"
	    "{\"message\":\"\\u00e4\",\"intent\":7}\n", &d), E_OK);
	assert_row(&d, 0, "a", "x", 1);
	assert_row(&d, 1, "\xC3\xA4", "7", 3);
	assert_int_equal(parse("piped", "{\"query\":\"a\",\"class\":\"x\"}", &d), E_OK);	/* by its look */
	assert_row(&d, 0, "a", "x", 1);
}

static void
test_what_is_lived_with_is_noted(void **state)
{
	struct dataset d;

	(void)state;
	assert_int_equal(parse("a.csv", "text,label\n,x\nb,\nc\xFF" "d,Card arrival\ne,card_arrival\nf,CARD-arrival\n", &d),
	    E_OK);
	assert_int_equal(d.n, 3);
	assert_int_equal(d.empty, 2);
	assert_int_equal(d.invalid, 1);
	assert_row(&d, 0, "c\xEF\xBF\xBD" "d", "Card arrival", 4);
	assert_int_equal(d.notes_n, 4);
	assert_true(str_starts(d.notes[0].text, STR("a.csv:4: not UTF-8 (1 such row)")));
	assert_true(str_starts(d.notes[1].text, STR("a.csv:2: no text or no label (2 such rows)")));
	assert_true(str_find(d.notes[2].text, STR("is also spelt")) > 0);
}

static void
test_refused_with_its_line(void **state)
{
	static const struct {
		const char *path, *bytes, *says;
	} v[] = {
		{ "a.csv", "text,label\n\"a,b\nc\n", "a.csv:2: a quoted field begins here and never ends" },
		{ "a.csv", "text,label\n\"a\"b,c\n", "a.csv:2: text stands behind" },
		{ "a.csv", "text,label\nx,y\nonly\n", "a.csv:3: 1 column, but the label" },
		{ "a.csv", "only\nthese\n", "a.csv:1: one column only" },
		{ "a.csv", "id,label,x\n1,2,3\n", "a.csv:1: no column of this header is called text" },
		{ "a.csv", "id,text,x\n1,2,3\n", "a.csv:1: no column of this header is called label" },
		{ "a.csv", "text,label\n", "a.csv: no text with a label in it" },
		{ "a.csv", "", "a.csv: no text with a label in it" },
		{ "a.jsonl", "{\"text\":\"a\",\"label\":\"x\"}\n{\"text\":\n", "a.jsonl:2: expected one JSON object" },
		{ "a.jsonl", "[1]\n", "a.jsonl:1: expected one JSON object" },
		{ "a.jsonl", "{\"label\":\"x\"}", "a.jsonl:1: no \"text\"" },
		{ "a.jsonl", "{\"text\":\"x\"}", "a.jsonl:1: no \"label\"" },
	};
	struct dataset d;

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		assert_int_equal(parse(v[i].path, v[i].bytes, &d), E_INVALID);
		if (!str_starts(str_from(fault_.text), str_from(v[i].says)))
			fail_msg("expected \"%s\", it says \"%s\"", v[i].says, fault_.text);
	}
}

static void
test_limits(void **state)
{
	struct arena *big = arena_new(DATASET_ARENA_MAX);
	size_t rows = DATASET_ROWS_MAX + 1, each = 4;
	char *bytes = malloc(rows * each);
	struct dataset d;

	(void)state;
	for (size_t i = 0; i < rows; i++)
		memcpy(bytes + i * each, "a,b\n", each);
	assert_int_equal(dataset_parse(big, STR("a.csv"), (struct str){ bytes, (rows - 1) * each }, DATASET_LABELLED,
	    &d, &fault_), E_OK);
	assert_int_equal(d.n, DATASET_ROWS_MAX);
	assert_int_equal(dataset_parse(big, STR("a.csv"), (struct str){ bytes, rows * each }, DATASET_LABELLED, &d,
	    &fault_), E_TOOBIG);
	assert_string_equal(fault_.text, "a.csv:500001: more than 500000 rows");
	free(bytes);
	arena_free(&big);
}

static void
put(const char *folder, const char *name, const char *bytes)
{
	char path[256];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fputs(bytes, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void
test_folders_and_files(void **state)
{
	char folder[] = "/tmp/baton-dataset-XXXXXX", path[64];
	struct dataset_name *names;
	struct dataset d;
	size_t n;

	(void)state;
	assert_non_null(mkdtemp(folder));
	put(folder, "seq.in", "one two\nthree\n");
	put(folder, "label", "x\ny\n");
	assert_int_equal(dataset_read(arena, folder, DATASET_LABELLED, &d, &fault_), E_OK);
	assert_row(&d, 1, "three", "y", 2);
	put(folder, "label", "x\n");
	assert_int_equal(dataset_read(arena, folder, DATASET_LABELLED, &d, &fault_), E_INVALID);
	assert_non_null(strstr(fault_.text, "seq.in has 2 lines and label has 1"));
	put(folder, "said.txt", "hello, there\nwho?\n");
	(void)snprintf(path, sizeof(path), "%s/said.txt", folder);
	assert_int_equal(dataset_read(arena, path, DATASET_TEXTS, &d, &fault_), E_OK);
	assert_true(d.n == 2 && str_eqz(d.v[0].text, "hello, there"));
	put(folder, "names.tsv", "class\tname\tdescription\nx\tThe X\tall about it\ny\tY\t\n");
	(void)snprintf(path, sizeof(path), "%s/names.tsv", folder);
	assert_int_equal(dataset_names(arena, path, &names, &n, &fault_), E_OK);
	assert_int_equal(n, 2);
	assert_true(str_eqz(names[0].id, "x") && str_eqz(names[0].description, "all about it"));
	(void)snprintf(path, sizeof(path), "%s/none", folder);
	assert_int_equal(dataset_read(arena, path, DATASET_LABELLED, &d, &fault_), E_NOTFOUND);
	for (size_t i = 0; i < 4; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder,
		    (const char *const[]){ "seq.in", "label", "said.txt", "names.tsv" }[i]);
		assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(rmdir(folder), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_csv),
		cmocka_unit_test(test_tsv_and_json),
		cmocka_unit_test(test_what_is_lived_with_is_noted),
		cmocka_unit_test(test_refused_with_its_line),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_folders_and_files),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
