/* SPDX-License-Identifier: Apache-2.0 */
/* markdown.c - Markdown to passages and to HTML, from one reading.
 *
 * md4c calls back; the callbacks only append flat operations to bounded bufs
 * (no arena under a library).  Everything else - anchors, passages, HTML - walks
 * that list afterwards.
 */
#include "text/markdown.h"

#include "base/buf.h"
#include "text/tokens.h"
#include "text/utf8.h"

#include <md4c.h>
#include <string.h>

#define PASSAGES_MAX 4000
#define OPS_MAX ((size_t)2 << 20)	/* bytes of operations */
#define ANCHOR_MAX 64

enum op_kind { OP_OPEN, OP_CLOSE, OP_SPAN, OP_UNSPAN, OP_TEXT, OP_BREAK, OP_SOFT };

struct op {
	enum op_kind kind;
	int type;		/* MD_BLOCKTYPE or MD_SPANTYPE */
	int level;		/* headings; spans: 1 = shown */
	size_t from, n;		/* text or link in the text buf */
	struct str anchor;	/* opening of a heading or passage; empty = none */
};

struct doc {
	struct buf ops, text;
	struct op *v;
	size_t n;
};

static struct str
op_text(const struct doc *d, const struct op *o)
{
	return str_sub(buf_str(&d->text), o->from, o->n);
}

/* --- callbacks ------------------------------------------------------------ */

static int
record(struct doc *d, struct op o, const char *p, size_t n)
{
	o.from = d->text.n;
	o.n = n;
	buf_add(&d->text, p, n);
	buf_add(&d->ops, &o, sizeof(o));
	return d->text.over || d->ops.over ? 1 : 0;
}

static int
on_enter_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
	struct op o = { .kind = OP_OPEN, .type = (int)type };

	if (type == MD_BLOCK_H)
		o.level = (int)((MD_BLOCK_H_DETAIL *)detail)->level;
	return record(arg, o, "", 0);
}

static int
on_leave_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
	(void)detail;
	return record(arg, (struct op){ .kind = OP_CLOSE, .type = (int)type }, "", 0);
}

/* https:, mailto: and #fragments, without controls or blanks. */
static bool
link_is_good(struct str href)
{
	bool good = (str_starts(href, STR("https://")) && href.n > 8) ||
	    (str_starts(href, STR("mailto:")) && href.n > 7) ||
	    (str_starts(href, STR("#")) && href.n > 1);

	for (size_t i = 0; i < href.n; i++)
		if ((unsigned char)href.p[i] <= ' ' || href.p[i] == 0x7f || href.p[i] == '\\')
			return false;
	return good && str_utf8_valid(href, NULL);
}

static int
on_enter_span(MD_SPANTYPE type, void *detail, void *arg)
{
	struct op o = { .kind = OP_SPAN, .type = (int)type, .level = 1 };
	struct str href;

	if (type != MD_SPAN_A)
		return record(arg, o, "", 0);
	href = (struct str){ ((MD_SPAN_A_DETAIL *)detail)->href.text,
		((MD_SPAN_A_DETAIL *)detail)->href.size };
	o.level = link_is_good(href);
	return record(arg, o, href.p, href.n);
}

static int
on_leave_span(MD_SPANTYPE type, void *detail, void *arg)
{
	struct op o = { .kind = OP_UNSPAN, .type = (int)type, .level = 1 };

	if (type == MD_SPAN_A) {
		MD_SPAN_A_DETAIL *a = detail;

		o.level = link_is_good((struct str){ a->href.text, a->href.size });
	}
	return record(arg, o, "", 0);
}

/* The few entities that people write; any other stays as written. */
static size_t
entity(struct str s, char out[4])
{
	static const struct { const char *name; int32_t cp; } known[] = {
		{ "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' },
		{ "&apos;", '\'' }, { "&nbsp;", 0xa0 }, { "&euro;", 0x20ac }, { "&ndash;", 0x2013 },
		{ "&mdash;", 0x2014 }, { "&hellip;", 0x2026 }, { "&auml;", 0xe4 }, { "&ouml;", 0xf6 },
		{ "&uuml;", 0xfc }, { "&szlig;", 0xdf }, { "&copy;", 0xa9 },
	};
	int64_t cp;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_eqz(s, known[i].name))
			return utf8_put(known[i].cp, out);
	if (s.n > 3 && s.p[1] == '#' && str_i64(str_sub(s, 2, s.n - 3), &cp) && cp >= ' ' &&
	    cp <= 0x10ffff)
		return utf8_put((int32_t)cp, out);
	return 0;
}

