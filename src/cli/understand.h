/* SPDX-License-Identifier: Apache-2.0 */
/* understand.h - what the commands about understanding share: options, the encoder, a
 * bar of progress. */
#pragma once

#include "cli/cli.h"
#include "cli/workspace.h"
#include "engine/past.h"
#include "engine/policy_load.h"
#include "insight/eval/desk.h"

struct embedder;
struct encoder;

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

/* What a workspace's files say is to be learned, and with what. */
struct desk_to_learn {
	struct policy_snapshot *snap;
	struct encoder *encoder;	/* NULL: words alone */
	struct embedder *embedder;	/* likewise */
	struct training set;		/* with embedder and seed */
	struct past past;		/* as `baton publish` would learn from: nlu.history_messages */
};
/* vectors: file that keeps them, may be NULL. E_INVALID: no intent is named. Close it also after an
 * error. */
enum err understand_open(struct workspace *w, struct arena *a, const char *encoder, const char *vectors,
    size_t seed, struct desk_to_learn *out, struct fault *f) NODISCARD;
void understand_close(struct desk_to_learn *d);

/* A bar on stderr where that is a terminal; share 1 wipes it. */
void progress_show(void *arg, const char *stage, double share);
bool understand_color(void);	/* of stdout */
unsigned understand_width(void);
