// SPDX-License-Identifier: LGPL-2.1-or-later
// of: tool
/*
 * The verdict of `initward status`: situations by name, then every combination of what can be seen, held
 * against what a verdict has to mean.
 */
#include "unit.h"

#include <errno.h>
#include <stdbool.h>

#include "status/judge.h"

#define VISIBLE "global//&unconfined (enforce)"
#define HIDDEN "global//&:application:unconfined (enforce)"

/* Texts of evidence are owned by whoever makes it; judge() only reads them. */
#define T(text) ((char *)(uintptr_t)(text))

#define SEEN(p, c, aa, pid, dir)                                                                \
	.apparmor = (aa), .procfs = true, .proof = (p), .control = (c), .pid_namespace = (pid), \
	.root = (dir)
#define TRIED(p, c) SEEN(p, c, APPARMOR_ON, PLACE_FIRST, PLACE_FIRST)
#define REFUSED TRIED(TRIAL_REFUSED, TRIAL_ALLOWED)
#define ALLOWED TRIED(TRIAL_ALLOWED, TRIAL_ALLOWED)
#define REFUSED_IN(aa, pid, dir) SEEN(TRIAL_REFUSED, TRIAL_ALLOWED, aa, pid, dir)
#define LABELS(own, init) .own_label = T(own), .init_label = T(init)
#define IN_ROOT .ns_stacked = T("no"), .ns_level = T("0"), .ns_name = T("root")
#define IN_HIDDEN .ns_stacked = T("yes"), .ns_level = T("1"), .ns_name = T("application")
#define MODE(text) .mode = T(text)

