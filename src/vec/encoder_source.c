/* SPDX-License-Identifier: Apache-2.0 */
/* encoder_source.c - where a published encoder's files lie: a folder, an archive, a file. */
#include "vec/encoder_source.h"

#include "vec/safetensors.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#define ENTRIES_MAX 100000

/* The files of a sentence-transformers folder, by their names in it. */
static const struct wanted {
	const char *name;
	size_t at;		/* in struct encoder_files */
	uint64_t max_bytes;
	bool needed;
} wanted[] = {
	{ "model.safetensors", offsetof(struct encoder_files, weights), ENCODER_SOURCE_MAX, true },
	{ "vocab.txt", offsetof(struct encoder_files, vocab), 64 << 20, true },
	{ "config.json", offsetof(struct encoder_files, config), 1 << 20, false },
	{ "1_Pooling/config.json", offsetof(struct encoder_files, pooling), 1 << 20, false },
	{ "tokenizer_config.json", offsetof(struct encoder_files, tokenizer), 16 << 20, false },
	{ "modules.json", offsetof(struct encoder_files, modules), 1 << 20, false },
};

#define WANTED_N (sizeof(wanted) / sizeof(wanted[0]))

static struct str *
slot(struct encoder_files *out, const struct wanted *w)
{
	return (struct str *)(void *)((char *)out + w->at);
}

/* The last part of a path, without `suffix`. */
static struct str
name_of(struct arena *a, const char *path)
{
	struct str s = str_from(path);
	size_t from, dot;

	while (s.n > 1 && s.p[s.n - 1] == '/')
		s.n--;
	for (from = s.n; from > 0 && s.p[from - 1] != '/'; from--)
		;
	s = str_sub(s, from, s.n);
	for (dot = s.n; dot > 0 && s.p[dot - 1] != '.'; dot--)
		;
	if (dot > 1 && (str_ends(s, STR(".whl")) || str_ends(s, STR(".zip")) || str_ends(s, STR(".jar")) ||
	    str_ends(s, STR(".safetensors"))))
		s.n = dot - 1;
	return str_dup(a, s);
}

/* --- Plain files. */

static enum err
read_fd(struct arena *a, int fd, const char *path, uint64_t max, struct str *out, struct fault *f)
{
	struct stat st;
	size_t n = 0;
	char *p;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return fault(f, E_INVALID, "%s: not a file", path);
	if ((uint64_t)st.st_size > max)
		return fault(f, E_INVALID, "%s: %lld bytes, at most %llu can be", path, (long long)st.st_size,
		    (unsigned long long)max);
	p = arena_alloc(a, (size_t)st.st_size + 1);
	while (n < (size_t)st.st_size) {
		ssize_t got = read(fd, p + n, (size_t)st.st_size - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return fault(f, E_INVALID, "%s: could not be read to its end", path);
		n += (size_t)got;
	}
	*out = (struct str){ p, n };
	return E_OK;
}

static enum err
read_plain(struct arena *a, const char *path, uint64_t max, struct str *out, struct fault *f)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum err e;

	if (fd < 0)
		return fault(f, errno == ENOENT ? E_NOTFOUND : E_INVALID, "%s: %s", path, strerror(errno));
	e = read_fd(a, fd, path, max, out, f);
	close(fd);
	return e;
}

enum err
encoder_source_file(struct arena *a, const char *path, struct str *out, struct fault *f)
{
	return read_plain(a, path, ENCODER_SOURCE_MAX, out, f);
}

/* weights NULL: the folder's own. */
static enum err
read_folder(struct arena *a, struct str folder, const char *weights, struct encoder_files *out,
    struct fault *f)
{
	for (size_t i = 0; i < WANTED_N; i++) {
		const char *path = i == 0 && weights != NULL ? weights :
		    str_fmt(a, "%S/%s", folder, wanted[i].name).p;
		enum err e = read_plain(a, path, wanted[i].max_bytes, slot(out, &wanted[i]), f);

		if (e == E_NOTFOUND && wanted[i].needed)
			return fault(f, E_INVALID, "%.*s: no %s in it", STR_ARG(folder), wanted[i].name);
		if (e != E_OK && e != E_NOTFOUND)
			return e;
	}
	return E_OK;
}

