/* SPDX-License-Identifier: Apache-2.0 */
/* shop.h - the demo shop's page, on a port of its own.
 *
 * The files of WORKSPACE/shop/ are read once, at start (a fixed list: no path
 * of a request ever reaches the file system), with {{public_url}} filled in.
 */
#pragma once

#include "api/api.h"

enum err shop_open(struct api *api, struct fault *f) NODISCARD;
