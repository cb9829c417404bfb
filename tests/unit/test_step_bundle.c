// SPDX-License-Identifier: LGPL-2.1-or-later
// wrap: syscall read write mkdirat unlinkat mknodat fchownat statfs mount umount2
// wrap: uname vfork execve waitid waitpid _exit getpid
/* Manifest, choice of the feature set and policy in memory: early/loader/bundle.c. */
#include "fake_bundle.h"

#define MANIFEST "/initward/bundle/manifest: "
#define AGAIN "; run \"initward compile\" again"

static void a_bundle_is_read_whole(void **state)
{
	const char *manifest;
	uint8_t digest[SHA256_SIZE];
	char hex[SHA256_HEX];

	(void)state;
	bundle_plain();
	read_bundle("");
	manifest = fake_get(IMAGE_BUNDLE "/manifest");
	sha256(manifest, strlen(manifest), digest);
	sha256_hex(digest, hex);
	check_text("digest of the manifest", boot.manifest_digest, hex);
	assert_int_equal(boot.policy.n_namespaces, 2);
	assert_int_equal(boot.policy.n_profiles, 4);
	assert_int_equal(boot.data[0].n, made_blobs[0].size + made_blobs[1].size);
	assert_memory_equal(boot.data[0].p, made_blobs[0].bytes, made_blobs[0].size);
	assert_memory_equal(boot.data[0].p + made_blobs[0].size, made_blobs[1].bytes,
			    made_blobs[1].size);
	assert_int_equal(boot.data[1].n, made_blobs[3].size);
	assert_memory_equal(boot.data[1].p, made_blobs[3].bytes, made_blobs[3].size);
	LOG_IS("");
}

static void blobs_of_a_namespace_lie_side_by_side(void **state)
{
	static const struct made_profile a[] = { { "global", MODE_ENFORCE } };
	static const struct made_profile b[] = { { "b", MODE_ENFORCE } };
	static const struct made_profile c[] = { { "c", MODE_KILL } };
	static const struct made_profile d[] = { { "d", MODE_UNCONFINED } };

	(void)state;
	bundle_begin();
	bundle_set("6.1", "2");
	bundle_line("base = yes");
	bundle_blob("any", "application", "application/x/d", d, 1);
	bundle_blob("any", "-", "enforce/x/c", c, 1);
	bundle_blob("any", "application", "application/x/b", b, 1);
	bundle_blob("enforce", "-", "enforce/x/a file", a, 1);
	bundle_end();
	read_bundle("");
	assert_int_equal(boot.data[0].n, made_blobs[1].size + made_blobs[3].size);
	assert_memory_equal(boot.data[0].p, made_blobs[1].bytes, made_blobs[1].size);
	assert_memory_equal(boot.data[0].p + made_blobs[1].size, made_blobs[3].bytes,
			    made_blobs[3].size);
	assert_int_equal(boot.data[1].n, made_blobs[0].size + made_blobs[2].size);
	assert_memory_equal(boot.data[1].p, made_blobs[0].bytes, made_blobs[0].size);
}

static void only_the_policy_that_is_asked_for_is_read(void **state)
{
	(void)state;
	bundle_plain();
	read_bundle("mode = visible\npolicy = complain\n");
	assert_int_equal(boot.policy.n_namespaces, 1);
	assert_int_equal(boot.policy.n_profiles, 1);
	assert_int_equal(boot.data[0].n, made_blobs[2].size);
	assert_memory_equal(boot.data[0].p, made_blobs[2].bytes, made_blobs[2].size);
}

static void a_manifest_that_is_not_there_is_told(void **state)
{
	(void)state;
	configure("");
	STEP_FAILS(step_manifest, "/initward/bundle/manifest cannot be read: ENOENT");
	fake_put(IMAGE_BUNDLE "/manifest", "");
	fault("read", IMAGE_BUNDLE "/manifest", EIO);
	STEP_FAILS(step_manifest, "/initward/bundle/manifest cannot be read: 5");
}

static void a_manifest_has_a_limit(void **state)
{
	(void)state;
	fake_put_many(IMAGE_BUNDLE "/manifest", '\n', LIMIT_MANIFEST + 1);
	STEP_FAILS(step_manifest, "/initward/bundle/manifest cannot be read: EFBIG");
	fake_put_many(IMAGE_BUNDLE "/manifest", '\n', LIMIT_MANIFEST);
	STEP_FAILS(step_manifest, MANIFEST "line 8388608: the first line has to be \"version = "
					   "1\", not \"\"" AGAIN);
}