static int
on_text(MD_TEXTTYPE type, const MD_CHAR *p, MD_SIZE n, void *arg)
{
	struct op o = { .kind = OP_TEXT };
	char c[4];
	size_t len;

	switch ((int)type) {
	case MD_TEXT_BR:
		o.kind = OP_BREAK;
		return record(arg, o, "", 0);
	case MD_TEXT_SOFTBR:
		o.kind = OP_SOFT;
		return record(arg, o, "", 0);
	case MD_TEXT_NULLCHAR:
		return record(arg, o, "\xef\xbf\xbd", 3);
	case MD_TEXT_ENTITY:
		len = entity((struct str){ p, n }, c);
		return len > 0 ? record(arg, o, c, len) : record(arg, o, p, n);
	default:
		return record(arg, o, p, n);
	}
}

static void
doc_free(void *arg)
{
	struct doc *d = arg;

	buf_free(&d->ops);
	buf_free(&d->text);
}

/* --- sections and anchors ------------------------------------------------- */

static bool
is_passage(int type)
{
	return type == MD_BLOCK_P || type == MD_BLOCK_UL || type == MD_BLOCK_OL ||
	    type == MD_BLOCK_CODE || type == MD_BLOCK_QUOTE || type == MD_BLOCK_TABLE;
}

/* Index of the operation that closes the block opened at i. */
static size_t
block_end(const struct doc *d, size_t i)
{
	size_t depth = 0;

	for (; i < d->n; i++) {
		depth += d->v[i].kind == OP_OPEN;
		depth -= d->v[i].kind == OP_CLOSE;
		if (depth == 0)
			break;
	}
	return i;
}

static void
plain_block(const struct op *o, struct buf *out)
{
	bool line = out->n > 0 && out->p[out->n - 1] != '\n';

	if (o->type == MD_BLOCK_LI) {
		if (line)
			buf_add_c(out, '\n');
		buf_add_z(out, "- ");
	} else if (o->type == MD_BLOCK_TR && line) {
		buf_add_c(out, '\n');
	} else if (o->type == MD_BLOCK_TD || o->type == MD_BLOCK_TH) {
		if (line)
			buf_add_z(out, " | ");
	} else if (is_passage(o->type) && line && !str_ends(buf_str(out), STR("- "))) {
		buf_add_c(out, '\n');
	}
}

/* The arena may be left while a buf is open. */
static void
plain_free(void *arg)
{
	buf_free(arg);
}

static struct str
plain(struct arena *a, const struct doc *d, size_t from, size_t to)
{
	struct buf *out = arena_new_of(a, struct buf);
	struct str copy;

	buf_init(out, MARKDOWN_MAX * 2);
	arena_defer(a, plain_free, out);
	for (size_t i = from; i <= to && i < d->n; i++) {
		const struct op *o = &d->v[i];

		if (o->kind == OP_OPEN)
			plain_block(o, out);
		else if (o->kind == OP_TEXT)
			buf_add_str(out, op_text(d, o));
		else if (o->kind == OP_BREAK)
			buf_add_c(out, '\n');
		else if (o->kind == OP_SOFT)
			buf_add_c(out, ' ');
	}
	copy = str_trim(buf_str(out));
	if (copy.n > 0)
		copy = str_dup(a, copy);
	buf_free(out);
	return copy;
}

/* "Title {#name}": cuts the name off the last text of the heading. */
static struct str
explicit_anchor(struct doc *d, size_t from, size_t to)
{
	for (size_t i = to; i > from; i--) {
		struct op *o = &d->v[i];
		struct str t, name;
		size_t at;

		if (o->kind != OP_TEXT)
			continue;
		t = str_trim(op_text(d, o));
		if (!str_ends(t, STR("}")))
			return STR_NONE;
		for (at = t.n - 1; at > 0 && t.p[at] != '{'; at--)
			continue;
		if (t.p[at] != '{' || t.n - at < 4 || t.p[at + 1] != '#')
			return STR_NONE;
		name = str_sub(t, at + 2, t.n - at - 3);
		for (size_t k = 0; k < name.n; k++)
			if (!((name.p[k] >= 'a' && name.p[k] <= 'z') || (name.p[k] >= 'A' && name.p[k] <= 'Z') ||
			    (name.p[k] >= '0' && name.p[k] <= '9') || name.p[k] == '-' || name.p[k] == '_'))
				return STR_NONE;
		o->n = str_trim(str_sub(t, 0, at)).n + (size_t)(t.p - op_text(d, o).p);
		return name;
	}
	return STR_NONE;
}

