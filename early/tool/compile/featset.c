// SPDX-License-Identifier: LGPL-2.1-or-later
#include "featset.h"

#include <string.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* A place in the text that is being read. */
struct place {
	const char *p;
	const char *end;
	unsigned int line;
};

static void skip_space(struct place *at)
{
	while (at->p < at->end && is_space(*at->p)) {
		if (*at->p == '\n')
			at->line++;
		at->p++;
	}
}

static bool take_name(struct place *at, struct span *ret)
{
	const char *start = at->p;

	while (at->p < at->end && !is_space(*at->p) && *at->p != '{' && *at->p != '}')
		at->p++;
	*ret = (struct span){ start, (size_t)(at->p - start) };
	return ret->n > 0;
}

/* Behind a '{': true where a file's content follows, which is then taken with its '}'. */
static bool take_content(struct place *at, struct span *ret)
{
	const char *p = at->p;

	while (p < at->end && *p != '{' && *p != '}')
		p++;
	if (p == at->end || *p == '{')
		return false;
	skip_space(at);
	*ret = (struct span){ at->p, (size_t)(p - at->p) };
	while (ret->n && is_space(ret->p[ret->n - 1]))
		ret->n--;
	for (; at->p < p; at->p++)
		at->line += *at->p == '\n';
	at->p = p + 1;
	return true;
}

static bool take_entry(struct place *at, struct featset *set, struct span *path,
		       unsigned int *depth)
{
	struct span content;
	struct featset_leaf *leaf;

	if (*depth == FEATSET_DEPTH || !take_name(at, &path[*depth]))
		return false;
	skip_space(at);
	if (at->p == at->end || *at->p != '{')
		return false;
	at->p++;
	++*depth;
	if (!take_content(at, &content))
		return true; /* a folder: its entries come next */
	if (set->n == FEATSET_LEAVES)
		return false;
	leaf = &set->leaf[set->n++];
	leaf->depth = (*depth)--;
	memcpy(leaf->path, path, sizeof(leaf->path));
	leaf->words = content;
	return true;
}

bool featset_parse(struct span text, struct featset *ret, unsigned int *line)
{
	struct place at = { text.p, text.p + text.n, 1 };
	struct span path[FEATSET_DEPTH] = { { 0 } };
	unsigned int depth = 0;

	ret->n = 0;
	for (;;) {
		skip_space(&at);
		*line = at.line;
		if (at.p == at.end)
			return depth == 0 && ret->n > 0;
		if (*at.p == '}') {
			if (!depth)
				return false;
			depth--;
			at.p++;
		} else if (!take_entry(&at, ret, path, &depth)) {
			return false;
		}
	}
}

struct out {
	char *buf;
	size_t cap;
	size_t len;
};

static void put(struct out *o, struct span s)
{
	if (o->len < o->cap) {
		size_t room = o->cap - o->len;

		memcpy(o->buf + o->len, s.p, s.n < room ? s.n : room);
	}
	o->len += s.n;
}

/* How many folders two leaves share. */
static unsigned int shared(const struct featset_leaf *a, const struct featset_leaf *b)
{
	unsigned int i = 0;

	while (i + 1 < a->depth && i + 1 < b->depth && span_eq(a->path[i], b->path[i]))
		i++;
	return i;
}

size_t featset_render(const struct featset *set, const bool *keep, char *buf, size_t cap)
{
	struct out o = { buf, cap, 0 };
	const struct featset_leaf *last = NULL;
	unsigned int open = 0; /* folders that are open */

	for (unsigned int i = 0; i < set->n; i++) {
		const struct featset_leaf *leaf = &set->leaf[i];
		unsigned int common = last ? shared(last, leaf) : 0;

		if (!keep[i])
			continue;
		for (; open > common; open--)
			put(&o, span_of("}\n"));
		for (; open < leaf->depth; open++) {
			put(&o, leaf->path[open]);
			put(&o, span_of(" {"));
		}
		put(&o, leaf->words);
		put(&o, span_of("\n}\n"));
		open = leaf->depth - 1;
		last = leaf;
	}
	for (; open > 0; open--)
		put(&o, span_of("}\n"));
	if (o.len < cap)
		buf[o.len] = '\0';
	return o.len;
}

int featset_path_cmp(const struct featset_leaf *a, const struct featset_leaf *b)
{
	for (unsigned int i = 0; i < a->depth && i < b->depth; i++) {
		int r = span_cmp(a->path[i], b->path[i]);

		if (r)
			return r;
	}
	return (a->depth > b->depth) - (a->depth < b->depth);
}

const struct featset_leaf *featset_same_path(const struct featset *set,
					     const struct featset_leaf *like)
{
	for (unsigned int i = 0; i < set->n; i++) {
		if (featset_path_cmp(&set->leaf[i], like) == 0)
			return &set->leaf[i];
	}
	return NULL;
}

static bool leaf_has(const struct featset_leaf *leaf, struct span feature)
{
	struct span name;

	for (unsigned int i = 0; i < leaf->depth; i++) {
		bool more = span_split(feature, '/', &name, &feature);

		if (!span_eq(more ? name : feature, leaf->path[i]))
			return false;
		if (!more)
			return true;
	}
	return feature.n && span_words_subset(feature, leaf->words);
}

bool featset_has(const struct featset *set, struct span feature)
{
	for (unsigned int i = 0; i < set->n; i++) {
		if (leaf_has(&set->leaf[i], feature))
			return true;
	}
	return false;
}

bool featset_contains(const struct featset *by, const struct featset *set)
{
	for (unsigned int i = 0; i < set->n; i++) {
		const struct featset_leaf *same = featset_same_path(by, &set->leaf[i]);

		if (!same || !span_words_subset(set->leaf[i].words, same->words))
			return false;
	}
	return true;
}

bool featset_new_word(struct span *words, struct span known, struct span *ret)
{
	while (span_next_word(words, ret)) {
		if (!span_words_subset(*ret, known))
			return true;
	}
	return false;
}
