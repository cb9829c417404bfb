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

static bool list_has(struct span list, struct span name)
{
	struct span s;

	while (next_name(&list, &s)) {
		if (span_eq(s, name))
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

/* kstrtoul() and aaintbool, as far as a "no" goes. */
static bool says_no(const char *value)
{
	return value &&
	       (*value == '0' || *value == 'n' || *value == 'N' ||
		((*value == 'o' || *value == 'O') && (value[1] == 'f' || value[1] == 'F')));
}

static void explain_lsm(const struct lsm_facts *f, struct strbuf *ret)
{
	struct span lsm = span_of(f->cmdline.lsm), rival;

	sb_strs(ret, "lsm=", NULL);
	sb_quoted(ret, lsm);
	if (!list_has(lsm, span_of("apparmor"))) {
		sb_strs(ret, " on the kernel command line does not name apparmor", NULL);
		if (f->cmdline.security)
			sb_strs(ret, " (and lsm= overrides security=)", NULL);
		sb_strs(ret, "; add it to the list, or remove lsm=", NULL);
		return;
	}
	if (active_rival(f->active, &rival)) {
		sb_strs(ret, " starts ", NULL);
		sb_span(ret, rival);
		sb_strs(ret, " first, and the first exclusive LSM wins; put apparmor before it",
			NULL);
		return;
	}
	sb_strs(ret, " names apparmor, yet the kernel did not start it; see the kernel log", NULL);
}

void diagnose_off(const struct lsm_facts *f, struct strbuf *ret)
{
	struct span rival;

	if (!f->built_in) {
		sb_strs(ret, "this kernel has no AppArmor; use one with CONFIG_SECURITY_APPARMOR=y",
			NULL);
	} else if (says_no(f->cmdline.apparmor)) {
		sb_strs(ret, "apparmor=", f->cmdline.apparmor,
			" on the kernel command line turns it off; remove it", NULL);
		if (f->cmdline.lsm && !list_has(span_of(f->cmdline.lsm), span_of("apparmor")))
			sb_strs(ret, ", and add apparmor to lsm=", NULL);
	} else if (f->cmdline.lsm) {
		explain_lsm(f, ret);
	} else if (f->cmdline.security) {
		sb_strs(ret, "security=", NULL);
		sb_quoted(ret, span_of(f->cmdline.security));
		sb_strs(ret,
			" on the kernel command line selects another LSM; use security=apparmor",
			NULL);
	} else if (active_rival(f->active, &rival)) {
		sb_strs(ret, "the kernel's built-in order starts ", NULL);
		sb_span(ret, rival);
		sb_strs(ret, " first; boot with security=apparmor", NULL);
	} else {
		sb_strs(ret,
			"the kernel's built-in list of LSMs (CONFIG_LSM) leaves it out; "
			"boot with security=apparmor or an lsm= list that names it",
			NULL);
	}
}
