// SPDX-License-Identifier: LGPL-2.1-or-later
// sources: early/tool/policy/about.c early/tool/compile/featset.c early/tool/util.c
/*
 * Any file about: a good one survives being written and read again, a bad one has a message in plain text, and what
 * it needs can be asked of a feature set.
 */
#include "lines.h"

#include "compile/featset.h"
#include "policy/about.h"

static const char *const *target_lines(size_t *n)
{
	static const char *const lines[] = {
		"version = 1",
		"about = a b",
		"mode = any",
		"mode = hidden",
		"mode = visible",
		"level = strict",
		"level = compatible",
		"needs = domain/stack mount/mask/mount",
		"wants = mount/move_mount/detached",
		"wants = a.b-c_9",
		"# comment",
	};

	*n = sizeof(lines) / sizeof(*lines);
	return lines;
}

static void add_words(struct text *t, const char *key, const struct list *words)
{
	if (words->n)
		text_format(t, "%s =", key);
	for (size_t i = 0; i < words->n; i++)
		text_format(t, " %s", words->item[i]);
	text_str(t, "\n");
}

static void check_same(const struct list *a, const struct list *b)
{
	REQUIRE(a->n == b->n);
	for (size_t i = 0; i < a->n; i++)
		REQUIRE(strcmp(a->item[i], b->item[i]) == 0);
}

static void check_round_trip(const struct about *about)
{
	struct text t = { 0 };
	char buf[LIMIT_MESSAGE];
	struct about again;
	struct strbuf why;
	unsigned int line;

	text_format(&t, "version = 1\nabout = %s\nmode = %s\nlevel = %s\n", about->text,
		    about_mode_name(about->mode), level_name(about->level));
	add_words(&t, "needs", &about->needs);
	add_words(&t, "wants", &about->wants);
	sb_init(&why, buf, sizeof(buf));
	REQUIRE(about_parse(span_of_text(&t), &again, &line, &why));
	REQUIRE(strcmp(again.text, about->text) == 0);
	REQUIRE(again.mode == about->mode && again.level == about->level);
	check_same(&again.needs, &about->needs);
	check_same(&again.wants, &about->wants);
	about_free(&again);
	text_free(&t);
}

static void ask(const struct list *features)
{
	static struct featset set;
	unsigned int line;

	REQUIRE(featset_parse(span_of("domain {stack {yes\n}\n}\nmount {mask {umount\n}\n}\n"),
			      &set, &line));
	for (size_t i = 0; i < features->n; i++) {
		REQUIRE(features->item[i][0] && features->item[i][0] != '/');
		if (featset_has(&set, span_of(features->item[i])))
			REQUIRE(strncmp(features->item[i], "domain", 6) == 0 ||
				strncmp(features->item[i], "mount", 5) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };
	char buf[LIMIT_MESSAGE];
	struct about about;
	struct strbuf why;
	unsigned int line;

	sb_init(&why, buf, sizeof(buf));
	if (about_parse(text, &about, &line, &why)) {
		REQUIRE(about.text && about.text[0] && !why.len);
		check_round_trip(&about);
		ask(&about.needs);
		ask(&about.wants);
		planted_bug(about.needs.n > 1 && about.wants.n && about.mode == ABOUT_VISIBLE);
	} else {
		REQUIRE(why.len);
		for (size_t i = 0; i < why.len; i++)
			REQUIRE(buf[i] >= ' ' && buf[i] <= '~');
	}
	about_free(&about);
	return 0;
}
