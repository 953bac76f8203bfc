/* SPDX-License-Identifier: Apache-2.0 */
/* settings_test.c - parsing, precedence, the words of errors, the manual. */
#include "base/settings.h"

#include "base/arena_fixture.h"
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static struct values {
	bool on;
	int64_t port, wait_ms, bytes, share;
	struct str name;
} values;

static const struct setting table[] = {
	{ "web.on", SET_BOOL, offsetof(struct values, on), "yes", 0, 0, "whether" },
	{ "web.port", SET_INT, offsetof(struct values, port), "8080", 1, 65535, "which port" },
	{ "web.wait_ms", SET_MS, offsetof(struct values, wait_ms), "150ms", 0, 86400000, "how long" },
	{ "web.bytes", SET_BYTES, offsetof(struct values, bytes), "64k", 1024, 1 << 30, "how much" },
	{ "web.share", SET_PPM, offsetof(struct values, share), "0.82", 0, 0, "which share" },
	{ "web.name", SET_STR, offsetof(struct values, name), "", 0, 8, "its name" },
	{ NULL, SET_BOOL, 0, NULL, 0, 0, NULL },
};

static const struct setting_module mods[] = { { "web", table, &values } };

static int
setup(void **state)
{
	(void)arena_setup(state);
	memset(&values, 0, sizeof(values));
	return settings_defaults(&mods[0], arena, NULL) == E_OK ? 0 : -1;
}

static enum err
set(const char *key, const char *value, struct fault *f)
{
	return settings_set(mods, 1, str_from(key), str_from(value), arena, f);
}

static void
test_defaults(void **state)
{
	(void)state;
	assert_true(values.on);
	assert_int_equal(values.port, 8080);
	assert_int_equal(values.wait_ms, 150);
	assert_int_equal(values.bytes, 65536);
	assert_int_equal(values.share, 820000);
	assert_int_equal(values.name.n, 0);
}

static void
test_good_values(void **state)
{
	static const struct {
		const char *key, *text;
		const int64_t *at;
		int64_t want;
	} cases[] = {
		{ "web.port", "1", &values.port, 1 },
		{ "web.wait_ms", "3s", &values.wait_ms, 3000 },
		{ "web.wait_ms", "10m", &values.wait_ms, 600000 },
		{ "web.wait_ms", "2h", &values.wait_ms, 7200000 },
		{ "web.wait_ms", "1d", &values.wait_ms, 86400000 },
		{ "web.wait_ms", "0", &values.wait_ms, 0 },
		{ "web.bytes", "2048", &values.bytes, 2048 },
		{ "web.bytes", "8m", &values.bytes, 8 << 20 },
		{ "web.bytes", "1g", &values.bytes, 1 << 30 },
		{ "web.share", "0", &values.share, 0 },
		{ "web.share", "1", &values.share, 1000000 },
		{ "web.share", "1.0", &values.share, 1000000 },
		{ "web.share", ".5", &values.share, 500000 },
		{ "web.share", "0.000001", &values.share, 1 },
	};
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(set(cases[i].key, cases[i].text, &f), E_OK);
		assert_int_equal(*cases[i].at, cases[i].want);
	}
	assert_int_equal(set("web.on", "no", &f), E_OK);
	assert_false(values.on);
	assert_int_equal(set("web.name", "h\xC3\xA9llo", &f), E_OK);
	assert_string_equal(values.name.p, "h\xC3\xA9llo");
}

