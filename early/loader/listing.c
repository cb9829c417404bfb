// SPDX-License-Identifier: LGPL-2.1-or-later
#include "listing.h"

#include <string.h>

#include "blob.h"
#include "io.h"
#include "label.h"

static bool seen[LIMIT_PROFILES];

static void take_line(const struct manifest_policy *p, struct span line, struct listing *ret)
{
	const struct manifest_profile *profile;
	struct span name, mode;
	int ns;

	if (!label_split(line, &name, &mode))
		return;
	ns = manifest_namespace(p, label_take_namespace(&name));
	profile = ns < 0 ? NULL : manifest_find(p, (unsigned int)ns, name);
	if (!profile || seen[profile - p->profiles])
		return;
	seen[profile - p->profiles] = true;
	ret->present++;
	ret->first = profile->name;
	if (!span_is(mode, profile_mode_name(profile->mode)))
		ret->wrong_mode = profile->name;
}

int read_listing(struct boot *b, struct listing *ret)
{
	const struct manifest_policy *p = &b->policy;
	struct span text, line;

	if (need_large(b, APPARMORFS "/profiles", LIMIT_LISTING, &text) != STEP_OK)
		return STEP_FAILED;
	*ret = (struct listing){ .present = 0 };
	memset(seen, 0, sizeof(seen));
	while (span_next_line(&text, &line))
		take_line(p, line, ret);
	for (unsigned int i = 0; i < p->n_profiles; i++) {
		if (!seen[i])
			ret->missing = p->profiles[i].name;
	}
	return STEP_OK;
}
