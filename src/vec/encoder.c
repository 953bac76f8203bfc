/* SPDX-License-Identifier: Apache-2.0 */
/* encoder.c - a file mapped, checked and packed; a text through it. */
#include "vec/encoder.h"

#include "vec/forward.h"
#include "vec/wordpiece.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC 0x454e4344u
#define ARENA_MAX ((size_t)64 << 20)	/* of a vocabulary's views */

struct encoder {
	unsigned magic;
	_Atomic unsigned refs;
	struct arena *arena;	/* what encoder_file_read made; NULL of encoder_make */
	char *file;		/* mapped, or NULL */
	size_t file_bytes;
	struct encoder_weights w;
	struct wordpiece *pieces;
	struct forward *forward;
};

static enum err
finish(struct encoder *e, enum encoder_kernel k, struct fault *f)
{
	const struct kernel *kernel = kernel_choose(k);
	const struct encoder_info *info = &e->w.info;

	if (kernel == NULL)
		return fault(f, E_INVALID, "this processor has not the kernel that was asked for");
	TRY(wordpiece_new(e->w.vocab, info->vocab, info->lower, &e->pieces, f));
	e->forward = forward_new(&e->w, kernel);
	return E_OK;
}

static struct encoder *
alloc(void)
{
	struct encoder *e = calloc(1, sizeof(*e));

	CHECK(e != NULL);
	e->magic = MAGIC;
	e->refs = 1;
	return e;
}

enum err
encoder_make(const struct encoder_weights *w, enum encoder_kernel k, struct encoder **out,
    struct fault *f)
{
	struct encoder *e = alloc();
	enum err err;

	e->w = *w;
	err = finish(e, k, f);
	if (err != E_OK)
		encoder_unref(&e);
	*out = e;
	return err;
}

static enum err
map_file(struct encoder *e, const char *path, struct fault *f)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);	/* a pipe is refused, not waited for */
	struct stat st;
	void *p;

	if (fd < 0)
		return fault(f, errno == ENOENT ? E_NOTFOUND : E_INVALID, "%s: %s", path,
		    strerror(errno));
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size == 0) {
		close(fd);
		return fault(f, E_INVALID, "%s: not a file with anything in it", path);
	}
	e->file_bytes = (size_t)st.st_size;
	p = mmap(NULL, e->file_bytes, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (p == MAP_FAILED)
		return fault(f, E_INVALID, "%s: cannot be mapped: %s", path, strerror(errno));
	e->file = p;
	return E_OK;
}

struct reading {
	struct str bytes;
	struct encoder_weights *out;
};

static enum err
read_job(struct arena *a, void *arg, struct fault *f)
{
	struct reading *r = arg;

	return encoder_file_read(a, r->bytes, r->out, f);
}

static enum err
open_in(struct encoder *e, const char *path, enum encoder_kernel k, struct fault *f)
{
	struct reading r;

	TRY(map_file(e, path, f));
	e->arena = arena_new(ARENA_MAX);
	r = (struct reading){ { e->file, e->file_bytes }, &e->w };
	if (arena_run(e->arena, read_job, &r, f) != E_OK || finish(e, k, f) != E_OK)
		return fault_wrap(f, "%s", path);
	/* Packed: of the file only the words are read from now on, row by row. */
	(void)madvise(e->file, e->file_bytes, MADV_DONTNEED);
	(void)madvise(e->file, e->file_bytes, MADV_RANDOM);
	return E_OK;
}

enum err
encoder_open(const char *path, enum encoder_kernel k, struct encoder **out, struct fault *f)
{
	struct encoder *e = alloc();
	struct fault own = { 0 };
	enum err err = open_in(e, path, k, f != NULL ? f : &own);

	if (err != E_OK)
		encoder_unref(&e);
	*out = e;
	return err;
}

struct encoder *
encoder_ref(struct encoder *e)
{
	CHECK_OBJ(e, MAGIC);
	atomic_fetch_add(&e->refs, 1);
	return e;
}

void
encoder_unref(struct encoder **ep)
{
	struct encoder *e = *ep;

	*ep = NULL;
	if (e == NULL)
		return;
	CHECK_OBJ(e, MAGIC);
	if (atomic_fetch_sub(&e->refs, 1) > 1)
		return;
	forward_free(&e->forward);
	wordpiece_free(&e->pieces);
	arena_free(&e->arena);
	if (e->file != NULL)
		munmap(e->file, e->file_bytes);
	e->magic = 0;
	free(e);
}

const struct encoder_info *
encoder_info_of(const struct encoder *e)
{
	CHECK_OBJ(e, MAGIC);
	return &e->w.info;
}

const char *
encoder_kernel_name(const struct encoder *e)
{
	return forward_kernel(e->forward)->name;
}

size_t
encoder_memory_bytes(const struct encoder *e)
{
	const struct encoder_info *info = &e->w.info;
	size_t each = info->precision == ENCODER_I8 ? 1 : sizeof(float);

	return forward_bytes(e->forward) + wordpiece_bytes(e->pieces) +
	    info->vocab * (sizeof(struct str) + info->width * each);
}

static size_t
tokens_max(const struct encoder_info *info)
{
	return info->positions < ENCODER_TOKENS_MAX ? info->positions : ENCODER_TOKENS_MAX;
}

void
encoder_embed(const struct encoder *e, struct arena *a, struct str text, float *out)
{
	const struct encoder_info *info = &e->w.info;
	uint32_t ids[ENCODER_TOKENS_MAX];
	size_t max = tokens_max(info), n = 1, own;

	CHECK_OBJ(e, MAGIC);
	memset(out, 0, info->width * sizeof(*out));
	if (max < 3)
		return;
	ids[0] = wordpiece_cls(e->pieces);
	n += wordpiece_encode(e->pieces, info->prefix, ids + n, max - 1 - n, NULL);
	own = wordpiece_encode(e->pieces, text, ids + n, max - 1 - n, NULL);
	if (own == 0)
		return;
	n += own;
	ids[n++] = wordpiece_sep(e->pieces);
	forward_run(e->forward, a, ids, n, out);
}

size_t
encoder_count_tokens(const struct encoder *e, struct arena *a, struct str text, size_t *words,
    size_t *whole)
{
	uint32_t ids[ENCODER_TOKENS_MAX];
	struct wordpiece_count count;
	size_t n;

	CHECK_OBJ(e, MAGIC);
	(void)a;
	n = wordpiece_encode(e->pieces, text, ids, ENCODER_TOKENS_MAX - 2, &count);
	*words = count.words;
	*whole = count.whole;
	return n;
}
