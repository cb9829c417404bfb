// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lsm.h"

#include <stdlib.h>
#include <string.h>

#include "cmdline.h"
#include "diagnose.h"
#include "kconfig.h"
#include "util.h"

enum order { ORDER_EARLY, ORDER_FIRST, ORDER_MUTABLE, ORDER_LAST };

enum { MAJOR = 1, EXCLUSIVE = 2 };

struct module {
	const char *name;
	const char *option;
	unsigned int since; /* the series that made it one of the list; 0: as long as the option */
	enum order order;
	unsigned int flags;
};

/*
 * Every DEFINE_LSM() below security/ in the order of the Makefiles, which is that of the kernel's
 * table. Capability has no option but SECURITY's own. IMA and EVM were no modules of the list before
 * 6.9 (security/integrity/ima/ima_main.c, evm/evm_main.c).
 */
static const struct module modules[] = {
	{ "capability", "SECURITY", 0, ORDER_FIRST, 0 },
	{ "selinux", "SECURITY_SELINUX", 0, ORDER_MUTABLE, MAJOR | EXCLUSIVE },
	{ "smack", "SECURITY_SMACK", 0, ORDER_MUTABLE, MAJOR | EXCLUSIVE },
	{ "tomoyo", "SECURITY_TOMOYO", 0, ORDER_MUTABLE, MAJOR },
	{ "apparmor", "SECURITY_APPARMOR", 0, ORDER_MUTABLE, MAJOR | EXCLUSIVE },
	{ "yama", "SECURITY_YAMA", 0, ORDER_MUTABLE, 0 },
	{ "loadpin", "SECURITY_LOADPIN", 0, ORDER_MUTABLE, 0 },
	{ "safesetid", "SECURITY_SAFESETID", 0, ORDER_MUTABLE, 0 },
	{ "lockdown", "SECURITY_LOCKDOWN_LSM", 0, ORDER_MUTABLE, 0 },
	{ "bpf", "BPF_LSM", 0, ORDER_MUTABLE, 0 },
	{ "landlock", "SECURITY_LANDLOCK", 0, ORDER_MUTABLE, 0 },
	{ "ipe", "SECURITY_IPE", 0, ORDER_MUTABLE, 0 },
	{ "ima", "IMA", 6009, ORDER_LAST, 0 },
	{ "evm", "EVM", 6009, ORDER_LAST, 0 },
};

#define MODULES (sizeof(modules) / sizeof(modules[0]))

struct rules {
	const struct lsm_kernel *kernel;
	bool built[MODULES];
	bool disabled[MODULES];
	bool listed[MODULES];
	enum order order[MODULES];
	bool exclusive; /* one has been chosen */
	/* Of the command line; they point into `text`. */
	char *text;
	struct cmdline_lsm cmdline;
	struct strbuf list;
};

/* The parameters of the command line that this is about, with their switches. */
struct switches {
	bool apparmor;
	bool selinux;
};

static bool newer(const struct lsm_kernel *kernel, unsigned int series)
{
	return !kernel->series || kernel->series >= series;
}

/* kstrtoul(value, 0): lib/kstrtox.c. Only whether it is zero matters. */
static bool read_number(const char *value, bool *ret)
{
	unsigned long long n = 0;
	int base = 10;
	size_t digits = 0;

	value += *value == '+';
	if (value[0] == '0' && (value[1] | 0x20) == 'x') {
		base = 16;
		value += 2;
	} else if (value[0] == '0') {
		base = 8;
	}
	for (; *value && !(*value == '\n' && !value[1]); value++, digits++) {
		int c = *value | 0x20;
		int digit = c >= 'a' && c <= 'f'	     ? c - 'a' + 10
			    : *value >= '0' && *value <= '9' ? *value - '0'
							     : base;

		if (digit >= base || n > (~0ULL - (unsigned int)digit) / (unsigned int)base)
			return false;
		n = n * (unsigned int)base + (unsigned int)digit;
	}
	*ret = n != 0;
	return digits > 0;
}