static const struct {
	const char *name;
	struct evidence e;
	enum reason reason;
	enum sight sight;
} rows[] = {
	{ "visible, root",
	  { REFUSED, LABELS(VISIBLE, VISIBLE), IN_ROOT, MODE("enforce") },
	  REASON_PROVED,
	  SIGHT_VISIBLE },
	{ "visible, user",
	  { REFUSED, LABELS(VISIBLE, VISIBLE), IN_ROOT },
	  REASON_PROVED,
	  SIGHT_VISIBLE },
	{ "visible, no securityfs",
	  { REFUSED, LABELS(VISIBLE, VISIBLE) },
	  REASON_PROVED,
	  SIGHT_VISIBLE },
	{ "hidden, root",
	  { REFUSED, LABELS("unconfined", "unconfined"), IN_HIDDEN, MODE("enforce") },
	  REASON_PROVED,
	  SIGHT_HIDDEN },
	{ "hidden, user",
	  { REFUSED, LABELS("unconfined", "unconfined"), IN_HIDDEN },
	  REASON_PROVED,
	  SIGHT_HIDDEN },
	{ "managed, root inside",
	  { REFUSED, .own_label = T("unconfined"), .init_errno = EACCES, .managed = true, IN_HIDDEN,
	    MODE("enforce") },
	  REASON_PROVED_INSIDE,
	  SIGHT_MANAGED },
	{ "managed, nothing refused",
	  { ALLOWED, .own_label = T("unconfined"), .init_errno = EACCES, .managed = true, IN_HIDDEN,
	    MODE("enforce") },
	  REASON_HIDDEN_ALLOWS,
	  SIGHT_MANAGED },
	{ "managed, a profile of its own",
	  { REFUSED, .own_label = T("app (enforce)"), .init_errno = EACCES, .managed = true,
	    IN_HIDDEN, MODE("enforce") },
	  REASON_OWN_PROFILE,
	  SIGHT_MANAGED },
	{ "inside, and the loader did not say managed",
	  { REFUSED, .own_label = T("unconfined"), .init_errno = EACCES, IN_HIDDEN,
	    MODE("enforce") },
	  REASON_INIT_UNREADABLE,
	  SIGHT_NONE },
	{ "managed, by the loader's word, and another errno",
	  { REFUSED, .own_label = T("unconfined"), .init_errno = ENOENT, .managed = true, IN_HIDDEN,
	    MODE("enforce") },
	  REASON_INIT_UNREADABLE,
	  SIGHT_NONE },
	{ "managed, by the loader's word, in another namespace",
	  { REFUSED, .own_label = T("unconfined"), .init_errno = EACCES, .managed = true, IN_ROOT,
	    MODE("enforce") },
	  REASON_INIT_UNREADABLE,
	  SIGHT_NONE },
	{ "hidden, no securityfs",
	  { REFUSED, LABELS("unconfined", "unconfined") },
	  REASON_PROVED,
	  SIGHT_HIDDEN },
	{ "hidden, init has a profile of the distribution",
	  { REFUSED, LABELS("unconfined", "systemd (enforce)"), IN_HIDDEN },
	  REASON_PROVED,
	  SIGHT_HIDDEN },
	{ "hidden, own profile that mediates nothing",
	  { REFUSED, LABELS("firefox (unconfined)", "unconfined"), IN_HIDDEN },
	  REASON_PROVED,
	  SIGHT_HIDDEN },
	{ "a child of the global profile",
	  { REFUSED, LABELS("global//sub//&unconfined (enforce)", VISIBLE), IN_ROOT },
	  REASON_PROVED,
	  SIGHT_VISIBLE },
	{ "visible, both modes are known, and a profile on top",
	  { REFUSED, LABELS("app//&global//&unconfined (enforce)", VISIBLE), IN_ROOT,
	    MODE("enforce") },
	  REASON_PROVED,
	  SIGHT_VISIBLE },
	{ "visible, the own label is mixed, that of init is not",
	  { REFUSED, LABELS("app//&global//&unconfined (mixed)", VISIBLE), IN_ROOT,
	    MODE("enforce") },
	  REASON_PROVED,
	  SIGHT_VISIBLE },
	{ "visible, the label of init is mixed, the own is not",
	  { REFUSED, LABELS(VISIBLE, "global//&systemd (mixed)"), IN_ROOT },
	  REASON_PROVED,
	  SIGHT_VISIBLE },
	{ "module-wide kill",
	  { TRIED(TRIAL_KILLED, TRIAL_ALLOWED), LABELS("unconfined", "unconfined"), IN_HIDDEN,
	    MODE("kill") },
	  REASON_PROVED,
	  SIGHT_HIDDEN },
	{ "a global profile that kills",
	  { TRIED(TRIAL_KILLED, TRIAL_ALLOWED),
	    LABELS("global//&unconfined (kill)", "global//&unconfined (kill)"), IN_ROOT },
	  REASON_PROVED,
	  SIGHT_VISIBLE },
	{ "refused within a chroot",
	  { REFUSED_IN(APPARMOR_ON, PLACE_FIRST, PLACE_OTHER), LABELS(VISIBLE, VISIBLE), IN_ROOT },
	  REASON_PROVED,
	  SIGHT_VISIBLE },

	{ "visible dry run",
	  { ALLOWED, LABELS("global//&unconfined (complain)", "global//&unconfined (complain)"),
	    IN_ROOT },
	  REASON_DRY_RUN,
	  SIGHT_VISIBLE },
	{ "a complain profile that refuses quietly",
	  { REFUSED, LABELS("global//&unconfined (complain)", "global//&unconfined (complain)"),
	    IN_ROOT },
	  REASON_DRY_RUN,
	  SIGHT_VISIBLE },
	{ "hidden dry run",
	  { ALLOWED, LABELS("unconfined", "unconfined"), IN_HIDDEN },
	  REASON_HIDDEN_ALLOWS,
	  SIGHT_HIDDEN },
	{ "hidden dry run, own profile",
	  { ALLOWED, LABELS("app (enforce)", "unconfined"), IN_HIDDEN, MODE("enforce") },
	  REASON_HIDDEN_ALLOWS,
	  SIGHT_HIDDEN },
	{ "suspended, visible",
	  { ALLOWED, LABELS(VISIBLE, VISIBLE), IN_ROOT, MODE("complain") },
	  REASON_SUSPENDED,
	  SIGHT_VISIBLE },
	{ "suspended, and quiet denials still refuse",
	  { REFUSED, LABELS(VISIBLE, VISIBLE), IN_ROOT, MODE("complain") },
	  REASON_SUSPENDED,
	  SIGHT_VISIBLE },
	{ "suspended, hidden",
	  { ALLOWED, LABELS("unconfined", "unconfined"), IN_HIDDEN, MODE("complain") },
	  REASON_SUSPENDED,
	  SIGHT_HIDDEN },
	{ "suspended, hidden, and quiet denials still refuse",
	  { REFUSED, LABELS("unconfined", "unconfined"), IN_HIDDEN, MODE("complain") },
	  REASON_SUSPENDED,
	  SIGHT_HIDDEN },
	{ "a module-wide mode that nobody knows",
	  { REFUSED, LABELS("unconfined", "unconfined"), IN_HIDDEN, MODE("unconfined") },
	  REASON_SUSPENDED,
	  SIGHT_HIDDEN },

	{ "AppArmor is off", { .apparmor = APPARMOR_OFF }, REASON_OFF, SIGHT_NONE },
	{ "no AppArmor", { .apparmor = APPARMOR_ABSENT }, REASON_OFF, SIGHT_NONE },
	{ "off, and somebody refuses",
	  { REFUSED_IN(APPARMOR_OFF, PLACE_FIRST, PLACE_FIRST), LABELS(VISIBLE, VISIBLE), IN_ROOT },
	  REASON_OFF,
	  SIGHT_NONE },
	{ "no layer",
	  { ALLOWED, LABELS("unconfined", "unconfined"), IN_ROOT },
	  REASON_NO_LAYER,
	  SIGHT_NONE },
	{ "a shell alone under the stack",
	  { REFUSED, LABELS(VISIBLE, "unconfined"), IN_ROOT },
	  REASON_NO_LAYER,
	  SIGHT_NONE },
	{ "somebody refuses, and it is not AppArmor",
	  { REFUSED, LABELS("unconfined", "unconfined"), IN_ROOT },
	  REASON_NO_LAYER,
	  SIGHT_NONE },
	{ "init has another profile",
	  { ALLOWED, LABELS("unconfined", "systemd (enforce)"), IN_ROOT },
	  REASON_OTHER_PROFILE,
	  SIGHT_NONE },
	{ "another stack, which refuses",
	  { REFUSED, LABELS("other//&unconfined (enforce)", "other//&unconfined (enforce)"),
	    IN_ROOT },
	  REASON_OTHER_PROFILE,
	  SIGHT_NONE },
	{ "a name that only begins like it",
	  { REFUSED, LABELS("globally//&unconfined (enforce)", "globally//&unconfined (enforce)"),
	    IN_ROOT },
	  REASON_OTHER_PROFILE,
	  SIGHT_NONE },

	{ "no proc", { .apparmor = APPARMOR_ON }, REASON_NO_PROC, SIGHT_NONE },
	{ "proc is read-only",
	  { TRIED(TRIAL_FAILED, TRIAL_FAILED), .control_errno = EROFS, .proof_errno = EROFS,
	    LABELS(VISIBLE, VISIBLE), IN_ROOT },
	  REASON_READ_ONLY,
	  SIGHT_NONE },
	{ "the control is refused too",
	  { TRIED(TRIAL_REFUSED, TRIAL_REFUSED), LABELS(VISIBLE, VISIBLE), IN_ROOT },
	  REASON_CONTROL_REFUSED,
	  SIGHT_NONE },
	{ "the control kills",
	  { TRIED(TRIAL_FAILED, TRIAL_KILLED), LABELS(VISIBLE, VISIBLE), IN_ROOT, MODE("kill") },
	  REASON_CONTROL_REFUSED,
	  SIGHT_NONE },
	{ "seccomp",
	  { TRIED(TRIAL_FAILED, TRIAL_FAILED), .control_errno = EPERM, .proof_errno = EPERM,
	    LABELS("unconfined", "unconfined"), IN_ROOT },
	  REASON_NO_TRIAL,
	  SIGHT_NONE },
	{ "the proof fails in another way",
	  { TRIED(TRIAL_FAILED, TRIAL_ALLOWED), .proof_errno = EPERM,
	    LABELS("unconfined", "unconfined"), IN_HIDDEN },
	  REASON_NO_TRIAL,
	  SIGHT_NONE },
	{ "a container",
	  { REFUSED_IN(APPARMOR_ON, PLACE_OTHER, PLACE_FIRST), LABELS("unconfined", "unconfined"),
	    IN_HIDDEN },
	  REASON_PID_NAMESPACE,
	  SIGHT_NONE },
	{ "perhaps a container",
	  { REFUSED_IN(APPARMOR_ON, PLACE_UNKNOWN, PLACE_FIRST), LABELS(VISIBLE, VISIBLE),
	    IN_ROOT },
	  REASON_PID_NAMESPACE,
	  SIGHT_NONE },
	{ "no label of its own",
	  { REFUSED, LABELS(NULL, VISIBLE), IN_ROOT },
	  REASON_LABEL_UNREADABLE,
	  SIGHT_NONE },
	{ "no label of init: alone in a namespace",
	  { REFUSED, LABELS("unconfined", NULL), IN_HIDDEN },
	  REASON_INIT_UNREADABLE,
	  SIGHT_NONE },
	{ "allowed within a chroot",
	  { SEEN(TRIAL_ALLOWED, TRIAL_ALLOWED, APPARMOR_ON, PLACE_FIRST, PLACE_OTHER),
	    LABELS("unconfined", "unconfined"), IN_HIDDEN },
	  REASON_CHROOT,
	  SIGHT_NONE },
	{ "outside, visible",
	  { ALLOWED, LABELS("unconfined", VISIBLE), IN_ROOT, MODE("enforce") },
	  REASON_OUTSIDE,
	  SIGHT_VISIBLE },
	{ "outside, hidden",
	  { ALLOWED, LABELS("unconfined", HIDDEN), IN_ROOT, MODE("enforce") },
	  REASON_OUTSIDE,
	  SIGHT_HIDDEN },
	{ "own profile, hidden",
	  { REFUSED, LABELS("app//&unconfined (enforce)", "unconfined"), IN_HIDDEN,
	    MODE("enforce") },
	  REASON_OWN_PROFILE,
	  SIGHT_HIDDEN },
	{ "own profile in complain mode, hidden: a deny of its own refuses too",
	  { REFUSED, LABELS("app (complain)", "unconfined"), IN_HIDDEN, MODE("enforce") },
	  REASON_OWN_PROFILE,
	  SIGHT_HIDDEN },
	{ "own profile called global, hidden",
	  { REFUSED, LABELS("global (enforce)", "unconfined"), IN_HIDDEN },
	  REASON_OWN_PROFILE,
	  SIGHT_HIDDEN },
	{ "own profile, visible, the module-wide mode is unknown",
	  { REFUSED, LABELS("app//&global//&unconfined (enforce)", VISIBLE), IN_ROOT },
	  REASON_OWN_PROFILE,
	  SIGHT_VISIBLE },
	{ "the reserved path is not denied",
	  { ALLOWED, LABELS(VISIBLE, VISIBLE), IN_ROOT, MODE("enforce") },
	  REASON_NOT_RESERVED,
	  SIGHT_VISIBLE },
	{ "no label tells the mode",
	  { REFUSED, LABELS("app//&global (mixed)", "global//&systemd (mixed)"), IN_ROOT,
	    MODE("enforce") },
	  REASON_MODE_UNCLEAR,
	  SIGHT_VISIBLE },
	{ "killed, and by whom cannot be told",
	  { TRIED(TRIAL_KILLED, TRIAL_ALLOWED), LABELS("unconfined", "unconfined"), IN_HIDDEN },
	  REASON_KILLED,
	  SIGHT_HIDDEN },
	{ "killed under a profile that does not kill",
	  { TRIED(TRIAL_KILLED, TRIAL_ALLOWED), LABELS(VISIBLE, VISIBLE), IN_ROOT,
	    MODE("enforce") },
	  REASON_KILLED,
	  SIGHT_VISIBLE },
	{ "somebody else's namespace",
	  { REFUSED, LABELS("unconfined", "unconfined"), .ns_stacked = T("yes"), .ns_level = T("1"),
	    .ns_name = T("incus-one") },
	  REASON_OTHER_NAMESPACE,
	  SIGHT_NONE },
	{ "a namespace below the hidden one",
	  { REFUSED, LABELS("unconfined", "unconfined"), .ns_stacked = T("yes"), .ns_level = T("2"),
	    .ns_name = T("application") },
	  REASON_OTHER_NAMESPACE,
	  SIGHT_NONE },
	{ "the namespace without a stack",
	  { REFUSED, LABELS("unconfined", "unconfined"), .ns_stacked = T("no"), .ns_level = T("1"),
	    .ns_name = T("application") },
	  REASON_OTHER_NAMESPACE,
	  SIGHT_NONE },
	{ "a label that is empty",
	  { REFUSED, LABELS("", "unconfined"), IN_HIDDEN },
	  REASON_OWN_PROFILE,
	  SIGHT_HIDDEN },
	{ "nothing refused, no securityfs",
	  { ALLOWED, LABELS("unconfined", "unconfined") },
	  REASON_NO_SECURITYFS,
	  SIGHT_NONE },
	{ "own profile, no securityfs",
	  { REFUSED, LABELS("app (enforce)", "unconfined") },
	  REASON_OWN_PROFILE,
	  SIGHT_HIDDEN },
};

