/* SPDX-License-Identifier: Apache-2.0 */
/* event_hash.h - the commitment of an event: layout and hashes (docs/EVENTS.md).
 *
 * Pure; private to src/model and its tests.
 */
#pragma once

#include "model/event.h"

#define EVENT_HEADER_BYTES 138
#define EVENT_SALT_BYTES 16

/* E_INVALID: policy_hash is neither empty nor 64 hex digits. */
enum err event_header(const struct event *e, uint8_t out[EVENT_HEADER_BYTES], struct fault *f) NODISCARD;
void event_body_hash(const uint8_t salt[EVENT_SALT_BYTES], struct str body, uint8_t out[32]);
enum err event_hash(const uint8_t previous[32], const struct event *e, const uint8_t body_hash[32],
    uint8_t out[32], struct fault *f) NODISCARD;
