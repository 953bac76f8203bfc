/* SPDX-License-Identifier: Apache-2.0 */
/* encoder_store.c - the folder of encoders, and which of them is meant. */
#include "vec/encoder_store.h"

#include "base/buf.h"
#include "vec/encoder_source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_MAX_BYTES 64
#define PREFERRED "all-MiniLM-L6-v2"

static const struct str suffix = STR_INIT(ENCODER_SUFFIX);

/* --- Names and places. */

static enum err
put_path(char out[ENCODER_PATH_MAX], struct fault *f, const char *folder, const char *rest)
{
	int n = snprintf(out, ENCODER_PATH_MAX, "%s%s", folder, rest);

	if (n < 0 || n >= ENCODER_PATH_MAX)
		return fault(f, E_CONFIG, "%s: this path is too long", folder);
	return E_OK;
}

static const char *
absolute_env(const char *name)
{
	const char *v = getenv(name);

	return v != NULL && v[0] == '/' ? v : NULL;
}

enum err
encoder_store_dir(char out[ENCODER_PATH_MAX], struct fault *f)
{
	const char *v;

	if ((v = absolute_env("BATON_HOME")) != NULL)
		return put_path(out, f, v, "/encoders");
	if ((v = absolute_env("XDG_DATA_HOME")) != NULL)
		return put_path(out, f, v, "/baton/encoders");
	if ((v = absolute_env("HOME")) != NULL)
		return put_path(out, f, v, "/.local/share/baton/encoders");
	return fault(f, E_CONFIG, "where encoders are kept is not known: BATON_HOME, XDG_DATA_HOME and HOME "
	    "are all unset");
}

static enum err
dir_or_own(const char *dir, char out[ENCODER_PATH_MAX], struct fault *f)
{
	return dir == NULL ? encoder_store_dir(out, f) : put_path(out, f, dir, "");
}

static bool
name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
	    c == '_' || c == '-';
}

bool
encoder_name_valid(struct str name)
{
	if (name.n == 0 || name.n > NAME_MAX_BYTES || name.p[0] == '.' || str_eqz(name, "none") ||
	    str_eqz(name, "auto"))
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (!name_byte(name.p[i]))
			return false;
	return true;
}

/* A folder's or archive's name, made fit to be a file's. */
static struct str
mended_name(struct arena *a, struct str name)
{
	struct str s = str_dup(a, str_sub(name, 0, NAME_MAX_BYTES));
	char *p = (char *)(uintptr_t)s.p;

	for (size_t i = 0; i < s.n; i++)
		if (!name_byte(p[i]) || (i == 0 && p[i] == '.'))
			p[i] = '-';
	return encoder_name_valid(s) ? s : STR("encoder");
}

struct str
encoder_wanted(const char *flag)
{
	const char *v = flag != NULL ? flag : getenv("BATON_NLU_ENCODER");

	return str_from(v != NULL && v[0] != '\0' ? v : "auto");
}

/* --- The folder's files. */

struct names {
	char v[ENCODER_STORE_MAX][NAME_MAX_BYTES + 1];
	size_t n;
};

static int
by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Sorted; whatever else lies in the folder is passed over. */
static enum err
read_names(const char *dir, struct names *out, struct fault *f)
{
	DIR *d = opendir(dir);
	const struct dirent *e;

	out->n = 0;
	if (d == NULL && errno == ENOENT)
		return E_OK;
	if (d == NULL)
		return fault(f, E_CONFIG, "%s: %s", dir, strerror(errno));
	while ((e = readdir(d)) != NULL) {
		struct str name = str_from(e->d_name);

		if (!str_ends(name, suffix) ||
		    !encoder_name_valid(str_sub(name, 0, name.n - suffix.n)))
			continue;
		if (out->n == ENCODER_STORE_MAX) {
			closedir(d);
			return fault(f, E_TOOBIG, "%s: more than %d encoders", dir, ENCODER_STORE_MAX);
		}
		memcpy(out->v[out->n], name.p, name.n - suffix.n);
		out->v[out->n++][name.n - suffix.n] = '\0';
	}
	closedir(d);
	qsort(out->v, out->n, sizeof(out->v[0]), by_name);
	return E_OK;
}

static enum err
file_path(const char *dir, const char *name, char out[ENCODER_PATH_MAX], struct fault *f)
{
	char rest[NAME_MAX_BYTES + sizeof(ENCODER_SUFFIX) + 1];

	(void)snprintf(rest, sizeof(rest), "/%.*s" ENCODER_SUFFIX, NAME_MAX_BYTES, name);
	return put_path(out, f, dir, rest);
}

