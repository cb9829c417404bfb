// SPDX-License-Identifier: LGPL-2.1-or-later
#include "defaults.h"

#include <unistd.h>

#include "policy/policy.h"

void default_policy(enum level level, struct list *sources, struct list *includes)
{
	static const char *const policies[] = {
		[LEVEL_COMPATIBLE] = STOCK_POLICY,
		[LEVEL_STRICT] = STRICT_POLICY,
		[LEVEL_SEALED] = SEALED_POLICY,
	};

	if (policy_folder(OWN_POLICY)) {
		list_add(sources, dup_str(OWN_POLICY));
		return;
	}
	list_add(sources, dup_str(policies[level]));
	if (access(OWN_POLICY, F_OK) == 0)
		list_add(includes, dup_str(OWN_POLICY));
}

const char *default_config(void)
{
	return access(OWN_CONFIG, F_OK) == 0 ? OWN_CONFIG : NULL;
}

bool application_fits(const struct list *applications)
{
	return applications->n < 2 || !list_has(applications, "none");
}

void choose_application(const struct config *config, struct list *applications)
{
	const char *dir = access(OWN_APPLICATION, F_OK) == 0 ? OWN_APPLICATION : SYSTEM_POLICY;

	if (list_has(applications, "none"))
		list_free(applications);
	else if (!applications->n && config->level == LEVEL_SEALED && config->mode == MODE_HIDDEN &&
		 config->policy != POLICY_OFF && policy_folder(dir))
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
