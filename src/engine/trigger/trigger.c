/* SPDX-License-Identifier: Apache-2.0 */
/* trigger.c - the list of trigger.def as a table. */
#include "engine/trigger/trigger.h"

#define TRIGGER(name) &trigger_##name,
const struct trigger *const trigger_all[] = {
#include "engine/trigger/trigger.def"
};
#undef TRIGGER

const size_t trigger_all_n = sizeof(trigger_all) / sizeof(trigger_all[0]);
