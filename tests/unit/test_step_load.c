// SPDX-License-Identifier: LGPL-2.1-or-later
// wrap: syscall read write mkdirat unlinkat mknodat fchownat statfs mount umount2
// wrap: uname vfork execve waitid waitpid _exit getpid
/* Into the kernel, read back, and out of it again: early/loader/load.c, listing.c. */
#include "fake_bundle.h"

#define SYSCTL "proc/sys/kernel/unprivileged_userns_apparmor_policy"
#define AA "sys/kernel/security/apparmor/"
#define NS_PATH AA "policy/namespaces/"

static char before[8192];

/* The plain bundle in memory, the kernel as it was. */
static void ready(const char *conf)
{
	bundle_plain();
	read_bundle(conf);
	STEP_IS_OK(step_not_loaded);
	fake_forget();
	fake_state(before, sizeof(before));
}

static void all_is_as_before(const char *row)
{
	static char after[8192];

	fake_state(after, sizeof(after));
	check_text(row, after, before);
}

static void every_change_is_one_call(void **state)
{
	char want[1024];

	(void)state;
	ready("");
	STEP_IS_OK(step_sysctl);
	STEP_IS_OK(step_load);
	STEP_IS_OK(step_namespaces);
	STEP_IS_OK(step_read_back);
	(void)form(want, sizeof(want),
		   "write " SYSCTL " \"0\"\n"
		   "write " AA ".replace %zu bytes\n"
		   "mkdir " NS_PATH "application\n"
		   "write " NS_PATH "application/.replace %zu bytes\n",
		   made_blobs[0].size + made_blobs[1].size, made_blobs[3].size);
	LOG_IS(want);
	check_text("listing", fake->listing,
		   "global (enforce)\nothers (enforce)\n:application://app (enforce)\n"
		   ":application://app//child (complain)\n");
}

/* Rolls back, which leaves `left` behind (NULL: nothing). */
static void take_back(const char *left)
{
	unsigned int descriptors = open_descriptors();
	const char *got = roll_back(&boot);

	check_text("left", got ? got : "nothing", left ? left : "nothing");
	check_number("descriptors", open_descriptors(), descriptors);
	boot.undo = (struct undo){ .root_loaded = false };
}

/* ---- before ---- */

static void policy_that_is_there_already_is_refused(void **state)
{
	static const char *const rows[][2] = {
		{ "global (enforce)\n", "global" },
		{ "x (enforce)\nothers (complain)\ny (kill)\n", "others" },
		{ ":application://app//child (complain)\n", "app//child" },
		{ ":application:app (enforce)\n", "app" },
		{ "global (unconfined)", "global" },
	};
	char why[256];

	(void)state;
	ready("");
	for (size_t i = 0; i < COUNT(rows); i++) {
		fake_put(AA "profiles", rows[i][0]);
		(void)form(why, sizeof(why), "profile \"%s\" is there already; see what ran before",
			   rows[i][1]);
		STEP_FAILS(step_not_loaded, why);
	}
	LOG_IS("");
}

static void a_namespace_that_is_there_already_is_refused(void **state)
{
	(void)state;
	ready("");
	fake_put(NS_PATH "application/.replace", "");
	STEP_FAILS(step_not_loaded,
		   "policy namespace \"application\" is there already; see what ran before");
	fake_put(NS_PATH "b/.replace", "");
	configure("mode = visible\n");
	STEP_IS_OK(step_feature_set);
	STEP_IS_OK(step_not_loaded);
	LOG_IS("");
}

static void policy_of_others_is_no_hindrance(void **state)
{
	(void)state;
	ready("");
	fake_put(AA "profiles", "glob (enforce)\nglobal2 (enforce)\n/usr/bin/global (enforce)\n"
				":application:global (enforce)\n:x://app (enforce)\napp (kill)\n"
				"no mode here\n\n:odd (enforce)\nunconfined\n");
	STEP_IS_OK(step_not_loaded);
	fake_put(AA "profiles", "");
	STEP_IS_OK(step_not_loaded);
}

static void a_listing_that_cannot_be_read_is_told(void **state)
{
	(void)state;
	ready("");
	fault("open", AA "profiles", EACCES);
	STEP_FAILS(step_not_loaded, "/" AA "profiles cannot be read: EACCES");
	STEP_FAILS(step_read_back, "/" AA "profiles cannot be read: EACCES");
	no_faults();
	fake_put_many(AA "profiles", 'x', LIMIT_LISTING);
	STEP_IS_OK(step_not_loaded);
	fake_put_many(AA "profiles", 'x', LIMIT_LISTING + 1);
	STEP_FAILS(step_not_loaded, "/" AA "profiles cannot be read: EFBIG");
	fault("mmap", "", ENOMEM);
	STEP_FAILS(step_not_loaded, "/" AA "profiles cannot be read: ENOMEM");
}

