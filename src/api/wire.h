/* SPDX-License-Identifier: Apache-2.0 */
/* wire.h - the shapes of docs/PROTOCOL.md §4, written as JSON.
 *
 * Bodies of events are canonical JSON already and are spliced, not parsed; what
 * a body holds beyond the protocol stays inside.  Each function appends one
 * value to a bounded buf; the caller checks `over` once.  Thread-safe.
 */
#pragma once

#include "base/buf.h"
#include "engine/engine.h"
#include "model/people.h"

/* A buf that the arena releases. */
struct buf *wire_buf(struct arena *a, size_t max_bytes);

/* "key": with the comma before it unless an object or array just began. */
void wire_key(struct buf *out, const char *key);
void wire_str(struct buf *out, const char *key, struct str v);
void wire_str_or_null(struct buf *out, const char *key, struct str v);	/* empty: null */
void wire_i64(struct buf *out, const char *key, int64_t v);
void wire_i64_or_null(struct buf *out, const char *key, int64_t v);	/* 0: null */
void wire_bool(struct buf *out, const char *key, bool v);
void wire_id(struct buf *out, const char *key, struct id id);

/* A kind that leaves the process, for a reader who may see `most`. */
bool wire_event_shown(const struct event *e, enum audience most);
/* actor_name: of an agent; empty is null. */
void wire_event(struct buf *out, const struct event *e, struct str actor_name);
/* The engine's live policy names the intent; one that it does not know stays an id. */
void wire_row_members(struct buf *out, const struct conv_row *c, struct engine *e);	/* without braces */
void wire_row(struct buf *out, const struct conv_row *c, struct engine *e);
/* wait: NULL is null. */
void wire_conv(struct buf *out, const struct conv_row *c, struct str resume, const struct wait *w);
void wire_wait(struct buf *out, const struct wait *w);
void wire_contact(struct buf *out, const struct contact *c);
void wire_counts(struct buf *out, const struct conv_counts *c);
void wire_card(struct buf *out, const struct event *e);
void wire_user(struct buf *out, const struct user *u);

/* ---- names of agents: a small cache, so that the writer thread need not ask ---- */
struct names;
struct names *names_new(void);
void names_free(struct names **n);
void names_put(struct names *n, struct id user, struct str name);
/* Writes at most 127 bytes and a NUL; false when it is not known. */
#define NAME_BYTES 128
bool names_get(struct names *n, struct id user, char out[NAME_BYTES]);
/* The name of an event's actor; asks the database when the cache does not
 * know. names may be NULL. Empty when it is no agent's. */
struct str names_of_event(struct names *n, struct db *db, const struct event *e, struct arena *a);
