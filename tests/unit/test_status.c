// SPDX-License-Identifier: LGPL-2.1-or-later
// of: tool
/* What the loader said, and why a system is not confined. */
#include "unit.h"

#include "status/why.h"

static const char report[] =
	"version=1\nloader=0.1.0\nresult=confined\npolicy=enforce\nmode=hidden\n"
	"level=sealed\ninit=/sbin/init\nset=6.1\nfit=features\n"
	"unmediated=network_v8 io_uring\nprofiles=2\nbytes=11225\n"
	"nanoseconds=63380063\non_failure=panic\nother_tasks=1\n"
	"manifest_sha256=00ff\nignored=\"initward.polcy\"=\"a=b\" (unknown)\n";

static void check_field(const struct loader *l, enum loader_field field, const char *want)
{
	const char *got = l->field[field];

	check_text(loader_field_name(field), got ? got : "(none)", want ? want : "(none)");
}

static void test_report(void **state)
{
	static const char *const want[LOADER_FIELDS] = {
		[LOADER_VERSION] = "0.1.0",
		[LOADER_RESULT] = "confined",
		[LOADER_POLICY] = "enforce",
		[LOADER_MODE] = "hidden",
		[LOADER_LEVEL] = "sealed",
		[LOADER_INIT] = "/sbin/init",
		[LOADER_SET] = "6.1",
		[LOADER_FIT] = "features",
		[LOADER_PROFILES] = "2",
		[LOADER_UNMEDIATED] = "network_v8 io_uring",
		[LOADER_BYTES] = "11225",
		[LOADER_NANOSECONDS] = "63380063",
		[LOADER_ON_FAILURE] = "panic",
		[LOADER_OTHER_TASKS] = "1",
		[LOADER_MANIFEST] = "00ff",
		[LOADER_IGNORED] = "\"initward.polcy\"=\"a=b\" (unknown)",
	};
	struct loader l = { 0 };
	struct span copy = exact_copy((struct span){ report, sizeof(report) - 1 });

	(void)state;
	assert_true(loader_from_report(copy, &l));
	for (int i = 0; i < LOADER_FIELDS; i++)
		check_field(&l, (enum loader_field)i, want[i]);
	free_loader(&l);
	free((char *)copy.p);
}

static void test_no_report(void **state)
{
	static const struct span rows[] = {
		LIT(""),
		LIT("\n"),
		LIT("result=confined\n"),
		LIT("version=2\nresult=confined\n"),
		LIT("version=11\nresult=confined\n"),
		LIT("\0version=1\nresult=confined\n"),
	};
	struct loader l = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_false(loader_from_report(rows[i], &l));
		check_field(&l, LOADER_RESULT, NULL);
	}
}

/* Unknown and broken lines are passed over, the last of two wins. */
static void test_odd_report(void **state)
{
	struct loader l = { 0 };

	(void)state;
	assert_true(loader_from_report(
		SPAN("version=1\nresult=off\nnew=1\n=x\nnone\n\nresult=failed"), &l));
	check_field(&l, LOADER_RESULT, "failed");
	check_field(&l, LOADER_WHY, NULL);
	free_loader(&l);
}

/* Reads those lines of a kernel log, up to the closing NULL. */
static bool read_log(const char *const *lines, struct loader *ret)
{
	struct list list = { 0 };
	bool known;

	for (; *lines; lines++)
		list_add(&list, dup_str(*lines));
	known = loader_from_log(&list, ret);
	list_free(&list);
	return known;
}

static void test_log(void **state)
{
	static const char *const lines[] = {
		"warning: other tasks: programs that run already, unconfined: 3",
		"warning: ignored on the kernel command line: \"initward.polcy\"=\"off\"",
		"confined: global//&:application:unconfined policy=enforce mode=hidden "
		"level=strict mount_api=all "
		"init=/my init set=6.1 fit=base unmediated=dbus io_uring profiles=1 bytes=11225 "
		"nanoseconds=63380063 ",
		NULL,
	};
	struct loader l = { 0 };

	(void)state;
	assert_true(read_log(lines, &l));
	check_field(&l, LOADER_RESULT, "confined");
	check_field(&l, LOADER_LABEL, "global//&:application:unconfined");
	check_field(&l, LOADER_POLICY, "enforce");
	check_field(&l, LOADER_LEVEL, "strict");
	check_field(&l, LOADER_MOUNT_API, "all");
	check_field(&l, LOADER_INIT, "/my init");
	check_field(&l, LOADER_UNMEDIATED, "dbus io_uring");
	check_field(&l, LOADER_NANOSECONDS, "63380063");
	check_field(&l, LOADER_OTHER_TASKS, "3");
	check_field(&l, LOADER_IGNORED, "\"initward.polcy\"=\"off\"");
	check_field(&l, LOADER_MANIFEST, NULL);
	free_loader(&l);
}

