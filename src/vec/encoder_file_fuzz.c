/* SPDX-License-Identifier: Apache-2.0 */
/* encoder_file_fuzz.c - what is read can be walked to its last float, and written again. */
#include "vec/encoder_file.h"

#include "base/buf.h"
#include "vec/encoder_parts.h"

#include <sodium.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Past the checksum, which no fuzzer finds. */
static struct str
signed_copy(struct arena *a, const uint8_t *data, size_t size)
{
	static const char start[] = "BATONENC\1\0\0";
	char *p = arena_zalloc(a, size + 64);

	memcpy(p, data, size);
	memcpy(p, start, size < 12 ? size : 12);
	crypto_hash_sha256((unsigned char *)p + size, (unsigned char *)p, size);
	return (struct str){ p, size + 32 };
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(64 << 20);
	struct encoder_weights w, again;
	struct fault f = { E_OK, "" };
	struct buf out;

	if (encoder_file_read(a, signed_copy(a, data, size), &w, &f) == E_OK) {
		buf_init(&out, 64 << 20);
		encoder_file_write(&w, &out);
		CHECK(!out.over);
		CHECK(encoder_file_read(a, str_dup(a, buf_str(&out)), &again, &f) == E_OK);
		CHECK(again.info.vocab == w.info.vocab && str_eq(again.info.source, w.info.source));
		buf_free(&out);
	} else {
		CHECK(f.err == E_INVALID && f.text[0] != '\0');
		CHECK(str_utf8_valid(str_from(f.text), NULL));
	}
	arena_free(&a);
	return 0;
}
