// SPDX-License-Identifier: LGPL-2.1-or-later
#include "image/tree.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "span.h"

#define MAX_LINKS 40 /* MAXSYMLINKS */

#define NAME_LIMIT 255 /* NAME_MAX */

enum follow {
	FOLLOW_NEVER, /* what makes and removes names */
	FOLLOW_SLASH, /* a link that a '/' stands behind, as lstat() does */
	FOLLOW_LAST,
};

/* How a path walk ends. */
struct walk {
	uint32_t dir;	  /* where the last component is looked up */
	uint32_t node;	  /* what the path leads to; TREE_NONE: `last` is not in `dir` */
	uint32_t name;	  /* the name that was found */
	struct span last; /* the last component; empty for ".", ".." and "/" */
	bool slash;	  /* a '/' stands behind it */
	bool loops;	  /* more links than the kernel follows */
};

static uint32_t hash_name(uint32_t dir, struct span name)
{
	uint32_t h = 2166136261U ^ dir * 2654435761U;

	for (size_t i = 0; i < name.n; i++)
		h = (h ^ (unsigned char)name.p[i]) * 16777619U;
	return h ^ h >> 15;
}

static uint32_t *slot(const struct tree *t, uint32_t dir, struct span name)
{
	return &t->head[hash_name(dir, name) & (t->n_heads - 1)];
}

/* Each name that is looked at is a step: names of the same hash are easily made. */
static uint32_t find_name(struct tree *t, uint32_t dir, struct span name)
{
	uint32_t i = t->n_heads ? *slot(t, dir, name) : TREE_NONE;

	for (; i != TREE_NONE; i = t->name[i].next) {
		t->steps++;
		if (t->name[i].dir == dir && span_is(name, t->name[i].name))
			break;
	}
	return i;
}

static void rehash(struct tree *t)
{
	t->n_heads = t->n_heads ? 2 * t->n_heads : 1024;
	t->head = grow(t->head, t->n_heads, sizeof(*t->head));
	memset(t->head, 0xff, t->n_heads * sizeof(*t->head));
	for (uint32_t i = 0; i < t->n_names; i++) {
		struct tree_name *name = &t->name[i];
		uint32_t *head;

		if (name->node == TREE_NONE)
			continue;
		head = slot(t, name->dir, span_of(name->name));
		name->next = *head;
		*head = i;
	}
}

static char *copy_span(struct tree *t, struct span s)
{
	char *p = grow(NULL, s.n + 1, 1);

	memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	t->text += s.n + 1;
	return p;
}

static uint32_t add_node(struct tree *t, unsigned int mode, uint32_t parent)
{
	struct tree_node *node;

	if (t->n_nodes == t->cap_nodes) {
		t->cap_nodes = 2 * t->cap_nodes + 256;
		t->node = grow(t->node, t->cap_nodes, sizeof(*t->node));
	}
	node = &t->node[t->n_nodes];
	*node = (struct tree_node){ .mode = mode,
				    .parent = parent,
				    .name = TREE_NONE,
				    .file = TREE_NONE,
				    .part = t->part };
	return t->n_nodes++;
}

static void add_name(struct tree *t, uint32_t dir, struct span name, uint32_t node)
{
	uint32_t i = t->n_names;
	uint32_t *head;

	if (i == t->cap_names) {
		t->cap_names = 2 * t->cap_names + 256;
		t->name = grow(t->name, t->cap_names, sizeof(*t->name));
	}
	t->name[i] = (struct tree_name){ .dir = dir, .node = TREE_NONE, .replaces = -1 };
	t->name[i].name = copy_span(t, name);
	if (t->n_names++ == t->n_heads)
		rehash(t);
	head = slot(t, dir, name);
	t->name[i].node = node;
	t->name[i].next = *head;
	*head = i;
	t->node[dir].entries++;
	t->node[node].nlink++;
	t->node[node].name = i;
	if (t->removed != TREE_NONE && t->name[t->removed].dir == dir &&
	    span_is(name, t->name[t->removed].name))
		t->name[i].replaces = t->removed_part;
}

static void remove_name(struct tree *t, uint32_t i)
{
	struct tree_name *name = &t->name[i];
	struct tree_node *node = &t->node[name->node];
	uint32_t *at = slot(t, name->dir, span_of(name->name));

	for (; *at != i; at = &t->name[*at].next)
		t->steps++;
	*at = name->next;
	t->node[name->dir].entries--;
	name->node = TREE_NONE;
	if (--node->nlink == 0)
		text_free(&node->data);
}