static void test_log_of_failure(void **state)
{
	static const char *const lines[] = {
		"confined: global//&unconfined policy=enforce mode=visible init=/x",
		"FAILED: execution: /x cannot be executed: ENOEXEC",
		"FAILED: roll-back: cannot take back profiles",
		"on_failure=continue: /x runs UNCONFINED by initward",
		NULL,
	};
	struct loader l = { 0 };

	(void)state;
	assert_true(read_log(lines, &l));
	check_field(&l, LOADER_RESULT, "failed");
	check_field(&l, LOADER_WHY, "execution: /x cannot be executed: ENOEXEC");
	check_field(&l, LOADER_LABEL, NULL);
	check_field(&l, LOADER_MODE, NULL);
	free_loader(&l);
}

static void test_log_without_label(void **state)
{
	static const char *const lines[] = { "off: policy=off mode=hidden level=compatible init=/x "
					     "nanoseconds=12 ",
					     NULL };
	struct loader l = { 0 };

	(void)state;
	assert_true(read_log(lines, &l));
	check_field(&l, LOADER_RESULT, "off");
	check_field(&l, LOADER_LABEL, NULL);
	check_field(&l, LOADER_POLICY, "off");
	free_loader(&l);
}

static void test_log_of_others(void **state)
{
	static const char *const lines[] = { "", "warning: x", "confined", "rolled back: y", NULL };
	struct loader l = { 0 };

	(void)state;
	assert_false(read_log(lines, &l));
	assert_false(read_log(lines + COUNT(lines) - 1, &l));
	free_loader(&l);
}

/* --- why not --- */

static const struct {
	enum reason reason;
	const char *result; /* of the loader; NULL: no word of it */
	const char *because;
	bool log_read;
	bool off_by_cmdline;
	const char *why;
	const char *cure;
} rows[] = {
	{ REASON_NO_LAYER, "failed", "load: EPROTO", true, false,
	  "process 1 is unconfined: the loader failed: load: EPROTO",
	  "mend that and boot again; 'initward check' tells before the boot whether it is mended" },
	{ REASON_NO_LAYER, "failed", NULL, true, false,
	  "process 1 is unconfined: the loader failed",
	  "mend that and boot again; 'initward check' tells before the boot whether it is mended" },
	{ REASON_NO_LAYER, "off", NULL, true, true,
	  "process 1 is unconfined: the loader was told policy=off, on the kernel command line",
	  "boot without initward.policy=off" },
	{ REASON_NO_LAYER, "off", NULL, true, false,
	  "process 1 is unconfined: the loader was told policy=off, in the image's initward.conf",
	  "say policy = enforce in initward.conf, make the initramfs again and boot" },
	{ REASON_NO_LAYER, "confined", NULL, true, false,
	  "process 1 is unconfined: the loader said \"confined\", so that the layer was taken away "
	  "since",
	  "boot again; mode = hidden, or a policy that denies mac_admin, keeps root from doing "
	  "that" },
	{ REASON_NO_LAYER, "", NULL, true, false,
	  "process 1 is unconfined: the loader's report has no result",
	  "boot again; if that is so again, see the kernel log" },
	{ REASON_NO_LAYER, NULL, NULL, true, false,
	  "process 1 is unconfined, and the kernel log has no word of the loader: this boot's "
	  "initramfs "
	  "has no initward, or it was not the first program",
	  "put it into the initramfs ('initward wrap', or its generator), and boot that" },
	{ REASON_NO_LAYER, NULL, NULL, false, false,
	  "process 1 is unconfined; why cannot be told: no report of the loader, and the kernel "
	  "log of "
	  "this boot cannot be read, or not from its begin on",
	  "run it as root" },
	{ REASON_OFF, "failed", "AppArmor: it is off", true, false,
	  "AppArmor is not active: a; b turns it off", "remove it" },
};

