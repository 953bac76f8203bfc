/* SPDX-License-Identifier: Apache-2.0 */
/* draft.c - the draft over the live policy, and its way into the workspace's file. */
#include "engine/draft.h"

#include "engine/policy_edit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INTENTS_FILE "policy/intents.yaml"
#define EXAMPLE_BYTES 1000	/* engine/policy_intents.c */

/* A list of examples that can grow. */
struct drafted {
	struct str *v;
	size_t n;
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

static bool
apply(const struct policy *base, struct drafted *d, const struct draft_change *c)
{
	int at = policy_intent(base, c->intent);
	int to = c->kind == DRAFT_MOVE ? policy_intent(base, c->to) : at;

	if (at < 0 || to < 0 || (c->kind == DRAFT_MOVE && at == to))
		return false;
	if (c->kind != DRAFT_REMOVE && find_example(d[to].v, d[to].n, c->text) >= 0)
		return false;
	if (c->kind != DRAFT_ADD && !take(&d[at], c->text))
		return false;
	if (c->kind != DRAFT_REMOVE)
		d[to].v[d[to].n++] = c->text;
	return true;
}

void
draft_policy(struct arena *a, const struct policy *base, const struct draft_change *v, size_t n,
    struct policy *out, bool **applies)
{
	struct drafted *d = arena_array(a, struct drafted, base->intents_n + 1);
	struct intent *intents = arena_array(a, struct intent, base->intents_n + 1);

	for (size_t i = 0; i < base->intents_n; i++) {
		const struct intent *in = &base->intents[i];

		d[i].v = arena_array(a, struct str, in->examples_n + n + 1);
		d[i].n = in->examples_n;
		if (in->examples_n > 0)
			memcpy(d[i].v, in->examples, in->examples_n * sizeof(*d[i].v));
	}
	*applies = arena_array(a, bool, n + 1);
	for (size_t i = 0; i < n; i++)
		(*applies)[i] = apply(base, d, &v[i]);
	for (size_t i = 0; i < base->intents_n; i++) {
		intents[i] = base->intents[i];
		intents[i].examples = d[i].v;
		intents[i].examples_n = d[i].n;
	}
	*out = *base;
	out->intents = intents;
}

enum err
draft_check(const struct policy *p, const struct draft_change *c, struct fault *f)
{
	int at = policy_intent(p, c->intent), to = c->kind == DRAFT_MOVE ? policy_intent(p, c->to) : at;
	const struct intent *from;

	if (at < 0 || to < 0)
		return fault(f, E_NOTFOUND, "There is no such intent.");
	if (str_trim(c->text).n == 0 || c->text.n > EXAMPLE_BYTES)
		return fault(f, E_INVALID, "text: an example has 1 to %d bytes", EXAMPLE_BYTES);
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

/* --- publish --------------------------------------------------------------- */

static enum err
replace_file(const char *path, struct str bytes, struct arena *a, struct fault *f)
{
	char *beside = str_z(a, str_fmt(a, "%s.new", path));
	struct stat st;
	size_t n = 0;
	bool good;
	int fd;

	if (stat(path, &st) != 0)
		return fault(f, E_CONFLICT, "%s: %s", INTENTS_FILE, strerror(errno));
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

static enum err
edited(const struct draft_publishing *p, struct arena *a, struct str file, struct str *out, struct fault *f)
{
	struct example_edit *e = arena_array(a, struct example_edit, p->n * 2 + 1);
	struct policy drafted;
	bool *applies;
	size_t k = 0;

	draft_policy(a, p->live->policy, p->v, p->n, &drafted, &applies);
	for (size_t i = 0; i < p->n; i++) {
		const struct draft_change *c = &p->v[i];

		if (!applies[i])
			continue;
		if (c->kind != DRAFT_ADD)
			e[k++] = (struct example_edit){ false, c->intent, c->text };
		if (c->kind != DRAFT_REMOVE)
			e[k++] = (struct example_edit){ true, c->kind == DRAFT_MOVE ? c->to : c->intent, c->text };
	}
	if (k == 0)
		return fault(f, E_CONFLICT, "Nothing in the draft would change what is live.");
	return policy_edit_examples(a, file, e, k, out, f);
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
