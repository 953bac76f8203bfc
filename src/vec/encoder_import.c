/* SPDX-License-Identifier: Apache-2.0 */
/* encoder_import.c - a published sentence encoder's files, to an encoder's weights. */
#include "vec/encoder_import.h"

#include "base/json.h"
#include "vec/encoder_parts.h"
#include "vec/safetensors.h"

#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define CONFIG_MAX ((size_t)1 << 20)
#define EPSILON_DEFAULT 1e-12F	/* BERT's own */

struct import {
	struct arena *a;
	const struct encoder_files *files;
	const struct encoder_options *o;
	const struct encoder_known *known;	/* NULL: not known to us */
	struct safetensors tensors;
	struct str prefix;	/* before every name: "", "bert.", "0.auto_model.", ... */
	json_t *config, *pooling, *tokenizer, *modules;	/* NULL: not there */
	struct encoder_weights *w;
};

static struct str
hash_of(struct arena *a, struct str bytes)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char hex[2 * sizeof(hash) + 1];

	crypto_hash_sha256(hash, (const unsigned char *)bytes.p, bytes.n);
	sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
	return str_dup(a, str_from(hex));
}

/* --- Tensors. */

static const char words_name[] = "embeddings.word_embeddings.weight";

/* The prefix is what stands before the word embeddings' name. */
static enum err
find_prefix(struct import *im, struct fault *f)
{
	for (size_t i = 0; i < im->tensors.n; i++) {
		struct str name = im->tensors.v[i].name;

		if (!str_ends(name, STR("embeddings.word_embeddings.weight")))
			continue;
		im->prefix = str_sub(name, 0, name.n - (sizeof(words_name) - 1));
		if (im->prefix.n > 0 && im->prefix.p[im->prefix.n - 1] != '.')
			continue;
		if (str_find(im->prefix, STR("roberta")) >= 0)
			return fault(f, E_INVALID, "%.*s: a RoBERTa encoder, whose tokens are not WordPiece",
			    STR_ARG(name));
		return E_OK;
	}
	return fault(f, E_INVALID, "no BERT encoder: there is no tensor %s", words_name);
}

/* Older checkpoints call LayerNorm's weight gamma and its bias beta. */
static const struct safetensor *
find_tensor(const struct import *im, struct str name)
{
	const struct safetensor *t = safetensors_find(&im->tensors, str_fmt(im->a, "%S%S", im->prefix, name));
	ptrdiff_t at = str_find(name, STR("LayerNorm."));

	if (t != NULL || at < 0)
		return t;
	return safetensors_find(&im->tensors, str_fmt(im->a, "%S%S%s", im->prefix,
	    str_sub(name, 0, (size_t)at + 10), str_ends(name, STR("weight")) ? "gamma" : "beta"));
}

static enum err
need_tensor(const struct import *im, struct str name, const struct safetensor **out, struct fault *f)
{
	*out = find_tensor(im, name);
	if (*out == NULL)
		return fault(f, E_INVALID, "the tensor %.*s%.*s is missing", STR_ARG(im->prefix), STR_ARG(name));
	return E_OK;
}

/* rows and columns of a matrix that says how large the encoder is */
static enum err
need_size(const struct import *im, const char *name, uint32_t *rows, uint32_t *cols, struct fault *f)
{
	const struct safetensor *t;

	TRY(need_tensor(im, str_from(name), &t, f));
	if (t->dims != 2 || t->shape[0] > UINT32_MAX || t->shape[1] > UINT32_MAX)
		return fault(f, E_INVALID, "%.*s: no matrix of a size that can be", STR_ARG(t->name));
	*rows = (uint32_t)t->shape[0];
	*cols = (uint32_t)t->shape[1];
	return E_OK;
}