static enum err
find_auto(const char *dir, char out[ENCODER_PATH_MAX], struct fault *f)
{
	struct names names;
	size_t pick = 0;

	TRY(read_names(dir, &names, f));
	if (names.n == 0)
		return E_OK;
	for (size_t i = 0; i < names.n; i++)
		if (strcmp(names.v[i], PREFERRED) == 0)
			pick = i;
	return file_path(dir, names.v[pick], out, f);
}

enum err
encoder_find(const char *dir, struct str wanted, char out[ENCODER_PATH_MAX], struct fault *f)
{
	char folder[ENCODER_PATH_MAX], name[ENCODER_PATH_MAX];

	out[0] = '\0';
	if (str_eqz(wanted, "none"))
		return E_OK;
	if (wanted.n >= sizeof(name))
		return fault(f, E_INVALID, "an encoder's name of %zu bytes", wanted.n);
	(void)snprintf(name, sizeof(name), "%.*s", STR_ARG(wanted));
	if (strchr(name, '/') != NULL) {
		if (access(name, F_OK) != 0)
			return fault(f, E_NOTFOUND, "%s: %s", name, strerror(errno));
		return put_path(out, f, name, "");
	}
	if (wanted.n == 0 || str_eqz(wanted, "auto")) {
		/* Whoever has no home has no encoders. */
		if (dir_or_own(dir, folder, NULL) != E_OK)
			return E_OK;
		return find_auto(folder, out, f);
	}
	if (!encoder_name_valid(wanted))
		return fault(f, E_INVALID, "\"%.*s\" is no encoder's name", STR_ARG(str_clip_utf8(wanted, 80)));
	TRY(dir_or_own(dir, folder, f));
	TRY(file_path(folder, name, out, f));
	if (access(out, F_OK) == 0)
		return E_OK;
	out[0] = '\0';
	return fault(f, E_NOTFOUND, "no encoder \"%s\" in %s; `baton encoder list` shows what is there", name,
	    folder);
}

/* --- Listing. */

static void
copy_info(struct arena *a, const struct encoder_info *from, struct encoder_entry *to)
{
	to->info = *from;
	to->info.name = str_dup(a, from->name);
	to->info.licence = str_dup(a, from->licence);
	to->info.source = str_dup(a, from->source);
	to->info.prefix = str_dup(a, from->prefix);
	to->known = encoder_known(from->source) != NULL;
	to->good = true;
}

static void
look_at(struct arena *a, const char *path, struct encoder_entry *e)
{
	struct arena *own = arena_new(64 << 20);
	struct encoder_weights w;
	struct fault f = { 0 };
	struct stat st = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	void *p = MAP_FAILED;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	e->bytes = (size_t)st.st_size;
	if (p == MAP_FAILED)
		(void)fault(&f, E_INVALID, "cannot be read: %s", errno != 0 ? strerror(errno) :
		    S_ISREG(st.st_mode) ? "empty" : "not a file");
	else if (encoder_file_read(own, (struct str){ p, e->bytes }, &w, &f) == E_OK)
		copy_info(a, &w.info, e);
	e->why = str_fmt(a, "%s", (const char *)f.text);
	if (p != MAP_FAILED)
		(void)munmap(p, e->bytes);
	if (fd >= 0)
		close(fd);
	arena_free(&own);
}

static enum err
entry_of(const char *dir, const char *name, struct arena *a, struct encoder_entry *out, struct fault *f)
{
	char path[ENCODER_PATH_MAX];

	TRY(file_path(dir, name, path, f));
	*out = (struct encoder_entry){ .name = str_dup(a, str_from(name)), .path = str_dup(a, str_from(path)) };
	errno = 0;
	look_at(a, path, out);
	return E_OK;
}

enum err
encoder_store_list(const char *dir, struct arena *a, struct encoder_entry **out, size_t *n, struct fault *f)
{
	char folder[ENCODER_PATH_MAX];
	struct names names;

	*n = 0;
	TRY(dir_or_own(dir, folder, f));
	TRY(read_names(folder, &names, f));
	*out = arena_array(a, struct encoder_entry, names.n + 1);
	for (size_t i = 0; i < names.n; i++)
		TRY(entry_of(folder, names.v[i], a, &(*out)[(*n)++], f));
	return E_OK;
}

enum err
encoder_store_remove(const char *dir, struct str name, struct fault *f)
{
	char folder[ENCODER_PATH_MAX], path[ENCODER_PATH_MAX];

	if (!encoder_name_valid(name))
		return fault(f, E_INVALID, "\"%.*s\" is no encoder's name", STR_ARG(str_clip_utf8(name, 80)));
	TRY(dir_or_own(dir, folder, f));
	TRY(encoder_find(folder, name, path, f));
	if (unlink(path) != 0)
		return fault(f, E_CONFIG, "%s: %s", path, strerror(errno));
	return E_OK;
}

