// SPDX-License-Identifier: LGPL-2.1-or-later
// of: tool
#include "unit.h"

#include "policy/glob.h"
#include "util.h"

/* Against parser_regex.c; tests/bats/explain.bats asks apparmor_parser itself for such patterns. */
static const struct {
	const char *pattern;
	const char *matches; /* blank-separated */
	const char *others;
} rows[] = {
	{ "/a", "/a", "/ /ab /a/ a" },
	{ "/a?c", "/abc /a?c", "/ac /a/c /abbc" },
	{ "/a*", "/a /ab /abc", "/a/b /b" },
	{ "/a/*", "/a/b /a/bc", "/a/ /a /a/b/c" },
	{ "/a/*/", "/a/b/", "/a// /a/b /a/b/c/" },
	{ "/a/*/c", "/a/b/c", "/a//c /a/b/b/c" },
	{ "/a/*b", "/a/b /a/xb", "/a/x/b /a/" },
	{ "/a/**", "/a/b /a/b/ /a/b/c", "/a/ /a /a//b" },
	{ "/a/**/", "/a/b/ /a/b/c/", "/a/ /a/b" },
	{ "/a/**b", "/a/b /a/x/b /a//b", "/a/x" },
	{ "/a**", "/a /ab /a/ /a/b", "/b" },
	{ "/**", "/a /a/b/c", "/ //" },
	{ "/{,**}", "/ /a /a/b //", "a" },
	{ "/a{,/**}", "/a /a/ /a/b /a/b/c", "/ab" },
	{ "/a/{,**}", "/a/ /a/b /a//b", "/a" },
	{ "/{a,b}c", "/ac /bc", "/c /abc /cc" },
	{ "/{a,b{c,d}}", "/a /bc /bd", "/b /ac" },
	{ "/{,a,,b}", "/ /a /b", "/ab" },
	{ "/[abc]", "/a /b /c", "/d / /ab" },
	{ "/[a-c]x", "/ax /bx /cx", "/dx /-x" },
	{ "/[a-]", "/a /-", "/b" },
	{ "/[^a]", "/b // /]", "/a / /bb" },
	{ "/[\\]]", "/]", "/\\ /a" },
	{ "/[{,}]", "/{ /, /}", "/a" },
	{ "/a\\*", "/a*", "/ab /a\\*" },
	{ "/a\\{b\\,c\\}", "/a{b,c}", "/ab /ac" },
	{ "/a.b+c$d^e|f(g)", "/a.b+c$d^e|f(g)", "/axb" },
	{ "/a,b", "/a,b", "/a /b" },
	{ "/\\101\\x42\\t", "/AB\t", "/101" },
	{ "\\\\", "\\", "/" },
	{ "**", "a /a/b", "" },
	{ "", "", "a" },
	{ "/**a**b**c**d**e**f", "/abcdef /xaxbxcxdxexf", "/abcde /fedcba" },
	{ "/etc/sudoers.d/{READM,READM[^E]*,README,README[^.]*}{,/**}",
	  "/etc/sudoers.d/README /etc/sudoers.d/README2 /etc/sudoers.d/READMX "
	  "/etc/sudoers.d/README/x",
	  "/etc/sudoers.d/README.dpkg-new /etc/sudoers.d/READ /etc/sudoers.d/" },
};

static void check(const char *pattern, const struct glob *glob, const char *names, bool want)
{
	struct span rest = span_of(names), name;

	while (*names && rest.n) {
		struct span copy;

		if (!span_split(rest, ' ', &name, &rest)) {
			name = rest;
			rest.n = 0;
		}
		copy = exact_copy(name);
		if (glob_match(glob, copy) != want)
			fail_msg("%s %s %.*s", pattern, want ? "has to match" : "must not match",
				 (int)name.n, name.p);
		free((char *)copy.p);
	}
}

static void test_match(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct span copy = exact_copy(span_of(rows[i].pattern));
		struct glob *glob = glob_compile(copy);

		if (!glob)
			fail_msg("%s is no pattern", rows[i].pattern);
		check(rows[i].pattern, glob, rows[i].matches, true);
		check(rows[i].pattern, glob, rows[i].others, false);
		glob_free(glob);
		free((char *)copy.p);
	}
}

static void test_empty(void **state)
{
	struct glob *glob = glob_compile(SPAN("{,a}"));

	(void)state;
	assert_true(glob_match(glob, SPAN("")));
	glob_free(glob);
}

/* What apparmor_parser refuses. */
static void test_malformed(void **state)
{
	static const char *const bad[] = { "/{a",   "/a}", "/{a}", "/{}",    "/[a",
					   "/[a\\", "/a]", "/a\\", "/{a,[}", "{a,{b}" };
	char *deep = format("%0*d", 120, 0);

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct span copy = exact_copy(span_of(bad[i]));

		if (glob_compile(copy))
			fail_msg("%s was taken", bad[i]);
		free((char *)copy.p);
	}
	memset(deep, '{', 120);
	assert_null(glob_compile(span_of(deep)));
	free(deep);
	deep = format("%0*d", LIMIT_GLOB + 1, 0);
	assert_null(glob_compile(span_of(deep)));
	free(deep);
}

/* No pattern takes exponential time. */
static void test_time(void **state)
{
	struct text pattern = { 0 }, name = { 0 };
	struct glob *glob;

	(void)state;
	for (int i = 0; i < 200; i++) {
		text_str(&pattern, "{a,aa}**");
		text_str(&name, "aaaa");
	}
	text_str(&name, "b");
	glob = glob_compile((struct span){ pattern.data, pattern.len });
	assert_true(glob_match(glob, (struct span){ name.data, name.len }));
	glob_free(glob);
	text_str(&pattern, "c");
	glob = glob_compile((struct span){ pattern.data, pattern.len });
	assert_false(glob_match(glob, (struct span){ name.data, name.len }));
	glob_free(glob);
	text_free(&pattern);
	text_free(&name);
}

/* An escaped name is a pattern for itself only. */
static void test_escape(void **state)
{
	static const char *const names[] = { "/a b", "/a*?[]{},\\\"c", "/@{HOME}", "/\t\x7f\n",
					     "/\xff" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct text t = { 0 };
		struct glob *glob;

		glob_escape(span_of(names[i]), &t);
		glob = glob_compile((struct span){ t.data, t.len });
		assert_non_null(glob);
		check(t.data, glob, strchr(names[i], ' ') ? "" : names[i], true);
		assert_true(glob_match(glob, span_of(names[i])));
		assert_false(glob_match(glob, SPAN("/x")));
		assert_null(strchr(t.data, '\n'));
		glob_free(glob);
		text_free(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_match),	  cmocka_unit_test(test_empty),
		cmocka_unit_test(test_malformed), cmocka_unit_test(test_time),
		cmocka_unit_test(test_escape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
