// SPDX-License-Identifier: LGPL-2.1-or-later
#include "unit.h"

#include <limits.h>

#include "blob.h"
#include "manifest.h"

#define V "version = 1\n"
#define H "00112233445566778899aabbccddeeff102132435465768798a9bacbdcedfe0f"
#define SET(n) "set = " n "\nrank = " n "\nclass = file\n"
#define BLOB "blob = enforce - 100 " H " enforce/a.0/global\n"
#define GLOBAL "profile = enforce global\n"
#define BODY BLOB GLOBAL
#define GOOD V SET("1") BODY

#define MISFIT "a root profile whose mode is not that of the policy:"
#define HELPERS_ALONE "\"helpers\" wants a file of its own, beside it:"
#define NO_PROFILE "not a profile \"MODE NAME\" without namespace:"

static struct manifest manifest;
static struct manifest_policy policy;

static bool parse(struct span text, struct manifest_error *err)
{
	*err = (struct manifest_error){ 4711, "untouched", SPAN("untouched") };
	memset(&manifest, 0x5a, sizeof(manifest));
	return manifest_parse(text, &manifest, err);
}

static void must_parse(struct span text)
{
	struct manifest_error err;

	if (!parse(text, &err))
		fail_msg("%.*s\nline %u: %s %.*s", (int)text.n, text.p, err.line, err.why,
			 (int)err.word.n, err.word.p);
	assert_int_equal(err.line, 4711);
}

/* The entries of the set on place `i`. */
static bool entries(unsigned int i, enum policy want, enum mode mode, struct manifest_error *err)
{
	*err = (struct manifest_error){ 4711, "untouched", SPAN("untouched") };
	memset(&policy, 0x5a, sizeof(policy));
	return manifest_entries(&manifest.sets[i], want, mode, &policy, err);
}

static void must_have_entries(const char *row, enum policy want, enum mode mode)
{
	struct manifest_error err;

	if (!entries(0, want, mode, &err))
		fail_msg("%s\nline %u: %s %.*s", row, err.line, err.why, (int)err.word.n,
			 err.word.p);
	assert_int_equal(err.line, 4711);
}

struct refusal {
	struct span text;
	unsigned int line;
	const char *why, *word;
};

static void check_error(const char *row, const struct manifest_error *err, unsigned int line,
			const char *why, const char *word)
{
	check_text(row, err->why, why);
	check_span(row, err->word, word);
	check_number(row, err->line, line);
}

static void check_refused(const struct refusal *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct span copy = exact_copy(rows[i].text);
		struct manifest_error err;

		check_number(rows[i].text.p, parse(copy, &err), false);
		check_error(rows[i].text.p, &err, rows[i].line, rows[i].why, rows[i].word);
		free((char *)copy.p);
	}
}

/* The text is good as far as manifest_parse() looks; the entries are not. */
static void check_entries_refused(const struct refusal *rows, size_t n, enum policy want,
				  enum mode mode)
{
	for (size_t i = 0; i < n; i++) {
		struct span copy = exact_copy(rows[i].text);
		struct manifest_error err;

		must_parse(copy);
		check_number(rows[i].text.p, entries(0, want, mode, &err), false);
		check_error(rows[i].text.p, &err, rows[i].line, rows[i].why, rows[i].word);
		free((char *)copy.p);
	}
}

static const char full[] =
	"# made by initward compile\n"
	"version = 1\n"
	"\n"
	"set = 5.10\n"
	"rank = 0\n"
	"base = yes\n"
	"kernel = 5.10.0-36-cloud-amd64 #1 SMP Debian 5.10.244-1 (2025-09-29) x86_64\n"
	"kernel = 5.10.0-35-cloud-amd64 #1 SMP Debian 5.10.237-1 (2025-05-19) x86_64\n"
	"uses = file/mask create read write exec append\n"
	"uses = caps/mask  chown\tkill \n"
	"uses = domain/stack\n"
	"class = capability domain file\n"
	"blob = enforce - 3400 " H " enforce/0123.0/global\n"
	"profile = enforce global\n"
	"# hats\n"
	"profile = kill global//a hat\n"
	"blob = complain - 3500 " H " complain/0123.0/global\n"
	"profile = complain global\n"
	"profile = complain global//a hat\n"
	"blob = any application 99 " H " application/0123.0/usr bin.man\n"
	"profile = unconfined /usr/bin/man\n"
	"profile = user global\n"
	"\n"
	"set = 6.12\n"
	"rank = 65535\n"
	"class = file\n"
	"kernel = 6.12.48 #1 x86_64\n"
	"blob = any - 1 " H " b\n"
	"profile = enforce global";

