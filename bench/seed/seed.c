/* SPDX-License-Identifier: Apache-2.0 */
/* seed.c - fills a store with conversations, so that lists and searches have work.
 *
 *	seed STORE.db INBOX CONVERSATIONS
 *
 * Five messages a conversation, through batch_apply like any other, so that chain,
 * projections and the words index are what they would be.  Of 20 conversations
 * 17 are resolved, 2 wait for a person, 1 is with the AI.  The words follow Zipf's law
 * over 20,000 made-up ones, and one in three comes from a support desk's daily
 * vocabulary; "refund" stands in about 1 message of 100.
 * Not durable while it runs: the server must not be running.
 */
#include "base/clock.h"
#include "model/event.h"
#include "model/people.h"
#include "model/store_spec.h"
#include "store/writer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGES 5
#define AHEAD 4096	/* items in the writer's queue */
#define WORDS 20000
#define TEXT_MAX 400

static struct str inbox;
static int64_t begin_us;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t room = PTHREAD_COND_INITIALIZER;
static size_t waiting;		/* under lock */

static const char *const daily[] = { "the", "my", "order", "it", "is", "i", "you", "to", "and", "a", "not",
	"parcel", "tent", "jacket", "boots", "size", "return", "address", "email", "delivery", "where", "when",
	"please", "thanks", "zip", "broken", "wrong", "colour", "exchange", "card", "payment", "invoice",
	"label", "courier", "yesterday", "week", "still", "waiting", "arrived", "sleeping", "bag", "stove",
	"pole", "voucher", "discount", "cancel", "shop", "stock", "sent", "back" };

static uint64_t
dice(void)
{
	static uint64_t x = 0x9e3779b97f4a7c15U;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x >> 11;
}

/* Rank r of n with a probability of about 1/r. */
static uint64_t
zipf(uint64_t n)
{
	uint64_t bits = 0, top = n;

	while (top > 1) {
		top >>= 1;
		bits++;
	}
	return (((uint64_t)1 << (dice() % bits)) | (dice() & (((uint64_t)1 << (dice() % bits)) - 1))) % n;
}

static void
add_word(char *to, size_t *n, size_t max)
{
	static const char *const syllables[] = { "ka", "lo", "mi", "ten", "ra", "su", "vel", "do", "pin", "gar",
		"el", "os", "tri", "ba", "ne", "fu" };
	char word[32] = "";
	uint64_t r = zipf(WORDS);

	if (dice() % 1200 == 0)
		(void)snprintf(word, sizeof(word), "refund");
	else if (dice() % 3 == 0)
		(void)snprintf(word, sizeof(word), "%s", daily[dice() % (sizeof(daily) / sizeof(daily[0]))]);
	else
		for (size_t at = 0; r > 0 && at < 20; r >>= 4)
			at += (size_t)snprintf(word + at, sizeof(word) - at, "%s", syllables[r & 15]);
	if (*n + strlen(word) + 2 < max && word[0] != '\0')
		*n += (size_t)snprintf(to + *n, max - *n, "%s%s", *n > 0 ? " " : "", word);
}

/* {"text":"..."}: nothing in it needs an escape. */
static struct str
body(struct arena *a)
{
	char text[TEXT_MAX] = "";
	size_t n = 0, words = 4 + dice() % 16;

	for (size_t i = 0; i < words; i++)
		add_word(text, &n, sizeof(text));
	return str_fmt(a, "{\"text\":\"%s\"}", text);
}

struct one {
	struct batch *batch;
	struct visitor visitor;
	uint8_t token_hash[32];
	int64_t number;
};

static enum err
apply(struct db *db, void *arg, struct fault *f)
{
	struct one *o = arg;
	struct arena *a = o->batch->arena;

	role_assert_writer();
	TRY(visitor_create(db, &o->visitor, o->token_hash, STR("en"), o->batch->at_us, f));
	TRY(contact_identify(db, o->visitor.contact, str_fmt(a, "Person %ld", o->number),
	    str_fmt(a, "person%ld@mail.example", o->number), o->batch->at_us, f));
	return batch_apply(db, o->batch, f);
}

