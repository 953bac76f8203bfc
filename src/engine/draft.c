/* SPDX-License-Identifier: Apache-2.0 */
/* draft.c - the draft over the live policy, and its way into the workspace's file. */
#include "engine/draft.h"

#include "engine/policy_edit.h"
#include "text/tokens.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INTENTS_FILE "policy/intents.yaml"
#define ID_BYTES (POLICY_ID_BYTES - 4)	/* a number may come behind */

/* A list of examples that can grow. */
struct drafted {
	struct str *v;
	size_t n;
	bool deleted;		/* its intent */
};
/* The intents while changes are put over them: new ones come last, so that indexes stay. */
struct drafting {
	struct intent *intents;
	struct drafted *d;
	size_t n, room;
};

static ptrdiff_t
find_example(const struct str *v, size_t n, struct str text)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(v[i], text))
			return (ptrdiff_t)i;
	return -1;
}

static bool
take(struct drafted *d, struct str text)
{
	ptrdiff_t at = find_example(d->v, d->n, text);

	if (at < 0)
		return false;
	memmove(&d->v[at], &d->v[at + 1], (d->n - (size_t)at - 1) * sizeof(*d->v));
	d->n--;
	return true;
}

static int
intent_at(const struct drafting *w, struct str id)
{
	for (size_t i = 0; i < w->n; i++)
		if (!w->d[i].deleted && str_eq(w->intents[i].id, id))
			return (int)i;
	return -1;
}

static bool
apply_example(struct drafting *w, const struct draft_change *c)
{
	int at = intent_at(w, c->intent), to = c->kind == DRAFT_MOVE ? intent_at(w, c->to) : at;

	if (at < 0 || to < 0 || (c->kind == DRAFT_MOVE && at == to))
		return false;
	if (c->kind != DRAFT_REMOVE && find_example(w->d[to].v, w->d[to].n, c->text) >= 0)
		return false;
	if (c->kind != DRAFT_ADD && !take(&w->d[at], c->text))
		return false;
	if (c->kind != DRAFT_REMOVE)
		w->d[to].v[w->d[to].n++] = c->text;
	return true;
}

/* What nobody wrote an answer for yet is a person's. */
static bool
apply_intent(struct drafting *w, const struct draft_change *c)
{
	if (intent_at(w, c->intent) >= 0 || w->n == w->room)
		return false;
	w->intents[w->n++] = (struct intent){ .id = c->intent, .name = c->to, .description = c->text,
		.risk = RISK_READ, .then = { .kind = ACTION_PERSON, .target = -1 } };
	return true;
}

static bool
apply_words(struct drafting *w, const struct draft_change *c)
{
	int at = intent_at(w, c->intent);
	struct str *words;

	if (at < 0)
		return false;
	words = c->kind == DRAFT_NAME ? &w->intents[at].name : &w->intents[at].description;
	if (str_eq(*words, c->text))
		return false;
	*words = c->text;
	return true;
}

static bool
apply_deletion(struct drafting *w, const struct draft_change *c)
{
	int at = intent_at(w, c->intent);

	if (at < 0)
		return false;
	w->d[at].deleted = true;
	return true;
}

static bool
apply(struct drafting *w, const struct draft_change *c)
{
	switch (c->kind) {
	case DRAFT_INTENT:
		return apply_intent(w, c);
	case DRAFT_NAME:
	case DRAFT_DESCRIBE:
		return apply_words(w, c);
	case DRAFT_DELETE:
		return apply_deletion(w, c);
	case DRAFT_ADD:
	case DRAFT_REMOVE:
	case DRAFT_MOVE:
		return apply_example(w, c);
	case DRAFT_KIND_N:
		break;
	}
	return false;
}

void
draft_policy(struct arena *a, const struct policy *base, const struct draft_change *v, size_t n,
    struct policy *out, bool **applies)
{
	struct drafting w = { .n = base->intents_n, .room = base->intents_n };

