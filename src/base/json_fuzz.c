/* SPDX-License-Identifier: Apache-2.0 */
/* json_fuzz.c - whatever parses has one canonical text, which parses to itself; and
 * what is read as plain JSON is what jansson reads. */
#include "base/json.h"
#include "base/json_plain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
plain_as_jansson(struct str text)
{
	json_t *plain = json_plain(text), *full;

	if (plain == NULL)
		return;
	full = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
	CHECK(full != NULL && json_equal(plain, full));
	json_decref(plain);
	json_decref(full);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size }, once, twice;
	struct arena *a = arena_new(64 << 20);
	struct fault f = { E_OK, "" };
	json_t *j, *again;

	plain_as_jansson(text);
	if (json_parse(a, text, 1 << 16, &j, &f) == E_OK) {
		once = json_text(a, j);
		CHECK(str_utf8_valid(once, NULL));
		CHECK(json_parse(a, once, once.n, &again, &f) == E_OK);
		twice = json_text(a, again);
		CHECK(str_eq(once, twice));
	} else {
		CHECK(f.err != E_OK && f.text[0] != '\0');
		CHECK(str_utf8_valid(str_from(f.text), NULL));
	}
	arena_free(&a);
	return 0;
}
