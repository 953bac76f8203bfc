/* SPDX-License-Identifier: Apache-2.0 */
/* understand.h - what the commands about understanding share: options, the encoder, a
 * bar of progress. */
#pragma once

#include "cli/cli.h"

#include <stdbool.h>
#include <stdint.h>

struct encoder;
struct policy;
struct training;
struct arena;

enum option_kind { OPTION_TEXT, OPTION_FLAG, OPTION_COUNT, OPTION_SHARE };
struct option {
	const char *name;	/* "--train" */
	enum option_kind kind;
	void *to;		/* const char *, bool, size_t, double */
};
/* Words that are no options go to words[], at most max. NULL, or what is wrong (static, or in
 * wrong[]). */
const char *options_parse(int argc, char **argv, const struct option *v, size_t n, const char **words,
    size_t *words_n, size_t max, char wrong[256]);

/* The encoder that `flag` (--encoder, may be NULL) means, opened; *out NULL: none. An encoder that
 * was asked for by name and is not there is an error, one that was not is said on stderr. */
enum err understand_encoder(const char *flag, struct encoder **out, struct fault *f) NODISCARD;

/* A bar on stderr where that is a terminal; share 1 wipes it. */
void progress_show(void *arg, const char *stage, double share);
bool understand_color(void);	/* of stdout */
unsigned understand_width(void);
