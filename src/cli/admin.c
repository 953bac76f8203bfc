/* SPDX-License-Identifier: Apache-2.0 */
/* admin.c - the commands that write. */
#include "cli/admin.h"

#include "api/password.h"
#include "cli/desk_settings.h"
#include "engine/engine.h"
#include "engine/published.h"
#include "model/people.h"
#include "nlu/embedder.h"
#include "store/writer.h"

#include <string.h>
#include <unistd.h>

#define PASSWORD_GENERATED 20

/* ---- user_add: {"email","name","role","inboxes":[...],"password"?} ---- */

struct new_user {
	struct user u;
	int64_t now_us;
};

static enum err
user_apply(struct db *db, void *arg, struct fault *f)
{
	struct new_user *n = arg;

	role_assert_writer();
	return user_create(db, &n->u, n->now_us, f);
}

static bool
email_plausible(struct str s)
{
	struct str host, name = str_cut(s, '@', &host);

	return name.n > 0 && host.n > 2 && str_find(host, STR(".")) > 0 && str_find(host, STR("@")) < 0 &&
	    str_find(s, STR(" ")) < 0 && s.n <= 254;
}

/* 20 characters of 32: 100 bits, without letters that are mistaken for others. */
static struct str
password_new_text(struct rand *r, struct arena *a)
{
	static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789A";
	char *z = arena_alloc(a, PASSWORD_GENERATED + 1);
	uint8_t raw[PASSWORD_GENERATED];

	rand_bytes(r, raw, sizeof(raw));
	for (size_t i = 0; i < sizeof(raw); i++)
		z[i] = letters[raw[i] & 31];
	z[PASSWORD_GENERATED] = '\0';
	return str_from(z);
}

static enum err
user_inboxes(const json_t *in, struct arena *a, struct user *u, struct fault *f)
{
	const json_t *v = json_object_get(in, "inboxes");
	struct str *ids = arena_array(a, struct str, json_array_size(v) + 1);

	for (size_t i = 0; i < json_array_size(v); i++) {
		const json_t *one = json_array_get(v, i);

		if (!json_is_string(one))
			return fault(f, E_INVALID, "inboxes: expected names");
		ids[u->inboxes_n++] = (struct str){ json_string_value(one), json_string_length(one) };
	}
	u->inboxes = ids;
	return E_OK;
}

/* A slip in an inbox's name would make somebody who sees nothing.  Nothing is asked of
 * a policy with mistakes in it, which may be half written. */
static enum err
user_inboxes_known(const char *dir, struct arena *a, const struct user *u, struct fault *f)
{
	struct complaints *c = arena_zalloc(a, sizeof(*c));
	struct policy_snapshot *snap = NULL;
	struct fault ignored = { 0 };
	struct str known = STR_NONE;
	enum err err = E_OK;

	complaints_init(c, a);
	if (u->inboxes_n == 0 || policy_load_dir(dir, c, &snap, &ignored) != E_OK || c->n > 0) {
		policy_snapshot_unref(&snap);
		return E_OK;
	}
	for (size_t i = 0; i < snap->policy->inboxes_n; i++)
		known = str_fmt(a, "%S%s%S", known, i > 0 ? ", " : "", snap->policy->inboxes[i].id);
	for (size_t i = 0; i < u->inboxes_n && err == E_OK; i++)
		if (policy_inbox(snap->policy, u->inboxes[i]) < 0)
			err = fault(f, E_NOTFOUND, "there is no inbox \"%.*s\"; there is: %.*s",
			    STR_ARG(str_clip_utf8(u->inboxes[i], 64)), STR_ARG(str_clip_utf8(known, 300)));
	policy_snapshot_unref(&snap);
	return err;
}

static enum err
user_add(void *ctx, const json_t *in, struct arena *a, json_t **out, struct fault *f)
{
	struct admin *ad = ctx;
	struct new_user n = { .now_us = clock_now_us(ad->clock) };
	struct str role = json_get_str(in, "role"), plain = json_get_str(in, "password");
	bool made = plain.n == 0;

	n.u.id = id_new(ad->rand);
	n.u.email = str_lower(a, json_get_str(in, "email"));
	n.u.name = str_trim(json_get_str(in, "name"));
	n.u.available = true;
	if (!email_plausible(n.u.email))
		return fault(f, E_INVALID, "\"%.*s\" is not an e-mail address", STR_ARG(n.u.email));
	if (n.u.name.n == 0 || n.u.name.n > 100)
		return fault(f, E_INVALID, "a name of 1 to 100 bytes is needed: customers see it");
	if (!str_eqz(role, "agent") && !str_eqz(role, "administrator"))
		return fault(f, E_INVALID, "role: expected agent or administrator");
	n.u.role = str_eqz(role, "agent") ? USER_AGENT : USER_ADMINISTRATOR;
	TRY(user_inboxes(in, a, &n.u, f));
	TRY(user_inboxes_known(ad->dir, a, &n.u, f));
	if (made)
		plain = password_new_text(ad->rand, a);
	TRY(password_hash(ad->password, plain, a, &n.u.password, f));
	TRY(writer_call(ad->writer, user_apply, &n, f));
	*out = json_obj(a);
	json_set_str(*out, "id", id_str(a, n.u.id));
	if (made)
		json_set_str(*out, "password", plain);
	return E_OK;
}