static void test_situations(void **state)
{
	bool met[REASON_COUNT] = { false };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct judgement j = judge(&rows[i].e);

		check_text(rows[i].name, reason_name(j.reason), reason_name(rows[i].reason));
		check_number(rows[i].name, j.sight, rows[i].sight);
		met[j.reason] = true;
	}
	for (int i = 0; i < REASON_COUNT; i++)
		check_number(reason_name((enum reason)i), met[i], true);
}

/* What a label is, said by hand: judge() has to find it out. */
static const struct sample {
	const char *text;
	bool global;
	bool others;
	const char *mode; /* of the global profile, as far as the label tells */
} samples[] = {
	{ NULL, false, false, NULL },
	{ "unconfined", false, false, NULL },
	{ "app (enforce)", false, true, NULL },
	{ "app (unconfined)", false, false, NULL },
	{ VISIBLE, true, false, "enforce" },
	{ HIDDEN, true, false, "enforce" },
	{ "global//&unconfined (complain)", true, false, "complain" },
	{ "global//&unconfined (kill)", true, false, "kill" },
	{ "app//&global//&unconfined (enforce)", true, true, "enforce" },
	{ "app//&global//&unconfined (mixed)", true, true, NULL },
};

static const char *const modes[] = { NULL, "enforce", "kill", "complain" };

