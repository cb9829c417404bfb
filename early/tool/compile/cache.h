/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_CACHE_H
#define INITWARD_CACHE_H

#include "span.h"
#include "util.h"

/*
 * The compile cache: a folder of entries (entry.h), named by their keys. An entry counts for what
 * it is, never for its date. A folder or entry that another user owns, or may write to, is not
 * used; an entry that is damaged is said, removed and made again. Nothing here is an error of the
 * compilation: without a cache it takes longer.
 */
struct cache {
	char *path; /* for messages; NULL: there is no cache */
	int fd;
	bool verbose; /* tell why there is none */
	size_t found;
	size_t missed;
	size_t stored;
};

/*
 * Opens the folder, which is made where it is missing; `dir` NULL: $XDG_CACHE_HOME or ~/.cache with
 * initward/policy below, for root without $XDG_CACHE_HOME /var/cache/initward/policy.
 */
void cache_open(struct cache *cache, const char *dir, bool verbose);

/*
 * Looks for an entry. `check`, where it is not NULL, says why the body cannot be used, or NULL.
 * *said and *body are replaced, and are the caller's to free.
 */
bool cache_get(struct cache *cache, const char *key, const char *(*check)(struct span body),
	       struct text *said, struct text *body);

void cache_put(struct cache *cache, const char *key, struct span said, struct span body);

/* Removes the entries that were not used for longest where there are too many. */
void cache_close(struct cache *cache);

#endif