static void
done(void *arg, enum err e, const struct fault *f)
{
	struct one *o = arg;

	if (e != E_OK) {
		fprintf(stderr, "seed: %s\n", f->text);
		exit(1);
	}
	batch_free(&o->batch);
	free(o);
	(void)pthread_mutex_lock(&lock);
	waiting--;
	(void)pthread_cond_signal(&room);
	(void)pthread_mutex_unlock(&lock);
}

static struct one *
make(int64_t i)
{
	static const struct id none;
	struct one *o = calloc(1, sizeof(*o));
	struct actor customer = { .type = ACTOR_CUSTOMER }, ai = { .type = ACTOR_AI };
	struct actor system = { .type = ACTOR_SYSTEM };
	struct batch *b = o->batch = batch_new(none);

	o->number = i;
	o->visitor = (struct visitor){ .id = id_new(rand_real()), .contact = id_new(rand_real()),
		.inbox = inbox, .address = STR("192.0.2.1") };
	rand_bytes(rand_real(), o->token_hash, sizeof(o->token_hash));
	customer.id = o->visitor.contact;
	b->open = true;
	b->contact = o->visitor.contact;
	b->inbox = inbox;
	b->at_us = begin_us + i * 50 * US_PER_MS;
	for (int m = 0; m < MESSAGES; m++)
		batch_add(b, m % 2 == 0 && m < MESSAGES - 1 ? EV_MSG_CUSTOMER : EV_MSG_AI, m % 2 == 0 &&
		    m < MESSAGES - 1 ? customer : ai, 0, STR_NONE, body(b->arena));
	if (i % 20 == 0 || i % 20 == 7) {
		batch_add(b, EV_HANDOVER_CARD, ai, 0, STR_NONE, STR("{\"first_sentence\":\"\",\"reason\":"
		    "\"asked for a person\",\"reason_code\":\"asked\",\"summary\":\"\",\"urgency\":40}"));
		batch_add(b, EV_HANDOVER_REQUESTED, ai, 0, STR_NONE, str_fmt(b->arena, "{\"hours_class\":1,"
		    "\"next_us\":null,\"open\":true,\"promise_us\":%ld,\"team\":\"Customer care\"}",
		    b->at_us + 600 * US_PER_S));
	} else if (i % 20 != 13) {
		batch_add(b, EV_RESOLVED, system, 0, STR_NONE, STR("{}"));
	}
	return o;
}

int
main(int argc, char **argv)
{
	struct writer_spec spec = { .thread = true };
	struct writer *w;
	struct fault f = { 0 };
	int64_t n;

	if (argc != 4 || !str_i64(str_from(argv[3]), &n)) {
		fprintf(stderr, "usage: seed STORE.db INBOX CONVERSATIONS\n");
		return 2;
	}
	inbox = str_from(argv[2]);
	spec.db = model_db_spec(argv[1], true, false);
	if (writer_open(&spec, &w, &f) != E_OK) {
		fprintf(stderr, "seed: %s\n", f.text);
		return 1;
	}
	begin_us = clock_now_us(clock_real()) - n * 50 * US_PER_MS;
	for (int64_t i = 0; i < n; i++) {
		struct one *o = make(i);

		(void)pthread_mutex_lock(&lock);
		while (waiting >= AHEAD)
			(void)pthread_cond_wait(&room, &lock);
		waiting++;
		(void)pthread_mutex_unlock(&lock);
		if (writer_submit(w, &(struct write_item){ apply, done, o, NULL }) != E_OK) {
			fprintf(stderr, "seed: the writer takes nothing more\n");
			return 1;
		}
	}
	writer_close(&w);
	return 0;
}