enum ns { NS_UNREADABLE, NS_ROOT, NS_HIDDEN, NS_OTHER, NS_COUNT };

static void set_ns(struct evidence *e, enum ns ns)
{
	static const char *const names[][3] = {
		{ NULL, NULL, NULL },
		{ "no", "0", "root" },
		{ "yes", "1", "application" },
		{ "yes", "1", "other" },
	};

	e->ns_stacked = T(names[ns][0]);
	e->ns_level = T(names[ns][1]);
	e->ns_name = T(names[ns][2]);
}

static bool is(const char *a, const char *b)
{
	return a && strcmp(a, b) == 0;
}

/* May the word "confined" be said? Everything that has to be so, in one place. */
static bool is_proved(const struct evidence *e, const struct sample *own, const struct sample *init,
		      enum ns ns)
{
	const char *mode = init->mode ? init->mode : own->mode;
	bool refused = e->proof == TRIAL_REFUSED;
	bool by_name = init->global && (ns == NS_UNREADABLE || ns == NS_ROOT);

	if (e->apparmor == APPARMOR_OFF || e->apparmor == APPARMOR_ABSENT || !e->procfs)
		return false;
	if (e->control != TRIAL_ALLOWED || e->pid_namespace != PLACE_FIRST)
		return false;
	if (!own->text || !init->text || is(e->mode, "complain"))
		return false;
	if (e->proof == TRIAL_KILLED)
		refused = is(e->mode, "kill") || (by_name && is(mode, "kill"));
	if (!refused)
		return false;
	if (by_name)
		return own->global && (is(mode, "enforce") || is(mode, "kill")) &&
		       (!own->others || e->mode);
	return (ns == NS_UNREADABLE || ns == NS_HIDDEN) && !own->others && !own->global;
}