void tree_init(struct tree *ret)
{
	static const struct {
		const char *path;
		unsigned int mode;
	} own[] = { { "dev", S_IFDIR | 0755 },
		    { "dev/console", S_IFCHR | 0600 },
		    { "root", S_IFDIR | 0700 } };

	*ret = (struct tree){ .part = -1, .removed = TREE_NONE };
	rehash(ret);
	(void)add_node(ret, S_IFDIR | 0755, TREE_ROOT);
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		(void)tree_make(ret, own[i].path, own[i].mode);
	ret->node[tree_lookup(ret, "dev/console", false, NULL)].major = 5;
	ret->node[tree_lookup(ret, "dev/console", false, NULL)].minor = 1;
}

void tree_free(struct tree *t)
{
	for (uint32_t i = 0; i < t->n_nodes; i++) {
		free(t->node[i].target);
		text_free(&t->node[i].data);
	}
	for (uint32_t i = 0; i < t->n_names; i++)
		free(t->name[i].name);
	free(t->node);
	free(t->name);
	free(t->head);
	*t = (struct tree){ 0 };
}

/* What is still to be walked: the path, and on top of it the targets of the links met so far. */
struct rest {
	struct span path[MAX_LINKS + 1];
	unsigned int depth;
};

static struct span skip_slashes(struct span s)
{
	while (s.n && *s.p == '/') {
		s.p++;
		s.n--;
	}
	return s;
}

/*
 * Takes the next component; empty at the end. *slash: a '/' stands behind it; *more: so does another
 * component.
 */
static struct span next_component(struct rest *rest, bool *slash, bool *more)
{
	struct span *top = &rest->path[rest->depth], ret;

	*top = skip_slashes(*top);
	while (!top->n && rest->depth) {
		top = &rest->path[--rest->depth];
		*top = skip_slashes(*top);
	}
	ret = (struct span){ top->p, 0 };
	for (; top->n && *top->p != '/'; top->p++, top->n--)
		ret.n++;
	*slash = *more = false;
	for (unsigned int i = 0; i <= rest->depth; i++) {
		*slash = *slash || rest->path[i].n;
		*more = *more || skip_slashes(rest->path[i]).n;
	}
	return ret;
}

static bool enter_link(struct rest *rest, struct span target)
{
	if (!target.n || rest->depth == MAX_LINKS)
		return false;
	rest->path[++rest->depth] = target;
	return true;
}

/*
 * Goes one component further from w->node. 1: there; 0: it is not there; -1: a link was met, go on
 * with its target.
 */
static int walk_one(struct tree *t, struct span name, struct walk *w)
{
	w->dir = w->node;
	w->name = TREE_NONE;
	w->last = (struct span){ 0 };
	if (span_is(name, "."))
		return 1;
	if (span_is(name, "..")) {
		w->node = t->node[w->dir].parent;
		return 1;
	}
	w->last = name;
	w->name = find_name(t, w->dir, name);
	w->node = w->name == TREE_NONE ? TREE_NONE : t->name[w->name].node;
	if (w->node == TREE_NONE)
		return 0;
	return S_ISLNK(t->node[w->node].mode) ? -1 : 1;
}

static bool is_dir(const struct tree *t, uint32_t node)
{
	return node != TREE_NONE && S_ISDIR(t->node[node].mode);
}

/*
 * False: an error on the way (ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG); that only the last component is
 * missing is none.
 */
static bool walk(struct tree *t, const char *path, enum follow follow, struct walk *w)
{
	struct rest rest = { .path = { span_of(path) } };
	unsigned int links = 0;
	bool slash, more;

	*w = (struct walk){ .dir = TREE_ROOT, .node = TREE_ROOT, .name = TREE_NONE };
	for (struct span name = next_component(&rest, &slash, &more); name.n;
	     name = next_component(&rest, &slash, &more)) {
		t->steps++;
		if (!is_dir(t, w->node) || name.n > NAME_LIMIT)
			return false;
		w->slash = slash;
		switch (walk_one(t, name, w)) {
		case 0:
			return !more;
		case -1:
			if (!more && follow == FOLLOW_NEVER)
				return true;
			if (!more && follow == FOLLOW_SLASH && !slash)
				return true;
			w->loops = ++links > MAX_LINKS;
			if (w->loops || !enter_link(&rest, span_of(t->node[w->node].target)))
				return false;
			w->node = *t->node[w->node].target == '/' ? TREE_ROOT : w->dir;
			w->name = TREE_NONE;
			w->last = (struct span){ 0 };
			break;
		default:
			break;
		}
	}
	return *path && (!w->slash || is_dir(t, w->node));
}

