/* SPDX-License-Identifier: Apache-2.0 */
/* settings.h - the engine's own settings: section `turn` of baton.yaml. */
#pragma once

#include "base/settings.h"

struct engine_settings {
	int64_t join_ms;
	int64_t threads, readers;
};
struct setting_module engine_settings_module(struct engine_settings *values);
