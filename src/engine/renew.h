/* SPDX-License-Identifier: Apache-2.0 */
/* renew.h - stores the model that was trained in the place of one that could not be used.
 *
 * Training costs a start seconds, a large desk more: it is paid for once. Only the server asks for this;
 * commands that read train for themselves and leave the store alone.
 */
#pragma once

struct clock;
struct published;
struct writer;

/* Submits it to the writer and returns; nothing to do when the stored model was taken. Nothing is
 * stored either when what was trained knows less than the refused one did (its past messages need an
 * encoder, and there is none now), or when somebody else stored another meanwhile. A failure is
 * logged: the next start trains again. The program's version and the reason go into the audit.
 * Thread-safe. */
void renew_model(struct writer *w, struct clock *clock, const struct published *p);
