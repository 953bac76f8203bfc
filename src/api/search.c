/* SPDX-License-Identifier: Apache-2.0 */
/* search.c - conversations by name, e-mail or words in messages. */
#include "api/body.h"

#define SEARCH_ROWS 20
#define SEARCH_QUERY_BYTES 200

static void
wire_hit(struct buf *out, const struct search_hit *h, struct engine *e)
{
	buf_add_c(out, '{');
	wire_row_members(out, &h->row, e);
	wire_key(out, "hit");
	buf_add_c(out, '{');
	wire_i64(out, "seq", h->seq);
	wire_str(out, "text", h->text);
	wire_key(out, "marks");
	buf_add_c(out, '[');
	for (size_t i = 0; i + 1 < h->marks_n; i += 2)
		buf_fmt(out, "%s[%u,%u]", i > 0 ? "," : "", h->marks[i], h->marks[i + 1]);
	buf_add_z(out, "]}}");
}

enum err
search_get(struct request *rq, struct response *rs, struct fault *f)
{
	struct buf *out = wire_buf(rq->arena, ANSWER_MAX);
	struct search_hit *hits;
	const struct str *inboxes;
	struct str q, cursor, next;
	size_t n, inboxes_n;

	TRY(request_query_str(rq, "q", SEARCH_QUERY_BYTES, &q, f));
	q = str_trim(q);
	if (q.n == 0)
		return fault(f, E_INVALID, "q: what to search for");
	TRY(request_query_str(rq, "after", 200, &cursor, f));
	principal_inboxes(rq->api, &rq->who, rq->arena, &inboxes, &inboxes_n);
	TRY(conv_search(request_db(rq), q, inboxes, inboxes_n, cursor, SEARCH_ROWS, rq->arena, &hits,
	    &n, &next, f));
	buf_add_z(out, "{\"rows\":[");
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_add_c(out, ',');
		wire_hit(out, &hits[i], rq->api->engine);
	}
	buf_add_c(out, ']');
	wire_str_or_null(out, "next", next);
	buf_add_c(out, '}');
	return response_json(rs, out, f);
}
