// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compile/compile.h"
#include "compile/target.h"

const char check_needs[] = "needs", check_wants[] = "wants";

/* Takes away what these features do not have. */
static void ask(const struct featset *set, const struct about *about, struct check_result *ret)
{
	for (size_t i = 0; i < about->needs.n; i++)
		ret->needs[i] = ret->needs[i] && featset_has(set, span_of(about->needs.item[i]));
	for (size_t i = 0; i < about->wants.n; i++)
		ret->wants[i] = ret->wants[i] && featset_has(set, span_of(about->wants.item[i]));
}

static struct list set_folders(const char *policies)
{
	struct list dirs = { 0 };

	list_add(&dirs, path_join(policies, "features"));
	if (access(OWN_SETS, F_OK) == 0)
		list_add(&dirs, dup_str(OWN_SETS));
	return dirs;
}

/* The set of that name, or those that the kernel may have. */
static bool ask_sets(const struct check_target *target, const char *policies,
		     const struct about *about, struct check_result *ret)
{
	const struct compile c = { .kernel = target->kernel,
				   .root = target->root ? target->root : "/" };
	struct list dirs = set_folders(policies), names = { 0 };
	struct set_list sets;
	bool ok, more = false;

	if (target->set)
		list_add(&names, dup_str(target->set));
	ok = read_sets(&dirs, &names, &sets) &&
	     (!target->kernel || keep_sets_of_kernel(&c, &sets, &more));
	for (size_t i = more ? 1 : 0; ok && i < sets.n; i++)
		ask(&sets.set[i].features, about, ret);
	free_set_list(&sets);
	list_free(&names);
	list_free(&dirs);
	return ok;
}

static bool ask_folder(const struct check_target *target, const struct about *about,
		       struct check_result *ret)
{
	static struct featset set;
	struct text text = { 0 };
	unsigned int line;
	bool ok = read_features(target->features ? target->features : running_features,
				!target->features, &text);

	/* which has parsed it before */
	if (ok && featset_parse(span_of_text(&text), &set, &line))
		ask(&set, about, ret);
	text_free(&text);
	return ok;
}

static bool *all(size_t n)
{
	bool *ret = grow(NULL, n, sizeof(*ret));

	for (size_t i = 0; i < n; i++)
		ret[i] = true;
	return ret;
}

bool check_features(const struct check_target *target, const char *policies,
		    const struct about *about, struct check_result *ret)
{
	bool ok;

	*ret = (struct check_result){
		.needs = all(about->needs.n),
		.wants = all(about->wants.n),
		.what = target->kernel	   ? format("the kernel %s", target->kernel)
			: target->set	   ? format("the set %s", target->set)
			: target->features ? dup_str(target->features)
					   : dup_str("the running kernel"),
	};
	ok = target->kernel || target->set ? ask_sets(target, policies, about, ret)
					   : ask_folder(target, about, ret);
	for (size_t i = 0; i < about->needs.n; i++)
		ret->missing += !ret->needs[i];
	return ok;
}

void check_result_free(struct check_result *result)
{
	free(result->what);
	free(result->needs);
	free(result->wants);
}
