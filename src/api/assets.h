/* SPDX-License-Identifier: Apache-2.0 */
/* assets.h - the embedded pages of web/dist: widget, console, their hashed files.
 *
 * tools/embed compiles web/dist/manifest.json into a table sorted by URL.
 * Thread-safe, read-only.
 */
#pragma once

#include "base/buf.h"

struct asset {
	const char *url, *type, *etag;	/* etag with its quotes */
	bool immutable;
	/* plain, br, gzip; n = 0 when there is no such encoding */
	const unsigned char *plain, *br, *gzip;
	size_t plain_n, br_n, gzip_n;
};
/* From the generated file. */
extern const struct asset assets[];
extern const size_t assets_n;

/* One whose address ends in '/' is a page; "/console/x" without a dot in its
 * last part is the console's page too (its own addresses). NULL: none. */
const struct asset *asset_find(struct str path);

/* How a file goes out, by Accept-Encoding: br, gzip or plain (q=0 counts). */
enum asset_coding { ASSET_PLAIN, ASSET_BR, ASSET_GZIP };
enum asset_coding asset_choose(const struct asset *a, struct str accept_encoding);

struct api;
struct http_request;
/* Answers and frees a request for an embedded file or page; false when the
 * address is not one (the request stays the caller's). On the loop. */
bool assets_request(struct api *api, struct http_request *r);
