/* SPDX-License-Identifier: Apache-2.0 */
/* markdown.h - articles: Markdown into passages and into safe HTML (md4c).
 *
 * One reading for both, so that a citation's anchor is an id of the page.  A
 * heading starts a section; `{#name}` at its end names it, else the name is made
 * of its words.  Each paragraph, list, table or code block is a passage.
 * The first passage of a section carries the section's anchor, the following
 * ones `anchor-2`, `anchor-3`; anchors are unique in an article.  Text before the
 * first heading has the section "" and the anchor "top".
 * No raw HTML: what looks like it is text.  Links only to https:, mailto: and
 * #fragments; any other is its text alone.  Images are their alternative text.
 * Limits: 1 MB an article.  Thread-safe.
 */
#pragma once

#include "base/str.h"

struct buf;

#define MARKDOWN_MAX ((size_t)1 << 20)

struct md_passage {
	struct str anchor, section;	/* section: the heading's plain text */
	struct str text;		/* plain text; list items on lines of their own, "- " before each */
};

/* Splits "---\n...---\n" off: *front gets what stands between (may be empty),
 * *body the rest, *body_line the 1-based line where it starts. Total. */
void markdown_front(struct str file, struct str *front, struct str *body, int *body_line);

enum err markdown_passages(struct arena *a, struct str body, const struct md_passage **out,
    size_t *out_n, struct fault *f) NODISCARD;
/* Appends h2..h6, p, ul, ol, li, strong, em, code, pre, blockquote, table, a:
 * a heading of level n becomes h(n+1) at least h2 (the page's title is h1). */
enum err markdown_html(struct arena *a, struct str body, struct buf *out, struct fault *f) NODISCARD;