	for (size_t i = 0; i < n; i++)
		w.room += v[i].kind == DRAFT_INTENT;
	w.intents = arena_array(a, struct intent, w.room + 1);
	w.d = arena_array(a, struct drafted, w.room + 1);
	for (size_t i = 0; i < w.room; i++) {
		size_t has = i < base->intents_n ? base->intents[i].examples_n : 0;

		w.d[i].v = arena_array(a, struct str, has + n + 1);
		w.d[i].n = has;
		if (i < base->intents_n)
			w.intents[i] = base->intents[i];
		if (has > 0)
			memcpy(w.d[i].v, base->intents[i].examples, has * sizeof(*w.d[i].v));
	}
	*applies = arena_array(a, bool, n + 1);
	for (size_t i = 0; i < n; i++)
		(*applies)[i] = apply(&w, &v[i]);
	*out = *base;
	out->intents_n = 0;
	for (size_t i = 0; i < w.n; i++) {
		if (w.d[i].deleted)
			continue;
		w.intents[i].examples = w.d[i].v;
		w.intents[i].examples_n = w.d[i].n;
		w.intents[out->intents_n++] = w.intents[i];
	}
	out->intents = w.intents;
}

struct str
draft_intent_id(struct arena *a, const struct policy *drafted, struct str name)
{
	const struct str *words;
	char *to = arena_alloc(a, ID_BYTES + 1);
	size_t words_n, n = 0;
	struct str id;

	text_words(a, name, &words, &words_n);
	for (size_t i = 0; i < words_n; i++) {
		size_t before = n;

		if (n > 0 && n < ID_BYTES)
			to[n++] = '_';
		for (size_t k = 0; k < words[i].n && n < ID_BYTES; k++) {
			char c = words[i].p[k];

			if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
				to[n++] = c;
		}
		if (n == before + 1 && before > 0)
			n = before;
	}
	id = n == 0 ? STR("intent") : (struct str){ to, n };
	for (int i = 2; policy_intent(drafted, id) >= 0; i++)
		id = str_fmt(a, "%S_%d", n == 0 ? STR("intent") : (struct str){ to, n }, i);
	return id;
}

struct str
draft_intent_named(struct arena *a, const struct policy *p, struct str intent)
{
	for (size_t i = 0; i < p->rules_n; i++)
		for (size_t k = 0; k < p->rules[i].cond_n; k++) {
			const struct cond *c = &p->rules[i].cond[k];

			for (size_t n = 0; c->op == COND_INTENT && n < c->items_n; n++)
				if (str_eq(c->items[n], intent))
					return str_fmt(a, "policy/rules.yaml:%d", p->rules[i].line);
		}
	return STR_NONE;
}

static enum err
check_deletion(struct arena *a, const struct policy *p, const struct draft_change *c, struct fault *f)
{
	struct str named = draft_intent_named(a, p, c->intent);

	if (policy_intent(p, c->intent) < 0)
		return fault(f, E_NOTFOUND, "There is no such intent.");
	if (named.n > 0)
		return fault(f, E_CONFLICT, "%.*s names this intent: change that first.", STR_ARG(named));
	if (p->intents_n == 1)
		return fault(f, E_CONFLICT, "The only intent stays: without one there is nothing to tell apart.");
	return E_OK;
}

static enum err
check_words(const struct draft_change *c, struct fault *f)
{
	struct str name = c->kind == DRAFT_INTENT ? c->to : c->text;

	if (c->kind != DRAFT_DESCRIBE && (str_trim(name).n == 0 || name.n > POLICY_INTENT_NAME_BYTES))
		return fault(f, E_INVALID, "name: an intent's has 1 to %d bytes", POLICY_INTENT_NAME_BYTES);
	if (c->kind != DRAFT_NAME && (str_trim(c->text).n == 0 || c->text.n > POLICY_DESCRIPTION_BYTES))
		return fault(f, E_INVALID, "description: an intent's has 1 to %d bytes", POLICY_DESCRIPTION_BYTES);
	return E_OK;
}

