/* SPDX-License-Identifier: Apache-2.0 */
/* people_test.c - contacts, users, sessions; policies, articles, passages. */
#include "model/model_test.h"

struct doing {
	struct world *x;
	int what;
	int32_t version;
	uint8_t cookie[32];
};

static enum err
people(struct db *db, void *arg, struct fault *f)
{
	struct doing *d = arg;
	struct world *x = d->x;

	switch (d->what) {
	case 0:
		return user_create(db, &(struct user){ .id = id_new(rand_real()), .email = STR("DANA@example.org"),
		    .name = STR("Another"), .password = STR("x") }, x->now, f);
	case 1:
		return session_create(db, &(struct session){ .user = x->agent, .csrf = { 9 },
		    .expires_us = x->now + 100 }, d->cookie, x->now, f);
	case 2:
		return user_set_available(db, x->agent, true, x->now, f);
	case 3:
		return user_revoke(db, x->agent, x->now, f);
	case 4:
		return contact_identify(db, x->contact, STR("Ana Vik"), STR("ana@example.org"), x->now, f);
	case 5:
		return contact_set_tier(db, x->contact, STR("gold"), x->now, f);
	case 6:
		return identity_failure_add(db, STR("192.0.2.0"), x->now, f);
	default:
		return user_revoke(db, id_new(rand_real()), x->now, f);
	}
}

static enum err
do_it(struct world *x, int what)
{
	struct doing d = { .x = x, .what = what, .cookie = { 1, 2, 3 } };
	struct fault f;

	return writer_call(x->w, people, &d, &f);
}

static void
test_people(void **state)
{
	struct world *x = world_new(false);
	uint8_t cookie[32] = { 1, 2, 3 }, wrong[32] = { 1, 2, 4 };
	struct user u, *all;
	struct session s;
	struct contact c;
	struct str address;
	struct fault f;
	struct db *db;
	size_t n;
	int64_t failures;

	(void)state;
	assert_int_equal(do_it(x, 0), E_CONFLICT);	/* e-mails differ by case only */
	assert_int_equal(do_it(x, 1), E_OK);
	assert_int_equal(do_it(x, 2), E_OK);
	assert_int_equal(do_it(x, 4), E_OK);
	assert_int_equal(do_it(x, 5), E_OK);
	assert_int_equal(do_it(x, 6), E_OK);
	assert_int_equal(do_it(x, 7), E_NOTFOUND);
	(void)say(x, x->contact, "{\"text\":\"hi\"}");
	db = db_borrow(x->r);
	assert_int_equal(user_by_email(db, STR("dana@Example.org"), x->a, &u, &f), E_OK);
	assert_true(id_eq(u.id, x->agent) && u.available && !u.revoked && u.inboxes_n == 1);
	assert_int_equal(user_list(db, x->a, &all, &n, &f), E_OK);
	assert_int_equal(n, 2);
	assert_int_equal(session_get(db, cookie, x->now, x->a, &s, &f), E_DENIED);	/* over */
	assert_int_equal(session_get(db, cookie, T0, x->a, &s, &f), E_OK);
	assert_true(id_eq(s.user, x->agent) && s.csrf[0] == 9);
	assert_int_equal(session_get(db, wrong, T0, x->a, &s, &f), E_DENIED);
	assert_int_equal(contact_get(db, x->contact, x->a, &c, &f), E_OK);
	assert_true(c.verified && str_eqz(c.name, "Ana Vik") && str_eqz(c.tier, "gold"));
	assert_int_equal(c.version, 3);
	assert_int_equal(c.conversations, 1);
	assert_int_equal(contact_address(db, x->contact, x->a, &address, &f), E_OK);
	assert_true(str_eqz(address, "192.0.2.7"));
	assert_int_equal(identity_failures(db, STR("192.0.2.0"), T0 - 1, &failures, &f), E_OK);
	assert_int_equal(failures, 1);
	assert_int_equal(identity_failures(db, STR("192.0.2.1"), T0 - 1, &failures, &f), E_OK);
	assert_int_equal(failures, 0);
	db_return(x->r, &db);
	assert_int_equal(do_it(x, 3), E_OK);
	db = db_borrow(x->r);
	assert_int_equal(session_get(db, cookie, T0, x->a, &s, &f), E_DENIED);	/* ended with the user */
	db_return(x->r, &db);
	world_free(x);
}

