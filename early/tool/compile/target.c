// SPDX-License-Identifier: LGPL-2.1-or-later
/* The kernel that a bundle is made for, and the sets that it gets. */
#include "target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/known.h"
#include "select.h"
#include "term.h"

static struct span span_or_empty(const char *s)
{
	return span_of(s ? s : "");
}

/* One that has a slash is a path, as it stands; else a release, looked for below the root. */
static bool find_target(const struct compile *c, struct known_kernel *ret)
{
	struct known_sources sources = { .root = c->root };

	return strchr(c->kernel, '/') ? known_from_file(ret, c->kernel, &sources)
				      : known_from_release(ret, c->kernel, &sources);
}

/* The sets that were taken, the highest first: "sets 6.12, 6.1", "set 5.10"; the base with others not. */
static void name_sets(struct text *out, const struct set_list *sets, const bool *take)
{
	struct text names = { 0 };
	size_t n = 0;

	for (size_t s = sets->n; s-- > 0;) {
		if (!take[s] || (!s && n))
			continue;
		text_format(&names, "%s%s", n ? ", " : "", sets->set[s].name);
		n++;
	}
	text_format(out, "%s %s", n > 1 ? "sets" : "set", names.data);
	text_free(&names);
}

static void add_reason(struct text *out, const struct selection *sel, const struct known_kernel *k)
{
	switch (sel->by) {
	case SELECT_EXACT:
		text_str(out, ", read from this very build");
		break;
	case SELECT_BASE:
		text_format(out,
			    " only, the base: %s; for more capture the kernel's own set with "
			    "'initward features capture'",
			    sel->why);
		break;
	default:
		text_format(out, ", by its series and %s", k->config_source);
		if (sel->by == SELECT_LIKELY)
			text_format(out, "; the loader finds out which one it has, for %s",
				    sel->why);
		if (sel->option.n)
			text_format(out, " (CONFIG_%.*s)", (int)sel->option.n, sel->option.p);
	}
}

/* Release and option names come from files of others: through print_safe(). */
static void note(const char *release, const struct text *what)
{
	struct text line = { 0 };

	text_format(&line, "note: kernel %s: %s", release, what->data);
	print_safe(stderr, span_of_text(&line));
	fputc('\n', stderr);
	text_free(&line);
}

/* Which sets, and why: what is not exact always, -q or not. */
static void tell(const struct compile *c, const struct set_list *sets, const bool *take,
		 const struct selection *sel, const struct known_kernel *k)
{
	struct text text = { 0 };

	if (sel->by == SELECT_EXACT && !c->verbose)
		return;
	name_sets(&text, sets, take);
	add_reason(&text, sel, k);
	if (sel->by != SELECT_BASE)
		text_format(&text, "; the base is %s", sets->set[0].name);
	for (size_t i = 0; i < k->notes.n; i++)
		text_format(&text, "; %s", k->notes.item[i]);
	note(k->release ? k->release : c->kernel, &text);
	text_free(&text);
}

/* An image for a kernel without AppArmor could never be confined. */
static bool can_confine(const struct compile *c, const struct selection *sel,
			const struct known_kernel *k)
{
	if (sel->by == SELECT_EXACT || !select_hopeless(span_of_text(&k->config)))
		return true;
	say("the kernel %s has no AppArmor: CONFIG_SECURITY_APPARMOR=y is missing in %s, so that "
	    "nothing could confine what it boots; take a kernel that has it",
	    k->release ? k->release : c->kernel, k->config_source);
	return false;
}

static void keep_taken(struct set_list *sets, const bool *take)
{
	size_t n = 0;

	for (size_t s = 0; s < sets->n; s++) {
		if (take[s])
			sets->set[n++] = sets->set[s];
		else
			free_set(&sets->set[s]);
	}
	sets->n = n;
}

bool keep_sets_of_kernel(const struct compile *c, struct set_list *sets, bool *more)
{
	struct known_kernel k = { 0 };
	bool *take = grow(NULL, sets->n, sizeof(*take));
	struct selection sel;
	bool ok = find_target(c, &k);

	if (ok) {
		struct select_kernel kernel = { span_or_empty(k.identity), span_or_empty(k.release),
						span_of_text(&k.config) };

		select_sets(sets, &kernel, take, &sel);
		ok = can_confine(c, &sel, &k);
	}
	if (ok) {
		tell(c, sets, take, &sel, &k);
		keep_taken(sets, take);
		if (more)
			*more = sel.least > 0;
	}
	free(take);
	known_free(&k);
	return ok;
}
