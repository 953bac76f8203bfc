/* SPDX-License-Identifier: Apache-2.0 */
/* control.h - the workspace's local socket: commands through the running server.
 *
 * DIR/run/control.sock, mode 0600, same uid only.  One JSON object a line in,
 * one out: {"cmd":"user_add",...} -> {"ok":true,...} or {"ok":false,"error":
 * {"code","message"}}.  Handlers run on a thread of the socket's own, one at a
 * time: they may wait (writer_call).
 */
#pragma once

#include "base/json.h"

struct api;
struct control;

struct control_command {
	const char *name;
	/* *out is an object in the arena, or NULL for an empty one. */
	enum err (*run)(void *ctx, const json_t *in, struct arena *a, json_t **out, struct fault *f);
};

/* commands ends with name == NULL and must outlive the socket. */
enum err control_open(const char *path, const struct control_command *commands, void *ctx,
    struct control **out, struct fault *f) NODISCARD;
void control_close(struct control **c);	/* finishes the command that runs; removes the file */

/* The client's side, for src/cli: E_RETRY when nobody listens there. The
 * answer's error becomes the fault. *out lives in the arena. */
enum err control_call(const char *path, json_t *request, struct arena *a, json_t **out,
    struct fault *f) NODISCARD;