static void a_malformed_manifest_is_told_with_its_line(void **state)
{
	static const char *const rows[][2] = {
		{ "version = 2\n",
		  "line 1: the first line has to be \"version = 1\", not \"version = 2\"" },
		{ "version = 1\nset = a\nspeed = 1\n", "line 3: unknown key \"speed = 1\"" },
		{ "version = 1\nnonsense\n",
		  "line 2: not \"key = value\" in plain text: \"nonsense\"" },
		{ "version = 1\nset = a\nrank = 1\n",
		  "line 2: a set without rank, class or blob: \"a\"" },
		{ "version = 1\n", "no set at all \"\"" },
	};
	char why[256];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		fake_put(IMAGE_BUNDLE "/manifest", rows[i][0]);
		(void)form(why, sizeof(why), MANIFEST "%s" AGAIN, rows[i][1]);
		STEP_FAILS(step_manifest, why);
	}
	LOG_IS("");
}

#define HEX "00112233445566778899aabbccddeeff102132435465768798a9bacbdcedfe0f"
#define ONE "version = 1\nset = s\nrank = 1\nclass = file\nbase = yes\n"
#define BLOB(size) "blob = any - " size " " HEX " a\n"

static void malformed_entries_are_told_with_their_line(void **state)
{
	static const char *const rows[][2] = {
		{ ONE BLOB("0") "profile = enforce global\n",
		  "line 6: not a blob \"POLICY NAMESPACE BYTES SHA256 PATH\" within the limits: "
		  "\"any - 0 " HEX " a\"" },
		{ ONE BLOB("8388609") "profile = enforce global\n",
		  "line 6: not a blob \"POLICY NAMESPACE BYTES SHA256 PATH\" within the limits: "
		  "\"any - 8388609 " HEX " a\"" },
		{ ONE BLOB("1") "profile = enforce global\nprofile = enforce global\n",
		  "line 8: the second profile of this name, which would oops the kernel: "
		  "\"enforce global\"" },
		{ ONE BLOB("1") "profile = complain global\n",
		  "line 7: a root profile whose mode is not that of the policy: \"complain "
		  "global\"" },
		{ ONE BLOB("1") "profile = enforce other\n",
		  "line 2: no root profile \"global\" in set \"s\"" },
		{ ONE BLOB("1"), "line 6: a blob without profiles \"s\"" },
		{ ONE BLOB("1") "profile = enforce :ns:global\n",
		  "line 7: not a profile \"MODE NAME\" without namespace: \"enforce "
		  ":ns:global\"" },
	};
	char why[512];

	(void)state;
	configure("");
	for (size_t i = 0; i < COUNT(rows); i++) {
		fake_put(IMAGE_BUNDLE "/manifest", rows[i][0]);
		STEP_IS_OK(step_manifest);
		(void)form(why, sizeof(why), MANIFEST "%s" AGAIN, rows[i][1]);
		STEP_FAILS(step_feature_set, why);
	}
	LOG_IS("");
}

/* ---- choice ---- */

static void choose(const char *const *lines, enum fit fit, const char *set, const char *lost)
{
	bundle_begin();
	for (; *lines; lines++)
		bundle_line(*lines);
	bundle_end();
	boot.lost.len = 0;
	boot.lost_text[0] = '\0';
	STEP_IS_OK(step_manifest);
	if (fit == FIT_NONE) {
		STEP_FAILS(step_feature_set,
			   "no set of the bundle fits this kernel, and none is the base; add "
			   "the kernel's (initward features)");
		return;
	}
	STEP_IS_OK(step_feature_set);
	check_number(set, boot.fit, fit);
	check_span("set", boot.set->name, set);
	check_text(set, boot.lost_text, lost);
}

#define CHOOSE(fit, set, lost, ...) \
	choose((const char *const[]){ __VA_ARGS__, NULL }, fit, set, lost)

#define ENTRIES "blob = any - 1 " HEX " a\nprofile = enforce global"
#define SET(name, rank, body) "set = " name "\nrank = " rank "\n" body "\n" ENTRIES
#define ALL "class = domain file mount"
#define FITS "uses = file/mask read write"
#define FITS_NOT "uses = file/mask read lock"

