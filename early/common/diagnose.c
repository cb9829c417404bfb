// SPDX-License-Identifier: LGPL-2.1-or-later
#include "diagnose.h"

/* Takes the next of a comma-separated list off *list. */
static bool next_name(struct span *list, struct span *ret)
{
	if (!list->n)
		return false;
	if (!span_split(*list, ',', ret, list)) {
		*ret = *list;
		*list = (struct span){ list->p + list->n, 0 };
	}
	return true;
}

bool lsm_listed(struct span list, const char *name)
{
	struct span s;

	while (next_name(&list, &s)) {
		if (span_is(s, name))
			return true;
	}
	return false;
}

static bool is_exclusive_other(struct span name)
{
	return span_is(name, "selinux") || span_is(name, "smack");
}

/* The exclusive LSM that is active in AppArmor's place; false where there is none. */
static bool active_rival(struct span active, struct span *ret)
{
	while (next_name(&active, ret)) {
		if (is_exclusive_other(*ret))
			return true;
	}
	return false;
}

static void explain_lsm(const struct lsm_facts *f, struct strbuf *ret)
{
	struct span lsm = span_of(f->cmdline.lsm), rival;

	sb_str(ret, "lsm=");
	sb_quoted(ret, lsm);
	if (lsm_listed(lsm, "apparmor")) {
		if (!active_rival(f->active, &rival)) {
			sb_str(ret, " names apparmor, but it did not start");
			return;
		}
		sb_str(ret, " starts ");
		sb_span(ret, rival);
		sb_str(ret, " first, and the first exclusive LSM wins; put apparmor before it");
		return;
	}
	sb_str(ret, " does not name apparmor");
	if (f->cmdline.security)
		sb_str(ret, " (and lsm= overrides security=)");
	sb_str(ret, "; add it to the list, or remove lsm=");
}

void diagnose_off(const struct lsm_facts *f, struct strbuf *ret)
{
	struct span rival;

	if (!f->built_in) {
		sb_str(ret, "this kernel has no AppArmor; use one with CONFIG_SECURITY_APPARMOR=y");
	} else if (f->cmdline.off) {
		sb_str(ret, f->cmdline.off);
		sb_str(ret, " turns it off; remove it");
	} else if (f->cmdline.lsm) {
		explain_lsm(f, ret);
	} else if (f->cmdline.security) {
		sb_str(ret, "security=");
		sb_quoted(ret, span_of(f->cmdline.security));
		sb_str(ret, " selects another LSM; use security=apparmor");
	} else if (active_rival(f->active, &rival)) {
		sb_str(ret, "the kernel's built-in order starts ");
		sb_span(ret, rival);
		sb_str(ret, " first; boot with security=apparmor");
	} else {
		sb_str(ret, "the kernel's CONFIG_LSM leaves it out; boot with "
			    "security=apparmor");
	}
}