static void check_meaning(const struct evidence *e, const struct sample *own,
			  const struct sample *init, enum ns ns)
{
	struct judgement j = judge(e);
	bool by_name = init->global && (ns == NS_UNREADABLE || ns == NS_ROOT);
	bool off = e->apparmor == APPARMOR_OFF || e->apparmor == APPARMOR_ABSENT;

	assert_int_equal(j.standing == STANDING_CONFINED, is_proved(e, own, init, ns));
	if (j.standing == STANDING_COMPLAIN) {
		assert_true(by_name || ns == NS_HIDDEN || ns == NS_UNREADABLE);
		assert_true(e->proof == TRIAL_ALLOWED || is(e->mode, "complain") ||
			    is(init->mode ? init->mode : own->mode, "complain"));
	}
	if (j.standing == STANDING_UNCONFINED && !off) {
		assert_true(ns == NS_ROOT && init->text && !init->global);
		assert_int_equal(e->pid_namespace, PLACE_FIRST);
	}
	if (off)
		assert_int_equal(j.standing, STANDING_UNCONFINED);
	if (e->root == PLACE_OTHER && e->proof == TRIAL_ALLOWED && !off)
		assert_int_equal(j.standing, STANDING_UNKNOWN);
}

/* One number holds all choices: takes the next digit off it. */
static unsigned int digit(unsigned int *n, unsigned int base)
{
	unsigned int d = *n % base;

	*n /= base;
	return d;
}