static void the_build_that_is_named_is_exact(void **state)
{
	(void)state;
	configure("");
	/* Neither rank nor base nor features matter, and nothing counts as lost. */
	CHOOSE(FIT_EXACT, "5", "", SET("9", "9", ALL "\n" FITS "\nbase = yes"),
	       SET("5", "5", "class = file\n" FITS_NOT "\n" THIS_KERNEL));
	/* One blank more, one word less: another build. */
	CHOOSE(FIT_FEATURES, "9", "", SET("9", "9", ALL "\n" FITS),
	       SET("5", "5", ALL "\nkernel = 6.1.0-test  #1 SMP Debian 6.1.1-1 x86_64"));
	CHOOSE(FIT_FEATURES, "9", "", SET("9", "9", ALL "\n" FITS),
	       SET("5", "5", ALL "\nkernel = 6.1.0-test #1 SMP Debian 6.1.1-1"));
	fault("uname", "", EIO);
	CHOOSE(FIT_FEATURES, "9", "", SET("9", "9", ALL "\n" FITS),
	       SET("5", "5", ALL "\n" THIS_KERNEL));
}

static void the_highest_rank_whose_features_are_there_fits(void **state)
{
	(void)state;
	configure("");
	CHOOSE(FIT_FEATURES, "2", "", SET("1", "1", ALL "\nbase = yes\n" FITS),
	       SET("2", "2", ALL "\n" FITS), SET("3", "3", ALL "\n" FITS_NOT));
	/* Masks are sets of words: the order says nothing. */
	CHOOSE(FIT_FEATURES, "3", "", SET("1", "1", ALL "\nbase = yes"),
	       SET("3", "3", ALL "\nuses = file/mask append create exec"));
	/* Whole words. */
	CHOOSE(FIT_BASE, "1", "", SET("1", "1", ALL "\nbase = yes\n" FITS_NOT),
	       SET("3", "3", ALL "\nuses = file/mask rea"));
	/* Each of several uses. */
	CHOOSE(FIT_FEATURES, "2", "", SET("3", "3", ALL "\n" FITS "\nuses = mount/mask move"),
	       SET("2", "2", ALL "\n" FITS "\nuses = mount/mask mount"));
	/* A feature file that is not there. */
	CHOOSE(FIT_FEATURES, "2", "", SET("3", "3", ALL "\nuses = io_uring/mask sqpoll"),
	       SET("2", "2", ALL));
}

static void the_base_is_the_last_resort(void **state)
{
	(void)state;
	configure("");
	CHOOSE(FIT_BASE, "1", "", SET("1", "1", ALL "\nbase = yes\n" FITS_NOT),
	       SET("3", "3", ALL "\n" FITS_NOT));
	CHOOSE(FIT_FEATURES, "3", "", SET("1", "1", ALL "\nbase = yes"), SET("3", "3", ALL));
	CHOOSE(FIT_NONE, "", "", SET("1", "1", ALL "\n" FITS_NOT),
	       SET("3", "3", ALL "\n" FITS_NOT));
}

static void classes_that_get_lost_are_named(void **state)
{
	(void)state;
	configure("");
	fake_put(APPARMORFS "/features/io_uring/mask", "sqpoll\n");
	CHOOSE(FIT_FEATURES, "1", "io_uring", SET("1", "1", ALL));
	CHOOSE(FIT_BASE, "1", "io_uring", SET("1", "1", ALL "\nbase = yes\n" FITS_NOT));
	CHOOSE(FIT_FEATURES, "1", "", SET("1", "1", ALL " io_uring more"));
	CHOOSE(FIT_EXACT, "1", "", SET("1", "1", "class = file\n" THIS_KERNEL));
	bundle_begin();
	bundle_line(SET("1", "1", "class = nothing"));
	bundle_end();
	boot.lost.len = 0;
	STEP_IS_OK(step_manifest);
	STEP_IS_OK(step_feature_set);
	assert_int_equal(strlen(boot.lost_text), strlen("domain file io_uring mount"));
	assert_true(span_words_subset(SPAN("domain file io_uring mount"), span_of(boot.lost_text)));
}

static void features_that_cannot_be_listed_are_told(void **state)
{
	(void)state;
	configure("");
	bundle_begin();
	bundle_line(SET("1", "1", ALL));
	bundle_end();
	STEP_IS_OK(step_manifest);
	fault("open", APPARMORFS "/features", EACCES);
	STEP_FAILS(step_feature_set,
		   "/sys/kernel/security/apparmor/features cannot be read: EACCES");
}

/* ---- blobs ---- */

#define BLOB_PATH "enforce/6.1.0/global"
#define BLOB_FILE IMAGE_BUNDLE "/" BLOB_PATH
#define BLOB_WHY "policy blob /initward/bundle/" BLOB_PATH ": "

static void policy_fails(const char *why)
{
	STEP_FAILS(step_read_policy, why);
	LOG_IS("");
}

