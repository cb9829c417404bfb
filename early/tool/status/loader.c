// SPDX-License-Identifier: LGPL-2.1-or-later
#include "loader.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[LOADER_FIELDS] = {
	[LOADER_VERSION] = "loader",
	[LOADER_RESULT] = "result",
	[LOADER_LABEL] = "label",
	[LOADER_POLICY] = "policy",
	[LOADER_MODE] = "mode",
	[LOADER_LEVEL] = "level",
	[LOADER_MOUNT_API] = "mount_api",
	[LOADER_USERMODE_HELPERS] = "usermode_helpers",
	[LOADER_INIT] = "init",
	[LOADER_SET] = "set",
	[LOADER_FIT] = "fit",
	[LOADER_UNMEDIATED] = "unmediated",
	[LOADER_PROFILES] = "profiles",
	[LOADER_BYTES] = "bytes",
	[LOADER_NANOSECONDS] = "nanoseconds",
	[LOADER_ON_FAILURE] = "on_failure",
	[LOADER_OTHER_TASKS] = "other_tasks",
	[LOADER_MANIFEST] = "manifest_sha256",
	[LOADER_WHY] = "why",
	[LOADER_IGNORED] = "ignored",
};

/* The words that begin the line which tells how it came out: early/loader/report.c outcome_name(). */
static const char *const results[] = { "confined: ", "complain: ", "already: ", "off: ",
				       "FAILED: " };

const char *loader_field_name(enum loader_field field)
{
	return names[field];
}

static char *copy(struct span s)
{
	return format("%.*s", (int)s.n, s.p);
}

static void set(struct loader *ret, enum loader_field field, struct span value)
{
	free(ret->field[field]);
	ret->field[field] = copy(value);
}

static int field_index(struct span name)
{
	for (int i = 0; i < LOADER_FIELDS; i++) {
		if (span_is(name, names[i]))
			return i;
	}
	return -1;
}

bool loader_from_report(struct span text, struct loader *ret)
{
	struct span line, key, value;

	if (!span_next_line(&text, &line) || !span_is(line, "version=1"))
		return false;
	while (span_next_line(&text, &line)) {
		int i = span_split(line, '=', &key, &value) ? field_index(key) : -1;

		if (i >= 0)
			set(ret, (enum loader_field)i, value);
	}
	return true;
}

/* Where the next " KEY=" of a known key begins in `s`; s.n where there is none. */
static size_t next_pair(struct span s, struct span *ret_key)
{
	for (size_t at = 0; at < s.n; at++) {
		struct span key, rest = { s.p + at, s.n - at };

		if (at && s.p[at - 1] != ' ')
			continue;
		if (span_split(rest, '=', &key, &rest) && field_index(key) >= 0) {
			*ret_key = key;
			return at;
		}
	}
	return s.n;
}

/* "KEY=VALUE KEY=VALUE": a value may hold blanks, and ends at the next known key. */
static void take_pairs(struct span s, struct loader *ret)
{
	struct span key, next_key;
	size_t at = next_pair(s, &key);

	while (at < s.n) {
		struct span value = { key.p + key.n + 1, 0 };

		s = (struct span){ value.p, (size_t)(s.p + s.n - value.p) };
		at = next_pair(s, &next_key);
		value.n = at;
		set(ret, (enum loader_field)field_index(key), span_trim(value));
		key = next_key;
	}
}

static void take_result(const char *line, const char *word, struct loader *ret)
{
	struct span text = span_of(line + strlen(word)), key;

	free_loader(ret);
	if (strcmp(word, "FAILED: ") == 0) {
		set(ret, LOADER_RESULT, span_of("failed"));
		set(ret, LOADER_WHY, text);
		return;
	}
	set(ret, LOADER_RESULT, (struct span){ word, strlen(word) - 2 });
	set(ret, LOADER_LABEL, span_trim((struct span){ text.p, next_pair(text, &key) }));
	if (!*ret->field[LOADER_LABEL]) {
		free(ret->field[LOADER_LABEL]);
		ret->field[LOADER_LABEL] = NULL;
	}
	take_pairs(text, ret);
}

bool loader_from_log(const struct list *lines, struct loader *ret)
{
	static const char roll_back[] = "FAILED: roll-back: ";
	static const char ignored[] = "warning: ignored on the kernel command line: ";
	static const char tasks[] = "warning: other tasks: programs that run already, unconfined: ";
	const char *skipped = NULL, *others = NULL;

	for (size_t i = 0; i < lines->n; i++) {
		const char *line = lines->item[i];

		if (strncmp(line, ignored, sizeof(ignored) - 1) == 0)
			skipped = line + sizeof(ignored) - 1;
		if (strncmp(line, tasks, sizeof(tasks) - 1) == 0)
			others = line + sizeof(tasks) - 1;
		if (strncmp(line, roll_back, sizeof(roll_back) - 1) == 0)
			continue;
		for (size_t j = 0; j < sizeof(results) / sizeof(*results); j++) {
			if (strncmp(line, results[j], strlen(results[j])) == 0)
				take_result(line, results[j], ret);
		}
	}
	if (skipped)
		set(ret, LOADER_IGNORED, span_of(skipped));
	if (others)
		set(ret, LOADER_OTHER_TASKS, span_of(others));
	return ret->field[LOADER_RESULT] != NULL;
}

void free_loader(struct loader *loader)
{
	for (int i = 0; i < LOADER_FIELDS; i++)
		free(loader->field[i]);
	*loader = (struct loader){ 0 };
}

bool loader_confined(const struct loader *loader, const char *mode)
{
	const char *result = loader->field[LOADER_RESULT], *said = loader->field[LOADER_MODE];

	return result && said && strcmp(result, "confined") == 0 && strcmp(said, mode) == 0;
}