/* ---- sysctl ---- */

static void user_namespaces_lose_policy_where_there_are_policy_namespaces(void **state)
{
	(void)state;
	ready("mode = visible\n");
	STEP_IS_OK(step_sysctl);
	LOG_IS("");
	assert_int_equal(boot.undo.userns_sysctl, 0);
	configure("");
	STEP_IS_OK(step_sysctl);
	LOG_IS("write " SYSCTL " \"0\"\n");
	assert_int_equal(boot.undo.userns_sysctl, '1');
	check_text("sysctl", fake_get(SYSCTL), "0\n");
	fake_put(SYSCTL, "1\n");
	fake_forget();
	configure("mode = managed\n");
	STEP_IS_OK(step_sysctl);
	LOG_IS("write " SYSCTL " \"0\"\n");
	/* What is so already is not written, and not undone. */
	boot.undo.userns_sysctl = 0;
	fake_forget();
	STEP_IS_OK(step_sysctl);
	LOG_IS("");
	assert_int_equal(boot.undo.userns_sysctl, 0);
}

static void a_kernel_without_user_namespaces_has_no_such_sysctl(void **state)
{
	(void)state;
	ready("");
	fake_drop("proc/self/ns/user");
	fake_drop(SYSCTL);
	STEP_IS_OK(step_sysctl);
	LOG_IS("");
	assert_int_equal(boot.undo.userns_sysctl, 0);
}

static void a_sysctl_that_fails_is_told(void **state)
{
	(void)state;
	ready("");
	fault("write", SYSCTL, EACCES);
	STEP_FAILS(step_sysctl, "/" SYSCTL " cannot be set to \"0\": EACCES");
	/* It is as it was. */
	assert_int_equal(boot.undo.userns_sysctl, 0);
	no_faults();
	fake_drop(SYSCTL);
	boot.undo.userns_sysctl = 0;
	STEP_FAILS(step_sysctl, "/" SYSCTL " cannot be read: ENOENT");
	assert_int_equal(boot.undo.userns_sysctl, 0);
}

/* ---- load ---- */

#define FORMAT " (not a format of this kernel; compile for its set)"

static const struct {
	int err;
	const char *text;
} load_errors[] = {
	{ EPROTO, FORMAT ": EPROTO" }, { EPROTONOSUPPORT, FORMAT ": EPROTONOSUPPORT" },
	{ EACCES, ": EACCES" },	       { ENOMEM, ": ENOMEM" },
	{ EEXIST, ": EEXIST" },	       { FAULT_SHORT, ": 5" },
};

static void a_load_that_fails_is_told_and_rolled_back(void **state)
{
	char why[256];

	(void)state;
	ready("");
	for (size_t i = 0; i < COUNT(load_errors); i++) {
		fault("write", AA ".replace", load_errors[i].err);
		(void)form(why, sizeof(why), "the kernel refuses the policy%s",
			   load_errors[i].text);
		STEP_FAILS(step_load, why);
		assert_true(boot.undo.root_loaded);
		take_back(NULL);
		all_is_as_before(why);
		no_faults();
	}
	fault("open", AA ".replace", EACCES);
	STEP_FAILS(step_load, "the kernel refuses the policy: EACCES");
}

static void a_namespace_that_cannot_be_made_is_told_and_rolled_back(void **state)
{
	static const int errors[] = { EACCES, EEXIST, ENOENT };
	static const char *const names[] = { "EACCES", "EEXIST", "ENOENT" };
	char why[256];

	(void)state;
	ready("");
	for (size_t i = 0; i < COUNT(errors); i++) {
		STEP_IS_OK(step_load);
		fault("mkdir", NS_PATH "application", errors[i]);
		(void)form(why, sizeof(why), "policy namespace \"application\" cannot be made: %s",
			   names[i]);
		STEP_FAILS(step_namespaces, why);
		assert_int_equal(boot.undo.namespaces_made, 0);
		no_faults();
		fake_forget();
		take_back(NULL);
		/* One that somebody else made stays. */
		assert_int_equal(count_lines(fake->log, "rmdir"), 0);
		all_is_as_before(why);
	}
}