static enum err
measure(struct import *im, struct fault *f)
{
	struct encoder_info *info = &im->w->info;
	uint32_t width;

	TRY(need_size(im, words_name, &info->vocab, &info->width, f));
	TRY(need_size(im, "embeddings.position_embeddings.weight", &info->positions, &width, f));
	TRY(need_size(im, "embeddings.token_type_embeddings.weight", &info->types, &width, f));
	TRY(need_size(im, "encoder.layer.0.intermediate.dense.weight", &info->inner, &width, f));
	while (info->layers <= ENCODER_LAYERS_MAX && find_tensor(im,
	    str_fmt(im->a, "encoder.layer.%u.attention.self.query.weight", info->layers)) != NULL)
		info->layers++;
	return E_OK;
}

static enum err
import_part(const struct import *im, const struct encoder_part *p, struct fault *f)
{
	size_t n = (size_t)p->rows * p->cols;
	const struct safetensor *t;
	const float *v;

	TRY(need_tensor(im, p->name, &t, f));
	if (p->flat ? t->dims != 1 || t->shape[0] != p->cols :
	    t->dims != 2 || t->shape[0] != p->rows || t->shape[1] != p->cols)
		return fault(f, E_INVALID, "%.*s: its shape is not %u x %u", STR_ARG(t->name), p->rows, p->cols);
	TRY(safetensor_floats(im->a, t, &v, f));
	for (size_t i = 0; i < n; i++)
		if (!(fabsf(v[i]) <= ENCODER_VALUE_MAX))
			return fault(f, E_INVALID, "%.*s holds a value that is no number or too large",
			    STR_ARG(t->name));
	if (p->matrix != NULL)
		*p->matrix = (struct matrix){ .rows = p->rows, .cols = p->cols, .f32 = v };
	else
		*p->floats = v;
	return E_OK;
}

/* Training's leftovers, which the vectors do not need. */
static bool
is_leftover(struct str name)
{
	return str_starts(name, STR("pooler.")) || str_starts(name, STR("cls.")) ||
	    str_eqz(name, "embeddings.position_ids");
}

/* Another architecture shows in tensors that BERT has not. */
static enum err
refuse_others(const struct import *im, const struct encoder_part *parts, size_t n, struct fault *f)
{
	size_t used = n;

	for (size_t i = 0; i < im->tensors.n; i++) {
		struct str name = im->tensors.v[i].name;

		if (str_starts(name, im->prefix))
			name = str_sub(name, im->prefix.n, name.n);
		if (is_leftover(name))
			used++;
	}
	if (used == im->tensors.n)
		return E_OK;
	for (size_t i = 0; i < im->tensors.n; i++) {
		struct str name = im->tensors.v[i].name;
		bool part = is_leftover(str_starts(name, im->prefix) ?
		    str_sub(name, im->prefix.n, name.n) : name);

		for (size_t k = 0; k < n && !part; k++)
			part = find_tensor(im, parts[k].name) == &im->tensors.v[i];
		if (!part)
			return fault(f, E_INVALID, "the tensor %.*s is no part of a BERT encoder", STR_ARG(name));
	}
	return E_OK;
}

/* --- What the configuration says. */

static enum err
read_json(struct import *im, const char *file, struct str text, json_t **out, struct fault *f)
{
	*out = NULL;
	if (text.n == 0)
		return E_OK;
	if (json_parse_foreign(im->a, text, CONFIG_MAX, out, f) != E_OK)
		return fault_wrap(f, "%s", file);
	return E_OK;
}

static enum err
want_word(const json_t *o, const char *key, const char *only, struct fault *f)
{
	struct str v = json_get_str(o, key);

	if (v.n > 0 && !str_eqz(v, only))
		return fault(f, E_INVALID, "config.json: %s is \"%.*s\"; only \"%s\" is known here", key,
		    STR_ARG(str_clip_utf8(v, 64)), only);
	return E_OK;
}

static enum err
want_number(const json_t *o, const char *key, uint32_t is, struct fault *f)
{
	int64_t v = json_get_i64(o, key, is);

	if (v != (int64_t)is)
		return fault(f, E_INVALID, "config.json: %s is %lld, but the weights have %u", key,
		    (long long)v, is);
	return E_OK;
}