uint32_t tree_lookup(struct tree *t, const char *path, bool follow, uint32_t *name)
{
	struct walk w;

	if (!walk(t, path, follow ? FOLLOW_LAST : FOLLOW_SLASH, &w))
		return TREE_NONE;
	if (name)
		*name = w.name;
	return w.node;
}

bool tree_loops(struct tree *t, const char *path)
{
	struct walk w;

	return !walk(t, path, FOLLOW_LAST, &w) && w.loops;
}

/*
 * The part that a new file in the place of that name overrides. What this part has brought itself, to
 * replace it again, is not what counts.
 */
static int replaced_part(const struct tree *t, uint32_t name)
{
	int part = t->node[t->name[name].node].part, before = t->name[name].replaces;

	return part == t->part && before >= 0 ? before : part;
}

void tree_clean(struct tree *t, const char *path, unsigned int mode)
{
	uint32_t node = tree_lookup(t, path, false, NULL);
	struct walk w;

	if (node == TREE_NONE || ((t->node[node].mode ^ mode) & S_IFMT) == 0)
		return;
	if (!walk(t, path, FOLLOW_NEVER, &w) || w.name == TREE_NONE)
		return;
	node = w.node;
	if (S_ISDIR(t->node[node].mode) ? t->node[node].entries != 0 : w.slash)
		return;
	t->removed = w.name;
	t->removed_part = replaced_part(t, w.name);
	remove_name(t, w.name);
}

/* Where a new name may be made. */
static bool walk_new(struct tree *t, const char *path, bool dir, struct walk *w)
{
	return walk(t, path, FOLLOW_NEVER, w) && w->node == TREE_NONE && (dir || !w->slash);
}

uint32_t tree_open(struct tree *t, const char *path, bool truncate)
{
	struct walk w;

	/* A link at the end is followed, and what it names is made where it is missing. */
	if (!walk(t, path, FOLLOW_LAST, &w) || w.slash)
		return TREE_NONE;
	if (w.node == TREE_NONE) {
		add_name(t, w.dir, w.last, add_node(t, S_IFREG | 0600, TREE_NONE));
		return t->n_nodes - 1;
	}
	if (w.name == TREE_NONE || !S_ISREG(t->node[w.node].mode))
		return TREE_NONE;
	t->node[w.node].name = w.name;
	if (truncate) {
		t->name[w.name].replaces = replaced_part(t, w.name);
		t->node[w.node].size = 0;
		t->node[w.node].data.len = 0;
	}
	return w.node;
}

bool tree_make(struct tree *t, const char *path, unsigned int mode)
{
	struct walk w;

	if (!walk_new(t, path, S_ISDIR(mode), &w))
		return false;
	add_name(t, w.dir, w.last, add_node(t, mode, w.dir));
	return true;
}

bool tree_symlink(struct tree *t, const char *target, const char *path)
{
	struct span s = span_of(target);
	struct walk w;
	uint32_t node;

	/* shmem_symlink() wants it to fit into a page, with its NUL; so does PATH_MAX. */
	if (s.n >= PATH_MAX || !walk_new(t, path, false, &w))
		return false;
	node = add_node(t, S_IFLNK | 0777, TREE_NONE);
	t->node[node].target = copy_span(t, s);
	t->node[node].size = s.n;
	add_name(t, w.dir, w.last, node);
	return true;
}

bool tree_link(struct tree *t, const char *old, const char *path)
{
	uint32_t node = tree_lookup(t, old, false, NULL);
	struct walk w;

	if (node == TREE_NONE || S_ISDIR(t->node[node].mode) || !walk_new(t, path, false, &w))
		return false;
	add_name(t, w.dir, w.last, node);
	return true;
}

bool tree_below(const struct tree *t, uint32_t name, const char *path)
{
	while (t->name[name].dir != TREE_ROOT)
		name = t->node[t->name[name].dir].name;
	return strcmp(t->name[name].name, path) == 0;
}
