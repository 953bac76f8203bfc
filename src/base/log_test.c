/* SPDX-License-Identifier: Apache-2.0 */
/* log_test.c - one line an event, escaped, never waited for. */
#include "base/log.h"

#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int saved_stderr, reader;

/* stderr becomes a pipe that the test reads. */
static int
setup(void **state)
{
	int ends[2];

	(void)state;
	saved_stderr = dup(STDERR_FILENO);
	if (pipe2(ends, O_NONBLOCK) != 0 || dup2(ends[1], STDERR_FILENO) < 0)
		return -1;
	(void)close(ends[1]);
	reader = ends[0];
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	(void)dup2(saved_stderr, STDERR_FILENO);
	(void)close(saved_stderr);
	(void)close(reader);
	return 0;
}

static struct str
read_all(struct arena *a)
{
	static char text[1 << 20];
	size_t n = 0;
	ssize_t got;

	while (n < sizeof(text) && (got = read(reader, text + n, sizeof(text) - n)) > 0)
		n += (size_t)got;
	return str_dup(a, (struct str){ text, n });
}

static void
test_json_line(void **state)
{
	struct arena *a = arena_new(4 << 20);
	uint64_t before = log_event_count(LOG_FAULT);
	struct fault f;
	struct str line;
	json_t *j;

	(void)state;
	log_init(LOG_INFO, true);
	log_debug(LOG_FAULT, K_Z("text", "below the level"));
	log_warn(LOG_FAULT, K_Z("text", "a \"b\"\n<c>\xFF"), K_I64("n", -5), K_STR("none", STR_NONE));
	line = read_all(a);
	assert_int_equal(str_find(line, STR("\n")), (ptrdiff_t)line.n - 1);
	assert_int_equal(json_parse(a, line, line.n, &j, &f), E_OK);
	assert_true(str_eqz(json_get_str(j, "event"), "fault"));
	assert_true(str_eqz(json_get_str(j, "level"), "warn"));
	assert_true(str_eqz(json_get_str(j, "text"), "a \"b\"\n<c>\xEF\xBF\xBD"));
	assert_int_equal(json_get_i64(j, "n", 0), -5);
	assert_int_equal(json_get_str(j, "at").n, strlen("2026-01-01T00:00:00.000000Z"));
	/* Counted although it was not printed. */
	assert_int_equal(log_event_count(LOG_FAULT) - before, 2);
	arena_free(&a);
}

static void
test_terminal_line(void **state)
{
	struct arena *a = arena_new(4 << 20);
	struct str line;

	(void)state;
	log_init(LOG_DEBUG, false);
	log_debug(LOG_START, K_Z("plain", "a/b:1"), K_Z("spaced", "a b"), K_I64("n", 3));
	line = read_all(a);
	assert_true(str_ends(line, STR(" debug start plain=a/b:1 spaced=\"a b\" n=3\n")));
	arena_free(&a);
}

static void
test_long_values_are_cut(void **state)
{
	struct arena *a = arena_new(4 << 20);
	char value[3000];
	struct fault f;
	struct str line;
	json_t *j;

	(void)state;
	memset(value, 'v', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	log_init(LOG_INFO, true);
	log_info(LOG_FAULT, K_Z("text", value));
	line = read_all(a);
	assert_int_equal(json_parse(a, line, line.n, &j, &f), E_OK);
	assert_int_equal(json_get_str(j, "text").n, 1024);
	log_info(LOG_FAULT, K_Z("a", value), K_Z("b", value), K_Z("c", value), K_Z("d", value));
	line = read_all(a);
	assert_true(line.n < 4096);
	assert_int_equal(json_parse(a, line, line.n, &j, &f), E_OK);
	assert_true(str_eqz(json_get_str(j, "event"), "fault"));
	arena_free(&a);
}

static void
test_a_full_pipe_never_blocks(void **state)
{
	struct arena *a = arena_new(4 << 20);
	struct str text;

	(void)state;
	log_init(LOG_INFO, true);
	for (int i = 0; i < 3000; i++)
		log_info(LOG_FAULT, K_Z("text", "more than a pipe of 64 KB can hold, unread"));
	text = read_all(a);
	assert_true(text.n > 1000 && text.n <= 1 << 17);
	log_info(LOG_FAULT, K_I64("n", 1));
	text = read_all(a);
	assert_true(str_find(text, STR("log_lines_dropped")) > 0);
	log_info(LOG_FAULT, K_I64("n", 1));
	text = read_all(a);
	assert_int_equal(str_find(text, STR("log_lines_dropped")), -1);
	/* Nobody reads any more: an error of write(2), no signal. */
	(void)close(reader);
	log_info(LOG_FAULT, K_I64("n", 1));
	(void)close(STDERR_FILENO);
	log_info(LOG_FAULT, K_I64("n", 1));
	reader = -1;
	arena_free(&a);
}

static void
test_every_event_has_name_and_help(void **state)
{
	(void)state;
	for (int i = 0; i < LOG_EVENT_N; i++) {
		assert_true(strlen(log_event_name((enum log_event)i)) > 0);
		assert_true(strlen(log_event_help((enum log_event)i)) > 0);
		for (int k = 0; k < i; k++)
			assert_string_not_equal(log_event_name((enum log_event)i),
			    log_event_name((enum log_event)k));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_json_line, setup, teardown),
		cmocka_unit_test_setup_teardown(test_terminal_line, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_values_are_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_full_pipe_never_blocks, setup, teardown),
		cmocka_unit_test(test_every_event_has_name_and_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
