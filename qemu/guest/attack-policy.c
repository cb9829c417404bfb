/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Attacks on AppArmor's own interface: policy, labels, namespaces, switches. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"
#include "guest.h"

#define ATTR "/proc/self/attr/apparmor/"
#define PARSER "/usr/sbin/apparmor_parser"
#define PARSER_CACHE "/var/cache/apparmor"
#define PERMISSIVE ROOM "/permissive.blob"

static int run_remove(void)
{
	return write_small(AA_FS "/.remove", "global");
}

static char blob[1 << 16];
static size_t blob_len;

/* Another profile "global", which allows everything (qemu/image). */
static const char *prepare_blob(void)
{
	ssize_t len;
	int fd = open(PERMISSIVE, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return missing(PERMISSIVE, errno);
	len = read(fd, blob, sizeof(blob));
	(void)close(fd);
	if (len <= 0)
		return missing(PERMISSIVE, len < 0 ? errno : ENOENT);
	blob_len = (size_t)len;
	return NULL;
}

static int write_blob(const char *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return errno;
	if (write(fd, blob, blob_len) < 0)
		err = errno;
	(void)close(fd);
	return err;
}

static int run_replace(void)
{
	return write_blob(AA_FS "/.replace");
}

static int run_load(void)
{
	int err = write_blob(AA_FS "/.load");

	return err == EEXIST ? impossible(err, ".load replaces nothing") : err;
}

/* Behind the link "policy" lies AppArmor's own file system, and above the namespace in it the root's folder. */
static int run_remove_above(void)
{
	return write_small(AA_FS "/policy/../../.remove", "global");
}

static int run_replace_above(void)
{
	return write_blob(AA_FS "/policy/../../.replace");
}

static int run_mkdir_above(void)
{
	const char *folder = access(AA_FS "/policy/../application", F_OK) == 0
				     ? AA_FS "/policy/../above"
				     : AA_FS "/policy/namespaces/above";

	return mkdir(folder, 0755) < 0 ? errno : 0;
}

/* An unprivileged user that is root in a user namespace of its own. */
static int run_userns(void)
{
	char level[20] = "?";
	int err;

	if (setresgid(1000, 1000, 1000) < 0 || setresuid(1000, 1000, 1000) < 0 ||
	    prctl(PR_SET_DUMPABLE, 1) < 0 || unshare(CLONE_NEWUSER) < 0)
		return errno;
	err = write_small("/proc/self/uid_map", "0 1000 1");
	if (err)
		return err;
	err = write_small(AA_FS "/.remove", "no-such-profile");
	(void)read_small(AA_FS "/.ns_level", level, sizeof(level));
	/* policy_view_capable() in security/apparmor/policy.c: the levels of both have to be equal */
	if (err == EACCES && !strcmp(level, "0"))
		return impossible(err,
				  "no user namespace has a say over the root policy namespace");
	/* it was allowed, and looked for */
	return err == ENOENT ? 0 : err;
}

/* The sysctl allows it: who may write it, does so first. */
static const char *prepare_userns(void)
{
	char label[200];

	(void)write_small(AA_SYSCTL, "1");
	if (read_small(ATTR "current", label, sizeof(label)) > 0 && !strcmp(label, "unconfined"))
		(void)write_small(ATTR "current", "changeprofile :application:unconfined");
	return NULL;
}

static int run_change_profile(void)
{
	return write_small(ATTR "current", "changeprofile unconfined");
}

/* The last one is plain, so that the control has one that works. Any that works is enough. */
static int write_each(const char *path, const char *const *texts)
{
	int err = 0;

	for (; *texts; texts++) {
		err = write_small(path, *texts);
		if (err == 0)
			return 0;
	}
	return err;
}

/* What the parser of labels might take for the root namespace or for nothing (security/apparmor/label.c). */
static int run_change_profile_names(void)
{
	static const char *const texts[] = {
		"changeprofile :root:unconfined",
		"changeprofile :root://unconfined",
		"changeprofile ://unconfined",
		"changeprofile ::unconfined",
		"changeprofile :..:unconfined",
		"changeprofile unconfined//&unconfined",
		"changeprofile //&unconfined",
		"changeprofile unconfined\nglobal",
		"changeprofile &unconfined",
		"permprofile unconfined",
		"changehat 0000000000000001^unconfined",
		"changehat 0000000000000000^",
		"changeprofile unconfined ",
		NULL,
	};

	return write_each(ATTR "current", texts);
}

static int run_stack(void)
{
	static const char *const texts[] = {
		"stack :root:unconfined",
		"stack ://unconfined",
		"stack unconfined",
		NULL,
	};

	return write_each(ATTR "current", texts);
}

static int run_legacy(void)
{
	return write_small("/proc/self/attr/current", "changeprofile unconfined");
}

static int run_onexec(void)
{
	static const char *const texts[] = {
		"exec :root:unconfined",
		"exec ://unconfined",
		"exec unconfined",
		NULL,
	};
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		int err = write_each(ATTR "exec", texts);

		if (err == 0)
			(void)execl(ESCAPEE, ESCAPEE, NULL);
		_exit(err ? err : errno);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return errno;
	return WEXITSTATUS(status);
}

/* fs/proc/base.c proc_pid_attr_write(): a task may write its own only. */
static int run_other_task(void)
{
	char path[60];
	int err;

	(void)snprintf(path, sizeof(path), "/proc/%d/attr/apparmor/current", (int)getppid());
	err = write_small(path, "changeprofile unconfined");
	/* it may not even open it: EPERM, or EACCES where it could */
	return err == EPERM || err == EACCES
		       ? impossible(err, "a task may write only its own attributes")
		       : err;
}

/* From inside of the namespace by the link of its parent, from outside by its name. */
static int run_rmdir(void)
{
	if (rmdir(AA_FS "/policy/../application") == 0)
		return 0;
	if (errno == ENOENT && rmdir(AA_FS "/policy/namespaces/application") == 0)
		return 0;
	return errno == ENOENT ? impossible(ENOENT, "there is no such policy namespace") : errno;
}

static int run_nested(void)
{
	int err;

	if (mkdir(AA_FS "/policy/namespaces/nested", 0755) < 0 && errno != EEXIST)
		return errno;
	err = write_small(ATTR "current", "changeprofile :nested:unconfined");
	(void)rmdir(AA_FS "/policy/namespaces/nested");
	return err;
}

static int run_mode(void)
{
	(void)write_small(AA_PARAMS "/audit", "noquiet");
	return write_small(AA_PARAMS "/mode", "complain");
}

/*
 * Policy may let apparmor_parser, by its path, do what nobody else may. So the attacker's program gets that path,
 * and tries every way to policy.
 */
static int start_parser(const char *word)
{
	int status = 0;
	pid_t pid;

	if (rename("parser", PARSER) < 0)
		return errno;
	pid = fork();
	if (pid == 0) {
		(void)execl(PARSER, PARSER, word, NULL);
		_exit(errno);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return errno;
	return WEXITSTATUS(status);
}

static int run_parser(void)
{
	return start_parser(NULL);
}

/* The folders that it may write to are named by their paths, and others can be mounted there. */
static int run_parser_mounted(void)
{
	static const char *const folders[] = { "/var", "/var/cache", PARSER_CACHE,
					       PARSER_CACHE "/proc", PARSER_CACHE "/sys" };
	int err;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		(void)mkdir(folders[i], 0755);
	if (mount("proc", PARSER_CACHE "/proc", "proc", 0, NULL) < 0 ||
	    mount("sysfs", PARSER_CACHE "/sys", "sysfs", 0, NULL) < 0)
		return errno;
	if (rename(PARSER, PARSER ".kept") < 0)
		return errno;
	err = start_parser("mounted");
	(void)rename(PARSER ".kept", PARSER);
	return err;
}

static int write_mounted(void)
{
	int err = write_small(PARSER_CACHE "/proc/sys/kernel/core_pattern", ESCAPED_WORD);

	(void)write_small(PARSER_CACHE "/sys/module/apparmor/parameters/audit", "noquiet");
	return write_small(PARSER_CACHE "/sys/module/apparmor/parameters/mode", "complain") == 0
		       ? 0
		       : err;
}

static const char *prepare_parser(void)
{
	if (link(ESCAPEE_PROGRAM, "parser") < 0)
		return missing(ESCAPEE_PROGRAM, errno);
	return prepare_blob();
}

int guest_parser(const char *word)
{
	static int (*const ways[])(void) = {
		run_rmdir, run_remove, run_remove_above, run_replace_above, run_mode,
	};
	int err = EACCES;

	if (word && !strcmp(word, "mounted"))
		return write_mounted();
	(void)write_canary(CANARY, O_WRONLY);
	if (prepare_blob())
		return ENOENT;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		int next = ways[i]();

		err = next == 0 || err == 0 ? 0 : next;
	}
	return err;
}

#define HATS ROOM "/hats.blob"

/* A profile of one's own that has a hat, into which whoever is in it may change, and back, by a word that only he knows. */
static const char *prepare_hats(void)
{
	ssize_t len;
	int fd = open(HATS, O_RDONLY | O_CLOEXEC);

	len = fd < 0 ? -1 : read(fd, blob, sizeof(blob));
	if (len <= 0)
		return missing(HATS, errno);
	blob_len = (size_t)len;
	return NULL;
}

/* aa_change_hat() in security/apparmor/domain.c, for each profile of a stack. */
static int change_hat(void)
{
	if (write_small(ATTR "current", "changeprofile hats"))
		(void)write_small(ATTR "current", "stack hats");
	if (write_small(ATTR "current", "changehat 0000000000000001^out"))
		return errno;
	return write_canary(CANARY, O_WRONLY);
}

static int run_change_hat(void)
{
	int status = 0, err = write_blob(AA_FS "/.replace");
	pid_t pid = fork();

	if (pid == 0)
		_exit(change_hat());
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return errno;
	if (!err)
		(void)write_small(AA_FS "/.remove", "hats");
	return WEXITSTATUS(status);
}

const struct attack policy_attacks[] = {
	{ "change-profile", "setprocattr(current): change_profile", NULL, run_change_profile,
	  LEAVES },
	{ "change-profile-names", "aa_label_parse() of odd names", NULL, run_change_profile_names,
	  LEAVES },
	{ "stack", "setprocattr(current): stack", NULL, run_stack, LEAVES },
	{ "change-hat", "setprocattr(current): change_hat, of a profile of one's own", prepare_hats,
	  run_change_hat, 0 },
	{ "attr-legacy", "setprocattr by the file that all LSMs share", NULL, run_legacy, LEAVES },
	{ "attr-other-task", "setprocattr of another task", NULL, run_other_task, LEAVES },
	{ "change-onexec", "setprocattr(exec), then execve", NULL, run_onexec, WAITS },
	{ "namespace-nested", "mkdir below policy/namespaces, change_profile into it", NULL,
	  run_nested, LEAVES },
	{ "mode-complain", "module parameters audit and mode", NULL, run_mode, 0 },
	{ "namespace-above", "mkdir of a policy namespace by policy/..", NULL, run_mkdir_above, 0 },
	{ "userns-remove", "apparmorfs .remove by root of an unprivileged user namespace",
	  prepare_userns, run_userns, ITS_WORD },
	{ "load", "apparmorfs .load of a name that is there", prepare_blob, run_load, 0 },
	{ "remove-above", "apparmorfs .remove of the root namespace by policy/..", NULL,
	  run_remove_above, LAST },
	{ "replace-above", "apparmorfs .replace of the root namespace by policy/..", prepare_blob,
	  run_replace_above, LAST },
	{ "replace", "apparmorfs .replace", prepare_blob, run_replace, LAST },
	{ "namespace-rmdir", "rmdir of the policy namespace by policy/..", NULL, run_rmdir, LAST },
	{ "parser-program", "domain transition to the profile of apparmor_parser", prepare_parser,
	  run_parser, LAST },
	{ "parser-mounted", "the profile of apparmor_parser, over proc and sysfs in its folders",
	  prepare_parser, run_parser_mounted, 0 },
	{ "remove", "apparmorfs .remove", NULL, run_remove, LAST },
	{ .name = NULL },
};