static void test_heads(void **state)
{
	(void)state;
	must_parse(SPAN(full));
	assert_int_equal(manifest.n_sets, 2);
	check_span("name", manifest.sets[0].name, "5.10");
	assert_int_equal(manifest.sets[0].rank, 0);
	assert_true(manifest.sets[0].base);
	check_span("classes", manifest.sets[0].classes, "capability domain file");
	assert_int_equal(manifest.sets[0].head_line, 4);
	assert_int_equal(manifest.sets[0].entries_line, 12);
	assert_true(span_starts(manifest.sets[0].head, "rank = 0\nbase"));
	assert_true(span_starts(manifest.sets[0].entries, "blob = enforce"));
	assert_memory_equal(manifest.sets[0].entries.p + manifest.sets[0].entries.n - 7, "global\n",
			    7);

	check_span("name", manifest.sets[1].name, "6.12");
	assert_int_equal(manifest.sets[1].rank, 65535);
	assert_false(manifest.sets[1].base);
	check_span("classes", manifest.sets[1].classes, "file");
	check_span("head", manifest.sets[1].head,
		   "rank = 65535\nclass = file\nkernel = 6.12.48 #1 x86_64\n");
	check_span("entries", manifest.sets[1].entries,
		   "blob = any - 1 " H " b\nprofile = enforce global");
	assert_int_equal(manifest.sets[1].head_line, 24);
	assert_int_equal(manifest.sets[1].entries_line, 27);
}

static void test_exact(void **state)
{
	static const struct {
		const char *identity, *set;
	} rows[] = {
		{ "5.10.0-36-cloud-amd64 #1 SMP Debian 5.10.244-1 (2025-09-29) x86_64", "5.10" },
		{ "5.10.0-35-cloud-amd64 #1 SMP Debian 5.10.237-1 (2025-05-19) x86_64", "5.10" },
		{ "6.12.48 #1 x86_64", "6.12" },
		{ "6.12.48 #1 x86_6", NULL },
		{ "6.12.48 #1 x86_64 ", NULL },
		{ "6.12.48", NULL },
		{ "", NULL },
		/* Other lines' values are no kernels. */
		{ "65535", NULL },
		{ "file", NULL },
		{ "yes", NULL },
	};

	(void)state;
	must_parse(SPAN(full));
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct manifest_set *set =
			manifest_exact(&manifest, span_of(rows[i].identity));

		if (rows[i].set)
			assert_non_null(set);
		check_span(rows[i].identity, set ? set->name : SPAN("none"),
			   rows[i].set ? rows[i].set : "none");
	}
}

static void test_ranks_go_down(void **state)
{
	static const char *const order[] = { "65535", "300", "20", "7", "0" };
	unsigned int below = UINT_MAX;

	(void)state;
	must_parse(SPAN(V SET("20") BODY SET("65535") BODY SET("0") BODY SET("7") BODY SET("300")
				BODY));
	for (size_t i = 0; i < COUNT(order); i++) {
		const struct manifest_set *set = manifest_next_rank(&manifest, below);

		assert_non_null(set);
		check_span(order[i], set->name, order[i]);
		below = set->rank;
	}
	assert_null(manifest_next_rank(&manifest, below));
	assert_null(manifest_next_rank(&manifest, 0));
	check_span("below one of them", manifest_next_rank(&manifest, 300)->name, "20");
	check_span("below another", manifest_next_rank(&manifest, 301)->name, "300");
}

static void test_base(void **state)
{
	(void)state;
	must_parse(SPAN(V SET("2") BODY SET("1") "base = yes\n" BODY SET("3") BODY));
	assert_ptr_equal(manifest_base(&manifest), &manifest.sets[1]);
	must_parse(SPAN(GOOD));
	assert_null(manifest_base(&manifest));
}

static void test_uses(void **state)
{
	struct span path = SPAN("untouched"), words;
	struct kv at;

	(void)state;
	must_parse(SPAN(full));
	at = kv_open(manifest.sets[0].head);
	assert_true(manifest_next_use(&at, &path, &words));
	check_span("path", path, "file/mask");
	check_span("words", words, "create read write exec append");
	assert_true(manifest_next_use(&at, &path, &words));
	check_span("path", path, "caps/mask");
	check_span("words", words, "chown\tkill");
	assert_true(manifest_next_use(&at, &path, &words));
	check_span("path", path, "domain/stack");
	check_span("words", words, "");
	path = SPAN("untouched");
	assert_false(manifest_next_use(&at, &path, &words));
	check_span("the end", path, "untouched");

	at = kv_open(manifest.sets[1].head);
	assert_false(manifest_next_use(&at, &path, &words));
}

static void check_profile(unsigned int i, const char *name, unsigned int mode, unsigned int ns)
{
	check_span(name, policy.profiles[i].name, name);
	check_number(name, policy.profiles[i].mode, mode);
	check_number(name, policy.profiles[i].ns, ns);
}

static void test_entries_visible(void **state)
{
	uint8_t digest[SHA256_SIZE];

	(void)state;
	assert_true(sha256_parse(SPAN(H), digest));
	must_parse(SPAN(full));
	must_have_entries("enforce, visible", POLICY_ENFORCE, MODE_VISIBLE);
	assert_int_equal(policy.n_namespaces, 1);
	check_span("root", policy.namespaces[0], "-");
	assert_int_equal(policy.n_blobs, 1);
	check_span("path", policy.blobs[0].path, "enforce/0123.0/global");
	assert_int_equal(policy.blobs[0].ns, 0);
	assert_int_equal(policy.blobs[0].size, 3400);
	assert_memory_equal(policy.blobs[0].sha256, digest, sizeof(digest));
	assert_int_equal(policy.blobs[0].first, 0);
	assert_int_equal(policy.blobs[0].count, 2);
	assert_int_equal(policy.n_profiles, 2);
	check_profile(0, "global", MODE_ENFORCE, 0);
	check_profile(1, "global//a hat", MODE_KILL, 0);
	assert_int_equal(policy.size, 3400);
}

