/* SPDX-License-Identifier: Apache-2.0 */
/* event_test.c - the record: chain, seqs, dedupe, erasure, golden lines. */
#include "model/model_test.h"

#include "model/event_hash.h"

#include <pthread.h>
#include <sqlite3.h>
#include <sys/wait.h>

/* SQL on the file behind the program's back: what an attacker or a disk does. */
static void
tamper(struct world *x, const char *sql)
{
	sqlite3 *h = NULL;
	char *why = NULL;

	assert_int_equal(sqlite3_open(x->path, &h), SQLITE_OK);
	if (sqlite3_exec(h, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
	assert_int_equal(sqlite3_close(h), SQLITE_OK);
}

static int64_t
count(struct world *x, const char *sql)
{
	sqlite3 *h = NULL;
	sqlite3_stmt *p = NULL;
	int64_t n;

	assert_int_equal(sqlite3_open(x->path, &h), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(h, sql, -1, &p, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(p), SQLITE_ROW);
	n = sqlite3_column_int64(p, 0);
	(void)sqlite3_finalize(p);
	(void)sqlite3_close(h);
	return n;
}

static enum err
verify(struct world *x, struct id conv, struct fault *f)
{
	struct conv_row row = row_of(x, conv);
	struct db *db = db_borrow(x->r);
	enum err e = event_chain_verify(db, row.conv, x->a, f);

	db_return(x->r, &db);
	return e;
}

static void
test_open_and_read(void **state)
{
	struct world *x = world_new(false);
	struct id conv = say(x, x->contact, "{\"text\":\"h\\u00e9llo \\\"you\\\"\\nthere\"}");
	struct conv_row row = row_of(x, conv);
	struct db *db = db_borrow(x->r);
	struct event *v;
	size_t n;
	struct fault f;

	(void)state;
	assert_int_equal(row.last_seq, 2);
	assert_int_equal(row.last_customer_seq, 2);
	assert_int_equal(row.holder, HOLDER_AI);
	assert_true(str_eqz(row.preview, "h\xc3\xa9llo \"you\"\nthere"));
	assert_true(str_eqz(row.subject, "h\xc3\xa9llo \"you\"\nthere"));
	assert_int_equal(event_list(db, row.conv, 0, AUDIENCE_PUBLIC, 100, x->a, &v, &n, &f), E_OK);
	assert_int_equal(n, 2);
	assert_int_equal(v[0].kind, EV_CONV_OPENED);
	assert_int_equal(v[1].kind, EV_MSG_CUSTOMER);
	assert_int_equal(v[1].seq, 2);
	assert_true(v[1].gid > v[0].gid);
	assert_int_equal(event_list(db, row.conv, 1, AUDIENCE_PUBLIC, 100, x->a, &v, &n, &f), E_OK);
	assert_int_equal(n, 1);
	db_return(x->r, &db);
	/* the same visitor again: the same conversation */
	assert_true(id_eq(say(x, x->contact, "{\"text\":\"more\"}"), conv));
	world_free(x);
}

static void
test_audiences(void **state)
{
	struct world *x = world_new(false);
	struct id conv = say(x, x->contact, "{\"text\":\"hi\"}");
	struct event *v;
	size_t n[3];
	struct fault f;

	(void)state;
	assert_int_equal(post(x, conv, EV_NOTE, AGENT(x), 0, "{\"text\":\"secret\"}"), E_OK);
	assert_int_equal(post(x, conv, EV_PERCEIVED, AI, 1, "{}"), E_OK);
	for (int a = 0; a < 3; a++) {
		struct db *db = db_borrow(x->r);

		assert_int_equal(event_list(db, 1, 0, (enum audience)a, 100, x->a, &v, &n[a], &f), E_OK);
		db_return(x->r, &db);
	}
	assert_int_equal(n[0], 2);
	assert_int_equal(n[1], 3);
	assert_int_equal(n[2], 4);
	assert_int_equal(row_of(x, conv).last_public_seq, 2);
	world_free(x);
}

static void
test_chain(void **state)
{
	static const char *const harm[][2] = {
		{ "UPDATE event_body SET body = '{\"text\":\"forged\"}' WHERE gid = 2", "event 2: the body" },
		{ "UPDATE event SET at_us = at_us + 1 WHERE seq = 3", "event 3: the chain" },
		{ "UPDATE event SET audience = 1 WHERE seq = 2", "event 2: the chain" },
		{ "PRAGMA foreign_keys=0; DELETE FROM event WHERE seq = 2", "event 2 is missing" },
		{ "PRAGMA foreign_keys=0; DELETE FROM event WHERE seq = 3", "event 3 is missing" },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(harm) / sizeof(harm[0]); i++) {
		struct world *x = world_new(false);
		struct id conv = say(x, x->contact, "{\"text\":\"one\"}");
		struct fault f = { 0 };

		assert_int_equal(post(x, conv, EV_MSG_AI, AI, 0, "{\"text\":\"two\"}"), E_OK);
		assert_int_equal(verify(x, conv, &f), E_OK);
		tamper(x, harm[i][0]);
		assert_int_equal(verify(x, conv, &f), E_INVALID);
		assert_non_null(strstr(f.text, harm[i][1]));
		world_free(x);
	}
}

static void
test_erasure_keeps_the_chain(void **state)
{
	struct world *x = world_new(false);
	struct id conv = say(x, x->contact, "{\"text\":\"my secret\"}");
	struct event *v;
	struct db *db;
	size_t n;
	struct fault f = { 0 };

	(void)state;
	tamper(x, "DELETE FROM event_body WHERE gid = 2");
	assert_int_equal(verify(x, conv, &f), E_OK);
	db = db_borrow(x->r);
	assert_int_equal(event_list(db, 1, 1, AUDIENCE_PUBLIC, 9, x->a, &v, &n, &f), E_OK);
	assert_true(v[0].erased);
	assert_int_equal(v[0].body.n, 0);
	db_return(x->r, &db);
	world_free(x);
}

static void
test_resume_tokens(void **state)
{
	struct world *x = world_new(false);
	struct db *db;
	struct str token, other;
	struct fault f;
	int32_t seq;

	(void)state;
	(void)say(x, x->contact, "{\"text\":\"one\"}");
	(void)say(x, id_new(rand_real()), "{\"text\":\"one\"}");
	db = db_borrow(x->r);
	assert_int_equal(event_resume_token(db, 1, 2, x->a, &token, &f), E_OK);
	assert_int_equal(event_resume_token(db, 2, 2, x->a, &other, &f), E_OK);
	assert_int_equal(event_resume_seq(db, 1, token, &seq, &f), E_OK);
	assert_int_equal(seq, 2);
	assert_int_equal(event_resume_seq(db, 1, other, &seq, &f), E_NOTFOUND);
	assert_int_equal(event_resume_seq(db, 1, STR("3.0011223344556677"), &seq, &f), E_NOTFOUND);
	assert_int_equal(event_resume_seq(db, 1, STR("nonsense"), &seq, &f), E_NOTFOUND);
	db_return(x->r, &db);
	world_free(x);
}

static struct batch *
with_cmid(struct world *x, const char *cmid, const char *body)
{
	struct batch *b = batch_of((struct id){ { 0 } }, EV_MSG_CUSTOMER, CUSTOMER(x), body);

	b->open = true;
	b->contact = b->principal = x->contact;
	b->inbox = INBOX;
	b->at_us = x->now;
	b->has_cmid = true;
	memcpy(b->cmid.b, cmid, 16);
	sha256(body, strlen(body), b->request_hash);
	return b;
}

/* R6 */
static void
test_same_cmid_other_body(void **state)
{
	struct world *x = world_new(false);
	struct batch *one = with_cmid(x, "0123456789abcdef", "{\"text\":\"a\"}");
	struct batch *again = with_cmid(x, "0123456789abcdef", "{\"text\":\"a\"}");
	struct batch *other = with_cmid(x, "0123456789abcdef", "{\"text\":\"b\"}");
	struct fault f;

	(void)state;
	assert_int_equal(submit(x, one, &f), E_OK);
	assert_false(one->replayed);
	assert_int_equal(one->seq, 2);
	assert_int_equal(submit(x, again, &f), E_OK);
	assert_true(again->replayed);
	assert_int_equal(again->seq, 2);
	assert_true(again->at_us == one->at_us);
	assert_true(id_eq(again->conv, one->conv));
	assert_int_equal(submit(x, other, &f), E_CONFLICT);
	assert_string_equal(f.text, "this cmid was used for another request");
	assert_int_equal(count(x, "SELECT count(*) FROM event"), 2);
	batch_free(&one);
	batch_free(&again);
	batch_free(&other);
	world_free(x);
}

static void *
post_one(void *arg)
{
	struct world *x = arg;
	struct batch *b = with_cmid(x, "0123456789abcdef", "{\"text\":\"a\"}");
	struct fault f;
	intptr_t seq;

	seq = writer_call(x->w, apply_batch, b, &f) == E_OK ? b->seq : -1;
	batch_free(&b);
	return (void *)seq;
}

/* R7 */
static void
test_one_cmid_from_a_hundred_threads(void **state)
{
	struct world *x = world_new(true);
	pthread_t t[100];

	(void)state;
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(pthread_create(&t[i], NULL, post_one, x), 0);
	for (size_t i = 0; i < 100; i++) {
		void *seq;

		assert_int_equal(pthread_join(t[i], &seq), 0);
		assert_int_equal((intptr_t)seq, 2);
	}
	assert_int_equal(count(x, "SELECT count(*) FROM event WHERE kind = 'message.customer'"), 1);
	assert_int_equal(count(x, "SELECT count(*) FROM conversation"), 1);
	world_free(x);
}

/* R5: killed at each commit boundary, then the client sends it again. */
static void
test_killed_around_the_commit(void **state)
{
	static const struct { const char *at; bool stored; } cases[] = {
		{ "writer_before_apply:kill@1", false },
		{ "writer_before_commit:kill@1", false },
		{ "writer_after_commit:kill@1", true },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world *x = world_new(false);
		struct batch *b = with_cmid(x, "0123456789abcdef", "{\"text\":\"a\"}");
		struct fault f;
		int status = 0;
		pid_t pid;

		world_close(x);
		pid = fork();
		if (pid == 0) {
			struct db_spec spec = model_db_spec(x->path, true, true);
			struct writer *w;

			if (writer_open(&(struct writer_spec){ .db = spec }, &w, &f) != E_OK ||
			    !failpoint_arm(cases[i].at))
				_exit(2);
			(void)!writer_call(w, apply_batch, b, &f);
			_exit(3);	/* it survived */
		}
		assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == 9);
		world_open(x, false);
		assert_int_equal(count(x, "SELECT count(*) FROM event WHERE kind = 'message.customer'"),
		    cases[i].stored);
		assert_int_equal(submit(x, b, &f), E_OK);
		assert_int_equal(b->replayed, cases[i].stored);
		assert_int_equal(b->seq, 2);
		assert_int_equal(count(x, "SELECT count(*) FROM event WHERE kind = 'message.customer'"), 1);
		batch_free(&b);
		world_free(x);
	}
}

/* The layout must never move: a fixed event, its header and hashes. */
static void
test_hash_vector(void **state)
{
	struct arena *a = arena_new(0);
	struct event e = {
		.seq = 7, .at_us = INT64_C(1790000000123456), .actor = { ACTOR_AGENT, { "agent-id-16-byte" } },
		.conv_id = { "conv-id--16-byte" }, .audience = AUDIENCE_AGENTS, .kind = EV_NOTE, .v = 1, .turn = 3,
		.policy_hash = STR("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"),
		.cmid = { "cmid-----16-byte" }, .has_cmid = true,
	};
	uint8_t salt[16] = "salt-----16-byt", previous[32] = "the hash of the event before it", head[EVENT_HEADER_BYTES];
	uint8_t body_hash[32], hash[32];
	char got[1024], want[1024] = { 0 };
	FILE *file = fopen("test/events/hash.golden", "r");
	struct fault f;

	(void)state;
	assert_int_equal(event_header(&e, head, &f), E_OK);
	event_body_hash(salt, STR("{\"text\":\"hello\"}"), body_hash);
	assert_int_equal(event_hash(previous, &e, body_hash, hash, &f), E_OK);
	snprintf(got, sizeof(got), "header %s\nbody_hash %s\nhash %s\n", hex_str(a, head, sizeof(head)).p,
	    hex_str(a, body_hash, 32).p, hex_str(a, hash, 32).p);
	if (file == NULL)
		fail_msg("test/events/hash.golden is missing; this would be it:\n%s", got);
	assert_true(fread(want, 1, sizeof(want) - 1, file) > 0);
	(void)fclose(file);
	assert_string_equal(got, want);
	e.policy_hash = STR("draft");
	assert_int_equal(event_header(&e, head, &f), E_INVALID);
	arena_free(&a);
}

/* Every kind and version ever released has a line that can still be read. */
static void
test_golden_lines(void **state)
{
	struct arena *a = arena_new(0);
	bool seen[EV_N] = { false };
	char line[8192];
	FILE *file = fopen("test/events/kinds.golden", "r");

	(void)state;
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		struct str rest, kind = str_cut(str_trim(str_from(line)), ' ', &rest), body;
		struct str version = str_cut(rest, ' ', &body), now;
		enum event_kind k;
		struct fault f = { 0 };
		int64_t v = 0;

		if (!event_kind_parse(kind, &k) || !str_i64(version, &v))
			fail_msg("not a kind, a version and a body: %s", line);
		if (event_upcast(k, (int)v, body, a, &now, &f) != E_OK)
			fail_msg("%s", f.text);
		assert_true(now.n > 1 && now.p[0] == '{' && now.p[now.n - 1] == '}');
		if (v == event_version(k))
			seen[k] = true;
	}
	(void)fclose(file);
	for (unsigned k = 0; k < EV_N; k++)
		if (!seen[k])
			fail_msg("test/events/kinds.golden has no line for %s %d", event_kind_name((enum event_kind)k),
			    event_version((enum event_kind)k));
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open_and_read),
		cmocka_unit_test(test_audiences),
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_erasure_keeps_the_chain),
		cmocka_unit_test(test_resume_tokens),
		cmocka_unit_test(test_same_cmid_other_body),
		cmocka_unit_test(test_one_cmid_from_a_hundred_threads),
		cmocka_unit_test(test_killed_around_the_commit),
		cmocka_unit_test(test_hash_vector),
		cmocka_unit_test(test_golden_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
