/* SPDX-License-Identifier: Apache-2.0 */
/* encoder_store_test.c - from a published folder or wheel into the folder of encoders, or not. */
#include "vec/encoder_store.h"

#include "vec/encoder_fixture.h"

#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include <cmocka.h>

static const char config[] = "{\"model_type\":\"bert\",\"hidden_act\":\"gelu\",\"hidden_size\":8,"
			     "\"num_hidden_layers\":1,\"num_attention_heads\":2,\"layer_norm_eps\":1e-12}";
static const char pooling[] = "{\"pooling_mode_mean_tokens\":true,\"pooling_mode_cls_token\":false}";
static const char vocabulary[] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\n##a\nb\n";

static struct arena *arena;
static char base[64], store[96], source[96];

static const char *
in_base(const char *name)
{
	return str_fmt(arena, "%s/%s", (const char *)base, name).p;
}

static void
put(const char *path, struct str bytes)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
	assert_int_equal(fclose(f), 0);
}

static void
put_source(const char *name, const char *text)
{
	put(str_fmt(arena, "%s/%s", (const char *)source, name).p, str_from(text));
}

static struct str
weights(const char *prefix, bool bf16, const char *more)
{
	struct encoder_weights *w = fixture_weights(arena, fixture_info(ENCODER_F32), 1);
	struct buf out;
	struct str s;

	buf_init(&out, 1 << 20);
	fixture_safetensors(arena, w, prefix, bf16, more, &out);
	s = str_dup(arena, buf_str(&out));
	buf_free(&out);
	return s;
}

