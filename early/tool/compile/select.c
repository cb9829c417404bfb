// SPDX-License-Identifier: LGPL-2.1-or-later
#include "select.h"

#include <string.h>

#include "kernel/kconfig.h"

/*
 * What proves that a kernel has a feature set, before it runs?
 *
 * The kernel's source alone makes the features: the tables of security/apparmor/apparmorfs.c, net.c and
 * their like have no #if (looked up in Debian's 6.1.176, 6.12.107, 7.2.13, 7.3) but one, from 7.3 on:
 * `depends` has it. All other options of AppArmor decide on debugging, hashes and introspection. So the
 * version proves nearly everything, and the configuration that AppArmor is there at all.
 *
 * But a series is not one source. Stable updates bring features to old series: network_v8/tcp-fast-open
 * is in 6.1.192 and 6.12.117, not in 6.1.176, and not in 6.16.12 or 7.0.13, whose last updates came before
 * it. And features change: permstable32_version is 1 in 6.12 and 6.16, 3 from 6.17 on. Therefore not all
 * captured sets are contained in later ones: 6.1 and 6.12 are not in 6.16 and 6.17, nor 6.12 and 6.16 in
 * anything from 6.17 on; all others are (tests/unit/test_select.c looks at each pair). So a set is proved
 *
 *   - by an older build of the kernel's own series that has it: updates take nothing away;
 *   - by a build of an older series that has it, if each set that was captured of later kernels contains
 *     it: then what it has came to stay.
 *
 * Where the highest set that the series may have is not proved, the lower ones are taken along, down to
 * one that is. That costs room and no safety: the loader compares what a policy uses with the features
 * of the kernel that runs, and takes the highest set that fits, else the base.
 *
 * Kernels of others carry an AppArmor of their own. That of Ubuntu 26.04 adds to kernel.org's tables
 * (network, ipc, namespaces/userns_create) and takes nothing away, but nothing promises that. An option of
 * AppArmor that kernel.org does not have betrays such a kernel: then no set is proved.
 */

/* Features that an option decides on. */
static const struct {
	const char *dir, *file;
	const char *option;
} depends[] = {
	{ "policy", "compressed_load", "SECURITY_APPARMOR_COMPRESSED_POLICY" },
	{ "policy", "extended_policy_header", "SECURITY_APPARMOR_COMPRESSED_POLICY" },
};

#define OPTION "SECURITY_APPARMOR"

/* What follows OPTION in the options of kernel.org's kernels, 4.13 to 7.3. */
static const char *const options[] = {
	"",
	"_BOOTPARAM_VALUE",
	"_COMPRESSED_POLICY",
	"_DEBUG",
	"_DEBUG_ASSERTS",
	"_DEBUG_MESSAGES",
	"_EXPORT_BINARY",
	"_HASH",
	"_HASH_DEFAULT",
	"_INTROSPECT_POLICY",
	"_KUNIT_TEST",
	"_PARANOID_LOAD",
};

static bool is_known_option(struct span name)
{
	struct span rest = { name.p + strlen(OPTION), name.n - strlen(OPTION) };

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (span_is(rest, options[i]))
			return true;
	}
	return false;
}

/* The first option that only a patched AppArmor has; empty where there is none. */
static struct span foreign_option(struct span config)
{
	struct span name, value;

	while (kconfig_next(&config, &name, &value)) {
		if (span_starts(name, OPTION) && !span_is(value, "n") && !is_known_option(name))
			return name;
	}
	return span_of("");
}

bool select_hopeless(struct span config)
{
	return config.n && !kconfig_on(config, OPTION);
}

/* "6.1.192-2" as 192; 0 where there is no third number. */
static unsigned int third_number(struct span word)
{
	struct span major, minor;
	size_t digits = 0;
	uint64_t n;

	if (!span_split(word, '.', &major, &word) || !span_split(word, '.', &minor, &word) ||
	    !span_uint(minor, UINT16_MAX, &n))
		return 0;
	while (digits < word.n && word.p[digits] >= '0' && word.p[digits] <= '9')
		digits++;
	word.n = digits;
	return span_uint(word, UINT16_MAX, &n) ? (unsigned int)n : 0;
}

/*
 * How far stable updates went, as the words show that name a kernel: of Debian's "6.1.0-56-amd64 #1 SMP
 * Debian 6.1.192-2" 192. 0 where they do not.
 */