static void
test_errors_say_what_and_where(void **state)
{
	static const struct {
		const char *key, *text, *says;
	} cases[] = {
		{ "web.on", "maybe", "web.on: \"maybe\" is not true, false, yes or no" },
		{ "web.port", "", "web.port: \"\" is not a whole number" },
		{ "web.port", "80a", "web.port: \"80a\" is not a whole number" },
		{ "web.port", "0", "web.port: \"0\" is outside 1..65535" },
		{ "web.port", "65536", "web.port: \"65536\" is outside 1..65535" },
		{ "web.wait_ms", "10", "web.wait_ms: \"10\" is not a time such as 150ms, 3s, 10m, 2h or 1d" },
		{ "web.wait_ms", "-1s", "web.wait_ms: \"-1s\" is not a time such as 150ms, 3s, 10m, 2h or 1d" },
		{ "web.wait_ms", "2d", "web.wait_ms: \"2d\" is outside 0ms..1d" },
		{ "web.wait_ms", "9223372036854775807d", "web.wait_ms: \"9223372036854775807d\" is not a time such as 150ms, 3s, 10m, 2h or 1d" },
		{ "web.bytes", "1t", "web.bytes: \"1t\" is not a size such as 512, 64k, 8m or 1g" },
		{ "web.bytes", "1", "web.bytes: \"1\" is outside 1k..1g" },
		{ "web.share", "1.1", "web.share: \"1.1\" is not a share of 1 such as 0.82" },
		{ "web.share", "82", "web.share: \"82\" is not a share of 1 such as 0.82" },
		{ "web.share", "-0.1", "web.share: \"-0.1\" is not a share of 1 such as 0.82" },
		{ "web.share", "0.1234567", "web.share: \"0.1234567\" is not a share of 1 such as 0.82" },
		{ "web.share", ".", "web.share: \".\" is not a share of 1 such as 0.82" },
		{ "web.share", "0.-5", "web.share: \"0.-5\" is not a share of 1 such as 0.82" },
		{ "web.name", "too long a name", "web.name: \"too long a name\" is outside 0..8 bytes" },
		{ "web.name", "\xFF", "web.name: the value is not UTF-8 text" },
		{ "web.nope", "1", "there is no setting \"web.nope\"; `baton config --help` lists them" },
	};
	struct values before = values;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fault f = { E_OK, "" };

		assert_int_equal(set(cases[i].key, cases[i].text, &f), E_CONFIG);
		assert_string_equal(f.text, cases[i].says);
	}
	assert_memory_equal(&before, &values, sizeof(values));
}

static void
test_environment_then_command_line(void **state)
{
	char home[] = "BATON_HOME=/x", path[] = "PATH=/bin", fail_[] = "BATON_FAIL=";
	char port[] = "BATON_WEB_PORT=9", wait[] = "BATON_WEB_WAIT_MS=7s";
	char wrong[] = "BATON_WEB_PROT=9", bad[] = "BATON_WEB_PORT=a=b";
	struct fault f;

	(void)state;
	/* The file said 1, the environment says 9, the command line 5. */
	assert_int_equal(set("web.port", "1", &f), E_OK);
	assert_int_equal(settings_env(mods, 1, (char *const[]){ home, path, fail_, port, wait, NULL },
	    arena, &f), E_OK);
	assert_int_equal(values.port, 9);
	assert_int_equal(values.wait_ms, 7000);
	assert_int_equal(set("web.port", "5", &f), E_OK);
	assert_int_equal(values.port, 5);

	assert_int_equal(settings_env(mods, 1, (char *const[]){ wrong, NULL }, arena, &f), E_CONFIG);
	assert_string_equal(f.text, "environment variable BATON_WEB_PROT names no setting");
	assert_int_equal(settings_env(mods, 1, (char *const[]){ bad, NULL }, arena, &f), E_CONFIG);
	assert_string_equal(f.text,
	    "environment variable BATON_WEB_PORT: web.port: \"a=b\" is not a whole number");
}

static void
test_manual(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 16);
	settings_help(mods, 1, true, &b);
	assert_non_null(strstr(buf_z(&b), "| `web.port` | number | `8080` | 1..65535 | which port |\n"));
	assert_non_null(strstr(buf_z(&b), "| `web.name` | text |  | 0..8 bytes | its name |\n"));
	buf_reset(&b);
	settings_help(mods, 1, false, &b);
	for (const struct setting *s = table; s->key != NULL; s++) {
		assert_non_null(strstr(buf_z(&b), s->key));
		assert_non_null(strstr(buf_z(&b), s->help));
	}
	assert_non_null(strstr(buf_z(&b), "time, default 150ms, 0ms..1d"));
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_defaults, setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_good_values, setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_errors_say_what_and_where, setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_environment_then_command_line, setup, arena_teardown),
		cmocka_unit_test_setup_teardown(test_manual, setup, arena_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
