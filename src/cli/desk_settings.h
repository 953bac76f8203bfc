/* SPDX-License-Identifier: Apache-2.0 */
/* desk_settings.h - the settings of all parts of a desk, for whoever reads baton.yaml. */
#pragma once

#include "api/api.h"
#include "engine/settings.h"
#include "nlu/nlu_settings.h"

#define DESK_MODULES (API_SETTINGS_MODULES + 2)

struct desk_settings {
	struct api_settings api;
	struct engine_settings engine;
	struct nlu_settings nlu;
};

void desk_settings_modules(struct desk_settings *s, struct setting_module mods[DESK_MODULES]);