/* --- Archives. */

struct archive {
	struct arena *a;
	zip_t *zip;
	struct str root;	/* of the weights' folder in it, with its '/' */
	uint64_t total;
};

static enum err
unpack(zip_file_t *in, char *p, size_t n, const char *name, struct fault *f)
{
	size_t at = 0;

	while (at < n) {
		zip_int64_t got = zip_fread(in, p + at, n - at);

		if (got <= 0)
			return fault(f, E_INVALID, "%s: damaged in the archive, or shorter than it says", name);
		at += (size_t)got;
	}
	return E_OK;
}

/* The safetensors header first: how much it says must be how much there is. */
static enum err
unpack_weights(struct arena *a, zip_file_t *in, const zip_stat_t *st, struct str *out, struct fault *f)
{
	char first[8], *head, *all;
	uint64_t bytes;
	size_t n;

	TRY(unpack(in, first, sizeof(first), st->name, f));
	if (safetensors_head_size((struct str){ first, sizeof(first) }, &n, f) != E_OK)
		return fault_wrap(f, "%s", st->name);
	if (n > st->size)
		return fault(f, E_INVALID, "%s: truncated in its header", st->name);
	head = arena_alloc(a, n);
	memcpy(head, first, sizeof(first));
	TRY(unpack(in, head + sizeof(first), n - sizeof(first), st->name, f));
	if (safetensors_size(a, (struct str){ head, n }, &bytes, f) != E_OK)
		return fault_wrap(f, "%s", st->name);
	if (bytes != st->size)
		return fault(f, E_INVALID, "%s: its tensors need %llu bytes, the archive says %llu", st->name,
		    (unsigned long long)bytes, (unsigned long long)st->size);
	all = arena_alloc(a, bytes);
	memcpy(all, head, n);
	*out = (struct str){ all, bytes };
	return unpack(in, all + n, bytes - n, st->name, f);
}

/* Nothing may follow, and the end is where libzip compares the CRC. */
static enum err
unpack_end(zip_file_t *in, const char *name, struct fault *f)
{
	char more;
	zip_int64_t got = zip_fread(in, &more, 1);

	if (got != 0)
		return fault(f, E_INVALID, got < 0 ? "%s: damaged in the archive" :
		    "%s: unpacks to more than it says", name);
	return E_OK;
}

static enum err
check_entry(struct archive *z, const zip_stat_t *st, uint64_t max, struct fault *f)
{
	const zip_uint64_t need = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE;

	if ((st->valid & need) != need)
		return fault(f, E_INVALID, "an entry of the archive does not say its size");
	if (st->size > max || st->size > ENCODER_SOURCE_MAX - z->total)
		return fault(f, E_INVALID, "%s: unpacks to %llu bytes, more than can be", st->name,
		    (unsigned long long)st->size);
	if (st->size / ENCODER_RATIO_MAX > st->comp_size)
		return fault(f, E_INVALID, "%s: a zip bomb: %llu bytes out of %llu", st->name,
		    (unsigned long long)st->size, (unsigned long long)st->comp_size);
	z->total += st->size;
	return E_OK;
}

static enum err
read_entry(struct archive *z, zip_uint64_t i, const struct wanted *w, struct str *out, struct fault *f)
{
	bool weights = w->at == offsetof(struct encoder_files, weights);
	zip_file_t *in;
	zip_stat_t st;
	enum err e;

	if (zip_stat_index(z->zip, i, 0, &st) != 0)
		return fault(f, E_INVALID, "%s: %s", w->name, zip_strerror(z->zip));
	TRY(check_entry(z, &st, w->max_bytes, f));
	in = zip_fopen_index(z->zip, i, 0);
	if (in == NULL)
		return fault(f, E_INVALID, "%s: %s", st.name, zip_strerror(z->zip));
	if (weights) {
		e = unpack_weights(z->a, in, &st, out, f);
	} else {
		char *p = arena_alloc(z->a, st.size + 1);

		*out = (struct str){ p, st.size };
		e = unpack(in, p, st.size, st.name, f);
	}
	if (e == E_OK)
		e = unpack_end(in, st.name, f);
	zip_fclose(in);
	return e;
}

