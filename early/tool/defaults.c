// SPDX-License-Identifier: LGPL-2.1-or-later
#include "defaults.h"

#include <unistd.h>

#include "policy/policy.h"

void default_policy(struct list *sources, struct list *includes)
{
	if (policy_folder(OWN_POLICY)) {
		list_add(sources, dup_str(OWN_POLICY));
		return;
	}
	list_add(sources, dup_str(STOCK_POLICY));
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
