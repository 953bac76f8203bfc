/* SPDX-License-Identifier: Apache-2.0 */
/* users.c - the administrator's routes: who works here. */
#include "api/body.h"

#include "api/password.h"
#include "engine/policy_load.h"

#include <stdlib.h>

#define USER_INBOXES_MAX 16

enum err
users_get(struct request *rq, struct response *rs, struct fault *f)
{
	struct buf *out = wire_buf(rq->arena, ANSWER_MAX);
	struct user *users;
	size_t n;

	TRY(user_list(request_db(rq), rq->arena, &users, &n, f));
	buf_add_z(out, "{\"users\":[");
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_add_c(out, ',');
		wire_user(out, &users[i]);
	}
	buf_add_z(out, "]}");
	return response_json(rs, out, f);
}

struct user_new {
	struct arena *arena;	/* owns everything */
	struct api *api;
	struct reply_to to;
	struct user user;
	int64_t now_us;
};

static enum err
user_apply(struct db *db, void *arg, struct fault *f)
{
	struct user_new *u = arg;

	role_assert_writer();
	return user_create(db, &u->user, u->now_us, f);
}

static void
user_done(void *arg, enum err e, const struct fault *f)
{
	struct user_new *u = arg;
	struct arena *a = u->arena;
	struct buf out;

	if (e != E_OK) {
		api_fail(u->api, &u->to, e, f);
	} else {
		names_put(hub_names(u->api), u->user.id, u->user.name);
		buf_init(&out, 4096);
		buf_add_z(&out, "{\"user\":");
		wire_user(&out, &u->user);
		buf_add_c(&out, '}');
		api_reply(u->api, &u->to, 201, buf_str(&out));
		buf_free(&out);
	}
	arena_free(&a);
}

static enum err
user_inboxes(struct request *rq, struct user_new *u, struct fault *f)
{
	const json_t *list = json_object_get(rq->body, "inboxes");
	size_t n = json_array_size(list);
	struct policy_snapshot *snap;
	struct str *v;
	enum err e = E_OK;

	if (!json_is_array(list) || n > USER_INBOXES_MAX)
		return fault(f, E_INVALID, "inboxes: a list of at most %d inboxes", USER_INBOXES_MAX);
	v = arena_array(u->arena, struct str, n + 1);
	snap = engine_policy(rq->api->engine);
	for (size_t i = 0; i < n && e == E_OK; i++) {
		const char *id = json_string_value(json_array_get(list, i));

		if (id == NULL || policy_inbox(snap->policy, str_from(id)) < 0)
			e = fault(f, E_INVALID, "inboxes: there is no such inbox");
		else
			v[i] = str_dup(u->arena, str_from(id));
	}
	policy_snapshot_unref(&snap);
	u->user.inboxes = v;
	u->user.inboxes_n = n;
	return e;
}

static enum err
user_read(struct request *rq, struct user_new *u, struct fault *f)
{
	static const char *const allowed[] = { "email", "name", "role", "inboxes", "password", NULL };
	struct str email, name, role, password;

	TRY(json_only(rq->body, allowed, f));
	TRY(body_email(rq->body, "email", &email, f));
	TRY(json_need_str(rq->body, "name", 100, &name, f));
	TRY(text_check(name, "name", f));
	TRY(json_need_str(rq->body, "role", 16, &role, f));
	TRY(json_need_str(rq->body, "password", 200, &password, f));
	TRY(user_inboxes(rq, u, f));
	if (str_eqz(role, "administrator"))
		u->user.role = USER_ADMINISTRATOR;
	else if (str_eqz(role, "agent"))
		u->user.role = USER_AGENT;
	else
		return fault(f, E_INVALID, "role: agent or administrator");
	u->user.id = id_new(rq->api->rand);
	u->user.email = str_lower(u->arena, email);
	u->user.name = str_dup(u->arena, str_trim(name));
	u->user.available = true;
	return password_hash(rq->api->password, password, u->arena, &u->user.password, f);
}

enum err
users_post(struct request *rq, struct response *rs, struct fault *f)
{
	struct arena *a = arena_new((size_t)1 << 20);
	struct user_new *u = arena_new_of(a, struct user_new);
	enum err e;

	*u = (struct user_new){ .arena = a, .api = rq->api, .to = rq->to,
		.now_us = clock_now_us(rq->api->clock) };
	e = user_read(rq, u, f);
	if (e == E_OK && writer_submit(rq->api->writer, &(struct write_item){ .apply = user_apply,
	    .done = user_done, .arg = u }) != E_OK)
		e = fault(f, E_RETRY, "too much is waiting to be stored");
	if (e != E_OK)
		arena_free(&a);
	else
		rs->later = true;
	return e;
}
