/* SPDX-License-Identifier: Apache-2.0 */
/* perceive_fuzz.c - any bytes give a perception within its limits, and the same one again. */
#include "nlu/perceive.h"

#include "nlu/demo_policy.h"
#include "nlu/model.h"
#include "nlu/personal.h"
#include "nlu/perception_json.h"
#include "text/zone.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct arena *fixed, *a, *b;
static const struct policy *policy;
static struct model *model;

static void
prepare(void)
{
	fixed = arena_new((size_t)64 << 20);
	a = arena_new((size_t)32 << 20);
	b = arena_new((size_t)32 << 20);
	policy = demo_policy(fixed, "demo/policy/intents.yaml");
	CHECK(policy != NULL);
	CHECK(model_train(policy, NULL, &model, NULL) == E_OK);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str text = { (const char *)data, n }, rest, first;
	struct history_item said = { BY_CUSTOMER, STR_NONE, 0, 1 };
	struct history h = { .v = &said, .n = 1, .language = STR("de"), .awaiting = STR("order_number") };
	struct perception p, q;

	if (policy == NULL)
		prepare();
	/* The first line is an earlier message. */
	first = str_cut(text, '\n', &rest);
	said.text = rest.p == NULL ? STR_NONE : first;
	text = rest.p == NULL ? text : rest;
	p = perceive(model, policy, 0, &h, text, INT64_C(1795424400000000), zone_utc(), a);
	q = perceive(model, policy, 0, &h, text, INT64_C(1795424400000000), zone_utc(), b);
	CHECK(p.unknown_ppm >= 0 && p.unknown_ppm <= PPM);
	CHECK(p.asks_person_ppm >= 0 && p.asks_person_ppm <= PPM);
	for (int i = 0; i < MOOD_N; i++)
		CHECK(p.mood_ppm[i] >= 0 && p.mood_ppm[i] <= PPM);
	for (size_t i = 0; i < p.entities_n; i++)
		CHECK(p.entities[i].from < p.entities[i].to && p.entities[i].to <= text.n);
	for (size_t i = 0; i < p.personal_n; i++)
		CHECK(p.personal[i].from < p.personal[i].to && p.personal[i].to <= text.n);
	CHECK(personal_mask(text, p.personal, p.personal_n, a).n <= text.n + p.personal_n * 16);
	CHECK(str_eq(json_text(a, perception_to_json(a, policy, &p)),
	    json_text(b, perception_to_json(b, policy, &q))));
	arena_reset(a);
	arena_reset(b);
	return 0;
}
