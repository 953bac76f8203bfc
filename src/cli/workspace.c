/* SPDX-License-Identifier: Apache-2.0 */
/* workspace.c - a workspace's folder: settings, lock, paths, files. */
#include "cli/workspace.h"

#include "base/yaml.h"
#include "model/store_spec.h"
#include "nlu/embedder.h"
#include "vec/encoder_store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define VECTORS_MAX 20000	/* that are kept of known texts: 30 MB of a width of 384 */
#define CONFIG_MAX ((size_t)1 << 20)

extern char **environ;

const char *
workspace_path(struct workspace *w, const char *name)
{
	return str_fmt(w->arena, "%s/%s", (const char *)w->dir, name).p;
}

enum err
workspace_open(const char *dir, struct workspace *w, struct fault *f)
{
	char real[PATH_MAX];

	*w = (struct workspace){ .lock = -1 };
	if (realpath(dir != NULL ? dir : ".", real) == NULL || strlen(real) >= sizeof(w->dir))
		return fault(f, E_NOTFOUND, "%s: %s", dir != NULL ? dir : ".", strerror(errno));
	memcpy(w->dir, real, strlen(real) + 1);
	w->arena = arena_new((size_t)64 << 20);
	if (access(workspace_path(w, "baton.yaml"), R_OK) != 0) {
		arena_free(&w->arena);
		return fault(f, E_CONFIG, "%s is not a workspace: it has no readable baton.yaml (baton init makes one)",
		    w->dir);
	}
	return E_OK;
}

void
workspace_close(struct workspace *w)
{
	if (w->lock >= 0)
		close(w->lock);
	w->lock = -1;
	arena_free(&w->arena);
}

enum err
file_read(const char *path, size_t max_bytes, struct arena *a, struct str *out, struct fault *f)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *to;
	size_t n = 0;

	if (fd < 0)
		return fault(f, errno == ENOENT ? E_NOTFOUND : E_CONFIG, "%s: %s", path, strerror(errno));
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || (size_t)st.st_size > max_bytes) {
		close(fd);
		return fault(f, E_TOOBIG, "%s: not a file of at most %zu bytes", path, max_bytes);
	}
	to = arena_alloc(a, (size_t)st.st_size + 1);
	while (n < (size_t)st.st_size) {
		ssize_t got = read(fd, to + n, (size_t)st.st_size - n);

		if (got <= 0)
			break;
		n += (size_t)got;
	}
	close(fd);
	to[n] = '\0';
	*out = (struct str){ to, n };
	return E_OK;
}

enum err
file_write(const char *path, struct str bytes, unsigned mode, struct fault *f)
{
	char new[PATH_MAX];
	size_t n = 0;
	bool good;
	int fd, why;

	if ((size_t)snprintf(new, sizeof(new), "%s.new", path) >= sizeof(new))
		return fault(f, E_CONFIG, "%s: the path is too long", path);
	unlink(new);
	fd = open(new, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return fault(f, E_CONFIG, "%s: %s", new, strerror(errno));
	while (n < bytes.n) {
		ssize_t put = write(fd, bytes.p + n, bytes.n - n);

		if (put <= 0)
			break;
		n += (size_t)put;
	}
	good = n == bytes.n && fchmod(fd, mode) == 0 && fsync(fd) == 0;
	why = errno;
	if (close(fd) != 0 && good) {
		good = false;
		why = errno;
	}
	if (!good || rename(new, path) != 0) {
		why = good ? errno : why;
		unlink(new);
		return fault(f, E_CONFIG, "%s: cannot be written: %s", path, strerror(why));
	}
	return E_OK;
}

/* A section of baton.yaml: "listen: {port: 8080}" is listen.port = 8080. */
static enum err
config_section(struct workspace *w, const struct yaml_pair *section, const struct setting_module *mods,
    size_t n, struct fault *f)
{
	const struct yaml *map = section->value;

	if (map->kind != YAML_MAP)
		return fault(f, E_CONFIG, "baton.yaml:%d: expected settings under \"%.*s\"", section->line,
		    STR_ARG(section->key));
	for (size_t i = 0; i < map->n; i++) {
		const struct yaml_pair *p = &map->pairs[i];

		if (p->value->kind != YAML_SCALAR)
			return fault(f, E_CONFIG, "baton.yaml:%d: expected one value for %.*s.%.*s", p->line,
			    STR_ARG(section->key), STR_ARG(p->key));
		if (settings_set(mods, n, str_fmt(w->arena, "%S.%S", section->key, p->key), p->value->text,
		    w->arena, f) != E_OK)
			return fault_wrap(f, "baton.yaml:%d", p->line);
	}
	return E_OK;
}

enum err
workspace_settings(struct workspace *w, const struct setting_module *mods, size_t n, struct fault *f)
{
	struct complaints *c = arena_zalloc(w->arena, sizeof(*c));
	const struct yaml *file;
	struct str bytes;

	for (size_t i = 0; i < n; i++)
		TRY(settings_defaults(&mods[i], w->arena, f));
	TRY(file_read(workspace_path(w, "baton.yaml"), CONFIG_MAX, w->arena, &bytes, f));
	complaints_init(c, w->arena);
	file = yaml_parse(w->arena, STR("baton.yaml"), 1, bytes, c);
	if (file == NULL || c->n > 0)
		return fault(f, E_CONFIG, "%.*s:%d: %.*s", STR_ARG(c->v[0].file), c->v[0].line, STR_ARG(c->v[0].text));
	if (file->kind != YAML_MAP)
		return fault(f, E_CONFIG, "baton.yaml:1: expected sections of settings");
	for (size_t i = 0; i < file->n; i++)
		TRY(config_section(w, &file->pairs[i], mods, n, f));
	return settings_env(mods, n, environ, w->arena, f);
}

static enum err
make_dir(const char *path, struct fault *f)
{
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return fault(f, E_CONFIG, "%s: %s", path, strerror(errno));
	return E_OK;
}

enum err
workspace_lock(struct workspace *w, struct fault *f)
{
	const char *path = workspace_path(w, "run/lock");

	TRY(make_dir(workspace_path(w, "data"), f));
	TRY(make_dir(workspace_path(w, "run"), f));
	w->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (w->lock < 0)
		return fault(f, E_CONFIG, "%s: %s", path, strerror(errno));
	if (flock(w->lock, LOCK_EX | LOCK_NB) != 0) {
		close(w->lock);
		w->lock = -1;
		return fault(f, E_CONFLICT, "another baton works in %s", w->dir);
	}
	return E_OK;
}

struct db_spec
workspace_db(struct workspace *w, bool writer)
{
	return model_db_spec(workspace_path(w, "data/baton.db"), writer, true);
}

enum err
workspace_embedder(struct workspace *w, struct str wanted, struct embedder **out, struct fault *f)
{
	char path[ENCODER_PATH_MAX];
	struct encoder *e = NULL;

	*out = NULL;
	TRY(encoder_find(NULL, wanted, path, f));
	if (path[0] == '\0')
		return E_OK;
	TRY(encoder_open(path, KERNEL_BEST, &e, f));
	*out = embedder_new(e, workspace_path(w, "data/vectors"), VECTORS_MAX);
	encoder_unref(&e);
	return E_OK;
}
