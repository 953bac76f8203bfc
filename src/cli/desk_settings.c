/* SPDX-License-Identifier: Apache-2.0 */
/* desk_settings.c - the settings of all parts of a desk. */
#include "cli/desk_settings.h"

void
desk_settings_modules(struct desk_settings *s, struct setting_module mods[DESK_MODULES])
{
	api_settings_modules(&s->api, mods);
	mods[API_SETTINGS_MODULES] = engine_settings_module(&s->engine);
	mods[API_SETTINGS_MODULES + 1] = nlu_settings_module(&s->nlu);
}