static void test_entries_hidden(void **state)
{
	(void)state;
	must_parse(SPAN(full));
	must_have_entries("complain, hidden", POLICY_COMPLAIN, MODE_HIDDEN);
	assert_int_equal(policy.n_namespaces, 2);
	check_span("root", policy.namespaces[0], "-");
	check_span("below", policy.namespaces[1], "application");
	assert_int_equal(policy.n_blobs, 2);
	check_span("path", policy.blobs[0].path, "complain/0123.0/global");
	check_span("path", policy.blobs[1].path, "application/0123.0/usr bin.man");
	assert_int_equal(policy.blobs[1].ns, 1);
	assert_int_equal(policy.blobs[1].size, 99);
	assert_int_equal(policy.blobs[1].first, 2);
	assert_int_equal(policy.blobs[1].count, 2);
	assert_int_equal(policy.n_profiles, 4);
	check_profile(0, "global", MODE_COMPLAIN, 0);
	check_profile(1, "global//a hat", MODE_COMPLAIN, 0);
	check_profile(2, "/usr/bin/man", MODE_UNCONFINED, 1);
	check_profile(3, "global", MODE_USER, 1);
	assert_int_equal(policy.size, 3599);
	must_have_entries("complain, managed", POLICY_COMPLAIN, MODE_MANAGED);
	assert_int_equal(policy.n_profiles, 4);
}

/* "any" is of both policies; the last line needs no newline. */
static void test_entries_of_any_policy(void **state)
{
	struct manifest_error err;

	(void)state;
	must_parse(SPAN(full));
	assert_true(entries(1, POLICY_ENFORCE, false, &err));
	assert_int_equal(policy.n_profiles, 1);
	check_span("path", policy.blobs[0].path, "b");
	assert_false(entries(1, POLICY_COMPLAIN, false, &err));
	check_error("enforce in complain", &err, 29, MISFIT, "enforce global");
}

static void test_find(void **state)
{
	static const struct {
		unsigned int ns;
		const char *name;
		int index;
	} rows[] = {
		{ 0, "global", 0 },
		{ 0, "global//a hat", 1 },
		{ 1, "/usr/bin/man", 2 },
		{ 1, "global", 3 },
		{ 0, "/usr/bin/man", -1 },
		{ 1, "global//a hat", -1 },
		{ 2, "global", -1 },
		{ 0, "glob", -1 },
		{ 0, "globalx", -1 },
		{ 0, "", -1 },
		{ 0, "a", -1 },
		{ 1, "zzz", -1 },
	};

	(void)state;
	must_parse(SPAN(full));
	must_have_entries("complain, hidden", POLICY_COMPLAIN, MODE_HIDDEN);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct manifest_profile *p =
			manifest_find(&policy, rows[i].ns, span_of(rows[i].name));

		check_number(rows[i].name, p ? p - policy.profiles : -1, rows[i].index);
	}
}

#define FIRST "the first line has to be \"version = 1\", not"
#define PLAIN "not \"key = value\" in plain text:"
#define BEFORE "before the first set"

static void test_whole_text_errors(void **state)
{
	static const struct refusal rows[] = {
		{ LIT(SET("1") BODY), 1, FIRST, "set = 1" },
		{ LIT("\nversion = 2\n" SET("1") BODY), 2, FIRST, "version = 2" },
		{ LIT("version = 1\r\n"), 1, FIRST, "version = 1\r" },
		{ LIT(V), 0, "no set at all", "" },
		{ LIT(V "# set = 1\n"), 0, "no set at all", "" },
		{ LIT(V "rank = 1\n"), 2, BEFORE, "rank = 1" },
		{ LIT(V BODY), 2, BEFORE, "blob = enforce - 100 " H " enforce/a.0/global" },
		{ LIT(V GLOBAL), 2, BEFORE, "profile = enforce global" },
		{ LIT(V "colour = red\n"), 2, BEFORE, "colour = red" },
		{ LIT(GOOD "\nbroken\n"), 8, PLAIN, "broken" },
		{ LIT(V SET("1") "class = \x01\n"), 5, PLAIN, "class = \x01" },
		{ LIT(V "set = 1\r\n"), 2, PLAIN, "set = 1\r" },
	};
	struct manifest_error err;

	(void)state;
	check_refused(rows, COUNT(rows));
	assert_false(parse(SPAN(""), &err));
	check_text("nothing", err.why, FIRST);
	assert_int_equal(err.line, 0);
	assert_int_equal(err.word.n, 0);
	assert_false(parse(SPAN(GOOD "profile = enforce a\0b\n"), &err));
	check_text("NUL", err.why, PLAIN);
	assert_int_equal(err.line, 7);
	assert_int_equal(err.word.n, sizeof("profile = enforce a\0b") - 1);
}

