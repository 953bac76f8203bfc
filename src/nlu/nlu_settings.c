/* SPDX-License-Identifier: Apache-2.0 */
/* nlu_settings.c - what understanding is set up with. */
#include "nlu/nlu_settings.h"

static const struct setting table[] = {
	{ "nlu.encoder", SET_STR, offsetof(struct nlu_settings, encoder), "auto", 0, 0,
	    "sentence encoder: none, auto (all-MiniLM-L6-v2, else the first there), a name of `baton encoder list` or a path" },
	{ "nlu.history_messages", SET_INT, offsetof(struct nlu_settings, history_messages), "5000", 0, 20000,
	    "past messages of customers that publishing learns from, the newest, masked; only with an encoder. 0: none" },
	{ .key = NULL },
};

struct setting_module
nlu_settings_module(struct nlu_settings *values)
{
	return (struct setting_module){ "nlu", table, values };
}
