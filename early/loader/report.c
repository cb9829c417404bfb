// SPDX-License-Identifier: LGPL-2.1-or-later
/* What came out: one line of key=value words in the kernel log, the same as lines in a file. */
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "sys.h"

#include "io.h"

static const char fit_names[] = "none\0exact\0features\0base\0";

/* One pair, closed by `end`: a blank or a newline. */
static void add(struct strbuf *sb, const char *end, const char *key, const char *value)
{
	sb_strs(sb, key, "=", value, end, NULL);
}

static void add_number(struct strbuf *sb, const char *end, const char *key, uint64_t value)
{
	sb_strs(sb, key, "=", NULL);
	sb_uint(sb, value);
	sb_str(sb, end);
}

static void add_policy(struct boot *b, struct strbuf *sb, const char *end)
{
	sb_str(sb, "set=");
	sb_span(sb, b->set->name);
	sb_str(sb, end);
	add(sb, end, "fit", words_at(fit_names, b->fit));
	if (b->lost.len)
		add(sb, end, "unmediated", b->lost_text);
	add_number(sb, end, "profiles", b->policy.n_profiles);
	add_number(sb, end, "bytes", b->policy.size);
}

void describe(struct boot *b, struct strbuf *sb, const char *end)
{
	add(sb, end, "policy", policy_name(b->conf.policy));
	add(sb, end, "mode", mode_name(b->conf.mode));
	add(sb, end, "level", level_name(b->conf.level));
	if (b->conf.mount_api == MOUNT_API_ALL)
		add(sb, end, "mount_api", "all");
	if (config_denies_helpers(&b->conf))
		add(sb, end, "usermode_helpers", "deny");
	add(sb, end, "init", b->conf.init);
	if (b->outcome == OUTCOME_CONFINED || b->outcome == OUTCOME_COMPLAIN)
		add_policy(b, sb, end);
	add_number(sb, end, "nanoseconds", now() - b->started);
}

const char *outcome_name(enum outcome outcome)
{
	return words_at("none\0off\0already\0complain\0confined\0failed\0", outcome);
}

int step_report(struct boot *b)
{
	static char text[4096];
	struct strbuf sb;
	int fd;

	sb_init(&sb, text, sizeof(text));
	sb_str(&sb, "version=1\nloader=" INITWARD_VERSION "\n");
	add(&sb, "\n", "result", outcome_name(b->outcome));
	describe(b, &sb, "\n");
	add(&sb, "\n", "on_failure", on_failure_name(b->conf.on_failure));
	add_number(&sb, "\n", "other_tasks", b->other_tasks);
	add(&sb, "\n", "manifest_sha256", b->manifest_digest);
	if (b->outcome == OUTCOME_FAILED)
		add(&sb, "\n", "why", b->why_text);
	if (b->ignored.len)
		add(&sb, "\n", "ignored", b->ignored_text);
	fd = sys_openat(b->root, IMAGE_REPORT,
			O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, 0444);
	if (fd >= 0) {
		ssize_t n = write(fd, text, sb.len);

		(void)close(fd);
		if (n == (ssize_t)sb.len)
			return STEP_OK;
	}
	return fail(b, errno, "/" IMAGE_REPORT " cannot be written", NULL);
}
