// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Any kernel command line: what is handed out lies in the buffer, words end where a second, simpler
 * reading says that they end, and the configuration is one of those that can be stated.
 */
#include "fuzz.h"

#include "cmdline.h"

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || (unsigned char)c == 0xa0;
}

/* The end of the word at `s`: the first blank that has an even number of quotes before it. */
static const char *word_end(const char *s)
{
	unsigned int quotes = 0;

	for (; *s && (quotes % 2 || !is_space(*s)); s++)
		quotes += *s == '"';
	return s;
}

static const char *word_start(const char *s)
{
	while (is_space(*s))
		s++;
	return s;
}

static char *copy(const char *prefix, const uint8_t *data, size_t size)
{
	size_t n = strlen(prefix);
	char *p = malloc(n + size + 1);

	REQUIRE(p);
	memcpy(p, prefix, n);
	memcpy(p + n, data, size);
	p[n + size] = '\0';
	return p;
}

static void check_words(const uint8_t *data, size_t size)
{
	char *text = copy("", data, size), *args = text, *original = copy("", data, size);
	const char *at = word_start(original);
	struct cmdline_param param;

	while (cmdline_next(&args, &param)) {
		size_t start = (size_t)(at - original), end = (size_t)(word_end(at) - original);
		size_t name = (size_t)(param.name - text);

		REQUIRE(*at && name >= start && name + strlen(param.name) <= end);
		REQUIRE(name - start == (*at == '"'));
		if (param.value) {
			size_t value = (size_t)(param.value - text);

			REQUIRE(value > name && original[name + strlen(param.name)] == '=');
			REQUIRE(value + strlen(param.value) <= end);
			planted_bug(cmdline_named(&param, "initward.policy") &&
				    strchr(param.value, '=') && strchr(param.value, '"'));
		}
		at = word_start(word_end(at));
		REQUIRE(args - text == at - original);
	}
	REQUIRE(!*at || memcmp(at, "--", 2) == 0 || memcmp(at, "\"--", 3) == 0);
	free(original);
	free(text);
}

static void apply(const char *prefix, const uint8_t *data, size_t size, struct config *conf)
{
	char *args = copy(prefix, data, size), ignored[LIMIT_MESSAGE];
	struct cmdline_lsm lsm;
	struct strbuf sb;

	sb_init(&sb, ignored, sizeof(ignored));
	cmdline_apply(args, conf, &lsm, &sb);
	REQUIRE(sb.len == strlen(ignored) && sb.len < sizeof(ignored));
	for (size_t i = 0; i < sb.len; i++)
		REQUIRE(ignored[i] >= ' ' && ignored[i] <= '~');
	if (lsm.lsm)
		require_inside(span_of(lsm.lsm), args, strlen(prefix) + size);
	if (lsm.security)
		require_inside(span_of(lsm.security), args, strlen(prefix) + size);
	free(args);
}

static bool same(const struct config *a, const struct config *b)
{
	return a->policy == b->policy && a->mode == b->mode && a->level == b->level &&
	       a->on_failure == b->on_failure && a->lock == b->lock &&
	       strcmp(a->init, b->init) == 0;
}

static void check_config(const uint8_t *data, size_t size)
{
	struct config before, first, second, locked;

	config_init(&before);
	first = second = locked = before;
	apply("", data, size, &first);
	REQUIRE(first.policy <= POLICY_ENFORCE && first.mode <= MODE_MANAGED);
	REQUIRE(first.on_failure <= ON_FAILURE_PANIC);
	REQUIRE(first.level == before.level && !first.lock);
	REQUIRE(!first.init[0] || first.init[0] == '/');

	/* What stands before the line is set before it. */
	apply("initward.policy=enforce initward.init=nowhere ", data, size, &second);
	REQUIRE(same(&first, &second));

	locked.lock = before.lock = true;
	apply("", data, size, &locked);
	REQUIRE(same(&locked, &before));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* The loader reads a file into a string: it ends at the first NUL. */
	size = strnlen((const char *)data, size);
	check_words(data, size);
	check_config(data, size);
	return 0;
}