static void policy_of_a_namespace_that_is_refused_is_told_and_rolled_back(void **state)
{
	char why[256];

	(void)state;
	ready("");
	for (size_t i = 0; i < COUNT(load_errors); i++) {
		STEP_IS_OK(step_load);
		fault("write", NS_PATH "application/.replace", load_errors[i].err);
		(void)form(why, sizeof(why),
			   "the kernel refuses the policy of namespace \"application\"%s",
			   load_errors[i].text);
		STEP_FAILS(step_namespaces, why);
		no_faults();
		take_back(NULL);
		all_is_as_before(why);
	}
}

/* Three namespaces: "application", which has no policy, "b" and "c". */
static void three_namespaces(void)
{
	static const struct made_profile global[] = { { "global", MODE_ENFORCE } };
	static const struct made_profile inner[] = { { "inner", MODE_ENFORCE } };

	bundle_begin();
	bundle_set("6.1", "2");
	bundle_blob("any", "-", "x/global", global, 1);
	bundle_blob("any", "b", "b/inner", inner, 1);
	bundle_blob("any", "c", "c/inner", inner, 1);
	bundle_end();
	read_bundle("");
	STEP_IS_OK(step_not_loaded);
	fake_state(before, sizeof(before));
	fake_forget();
}

static void each_namespace_is_made_and_filled(void **state)
{
	char want[1024];

	(void)state;
	three_namespaces();
	STEP_IS_OK(step_load);
	STEP_IS_OK(step_namespaces);
	STEP_IS_OK(step_read_back);
	(void)form(want, sizeof(want),
		   "write " AA ".replace %zu bytes\nmkdir " NS_PATH "application\n"
		   "mkdir " NS_PATH "b\nwrite " NS_PATH "b/.replace %zu bytes\n"
		   "mkdir " NS_PATH "c\nwrite " NS_PATH "c/.replace %zu bytes\n",
		   made_blobs[0].size, made_blobs[1].size, made_blobs[2].size);
	LOG_IS(want);
	fake_forget();
	take_back(NULL);
	LOG_IS("rmdir " NS_PATH "c\nrmdir " NS_PATH "b\nrmdir " NS_PATH "application\n"
	       "write " AA ".remove \"global\"\n");
	all_is_as_before("all of them");
}

static void namespaces_made_so_far_are_taken_back(void **state)
{
	(void)state;
	three_namespaces();
	STEP_IS_OK(step_load);
	fault("mkdir", NS_PATH "c", EACCES);
	STEP_FAILS(step_namespaces, "policy namespace \"c\" cannot be made: EACCES");
	fake_forget();
	take_back(NULL);
	LOG_IS("rmdir " NS_PATH "b\nrmdir " NS_PATH "application\n"
	       "write " AA ".remove \"global\"\n");
	all_is_as_before("two of three");
	assert_false(fake_exists(NS_PATH "b"));
}

/* ---- read back ---- */

static void written_is_not_loaded(void **state)
{
	static const char *const rows[][2] = {
		{ "global (enforce)\nothers (enforce)\n:application://app//child (complain)\n",
		  "profile \"app\" was written but the kernel does not list it" },
		{ "", "profile \"app//child\" was written but the kernel does not list it" },
		{ "global (enforce)\nothers (enforce)\napp (enforce)\napp//child (complain)\n",
		  "profile \"app//child\" was written but the kernel does not list it" },
		{ "global (enforce)\nglobal (enforce)\nothers (enforce)\n"
		  ":application://app (enforce)\n",
		  "profile \"app//child\" was written but the kernel does not list it" },
		{ "global (enforce)\nothers (complain)\n:application://app (enforce)\n"
		  ":application://app//child (complain)\n",
		  "profile \"others\" is loaded in another mode than the manifest's" },
		{ "global (unconfined)\nothers (enforce)\n:application://app (enforce)\n"
		  ":application://app//child (complain)\n",
		  "profile \"global\" is loaded in another mode than the manifest's" },
		{ "global (enforce)\nothers (enforce)\n:application://app (enforce)\n"
		  ":application://app//child (enforce)\n",
		  "profile \"app//child\" is loaded in another mode than the manifest's" },
	};

	(void)state;
	ready("");
	for (size_t i = 0; i < COUNT(rows); i++) {
		fake_put(AA "profiles", rows[i][0]);
		STEP_FAILS(step_read_back, rows[i][1]);
	}
	LOG_IS("");
}