/* kstrtobool(), which knows "true" and "false" from 5.19 on. */
static bool read_truth(const char *value, bool words, bool *ret)
{
	int first = value[0] | 0x20;
	int second = first == 'o' ? value[1] | 0x20 : 0;

	if (value[0] == '1' || first == 'y' || second == 'n' || (words && first == 't')) {
		*ret = true;
		return true;
	}
	*ret = false;
	return value[0] == '0' || first == 'n' || second == 'f' || (words && first == 'f');
}

/* The last that is valid wins; what the kernel does not understand changes nothing. */
static void read_switch(struct rules *r, const struct cmdline_param *param, struct switches *s)
{
	bool on;

	if (cmdline_named(param, "apparmor") && read_number(param->value, &on)) {
		s->apparmor = on;
		r->cmdline.off = on ? NULL : "apparmor=";
	} else if (cmdline_named(param, "apparmor.enabled") &&
		   read_truth(param->value, newer(r->kernel, 5019), &on)) {
		s->apparmor = on;
		r->cmdline.off = on ? NULL : "apparmor.enabled=";
	} else if (cmdline_named(param, "selinux") &&
		   kconfig_on(r->kernel->config, "SECURITY_SELINUX_BOOTPARAM") &&
		   read_number(param->value, &on)) {
		s->selinux = on;
	}
}

static struct switches read_cmdline(struct rules *r, struct switches s)
{
	struct cmdline_param param;
	char *at = r->text;

	while (cmdline_next(&at, &param)) {
		if (!param.value)
			continue;
		if (cmdline_named(&param, "lsm") && newer(r->kernel, LSM_LIST_SERIES))
			r->cmdline.lsm = param.value;
		else if (cmdline_named(&param, "security"))
			r->cmdline.security = param.value;
		else
			read_switch(r, &param, &s);
	}
	return s;
}

static size_t find(struct span name)
{
	size_t i = 0;

	while (i < MODULES && !span_is(name, modules[i].name))
		i++;
	return i;
}

/* append_ordered_lsm() and lsm_allowed(), of later kernels lsm_order_append() */
static void append(struct rules *r, size_t i)
{
	if (!r->built[i] || r->listed[i])
		return;
	r->listed[i] = true;
	if (r->disabled[i] || ((modules[i].flags & EXCLUSIVE) && r->exclusive))
		return;
	r->exclusive = r->exclusive || (modules[i].flags & EXCLUSIVE);
	sb_strs(&r->list, r->list.len ? "," : "", modules[i].name, NULL);
}

static void append_order(struct rules *r, enum order order)
{
	for (size_t i = 0; i < MODULES; i++) {
		if (r->order[i] == order)
			append(r, i);
	}
}

/* A name that no kernel of kernel.org has: a slip of the pen, or a module of a patched kernel. */
static void note_unknown(struct span name, struct strbuf *unknown)
{
	/* a module of the list until 6.8, but none that ever showed up in it */
	if (!name.n || span_is(name, "integrity"))
		return;
	if (unknown->len)
		sb_str(unknown, ",");
	sb_span(unknown, name);
}

static void append_names(struct rules *r, struct span names, struct strbuf *unknown)
{
	struct span name;

	for (bool more = true; more;) {
		size_t i;

		more = span_split(names, ',', &name, &names);
		if (!more)
			name = names;
		i = find(name);
		if (i == MODULES)
			note_unknown(name, unknown);
		else if (r->order[i] == ORDER_MUTABLE)
			append(r, i);
	}
}

/* security=: all other majors are off, whatever becomes of the named one. */
static void disable_majors(struct rules *r, const char *but)
{
	for (size_t i = 0; i < MODULES; i++) {
		if ((modules[i].flags & MAJOR) && strcmp(modules[i].name, but) != 0)
			r->disabled[i] = true;
	}
}

