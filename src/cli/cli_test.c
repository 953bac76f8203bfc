/* SPDX-License-Identifier: Apache-2.0 */
/* cli_test.c - every command is complete, errors have their exit codes. */
#include "cli/cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static void
test_every_command_is_complete(void **state)
{
	static const struct cli_command *const all[] = {
#define CLI_COMMAND(id) &cli_##id,
#include "cli/commands.def"
#undef CLI_COMMAND
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		assert_ptr_equal(cli_find(all[i]->name), all[i]);
		assert_true(strlen(all[i]->summary) > 0 && strlen(all[i]->summary) <= 65);
		assert_non_null(all[i]->usage);
		assert_non_null(all[i]->run);
	}
	assert_null(cli_find("nope"));
}

static void
test_exit_codes(void **state)
{
	static const struct {
		enum err e;
		int code;
	} cases[] = {
		{ E_OK, 0 }, { E_NOTFOUND, 3 }, { E_CONFLICT, 4 }, { E_CONFIG, 78 },
		{ E_INVALID, 78 }, { E_RETRY, 75 }, { E_LIMIT, 75 }, { E_FULL, 75 },
		{ E_TIMEOUT, 75 }, { E_DENIED, 1 }, { E_UPSTREAM, 1 }, { E_TOOBIG, 1 },
		{ E_INTERNAL, 1 },
	};
	char *nothing[] = { (char[]){ "baton" }, NULL };
	char *unknown[] = { (char[]){ "baton" }, (char[]){ "nope" }, NULL };
	char *extra[] = { (char[]){ "baton" }, (char[]){ "version" }, (char[]){ "x" }, NULL };

	(void)state;
	assert_int_equal(sizeof(cases) / sizeof(cases[0]), ERR_N);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(cli_exit_of(cases[i].e), cases[i].code);
	assert_int_equal(cli_main(1, nothing), CLI_USAGE);
	assert_int_equal(cli_main(2, unknown), CLI_USAGE);
	assert_int_equal(cli_main(3, extra), CLI_USAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_command_is_complete),
		cmocka_unit_test(test_exit_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
