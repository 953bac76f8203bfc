/* SPDX-License-Identifier: Apache-2.0 */
/* workspace.h - a workspace's folder, as commands use it.
 *
 *	baton.yaml policy/ articles/ test/	the founder's files
 *	data/baton.db				the store (0700 folder)
 *	run/lock, run/control.sock		who writes, and the way to them
 *	logins.txt				log-ins made here, 0600
 * One process writes at a time: it holds the lock.  A command that writes goes
 * through the running server's socket, else takes the lock itself.
 */
#pragma once

#include "base/settings.h"
#include "store/db.h"

struct embedder;

struct workspace {
	char dir[3072];		/* absolute */
	struct arena *arena;
	int lock;		/* -1: not held */
};

/* dir NULL: the current one.  E_CONFIG when there is no baton.yaml. */
enum err workspace_open(const char *dir, struct workspace *w, struct fault *f) NODISCARD;
void workspace_close(struct workspace *w);
/* DIR/name, in the workspace's arena. */
const char *workspace_path(struct workspace *w, const char *name);
/* Defaults, baton.yaml, the environment. E_CONFIG names file and line. */
enum err workspace_settings(struct workspace *w, const struct setting_module *mods, size_t n,
    struct fault *f) NODISCARD;
/* The encoder that the setting nlu.encoder means, with its cache of vectors in data/. *out NULL:
 * none is there, or none is wanted; one that was named and is not there is an error. Free it
 * with embedder_free. */
enum err workspace_embedder(struct workspace *w, struct str wanted, struct embedder **out,
    struct fault *f) NODISCARD;
/* Makes data/ and run/, takes the lock. E_CONFLICT: another process has it. */
enum err workspace_lock(struct workspace *w, struct fault *f) NODISCARD;
struct db_spec workspace_db(struct workspace *w, bool writer);
/* Whole files; E_NOTFOUND, E_TOOBIG. Written ones get exactly that mode and
 * replace the old one whole. */
enum err file_read(const char *path, size_t max_bytes, struct arena *a, struct str *out, struct fault *f) NODISCARD;
enum err file_write(const char *path, struct str bytes, unsigned mode, struct fault *f) NODISCARD;
