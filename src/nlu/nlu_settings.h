/* SPDX-License-Identifier: Apache-2.0 */
/* nlu_settings.h - what understanding is set up with: section `nlu` of baton.yaml. */
#pragma once

#include "base/settings.h"

struct nlu_settings {
	struct str encoder;	/* none, auto, a name or a path: vec/encoder_store.h */
	int64_t history_messages;
};

struct setting_module nlu_settings_module(struct nlu_settings *values);