/* A complete source, in the folder `source`. */
static int
setup(void **state)
{
	(void)state;
	arena = arena_new(256 << 20);
	(void)snprintf(base, sizeof(base), "/tmp/baton-encoder.XXXXXX");
	assert_non_null(mkdtemp(base));
	(void)snprintf(store, sizeof(store), "%s/deep/encoders", base);
	(void)snprintf(source, sizeof(source), "%s/tiny", base);
	assert_int_equal(mkdir(source, 0700), 0);
	assert_int_equal(mkdir(in_base("tiny/1_Pooling"), 0700), 0);
	put(in_base("tiny/model.safetensors"), weights("", false, NULL));
	put_source("vocab.txt", vocabulary);
	put_source("config.json", config);
	put_source("1_Pooling/config.json", pooling);
	return 0;
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st, (void)kind, (void)at;
	return remove(path);
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return nftw(base, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static struct encoder_entry
add(const char *path, struct encoder_options o)
{
	struct encoder_entry e;
	struct fault f = { 0 };

	if (encoder_store_add(store, path, &o, arena, &e, &f) != E_OK)
		fail_msg("%s", f.text);
	assert_true(e.good && !e.known);
	return e;
}

static size_t
count_encoders(void)
{
	struct encoder_entry *v;
	size_t n;

	assert_int_equal(encoder_store_list(store, arena, &v, &n, NULL), E_OK);
	return n;
}

static void
refused(const char *path, struct encoder_options o, const char *why)
{
	struct encoder_entry e;
	struct fault f = { 0 };

	assert_int_equal(encoder_store_add(store, path, &o, arena, &e, &f), E_INVALID);
	if (strstr(f.text, why) == NULL)
		fail_msg("expected \"%s\", got \"%s\"", why, f.text);
	assert_int_equal(count_encoders(), 0);
}

static void
test_folder(void **state)
{
	char path[ENCODER_PATH_MAX];
	struct encoder_entry e = add(source, (struct encoder_options){ .precision = ENCODER_I8 });

	(void)state;
	assert_true(str_eqz(e.name, "tiny"));
	assert_int_equal(e.info.heads, 2);
	assert_int_equal(e.info.layers, 1);
	assert_int_equal(e.info.precision, ENCODER_I8);
	assert_true(e.info.lower && e.info.licence.n == 0 && e.info.source.n == 64);
	assert_int_equal(encoder_find(store, STR("tiny"), path, NULL), E_OK);
	assert_true(str_eqz(e.path, path));
	/* Again is a replacement; nothing is left beside it. */
	e = add(source, (struct encoder_options){ .heads = 4, .pooling_given = true, .pooling = POOL_FIRST });
	assert_int_equal(e.info.heads, 4);
	assert_int_equal(e.info.pooling, POOL_FIRST);
	assert_int_equal(count_encoders(), 1);
	assert_int_equal(encoder_store_remove(store, STR("tiny"), NULL), E_OK);
	assert_int_equal(encoder_store_remove(store, STR("tiny"), NULL), E_NOTFOUND);
	assert_int_equal(rmdir(store), 0);
}

static void
test_already_converted(void **state)
{
	struct encoder_entry e = add(source, (struct encoder_options){ 0 });
	const char *moved = in_base("moved.encoder");

	(void)state;
	assert_int_equal(rename(e.path.p, moved), 0);
	assert_int_equal(count_encoders(), 0);
	assert_true(str_eqz(add(moved, (struct encoder_options){ 0 }).name, "tiny"));
	assert_int_equal(encoder_store_remove(store, STR("tiny"), NULL), E_OK);
	refused(moved, (struct encoder_options){ .name = STR("a b") }, "cannot be an encoder's name");
	assert_int_equal(truncate(moved, 999), 0);
	refused(moved, (struct encoder_options){ 0 }, "truncated or damaged");
}

static void
test_which_one(void **state)
{
	char path[ENCODER_PATH_MAX];

	(void)state;
	assert_int_equal(encoder_find(store, STR("auto"), path, NULL), E_OK);
	assert_string_equal(path, "");
	add(source, (struct encoder_options){ .name = STR("zebra") });
	add(source, (struct encoder_options){ .name = STR("aardvark") });
	assert_int_equal(encoder_find(store, STR("auto"), path, NULL), E_OK);
	assert_non_null(strstr(path, "/aardvark.encoder"));
	add(source, (struct encoder_options){ .name = STR("all-MiniLM-L6-v2") });
	assert_int_equal(encoder_find(store, STR_NONE, path, NULL), E_OK);
	assert_non_null(strstr(path, "/all-MiniLM-L6-v2.encoder"));
	assert_int_equal(encoder_find(store, STR("none"), path, NULL), E_OK);
	assert_string_equal(path, "");
	assert_int_equal(encoder_find(store, STR("zebr"), path, NULL), E_NOTFOUND);
	assert_int_equal(encoder_find(store, STR("../x"), path, NULL), E_NOTFOUND);
	assert_int_equal(encoder_find(store, STR(".x"), path, NULL), E_INVALID);
	assert_int_equal(encoder_find(store, str_from(in_base("tiny/vocab.txt")), path, NULL), E_OK);
	assert_string_equal(path, in_base("tiny/vocab.txt"));
	assert_true(str_eqz(encoder_wanted("x"), "x"));
	assert_int_equal(setenv("BATON_NLU_ENCODER", "y", 1), 0);
	assert_true(str_eqz(encoder_wanted(NULL), "y") && str_eqz(encoder_wanted("x"), "x"));
	assert_int_equal(unsetenv("BATON_NLU_ENCODER"), 0);
	assert_true(str_eqz(encoder_wanted(NULL), "auto"));
}

static void
test_where(void **state)
{
	char path[ENCODER_PATH_MAX];
	const char *home = getenv("HOME"), *was = home != NULL ? str_z(arena, str_from(home)) : NULL;

	(void)state;
	assert_int_equal(setenv("BATON_HOME", "/b", 1) | setenv("XDG_DATA_HOME", "/x", 1) | setenv("HOME", "/h", 1), 0);
	assert_int_equal(encoder_store_dir(path, NULL), E_OK);
	assert_string_equal(path, "/b/encoders");
	unsetenv("BATON_HOME");
	assert_int_equal(encoder_store_dir(path, NULL), E_OK);
	assert_string_equal(path, "/x/baton/encoders");
	setenv("XDG_DATA_HOME", "relative", 1);
	assert_int_equal(encoder_store_dir(path, NULL), E_OK);
	assert_string_equal(path, "/h/.local/share/baton/encoders");
	unsetenv("XDG_DATA_HOME");
	unsetenv("HOME");
	assert_int_equal(encoder_store_dir(path, NULL), E_CONFIG);
	if (was != NULL)
		setenv("HOME", was, 1);
}

static void
test_names(void **state)
{
	static const char *const bad[] = { "", "none", "auto", ".x", "a/b", "a b", "a\n", "\xc3\xa9",
		"0123456789012345678901234567890123456789012345678901234567890123456789" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(encoder_name_valid(str_from(bad[i])));
	assert_true(encoder_name_valid(STR("bge-small_en.v1")));
	refused(source, (struct encoder_options){ .name = STR("../up") }, "cannot be an encoder's name");
}

static void
test_other_spellings(void **state)
{
	struct encoder_entry e;

	(void)state;
	put(in_base("tiny/model.safetensors"), weights("0.auto_model.", true, "embeddings.position_ids"));
	put_source("tokenizer_config.json", "{\"do_lower_case\": false, \"strip_accents\": null}");
	put_source("modules.json", "[{\"type\":\"sentence_transformers.models.Transformer\"},"
	    "{\"type\":\"sentence_transformers.models.Normalize\"}]");
	e = add(in_base("tiny/model.safetensors"), (struct encoder_options){ .name = STR("half") });
	assert_false(e.info.lower);
	assert_int_equal(e.info.pooling, POOL_MEAN);
}

static void
refused_with(const char *file, const char *text, const char *why)
{
	char *path = str_z(arena, str_fmt(arena, "%s/%s", (const char *)source, file));
	char *kept = str_z(arena, str_fmt(arena, "%s.kept", (const char *)path));
	bool was = rename(path, kept) == 0;

	if (text != NULL)
		put(path, str_from(text));
	refused(source, (struct encoder_options){ 0 }, why);
	if (text != NULL)
		assert_int_equal(unlink(path), 0);
	if (was)
		assert_int_equal(rename(kept, path), 0);
}

static void
test_refused_by_name(void **state)
{
	(void)state;
	refused_with("vocab.txt", NULL, "no vocab.txt");
	refused_with("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\n", "vocab.txt has 5 tokens, the weights have 7");
	refused_with("vocab.txt", "[PAD]\n[UNK]\n[CLS]\nsep\na\nb\nc\n", "no [SEP]");
	refused_with("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\nb\nc\nd\n", "more than the 7 tokens");
	refused_with("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\n\xff\nc\n", "vocab.txt:6");
	refused_with("model.safetensors", NULL, "no model.safetensors");
	refused_with("model.safetensors", "12345678", "not a safetensors file");
	refused_with("config.json", "{\"hidden_act\":\"relu\"}", "hidden_act is \"relu\"");
	refused_with("config.json", "{\"model_type\":\"mpnet\"}", "model_type is \"mpnet\"");
	refused_with("config.json", "{\"hidden_size\":16}", "hidden_size is 16");
	refused_with("config.json", "{\"num_hidden_layers\":2}", "num_hidden_layers is 2");
	refused_with("config.json", "{\"position_embedding_type\":\"relative_key\"}", "relative_key");
	refused_with("config.json", "{\"num_attention_heads\":3}", "3 heads do not divide");
	refused_with("config.json", "{\"num_attention_heads\":-1}", "-1 heads");
	refused_with("config.json", NULL, "give --heads");
	refused_with("config.json", "{\"a\":", "config.json: JSON line 1");
	refused_with("1_Pooling/config.json", NULL, "give --pooling");
	refused_with("1_Pooling/config.json", "{\"pooling_mode_max_tokens\":true}", "1_Pooling/config.json");
	refused_with("modules.json", "[{\"type\":\"sentence_transformers.models.Dense\"}]", "models.Dense");
	refused_with("tokenizer_config.json", "{\"do_lower_case\":true,\"strip_accents\":false}", "strip_accents");
}

static void
test_weights_refused(void **state)
{
	struct str good = weights("", false, NULL);
	struct encoder_weights *w = fixture_weights(arena, fixture_info(ENCODER_F32), 1);
	struct buf out;

	(void)state;
	for (size_t n = 0; n < good.n; n += 97) {
		put(in_base("tiny/model.safetensors"), (struct str){ good.p, n });
		refused(source, (struct encoder_options){ 0 }, n == 0 ? "no model.safetensors" : "truncated");
	}
	put(in_base("tiny/model.safetensors"), weights("", false, "encoder.relative_attention_bias.weight"));
	refused(source, (struct encoder_options){ 0 }, "relative_attention_bias.weight is no part of a BERT");
	put(in_base("tiny/model.safetensors"), weights("roberta.", false, NULL));
	refused(source, (struct encoder_options){ 0 }, "RoBERTa");
	put(in_base("tiny/model.safetensors"), weights("x", false, NULL));
	refused(source, (struct encoder_options){ 0 }, "no BERT encoder");
	*(float *)(uintptr_t)&w->layer[0].q.f32[3] = 1.0F / 0.0F;
	buf_init(&out, 1 << 20);
	fixture_safetensors(arena, w, "", false, NULL, &out);
	put(in_base("tiny/model.safetensors"), buf_str(&out));
	buf_free(&out);
	refused(source, (struct encoder_options){ 0 }, "encoder.layer.0.attention.self.query.weight holds a value");
}

static void
test_damaged_in_the_folder(void **state)
{
	struct encoder_entry e, *v;
	size_t n;

	(void)state;
	add(source, (struct encoder_options){ .name = STR("whole") });
	e = add(source, (struct encoder_options){ .name = STR("cut") });
	assert_int_equal(truncate(e.path.p, 1000), 0);
	assert_int_equal(encoder_store_list(store, arena, &v, &n, NULL), E_OK);
	assert_int_equal(n, 2);
	assert_true(str_eqz(v[0].name, "cut") && !v[0].good);
	assert_true(str_find(v[0].why, STR("truncated or damaged")) >= 0);
	assert_true(str_eqz(v[1].name, "whole") && v[1].good);
}

/* --- Archives. */

struct member {
	const char *name;
	struct str bytes;
};

static const char *
zipped(const char *file, const struct member *v, size_t n)
{
	const char *path = in_base(file);
	int code;
	zip_t *z = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);

	assert_non_null(z);
	for (size_t i = 0; i < n; i++)
		assert_true(zip_file_add(z, v[i].name, zip_source_buffer(z, v[i].bytes.p, v[i].bytes.n, 0),
		    0) >= 0);
	assert_int_equal(zip_close(z), 0);
	return path;
}

static void
test_wheel(void **state)
{
	struct member all[] = {
		{ "pkg/__init__.py", STR("import os") },
		{ "pkg/model/vocab.txt", str_from(vocabulary) },
		{ "pkg/model/model.safetensors", weights("bert.", false, NULL) },
		{ "pkg/model/1_Pooling/config.json", str_from(pooling) },
		{ "pkg/model/config.json", str_from(config) },
		{ "pkg/other/model.safetensors", STR("x") },
	};
	struct encoder_entry e = add(zipped("tiny 1.0+x.whl", all, 5), (struct encoder_options){ 0 });

	(void)state;
	assert_true(str_eqz(e.name, "tiny-1.0-x"));
	assert_int_equal(e.info.pooling, POOL_MEAN);
	assert_int_equal(encoder_store_remove(store, e.name, NULL), E_OK);
	refused(zipped("two.zip", all, 6), (struct encoder_options){ 0 }, "more than one model.safetensors");
	refused(zipped("none.jar", all, 2), (struct encoder_options){ 0 }, "no model.safetensors");
	refused(zipped("novocab.zip", all + 2, 1), (struct encoder_options){ 0 }, "no pkg/model/vocab.txt");
}

static void
test_bombs(void **state)
{
	struct str zeros = { arena_zalloc(arena, 32 << 20), 32 << 20 }, good = weights("", false, NULL);
	struct str longer = str_fmt(arena, "%S%s", good, "and more than its header says");
	struct member bomb[] = { { "vocab.txt", zeros }, { "model.safetensors", good } };
	struct member large[] = { { "vocab.txt", str_from(vocabulary) }, { "model.safetensors", zeros } };
	struct member lies[] = { { "vocab.txt", str_from(vocabulary) }, { "model.safetensors", longer } };

	(void)state;
	refused(zipped("bomb.zip", bomb, 2), (struct encoder_options){ 0 }, "vocab.txt: a zip bomb");
	refused(zipped("large.zip", large, 2), (struct encoder_options){ 0 }, "model.safetensors: a zip bomb");
	refused(zipped("lies.zip", lies, 2), (struct encoder_options){ 0 }, "its tensors need");
}

/* Every archive with one byte changed is an encoder, the same one, or a fault. */
static void
test_damaged_archives(void **state)
{
	struct member all[] = {
		{ "vocab.txt", str_from(vocabulary) },
		{ "model.safetensors", weights("", false, NULL) },
		{ "config.json", str_from(config) },
		{ "1_Pooling/config.json", str_from(pooling) },
	};
	const char *path = zipped("good.zip", all, 4);
	struct encoder_entry e = add(path, (struct encoder_options){ .name = STR("x") });
	struct str was = str_dup(arena, e.info.source);
	char bytes[16384];
	FILE *in = fopen(path, "rb");
	size_t n, refusals = 0;

	(void)state;
	assert_non_null(in);
	n = fread(bytes, 1, sizeof(bytes), in);
	fclose(in);
	assert_true(n > 100 && n < sizeof(bytes));
	for (size_t i = 0; i < n; i += 7) {
		struct arena *a = arena_new(64 << 20);
		struct encoder_options o = { .name = STR("x") };
		struct fault f = { 0 };

		bytes[i] = (char)(bytes[i] ^ 0x10);
		put(in_base("bad.zip"), (struct str){ bytes, n });
		if (encoder_store_add(store, in_base("bad.zip"), &o, a, &e, &f) == E_OK)
			assert_true(str_eq(e.info.source, was));
		else
			assert_true(f.text[0] != '\0' && ++refusals > 0);
		bytes[i] = (char)(bytes[i] ^ 0x10);
		arena_free(&a);
	}
	assert_true(refusals > n / 14);
	for (size_t i = 0; i < n; i += 97) {
		put(in_base("bad.zip"), (struct str){ bytes, i });
		assert_int_equal(encoder_store_add(store, in_base("bad.zip"), &(struct encoder_options){ 0 }, arena,
		    &e, NULL), E_INVALID);
	}
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_folder),
		CASE(test_already_converted),
		CASE(test_which_one),
		CASE(test_where),
		CASE(test_names),
		CASE(test_other_spellings),
		CASE(test_refused_by_name),
		CASE(test_weights_refused),
		CASE(test_damaged_in_the_folder),
		CASE(test_wheel),
		CASE(test_bombs),
		CASE(test_damaged_archives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