static enum err
read_config(struct import *im, struct fault *f)
{
	struct encoder_info *info = &im->w->info;
	int64_t heads = im->known != NULL ? im->known->heads : 0;

	info->epsilon = EPSILON_DEFAULT;
	if (im->config != NULL) {
		const json_t *epsilon = json_object_get(im->config, "layer_norm_eps");

		TRY(want_word(im->config, "model_type", "bert", f));
		TRY(want_word(im->config, "hidden_act", "gelu", f));
		TRY(want_word(im->config, "position_embedding_type", "absolute", f));
		TRY(want_number(im->config, "hidden_size", info->width, f));
		TRY(want_number(im->config, "num_hidden_layers", info->layers, f));
		if (json_is_number(epsilon))
			info->epsilon = (float)json_number_value(epsilon);
		heads = json_get_i64(im->config, "num_attention_heads", heads);
	}
	if (im->o->heads > 0)
		heads = im->o->heads;
	if (heads == 0)
		return fault(f, E_INVALID, "how many heads it has is nowhere said: give --heads");
	if (heads < 0 || heads > ENCODER_WIDTH_MAX)
		return fault(f, E_INVALID, "%lld heads cannot be", (long long)heads);
	info->heads = (uint32_t)heads;
	return E_OK;
}

static enum err
read_pooling(struct import *im, struct fault *f)
{
	bool mean, first;

	if (im->o->pooling_given) {
		im->w->info.pooling = im->o->pooling;
		return E_OK;
	}
	if (im->pooling == NULL) {
		if (im->known == NULL)
			return fault(f, E_INVALID, "how it pools is nowhere said: give --pooling mean or first");
		im->w->info.pooling = im->known->pooling;
		return E_OK;
	}
	mean = json_get_bool(im->pooling, "pooling_mode_mean_tokens", false);
	first = json_get_bool(im->pooling, "pooling_mode_cls_token", false);
	if (mean == first || json_get_bool(im->pooling, "pooling_mode_max_tokens", false) ||
	    json_get_bool(im->pooling, "pooling_mode_mean_sqrt_len_tokens", false) ||
	    json_get_bool(im->pooling, "pooling_mode_weightedmean_tokens", false) ||
	    json_get_bool(im->pooling, "pooling_mode_lasttoken", false))
		return fault(f, E_INVALID, "1_Pooling/config.json: neither the mean nor the first token alone");
	im->w->info.pooling = first ? POOL_FIRST : POOL_MEAN;
	return E_OK;
}

static enum err
read_tokenizer(struct import *im, struct fault *f)
{
	const json_t *accents = im->tokenizer != NULL ? json_object_get(im->tokenizer, "strip_accents") : NULL;
	bool lower = im->tokenizer == NULL || json_get_bool(im->tokenizer, "do_lower_case", true);

	if (json_is_boolean(accents) && json_is_true(accents) != lower)
		return fault(f, E_INVALID, "tokenizer_config.json: strip_accents and do_lower_case differ; "
		    "only both or neither is known here");
	im->w->info.lower = lower;
	return E_OK;
}

/* Whatever stands behind the pooling but the norm would change every vector. */
static enum err
read_modules(const struct import *im, struct fault *f)
{
	static const char *const fine[] = { ".Transformer", ".Pooling", ".Normalize" };
	size_t i;
	json_t *m;

	json_array_foreach(im->modules, i, m) {
		struct str type = json_get_str(m, "type");
		bool ok = false;

		for (size_t k = 0; k < sizeof(fine) / sizeof(fine[0]); k++)
			ok = ok || str_ends(type, str_from(fine[k]));
		if (!ok)
			return fault(f, E_INVALID, "modules.json: a module \"%.*s\" is not known here",
			    STR_ARG(str_clip_utf8(type, 64)));
	}
	return E_OK;
}

