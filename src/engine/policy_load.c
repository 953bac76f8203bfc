/* SPDX-License-Identifier: Apache-2.0 */
/* policy_load.c - a workspace's sources to a policy that can run.
 *
 * Everything is read before anything is refused, so that a person sees all
 * mistakes of a policy at once; the order makes names known before they are
 * used.
 */
#include "engine/policy_build.h"

#include "text/zone.h"

#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>

static const char *const file_name[FILE_N] = {
	[FILE_INBOXES] = "policy/inboxes.yaml",
	[FILE_INTENTS] = "policy/intents.yaml",
	[FILE_ENTITIES] = "policy/entities.yaml",
	[FILE_RULES] = "policy/rules.yaml",
	[FILE_REPLIES] = "policy/replies.yaml",
	[FILE_WORKFLOWS] = "policy/workflows.yaml",
	[FILE_ESCALATION] = "policy/escalation.yaml",
	[FILE_CONNECTORS] = "policy/connectors.yaml",
};

struct job {
	const struct policy_source *v;
	size_t n;
	struct complaints *c;
	struct policy_snapshot *out;	/* in the arena */
};

static int
file_of(struct str name)
{
	for (int f = 0; f < FILE_N; f++)
		if (str_eqz(name, file_name[f]))
			return f;
	return -1;
}

static bool
is_article(struct str name)
{
	return str_starts(name, STR("articles/")) && str_ends(name, STR(".md"));
}

static void
parse_files(struct build *b, const struct job *j)
{
	for (size_t i = 0; i < j->n; i++) {
		int f = file_of(j->v[i].name);

		if (f >= 0) {
			b->file[f] = yaml_parse(b->a, j->v[i].name, 1, j->v[i].bytes, b->c);
			b->broken[f] = b->file[f] == NULL;
			if (b->file[f] != NULL && b->file[f]->kind != YAML_MAP) {
				yaml_is(b->c, b->file[f], YAML_MAP);
				b->broken[f] = true;
				b->file[f] = NULL;
			}
		} else if (str_starts(j->v[i].name, STR("policy/"))) {
			complain(b->c, j->v[i].name, 0, STR("unknown file: expected inboxes, "
			    "intents, entities, rules, replies, workflows, escalation or "
			    "connectors.yaml"));
		}
	}
	for (int f = 0; f < FILE_N; f++)
		if ((f == FILE_INBOXES || f == FILE_REPLIES) && b->file[f] == NULL &&
		    !b->broken[f])
			complain(b->c, str_from(file_name[f]), 0, STR("the file is missing"));
}

static void
build_all(struct build *b, const struct job *j)
{
	parse_files(b, j);
	build_inboxes(b);
	build_entities(b);
	build_connectors(b);
	build_replies(b);
	build_workflows(b);
	build_intents(b);
	build_rules(b);
	build_escalation(b);
	build_replies_check(b);
	b->articles = arena_array(b->a, struct article_source, j->n + 1);
	for (size_t i = 0; i < j->n; i++)
		if (is_article(j->v[i].name))
			build_article(b, j->v[i].name, j->v[i].bytes);
	build_articles_check(b);
}

static enum err
run(struct arena *a, void *arg, struct fault *f)
{
	struct job *j = arg;
	struct build *b = arena_new_of(a, struct build);
	struct policy_snapshot *s = arena_new_of(a, struct policy_snapshot);

	b->a = a;
	b->c = j->c;
	b->p = arena_new_of(a, struct policy);
	b->p->hash = policy_hash(j->v, j->n, a);
	for (int k = 0; k < OWN_N; k++)
		b->p->own[k] = -1;
	build_all(b, j);
	complaints_sort(j->c);
	if (j->c->n > 0)
		return fault(f, E_CONFIG, "%.*s:%d: %.*s%s", STR_ARG(j->c->v[0].file),
		    j->c->v[0].line, STR_ARG(j->c->v[0].text),
		    j->c->n > 1 ? " (and more)" : "");
	s->magic = POLICY_SNAPSHOT_MAGIC;
	atomic_init(&s->refs, 1);
	s->arena = a;
	s->policy = b->p;
	s->zones = b->zones;
	s->articles = b->articles;
	s->articles_n = b->articles_n;
	j->out = s;
	return E_OK;
}

enum err
policy_load(const struct policy_source *v, size_t n, struct complaints *c,
    struct policy_snapshot **out, struct fault *f)
{
	struct job j = { v, n, c, NULL };
	struct arena *a;
	enum err e;

	*out = NULL;
	if (n > POLICY_SOURCES_MAX)
		return fault(f, E_CONFIG, "more than %d files in policy/ and articles/",
		    POLICY_SOURCES_MAX);
	a = arena_new(POLICY_ARENA_MAX);
	e = arena_run(a, run, &j, f);
	if (e != E_OK)
		arena_free(&a);
	else
		*out = j.out;
	return e;
}

struct policy_snapshot *
policy_snapshot_ref(struct policy_snapshot *p)
{
	CHECK_OBJ(p, POLICY_SNAPSHOT_MAGIC);
	atomic_fetch_add_explicit(&p->refs, 1, memory_order_relaxed);
	return p;
}

void
policy_snapshot_unref(struct policy_snapshot **pp)
{
	struct policy_snapshot *p = *pp;
	struct arena *a;

	*pp = NULL;
	if (p == NULL)
		return;
	CHECK_OBJ(p, POLICY_SNAPSHOT_MAGIC);
	if (atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) > 1)
		return;
	a = p->arena;
	p->magic = 0;
	arena_free(&a);
}

/* --- the hash --- */

static int
by_name(const void *pa, const void *pb)
{
	const struct policy_source *const *a = pa, *const *b = pb;

	return str_cmp((*a)->name, (*b)->name);
}

static void
hash_part(crypto_hash_sha256_state *st, struct str s)
{
	unsigned char n[8];

	for (int i = 0; i < 8; i++)
		n[i] = (unsigned char)((uint64_t)s.n >> (56 - 8 * i));
	crypto_hash_sha256_update(st, n, sizeof(n));
	if (s.n > 0)
		crypto_hash_sha256_update(st, (const unsigned char *)s.p, s.n);
}

struct str
policy_hash(const struct policy_source *v, size_t n, struct arena *a)
{
	const struct policy_source **sorted = arena_array(a, const struct policy_source *, n + 1);
	static const char hex[] = "0123456789abcdef";
	unsigned char sum[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state st;
	char *out = arena_zalloc(a, 2 * sizeof(sum) + 1);

	for (size_t i = 0; i < n; i++)
		sorted[i] = &v[i];
	if (n > 1)
		qsort(sorted, n, sizeof(sorted[0]), by_name);
	crypto_hash_sha256_init(&st);
	for (size_t i = 0; i < n; i++) {
		hash_part(&st, sorted[i]->name);
		hash_part(&st, sorted[i]->bytes);
	}
	crypto_hash_sha256_final(&st, sum);
	for (size_t i = 0; i < sizeof(sum); i++) {
		out[2 * i] = hex[sum[i] >> 4];
		out[2 * i + 1] = hex[sum[i] & 15];
	}
	return (struct str){ out, 2 * sizeof(sum) };
}