static void a_file_that_is_not_the_manifests_is_refused(void **state)
{
	static char copy[4096];
	struct span blob;

	(void)state;
	bundle_plain();
	read_bundle("");
	blob = (struct span){ copy, made_blobs[0].size };
	memcpy(copy, made_blobs[0].bytes, blob.n);
	fake_put_span(BLOB_FILE, (struct span){ copy, blob.n - 1 });
	policy_fails(BLOB_WHY "its size is not the manifest's");
	fake_put_span(BLOB_FILE, (struct span){ copy, blob.n + 1 });
	policy_fails(BLOB_WHY "its size is not the manifest's");
	fake_put_span(BLOB_FILE, (struct span){ copy, blob.n + 2000 });
	policy_fails(BLOB_WHY "its size is not the manifest's");
	fake_put(BLOB_FILE, "");
	policy_fails(BLOB_WHY "its size is not the manifest's");
	copy[blob.n - 6] ^= 1;
	fake_put_span(BLOB_FILE, blob);
	policy_fails(BLOB_WHY "its SHA-256 is not the manifest's");
	copy[blob.n - 6] ^= 1;
	fake_put_span(BLOB_FILE, blob);
	STEP_IS_OK(step_read_policy);
	fault("read", BLOB_FILE, EIO);
	policy_fails(BLOB_WHY "cannot be read: 5");
	no_faults();
	fake_drop(BLOB_FILE);
	policy_fails(BLOB_WHY "cannot be read: ENOENT");
}

static void there_has_to_be_memory(void **state)
{
	(void)state;
	bundle_plain();
	read_bundle("");
	fault("mmap", "", ENOMEM);
	policy_fails("no memory for the policy: ENOMEM");
}

/* A manifest that says `says`, for a blob of `has` in namespace `ns` of its own (NULL: none). */
static void check_content(const char *ns, const struct made_profile *has, size_t n_has,
			  const struct made_profile *says, size_t n_says, const char *why)
{
	struct maker blob = { NULL, 0, 0 };
	char text[256];

	for (size_t i = 0; i < n_has; i++)
		put_profile(&blob, i == n_has - 1 ? ns : NULL, &has[i]);
	bundle_begin();
	bundle_set("6.1", "2");
	bundle_lines("any", "-", BLOB_PATH, (struct span){ blob.text, blob.len }, says, n_says);
	bundle_end();
	free(blob.text);
	configure("");
	STEP_IS_OK(step_manifest);
	STEP_IS_OK(step_feature_set);
	(void)form(text, sizeof(text), BLOB_WHY "%s", why ? why : "");
	run_step(why, step_read_policy, why ? STEP_FAILED : STEP_OK, text);
	LOG_IS("");
}

#define OTHER "its profiles are not the manifest's"
#define P(n) ((const struct made_profile[]){ { n, MODE_ENFORCE } })
#define PP(a, b) ((const struct made_profile[]){ { a, MODE_ENFORCE }, { b, MODE_ENFORCE } })
#define PPP(a, b, c)                    \
	((const struct made_profile[]){ \
		{ a, MODE_ENFORCE }, { b, MODE_ENFORCE }, { c, MODE_ENFORCE } })

static void profiles_are_those_of_the_manifest_in_their_order(void **state)
{
	(void)state;
	check_content(NULL, P("global"), 1, P("global"), 1, NULL);
	check_content(NULL, PP("global", "global//x"), 2, PP("global", "global//x"), 2, NULL);
	check_content(NULL, P("other"), 1, P("global"), 1, OTHER);
	check_content(NULL, P("glob"), 1, P("global"), 1, OTHER);
	check_content(NULL, PP("global", "x"), 2, P("global"), 1, OTHER);
	check_content(NULL, P("global"), 1, PP("global", "x"), 2, OTHER);
	check_content(NULL, PP("x", "global"), 2, PP("global", "x"), 2, OTHER);
	check_content(NULL, PPP("global", "x", "x"), 3, PP("global", "x"), 2, OTHER);
	check_content(NULL, PP("global", "global"), 2, P("global"), 1, OTHER);
	check_content(NULL, PP("global", "global"), 2, PP("global", "x"), 2, OTHER);
}

static void no_blob_may_name_a_namespace(void **state)
{
	(void)state;
	check_content("application", P("global"), 1, P("global"), 1, "it names a policy namespace");
	check_content("x", PP("global", "x"), 2, PP("global", "x"), 2,
		      "it names a policy namespace");
	/* In the name itself. */
	check_content(NULL, P(":application:global"), 1, P("global"), 1,
		      "it names a policy namespace");
	check_content(NULL, PP("global", ":x://y"), 2, PP("global", "y"), 2,
		      "it names a policy namespace");
}

