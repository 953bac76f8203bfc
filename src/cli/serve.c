/* SPDX-License-Identifier: Apache-2.0 */
/* serve.c - baton serve: opens everything, runs the loop, closes everything.
 *
 * The order matters at both ends.  Opening goes up the house: store, pools,
 * surface, engine, addresses.  Closing first stops what comes in, then lets
 * what is under way come to rest, then goes down.  Whatever a stop cuts off
 * (a turn that waits for a timer) is in the record, and resumes.
 */
#include "cli/admin.h"
#include "cli/cli.h"
#include "cli/desk_settings.h"

#include "api/hub.h"
#include "base/json.h"
#include "base/log.h"
#include "nlu/embedder.h"
#include "store/extdb.h"

#include <malloc.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A turn is at most 8 steps, each a job, a write and its continuation. */
#define ROUNDS_TO_REST 40
#define TURN_NICE 5		/* docs/decisions/0009-a-turn-is-a-little-polite.md */
#define TRAIN_ARENA ((size_t)64 << 20)	/* reading a folder of sources; models have their own */
#define HEAP_KEPT (32 << 20)
#define HEAP_STEP (1 << 20)
#define HEAP_LARGE (4 << 20)	/* from here on a mapping of its own */
#define LOGINS_MAX ((size_t)64 * 1024)

struct serve {
	struct workspace w;
	struct desk_settings settings;
	struct setting_module mods[DESK_MODULES];
	struct writer *writer;
	struct db_readers *readers;
	struct job_pool *turns, *perceive, *slow, *train;
	struct extdb *ext;
	struct embedder *embedder;	/* NULL: words alone */
	struct loop *loop;
	struct api *api;
	struct api_later later;
	struct engine *engine;
	struct admin admin;
	struct control *control;
	int64_t started_us;
	bool stopping;
};

struct options {
	const char *dir;
	bool allow_root, insecure_http;
	char **set;		/* argv's "--section.key=value", compacted to the front */
	int set_n;
};

static bool
parse_options(int argc, char **argv, struct options *o)
{
	*o = (struct options){ .set = argv };
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--allow-root") == 0)
			o->allow_root = true;
		else if (strcmp(argv[i], "--insecure-http") == 0)
			o->insecure_http = true;
		else if (strncmp(argv[i], "--", 2) == 0 && strchr(argv[i], '=') != NULL)
			o->set[o->set_n++] = argv[i];
		else if (argv[i][0] == '-' || o->dir != NULL)
			return false;
		else
			o->dir = argv[i];
	}
	return true;
}

static enum err
read_settings(struct serve *s, const struct options *o, struct fault *f)
{
	struct str key, value;

	desk_settings_modules(&s->settings, s->mods);
	TRY(workspace_settings(&s->w, s->mods, DESK_MODULES, f));
	for (int i = 0; i < o->set_n; i++) {
		key = str_cut(str_from(o->set[i] + 2), '=', &value);
		TRY(settings_set(s->mods, DESK_MODULES, key, value, s->w.arena, f));
	}
	if (o->insecure_http)
		s->settings.api.insecure_http = true;
	return E_OK;
}

static enum err
open_store(struct serve *s, struct fault *f)
{
	struct writer_spec spec = { .db = workspace_db(&s->w, true), .thread = true };
	struct db_spec reader = workspace_db(&s->w, false);

	TRY(workspace_lock(&s->w, f));
	TRY(writer_open(&spec, &s->writer, f));
	TRY(db_readers_open(&reader, (size_t)s->settings.engine.readers, &s->readers, f));
	return extdb_open(&s->ext, f);
}

static void
open_pools(struct serve *s)
{
	s->turns = job_pool_new(&(struct job_pool_spec){ .name = "turns", .threads = 2 });
	s->perceive = job_pool_new(&(struct job_pool_spec){ .name = "perceive",
	    .threads = (unsigned)s->settings.engine.threads, .nice = TURN_NICE });
	s->slow = job_pool_new(&(struct job_pool_spec){ .name = "slow",
	    .threads = (unsigned)s->settings.api.hash_threads, .queue_max = 256 });
	s->train = job_pool_new(&(struct job_pool_spec){ .name = "train", .threads = 1, .nice = 19,
	    .arena_bytes = TRAIN_ARENA, .queue_max = 64 });
}

static enum err
open_desk(struct serve *s, struct fault *f)
{
	struct api_spec api = {
		.settings = &s->settings.api,
		.readers = s->readers,
		.writer = s->writer,
		.pool = s->turns,
		.slow = s->slow,
		.train = s->train,
		.embedder = s->embedder,
		.past_max = (size_t)s->settings.nlu.history_messages,
		.clock = clock_real(),
		.rand = rand_real(),
		.sockets = &socket_hooks,
		.workspace = s->w.dir,
	};
	struct engine_spec engine = {
		.writer = s->writer,
		.readers = s->readers,
		.turns = s->turns,
		.perceive = s->perceive,
		.embedder = s->embedder,
		.ext = s->ext,
		.later = &s->later.later,
		.clock = clock_real(),
		.rand = rand_real(),
		.workspace = s->w.dir,
		.join_us = s->settings.engine.join_ms * US_PER_MS,
		.publish = api_publish,
	};

	TRY(loop_new(&s->loop, f));
	api.loop = s->loop;
	api_later_init(&s->later, s->loop);
	TRY(api_open(&api, &s->api, f));
	engine.publish_ctx = s->api;
	TRY(engine_open(&engine, &s->engine, f));
	TRY(engine_start(s->engine, f));
	return api_listen(s->api, s->engine, f);
}

