/* SPDX-License-Identifier: Apache-2.0 */
/* settings.h - one table a module: key, type, default, limits, help.
 *
 * The table yields the parser of baton.yaml, the environment variables
 * (BATON_SECTION_KEY), the command line (--section.key=value), `baton config
 * --help`, and docs/SETTINGS.md.  Precedence: command line, environment, file,
 * default.  Values are written into the module's own struct by offset.
 * Strings are owned by the arena given to settings_load.
 */
#pragma once

#include "base/str.h"

enum setting_type {
	SET_BOOL,	/* bool: true|false|yes|no */
	SET_INT,	/* int64_t within min..max */
	SET_MS,		/* int64_t milliseconds: "150ms", "3s", "10m", "2h", "1d" */
	SET_BYTES,	/* int64_t: "64k", "8m", "1g" */
	SET_PPM,	/* int64_t millionths, written as 0..1: "0.82" */
	SET_STR,	/* struct str */
};

struct setting {
	const char *key;	/* "listen.port" */
	enum setting_type type;
	size_t offset;		/* into the module's struct */
	const char *initial;	/* text, parsed like a user's */
	int64_t min, max;
	const char *help;	/* one line */
};

struct setting_module {
	const char *name;	/* first part of each key */
	const struct setting *table;	/* ends with key == NULL */
	void *values;
};

/* Parses one value; E_CONFIG names key, value and what was expected. */
enum err setting_parse(const struct setting *s, struct str text, void *values, struct arena *a,
    struct fault *f) NODISCARD;
enum err settings_defaults(const struct setting_module *m, struct arena *a, struct fault *f) NODISCARD;
/* From the environment: BATON_LISTEN_PORT for listen.port. An unknown BATON_*
 * variable (other than BATON_FAIL and BATON_HOME) is an error that names it. */
enum err settings_env(const struct setting_module *mods, size_t n, char *const *envp,
    struct arena *a, struct fault *f) NODISCARD;
/* One "key=value" of the command line or "key" / "value" of the file. */
enum err settings_set(const struct setting_module *mods, size_t n, struct str key, struct str value,
    struct arena *a, struct fault *f) NODISCARD;
/* The manual: a table for a terminal or Markdown, appended to out. */
struct buf;
void settings_help(const struct setting_module *mods, size_t n, bool markdown, struct buf *out);
