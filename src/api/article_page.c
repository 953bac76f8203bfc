/* SPDX-License-Identifier: Apache-2.0 */
/* article_page.c - one version of an article as a page, for a citation to point at. */
#include "api/body.h"

#include "model/library.h"
#include "text/markdown.h"

#define PAGE_CSP "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; " \
	"form-action 'none'; frame-ancestors 'none'"

/* What the page itself says, in the article's language. */
static const struct {
	const char *lang, *version, *older, *newest;
} words[] = {
	{ "en", "Version", "This is an older version.", "Read the current one" },
	{ "de", "Fassung", "Dies ist eine ältere Fassung.", "Zur aktuellen" },
};

static size_t
words_of(struct str lang)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eqz(lang, words[i].lang))
			return i;
	return 0;
}

static void
add_meta(struct buf *out, const struct article *art)
{
	size_t w = words_of(art->language);

	buf_fmt(out, "<p class=\"meta\">%s %d, <time>", words[w].version, (int)art->version);
	buf_add_html(out, art->date);
	buf_add_z(out, "</time></p>\n");
	if (art->version == art->current)
		return;
	buf_add_z(out, "<p class=\"meta older\" role=\"note\">");
	buf_add_html(out, str_from(words[w].older));
	buf_add_z(out, " <a href=\"/a/");
	buf_add_url(out, art->id);
	buf_fmt(out, "/%d\">", (int)art->current);
	buf_add_html(out, str_from(words[w].newest));
	buf_add_z(out, "</a></p>\n");
}

static enum err
add_page(struct arena *a, const struct article *art, struct buf *out, struct fault *f)
{
	buf_add_z(out, "<!doctype html>\n<html lang=\"");
	buf_add_html(out, art->language);
	buf_add_z(out, "\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	    "<meta name=\"robots\" content=\"noindex\">\n<title>");
	buf_add_html(out, art->title);
	buf_add_z(out, "</title>\n<link rel=\"icon\" href=\"/assets/baton.svg\">\n"
	    "<link rel=\"stylesheet\" href=\"/assets/article.css\">\n</head>\n<body>\n<main>\n<article>\n<h1>");
	buf_add_html(out, art->title);
	buf_add_z(out, "</h1>\n");
	add_meta(out, art);
	TRY(markdown_html(a, art->body, out, f));
	buf_add_z(out, "\n</article>\n</main>\n</body>\n</html>\n");
	return E_OK;
}

enum err
article_get_page(struct request *rq, struct response *rs, struct fault *f)
{
	struct buf *out = wire_buf(rq->arena, ANSWER_MAX);
	struct article art;
	int64_t version;

	if (!str_i64(rq->params[1], &version) || version < 1 || version > INT32_MAX ||
	    rq->params[0].n > 100)
		return fault(f, E_NOTFOUND, "There is no such page.");
	TRY(article_get(request_db(rq), rq->params[0], (int32_t)version, rq->arena, &art, f));
	TRY(add_page(rq->arena, &art, out, f));
	if (out->over)
		return fault(f, E_TOOBIG, "The article is too long to show.");
	rs->body = buf_str(out);
	rs->content_type = "text/html; charset=utf-8";
	response_header(rs, "Content-Security-Policy", STR(PAGE_CSP));
	response_header(rs, "X-Frame-Options", STR("DENY"));
	response_header(rs, "Referrer-Policy", STR("no-referrer"));
	/* A version never changes, but whether it is the current one does. */
	response_header(rs, "Cache-Control", STR("public, max-age=60"));
	return E_OK;
}