static struct str
slug(struct arena *a, struct str title)
{
	const struct str *w;
	size_t n;
	struct str s;

	text_words(a, title, &w, &n);
	s = str_clip_utf8(str_join(a, w, n, STR("-")), ANCHOR_MAX);
	return s.n == 0 ? STR("section") : s;
}

struct anchors {
	struct str *v;
	size_t n;
};

static struct str
unique(struct arena *a, struct anchors *used, struct str base, int from)
{
	struct str name = from > 1 ? str_fmt(a, "%S-%d", base, from) : base;

	for (int k = from > 1 ? from : 1;;) {
		size_t i = 0;

		while (i < used->n && !str_eq(used->v[i], name))
			i++;
		if (i == used->n)
			break;
		name = str_fmt(a, "%S-%d", base, ++k);
	}
	used->v[used->n++] = name;
	return name;
}

/* Gives headings and passages their anchors and lists the passages. */
static enum err
outline(struct arena *a, struct doc *d, struct md_passage **out, size_t *out_n, struct fault *f)
{
	struct anchors used = { arena_array(a, struct str, PASSAGES_MAX * 2 + 1), 0 };
	struct md_passage *v = arena_array(a, struct md_passage, PASSAGES_MAX);
	struct str section = STR_NONE, base = STR_NONE;
	size_t n = 0;
	int nth = 0;

	for (size_t i = 1; i < d->n; i++) {
		size_t end;

		if (d->v[i].kind != OP_OPEN)
			continue;
		end = block_end(d, i);
		if (used.n >= PASSAGES_MAX)
			return fault(f, E_TOOBIG, "more than %d headings and paragraphs in one article",
			    PASSAGES_MAX);
		if (d->v[i].type == MD_BLOCK_H) {
			struct str name = explicit_anchor(d, i, end);

			section = plain(a, d, i, end);
			base = unique(a, &used, name.n > 0 ? str_dup(a, name) : slug(a, section), 1);
			d->v[i].anchor = base;
			nth = 1;
		} else if (is_passage(d->v[i].type)) {
			if (nth == 0)
				base = STR("top");
			v[n].section = section;
			v[n].text = plain(a, d, i, end);
			if (nth == 1)
				v[n].anchor = base;
			else
				d->v[i].anchor = v[n].anchor = unique(a, &used, base, nth);
			nth = nth == 0 ? 2 : nth + 1;
			n += v[n].text.n > 0;
		}
		i = end;
	}
	*out = v;
	*out_n = n;
	return E_OK;
}

static enum err
read_doc(struct arena *a, struct str body, struct doc **out, struct md_passage **v, size_t *n,
    struct fault *f)
{
	const MD_PARSER parser = { 0, MD_FLAG_NOHTML | MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH,
		on_enter_block, on_leave_block, on_enter_span, on_leave_span, on_text, NULL, NULL };
	struct doc *d = arena_new_of(a, struct doc);
	size_t bad = 0;

	if (body.n > MARKDOWN_MAX)
		return fault(f, E_TOOBIG, "an article of %zu bytes; at most %zu", body.n, MARKDOWN_MAX);
	if (!str_utf8_valid(body, &bad))
		return fault(f, E_INVALID, "not UTF-8 at byte %zu", bad);
	buf_init(&d->ops, OPS_MAX);
	buf_init(&d->text, MARKDOWN_MAX * 2);
	arena_defer(a, doc_free, d);
	if (md_parse(body.n > 0 ? body.p : "", (MD_SIZE)body.n, &parser, d) != 0)
		return fault(f, E_TOOBIG, "an article with more than %zu bytes of structure", OPS_MAX);
	d->n = d->ops.n / sizeof(struct op);
	d->v = arena_array(a, struct op, d->n + 1);
	memcpy(d->v, d->ops.p, d->n * sizeof(struct op));
	*out = d;
	return outline(a, d, v, n, f);
}

enum err
markdown_passages(struct arena *a, struct str body, const struct md_passage **out, size_t *out_n,
    struct fault *f)
{
	struct md_passage *v = NULL;
	struct doc *d;

	TRY(read_doc(a, body, &d, &v, out_n, f));
	*out = v;
	return E_OK;
}