/* The one folder in it that holds weights. */
static enum err
find_root(struct archive *z, struct fault *f)
{
	zip_int64_t n = zip_get_num_entries(z->zip, 0);
	bool found = false, onnx = false;

	if (n > ENTRIES_MAX)
		return fault(f, E_INVALID, "%lld entries, at most %d can be", (long long)n, ENTRIES_MAX);
	for (zip_int64_t i = 0; i < n; i++) {
		struct str name = str_from(zip_get_name(z->zip, (zip_uint64_t)i, ZIP_FL_ENC_RAW));

		onnx = onnx || str_ends(name, STR(".onnx"));
		if (!str_eqz(name, "model.safetensors") && !str_ends(name, STR("/model.safetensors")))
			continue;
		if (found)
			return fault(f, E_INVALID, "holds more than one model.safetensors");
		z->root = str_dup(z->a, str_sub(name, 0, name.n - 17));
		found = true;
	}
	if (!found)
		return fault(f, E_INVALID, "no model.safetensors in it%s", onnx ?
		    " but ONNX, which bench/encoder/onnx_to_safetensors turns into it" : "");
	return E_OK;
}

static enum err
read_entries(struct archive *z, struct encoder_files *out, struct fault *f)
{
	TRY(find_root(z, f));
	for (size_t i = 0; i < WANTED_N; i++) {
		struct str name = str_fmt(z->a, "%S%s", z->root, wanted[i].name);
		zip_int64_t at = zip_name_locate(z->zip, name.p, ZIP_FL_ENC_RAW);

		if (at < 0 && wanted[i].needed)
			return fault(f, E_INVALID, "no %.*s in it", STR_ARG(name));
		if (at >= 0)
			TRY(read_entry(z, (zip_uint64_t)at, &wanted[i], slot(out, &wanted[i]), f));
	}
	return E_OK;
}

static void
close_zip(void *zip)
{
	zip_discard(zip);
}

static enum err
read_archive(struct arena *a, const char *path, struct encoder_files *out, struct fault *f)
{
	struct archive z = { .a = a };
	int code = 0;
	zip_error_t error;
	enum err e;

	z.zip = zip_open(path, ZIP_RDONLY, &code);
	if (z.zip == NULL) {
		zip_error_init_with_code(&error, code);
		e = fault(f, E_INVALID, "%s: %s", path, zip_error_strerror(&error));
		zip_error_fini(&error);
		return e;
	}
	/* An arena that reaches its ceiling leaves through its exit: the archive with it. */
	arena_defer(a, close_zip, z.zip);
	if (read_entries(&z, out, f) != E_OK)
		return fault_wrap(f, "%s", path);
	return E_OK;
}

enum err
encoder_source_read(struct arena *a, const char *path, struct encoder_files *out, struct fault *f)
{
	struct str s = str_from(path), folder;
	struct stat st;
	size_t from;

	*out = (struct encoder_files){ .name = name_of(a, path) };
	if (stat(path, &st) != 0)
		return fault(f, errno == ENOENT ? E_NOTFOUND : E_INVALID, "%s: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return read_folder(a, s, NULL, out, f);
	if (!S_ISREG(st.st_mode))
		return fault(f, E_INVALID, "%s: neither a file nor a folder", path);
	if (str_ends(s, STR(".whl")) || str_ends(s, STR(".zip")) || str_ends(s, STR(".jar")))
		return read_archive(a, path, out, f);
	if (str_ends(s, STR(".onnx")))
		return fault(f, E_INVALID, "%s: ONNX is not read; bench/encoder/onnx_to_safetensors turns it into "
		    "what is", path);
	if (!str_ends(s, STR(".safetensors")))
		return fault(f, E_INVALID, "%s: expected a folder, a .whl, .zip or .jar, a .safetensors or "
		    "a .encoder", path);
	for (from = s.n; from > 0 && s.p[from - 1] != '/'; from--)
		;
	folder = from == 0 ? STR(".") : str_dup(a, str_sub(s, 0, from - (from > 1)));
	return read_folder(a, folder, path, out, f);
}
