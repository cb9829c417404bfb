// SPDX-License-Identifier: LGPL-2.1-or-later
// sources: early/tool/status/judge.c early/tool/status/loader.c early/tool/util.c
/*
 * Any report, any log and any labels: a report that is written again from what was read is read as the same,
 * and no label makes a system confined unless process 1's names the global profile or this
 * process's names nothing that could refuse.
 */
#include "lines.h"

#include "status/judge.h"
#include "status/loader.h"

static const char *const *target_lines(size_t *n)
{
	static const char *const lines[] = {
		"version=1",
		"result=confined",
		"set=6.1",
		"why=load: EPROTO",
		"confined: global//&unconfined policy=enforce init=/a b set=6.1 profiles=1",
		"FAILED: load: the kernel refuses it: EPROTO",
		"FAILED: roll-back: cannot take back profiles",
		"warning: ignored on the kernel command line: \"initward.polcy\"",
		"warning: other tasks: programs that run already, unconfined: 1",
		"global//&unconfined (enforce)",
		"global//&:application:unconfined (mixed)",
		"app (unconfined)",
		":application://unconfined",
		"unconfined",
		"//&",
	};

	*n = sizeof(lines) / sizeof(*lines);
	return lines;
}

static void check_report(struct span in)
{
	struct loader first = { 0 }, again = { 0 };
	struct text t = { 0 };

	if (!loader_from_report(in, &first))
		return;
	text_str(&t, "version=1\n");
	for (int i = 0; i < LOADER_FIELDS; i++) {
		if (first.field[i])
			text_format(&t, "%s=%s\n", loader_field_name((enum loader_field)i),
				    first.field[i]);
	}
	REQUIRE(loader_from_report((struct span){ t.data, t.len }, &again));
	for (int i = 0; i < LOADER_FIELDS; i++) {
		REQUIRE(!first.field[i] == !again.field[i]);
		REQUIRE(!first.field[i] || strcmp(first.field[i], again.field[i]) == 0);
	}
	planted_bug(first.field[LOADER_SET] && first.field[LOADER_WHY]);
	free_loader(&first);
	free_loader(&again);
	text_free(&t);
}

static void check_log(const struct list *lines)
{
	struct loader l = { 0 };
	bool known = loader_from_log(lines, &l);

	REQUIRE(known == (l.field[LOADER_RESULT] != NULL));
	REQUIRE(!l.field[LOADER_LABEL] || *l.field[LOADER_LABEL]);
	free_loader(&l);
}

static void check_labels(char *own, char *init, bool has_securityfs)
{
	static char yes[] = "yes", one[] = "1", name[] = "application";
	struct evidence e = {
		.apparmor = APPARMOR_ON,
		.procfs = true,
		.proof = TRIAL_REFUSED,
		.control = TRIAL_ALLOWED,
		.pid_namespace = PLACE_FIRST,
		.own_label = own,
		.init_label = init,
		.ns_stacked = has_securityfs ? yes : NULL,
		.ns_level = has_securityfs ? one : NULL,
		.ns_name = has_securityfs ? name : NULL,
	};

	if (judge(&e).standing == STANDING_CONFINED)
		REQUIRE(strstr(own, "unconfined") ||
			(strstr(own, "global") && strstr(init, "global")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = { (const char *)data, size }, line;
	struct list lines = { 0 };

	check_report(in);
	while (span_next_line(&in, &line))
		list_add(&lines, format("%.*s", (int)line.n, line.p));
	check_log(&lines);
	for (size_t i = 0; i + 1 < lines.n && i < 8; i++) {
		check_labels(lines.item[i], lines.item[i + 1], false);
		check_labels(lines.item[i], lines.item[i + 1], true);
	}
	list_free(&lines);
	return 0;
}