/* --- HTML ----------------------------------------------------------------- */

static const char *
block_tag(const struct op *o)
{
	static const char *const heading[] = { "h2", "h2", "h3", "h4", "h5", "h6", "h6" };

	switch (o->type) {
	case MD_BLOCK_H:
		return heading[o->level < 0 || o->level > 6 ? 6 : o->level];
	case MD_BLOCK_P:
		return "p";
	case MD_BLOCK_UL:
		return "ul";
	case MD_BLOCK_OL:
		return "ol";
	case MD_BLOCK_LI:
		return "li";
	case MD_BLOCK_QUOTE:
		return "blockquote";
	case MD_BLOCK_CODE:
		return "pre";
	case MD_BLOCK_TABLE:
		return "table";
	case MD_BLOCK_THEAD:
		return "thead";
	case MD_BLOCK_TBODY:
		return "tbody";
	case MD_BLOCK_TR:
		return "tr";
	case MD_BLOCK_TH:
		return "th";
	case MD_BLOCK_TD:
		return "td";
	default:
		return NULL;
	}
}

static const char *
span_tag(int type)
{
	switch (type) {
	case MD_SPAN_EM:
		return "em";
	case MD_SPAN_STRONG:
		return "strong";
	case MD_SPAN_CODE:
		return "code";
	case MD_SPAN_DEL:
		return "del";
	case MD_SPAN_A:
		return "a";
	default:
		return NULL;
	}
}

static void
html_open(const struct op *o, const char *tag, struct buf *out)
{
	buf_add_c(out, '<');
	buf_add_z(out, tag);
	if (o->anchor.n > 0) {
		buf_add_z(out, " id=\"");
		buf_add_html(out, o->anchor);
		buf_add_c(out, '"');
	}
	buf_add_c(out, '>');
}

static void
html_op(const struct doc *d, const struct op *o, int *level, struct buf *out)
{
	const char *tag;

	switch (o->kind) {
	case OP_OPEN:
		tag = block_tag(o);
		if (o->type == MD_BLOCK_H)
			*level = o->level;
		if (tag != NULL)
			html_open(o, tag, out);
		break;
	case OP_CLOSE:
		/* Headings do not nest: the level is the last one opened. */
		tag = block_tag(&(struct op){ .type = o->type, .level = *level });
		if (tag != NULL)
			buf_fmt(out, "</%s>", tag);
		break;
	case OP_SPAN:
	case OP_UNSPAN:
		tag = span_tag(o->type);
		if (tag == NULL || o->level == 0)
			break;
		if (o->kind == OP_UNSPAN) {
			buf_fmt(out, "</%s>", tag);
		} else if (o->type == MD_SPAN_A) {
			buf_add_z(out, "<a href=\"");
			buf_add_html(out, op_text(d, o));
			buf_add_z(out, "\" rel=\"noopener noreferrer\">");
		} else {
			buf_fmt(out, "<%s>", tag);
		}
		break;
	case OP_TEXT:
		buf_add_html(out, op_text(d, o));
		break;
	case OP_BREAK:
		buf_add_z(out, "<br>");
		break;
	case OP_SOFT:
		buf_add_c(out, '\n');
		break;
	}
}

enum err
markdown_html(struct arena *a, struct str body, struct buf *out, struct fault *f)
{
	struct md_passage *v = NULL;
	size_t n = 0;
	struct doc *d;
	int level = 1;

	TRY(read_doc(a, body, &d, &v, &n, f));
	for (size_t i = 0; i < d->n; i++)
		html_op(d, &d->v[i], &level, out);
	if (out->over)
		return fault(f, E_TOOBIG, "the page of an article is larger than %zu bytes", out->max);
	return E_OK;
}

void
markdown_front(struct str file, struct str *front, struct str *body, int *body_line)
{
	struct str rest = file, line;
	size_t from;
	int n = 1;

	*front = STR_NONE;
	*body = file;
	*body_line = 1;
	line = str_cut(rest, '\n', &rest);
	if (!str_eqz(str_trim(line), "---"))
		return;
	from = line.n + 1;
	while (rest.p != NULL) {
		size_t at = (size_t)(rest.p - file.p);

		n++;
		line = str_cut(rest, '\n', &rest);
		if (!str_eqz(str_trim(line), "---"))
			continue;
		*front = str_sub(file, from, at - from);
		*body = rest.p == NULL ? STR_NONE : rest;
		*body_line = n + 1;
		return;
	}
}
