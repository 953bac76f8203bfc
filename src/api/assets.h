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

struct api;
struct http_request;
struct http_response;
const struct asset *asset_find(struct str path);
/* Answers a request for an embedded file, /console/ and /widget/ pages with
 * their policies; false when the path is not one.  frame_ancestors: the site
 * list of the inbox for the widget page ("'self' https://shop.example"). */
bool assets_answer(struct api *api, const struct http_request *r, struct str frame_ancestors,
    struct buf *headers, struct http_response *out);
