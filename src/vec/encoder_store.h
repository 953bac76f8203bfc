/* SPDX-License-Identifier: Apache-2.0 */
/* encoder_store.h - the folder of encoders, and which of them is meant.
 *
 * One folder a user: $BATON_HOME/encoders, else $XDG_DATA_HOME/baton/encoders, else
 * ~/.local/share/baton/encoders; in it one file an encoder, NAME.encoder
 * (vec/encoder_file.h).  Files are written beside, synced and renamed: a reader sees a
 * whole one or none.  Wherever an encoder is chosen the same words are understood:
 *	none	no encoder: the sparse model alone
 *	auto	all-MiniLM-L6-v2 if it is there, else the first by name, else none
 *	NAME	of the folder; not there: E_NOTFOUND
 *	PATH	whatever holds a '/': that file
 * Thread-safe; reads the environment, so not while somebody writes it.
 */
#pragma once

#include "vec/encoder_import.h"

#define ENCODER_PATH_MAX 4096
#define ENCODER_STORE_MAX 64	/* encoders a folder */
#define ENCODER_SUFFIX ".encoder"

/* The folder of whoever runs this process; it may not exist yet.  E_CONFIG when no
 * variable says where. */
enum err encoder_store_dir(char out[ENCODER_PATH_MAX], struct fault *f) NODISCARD;

/* The path of the file that `wanted` means; empty = none.  dir NULL: encoder_store_dir().
 * Nothing is opened: the file may still be damaged (encoder_open says so). */
enum err encoder_find(const char *dir, struct str wanted, char out[ENCODER_PATH_MAX],
    struct fault *f) NODISCARD;

/* What a command without a workspace means: the flag's value (--encoder NAME|PATH|none),
 * else BATON_NLU_ENCODER, else "auto".  flag may be NULL.  A server takes its setting
 * nlu.encoder instead, which the same variable overrides. */
struct str encoder_wanted(const char *flag);

/* A name that may be a file's: 1..64 of [A-Za-z0-9._-], no dot first, not none or auto. */
bool encoder_name_valid(struct str name);

/* One file of the folder, checked whole. */
struct encoder_entry {
	struct str name;	/* of the file, without the suffix */
	struct str path;
	size_t bytes;
	bool good;		/* false: `why` says what is wrong, info is empty */
	bool known;		/* its source's SHA-256 is one we know */
	struct str why;
	struct encoder_info info;
};

/* Sorted by name, in the arena.  A folder that is not there is empty.  dir NULL as above. */
enum err encoder_store_list(const char *dir, struct arena *a, struct encoder_entry **out, size_t *n,
    struct fault *f) NODISCARD;
/* E_NOTFOUND names it.  Who has it open keeps it. */
enum err encoder_store_remove(const char *dir, struct str name, struct fault *f) NODISCARD;

/* Reads a folder, a .whl/.zip/.jar or a .safetensors with its vocabulary beside it
 * (vec/encoder_source.h), or a .encoder as it is, converts it and puts it into the folder, which is made when it is
 * not there.  An encoder of that name is replaced.  E_INVALID names what is wrong with the
 * source; then nothing is changed.  The arena needs a ceiling of ENCODER_ADD_MEMORY. */
#define ENCODER_ADD_MEMORY ((size_t)4 << 30)
enum err encoder_store_add(const char *dir, const char *source, const struct encoder_options *o,
    struct arena *a, struct encoder_entry *out, struct fault *f) NODISCARD;
