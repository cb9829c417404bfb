/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What root tries against the layer: the protected assets one by one, then the known ways out of
 * the stack.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

static int op_append(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	int err = 0;

	if (fd < 0)
		return errno;
	if (write(fd, "\n", 1) != 1)
		err = errno;
	(void)close(fd);
	return err;
}

static int op_open(const char *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	(void)close(fd);
	return 0;
}

/* Writes back what is there: for switches of the kernel, where an append would mean something. */
static int op_rewrite(const char *path)
{
	char text[2000];
	ssize_t len = read_small(path, text, sizeof(text));

	return len < 0 ? (int)-len : write_small(path, text);
}

static int op_create(const char *path)
{
	char name[600];
	int fd;

	(void)snprintf(name, sizeof(name), "%s/guest-%d", path, (int)getpid());
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	(void)close(fd);
	(void)unlink(name);
	return 0;
}

static int op_rename(const char *path)
{
	char name[600];

	(void)snprintf(name, sizeof(name), "%s.guest", path);
	if (rename(path, name) < 0)
		return errno;
	return rename(name, path) < 0 ? errno : 0;
}

static int op_link(const char *path)
{
	if (link(path, ROOM "/linked") < 0)
		return errno;
	(void)unlink(ROOM "/linked");
	return 0;
}

static int op_chmod(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno;
	return chmod(path, st.st_mode & 07777) < 0 ? errno : 0;
}

static int op_chown(const char *path)
{
	return chown(path, (uid_t)-1, (gid_t)-1) < 0 ? errno : 0;
}

static int op_truncate(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno;
	return truncate(path, st.st_size) < 0 ? errno : 0;
}

static int op_unlink(const char *path)
{
	return unlink(path) < 0 ? errno : 0;
}

static int op_bind(const char *path)
{
	if (mount(path, path, NULL, MS_BIND, NULL) < 0)
		return errno;
	(void)umount2(path, MNT_DETACH);
	return 0;
}

static int op_read(const char *path)
{
	char byte[2];
	ssize_t len = read_small(path, byte, sizeof(byte));

	return len < 0 ? (int)-len : 0;
}

static const struct {
	const char *name;
	int (*run)(const char *path);
} ops[] = {
	{ "append", op_append }, { "open", op_open },	  { "rewrite", op_rewrite },
	{ "create", op_create }, { "rename", op_rename }, { "link", op_link },
	{ "chmod", op_chmod },	 { "chown", op_chown },	  { "truncate", op_truncate },
	{ "unlink", op_unlink }, { "mount", op_bind },	  { "read", op_read },
};

static const char *run_op(const char *op, const char *path)
{
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (!strcmp(ops[i].name, op))
			return errno_name(ops[i].run(path));
	return "<unknown operation>";
}

/* Lines of /guest/assets: PATH OPERATION */
/*
 * What a dry run logs is printed by a thread of the kernel, kauditd, for which the end of the boot does
 * not wait: it gets the processor.
 */
static void wait_for_log(void)
{
	const struct timespec moment = { .tv_nsec = 100 * 1000 * 1000 };

	(void)nanosleep(&moment, NULL);
}

void guest_assets(void)
{
	char line[700], key[800];
	FILE *f = fopen(ROOM "/assets", "re");
	int all = 0, refused = 0;

	while (f && fgets(line, sizeof(line), f)) {
		char *op = strchr(line, ' ');
		const char *result;

		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#' || !op)
			continue;
		*op++ = '\0';
		(void)snprintf(key, sizeof(key), "asset.%s.%s", op, line);
		result = run_op(op, line);
		fact(key, "%s", result);
		all++;
		refused += !strcmp(result, "EACCES") || !strcmp(result, "EPERM");
	}
	if (f)
		(void)fclose(f);
	fact("assets", "%d", all);
	fact("assets.refused", "%s", refused == 0 ? "none" : refused == all ? "all" : "some");
	if (refused == 0)
		wait_for_log();
}