static enum err
read_vocabulary(struct import *im, struct fault *f)
{
	struct str rest = im->files->vocab, *tokens = arena_array(im->a, struct str, im->w->info.vocab);
	bool cls = false, sep = false, unk = false;
	uint32_t n = 0;

	for (; rest.n > 0; n++) {
		struct str line = str_cut(rest, '\n', &rest);

		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		if (n == im->w->info.vocab)
			return fault(f, E_INVALID, "vocab.txt has more than the %u tokens of the weights", n);
		if (line.n > ENCODER_TOKEN_BYTES_MAX || !str_utf8_valid(line, NULL))
			return fault(f, E_INVALID, "vocab.txt:%u: not a token (UTF-8 of at most %d bytes)", n + 1,
			    ENCODER_TOKEN_BYTES_MAX);
		cls = cls || str_eqz(line, "[CLS]");
		sep = sep || str_eqz(line, "[SEP]");
		unk = unk || str_eqz(line, "[UNK]");
		tokens[n] = line;
	}
	if (n < im->w->info.vocab)
		return fault(f, E_INVALID, "vocab.txt has %u tokens, the weights have %u", n, im->w->info.vocab);
	if (!cls || !sep || !unk)
		return fault(f, E_INVALID, "vocab.txt has no %s", !cls ? "[CLS]" : !sep ? "[SEP]" : "[UNK]");
	im->w->vocab = tokens;
	return E_OK;
}

static enum err
identify(struct import *im, struct fault *f)
{
	struct encoder_info *info = &im->w->info;
	const struct encoder_known *k;

	info->source = hash_of(im->a, im->files->weights);
	k = im->known = encoder_known(info->source);
	info->name = im->o->name.n > 0 ? im->o->name : str_from(k != NULL ? k->name : NULL);
	if (info->name.n == 0)
		info->name = im->files->name;
	info->precision = im->o->precision;
	if (k == NULL)
		return E_OK;
	info->licence = str_from(k->licence);
	info->prefix = str_from(k->prefix);
	if (!str_eqz(hash_of(im->a, im->files->vocab), k->vocab))
		return fault(f, E_INVALID, "vocab.txt is not the one that belongs to %s", k->name);
	return E_OK;
}

static enum err
import_all(struct import *im, struct fault *f)
{
	const struct encoder_part *parts;
	size_t n;

	TRY(identify(im, f));
	if (safetensors_parse(im->a, im->files->weights, &im->tensors, f) != E_OK)
		return fault_wrap(f, "model.safetensors");
	TRY(read_json(im, "config.json", im->files->config, &im->config, f));
	TRY(read_json(im, "1_Pooling/config.json", im->files->pooling, &im->pooling, f));
	TRY(read_json(im, "tokenizer_config.json", im->files->tokenizer, &im->tokenizer, f));
	TRY(read_json(im, "modules.json", im->files->modules, &im->modules, f));
	TRY(find_prefix(im, f));
	TRY(measure(im, f));
	TRY(read_config(im, f));
	TRY(read_pooling(im, f));
	TRY(read_tokenizer(im, f));
	TRY(read_modules(im, f));
	TRY(encoder_info_check(&im->w->info, f));
	TRY(read_vocabulary(im, f));
	parts = encoder_parts(im->a, im->w, &n);
	for (size_t i = 0; i < n; i++)
		TRY(import_part(im, &parts[i], f));
	return refuse_others(im, parts, n, f);
}

enum err
encoder_import(struct arena *a, const struct encoder_files *files, const struct encoder_options *o,
    struct encoder_weights *out, struct fault *f)
{
	struct import im = { .a = a, .files = files, .o = o, .w = out };

	*out = (struct encoder_weights){ 0 };
	if (files->weights.n == 0 || files->vocab.n == 0)
		return fault(f, E_INVALID, "no %s", files->weights.n == 0 ? "model.safetensors" : "vocab.txt");
	return import_all(&im, f);
}