static enum err
open_control(struct serve *s, struct fault *f)
{
	s->admin = (struct admin){
		.dir = s->w.dir,
		.writer = s->writer,
		.readers = s->readers,
		.engine = s->engine,
		.embedder = s->embedder,
		.past_max = (size_t)s->settings.nlu.history_messages,
		.password = s->api->password,
		.clock = clock_real(),
		.rand = rand_real(),
	};
	return control_open(workspace_path(&s->w, "run/control.sock"), admin_commands, &s->admin,
	    &s->control, f);
}

static void
on_drained(void *arg)
{
	struct serve *s = arg;

	loop_stop(s->loop);
}

static void
on_signal(void *arg, int signo)
{
	struct serve *s = arg;

	/* The second one does not wait. */
	if (s->stopping) {
		loop_stop(s->loop);
		return;
	}
	s->stopping = true;
	fprintf(stderr, "baton serve: stopping (%s)\n", strsignal(signo));
	api_drain(s->api, on_drained, s);
}

static void
print_ready(struct serve *s)
{
	struct str logins;
	const struct api_settings *set = &s->settings.api;

	log_info(LOG_READY, K_I64("ms", (clock_mono_us(clock_real()) - s->started_us) / US_PER_MS),
	    K_STR("url", s->api->public_url), K_I64("port", s->api->port));
	printf("the desk  %.*s/console/\n", STR_ARG(s->api->public_url));
	if (set->shop_port > 0)
		printf("the shop  http://%.*s:%d/\n", STR_ARG(set->address), (int)set->shop_port);
	if (file_read(workspace_path(&s->w, "logins.txt"), LOGINS_MAX, s->w.arena, &logins,
	    NULL) == E_OK)
		printf("\n%.*s", STR_ARG(logins));
	printf("READY\n");
	(void)fflush(stdout);
}

static enum err
nothing(struct db *db, void *arg, struct fault *f)
{
	(void)db;
	(void)arg;
	(void)f;
	return E_OK;
}

/* Nothing comes in any more: lets jobs and writes that follow from each other
 * come to their end. */
static void
come_to_rest(struct serve *s)
{
	struct fault f;

	for (int i = 0; i < ROUNDS_TO_REST; i++) {
		job_pool_drain(s->turns);
		job_pool_drain(s->perceive);
		job_pool_drain(s->slow);
		job_pool_drain(s->train);
		if (writer_call(s->writer, nothing, NULL, &f) != E_OK)
			return;	/* the store is gone: there is nothing to wait for */
	}
}

static void
close_all(struct serve *s)
{
	control_close(&s->control);
	if (s->ext != NULL)
		extdb_close(&s->ext);
	if (s->writer != NULL && s->turns != NULL)
		come_to_rest(s);
	if (s->engine != NULL)
		engine_close(&s->engine);
	job_pool_free(&s->train);
	job_pool_free(&s->slow);
	job_pool_free(&s->perceive);
	job_pool_free(&s->turns);
	if (s->writer != NULL)
		writer_close(&s->writer);
	api_close(&s->api);
	loop_free(&s->loop);
	if (s->readers != NULL)
		db_readers_close(&s->readers);
	embedder_free(&s->embedder);
	workspace_close(&s->w);
}

static enum err
open_all(struct serve *s, const struct options *o, struct fault *f)
{
	TRY(read_settings(s, o, f));
	TRY(open_store(s, f));
	TRY(workspace_embedder(&s->w, s->settings.nlu.encoder, &s->embedder, f));
	open_pools(s);
	TRY(open_desk(s, f));
	TRY(open_control(s, f));
	TRY(loop_on_signal(s->loop, SIGTERM, on_signal, s, f));
	return loop_on_signal(s->loop, SIGINT, on_signal, s, f);
}

/* Every request and turn makes and drops a few arenas: without this, glibc gives
 * their pages back and takes them again each time. */
static void
keep_heap(void)
{
	(void)mallopt(M_TRIM_THRESHOLD, HEAP_KEPT);
	(void)mallopt(M_MMAP_THRESHOLD, HEAP_LARGE);
	(void)mallopt(M_TOP_PAD, HEAP_STEP);
	json_keep_blocks();
}

static int
serve_run(int argc, char **argv)
{
	struct serve s = { .started_us = clock_mono_us(clock_real()) };
	struct options o;
	struct fault f = { E_OK, "" };

	if (!parse_options(argc, argv, &o))
		return cli_usage(&cli_serve, "unknown option, or more than one folder");
	if (geteuid() == 0 && !o.allow_root)
		return cli_usage(&cli_serve, "refuses to run as root: use another user, or say "
		    "--allow-root");
	CHECK(sodium_init() >= 0);
	keep_heap();
	if (workspace_open(o.dir, &s.w, &f) != E_OK)
		return cli_fail(&cli_serve, &f);
	if (open_all(&s, &o, &f) != E_OK) {
		close_all(&s);
		return cli_fail(&cli_serve, &f);
	}
	print_ready(&s);
	loop_run(s.loop);
	close_all(&s);
	log_info(LOG_STOP, K_I64("up_s", (clock_mono_us(clock_real()) - s.started_us) / US_PER_S));
	return CLI_OK;
}

const struct cli_command cli_serve = {
	.name = "serve",
	.summary = "Run the desk",
	.usage = "[--allow-root] [--insecure-http] [--SECTION.KEY=VALUE ...] [DIR]\n\n"
		 "Serves the workspace DIR (default: this folder) until SIGTERM or SIGINT, which\n"
		 "let requests finish and tell every socket to come again.  `baton config` lists\n"
		 "the settings.",
	.run = serve_run,
};
