// SPDX-License-Identifier: LGPL-2.1-or-later
#include "defaults.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/library.h"
#include "policy/policy.h"

static void add_own_includes(struct list *includes)
{
	if (access(OWN_POLICY, F_OK) == 0)
		list_add(includes, dup_str(OWN_POLICY));
}

/* What its author wrote it for: at another level or in another mode it does not do what it promises. */
static bool named_fits(const struct config *config, const char *file, const struct about *about)
{
	const char *mode = about_mode_name(about->mode);
	bool any = about->mode == ABOUT_ANY;

	if (about->level == config->level && (any || strcmp(mode, mode_name(config->mode)) == 0))
		return true;
	say("%s: policy = %s %s is written for level = %s%s%s, and here are level = %s, mode = %s: "
	    "change these, or copy the policy to " OWN_POLICY " and take the name out",
	    file, policy_name(config->policy), config->name, level_name(about->level),
	    any ? "" : ", mode = ", any ? "" : mode, level_name(config->level),
	    mode_name(config->mode));
	return false;
}

/* What the administrator put there and what he named are two answers: neither is dropped in silence. */
static bool named_policy(const struct config *config, const char *file, struct list *sources,
			 struct list *includes)
{
	char *folder = path_join(LIBRARY, config->name);
	struct library_policy policy = { 0 };
	bool ok = false;

	if (!library_has(folder))
		say("%s: policy = %s %s: there is no policy %s; 'initward policy list' names those "
		    "there are",
		    file, policy_name(config->policy), config->name, folder);
	else if (policy_folder(OWN_POLICY))
		say("%s: policy = %s %s, and " OWN_POLICY " holds a policy, too: take the name out "
		    "of the one, or the policy out of the other (what lies in " OWN_POLICY
		    "/local stays)",
		    file, policy_name(config->policy), config->name);
	else
		ok = library_find(LIBRARY, config->name, &policy) &&
		     named_fits(config, file, &policy.about);
	library_policy_free(&policy);
	if (!ok) {
		free(folder);
		return false;
	}
	list_add(sources, folder);
	add_own_includes(includes);
	return true;
}

bool default_policy(const struct config *config, const char *file, struct list *sources,
		    struct list *includes)
{
	static const char *const policies[] = {
		[LEVEL_COMPATIBLE] = STOCK_POLICY,
		[LEVEL_STRICT] = STRICT_POLICY,
		[LEVEL_SEALED] = SEALED_POLICY,
	};

	if (config->name[0])
		return named_policy(config, file, sources, includes);
	if (policy_folder(OWN_POLICY)) {
		list_add(sources, dup_str(OWN_POLICY));
		return true;
	}
	list_add(sources, dup_str(policies[config->level]));
	add_own_includes(includes);
	return true;
}

const char *default_config(void)
{
	return access(OWN_CONFIG, F_OK) == 0 ? OWN_CONFIG : NULL;
}

bool application_fits(const struct list *applications)
{
	return applications->n < 2 || !list_has(applications, "none");
}

/* Of the policy that was taken by its name, to be freed; NULL: it has none. */
static char *named_application(const struct config *config, const struct list *sources)
{
	char *folder = path_join(LIBRARY, config->name), *dir = NULL;

	if (config->name[0] && list_has(sources, folder)) {
		dir = path_join(folder, "application");
		if (!policy_folder(dir)) {
			free(dir);
			dir = NULL;
		}
	}
	free(folder);
	return dir;
}

void choose_application(const struct config *config, const struct list *sources,
			struct list *applications)
{
	const char *dir = access(OWN_APPLICATION, F_OK) == 0 ? OWN_APPLICATION : SYSTEM_POLICY;
	bool wanted = config->mode != MODE_VISIBLE && config->policy != POLICY_OFF;
	char *named;

	if (list_has(applications, "none")) {
		list_free(applications);
		return;
	}
	if (applications->n || !wanted)
		return;
	named = named_application(config, sources);
	if (named)
		list_add(applications, named);
	else if (config->level == LEVEL_SEALED && policy_folder(dir))
		list_add(applications, dup_str(dir));
}

void read_config(const char *path, struct config *ret)
{
	struct text text = { 0 };
	char why[LIMIT_MESSAGE];
	struct strbuf sb;

	sb_init(&sb, why, sizeof(why));
	config_init(ret);
	if (path && read_file(path, LIMIT_CONFIG, &text) == 0)
		(void)config_parse(span_of_text(&text), ret, &sb);
	text_free(&text);
}