#define VALUE "bad or repeated value"
#define BEHIND "behind the first blob of the set"

static void test_head_errors(void **state)
{
	static const struct refusal rows[] = {
		{ LIT(V "set = 1\ncolour = red\n"), 3, "unknown key", "colour = red" },
		{ LIT(V "set = 1\nversion = 1\n"), 3, "unknown key", "version = 1" },
		{ LIT(V "set = 1\nname = x\n"), 3, "unknown key", "name = x" },
		{ LIT(V "set = 1\nrank = -1\n"), 3, VALUE, "rank = -1" },
		{ LIT(V "set = 1\nrank = 65536\n"), 3, VALUE, "rank = 65536" },
		{ LIT(V "set = 1\nrank =\n"), 3, VALUE, "rank =" },
		{ LIT(V "set = 1\nrank = 0x1\n"), 3, VALUE, "rank = 0x1" },
		{ LIT(V "set = 1\nrank = 1\nrank = 2\n"), 4, VALUE, "rank = 2" },
		{ LIT(V "set = 1\nrank = 65535\nrank = 2\n"), 4, VALUE, "rank = 2" },
		{ LIT(V "set = 1\nrank = 1\nrank = 1\n"), 4, VALUE, "rank = 1" },
		{ LIT(V SET("1") BODY "set = 2\nrank = 01\n"), 8, VALUE, "rank = 01" },
		{ LIT(V SET("1") BODY SET("2") BODY "set = 3\nrank = 2\n"), 13, VALUE, "rank = 2" },
		{ LIT(V "set = 1\nkernel =\n"), 3, VALUE, "kernel =" },
		{ LIT(V "set = 1\nuses =\n"), 3, VALUE, "uses =" },
		{ LIT(V "set = 1\nbase = no\n"), 3, VALUE, "base = no" },
		{ LIT(V "set = 1\nbase =\n"), 3, VALUE, "base =" },
		{ LIT(V "set = 1\nbase = yes\nbase = yes\n"), 4, VALUE, "base = yes" },
		{ LIT(V SET("1") "base = yes\n" BODY "set = 2\nbase = yes\n"), 9, VALUE,
		  "base = yes" },
		{ LIT(V "set = 1\nclass =\n"), 3, VALUE, "class =" },
		{ LIT(V "set = 1\nclass = a b\nclass = c\n"), 4, VALUE, "class = c" },
		{ LIT(V SET("1") GLOBAL BLOB), 5, "a profile before the first blob",
		  "profile = enforce global" },
		{ LIT(V SET("1") BODY "rank = 2\n"), 7, BEHIND, "rank = 2" },
		{ LIT(V SET("1") BODY "kernel = x\n"), 7, BEHIND, "kernel = x" },
		{ LIT(V SET("1") BODY "colour = red\n"), 7, BEHIND, "colour = red" },
	};

	(void)state;
	check_refused(rows, COUNT(rows));
}

static void test_sets_that_lack_something(void **state)
{
#define LACKS "a set without rank, class or blob:"
	static const struct refusal rows[] = {
		{ LIT(V "set = 1\nclass = a\n" BODY), 2, LACKS, "1" },
		{ LIT(V "set = 1\nrank = 1\n" BODY), 2, LACKS, "1" },
		{ LIT(V SET("1")), 2, LACKS, "1" },
		{ LIT(V "set = 1\n"), 2, LACKS, "1" },
		{ LIT(V SET("1") BODY SET("2")), 7, LACKS, "2" },
		{ LIT(V SET("1") "set = 2\n"), 2, LACKS, "1" },
	};

	(void)state;
	check_refused(rows, COUNT(rows));
}

/* A manifest whose seventh line is this one: 5 and 6 hold its good entries. */
#define SEVENTH(line) LIT(GOOD line)
/* The same where that line is a bad blob. */
/* Versions of the formatter disagree about braces in macros. */
/* clang-format off */
#define BAD_BLOB(value) { LIT(GOOD "blob = " value "\n"), 7, NO_BLOB, value }
/* clang-format on */
#define NO_BLOB "not a blob \"POLICY NAMESPACE BYTES SHA256 PATH\" within the limits:"
#define EMPTY "behind a blob without profiles:"