struct publish {
	struct world *x;
	const char *text;
	int32_t version;
	bool none;
};

static enum err
publish(struct db *db, void *arg, struct fault *f)
{
	struct publish *p = arg;
	struct str question = STR("can I send it back"), id = STR("returns");
	struct passage_new passages[] = {
		{ STR("opened"), STR("Opened boxes"), str_from(p->text) },
		{ STR("costs"), STR("Costs"), STR("We pay for the parcel.") },
	};
	struct article_new n = { .id = id, .title = STR("Returns"), .language = STR("en"), .date = STR("2026-11-03"),
	    .body = str_from(p->text), .questions = &question, .questions_n = 1, .passages = passages, .passages_n = 2 };
	struct source_file file = { STR("policy/rules.yaml"), STR("a\0b") };
	struct policy_past past = { 900, 5000, 70, STR("beef") };

	if (p->none)
		return article_keep_only(db, NULL, 0, f);
	TRY(policy_store(db, str_from(p->text), &file, 1, STR("model\0bytes"), &past, STR("dana"), p->x->now, f));
	return article_store(db, &n, p->x->now, &p->version, f);
}

/* FTS5 and the index in memory must say the same. */
static size_t
search_both(struct world *x, const struct str *terms, size_t terms_n, struct passage_hit **v)
{
	struct db *db = db_borrow(x->r);
	struct passage_index *index;
	struct passage_hit *same;
	struct fault f = { 0 };
	size_t n, same_n;

	if (passage_search(db, terms, terms_n, 10, x->a, v, &n, &f) != E_OK ||
	    passage_index_new(db, x->a, &index, &f) != E_OK)
		fail_msg("%s", f.text);
	db_return(x->r, &db);
	passage_index_search(index, terms, terms_n, 10, x->a, &same, &same_n);
	assert_int_equal(same_n, n);
	for (size_t i = 0; i < n; i++) {
		assert_true(str_eq(same[i].passage.anchor, (*v)[i].passage.anchor));
		assert_true(str_eq(same[i].passage.text, (*v)[i].passage.text));
		assert_true(same[i].bm25 - (*v)[i].bm25 < 1e-9 && (*v)[i].bm25 - same[i].bm25 < 1e-9);
	}
	return n;
}

static size_t
passages(struct world *x, const char *term, struct passage_hit **v)
{
	struct str t = str_from(term);

	return search_both(x, &t, 1, v);
}

