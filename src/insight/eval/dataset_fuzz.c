/* SPDX-License-Identifier: Apache-2.0 */
/* dataset_fuzz.c - any bytes as a labelled file of any format: rows that are text, or a refusal by name. */
#include "insight/eval/dataset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char *const names[] = { "fuzz.csv", "fuzz.tsv", "fuzz.jsonl", "fuzz" };

struct input {
	const char *name;
	struct str bytes;
	enum dataset_want want;
};

static enum err
run(struct arena *a, void *arg, struct fault *f)
{
	const struct input *in = arg;
	struct dataset d;

	TRY(dataset_parse(a, str_from(in->name), in->bytes, in->want, &d, f));
	CHECK(d.n > 0 && d.n <= DATASET_ROWS_MAX);
	for (size_t i = 0; i < d.n; i++) {
		CHECK(d.v[i].line > 0 && d.v[i].text.n > 0);
		CHECK(str_utf8_valid(d.v[i].text, NULL) && str_utf8_valid(d.v[i].label, NULL));
		CHECK(in->want == DATASET_TEXTS || d.v[i].label.n > 0);
	}
	return E_OK;
}

/* The first byte says which format, and whether labels are wanted. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new((size_t)64 << 20);
	struct fault f = { E_OK, "" };
	struct input in;

	if (n > 0) {
		in = (struct input){ names[data[0] & 3], { (const char *)data + 1, n - 1 },
			data[0] & 4 ? DATASET_TEXTS : DATASET_LABELLED };
		if (arena_run(a, run, &in, &f) != E_OK)
			CHECK(f.err == E_TOOBIG || str_starts(str_from(f.text), STR("fuzz")));
	}
	arena_free(&a);
	return 0;
}