static void test_blob_errors(void **state)
{
	static const struct refusal rows[] = {
		{ SEVENTH("blob =\n"), 7, NO_BLOB, "" },
		BAD_BLOB("any"),
		BAD_BLOB("any -"),
		BAD_BLOB("any - 1"),
		BAD_BLOB("any - 1 " H),
		BAD_BLOB("off - 1 " H " a"),
		BAD_BLOB("Any - 1 " H " a"),
		BAD_BLOB("any . 1 " H " a"),
		BAD_BLOB("any .. 1 " H " a"),
		BAD_BLOB("any a/b 1 " H " a"),
		BAD_BLOB("any @a 1 " H " a"),
		BAD_BLOB("any a:b 1 " H " a"),
		BAD_BLOB("any a@ 1 " H " a"),
		BAD_BLOB("any a[ 1 " H " a"),
		BAD_BLOB("any a` 1 " H " a"),
		BAD_BLOB("any a{ 1 " H " a"),
		BAD_BLOB("any \xc3\xa4 1 " H " a"),
		BAD_BLOB("any - 0 " H " a"),
		BAD_BLOB("any - 8388609 " H " a"),
		BAD_BLOB("any - 1k " H " a"),
		BAD_BLOB("any - -1 " H " a"),
		BAD_BLOB("any - 1 0011 a"),
		BAD_BLOB("any - 1 " H "0 a"),
		BAD_BLOB("any - 1 " H " /a"),
		BAD_BLOB("any - 1 " H " .."),
		BAD_BLOB("any - 1 " H " a/.."),
		BAD_BLOB("any - 1 " H " a/../b"),
		BAD_BLOB("any - 1 " H " ../a"),
		/* Those that are not wanted are read all the same. */
		BAD_BLOB("complain x 0 " H " a"),
		/* Each has profiles. */
		{ LIT(V SET("1") BLOB BLOB GLOBAL), 6, EMPTY,
		  "enforce - 100 " H " enforce/a.0/global" },
		{ LIT(V SET("1") BODY BLOB), 7, "a blob without profiles", "1" },
		{ LIT(V SET("1") BODY BLOB "# end\n\n"), 7, "a blob without profiles", "1" },
		{ LIT(V SET("1") BODY "blob = complain - 1 " H " a\n"), 7,
		  "a blob without profiles", "1" },
		{ LIT(V SET("1") BODY "blob = complain - 1 " H " a\n" BODY), 8, EMPTY,
		  "enforce - 100 " H " enforce/a.0/global" },
	};

	(void)state;
	check_entries_refused(rows, COUNT(rows), POLICY_ENFORCE, MODE_HIDDEN);
	check_entries_refused(rows, COUNT(rows), POLICY_ENFORCE, MODE_VISIBLE);
}

static void test_names_that_only_look_bad(void **state)
{
	(void)state;
	must_parse(SPAN(GOOD "blob = any n.09_AZ-az 8388608 " H " .a/.b/c./. d\n"
			     "profile = user a:b//c d (enforce)\n"));
	must_have_entries("dots", POLICY_ENFORCE, MODE_HIDDEN);
	check_span("path", policy.blobs[1].path, ".a/.b/c./. d");
	check_span("namespace", policy.namespaces[policy.blobs[1].ns], "n.09_AZ-az");
	check_span("profile", policy.profiles[1].name, "a:b//c d (enforce)");
	assert_int_equal(policy.size, 100 + (8 << 20));
}

#define SECOND "the second profile of this name, which would oops the kernel:"
#define NOGLOBAL "no root profile \"global\" in set"

static void test_profile_errors(void **state)
{
	static const struct refusal rows[] = {
		{ SEVENTH("profile =\n"), 7, NO_PROFILE, "" },
		{ SEVENTH("profile = enforce\n"), 7, NO_PROFILE, "enforce" },
		{ SEVENTH("profile = strict a\n"), 7, NO_PROFILE, "strict a" },
		{ SEVENTH("profile = a enforce\n"), 7, NO_PROFILE, "a enforce" },
		{ SEVENTH("profile = enforce :ns:a\n"), 7, NO_PROFILE, "enforce :ns:a" },
		{ SEVENTH("profile = enforce :\n"), 7, NO_PROFILE, "enforce :" },
		/* Of blobs that are not wanted, too. */
		{ SEVENTH("blob = complain - 1 " H " a\nprofile = bad x\n"), 8, NO_PROFILE,
		  "bad x" },
		/* A name twice, in one blob or in two. */
		{ SEVENTH("profile = enforce global\n"), 7, SECOND, "enforce global" },
		{ SEVENTH("profile = kill global\n"), 7, SECOND, "kill global" },
		{ SEVENTH(BODY), 8, SECOND, "enforce global" },
		{ SEVENTH("profile = enforce a\nprofile = enforce b\nprofile = enforce a\n"), 9,
		  SECOND, "enforce a" },
		{ SEVENTH("profile = enforce z\nprofile = enforce b\nprofile = enforce z\n"), 9,
		  SECOND, "enforce z" },
		{ SEVENTH("blob = any n 1 " H " a\nprofile = user x\nblob = any n 1 " H " b\n"
			  "profile = enforce x\n"),
		  10, SECOND, "enforce x" },
		/* Modes of the root. */
		{ SEVENTH("profile = complain a\n"), 7, MISFIT, "complain a" },
		{ SEVENTH("profile = unconfined a\n"), 7, MISFIT, "unconfined a" },
		{ SEVENTH("profile = user a\n"), 7, MISFIT, "user a" },
		/* What has to be there. */
		{ LIT(V SET("1") BLOB "profile = enforce globals\n"), 2, NOGLOBAL, "1" },
		{ LIT(V SET("1") "blob = complain - 1 " H " a\nprofile = complain global\n"), 2,
		  NOGLOBAL, "1" },
		{ LIT(V SET("1") "blob = any n 1 " H " a\nprofile = enforce global\n"), 2, NOGLOBAL,
		  "1" },
	};

	(void)state;
	check_entries_refused(rows, COUNT(rows), POLICY_ENFORCE, MODE_HIDDEN);
}