static void test_unconfined(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct loader l = { 0 };
		struct history h = {
			.loader = rows[i].result ? &l : NULL,
			.log_read = rows[i].log_read,
			.off_by_cmdline = rows[i].off_by_cmdline,
			.apparmor_off = "a; b turns it off; remove it",
		};
		struct judgement j = { STANDING_UNCONFINED, SIGHT_NONE, rows[i].reason };
		struct text why = { 0 }, cure = { 0 };

		if (rows[i].result && *rows[i].result) /* "": a report that has none */
			l.field[LOADER_RESULT] = dup_str(rows[i].result);
		if (rows[i].because)
			l.field[LOADER_WHY] = dup_str(rows[i].because);
		explain_unconfined(&j, &h, &why, &cure);
		check_text("why", why.data, rows[i].why);
		check_text("cure", cure.data, rows[i].cure);
		free_loader(&l);
		text_free(&why);
		text_free(&cure);
	}
}

/* --- denials --- */

static const char *const records[] = {
	"audit: type=1400 audit(1.000:1): apparmor=\"DENIED\" operation=\"open\" profile=\"zeta\" "
	"name=\"/a\" pid=1 comm=\"x\"",
	"audit: type=1400 audit(1.000:2): apparmor=\"DENIED\" operation=\"open\" "
	"namespace=\"root//application\" profile=\"app\" name=\"/a\" pid=1 comm=\"x\"",
	"audit: type=1400 audit(1.000:3): apparmor=\"ALLOWED\" operation=\"open\" "
	"profile=\"global\" name=\"/a\" pid=1 comm=\"x\"",
	"audit: type=1400 audit(1.000:4): apparmor=\"KILLED\" operation=\"open\" "
	"profile=\"global\" name=\"/b\" pid=1 comm=\"x\"",
	"audit: type=1400 audit(1.000:5): apparmor=\"DENIED\" operation=\"open\" "
	"profile=\"global\" name=\"/c\" pid=1 comm=\"x\"",
	"audit: type=1400 audit(1.000:6): apparmor=\"DENIED\" operation=\"open\" "
	"profile=\"global\" name=\"/c\" pid=2 comm=\"y\"",
	"audit: type=1400 audit(1.000:7): apparmor=\"DENIED\" operation=\"open\" profile=\"alpha\" "
	"name=\"/c\" pid=2 comm=\"y\"",
};

static void check_tally(const struct tally *t, const char *ns, const char *profile, uint64_t denied,
			uint64_t killed, uint64_t allowed)
{
	check_text("namespace", t->ns, ns);
	check_text("profile", t->profile, profile);
	check_number(profile, (long long)t->denied, (long long)denied);
	check_number(profile, (long long)t->killed, (long long)killed);
	check_number(profile, (long long)t->allowed, (long long)allowed);
}

static void test_tally(void **state)
{
	struct log log = { 0 };
	struct tally *list = NULL;

	(void)state;
	for (size_t i = 0; i < COUNT(records); i++)
		log_line(&log, span_of(records[i]));
	log_finish(&log);
	assert_int_equal(tally_denials(&log, &list), 4);
	check_tally(&list[0], "root", "global", 2, 1, 1);
	check_tally(&list[1], "root", "alpha", 1, 0, 0);
	check_tally(&list[2], "root", "zeta", 1, 0, 0);
	check_tally(&list[3], "root//application", "app", 1, 0, 0);
	free(list);
	log_free(&log);
}

static void test_empty_tally(void **state)
{
	struct log log = { 0 };
	struct tally *list = NULL;

	(void)state;
	assert_int_equal(tally_denials(&log, &list), 0);
	free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_report),	       cmocka_unit_test(test_no_report),
		cmocka_unit_test(test_odd_report),     cmocka_unit_test(test_log),
		cmocka_unit_test(test_log_of_failure), cmocka_unit_test(test_log_without_label),
		cmocka_unit_test(test_log_of_others),  cmocka_unit_test(test_unconfined),
		cmocka_unit_test(test_tally),	       cmocka_unit_test(test_empty_tally),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
