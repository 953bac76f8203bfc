/* SPDX-License-Identifier: Apache-2.0 */
/* plan_test.c - how SQLite runs each statement: no scan that grows with the desk.
 *
 * test/events/plans.golden holds EXPLAIN QUERY PLAN of every statement; a scan
 * must besides stand in the list below, with its reason.  After a statement was
 * added or changed: look at its plan, then UPDATE_GOLDEN=1 build/src/model_plan_test.
 */
#include "model/model_test.h"

#include "base/buf.h"

#include <sqlite3.h>

/* Reads that are meant to touch every row of something, and why. */
static const struct { const char *statement, *scan; } allowed[] = {
	{ "", "SCAN json_each VIRTUAL TABLE" },		/* the list of inboxes in the parameter */
	{ "", "VIRTUAL TABLE INDEX" },			/* the words index finds, it does not scan */
	{ "staff_list", "SCAN staff" },			/* who works here: tens */
	{ "draft_", "SCAN draft_change" },		/* at most DRAFT_CHANGES_MAX */
	{ "article_searched", "SCAN article_current" },	/* articles: hundreds; at publish */
	{ "rebuild_", "SCAN" },				/* all of it, on purpose */
	{ "conv_tally", "SCAN conv_tally" },		/* inboxes times agents */
	{ "passage_all", "SCAN" },			/* articles: hundreds; at publish */
	{ "passage_df", "SCAN c" },			/* articles: hundreds; at publish */
	{ "search_contact", "SCAN m" },			/* at most 200, the newest that the words index found */
	{ "search_message", "SCAN m" },			/* at most 1000, the newest that the words index found */
	{ "passage_search", "SCAN m" },			/* at most 500 that the words index found */
	{ "conv_unfinished", "SCAN conversation USING INDEX conv_by_pending" },	/* partial: only those */
	{ "effect_pending", "SCAN f USING INDEX effect_pending" },		/* partial: only those */
	{ "conv_queue", "SCAN conversation USING INDEX conv_by_queue" },	/* partial: only those */
	{ "conv_place", "SCAN conversation USING" },	/* partial: only those */
	{ "", "SCAN CONSTANT ROW" },
};

static bool
is_allowed(const char *name, const char *line)
{
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		if (strncmp(name, allowed[i].statement, strlen(allowed[i].statement)) == 0 &&
		    strstr(line, allowed[i].scan) != NULL)
			return true;
	return false;
}

static void
explain(sqlite3 *h, const struct sql_row *row, struct buf *out)
{
	sqlite3_stmt *p = NULL;
	struct buf sql;

	buf_init(&sql, 1 << 16);
	buf_add_z(&sql, "EXPLAIN QUERY PLAN ");
	buf_add_z(&sql, row->sqlite);
	if (sqlite3_prepare_v2(h, buf_z(&sql), -1, &p, NULL) != SQLITE_OK)
		fail_msg("%s: %s", row->name, sqlite3_errmsg(h));
	buf_fmt(out, "%s\n", row->name);
	while (sqlite3_step(p) == SQLITE_ROW) {
		const char *line = (const char *)sqlite3_column_text(p, 3);

		buf_fmt(out, "\t%s\n", line);
		if (strncmp(line, "SCAN", 4) == 0 && !is_allowed(row->name, line))
			fail_msg("%s: %s: not in the list of allowed scans", row->name, line);
	}
	(void)sqlite3_finalize(p);
	buf_free(&sql);
}

static void
test_plans(void **state)
{
	struct world *x = world_new(false);
	FILE *file = fopen("test/events/plans.golden", "r");
	char *want = calloc(1, 1 << 18);
	sqlite3 *h = NULL;
	struct buf got;

	(void)state;
	buf_init(&got, 1 << 18);
	assert_non_null(want);
	assert_int_equal(sqlite3_open(x->path, &h), SQLITE_OK);
	for (size_t i = 0; i < SQL_N; i++)
		explain(h, &sql_table[i], &got);
	(void)sqlite3_close(h);
	if (getenv("UPDATE_GOLDEN") != NULL) {
		FILE *out = fopen("test/events/plans.golden", "w");

		assert_true(out != NULL && fputs(buf_z(&got), out) >= 0 && fclose(out) == 0);
		(void)snprintf(want, 1 << 18, "%s", buf_z(&got));
	} else if (file != NULL) {
		(void)!fread(want, 1, (1 << 18) - 1, file);
	}
	if (file != NULL)
		(void)fclose(file);
	if (strcmp(want, buf_z(&got)) != 0) {
		(void)fprintf(stderr, "\n%s", buf_z(&got));
		fail_msg("the plans are not those of test/events/plans.golden (see the head of this file)");
	}
	buf_free(&got);
	free(want);
	world_free(x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_plans) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
