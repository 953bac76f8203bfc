/* SPDX-License-Identifier: Apache-2.0 */
/* demo.c - baton demo: gives a copy of the demo shop its data, log-ins and history. */
#include "cli/admin.h"
#include "cli/cli.h"

#include "base/buf.h"
#include "engine/engine_private.h"
#include "rules/hours.h"
#include "store/extdb.h"
#include "store/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DEMO_FILE_MAX ((size_t)4 << 20)

static const struct {
	const char *email, *name, *role;
} demo_users[] = {
	{ "dana@halden.example", "Dana Keller", "agent" },
	{ "bo@halden.example", "Bo Lind", "agent" },
	{ "ada@halden.example", "Ada Moen", "administrator" },
};

static enum err
demo_shop(struct workspace *w, struct fault *f)
{
	const char *path = workspace_path(w, "shop.db");
	struct str sql;

	if (access(path, F_OK) == 0)
		return E_OK;
	TRY(file_read(workspace_path(w, "shop.sql"), DEMO_FILE_MAX, w->arena, &sql, f));
	return extdb_make(path, sql, f);
}

static enum err
demo_publish(struct workspace *w, struct fault *f)
{
	json_t *request = json_obj(w->arena), *out, *first;

	json_set_z(request, "cmd", "publish");
	json_set_z(request, "by", "demo");
	TRY(admin_call(w, request, w->arena, &out, f));
	first = json_array_get(json_object_get(out, "complaints"), 0);
	if (first != NULL)
		return fault(f, E_CONFIG, "%.*s:%lld: %.*s", STR_ARG(json_get_str(first, "file")),
		    (long long)json_get_i64(first, "line", 0), STR_ARG(json_get_str(first, "text")));
	return E_OK;
}

/* Made at the first start, kept where only the owner reads. */
static enum err
demo_logins(struct workspace *w, struct fault *f)
{
	const char *path = workspace_path(w, "logins.txt");
	struct buf text;
	enum err err = E_OK;

	if (access(path, F_OK) == 0)
		return E_OK;
	buf_init(&text, 4096);
	for (size_t i = 0; i < sizeof(demo_users) / sizeof(demo_users[0]) && err == E_OK; i++) {
		json_t *request = json_obj(w->arena), *inboxes = json_arr(w->arena), *out = NULL;

		json_push_str(inboxes, STR("halden"));
		json_set_z(request, "cmd", "user_add");
		json_set_z(request, "email", demo_users[i].email);
		json_set_z(request, "name", demo_users[i].name);
		json_set_z(request, "role", demo_users[i].role);
		json_set(request, "inboxes", inboxes);
		err = admin_call(w, request, w->arena, &out, f);
		if (err == E_OK)
			buf_fmt(&text, "%-22s %-12s %-14s %.*s\n", demo_users[i].email, demo_users[i].name,
			    demo_users[i].role, STR_ARG(json_get_str(out, "password")));
	}
	if (err == E_OK)
		err = file_write(path, buf_str(&text), 0600, f);
	buf_free(&text);
	return err;
}

/* ---- past hand-offs: weeks_ago,weekday,local_time,wait_seconds,reason ---- */

struct demo_waits {
	struct str csv, inbox;
	const struct zone *zone;
	const struct hours *hours;
	int64_t now_us;
	int line;
};

static bool
demo_weekday(struct str s, int *out)
{
	static const char *const days[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };

	for (int i = 0; i < 7; i++)
		if (str_eqz(s, days[i])) {
			*out = i;
			return true;
		}
	return false;
}

static enum err
demo_wait(struct db *db, struct demo_waits *d, struct str line, struct fault *f)
{
	struct str rest = line, weeks = str_cut(rest, ',', &rest), day = str_cut(rest, ',', &rest),
		   time = str_cut(rest, ',', &rest), wait = str_cut(rest, ',', &rest), minute,
		   hour = str_cut(time, ':', &minute);
	struct civil c = zone_civil(d->zone, d->now_us);
	int64_t weeks_n, hour_n, minute_n, wait_n, at;
	int weekday;

	if (!str_i64(weeks, &weeks_n) || !demo_weekday(day, &weekday) || !str_i64(hour, &hour_n) ||
	    !str_i64(minute, &minute_n) || !str_i64(wait, &wait_n))
		return fault(f, E_INVALID, "handoffs.csv:%d: expected weeks_ago,weekday,hh:mm,seconds,reason", d->line);
	c.day += weekday - c.weekday - 7 * (int)weeks_n;
	c.hour = (int)hour_n;
	c.minute = (int)minute_n;
	c.second = 0;
	at = zone_instant(d->zone, c);
	return wait_record(db, d->inbox, hours_class(d->zone, d->hours, at), at, wait_n, f);
}

static enum err
demo_waits_apply(struct db *db, void *arg, struct fault *f)
{
	struct demo_waits *d = arg;
	struct str rest = d->csv;

	role_assert_writer();
	d->line = 0;
	while (rest.p != NULL) {
		struct str line = str_trim(str_cut(rest, '\n', &rest));

		d->line++;
		if (line.n > 0 && d->line > 1)
			TRY(demo_wait(db, d, line, f));
	}
	return E_OK;
}

static enum err
demo_history(struct workspace *w, struct fault *f)
{
	struct writer_spec spec = { .db = workspace_db(w, true), .thread = true };
	struct demo_waits d = { .now_us = clock_now_us(clock_real()) };
	struct complaints *c = arena_zalloc(w->arena, sizeof(*c));
	struct policy_snapshot *snap = NULL;
	struct writer *writer;
	enum err err;

	complaints_init(c, w->arena);
	TRY(file_read(workspace_path(w, "handoffs.csv"), DEMO_FILE_MAX, w->arena, &d.csv, f));
	TRY(policy_load_dir(w->dir, c, &snap, f));
	d.inbox = snap->policy->inboxes[0].id;
	d.zone = snap->zones[0];
	d.hours = &snap->policy->inboxes[0].hours;
	err = writer_open(&spec, &writer, f);
	if (err == E_OK) {
		err = writer_call(writer, demo_waits_apply, &d, f);
		writer_close(&writer);
	}
	policy_snapshot_unref(&snap);
	return err;
}

static int
demo_run(int argc, char **argv)
{
	struct workspace w;
	struct fault f = { 0 };
	bool again;
	enum err err;

	if (argc != 2)
		return cli_usage(&cli_demo, "expected the folder with a copy of the demo");
	if (workspace_open(argv[1], &w, &f) != E_OK)
		return cli_fail(&cli_demo, &f);
	again = access(workspace_path(&w, "logins.txt"), F_OK) == 0;
	err = demo_shop(&w, &f);
	if (err == E_OK)
		err = workspace_lock(&w, &f);
	if (err == E_OK)
		err = demo_publish(&w, &f);
	if (err == E_OK && !again)
		err = demo_history(&w, &f);
	if (err == E_OK)
		err = demo_logins(&w, &f);
	workspace_close(&w);
	return err == E_OK ? CLI_OK : cli_fail(&cli_demo, &f);
}

const struct cli_command cli_demo = {
	.name = "demo",
	.summary = "Give a copy of the demo shop its data, log-ins and history",
	.usage = "DIR\n\n"
		 "DIR is a copy of demo/. Makes the shop's database, publishes, makes three\n"
		 "log-ins with fresh passwords (DIR/logins.txt, 0600) and loads past hand-offs.",
	.run = demo_run,
};