static void
test_library(void **state)
{
	struct world *x = world_new(false);
	struct publish p = { x, "Opened items can be returned for 30 days.", 0, false };
	struct passage_hit *v;
	struct source_file *files;
	struct article art;
	struct policy_past past;
	struct str hash, model;
	struct fault f = { 0 };
	struct db *db;
	int64_t df, total;
	size_t n;

	(void)state;
	assert_int_equal(writer_call(x->w, publish, &p, &f), E_OK);
	assert_int_equal(p.version, 1);
	assert_int_equal(writer_call(x->w, publish, &p, &f), E_OK);
	assert_int_equal(p.version, 1);			/* the same again: no new version */
	assert_int_equal(passages(x, "day", &v), 1);	/* "days", stemmed */
	assert_true(str_eqz(v[0].passage.anchor, "opened") && v[0].bm25 > 0);
	assert_true(str_eqz(v[0].questions, "can I send it back"));
	assert_int_equal(passages(x, "send", &v), 2);	/* the article's question counts for each */
	assert_int_equal(search_both(x, (struct str[]){ STR("parcel"), STR("day"), STR("return"), STR("x") }, 4, &v), 2);
	p.text = "Opened items can be returned for 60 weeks.";
	assert_int_equal(writer_call(x->w, publish, &p, &f), E_OK);
	assert_int_equal(p.version, 2);
	assert_int_equal(passages(x, "day", &v), 0);
	assert_int_equal(passages(x, "week", &v), 1);
	assert_int_equal(passages(x, "\" OR \"", &v), 0);
	db = db_borrow(x->r);
	assert_int_equal(article_get(db, STR("returns"), 1, x->a, &art, &f), E_OK);
	assert_true(art.version == 1 && art.current == 2 && str_find(art.body, STR("30 days")) > 0);
	assert_int_equal(article_get(db, STR("returns"), 0, x->a, &art, &f), E_OK);
	assert_int_equal(art.version, 2);
	assert_int_equal(article_get(db, STR("returns"), 3, x->a, &art, &f), E_NOTFOUND);
	assert_int_equal(passage_df(db, STR("week"), &df, &total, &f), E_OK);
	assert_true(df == 1 && total == 2);
	assert_int_equal(policy_read(db, STR_NONE, x->a, &hash, &files, &n, &model, &past, &f), E_OK);
	assert_true(str_eqz(hash, p.text) && n == 1 && files[0].bytes.n == 3 && model.n == 11);
	assert_true(past.to == 900 && past.max == 5000 && past.n == 70 && str_eqz(past.sum, "beef"));
	assert_int_equal(policy_read(db, STR("none"), x->a, &hash, &files, &n, &model, NULL, &f), E_NOTFOUND);
	db_return(x->r, &db);
	p.none = true;
	assert_int_equal(writer_call(x->w, publish, &p, &f), E_OK);
	assert_int_equal(passages(x, "week", &v), 0);
	p.none = false;
	assert_int_equal(writer_call(x->w, publish, &p, &f), E_OK);
	assert_int_equal(p.version, 2);
	assert_int_equal(passages(x, "week", &v), 1);	/* searched again */
	world_free(x);
}

struct renew {
	struct str hash, refused, is;
	bool renewed;
};

static enum err
renew(struct db *db, void *arg, struct fault *f)
{
	struct renew *n = arg;
	struct model_renewal r = { .hash = n->hash, .bytes = n->is, .past = { 800, 5000, 60, STR("feed") },
		.why = STR("made again") };

	sha256(n->refused.p, n->refused.n, r.refused);
	return policy_renew_model(db, &r, T0, &n->renewed, f);
}

/* Of two who saw the same refused model, the first one's stands. */
static void
test_renewed_model(void **state)
{
	struct world *x = world_new(false);
	struct publish p = { x, "Opened items can be returned for 30 days.", 0, false };
	struct str policy = str_from(p.text), hash, model;
	struct renew unseen = { policy, STR("another"), STR("wrong"), true },
		     none = { STR("none"), STR("model\0bytes"), STR("wrong"), true },
		     first = { policy, STR("model\0bytes"), STR("again"), false },
		     second = { policy, STR("model\0bytes"), STR("later"), true };
	struct source_file *files;
	struct policy_past past;
	struct fault f = { 0 };
	struct db *db;
	size_t n;

	(void)state;
	assert_int_equal(writer_call(x->w, publish, &p, &f), E_OK);
	assert_int_equal(writer_call(x->w, renew, &unseen, &f), E_OK);
	assert_int_equal(writer_call(x->w, renew, &none, &f), E_OK);
	assert_int_equal(writer_call(x->w, renew, &first, &f), E_OK);
	assert_int_equal(writer_call(x->w, renew, &second, &f), E_OK);
	assert_false(unseen.renewed || none.renewed || second.renewed);
	assert_true(first.renewed);
	db = db_borrow(x->r);
	assert_int_equal(policy_read(db, STR_NONE, x->a, &hash, &files, &n, &model, &past, &f), E_OK);
	assert_true(str_eq(hash, policy) && n == 1 && str_eqz(model, "again"));
	assert_true(past.to == 800 && past.max == 5000 && past.n == 60 && str_eqz(past.sum, "feed"));
	db_return(x->r, &db);
	world_free(x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_people),
		cmocka_unit_test(test_library),
		cmocka_unit_test(test_renewed_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
