/* SPDX-License-Identifier: Apache-2.0 */
/* store_spec.h - how to open the store: this program's statements and tables. */
#pragma once

#include "store/db.h"

/* durable: false in talk, sim and tests only. path is borrowed. */
struct db_spec model_db_spec(const char *path, bool writer, bool durable);