static void a_load_that_did_nothing_is_noticed(void **state)
{
	(void)state;
	ready("mode = visible\n");
	fault("write", AA ".replace", FAULT_SILENT);
	STEP_IS_OK(step_load);
	STEP_IS_OK(step_namespaces);
	STEP_FAILS(step_read_back,
		   "profile \"others\" was written but the kernel does not list it");
}

static void loaded_is_not_in_force(void **state)
{
	(void)state;
	ready("");
	STEP_IS_OK(step_load);
	STEP_IS_OK(step_namespaces);
	STEP_IS_OK(step_read_back);
	fake_put(AA_PARAMETERS "/mode", "complain\n");
	STEP_FAILS(step_read_back,
		   "apparmor.mode=complain overrides the mode of every profile; remove it");
}

/* ---- many ---- */

/* "global" and n - 1 others, which sort behind it, in one blob or in one each. */
static void many_profiles(size_t n, bool one_blob)
{
	struct made_profile *p = calloc(n, sizeof(*p));
	char *names = malloc(n * 16), path[64];

	assert_true(p && names);
	for (size_t i = 0; i < n; i++) {
		(void)form(names + 16 * i, 16, "p%05zu", i);
		p[i] = (struct made_profile){ i ? names + 16 * i : "global", MODE_ENFORCE };
	}
	bundle_begin();
	bundle_set("6.1", "2");
	if (one_blob)
		bundle_blob("enforce", "-", "enforce/x/all", p, n);
	for (size_t i = 0; i < n && !one_blob; i++) {
		(void)form(path, sizeof(path), "enforce/x/%zu", i);
		bundle_blob("enforce", "-", path, &p[i], 1);
	}
	bundle_end();
	free(p);
	free(names);
}

static void load_many(size_t n, bool one_blob)
{
	many_profiles(n, one_blob);
	read_bundle("mode = visible\n");
	assert_int_equal(boot.policy.n_profiles, n);
	STEP_IS_OK(step_not_loaded);
	fake_forget();
	STEP_IS_OK(step_load);
	assert_int_equal(count_lines(fake->log, ""), 1);
	STEP_IS_OK(step_namespaces);
	STEP_IS_OK(step_read_back);
	assert_int_equal(count_lines(fake->listing, ""), n);
	/* One that is missing among so many. */
	fake_unlist(fake_listed(n > 1 ? "p00001 " : "global ", 7));
	STEP_FAILS(step_read_back,
		   n > 1 ? "profile \"p00001\" was written but the kernel does not list it"
			 : "profile \"global\" was written but the kernel does not list it");
	take_back(NULL);
	check_text("listing", fake->listing, "");
}

static void one_profile(void **state)
{
	(void)state;
	load_many(1, true);
}

static void two_profiles(void **state)
{
	(void)state;
	load_many(2, false);
}

static void two_thousand_profiles_in_one_blob(void **state)
{
	(void)state;
	load_many(2000, true);
}

static void as_many_blobs_as_the_limit(void **state)
{
	(void)state;
	load_many(LIMIT_BLOBS, false);
}

static void one_profile_more_than_the_limit(void **state)
{
	(void)state;
	many_profiles(LIMIT_PROFILES + 1, true);
	configure("");
	STEP_IS_OK(step_manifest);
	STEP_FAILS(step_feature_set,
		   "/initward/bundle/manifest: line 4102: more profiles than the limit: \"enforce "
		   "p04096\"; run \"initward compile\" again");
	LOG_IS("");
}

static void one_blob_more_than_the_limit(void **state)
{
	int result;

	(void)state;
	/* Nothing of them is read. */
	maker_writes_no_blobs = true;
	many_profiles(LIMIT_BLOBS + 1, false);
	maker_writes_no_blobs = false;
	configure("");
	STEP_IS_OK(step_manifest);
	result = step_feature_set(&boot);
	assert_int_equal(result, STEP_FAILED);
	assert_non_null(strstr(boot.why_text, "line 8197: more policy than the limit:"));
	LOG_IS("");
}

/* ---- roll-back ---- */

/* Goes as far as `stage`. */
static void go(int stage)
{
	int (*const steps[])(struct boot *) = { step_sysctl, step_load, step_namespaces,
						step_label };

	for (int i = 0; i < stage; i++)
		STEP_IS_OK(steps[i]);
	fake_forget();
}

#define UNDO_LABEL "write proc/self/attr/apparmor/exec \"exec unconfined\"\n"
#define UNDO_NS "rmdir " NS_PATH "application\n"
#define UNDO_PROFILES "write " AA ".remove \"global\"\nwrite " AA ".remove \"others\"\n"
#define UNDO_SYSCTL "write " SYSCTL " \"1\"\n"

