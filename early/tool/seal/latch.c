// SPDX-License-Identifier: LGPL-2.1-or-later
#include "seal/latch.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bounds.h"
#include "places.h"
#include "tool.h"
#include "util.h"

extern char **environ;

/* What writes the lock, where it is installed: policy/strict/latch leaves the right to it alone. */
#define PROGRAM INITWARD_LIBDIR "/initward-latch"
#define LATCH_USAGE 255 /* its status where it does not know the words: early/latch */

#define WHO_MAY \
	": root with all capabilities may, where the policy that this process is under lets it"

/*
 * try: what changes nothing, and is refused like the value. For lock_policy that is "0" while it is 0: the kernel
 * asks for the same rights (security/apparmor/lsm.c param_set_aalockpolicy()). Of the others a descriptor for
 * writing has to do.
 */
static const struct {
	const char *name;
	const char *meaning;
	const char *path;
	const char *try;
	const char *value;
	const char *holds[2]; /* one of these is in the file */
	const char *absent;
} latches[LATCH_COUNT] = {
	[LATCH_LOCKDOWN] = { "lockdown",
			     "the kernel is locked down (integrity)",
			     "/" LOCKDOWN,
			     NULL,
			     "integrity",
			     { "[integrity]", "[confidentiality]" },
			     "is securityfs mounted, and is \"lockdown\" one of the active LSMs "
			     "(lsm=)?" },
	[LATCH_KEXEC] = { "kexec",
			  "no other kernel can be loaded by kexec",
			  "/proc/sys/kernel/kexec_load_disabled",
			  NULL,
			  "1",
			  { "1", "1" },
			  "this kernel has no kexec" },
	[LATCH_POLICY] = { "policy",
			   "AppArmor's policy is locked: nobody loads, replaces or removes any",
			   "/" AA_PARAMETERS "/lock_policy",
			   "0",
			   "1",
			   { "Y", "1" },
			   "is AppArmor on, and sysfs mounted?" },
};

const char *latch_name(enum latch latch)
{
	return latches[latch].name;
}

const char *latch_meaning(enum latch latch)
{
	return latches[latch].meaning;
}

static void fail(enum latch latch, const char *what, int err)
{
	say("%s: cannot %s %s: %s%s%s", latches[latch].name, what, latches[latch].path,
	    strerror(err), err == ENOENT ? "; " : "", err == ENOENT ? latches[latch].absent : "");
}

bool latch_read(enum latch latch, bool *ret_holds)
{
	struct text text = { 0 };
	int r = read_file(latches[latch].path, LIMIT_FEATURE, &text);

	*ret_holds = r == 0 && (strstr(text.data, latches[latch].holds[0]) ||
				strstr(text.data, latches[latch].holds[1]));
	text_free(&text);
	if (r < 0)
		fail(latch, "read", -r);
	return r == 0;
}

/* 0 or an errno; without a value the file is opened only. */
static int put(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = fd < 0 ? errno : 0;

	if (fd < 0)
		return err;
	if (value && write(fd, value, strlen(value)) < 0)
		err = errno;
	(void)close(fd);
	return err;
}

static bool cannot_set(enum latch latch, const char *why, int err, const char *cure)
{
	say("%s: cannot set %s: %s%s%s", latches[latch].name, latches[latch].path, why,
	    err ? strerror(err) : "", err == EACCES || err == EPERM ? cure : "");
	return false;
}

/* 0 or an errno: whether the program could be executed. Nothing but the files of a daemon is handed on. */
static int execute(const char *value, int *ret_status)
{
	char *argv[] = { dup_str(PROGRAM), dup_str(value), NULL };
	posix_spawn_file_actions_t actions;
	int err = posix_spawn_file_actions_init(&actions);
	pid_t pid = -1;

	if (!err) {
		for (int fd = 0; fd < 3; fd++)
			(void)posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR,
							       0);
		err = posix_spawn(&pid, PROGRAM, &actions, NULL, argv, environ);
		(void)posix_spawn_file_actions_destroy(&actions);
	}
	while (!err && waitpid(pid, ret_status, 0) < 0) {
		if (errno != EINTR)
			err = errno;
	}
	free(argv[0]);
	free(argv[1]);
	return err;
}

/* The program's status is the errno; it may be under a policy that refuses this one the file. */
static bool put_by_program(enum latch latch, const char *value)
{
	int status = 0, err = execute(value, &status);

	if (err)
		return cannot_set(latch, PROGRAM " cannot be executed: ", err,
				  "; not from a service with NoNewPrivileges=, nor under a policy "
				  "that denies it");
	if (WIFSIGNALED(status))
		return cannot_set(latch, PROGRAM " was ended by a signal; see the kernel's log", 0,
				  "");
	if (WEXITSTATUS(status) == LATCH_USAGE)
		return cannot_set(
			latch, PROGRAM " is of another version; install the package again", 0, "");
	return !WEXITSTATUS(status) || cannot_set(latch, "", WEXITSTATUS(status), WHO_MAY);
}

static bool put_value(enum latch latch, const char *value)
{
	int err;

	if (latch == LATCH_POLICY && access(PROGRAM, X_OK) == 0)
		return put_by_program(latch, value);
	err = put(latches[latch].path, value);
	return !err || cannot_set(latch, "", err, WHO_MAY);
}

bool latch_try(enum latch latch)
{
	return put_value(latch, latches[latch].try);
}

bool latch_set(enum latch latch)
{
	bool holds;

	if (!put_value(latch, latches[latch].value) || !latch_read(latch, &holds))
		return false;
	if (!holds)
		say("%s: %s was set in vain: it does not hold", latches[latch].name,
		    latches[latch].path);
	return holds;
}