static void test_complain_takes_complain_only(void **state)
{
	static const struct refusal rows[] = {
		{ LIT(V SET("1") "blob = any - 1 " H " a\nprofile = enforce global\n"), 6, MISFIT,
		  "enforce global" },
		{ LIT(V SET("1") "blob = complain - 1 " H " a\nprofile = kill global\n"), 6, MISFIT,
		  "kill global" },
		{ LIT(V SET("1") "blob = complain - 1 " H
				 " a\nprofile = complain global\nprofile = unconfined x\n"),
		  7, MISFIT, "unconfined x" },
	};

	(void)state;
	check_entries_refused(rows, COUNT(rows), POLICY_COMPLAIN, MODE_VISIBLE);
	must_parse(
		SPAN(V SET("1") BODY "blob = complain - 1 " H " a\nprofile = complain global\n"));
	must_have_entries("one for each policy", POLICY_COMPLAIN, MODE_VISIBLE);
	must_have_entries("one for each policy", POLICY_ENFORCE, MODE_VISIBLE);
}

/* The same name in two namespaces, and in a blob that is not wanted, is no duplicate. */
static void test_names_are_of_their_namespace(void **state)
{
	(void)state;
	must_parse(SPAN(GOOD "blob = any n 1 " H " a\nprofile = user global\n"
			     "blob = any m 1 " H " b\nprofile = complain global\n"
			     "blob = complain n 1 " H " c\nprofile = complain global\n"));
	must_have_entries("one name", POLICY_ENFORCE, MODE_HIDDEN);
	assert_int_equal(policy.n_profiles, 3);
	for (unsigned int ns = 0; ns < policy.n_namespaces; ns++) {
		const struct manifest_profile *p = manifest_find(&policy, ns, SPAN("global"));

		if (span_is(policy.namespaces[ns], "application"))
			assert_null(p);
		else
			assert_int_equal(p->ns, ns);
	}
	must_have_entries("visible", POLICY_ENFORCE, MODE_VISIBLE);
	assert_int_equal(policy.n_profiles, 1);
}

#define HELPERS \
	"blob = enforce - 30 " H " h\nprofile = enforce helpers\nprofile = enforce helpers//x\n"

static void test_helpers_are_alone_in_their_blob(void **state)
{
	static const struct refusal rows[] = {
		{ LIT(GOOD "blob = enforce - 30 " H
			   " h\nprofile = enforce helpers\nprofile = enforce x\n"),
		  9, HELPERS_ALONE, "enforce x" },
		{ LIT(GOOD "blob = enforce - 30 " H
			   " h\nprofile = enforce x\nprofile = enforce helpers\n"),
		  9, HELPERS_ALONE, "enforce helpers" },
		{ LIT(GOOD "blob = enforce - 30 " H
			   " h\nprofile = enforce helpersx\nprofile = enforce helpers//x\n"),
		  9, HELPERS_ALONE, "enforce helpers//x" },
	};

	(void)state;
	check_entries_refused(rows, COUNT(rows), POLICY_ENFORCE, MODE_HIDDEN);
}

/* What attaches to each program that the kernel starts, in visible mode would to each application. */
static void test_helpers_are_for_hidden_mode(void **state)
{
	(void)state;
	must_parse(SPAN(GOOD HELPERS "blob = enforce - 5 " H " b\nprofile = enforce behind\n"));
	must_have_entries("hidden", POLICY_ENFORCE, MODE_HIDDEN);
	assert_int_equal(policy.n_blobs, 3);
	assert_int_equal(policy.n_profiles, 4);
	assert_int_equal(policy.size, 135);
	must_have_entries("visible", POLICY_ENFORCE, MODE_VISIBLE);
	assert_int_equal(policy.n_blobs, 2);
	assert_int_equal(policy.n_profiles, 2);
	assert_int_equal(policy.size, 105);
	check_profile(1, "behind", MODE_ENFORCE, 0);
	must_have_entries("managed", POLICY_ENFORCE, MODE_MANAGED);
	assert_int_equal(policy.n_blobs, 2);
	assert_int_equal(policy.n_namespaces, 2);
	assert_int_equal(policy.blobs[1].first, 1);
	assert_int_equal(policy.blobs[1].count, 1);
	/* The same name in another namespace is another profile. */
	must_parse(SPAN(GOOD "blob = enforce n 30 " H " h\nprofile = enforce helpers\n"));
	must_have_entries("namespace", POLICY_ENFORCE, MODE_HIDDEN);
	assert_int_equal(policy.n_profiles, 2);
}

/* A text that is built line by line. */
struct text {
	char *p;
	size_t n, cap;
};

static void add(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct text *t, const char *format, ...)
{
	va_list ap;
	int n;

	if (!t->p) {
		t->cap = 4 << 20;
		t->p = malloc(t->cap);
		assert_non_null(t->p);
	}
	va_start(ap, format);
	n = vsnprintf(t->p + t->n, t->cap - t->n, format, ap);
	va_end(ap);
	assert_true(n >= 0 && (size_t)n < t->cap - t->n);
	t->n += (size_t)n;
}

