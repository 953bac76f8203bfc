/* SPDX-License-Identifier: Apache-2.0 */
/* said_json.h - the body of message.ai (docs/PROTOCOL.md: text, parts, lang). */
#pragma once

#include "base/json.h"
#include "flow/render.h"

json_t *said_to_json(const struct said *s, struct arena *a);
