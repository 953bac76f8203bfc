/* SPDX-License-Identifier: Apache-2.0 */
/* session.c - agents sign in and out, and say whether they are there. */
#include "api/route.h"

#include "api/hub.h"
#include "api/password.h"
#include "base/role.h"
#include "base/log.h"
#include "engine/policy_load.h"
#include "model/people.h"
#include "rules/hours.h"

#include <string.h>

#define LATER_ARENA ((size_t)64 * 1024)

/* What outlives the job until the writer has answered: an arena of its own. */
struct later_write {
	struct arena *arena;
	struct api *api;
	struct reply_to to;
	struct session session;
	uint8_t cookie_hash[32];
	char token[TOKEN_LEN + 1];
	struct str json;
	struct id user;
	bool available;
	int64_t now_us;
};

static struct later_write *
later_new(struct request *rq, struct response *rs)
{
	struct arena *a = arena_new(LATER_ARENA);
	struct later_write *w = arena_new_of(a, struct later_write);

	w->arena = a;
	w->api = rq->api;
	w->to = rq->to;
	w->now_us = clock_now_us(rq->api->clock);
	rs->later = true;
	return w;
}

static void
later_free(struct later_write *w)
{
	struct arena *a = w->arena;

	arena_free(&a);
}

static enum err
later_submit(struct later_write *w, struct response *rs,
    enum err (*apply)(struct db *, void *, struct fault *),
    void (*done)(void *, enum err, const struct fault *), struct fault *f)
{
	struct write_item item = { .apply = apply, .done = done, .arg = w };

	if (writer_submit(w->api->writer, &item) == E_OK)
		return E_OK;
	rs->later = false;
	later_free(w);
	return fault(f, E_RETRY, "the writer's queue is full");
}

static json_t *
user_json(struct arena *a, struct id id, struct str name, struct str email, bool admin,
    bool available)
{
	json_t *o = json_obj(a);

	json_set_str(o, "id", id_str(a, id));
	json_set_str(o, "name", name);
	json_set_str(o, "email", email);
	json_set_z(o, "role", admin ? "administrator" : "agent");
	json_set_bool(o, "available", available);
	return o;
}

/* ---- signing in ---- */

static enum err
apply_create(struct db *db, void *arg, struct fault *f)
{
	struct later_write *w = arg;

	role_assert_writer();
	return session_create(db, &w->session, w->cookie_hash, w->now_us, f);
}

static void
created(void *arg, enum err e, const struct fault *f)
{
	struct later_write *w = arg;
	bool https = w->api->https;
	struct str cookie;

	if (e != E_OK) {
		api_fail(w->api, &w->to, e, f);
	} else {
		cookie = str_fmt(w->arena, "Set-Cookie: %s=%s; Path=/; HttpOnly; SameSite=Strict; "
		    "Max-Age=%ld%s\r\n", https ? COOKIE_SECURE : COOKIE_PLAIN, w->token,
		    SESSION_S, https ? "; Secure" : "");
		api_reply_headers(w->api, &w->to, 200, w->json, cookie);
		log_info(LOG_LOGIN_OK, K_I64("us", clock_now_us(w->api->clock) - w->now_us));
	}
	later_free(w);
}

static enum err
start_session(struct request *rq, struct response *rs, const struct user *u, struct fault *f)
{
	struct later_write *w = later_new(rq, rs);
	json_t *o = json_obj(rq->arena);

	token_new(rq->api->rand, w->token);
	sha256(w->token, TOKEN_LEN, w->cookie_hash);
	w->session.user = u->id;
	rand_bytes(rq->api->rand, w->session.csrf, sizeof(w->session.csrf));
	w->session.expires_us = w->now_us + SESSION_S * US_PER_S;
	json_set(o, "user", user_json(rq->arena, u->id, u->name, u->email,
	    u->role == USER_ADMINISTRATOR, u->available));
	json_set_str(o, "csrf", hex_str(rq->arena, w->session.csrf, sizeof(w->session.csrf)));
	w->json = str_dup(w->arena, json_text(rq->arena, o));
	return later_submit(w, rs, apply_create, created, f);
}

/* Only failures count, but each try takes its token first: a thousand guesses
 * at once must not all find the bucket full. */
struct login_keys {
	struct addr address;
	uint8_t account[32];
};

static enum err
login_take(struct request *rq, struct response *rs, const struct login_keys *k, struct fault *f)
{
	struct limits *l = rq->api->limits;

	TRY(limits_take(l, LIMIT_LOGIN, k->address.b, sizeof(k->address.b), &rs->retry_ms, f));
	return limits_take(l, LIMIT_LOGIN, k->account, sizeof(k->account), &rs->retry_ms, f);
}

static void
login_give_back(struct request *rq, const struct login_keys *k)
{
	struct limits *l = rq->api->limits;

	limits_give_back(l, LIMIT_LOGIN, k->address.b, sizeof(k->address.b));
	limits_give_back(l, LIMIT_LOGIN, k->account, sizeof(k->account));
}