static void modes_are_those_of_the_manifest(void **state)
{
	static const struct made_profile modes[] = {
		{ "global", MODE_ENFORCE },    { "global", MODE_COMPLAIN }, { "global", MODE_KILL },
		{ "global", MODE_UNCONFINED }, { "global", MODE_USER },
	};

	(void)state;
	check_content(NULL, &modes[2], 1, &modes[2], 1, NULL);
	for (size_t i = 1; i < COUNT(modes); i++)
		check_content(NULL, &modes[i], 1, &modes[0], 1,
			      "a profile's mode is not the manifest's");
	check_content(NULL, &modes[0], 1, &modes[2], 1, "a profile's mode is not the manifest's");
}

static void a_blob_has_to_be_policy(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *why;
	} rows[] = {
		{ "nonsense", 8, "it is not compiled AppArmor policy" },
		{ "\0\0\0\0", 4, "it is not compiled AppArmor policy" },
		{ "\4\10\0version\0\2\4\0\0\0", 16, "it ends in the middle of a profile" },
		{ "\4\10\0version\0\2\4\0\0\0\4\10\0profile\0\7\5\2\0x\0\4\6\0flags\0\7\2\0\0\0\0"
		  "\2\0\0\0\0\2\0\0\0\0\10\10",
		  60, "its format is not of version 5 to 9, or compressed" },
		{ "\4\10\0version\0\2\5\0\0\0\4\10\0profile\0\7\5\2\0x\0\4\6\0flags\0\7\2\0\0\0\0"
		  "\2\11\0\0\0\2\0\0\0\0\10\10",
		  60, "a profile has an unknown mode" },
	};
	char why[256];

	(void)state;
	configure("");
	for (size_t i = 0; i < COUNT(rows); i++) {
		bundle_begin();
		bundle_set("6.1", "2");
		bundle_lines("any", "-", BLOB_PATH, (struct span){ rows[i].bytes, rows[i].n },
			     P("global"), 1);
		bundle_end();
		STEP_IS_OK(step_manifest);
		STEP_IS_OK(step_feature_set);
		(void)form(why, sizeof(why), BLOB_WHY "%s", rows[i].why);
		policy_fails(why);
	}
}

static void the_programs_of_the_kernel_want_a_profile(void **state)
{
	static const struct {
		const char *conf;
		int want;
	} rows[] = {
		{ "", STEP_OK },
		{ "level = strict\n", STEP_FAILED },
		{ "level = sealed\n", STEP_FAILED },
		{ "level = sealed\nmode = visible\n", STEP_OK },
		{ "level = strict\npolicy = complain\n", STEP_OK },
	};

	(void)state;
	bundle_plain();
	read_bundle("");
	for (size_t i = 0; i < COUNT(rows); i++) {
		configure(rows[i].conf);
		run_step(rows[i].conf, step_helpers, rows[i].want,
			 "no profile \"helpers\": they run outside of the layer");
	}
	boot.policy.profiles[0].name = SPAN("helpers");
	boot.policy.n_profiles = 1;
	boot.policy.sorted[0] = &boot.policy.profiles[0];
	configure("level = strict\n");
	STEP_IS_OK(step_helpers);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		STEP_TEST(a_bundle_is_read_whole),
		STEP_TEST(blobs_of_a_namespace_lie_side_by_side),
		STEP_TEST(only_the_policy_that_is_asked_for_is_read),
		STEP_TEST(a_manifest_that_is_not_there_is_told),
		STEP_TEST(a_manifest_has_a_limit),
		STEP_TEST(a_malformed_manifest_is_told_with_its_line),
		STEP_TEST(malformed_entries_are_told_with_their_line),
		STEP_TEST(the_build_that_is_named_is_exact),
		STEP_TEST(the_highest_rank_whose_features_are_there_fits),
		STEP_TEST(the_base_is_the_last_resort),
		STEP_TEST(classes_that_get_lost_are_named),
		STEP_TEST(features_that_cannot_be_listed_are_told),
		STEP_TEST(a_file_that_is_not_the_manifests_is_refused),
		STEP_TEST(there_has_to_be_memory),
		STEP_TEST(profiles_are_those_of_the_manifest_in_their_order),
		STEP_TEST(no_blob_may_name_a_namespace),
		STEP_TEST(modes_are_those_of_the_manifest),
		STEP_TEST(a_blob_has_to_be_policy),
		STEP_TEST(the_programs_of_the_kernel_want_a_profile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
