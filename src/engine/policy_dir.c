/* SPDX-License-Identifier: Apache-2.0 */
/* policy_dir.c - a policy's sources from a folder. */
#include "engine/policy_load.h"

#include "base/yaml.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct listing {
	struct arena *a;
	struct policy_source *v;
	size_t n;
	const char *dir;
};

struct handles {	/* released by arena_defer: the arena may leave in between */
	DIR *dir;
	int fd;
};

static void
close_handles(void *arg)
{
	struct handles *h = arg;

	if (h->dir != NULL)
		closedir(h->dir);
	if (h->fd >= 0)
		close(h->fd);
	h->dir = NULL;
	h->fd = -1;
}

static enum err
read_file(struct listing *l, struct str name, struct fault *f)
{
	struct handles *h = arena_new_of(l->a, struct handles);
	const char *path = str_fmt(l->a, "%s/%S", l->dir, name).p;
	struct stat st;
	size_t n = 0;
	char *bytes;

	h->fd = -1;
	arena_defer(l->a, close_handles, h);
	h->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (h->fd < 0 || fstat(h->fd, &st) < 0)
		return fault(f, E_CONFIG, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return fault(f, E_CONFIG, "%s: not a file", path);
	if (st.st_size > (off_t)YAML_MAX_BYTES)
		return fault(f, E_CONFIG, "%s: larger than 1 MB", path);
	bytes = arena_zalloc(l->a, (size_t)st.st_size + 1);
	while (n < (size_t)st.st_size) {
		ssize_t got = read(h->fd, bytes + n, (size_t)st.st_size - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fault(f, E_CONFIG, "%s: %s", path, strerror(errno));
		if (got == 0)
			break;
		n += (size_t)got;
	}
	close_handles(h);
	l->v[l->n++] = (struct policy_source){ str_dup(l->a, name), { bytes, n } };
	return E_OK;
}

static enum err
read_folder(struct listing *l, const char *folder, const char *ending, bool needed,
    struct fault *f)
{
	struct handles *h = arena_new_of(l->a, struct handles);
	const char *path = str_fmt(l->a, "%s/%s", l->dir, folder).p;
	const struct dirent *e;

	h->fd = -1;
	arena_defer(l->a, close_handles, h);
	h->dir = opendir(path);
	if (h->dir == NULL && errno == ENOENT && !needed)
		return E_OK;
	if (h->dir == NULL)
		return fault(f, E_CONFIG, "%s: %s", path, strerror(errno));
	while ((e = readdir(h->dir)) != NULL) {
		struct str name = str_from(e->d_name);

		if (e->d_name[0] == '.' || !str_ends(name, str_from(ending)))
			continue;
		if (l->n == POLICY_SOURCES_MAX)
			return fault(f, E_CONFIG, "%s: more than %d files", path,
			    POLICY_SOURCES_MAX);
		TRY(read_file(l, str_fmt(l->a, "%s/%S", folder, name), f));
	}
	close_handles(h);
	return E_OK;
}

static void
sort_sources(struct policy_source *v, size_t n)
{
	for (size_t i = 1; i < n; i++)
		for (size_t k = i; k > 0 && str_cmp(v[k - 1].name, v[k].name) > 0; k--) {
			struct policy_source s = v[k];

			v[k] = v[k - 1];
			v[k - 1] = s;
		}
}

enum err
policy_read_dir(const char *dir, struct arena *a, struct policy_source **out, size_t *n,
    struct fault *f)
{
	struct listing l = { .a = a, .dir = dir };

	l.v = arena_array(a, struct policy_source, POLICY_SOURCES_MAX);
	TRY(read_folder(&l, "policy", ".yaml", true, f));
	TRY(read_folder(&l, "articles", ".md", false, f));
	sort_sources(l.v, l.n);
	*out = l.v;
	*n = l.n;
	return E_OK;
}

struct dir_job {
	const char *dir;
	struct complaints *c;
	struct policy_snapshot *out;
};

static enum err
load_dir(struct arena *a, void *arg, struct fault *f)
{
	struct dir_job *j = arg;
	struct policy_source *v;
	size_t n;

	TRY(policy_read_dir(j->dir, a, &v, &n, f));
	return policy_load(v, n, j->c, &j->out, f);
}

enum err
policy_load_dir(const char *dir, struct complaints *c, struct policy_snapshot **out,
    struct fault *f)
{
	struct arena *a = arena_new(POLICY_ARENA_MAX);
	struct dir_job j = { dir, c, NULL };
	enum err e = arena_run(a, load_dir, &j, f);

	arena_free(&a);
	*out = j.out;
	return e;
}
