/* SPDX-License-Identifier: Apache-2.0 */
/* cond_fuzz.c - any bytes as a condition: compiled or refused with a place, then evaluated. */
#include "rules/cond.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct try {
	struct str text;
};

static enum err
run(struct arena *a, void *arg, struct fault *f)
{
	const struct try *t = arg;
	static const struct intent intent = { .id = { "refund", 6 } };
	static const struct inbox_policy inbox = { .region = { "NO", 2 } };
	const struct policy p = { .intents = &intent, .intents_n = 1, .inboxes = &inbox,
		.inboxes_n = 1 };
	const struct intent_score score = { 0, 500000 };
	const struct perception now = { .p = &score, .p_n = 1 };
	const struct str words[] = { { "refund", 6 }, { "now", 3 } };
	const struct situation s = { .words = words, .words_n = 2 };
	struct cond_code code;

	TRY(cond_compile(t->text, a, &code, f));
	CHECK(code.n > 0 && code.n <= COND_MAX_NODES);
	CHECK(cond_eval(code.v, &p, &now, &s, a).text.n > 0);
	cond_eval(code.v, &p, NULL, &s, a);
	return E_OK;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new(0);
	struct try t = { { (const char *)data, n } };
	struct fault f = { 0 };
	enum err e = arena_run(a, run, &t, &f);

	CHECK(e == E_OK || strlen(f.text) > 0);
	arena_free(&a);
	return 0;
}