static int try_remove(void)
{
	return write_small(AA_FS "/.remove", "global");
}

static int try_change_profile(void)
{
	return write_small("/proc/self/attr/apparmor/current", "changeprofile unconfined");
}

static int try_change_profile_root(void)
{
	return write_small("/proc/self/attr/apparmor/current", "changeprofile :root:unconfined");
}

static int try_rmdir(void)
{
	return rmdir(AA_FS "/policy/../application") < 0 ? errno : 0;
}

static int try_mode(void)
{
	(void)write_small(AA_PARAMS "/audit", "noquiet");
	return write_small(AA_PARAMS "/mode", "complain");
}

static int try_replace(void)
{
	return write_small(AA_FS "/.replace", "no policy at all");
}

/* A path rule does not follow the file to another name. */
static int try_bind(void)
{
	(void)mkdir(ROOM "/etc", 0755);
	if (mount("/etc", ROOM "/etc", NULL, MS_BIND, NULL) < 0)
		return errno;
	return op_append(ROOM "/etc/passwd");
}

static int try_userns(void)
{
	if (setresgid(1000, 1000, 1000) < 0 || setresuid(1000, 1000, 1000) < 0)
		return errno;
	if (unshare(CLONE_NEWUSER) < 0)
		return errno;
	return write_small(AA_FS "/.remove", "no-such-profile");
}

/* A hard link puts a file of one's own where none is yet: the kernel asks for "l" of the new name, not for "w". */
static int try_link_into(void)
{
	static const char *const names[] = { "/etc/sudoers.d/own", "/etc/initward/own",
					     "/etc/ssh/ssh_host_own_key" };
	int fd = open(ROOM "/own", O_WRONLY | O_CREAT | O_CLOEXEC, 0600),
	    err = fd < 0 ? errno : EACCES;

	(void)close(fd);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && err == EACCES; i++)
		err = link(ROOM "/own", names[i]) < 0 ? errno : 0;
	return err;
}

static int try_core_pattern(void)
{
	return write_small("/proc/sys/kernel/core_pattern", "|/sbin/modprobe core");
}

/*
 * Each attempt in a process of its own; the observer then tells the label that this process
 * really has.
 */
static void attempt(const char *name, int (*run)(void))
{
	char word[200], key[200];
	int to_parent[2], to_child[2], err = 0;
	pid_t pid;

	if (pipe2(to_parent, O_CLOEXEC) < 0 || pipe2(to_child, O_CLOEXEC) < 0)
		return;
	pid = fork();
	if (pid == 0) {
		err = run();
		(void)!write(to_parent[1], &err, sizeof(err));
		(void)close(to_child[1]);
		(void)!read(to_child[0], &err, sizeof(err));
		_exit(0);
	}
	(void)close(to_parent[1]);
	if (pid < 0 || read(to_parent[0], &err, sizeof(err)) != (ssize_t)sizeof(err))
		err = ECHILD;
	(void)snprintf(key, sizeof(key), "attempt.%s", name);
	fact(key, "%s", errno_name(err));
	(void)snprintf(word, sizeof(word), "pid-%d-%s", (int)pid, name);
	ask_observer(word);
	(void)close(to_child[1]);
	(void)close(to_child[0]);
	(void)close(to_parent[0]);
	(void)waitpid(pid, NULL, 0);
}

/* The first ones end with the process; the last ones change the kernel's policy for good. */
void guest_attempts(void)
{
	attempt("replace", try_replace);
	attempt("userns", try_userns);
	attempt("bind", try_bind);
	attempt("link_into", try_link_into);
	attempt("core_pattern", try_core_pattern);
	attempt("change_profile", try_change_profile);
	attempt("change_profile_root", try_change_profile_root);
	attempt("remove", try_remove);
	attempt("rmdir", try_rmdir);
	attempt("mode", try_mode);
	ask_observer("pid-1-init");
	fact("attempt.proof", "%s", errno_name(op_chown("/proc/version")));
}
