/* SPDX-License-Identifier: Apache-2.0 */
/* schema.h - the tables, once a dialect, from one text. */
#pragma once

#define SCHEMA_VERSION 3

/* Statements, NULL last. */
extern const char *const schema_sqlite[];
extern const char *const schema_postgres[];
