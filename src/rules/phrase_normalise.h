/* SPDX-License-Identifier: Apache-2.0 */
/* phrase_normalise.h - a policy's words in the form that messages are compared in.
 * Apart from phrase.h, because this needs Unicode tables and is not pure. */
#pragma once

#include "base/str.h"

/* Its words (text/tokens.h) joined by one blank; empty if it has none. */
struct str phrase_normalise(struct arena *a, struct str text);