/* --- Adding. */

static enum err
make_dirs(char *path, struct fault *f)
{
	for (char *p = path + 1;; p++) {
		char was = *p;

		if (was != '/' && was != '\0')
			continue;
		*p = '\0';
		if (mkdir(path, 0700) != 0 && errno != EEXIST)
			return fault(f, E_CONFIG, "%s: %s", path, strerror(errno));
		*p = was;
		if (was == '\0')
			return E_OK;
	}
}

static bool
write_all(int fd, struct str s)
{
	while (s.n > 0) {
		ssize_t n = write(fd, s.p, s.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		s = str_sub(s, (size_t)n, s.n);
	}
	return true;
}

static void
sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		(void)fsync(fd);
		close(fd);
	}
}

/* Beside, synced, renamed: a reader sees the old file or the whole new one. */
static enum err
replace_file(const char *dir, const char *path, struct str bytes, struct fault *f)
{
	char temp[ENCODER_PATH_MAX];
	bool ok;
	int fd, why;

	TRY(put_path(temp, f, dir, "/.adding-XXXXXX"));
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return fault(f, E_CONFIG, "%s: %s", temp, strerror(errno));
	ok = write_all(fd, bytes) && fchmod(fd, 0644) == 0 && fsync(fd) == 0;
	why = errno;
	ok = close(fd) == 0 && ok;
	if (ok && rename(temp, path) == 0) {
		sync_dir(dir);
		return E_OK;
	}
	if (ok)
		why = errno;
	(void)unlink(temp);
	return fault(f, why == ENOSPC || why == EDQUOT ? E_FULL : E_CONFIG, "%s: %s", path, strerror(why));
}

static enum err
convert(struct arena *a, const char *source, const struct encoder_options *o, struct encoder_weights *w,
    struct fault *f)
{
	struct encoder_files files;

	TRY(encoder_source_read(a, source, &files, f));
	files.name = mended_name(a, files.name);
	if (encoder_import(a, &files, o, w, f) != E_OK)
		return fault_wrap(f, "%s", source);
	return E_OK;
}

static enum err
check_name(struct str name, struct fault *f)
{
	if (!encoder_name_valid(name))
		return fault(f, E_INVALID, "\"%.*s\" cannot be an encoder's name: 1 to %d of letters, digits, "
		    "'.', '_' and '-', neither none nor auto", STR_ARG(str_clip_utf8(name, 80)), NAME_MAX_BYTES);
	return E_OK;
}

/* Made by this program already, here or elsewhere: checked and copied. */
static enum err
add_converted(const char *dir, const char *source, const struct encoder_options *o, struct arena *a,
    struct encoder_entry *out, struct fault *f)
{
	char folder[ENCODER_PATH_MAX], path[ENCODER_PATH_MAX];
	struct encoder_weights *w = arena_zalloc(a, sizeof(*w));
	struct str bytes, name;

	TRY(encoder_source_file(a, source, &bytes, f));
	if (encoder_file_read(a, bytes, w, f) != E_OK)
		return fault_wrap(f, "%s", source);
	name = o->name.n > 0 ? o->name : w->info.name;
	TRY(check_name(name, f));
	TRY(dir_or_own(dir, folder, f));
	TRY(make_dirs(folder, f));
	TRY(file_path(folder, str_z(a, name), path, f));
	TRY(replace_file(folder, path, bytes, f));
	return entry_of(folder, str_z(a, name), a, out, f);
}

enum err
encoder_store_add(const char *dir, const char *source, const struct encoder_options *o, struct arena *a,
    struct encoder_entry *out, struct fault *f)
{
	char folder[ENCODER_PATH_MAX], path[ENCODER_PATH_MAX];
	struct encoder_weights *w = arena_zalloc(a, sizeof(*w));
	struct buf file;
	enum err e;

	if (str_ends(str_from(source), suffix))
		return add_converted(dir, source, o, a, out, f);
	if (o->name.n > 0)
		TRY(check_name(o->name, f));
	TRY(dir_or_own(dir, folder, f));
	TRY(convert(a, source, o, w, f));
	TRY(make_dirs(folder, f));
	TRY(file_path(folder, str_z(a, w->info.name), path, f));
	buf_init(&file, ENCODER_ADD_MEMORY);
	encoder_file_write(w, &file);
	e = file.over ? fault(f, E_TOOBIG, "%s: too large", source) :
	    replace_file(folder, path, buf_str(&file), f);
	buf_free(&file);
	return e == E_OK ? entry_of(folder, str_z(a, w->info.name), a, out, f) : e;
}
