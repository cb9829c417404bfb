// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gather.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <mntent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/apparmor.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bounds.h"
#include "diagnose.h"
#include "places.h"
#include "stack/tasks.h"

/* The first PID namespace's inode: include/linux/proc_ns.h PROC_PID_INIT_INO. */
#define FIRST_PID_NAMESPACE 0xEFFFFFFCU

static bool is_on(const char *path, long magic)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && (long)fs.f_type == magic;
}

char *read_word(const char *dir, const char *name)
{
	char *path = path_join(dir, name);
	struct text t = { 0 };

	if (read_file(path, LIMIT_FEATURE, &t) < 0)
		text_free(&t);
	else if (t.len && t.data[t.len - 1] == '\n')
		t.data[t.len - 1] = '\0';
	free(path);
	return t.data;
}

/* fs/open.c chown_common() asks the LSM first, and changes nothing. 0 or an errno. */
static int try_path(const char *path)
{
	return fchownat(AT_FDCWD, path, (uid_t)-1, (gid_t)-1, 0) < 0 ? errno : 0;
}

static enum trial trial_of(int err)
{
	if (!err)
		return TRIAL_ALLOWED;
	return err == EACCES ? TRIAL_REFUSED : TRIAL_FAILED;
}

static _Noreturn void trial_child(int fd)
{
	int err[2] = { try_path(CONTROL_PATH), 0 };

	if (write(fd, &err[0], sizeof(err[0])) < 0)
		_exit(1);
	err[1] = try_path(PROOF_PATH);
	_exit(write(fd, &err[1], sizeof(err[1])) < 0);
}

/* The child's answers; n: how many it came to before it ended. */
static void note_trials(struct evidence *e, const int *err, size_t n, int status)
{
	bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;

	e->control_errno = n > 0 ? err[0] : 0;
	e->proof_errno = n > 1 ? err[1] : 0;
	e->control = n > 0 ? trial_of(err[0]) : killed ? TRIAL_KILLED : TRIAL_FAILED;
	e->proof = n > 1 ? trial_of(err[1]) : n == 1 && killed ? TRIAL_KILLED : TRIAL_FAILED;
}