static struct span span_of_text(const struct text *t)
{
	return (struct span){ t->p, t->n };
}

static void test_limit_of_sets(void **state)
{
	struct text t = { NULL, 0, 0 };
	struct manifest_error err;

	(void)state;
	add(&t, "%s", V);
	for (int i = 0; i < LIMIT_SETS; i++)
		add(&t, "set = s%d\nrank = %d\nclass = a\n%s", i, i, BODY);
	must_parse(span_of_text(&t));
	assert_int_equal(manifest.n_sets, LIMIT_SETS);
	check_span("last", manifest.sets[LIMIT_SETS - 1].name, "s31");
	add(&t, "set = more\n");
	assert_false(parse(span_of_text(&t), &err));
	check_error("one more", &err, 2 + 5 * LIMIT_SETS, "more sets than the limit", "set = more");
	free(t.p);
}

/* The entry on line 7, with a name of LIMIT_NAME bytes in it, then of one more. */
static void check_limit_of_name(const char *before, const char *behind, const char *why)
{
	char name[LIMIT_NAME + 2];
	struct manifest_error err;

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (int over = 0; over <= 1; over++) {
		struct text t = { NULL, 0, 0 };

		add(&t, "%s%s%s%s", GOOD, before, name + 1 - over, behind);
		must_parse(span_of_text(&t));
		check_number(before, entries(0, POLICY_ENFORCE, true, &err), !over);
		if (over) {
			check_text(before, err.why, why);
			check_number(before, err.line, 7);
		}
		free(t.p);
	}
}

static void test_limit_of_names(void **state)
{
	(void)state;
	check_limit_of_name("profile = enforce ", "\n", NO_PROFILE);
	check_limit_of_name("blob = any ", " 1 " H " a\n" GLOBAL, NO_BLOB);
	check_limit_of_name("blob = any n 1 " H " ", "\n" GLOBAL, NO_BLOB);
}

static void test_limit_of_profiles(void **state)
{
	struct text t = { NULL, 0, 0 };
	struct manifest_error err;
	char name[32];

	(void)state;
	add(&t, "%s", GOOD);
	/* Neither in order nor backwards: 1571 and 4095 have no common factor. */
	for (int i = 1; i < LIMIT_PROFILES; i++)
		add(&t, "profile = enforce p%05d\n", i * 1571 % (LIMIT_PROFILES - 1));
	must_parse(span_of_text(&t));
	must_have_entries("4096 profiles", POLICY_ENFORCE, MODE_VISIBLE);
	assert_int_equal(policy.n_profiles, LIMIT_PROFILES);
	assert_int_equal(policy.blobs[0].count, LIMIT_PROFILES);
	for (int i = 0; i < LIMIT_PROFILES - 1; i++) {
		snprintf(name, sizeof(name), "p%05d", i);
		check_span(name, manifest_find(&policy, 0, span_of(name))->name, name);
	}
	assert_null(manifest_find(&policy, 0, SPAN("p99999")));

	add(&t, "%s", "profile = enforce more\n");
	must_parse(span_of_text(&t));
	assert_false(entries(0, POLICY_ENFORCE, false, &err));
	check_error("one more", &err, 6 + LIMIT_PROFILES,
		    "more profiles than the limit:", "enforce more");
	free(t.p);
}

/* Profiles of blobs that are not wanted do not count. */
static void test_limits_are_of_one_boot(void **state)
{
	struct text t = { NULL, 0, 0 };

	(void)state;
	add(&t, "%sblob = complain - 8388608 %s b\n", GOOD, H);
	for (int i = 0; i <= LIMIT_PROFILES; i++)
		add(&t, "profile = complain p%d\n", i);
	for (int i = 0; i < 9; i++)
		add(&t, "blob = any n%d 8388608 %s b\nprofile = complain x\n", i, H);
	must_parse(span_of_text(&t));
	must_have_entries("enforce", POLICY_ENFORCE, MODE_VISIBLE);
	assert_int_equal(policy.n_blobs, 1);
	assert_int_equal(policy.n_profiles, 1);
	free(t.p);
}

static void test_limit_of_blobs(void **state)
{
	struct text t = { NULL, 0, 0 };
	struct manifest_error err;

	(void)state;
	add(&t, "%s", GOOD);
	for (int i = 1; i < LIMIT_BLOBS; i++)
		add(&t, "blob = any - 1 %s b%d\nprofile = enforce p%d\n", H, i, i);
	must_parse(span_of_text(&t));
	must_have_entries("4096 blobs", POLICY_ENFORCE, MODE_VISIBLE);
	assert_int_equal(policy.n_blobs, LIMIT_BLOBS);
	assert_int_equal(policy.blobs[LIMIT_BLOBS - 1].first, LIMIT_BLOBS - 1);
	assert_int_equal(policy.size, 100 + LIMIT_BLOBS - 1);

	add(&t, "blob = any - 1 %s more\nprofile = enforce more\n", H);
	must_parse(span_of_text(&t));
	assert_false(entries(0, POLICY_ENFORCE, false, &err));
	check_error("one more", &err, 5 + 2 * LIMIT_BLOBS,
		    "more policy than the limit:", "any - 1 " H " more");
	free(t.p);
}

