// SPDX-License-Identifier: LGPL-2.1-or-later
// of: tool
#include "unit.h"

#include "policy/about.h"

#define V "version = 1\n"
#define ALL V "about = a b\nmode = any\nlevel = strict\n"

/* "text mode level needs: ... wants: ...", or "LINE: why". */
static void check_about(struct span text, const char *want)
{
	struct span copy = exact_copy(text);
	struct text got = { 0 };
	char buf[LIMIT_MESSAGE];
	struct about about;
	struct strbuf why;
	unsigned int line;

	sb_init(&why, buf, sizeof(buf));
	if (about_parse(copy, &about, &line, &why)) {
		text_format(&got, "%s %s %s needs:", about.text, about_mode_name(about.mode),
			    level_name(about.level));
		for (size_t i = 0; i < about.needs.n; i++)
			text_format(&got, " %s", about.needs.item[i]);
		text_str(&got, " wants:");
		for (size_t i = 0; i < about.wants.n; i++)
			text_format(&got, " %s", about.wants.item[i]);
		check_text(text.p, buf, "");
	} else {
		text_format(&got, "%u: %s", line, buf);
	}
	check_text(text.p, got.data, want);
	about_free(&about);
	text_free(&got);
	free((char *)copy.p);
}

static void test_good(void **state)
{
	(void)state;
	check_about(SPAN(ALL), "a b any strict needs: wants:");
	check_about(SPAN("# c\n" V "mode=visible\n\nlevel=compatible\nabout=x = y"),
		    "x = y visible compatible needs: wants:");
	check_about(SPAN(V "about=x\nmode=managed\nlevel=compatible"),
		    "x managed compatible needs: wants:");
	check_about(SPAN(V "about = x\nmode = hidden\nlevel = sealed\nneeds = domain/stack \t a\n"
			   "wants = mount/move_mount/detached policy/outofband/0x000001 a.b-C_9\n"),
		    "x hidden sealed needs: domain/stack a wants: mount/move_mount/detached "
		    "policy/outofband/0x000001 a.b-C_9");
}

static void test_bad(void **state)
{
	static const struct {
		struct span text;
		const char *why;
	} rows[] = {
		{ LIT(""), "0: the first line has to be \"version = 1\", not \"\"" },
		{ LIT("about = x\n"),
		  "1: the first line has to be \"version = 1\", not \"about = x\"" },
		{ LIT("\nversion = 2\n"),
		  "2: the first line has to be \"version = 1\", not \"version = 2\"" },
		{ LIT(ALL "x\n"), "5: not \"key = value\" in plain text: \"x\"" },
		{ LIT(ALL "x\033 = 1\n"), "5: not \"key = value\" in plain text: \"x? = 1\"" },
		{ LIT(ALL "needs = a\0b\n"),
		  "5: not \"key = value\" in plain text: \"needs = a?b\"" },
		{ LIT(ALL "colour = red\n"), "5: unknown key \"colour\"" },
		{ LIT(ALL V), "5: unknown key \"version\"" },
		{ LIT(ALL "about = x\n"), "5: duplicate key \"about\"" },
		{ LIT(ALL "needs = a\nneeds = b\n"), "6: duplicate key \"needs\"" },
		{ LIT(V "about =\n"), "2: it says nothing: \"\"" },
		{ LIT(V "mode = both\n"), "2: unknown mode \"both\"" },
		{ LIT(V "mode = any \xff\n"), "2: unknown mode \"any ?\"" },
		{ LIT(V "level = high\n"), "2: unknown level \"high\"" },
		{ LIT(V "level =\n"), "2: unknown level \"\"" },
		{ LIT(ALL "needs =\n"), "5: no feature behind \"\"" },
		{ LIT(ALL "wants =\n"), "5: no feature behind \"\"" },
		{ LIT(ALL "needs = /a\n"), "5: not the path of a feature: \"/a\"" },
		{ LIT(ALL "needs = a b/\n"), "5: not the path of a feature: \"b/\"" },
		{ LIT(ALL "needs = a//b\n"), "5: not the path of a feature: \"a//b\"" },
		{ LIT(ALL "needs = ../a\n"), "5: not the path of a feature: \"../a\"" },
		{ LIT(ALL "needs = a/.\n"), "5: not the path of a feature: \"a/.\"" },
		{ LIT(ALL "wants = a,b\n"), "5: not the path of a feature: \"a,b\"" },
		{ LIT(ALL "wants = \xc3\xb6\n"), "5: not the path of a feature: \"??\"" },
		{ LIT(ALL "needs = a b a\n"), "5: stands twice: \"a\"" },
		{ LIT(ALL "wants = a a\n"), "5: stands twice: \"a\"" },
		{ LIT(ALL "needs = a\nwants = a\n"), "6: stands twice: \"a\"" },
		{ LIT(V "mode = any\nlevel = strict\n"), "3: missing key \"about\"" },
		{ LIT(V "about = x\nlevel = strict\n# end\n"), "4: missing key \"mode\"" },
		{ LIT(V "about = x\nmode = any\nneeds = a\n"), "4: missing key \"level\"" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_about(rows[i].text, rows[i].why);
}

static void test_longest_feature(void **state)
{
	char text[512] = ALL "needs = ", *name = text + strlen(text);
	char want[1024];

	(void)state;
	memset(name, 'a', LIMIT_NAME);
	snprintf(want, sizeof(want), "a b any strict needs: %s wants:", name);
	check_about(span_of(text), want);
	name[LIMIT_NAME] = 'a';
	snprintf(want, sizeof(want), "5: not the path of a feature: \"%s\"", name);
	check_about(span_of(text), want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_longest_feature),
	};

	return cmocka_run_group_tests_name("about", tests, NULL, NULL);
}