/* ---- user_revoke: {"email"}: ends the account, its sessions and sockets ---- */

struct gone_user {
	struct arena *a;
	struct str email;
	int64_t now_us;
};

static enum err
revoke_apply(struct db *db, void *arg, struct fault *f)
{
	struct gone_user *g = arg;
	struct user u;

	role_assert_writer();
	TRY(user_by_email(db, g->email, g->a, &u, f));
	return user_revoke(db, u.id, g->now_us, f);
}

static enum err
user_revoke_command(void *ctx, const json_t *in, struct arena *a, json_t **out, struct fault *f)
{
	struct admin *ad = ctx;
	struct gone_user g = { a, str_lower(a, json_get_str(in, "email")), clock_now_us(ad->clock) };

	*out = json_obj(a);
	return writer_call(ad->writer, revoke_apply, &g, f);
}

/* ---- publish: {} reads the workspace's files ---- */

static json_t *
complaints_json(const struct complaints *c, struct arena *a)
{
	json_t *v = json_arr(a);

	for (size_t i = 0; i < c->n; i++) {
		json_t *one = json_obj(a);

		json_set_str(one, "file", c->v[i].file);
		json_set_i64(one, "line", c->v[i].line);
		json_set_str(one, "text", c->v[i].text);
		json_push(v, one);
	}
	return v;
}

static enum err
publish(void *ctx, const json_t *in, struct arena *a, json_t **out, struct fault *f)
{
	struct admin *ad = ctx;
	struct complaints *c = arena_zalloc(a, sizeof(*c));
	struct publish_result result;
	struct policy_source *v;
	size_t n;
	enum err err;

	complaints_init(c, a);
	TRY(policy_read_dir(ad->dir, a, &v, &n, f));
	err = publish_sources(&(struct publish_spec){ .writer = ad->writer, .readers = ad->readers,
	    .embedder = ad->embedder, .past_max = ad->past_max, .v = v, .n = n, .by = json_get_str(in, "by"),
	    .now_us = clock_now_us(ad->clock) }, c, a, &result, f);
	*out = json_obj(a);
	if (c->n > 0) {
		/* Mistakes are the answer, not a failure of the command. */
		complaints_sort(c);
		json_set(*out, "complaints", complaints_json(c, a));
		json_set_i64(*out, "more", (int64_t)c->more);
		return E_OK;
	}
	TRY(err);
	if (ad->engine != NULL)
		TRY(engine_reload(ad->engine, f));
	json_set_str(*out, "policy", result.hash);
	json_set_i64(*out, "intents", (int64_t)result.intents);
	json_set_i64(*out, "examples", (int64_t)result.examples);
	json_set_i64(*out, "articles", (int64_t)result.articles);
	json_set_i64(*out, "past", (int64_t)result.past);
	json_set_i64(*out, "past_left", (int64_t)result.past_left);
	json_set_bool(*out, "live", ad->engine != NULL);
	return E_OK;
}

const struct control_command admin_commands[] = {
	{ "user_add", user_add },
	{ "user_revoke", user_revoke_command },
	{ "publish", publish },
	{ NULL, NULL },
};

/* ---- when no server runs ---- */

static enum err
admin_alone(struct workspace *w, const json_t *request, struct arena *a, json_t **out, struct fault *f)
{
	struct admin ad = { .dir = w->dir, .clock = clock_real(), .rand = rand_real() };
	struct writer_spec spec = { .db = workspace_db(w, true), .thread = true };
	struct str cmd = json_get_str(request, "cmd");
	struct db_spec reading = workspace_db(w, false);
	struct desk_settings settings;
	struct setting_module mods[DESK_MODULES];
	enum err err = E_NOTFOUND;
	bool mine = w->lock < 0;

	desk_settings_modules(&settings, mods);
	TRY(workspace_settings(w, mods, DESK_MODULES, f));
	if (mine)
		TRY(workspace_lock(w, f));
	TRY(workspace_embedder(w, settings.nlu.encoder, &ad.embedder, f));
	ad.past_max = (size_t)settings.nlu.history_messages;
	TRY(writer_open(&spec, &ad.writer, f));
	TRY(db_readers_open(&reading, 1, &ad.readers, f));
	ad.password = password_new(1);
	for (const struct control_command *c = admin_commands; c->name != NULL; c++)
		if (str_eqz(cmd, c->name))
			err = c->run(&ad, request, a, out, f);
	password_free(&ad.password);
	db_readers_close(&ad.readers);
	writer_close(&ad.writer);
	embedder_free(&ad.embedder);
	if (mine) {
		close(w->lock);
		w->lock = -1;
	}
	return err;
}

enum err
admin_call(struct workspace *w, json_t *request, struct arena *a, json_t **out, struct fault *f)
{
	enum err err = E_RETRY;

	if (w->lock < 0)
		err = control_call(workspace_path(w, "run/control.sock"), request, a, out, f);
	if (err == E_RETRY)
		err = admin_alone(w, request, a, out, f);
	return err;
}
