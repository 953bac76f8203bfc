/* SPDX-License-Identifier: Apache-2.0 */
/* article.h - an article's source: front matter and body, as read from a file. */
#pragma once

#include "base/str.h"

struct article_source {
	struct str id, title, language;
	struct str updated;		/* "2026-11-03" */
	const struct str *questions;
	size_t questions_n;
	struct str body;		/* Markdown */
	int body_line;			/* of its first line in the file */
	struct str file;		/* "articles/returns.md" */
};
