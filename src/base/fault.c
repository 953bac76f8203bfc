/* SPDX-License-Identifier: Apache-2.0 */
/* fault.c - the sentence that goes with an error. */
#include "base/fault.h"

#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const names[ERR_N] = {
	[E_OK] = "ok",
	[E_INVALID] = "invalid",
	[E_NOTFOUND] = "notfound",
	[E_DENIED] = "denied",
	[E_CONFLICT] = "conflict",
	[E_CONFIG] = "config",
	[E_UPSTREAM] = "upstream",
	[E_TIMEOUT] = "timeout",
	[E_TOOBIG] = "toobig",
	[E_LIMIT] = "limit",
	[E_RETRY] = "retry",
	[E_FULL] = "full",
	[E_INTERNAL] = "internal",
};

const char *
err_name(enum err e)
{
	CHECK((unsigned)e < ERR_N);
	return names[e];
}

/* What was quoted may be anybody's bytes; the text is UTF-8 all the same. */
static void
mend(struct fault *f)
{
	size_t bad;

	while (!str_utf8_valid(str_from(f->text), &bad))
		f->text[bad] = '?';
}

/* vsnprintf cut the text at a byte; cut it back to a character. */
static void
clip(struct fault *f, int wanted)
{
	struct str whole;

	if (wanted < 0)
		f->text[0] = '\0';
	if (wanted < 0 || (size_t)wanted < sizeof(f->text)) {
		mend(f);
		return;
	}
	whole = (struct str){ f->text, sizeof(f->text) - 1 };
	/* The byte after the last one is gone, so ask for a prefix that is
	 * one shorter: str_clip_utf8 looks at the byte that follows. */
	whole = str_clip_utf8(whole, whole.n - 1);
	f->text[whole.n] = '\0';
	mend(f);
}

#undef fault	/* the analyzer's */
enum err
fault(struct fault *f, enum err e, const char *fmt, ...)
{
	va_list ap;

	if (f == NULL)
		return e;
	f->err = e;
	va_start(ap, fmt);
	clip(f, vsnprintf(f->text, sizeof(f->text), fmt, ap));
	va_end(ap);
	return e;
}

enum err
fault_wrap(struct fault *f, const char *fmt, ...)
{
	struct fault old;
	va_list ap;
	int head, tail;

	if (f == NULL)
		return E_INTERNAL;
	old = *f;
	va_start(ap, fmt);
	head = vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
	clip(f, head);
	if (head < 0 || (size_t)head >= sizeof(f->text))
		return f->err;
	tail = snprintf(f->text + head, sizeof(f->text) - (size_t)head, ": %s", old.text);
	clip(f, tail < 0 ? tail : head + tail);
	return f->err;
}