enum err
session_post(struct request *rq, struct response *rs, struct fault *f)
{
	static const char *const fields[] = { "email", "password", NULL };
	struct str email, plain;
	struct login_keys keys;
	struct user u = { 0 };
	bool known;
	enum err e;

	TRY(json_only(rq->body, fields, f));
	TRY(json_need_str(rq->body, "email", 254, &email, f));
	TRY(json_need_str(rq->body, "password", 1024, &plain, f));
	/* A page of another site must not sign its visitor in. */
	if (!principal_origin_ok(rq->api, rq->http, true)) {
		rq->api->origin_refused++;
		return fault(f, E_DENIED, "This request comes from another site.");
	}
	email = str_lower(rq->arena, str_trim(email));
	keys.address = addr_limit_key(&rq->http->client);
	sha256(email.p, email.n, keys.account);
	TRY(login_take(rq, rs, &keys, f));
	e = user_by_email(request_db(rq), email, rq->arena, &u, f);
	if (e != E_OK && e != E_NOTFOUND)
		return e;
	known = e == E_OK && !u.revoked;
	db_return(rq->api->readers, &rq->db);	/* hashing takes long */
	/* Whoever it is, the same work and the same words. */
	if (!password_verify(rq->api->password, plain, known ? u.password : STR_NONE)) {
		log_info(LOG_LOGIN_BAD, K_I64("known", known));
		rq->who.who = WHO_NOBODY;
		return fault(f, E_DENIED, "The e-mail address or the password is wrong.");
	}
	login_give_back(rq, &keys);
	return start_session(rq, rs, &u, f);
}

/* ---- who am I ---- */

static json_t *
inboxes_json(struct request *rq)
{
	struct policy_snapshot *p = engine_policy(rq->api->engine);
	json_t *list = json_arr(rq->arena);

	for (size_t i = 0; p != NULL && i < p->policy->inboxes_n; i++) {
		const struct inbox_policy *in = &p->policy->inboxes[i];
		struct authz_thing thing = { .inbox = in->id };
		json_t *o, *languages;

		if (authz_check(&rq->who, AUTHZ_INBOX, &thing, NULL) != E_OK)
			continue;
		o = json_obj(rq->arena);
		languages = json_arr(rq->arena);
		for (size_t k = 0; k < in->languages_n; k++)
			json_push_str(languages, in->languages[k]);
		json_set_str(o, "id", in->id);
		json_set_str(o, "name", in->name);
		json_set_str(o, "team", in->team);
		json_set(o, "languages", languages);
		json_set_bool(o, "hours_open", hours_at(&in->hours, p->zones[i],
		    clock_now_us(rq->api->clock)).open);
		json_push(list, o);
	}
	policy_snapshot_unref(&p);
	return list;
}

enum err
session_get_route(struct request *rq, struct response *rs, struct fault *f)
{
	const struct principal *who = &rq->who;

	(void)f;
	rs->json = json_obj(rq->arena);
	json_set(rs->json, "user", user_json(rq->arena, who->id, who->name, who->email,
	    who->who == WHO_ADMIN, who->available));
	json_set_str(rs->json, "csrf", hex_str(rq->arena, who->csrf, sizeof(who->csrf)));
	json_set(rs->json, "inboxes", inboxes_json(rq));
	return E_OK;
}

/* ---- signing out ---- */

static enum err
apply_end(struct db *db, void *arg, struct fault *f)
{
	struct later_write *w = arg;

	role_assert_writer();
	return session_end(db, w->cookie_hash, f);
}

static void
ended(void *arg, enum err e, const struct fault *f)
{
	struct later_write *w = arg;
	struct str cookie = str_fmt(w->arena, "Set-Cookie: %s=; Path=/; HttpOnly; "
	    "SameSite=Strict; Max-Age=0%s\r\n", w->api->https ? COOKIE_SECURE : COOKIE_PLAIN,
	    w->api->https ? "; Secure" : "");

	if (e != E_OK)
		api_fail(w->api, &w->to, e, f);
	else
		api_reply_headers(w->api, &w->to, 204, STR_NONE, cookie);
	later_free(w);
}

enum err
session_delete(struct request *rq, struct response *rs, struct fault *f)
{
	struct later_write *w = later_new(rq, rs);

	memcpy(w->cookie_hash, rq->who.cookie_hash, sizeof(w->cookie_hash));
	return later_submit(w, rs, apply_end, ended, f);
}

/* ---- at the desk or not ---- */

static enum err
apply_available(struct db *db, void *arg, struct fault *f)
{
	struct later_write *w = arg;

	role_assert_writer();
	return user_set_available(db, w->user, w->available, w->now_us, f);
}

static void
available_set(void *arg, enum err e, const struct fault *f)
{
	struct later_write *w = arg;

	if (e != E_OK) {
		api_fail(w->api, &w->to, e, f);
	} else {
		/* Which inboxes: the seat knows, since its socket came. */
		engine_presence(w->api->engine, w->user, NULL, 0, 0, w->available ? 1 : 0);
		hub_desk_changed(w->api);
		api_reply(w->api, &w->to, 200, w->available ? STR("{\"available\":true}") :
		    STR("{\"available\":false}"));
	}
	later_free(w);
}

enum err
presence_put(struct request *rq, struct response *rs, struct fault *f)
{
	static const char *const fields[] = { "available", NULL };
	struct later_write *w;

	TRY(json_only(rq->body, fields, f));
	if (!json_is_boolean(json_object_get(rq->body, "available"))) {
		rs->field = "available";
		return fault(f, E_INVALID, "available must be true or false");
	}
	w = later_new(rq, rs);
	w->user = rq->who.id;
	w->available = json_get_bool(rq->body, "available", false);
	return later_submit(w, rs, apply_available, available_set, f);
}
