/* SPDX-License-Identifier: Apache-2.0 */
/* script_fuzz.c - any bytes as a .talk file: statements, or a refusal with its place. */
#include "insight/talk/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static enum err
run(struct arena *a, void *arg, struct fault *f)
{
	const struct talk_line *v;
	size_t n;

	TRY(talk_read(STR("fuzz.talk"), *(struct str *)arg, a, &v, &n, f));
	for (size_t i = 0; i < n; i++) {
		CHECK(v[i].line > 0 && v[i].source.n > 0);
		CHECK(!v[i].has_number || v[i].number >= 0);
		CHECK(str_utf8_valid(v[i].text, NULL));
	}
	return E_OK;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new(0);
	struct str text = { (const char *)data, n };
	struct fault f = { E_OK, "" };

	if (arena_run(a, run, &text, &f) != E_OK)
		CHECK(f.err == E_TOOBIG || str_starts(str_from(f.text), STR("fuzz.talk:")));
	arena_free(&a);
	return 0;
}