/* In a child: where AppArmor's mode is "kill", the refusal is the child's end. */
static void try_paths(struct evidence *e)
{
	int fd[2], err[2], status = 0;
	size_t n = 0;
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC) < 0)
		return;
	pid = fork();
	if (pid == 0)
		trial_child(fd[1]);
	(void)close(fd[1]);
	while (pid > 0 && n < 2 && read(fd[0], &err[n], sizeof(*err)) == (ssize_t)sizeof(*err))
		n++;
	(void)close(fd[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	note_trials(e, err, n, status);
}

/* "LABEL (MODE)", as the kernel has it. */
static char *read_label(pid_t pid, int *ret_errno)
{
	char *label = NULL, *mode = NULL, *ret;

	*ret_errno = -task_label(pid, &label, &mode);
	if (*ret_errno)
		return NULL;
	ret = mode ? format("%s (%s)", label, mode) : dup_str(label);
	free(label); /* `mode` points into it */
	return ret;
}

/*
 * By the module's own word; without sysfs by proc's attr folder, which a kernel that has AppArmor built in
 * has, and whose files say EINVAL where it is off (security/security.c security_getprocattr()).
 */
static enum apparmor find_apparmor(const struct evidence *e)
{
	char *enabled = read_word("/" AA_PARAMETERS, "enabled");
	enum apparmor ret = APPARMOR_UNKNOWN;

	if (enabled)
		ret = enabled[0] == 'Y' ? APPARMOR_ON : APPARMOR_OFF;
	else if (e->own_label)
		ret = APPARMOR_ON;
	else if (is_on("/sys", SYSFS_MAGIC) && access("/sys/module", X_OK) == 0 &&
		 access("/sys/module/apparmor", F_OK) < 0 && errno == ENOENT)
		ret = APPARMOR_ABSENT;
	else if (e->procfs && access("/" AA_ATTR, F_OK) == 0 && e->own_errno == EINVAL)
		ret = APPARMOR_OFF;
	free(enabled);
	return ret;
}

/*
 * By the link's text, "pid:[4026531836]", and not by a look at what it leads to: that is no part of the mount
 * tree, and a profile without attach_disconnected refuses it. A kernel without PID namespaces has
 * no such link, and one namespace for all.
 */
static enum place find_pid_namespace(void)
{
	char text[64] = "", first[64];
	ssize_t n = readlink("/proc/self/ns/pid", text, sizeof(text) - 1);

	if (n < 0)
		return errno == ENOENT && access("/proc/self/ns", X_OK) == 0 ? PLACE_FIRST
									     : PLACE_UNKNOWN;
	(void)snprintf(first, sizeof(first), "pid:[%u]", FIRST_PID_NAMESPACE);
	return strcmp(text, first) == 0 ? PLACE_FIRST : PLACE_OTHER;
}

/* Only mounts that can be reached are listed: where "/" is none of them, it is a folder of one. */
static bool is_root_listed(void)
{
	FILE *f = setmntent("/proc/self/mounts", "re");
	struct mntent *entry = NULL;

	if (!f)
		return true;
	do {
		entry = getmntent(f);
	} while (entry && strcmp(entry->mnt_dir, "/") != 0);
	(void)endmntent(f);
	return entry != NULL;
}

/*
 * Who may not look at process 1's root folder learns less. A policy can refuse the look, and kill for
 * it, so that it is left out where nothing depends on it.
 */
static enum place find_root(void)
{
	struct stat own, init;

	if (!is_root_listed())
		return PLACE_OTHER;
	if (stat("/", &own) < 0 || stat("/proc/1/root", &init) < 0)
		return PLACE_UNKNOWN;
	return own.st_dev == init.st_dev && own.st_ino == init.st_ino ? PLACE_FIRST : PLACE_OTHER;
}

char *find_apparmorfs(void)
{
	char *path = NULL;

	return aa_find_mountpoint(&path) == 0 ? path : NULL;
}

void gather(struct evidence *ret)
{
	char *fs = find_apparmorfs();

	*ret = (struct evidence){
		.procfs = is_on(PROOF_PATH, PROC_SUPER_MAGIC) &&
			  is_on(CONTROL_PATH, PROC_SUPER_MAGIC),
		.pid_namespace = find_pid_namespace(),
		.mode = read_word("/" AA_PARAMETERS, "mode"),
		.lock_policy = read_word("/" AA_PARAMETERS, "lock_policy"),
	};
	try_paths(ret);
	ret->root = ret->proof == TRIAL_ALLOWED ? find_root() : PLACE_UNKNOWN;
	ret->own_label = read_label(getpid(), &ret->own_errno);
	ret->init_label = read_label(1, &ret->init_errno);
	ret->apparmor = find_apparmor(ret);
	if (!fs)
		return;
	ret->stacked = read_word(fs, ".stacked");
	ret->ns_stacked = read_word(fs, ".ns_stacked");
	ret->ns_level = read_word(fs, ".ns_level");
	ret->ns_name = read_word(fs, ".ns_name");
	free(fs);
}

void free_evidence(struct evidence *e)
{
	free(e->own_label);
	free(e->init_label);
	free(e->stacked);
	free(e->ns_stacked);
	free(e->ns_level);
	free(e->ns_name);
	free(e->mode);
	free(e->lock_policy);
	*e = (struct evidence){ 0 };
}

void explain_off(bool built_in, struct text *ret)
{
	char *lsm = read_word("/sys/kernel/security", "lsm");
	struct text cmdline = { 0 }, no_args = { 0 };
	char why[LIMIT_MESSAGE], ignored[LIMIT_MESSAGE];
	struct lsm_facts facts = { .built_in = built_in };
	struct strbuf sb, sb_ignored;
	struct config config;

	text_str(&no_args, "");
	sb_init(&sb, why, sizeof(why));
	sb_init(&sb_ignored, ignored, sizeof(ignored));
	config_init(&config);
	(void)read_file("/proc/cmdline", LIMIT_CMDLINE, &cmdline);
	cmdline_apply(cmdline.data ? cmdline.data : no_args.data, &config, &facts.cmdline,
		      &sb_ignored);
	facts.active = span_of(lsm ? lsm : "");
	diagnose_off(&facts, &sb);
	text_str(ret, why);
	text_free(&cmdline);
	text_free(&no_args);
	free(lsm);
}