static void test_every_combination(void **state)
{
	unsigned int all =
		4 * 4 * 4 * 3 * 3 * 2 * COUNT(modes) * NS_COUNT * COUNT(samples) * COUNT(samples);

	(void)state;
	for (unsigned int i = 0; i < all; i++) {
		unsigned int n = i;
		struct evidence e = {
			.proof = (enum trial)digit(&n, 4),
			.control = (enum trial)digit(&n, 4),
			.apparmor = (enum apparmor)digit(&n, 4),
			.pid_namespace = (enum place)digit(&n, 3),
			.root = (enum place)digit(&n, 3),
			.procfs = digit(&n, 2),
			.mode = T(modes[digit(&n, COUNT(modes))]),
		};
		enum ns ns = (enum ns)digit(&n, NS_COUNT);
		const struct sample *own = &samples[digit(&n, COUNT(samples))];
		const struct sample *init = &samples[digit(&n, COUNT(samples))];

		set_ns(&e, ns);
		e.own_label = T(own->text);
		e.init_label = T(init->text);
		check_meaning(&e, own, init, ns);
	}
}

static void test_words(void **state)
{
	(void)state;
	for (int i = 0; i < REASON_COUNT; i++) {
		assert_non_null(reason_name((enum reason)i));
		assert_non_null(reason_text((enum reason)i));
		for (int k = 0; k < i; k++)
			assert_string_not_equal(reason_name((enum reason)i),
						reason_name((enum reason)k));
	}
	check_text("0", standing_name(STANDING_CONFINED), "confined");
	check_text("1", standing_name(STANDING_COMPLAIN), "complain");
	check_text("2", standing_name(STANDING_UNCONFINED), "not-confined");
	check_text("3", standing_name(STANDING_UNKNOWN), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_situations),
		cmocka_unit_test(test_every_combination),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
