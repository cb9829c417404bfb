// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The first program of the initramfs. This file is the ordered list of what happens, and the only
 * place that speaks, executes or dies; a step returns what went wrong in boot.why.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys.h"

#include "io.h"
#include "probe.h"
#include "report.h"

enum severity { ADVISORY, FATAL };

struct step {
	char name[18]; /* within the row: shorter than a pointer to it */
	unsigned char severity;
	int (*run)(struct boot *b);
};

static const struct step steps[] = {
	{ "configuration", FATAL, step_configuration },
	{ "mounts", FATAL, step_mount },
	{ "other tasks", ADVISORY, step_count_tasks },
	{ "command line", FATAL, step_cmdline },
	{ "next init", FATAL, step_next_init },
	{ "AppArmor", FATAL, step_apparmor },
	{ "present stack", FATAL, step_stack },
	{ "policy lock", FATAL, step_policy_lock },
	{ "manifest", FATAL, step_manifest },
	{ "feature set", FATAL, step_feature_set },
	{ "kernel's programs", ADVISORY, step_helpers },
	{ "policy", FATAL, step_read_policy },
	{ "present policy", FATAL, step_not_loaded },
	/* All that can be checked has been checked. From here on a failure is rolled back. */
	{ "user namespaces", FATAL, step_sysctl },
	{ "load", FATAL, step_load },
	{ "policy namespaces", FATAL, step_namespaces },
	{ "read back", FATAL, step_read_back },
	{ "label", FATAL, step_label },
	{ "proof", FATAL, step_proof },
	/* Latches: nothing can be rolled back behind it. */
	{ "mount interface", FATAL, step_filter },
	{ "seal", FATAL, step_seal },
};

/* Whatever came out. */
static const struct step last_steps[] = {
	{ "report", ADVISORY, step_report },
	{ "unmount", ADVISORY, step_unmount },
};

/* Speaks the strings up to NULL as one message. */
static void say(struct boot *b, int level, ...) __attribute__((sentinel));
static void say(struct boot *b, int level, ...)
{
	char text[LIMIT_MESSAGE];
	struct strbuf sb;
	va_list ap;

	sb_init(&sb, text, sizeof(text));
	va_start(ap, level);
	sb_vstrs(&sb, ap);
	va_end(ap);
	speak(b, (char)level, text);
}

/* Ends process 1: the kernel panics and does what its panic= says. */
static _Noreturn void die(struct boot *b, const char *why)
{
	say(b, '2', why, "; the boot ends here", NULL);
	_exit(1);
}

/* Runs the steps. NULL when they are through, else the fatal one that failed. */
static const struct step *run(struct boot *b, const struct step *list, size_t n)
{
	for (const struct step *step = list; step < list + n; step++) {
		int r = step->run(b);

		if (r == STEP_HAND_ON)
			return NULL;
		if (r == STEP_FAILED && step->severity == FATAL)
			return step;
		if (r == STEP_FAILED)
			say(b, '4', "warning: ", step->name, ": ", b->why_text, NULL);
	}
	return NULL;
}

/* Says what failed and takes back what had been done. why_text stays that of the failure. */
static void fail_boot(struct boot *b, const char *step)
{
	static char why[LIMIT_MESSAGE];
	const char *left;

	b->outcome = OUTCOME_FAILED;
	say(b, '3', "FAILED: ", step, ": ", b->why_text, NULL);
	/* Set by the first change that a failure can follow, in step_load(). */
	if (!b->undo.root_loaded)
		return;
	memcpy(why, b->why_text, sizeof(why));
	left = roll_back(b);
	memcpy(b->why_text, why, sizeof(why));
	if (left)
		say(b, '3', "FAILED: roll-back: cannot take back ", left, NULL);
	else
		say(b, '3', "rolled back: the kernel is as before", NULL);
}

/*
 * The next init: same environment, argv[0] its path, everything else as the kernel gave it. Returns
 * with the reason in b->why.
 */
static void execute(struct boot *b, char **argv, char **envp)
{
	argv[0] = b->conf.init;
	(void)execve(b->conf.init, argv, envp);
	(void)fail(b, errno, b->conf.init, " cannot be executed", NULL);
}

/* Continues unconfined, if that is configured; dies otherwise. */
static _Noreturn void go_on_unconfined(struct boot *b, char **argv, char **envp)
{
	if (b->conf.on_failure == ON_FAILURE_PANIC)
		die(b, "on_failure=panic: the next init is not started");
	if (!b->conf.init[0])
		die(b, "on_failure=continue, but no next init is configured");
	say(b, '3', "on_failure=continue: ", b->conf.init, " runs UNCONFINED by initward", NULL);
	execute(b, argv, envp);
	die(b, b->why_text);
}

/* The last failure there can be: the label is set, the file systems are gone again. */
static _Noreturn void execution_failed(struct boot *b, char **argv, char **envp)
{
	if (b->undo.root_loaded && step_mount(b) != STEP_OK)
		die(b, b->why_text);
	fail_boot(b, "execution");
	(void)run(b, last_steps, COUNT(last_steps));
	go_on_unconfined(b, argv, envp);
}

/*
 * What was inherited above descriptor 2 goes first: a descriptor from before the stack stays
 * usable.
 */
static void start(struct boot *b)
{
	(void)syscall(SYS_close_range, 3U, ~0U, 0U);
	b->started = now();
	b->stderr_open = syscall(SYS_fcntl, STDERR_FILENO, F_GETFD) >= 0;
	b->root = sys_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	b->kmsg = -1;
	sb_init(&b->why, b->why_text, sizeof(b->why_text));
	sb_init(&b->ignored, b->ignored_text, sizeof(b->ignored_text));
	sb_init(&b->lost, b->lost_text, sizeof(b->lost_text));
	kmsg_open(b);
}

/* One line: what holds now. Only a proof makes it say "confined". */
static void say_outcome(struct boot *b)
{
	char text[LIMIT_MESSAGE];
	struct strbuf sb;
	bool good = b->outcome == OUTCOME_CONFINED || b->outcome == OUTCOME_ALREADY;

	sb_init(&sb, text, sizeof(text));
	sb_strs(&sb, outcome_name(b->outcome), ": ", NULL);
	if (b->outcome == OUTCOME_CONFINED || b->outcome == OUTCOME_COMPLAIN)
		sb_strs(&sb, b->label, " ", NULL);
	describe(b, &sb, " ");
	say(b, good ? '5' : '4', text, NULL);
}

/* As any process but the first this program changes nothing. */
static int not_first(int argc, char **argv)
{
	static const char text[] = LOADER_MARK INITWARD_VERSION LOADER_MARK_END;

	if (argc > 0 && strcmp(argv[0], PROBE_ARGV0) == 0)
		return probe_main(argc > 1);
	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	return 1;
}

int main(int argc, char **argv, char **envp)
{
	static struct boot b;
	const struct step *failed;

	if (getpid() != 1)
		return not_first(argc, argv);
	start(&b);
	failed = run(&b, steps, COUNT(steps));
	/* Or it would execute itself for ever, and nobody would say why. */
	if (strcmp(argv[0], b.conf.init) == 0)
		die(&b, "the next init is the loader");
	if (b.ignored.len)
		say(&b, '4', "warning: ignored on the kernel command line: ", b.ignored_text, NULL);
	if (failed)
		fail_boot(&b, failed->name);
	else
		say_outcome(&b);
	(void)run(&b, last_steps, COUNT(last_steps));
	if (failed)
		go_on_unconfined(&b, argv, envp);
	execute(&b, argv, envp);
	execution_failed(&b, argv, envp);
}