static enum err
check_intent(const struct policy *p, const struct draft_change *c, struct fault *f)
{
	struct str name = c->kind == DRAFT_INTENT ? c->to : c->text;
	int at = policy_intent(p, c->intent);

	TRY(check_words(c, f));
	if (c->kind == DRAFT_INTENT && p->intents_n >= POLICY_INTENTS_MAX)
		return fault(f, E_TOOBIG, "A policy has at most %d intents.", POLICY_INTENTS_MAX);
	if (c->kind != DRAFT_INTENT && at < 0)
		return fault(f, E_NOTFOUND, "There is no such intent.");
	if (c->kind == DRAFT_DESCRIBE)
		return str_eq(p->intents[at].description, c->text) ?
		    fault(f, E_INVALID, "description: it is this already") : E_OK;
	for (size_t i = 0; i < p->intents_n; i++)
		if (str_eq_nocase(p->intents[i].name, name) &&
		    ((int)i != at || str_eq(p->intents[i].name, name)))
			return fault(f, E_CONFLICT, "There is an intent \"%.*s\" already.",
			    STR_ARG(p->intents[i].name));
	return E_OK;
}

static enum err
check_example(const struct policy *p, const struct draft_change *c, struct fault *f)
{
	int at = policy_intent(p, c->intent), to = c->kind == DRAFT_MOVE ? policy_intent(p, c->to) : at;
	const struct intent *from;

	if (at < 0 || to < 0)
		return fault(f, E_NOTFOUND, "There is no such intent.");
	if (str_trim(c->text).n == 0 || c->text.n > POLICY_EXAMPLE_BYTES)
		return fault(f, E_INVALID, "text: an example has 1 to %d bytes", POLICY_EXAMPLE_BYTES);
	from = &p->intents[at];
	if (c->kind != DRAFT_ADD && find_example(from->examples, from->examples_n, c->text) < 0)
		return fault(f, E_NOTFOUND, "\"%.*s\" has no such example (any more).", STR_ARG(from->name));
	if (c->kind == DRAFT_MOVE && at == to)
		return fault(f, E_INVALID, "to: it is an example of that intent already");
	for (size_t i = 0; c->kind != DRAFT_REMOVE && i < p->intents_n; i++)
		if (find_example(p->intents[i].examples, p->intents[i].examples_n, c->text) >= 0 &&
		    (c->kind == DRAFT_ADD || (int)i != at))
			return fault(f, E_CONFLICT, "This is an example of \"%.*s\" already.",
			    STR_ARG(p->intents[i].name));
	return E_OK;
}

enum err
draft_check(struct arena *a, const struct policy *p, const struct draft_change *c, struct fault *f)
{
	if (c->kind == DRAFT_DELETE)
		return check_deletion(a, p, c, f);
	return c->kind <= DRAFT_MOVE ? check_example(p, c, f) : check_intent(p, c, f);
}

/* --- publish --------------------------------------------------------------- */

static enum err
replace_file(const char *path, struct str bytes, struct arena *a, struct fault *f)
{
	char *beside = str_z(a, str_fmt(a, "%s.new", path));
	struct stat st;
	size_t n = 0;
	bool good;
	int fd;

	if (lstat(path, &st) != 0)
		return fault(f, E_CONFLICT, "%s: %s", INTENTS_FILE, strerror(errno));
	/* A link would become a file, and what it pointed at stay as it was. */
	if (!S_ISREG(st.st_mode))
		return fault(f, E_CONFLICT, "%s is a link: it is changed where it lies, then `baton publish`.",
		    INTENTS_FILE);
	(void)unlink(beside);
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return fault(f, E_CONFLICT, "%s cannot be written: %s", INTENTS_FILE, strerror(errno));
	while (n < bytes.n) {
		ssize_t put = write(fd, bytes.p + n, bytes.n - n);

		if (put <= 0)
			break;
		n += (size_t)put;
	}
	good = n == bytes.n && fchmod(fd, st.st_mode & 0777) == 0 && fsync(fd) == 0;
	good = close(fd) == 0 && good && rename(beside, path) == 0;
	if (!good) {
		(void)unlink(beside);
		return fault(f, E_CONFLICT, "%s cannot be written: %s", INTENTS_FILE, strerror(errno));
	}
	return E_OK;
}

