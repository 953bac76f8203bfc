/* SPDX-License-Identifier: Apache-2.0 */
/* cppcheck.h - what cppcheck must know of <sys/queue.h>, which it does not read. */
#define LIST_HEAD(n, t) struct n { struct t *lh_first; }
#define LIST_ENTRY(t) struct { struct t *le_next, **le_prev; }
#define LIST_FOREACH(v, h, f) for ((v) = (h)->lh_first; (v) != 0; (v) = (v)->f.le_next)
#define LIST_EMPTY(h) ((h)->lh_first == 0)
#define LIST_FIRST(h) ((h)->lh_first)
#define STAILQ_HEAD(n, t) struct n { struct t *stqh_first; }
#define STAILQ_ENTRY(t) struct { struct t *stqe_next; }