static unsigned int update_of(struct span words, unsigned int series)
{
	unsigned int best = 0, n;
	struct span word;

	while (span_next_word(&words, &word)) {
		n = kernel_series(word) == series ? third_number(word) : 0;
		best = n > best ? n : best;
	}
	return best;
}

/* The kernel's own: the head of its configuration knows it, too. */
static unsigned int own_update(const struct select_kernel *k, unsigned int series)
{
	unsigned int a = update_of(k->identity.n ? k->identity : k->release, series);
	unsigned int b = update_of(kconfig_release(k->config), series);

	return a > b ? a : b;
}

/* The first series that is known to have the set; by its name where no build is; 0: unknown. */
static unsigned int first_series(const struct set *set)
{
	unsigned int first = 0, series;

	if (!set->kernels.n)
		return kernel_series(span_of(set->name));
	for (size_t i = 0; i < set->kernels.n; i++) {
		series = kernel_series(span_of(set->kernels.item[i]));
		if (series && (!first || series < first))
			first = series;
	}
	return first;
}

/* Does a build of that series, updated no further, have the set? */
static bool has_older_build(const struct set *set, unsigned int series, unsigned int update)
{
	for (size_t i = 0; i < set->kernels.n; i++) {
		struct span build = span_of(set->kernels.item[i]);

		if (kernel_series(build) == series && update_of(build, series) <= update)
			return true;
	}
	return false;
}

static bool came_to_stay(const struct set_list *sets, size_t s)
{
	if (s + 1 == sets->n)
		return false; /* nobody has looked at a later kernel yet */
	for (size_t later = s + 1; later < sets->n; later++) {
		if (!featset_contains(&sets->set[later].features, &sets->set[s].features))
			return false;
	}
	return true;
}

/* Does the configuration leave out what the set has? */
static bool lacks(struct span config, const struct featset *set)
{
	for (unsigned int i = 0; i < set->n; i++) {
		const struct featset_leaf *leaf = &set->leaf[i];

		for (size_t d = 0; d < sizeof(depends) / sizeof(depends[0]); d++) {
			if (leaf->depth == 2 && span_is(leaf->path[0], depends[d].dir) &&
			    span_is(leaf->path[1], depends[d].file) &&
			    !kconfig_on(config, depends[d].option))
				return true;
		}
	}
	return false;
}

static bool select_exact(const struct set_list *sets, struct span identity, bool *take,
			 struct selection *ret)
{
	bool found = false;

	for (size_t s = 0; identity.n && s < sets->n; s++) {
		const struct list *kernels = &sets->set[s].kernels;

		for (size_t i = 0; i < kernels->n && !found; i++) {
			found = span_is(identity, kernels->item[i]);
			take[s] = take[s] || found;
			ret->least = found ? s : 0;
		}
	}
	return found;
}

/* From the highest set that the series may have down to one that is proved. */
static void select_by_series(const struct set_list *sets, const struct select_kernel *k,
			     unsigned int series, bool *take, struct selection *ret)
{
	unsigned int update = own_update(k, series);
	bool proved = false;

	for (size_t s = sets->n; s-- > 0 && !proved;) {
		const struct set *set = &sets->set[s];
		unsigned int first = first_series(set);

		if (!first || first > series || lacks(k->config, &set->features))
			continue;
		proved = !ret->option.n && (has_older_build(set, series, update) ||
					    (first < series && came_to_stay(sets, s)));
		if (ret->by == SELECT_BASE)
			ret->by = proved ? SELECT_PROVED : SELECT_LIKELY;
		take[s] = true;
		ret->least = proved ? s : 0;
	}
}

void select_sets(const struct set_list *sets, const struct select_kernel *k, bool *take,
		 struct selection *ret)
{
	unsigned int series = kernel_series(k->release);

	*ret = (struct selection){ .by = SELECT_BASE };
	for (size_t s = 0; s < sets->n; s++)
		take[s] = s == 0;
	if (select_exact(sets, k->identity, take, ret)) {
		ret->by = SELECT_EXACT;
		return;
	}
	if (!series || !k->config.n) {
		ret->why = series ? "its configuration was not found" : "its version is not known";
		return;
	}
	ret->option = foreign_option(k->config);
	select_by_series(sets, k, series, take, ret);
	if (ret->by == SELECT_BASE)
		ret->why = "it is older than the kernels that sets were read from";
	if (ret->by == SELECT_LIKELY)
		ret->why = ret->option.n ? "its AppArmor is not kernel.org's"
					 : "updates of a series bring features";
}