/* What runs was published from these very bytes? */
static enum err
compare_sources(const struct draft_publishing *p, const struct policy_source *v, size_t n, struct arena *a,
    struct fault *f)
{
	if (str_eq(policy_hash(v, n, a), p->live->policy->hash))
		return E_OK;
	return fault(f, E_CONFLICT, "Files of the workspace were changed since they were published. Publish "
	    "them first with `baton publish`, or put them back; the draft stays as it is.");
}

/* One, or two where an example is moved. */
static size_t
edits_of(const struct draft_change *c, struct policy_edit *e)
{
	static const enum policy_edit_kind kind[DRAFT_KIND_N] = {
		[DRAFT_ADD] = EDIT_PUT_IN, [DRAFT_REMOVE] = EDIT_TAKE_OUT, [DRAFT_MOVE] = EDIT_TAKE_OUT,
		[DRAFT_INTENT] = EDIT_INTENT, [DRAFT_NAME] = EDIT_NAME, [DRAFT_DESCRIBE] = EDIT_DESCRIPTION,
		[DRAFT_DELETE] = EDIT_DELETE,
	};

	e[0] = (struct policy_edit){ kind[c->kind], c->intent, c->text, c->kind == DRAFT_INTENT ? c->to : STR_NONE };
	if (c->kind != DRAFT_MOVE)
		return 1;
	e[1] = (struct policy_edit){ EDIT_PUT_IN, c->to, c->text, STR_NONE };
	return 2;
}

static enum err
edited(const struct draft_publishing *p, struct arena *a, struct str file, struct str *out, struct fault *f)
{
	struct policy_edit *e = arena_array(a, struct policy_edit, p->n * 2 + 1);
	struct policy drafted;
	bool *applies;
	size_t k = 0;

	draft_policy(a, p->live->policy, p->v, p->n, &drafted, &applies);
	for (size_t i = 0; i < p->n; i++) {
		const struct draft_change *c = &p->v[i];

		if (!applies[i])
			continue;
		k += edits_of(c, &e[k]);
	}
	if (k == 0)
		return fault(f, E_CONFLICT, "Nothing in the draft would change what is live.");
	return policy_edit(a, file, e, k, out, f);
}

enum err
draft_publish(struct arena *a, const struct draft_publishing *p, struct publish_result *out, struct fault *f)
{
	struct complaints *c = arena_zalloc(a, sizeof(*c));
	char *path = str_z(a, str_fmt(a, "%s/%s", p->workspace, INTENTS_FILE));
	struct policy_source *v, *file = NULL;
	struct str was;
	size_t n;
	enum err e;

	complaints_init(c, a);
	TRY(policy_read_dir(p->workspace, a, &v, &n, f));
	TRY(compare_sources(p, v, n, a, f));
	for (size_t i = 0; i < n; i++)
		if (str_eqz(v[i].name, INTENTS_FILE))
			file = &v[i];
	if (file == NULL)
		return fault(f, E_CONFLICT, "%s is not there", INTENTS_FILE);
	was = file->bytes;
	TRY(edited(p, a, was, &file->bytes, f));
	TRY(replace_file(path, file->bytes, a, f));
	e = publish_sources(&(struct publish_spec){ .writer = p->writer, .readers = p->readers,
	    .embedder = p->embedder, .past_max = p->past_max, .v = v, .n = n, .by = p->by, .now_us = p->now_us },
	    c, a, out, f);
	if (e != E_OK)
		(void)replace_file(path, was, a, NULL);
	return e;
}