static void test_limit_of_all_bytes(void **state)
{
	struct text t = { NULL, 0, 0 };
	struct manifest_error err;
	size_t n;

	(void)state;
	add(&t, "%s%s", V, SET("1"));
	for (int i = 0; i < LIMIT_POLICY / LIMIT_BLOB; i++)
		add(&t, "blob = any - %d %s b%d\nprofile = enforce %s%.0d\n", LIMIT_BLOB, H, i,
		    i ? "p" : "global", i);
	n = t.n;
	must_parse(span_of_text(&t));
	must_have_entries("64 MiB", POLICY_ENFORCE, MODE_VISIBLE);
	assert_int_equal(policy.size, LIMIT_POLICY);
	add(&t, "blob = any - 1 %s more\nprofile = enforce more\n", H);
	must_parse(span_of_text(&t));
	assert_false(entries(0, POLICY_ENFORCE, false, &err));
	check_error("one byte more", &err, 21, "more policy than the limit:", "any - 1 " H " more");
	/* Of another policy it is no more. */
	t.n = n;
	add(&t, "blob = complain - 1 %s more\nprofile = complain global\n", H);
	must_parse(span_of_text(&t));
	must_have_entries("64 MiB", POLICY_ENFORCE, MODE_VISIBLE);
	free(t.p);
}

static void test_limit_of_namespaces(void **state)
{
	struct text t = { NULL, 0, 0 };
	struct manifest_error err;

	(void)state;
	add(&t, "%sblob = any application 1 %s a\nprofile = enforce x\n", GOOD, H);
	for (int i = 1; i < LIMIT_NAMESPACES; i++)
		add(&t, "blob = any n%d 1 %s a\nprofile = enforce x\n", i, H);
	/* One that is there already is none more. */
	add(&t, "blob = any n3 1 %s b\nprofile = enforce y\n", H);
	must_parse(span_of_text(&t));
	must_have_entries("8 namespaces", POLICY_ENFORCE, MODE_HIDDEN);
	assert_int_equal(policy.n_namespaces, LIMIT_NAMESPACES + 1);
	check_span("last", policy.namespaces[LIMIT_NAMESPACES], "n7");
	assert_int_equal(manifest_find(&policy, LIMIT_NAMESPACES, SPAN("x"))->ns, LIMIT_NAMESPACES);

	add(&t, "blob = any n8 1 %s more\nprofile = enforce x\n", H);
	must_parse(span_of_text(&t));
	assert_false(entries(0, POLICY_ENFORCE, true, &err));
	check_error("one more", &err, 25, "more policy than the limit:", "any n8 1 " H " more");
	must_have_entries("visible", POLICY_ENFORCE, MODE_VISIBLE);
	assert_int_equal(policy.n_namespaces, 1);
	free(t.p);
}

/* Whatever a cut leaves is refused or is a good manifest of fewer sets or entries. */
static void test_cut_anywhere(void **state)
{
	struct manifest_error err;

	(void)state;
	for (size_t n = 0; n < sizeof(full) - 1; n++) {
		struct span copy = exact_copy((struct span){ full, n });

		if (parse(copy, &err))
			for (unsigned int i = 0; i < manifest.n_sets; i++)
				(void)entries(i, POLICY_ENFORCE, true, &err);
		else
			assert_true(err.line < 30);
		free((char *)copy.p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_heads),
		cmocka_unit_test(test_exact),
		cmocka_unit_test(test_ranks_go_down),
		cmocka_unit_test(test_base),
		cmocka_unit_test(test_uses),
		cmocka_unit_test(test_entries_visible),
		cmocka_unit_test(test_entries_hidden),
		cmocka_unit_test(test_entries_of_any_policy),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_whole_text_errors),
		cmocka_unit_test(test_head_errors),
		cmocka_unit_test(test_sets_that_lack_something),
		cmocka_unit_test(test_blob_errors),
		cmocka_unit_test(test_names_that_only_look_bad),
		cmocka_unit_test(test_profile_errors),
		cmocka_unit_test(test_complain_takes_complain_only),
		cmocka_unit_test(test_names_are_of_their_namespace),
		cmocka_unit_test(test_helpers_are_for_hidden_mode),
		cmocka_unit_test(test_helpers_are_alone_in_their_blob),
		cmocka_unit_test(test_limit_of_sets),
		cmocka_unit_test(test_limit_of_names),
		cmocka_unit_test(test_limit_of_profiles),
		cmocka_unit_test(test_limits_are_of_one_boot),
		cmocka_unit_test(test_limit_of_blobs),
		cmocka_unit_test(test_limit_of_all_bytes),
		cmocka_unit_test(test_limit_of_namespaces),
		cmocka_unit_test(test_cut_anywhere),
	};

	return cmocka_run_group_tests_name("manifest", tests, NULL, NULL);
}
