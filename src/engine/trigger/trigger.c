/* SPDX-License-Identifier: Apache-2.0 */
/* trigger.c - the list of trigger.def as a table, and counting in words. */
#include "engine/trigger/trigger.h"

#define TRIGGER(name) &trigger_##name,
const struct trigger *const trigger_all[] = {
#include "engine/trigger/trigger.def"
};
#undef TRIGGER

const size_t trigger_all_n = sizeof(trigger_all) / sizeof(trigger_all[0]);

struct str
trigger_times(int64_t n)
{
	static const char *const words[] = {
		"never", "once", "twice", "three times", "four times", "five times", "six times",
		"seven times", "eight times", "nine times", "ten times",
	};

	if (n < 0 || n >= (int64_t)(sizeof(words) / sizeof(words[0])))
		return STR("many times");
	return str_from(words[n]);
}
