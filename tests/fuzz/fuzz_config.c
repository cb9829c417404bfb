// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Any initward.conf: bad lines and only they have a message, a good file survives being written and
 * read again, and a bad one never continues where it did not say so.
 */
#include "fuzz.h"

#include <stdio.h>

#include "config.h"
#include "lines.h"

static const char *const *target_lines(size_t *n)
{
	static const char *const lines[] = {
		"version = 1",
		"policy = off",
		"policy = complain",
		"policy = enforce",
		"policy = enforce fleet",
		"mode = visible",
		"mode = hidden",
		"mode = managed",
		"level = compatible",
		"level = strict",
		"level = sealed",
		"on_failure = continue",
		"on_failure = panic",
		"lock = yes",
		"lock = no",
		"init = /a b",
		"init = /sbin/init",
		"# comment",
		"",
	};

	*n = sizeof(lines) / sizeof(*lines);
	return lines;
}

static void check_ranges(const struct config *conf)
{
	REQUIRE(conf->policy <= POLICY_ENFORCE && conf->mode <= MODE_MANAGED);
	REQUIRE(conf->level <= LEVEL_SEALED && conf->on_failure <= ON_FAILURE_PANIC);
	REQUIRE(memchr(conf->init, '\0', sizeof(conf->init)));
	REQUIRE(!conf->init[0] || conf->init[0] == '/');
	REQUIRE(memchr(conf->name, '\0', sizeof(conf->name)));
	REQUIRE(!conf->name[0] || config_is_name(span_of(conf->name)));
	(void)config_allowed(conf);
}

static bool same(const struct config *a, const struct config *b)
{
	return a->policy == b->policy && a->mode == b->mode && a->level == b->level &&
	       a->on_failure == b->on_failure && a->lock == b->lock &&
	       strcmp(a->name, b->name) == 0 && strcmp(a->init, b->init) == 0;
}

static void check_round_trip(const struct config *conf)
{
	char text[1024], why[LIMIT_MESSAGE];
	struct config again;
	struct strbuf sb;

	snprintf(text, sizeof(text),
		 "version = 1\npolicy = %s %s\nmode = %s\nlevel = %s\non_failure = %s\nlock = %s\n"
		 "init = %s\n",
		 policy_name(conf->policy), conf->name, mode_name(conf->mode),
		 level_name(conf->level), on_failure_name(conf->on_failure),
		 conf->lock ? "yes" : "no", conf->init);
	sb_init(&sb, why, sizeof(why));
	REQUIRE(config_parse(span_of(text), &again, &sb) == 0);
	REQUIRE(same(conf, &again));
}

/* How often the text holds the word; a NUL in it ends nothing. */
static unsigned int times(struct span text, const char *word)
{
	unsigned int n = 0;

	for (; text.n; text.p++, text.n--)
		n += span_starts(text, word);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };
	char why[LIMIT_MESSAGE];
	struct config conf;
	struct strbuf sb;
	unsigned int bad;

	memset(&conf, 0x5a, sizeof(conf));
	sb_init(&sb, why, sizeof(why));
	bad = config_parse(text, &conf, &sb);
	check_ranges(&conf);
	REQUIRE(sb.len == strlen(why));
	REQUIRE((bad == 0) == (sb.len == 0));
	for (size_t i = 0; i < sb.len; i++)
		REQUIRE(why[i] >= ' ' && why[i] <= '~');
	if (bad) {
		if (conf.on_failure == ON_FAILURE_CONTINUE)
			REQUIRE(times(text, "on_failure") >= 1 && times(text, "continue") >= 1);
	} else {
		REQUIRE(conf.init[0]);
		check_round_trip(&conf);
	}
	planted_bug(!bad && conf.policy == POLICY_COMPLAIN && conf.lock);
	return 0;
}