/* ordered_lsm_parse() */
static void order_list(struct rules *r, struct strbuf *unknown)
{
	const char *security = r->cmdline.lsm ? NULL : r->cmdline.security;
	struct text builtin = { 0 };

	append_order(r, ORDER_EARLY);
	append_order(r, ORDER_FIRST);
	if (security)
		disable_majors(r, security);
	if (!r->cmdline.lsm && kconfig_text(r->kernel->config, "LSM", &builtin))
		append_names(r, span_of_text(&builtin), unknown);
	else if (r->cmdline.lsm)
		append_names(r, span_of(r->cmdline.lsm), unknown);
	if (security && find(span_of(security)) < MODULES)
		append(r, find(span_of(security)));
	append_order(r, ORDER_LAST);
	text_free(&builtin);
}

/* security_init() before 5.1: the fixed ones, and the chosen major. */
static void old_list(struct rules *r)
{
	static const char *const fixed[] = { "capability", "yama", "loadpin" };
	struct text chosen = { 0 };

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		append(r, find(span_of(fixed[i])));
	if (r->cmdline.security)
		text_str(&chosen, r->cmdline.security);
	else
		(void)kconfig_text(r->kernel->config, "DEFAULT_SECURITY", &chosen);
	for (size_t i = 0; chosen.len && i < MODULES; i++) {
		if ((modules[i].flags & MAJOR) && strcmp(modules[i].name, chosen.data) == 0)
			append(r, i);
	}
	text_free(&chosen);
}

/* What is built in, and what the command line turns off. */
static void prepare(struct rules *r)
{
	struct span config = r->kernel->config, off;
	struct switches s = { true, true };

	/* before 5.1 the configuration could turn either off */
	if (kconfig_value(config, "SECURITY_APPARMOR_BOOTPARAM_VALUE", &off))
		s.apparmor = !span_is(off, "0");
	if (kconfig_value(config, "SECURITY_SELINUX_BOOTPARAM_VALUE", &off))
		s.selinux = !span_is(off, "0");
	s = read_cmdline(r, s);
	for (size_t i = 0; i < MODULES; i++) {
		r->built[i] = kconfig_on(config, "SECURITY") &&
			      kconfig_on(config, modules[i].option) &&
			      newer(r->kernel, modules[i].since);
		r->order[i] = modules[i].order;
	}
	if (kconfig_on(config, "SECURITY_LOCKDOWN_LSM_EARLY"))
		r->order[find(span_of("lockdown"))] = ORDER_EARLY;
	r->disabled[find(span_of("apparmor"))] = !s.apparmor;
	r->disabled[find(span_of("selinux"))] = !s.selinux;
}

static bool is_listed(const char *list)
{
	struct span names = span_of(list), name;

	while (span_split(names, ',', &name, &names)) {
		if (span_is(name, "apparmor"))
			return true;
	}
	return span_is(names, "apparmor");
}

void lsm_predict(const struct lsm_kernel *kernel, struct lsm_active *ret)
{
	struct rules r = { .kernel = kernel };
	struct strbuf unknown;

	r.text = dup_str(kernel->cmdline);
	sb_init(&r.list, ret->list, sizeof(ret->list));
	sb_init(&unknown, ret->unknown, sizeof(ret->unknown));
	prepare(&r);
	if (newer(kernel, LSM_LIST_SERIES))
		order_list(&r, &unknown);
	else
		old_list(&r);
	ret->apparmor = is_listed(ret->list);
	free(r.text);
}

void lsm_explain(const struct lsm_kernel *kernel, const struct lsm_active *active,
		 struct strbuf *why)
{
	struct rules r = { .kernel = kernel };
	struct lsm_facts facts = { .active = span_of(active->list) };

	r.text = dup_str(kernel->cmdline);
	prepare(&r);
	facts.built_in = r.built[find(span_of("apparmor"))];
	facts.cmdline = r.cmdline;
	diagnose_off(&facts, why);
	free(r.text);
}
