/* SPDX-License-Identifier: Apache-2.0 */
/* recall.h - the conversations that are being answered, in memory.
 *
 * The record is in the store; what a turn needs of it was committed by this
 * process a moment ago.  So each batch, once committed, is noted here, and a
 * turn's fold goes on with the new events where the last turn's stopped, without
 * asking the store (every commit empties a reader's page cache) and without
 * parsing the conversation again from its beginning.
 *
 * What is remembered is what the store says, or it is forgotten: notes must
 * follow each other without a gap of seqs; a conversation with an agent, a
 * change beside the record, another policy, too many or too large ones are
 * dropped and read again.  A build that is no release compares each fold from
 * here with the record's.  Bounded: RECALL_MAX conversations, RECALL_BYTES.
 *
 * A remembered conversation has one owner at a time (a job between recall_take
 * and recall_release); who comes meanwhile reads the store.
 */
#pragma once

#include "engine/record_fold.h"
#include "model/conv.h"

#define RECALL_MAX 2048
#define RECALL_BYTES ((size_t)48 << 20)

struct published;
struct recall;
struct recalled;

struct recall *recall_new(void);
void recall_free(struct recall **r);

/* Forgets all: another policy is live, and the old one is not kept for its folds. */
void recall_clear(struct recall *r);

/* The writer, after each commit, in order, before anybody is told: b was stored.
 * beside: more was written than its events. */
void recall_note(struct recall *r, struct batch *b, bool beside);

/* The row without its texts; false: not remembered. */
bool recall_row(struct recall *r, struct id conv, struct conv_row *out);

/* A job's own until recall_release; NULL: another job has it.  The policy is
 * the one it is folded under. */
struct recalled *recall_take(struct recall *r, struct id conv, struct published *pub);
/* false: nothing is known yet; the owner reads row and events and tells. */
bool recall_knows(const struct recalled *c);
/* All events up to row->last_seq.  The texts are copied. */
void recall_tell(struct recalled *c, const struct conv_row *row, int inbox, const struct event *v, size_t n);
/* Goes on to the newest note: the row (its texts are good until the release) and
 * what holds now, in a.  E_NOTFOUND: it was forgotten, ask the store. */
enum err recall_fold(struct recalled *c, struct arena *a, struct conv_row *row, struct folded *out,
    struct fault *f) NODISCARD;
void recall_release(struct recalled **c);