static const char *const roll_backs[] = {
	"",
	UNDO_SYSCTL,
	UNDO_PROFILES UNDO_SYSCTL,
	UNDO_NS UNDO_PROFILES UNDO_SYSCTL,
	UNDO_LABEL UNDO_NS UNDO_PROFILES UNDO_SYSCTL,
};

static void each_stage_is_taken_back(void **state)
{
	(void)state;
	ready("");
	for (int stage = 0; stage < (int)COUNT(roll_backs); stage++) {
		go(stage);
		take_back(NULL);
		LOG_IS(roll_backs[stage]);
		all_is_as_before(roll_backs[stage]);
	}
}

static void in_visible_mode_there_is_less_to_take_back(void **state)
{
	(void)state;
	ready("mode = visible\n");
	go(4);
	take_back(NULL);
	LOG_IS(UNDO_LABEL UNDO_PROFILES);
	all_is_as_before("visible");
}

static void a_profile_that_is_gone_already_is_no_failure(void **state)
{
	(void)state;
	ready("");
	go(2);
	assert_int_equal(fake_remove("global", 6), 0);
	take_back(NULL);
	LOG_IS(UNDO_PROFILES UNDO_SYSCTL);
}

/* What cannot be taken back stops nothing else, and is said. */
static void a_roll_back_that_fails_says_so(void **state)
{
	static const struct {
		const char *call, *path;
		int err;
		const char *left;
	} rows[] = {
		{ "write", "proc/self/attr/apparmor/exec", EACCES,
		  "the label of the next execution" },
		{ "write", "proc/self/attr/apparmor/exec", FAULT_SHORT,
		  "the label of the next execution" },
		{ "rmdir", NS_PATH "application", EACCES, "a profile" },
		{ "write", AA ".remove", EACCES, "a profile" },
		{ "write", AA ".remove", FAULT_SILENT, "a profile" },
		{ "open", AA "profiles", EIO, "a profile" },
		{ "write", SYSCTL, EACCES, "the user namespace sysctl" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (i) {
			(void)fake_teardown(NULL);
			(void)fake_setup(NULL);
		}
		ready("");
		go(4);
		fault(rows[i].call, rows[i].path, rows[i].err);
		take_back(rows[i].left);
		check_text(rows[i].path, fake->log, roll_backs[4]);
	}
}

static void nothing_can_be_taken_back_behind_the_seal(void **state)
{
	(void)state;
	ready("level = sealed\n");
	go(4);
	STEP_IS_OK(step_seal);
	assert_true(boot.undo.sealed);
	fake_forget();
	take_back("the policy, which is sealed");
	LOG_IS(UNDO_LABEL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		STEP_TEST(every_change_is_one_call),
		STEP_TEST(policy_that_is_there_already_is_refused),
		STEP_TEST(a_namespace_that_is_there_already_is_refused),
		STEP_TEST(policy_of_others_is_no_hindrance),
		STEP_TEST(a_listing_that_cannot_be_read_is_told),
		STEP_TEST(user_namespaces_lose_policy_where_there_are_policy_namespaces),
		STEP_TEST(a_kernel_without_user_namespaces_has_no_such_sysctl),
		STEP_TEST(a_sysctl_that_fails_is_told),
		STEP_TEST(a_load_that_fails_is_told_and_rolled_back),
		STEP_TEST(a_namespace_that_cannot_be_made_is_told_and_rolled_back),
		STEP_TEST(policy_of_a_namespace_that_is_refused_is_told_and_rolled_back),
		STEP_TEST(each_namespace_is_made_and_filled),
		STEP_TEST(namespaces_made_so_far_are_taken_back),
		STEP_TEST(written_is_not_loaded),
		STEP_TEST(a_load_that_did_nothing_is_noticed),
		STEP_TEST(loaded_is_not_in_force),
		STEP_TEST(one_profile),
		STEP_TEST(two_profiles),
		STEP_TEST(two_thousand_profiles_in_one_blob),
		STEP_TEST(as_many_blobs_as_the_limit),
		STEP_TEST(one_profile_more_than_the_limit),
		STEP_TEST(one_blob_more_than_the_limit),
		STEP_TEST(each_stage_is_taken_back),
		STEP_TEST(in_visible_mode_there_is_less_to_take_back),
		STEP_TEST(a_profile_that_is_gone_already_is_no_failure),
		STEP_TEST(a_roll_back_that_fails_says_so),
		STEP_TEST(nothing_can_be_taken_back_behind_the_seal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
