/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A first program before the loader (rdinit=/preinit): makes the conditions that
 * preinit=WORD,WORD... names, then executes /init. The kernel hands preinit= over in the
 * environment; the next program does not see it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"
#include "guest.h"

#define CAP_DAC_OVERRIDE_NR 1
#define CAP_MAC_ADMIN_NR 33

static void trace(const char *word, int err)
{
	fact("preinit", "%s %s", word, errno_name(err));
}

static int do_mount(const char *path, const char *type, unsigned long flags)
{
	(void)mkdir(path, 0755);
	return mount(type, path, type, flags, NULL) < 0 ? errno : 0;
}

static int word_child(const char *arg)
{
	pid_t pid = fork();

	(void)arg;
	if (pid == 0)
		for (;;)
			(void)pause();
	return pid < 0 ? errno : 0;
}

/*
 * The loader gets a process number other than 1; the first program waits for it and tells how it
 * ended.
 */
static int word_notpid1(const char *arg)
{
	pid_t pid = fork();
	int status = 0;

	(void)arg;
	if (pid == 0)
		return 0;
	if (pid < 0)
		return errno;
	(void)waitpid(pid, &status, 0);
	fact("preinit.status", "%s %d", WIFSIGNALED(status) ? "signal" : "exit",
	     WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	fact("end", "preinit");
	power_off();
}

static int word_close012(const char *arg)
{
	(void)arg;
	for (int fd = 0; fd < 3; fd++)
		(void)close(fd);
	return 0;
}

static int word_leak(const char *arg)
{
	int fd = open("/", O_RDONLY | O_DIRECTORY);

	(void)arg;
	if (fd < 0 || dup2(fd, 57) < 0 || dup2(fd, 900) < 0)
		return errno;
	return 0;
}

static int word_proc(const char *arg)
{
	return do_mount("/proc", "proc", arg && !strcmp(arg, "ro") ? MS_RDONLY : 0);
}

static int word_sys(const char *arg)
{
	return do_mount("/sys", "sysfs", arg && !strcmp(arg, "ro") ? MS_RDONLY : 0);
}

static int word_security(const char *arg)
{
	int err = mounted("/sys", 0x62656572) ? 0 : word_sys(NULL);

	if (err)
		return err;
	return do_mount("/sys/kernel/security", "securityfs",
			arg && !strcmp(arg, "ro") ? MS_RDONLY : 0);
}

/*
 * An empty folder that nobody can fill over another one: hide=/sys/kernel, and there is no
 * securityfs
 */
static int word_hide(const char *arg)
{
	if (strncmp(arg ? arg : "", "/sys", 4) == 0 && !mounted("/sys", 0x62656572))
		(void)word_sys(NULL);
	if (strncmp(arg ? arg : "", "/proc", 5) == 0 && !mounted("/proc", 0x9fa0))
		(void)word_proc(NULL);
	return mount("none", arg, "tmpfs", MS_RDONLY, NULL) < 0 ? errno : 0;
}

static int word_umask(const char *arg)
{
	(void)umask((mode_t)strtoul(arg ? arg : "0137", NULL, 8));
	return 0;
}

static int word_signals(const char *arg)
{
	sigset_t set;

	(void)arg;
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGUSR1);
	(void)sigaddset(&set, SIGCHLD);
	(void)signal(SIGHUP, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
	return sigprocmask(SIG_BLOCK, &set, NULL) < 0 ? errno : 0;
}

static int word_cwd(const char *arg)
{
	return chdir(arg ? arg : "/etc") < 0 ? errno : 0;
}

static int word_limit(const char *arg)
{
	struct rlimit r = { 77, 88 };

	(void)arg;
	return setrlimit(RLIMIT_NOFILE, &r) < 0 ? errno : 0;
}

static int word_dropcap(const char *arg)
{
	unsigned long cap = arg ? strtoul(arg, NULL, 10) : CAP_MAC_ADMIN_NR;

	return prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0 ? errno : 0;
}

static int word_lock(const char *arg)
{
	(void)arg;
	(void)word_security(NULL);
	return write_small(AA_PARAMS "/lock_policy", "1");
}

/* prctl(PR_SET_SECCOMP): what the loader takes away fails with ENOSYS, open_tree and quotactl whatever they are for. */
static int set_filter(void)
{
	static const struct {
		uint16_t code;
		uint8_t yes, no;
		uint32_t k;
	} code[] = {
		{ 0x20, 0, 0, 0 },   /* the number */
		{ 0x15, 7, 0, 428 }, /* open_tree */
		{ 0x15, 6, 0, 429 }, /* move_mount */
		{ 0x15, 5, 0, 430 }, /* fsopen */
		{ 0x15, 4, 0, 433 }, /* fspick */
		{ 0x15, 3, 0, 442 }, /* mount_setattr */
		{ 0x15, 2, 0, SYS_open_by_handle_at },
		{ 0x15, 1, 0, SYS_quotactl },
		{ 0x15, 0, 1, 467 },		      /* open_tree_attr */
		{ 0x06, 0, 0, 0x00050000U | ENOSYS }, /* an errno */
		{ 0x06, 0, 0, 0x7fff0000U },	      /* else go on */
	};
	const struct {
		unsigned short count;
		const void *code;
	} program = { sizeof(code) / sizeof(code[0]), code };

	return prctl(PR_SET_SECCOMP, 2UL /* FILTER */, &program, 0, 0) < 0 ? errno : 0;
}

/* What the loader sets before it hands on: latch=userns, lockdown, kexec, helpers, filter. The policy's lock is "lock". */
static int word_latch(const char *arg)
{
	static const char helpers[] = "4288544767 4294967100";
	int err;

	(void)word_security(NULL);
	if (!mounted("/proc", 0x9fa0))
		(void)word_proc(NULL);
	if (strcmp(arg ? arg : "", "userns") == 0)
		return write_small("/proc/sys/kernel/unprivileged_userns_apparmor_policy", "0");
	if (strcmp(arg ? arg : "", "lockdown") == 0)
		return write_small("/sys/kernel/security/lockdown", "integrity");
	if (strcmp(arg ? arg : "", "kexec") == 0)
		return write_small("/proc/sys/kernel/kexec_load_disabled", "1");
	if (strcmp(arg ? arg : "", "filter") == 0)
		return set_filter();
	err = write_small("/proc/sys/kernel/usermodehelper/bset", helpers);
	return err ? err : write_small("/proc/sys/kernel/usermodehelper/inheritable", helpers);
}

/* param=NAME:VALUE of the apparmor module */
static int word_param(const char *arg)
{
	char path[200];
	const char *colon = arg ? strchr(arg, ':') : NULL;

	if (!colon)
		return EINVAL;
	if (!mounted("/sys", 0x62656572))
		(void)word_sys(NULL);
	(void)snprintf(path, sizeof(path), AA_PARAMS "/%.*s", (int)(colon - arg), arg);
	return write_small(path, colon + 1);
}

/* A policy namespace that is there already. */
static int word_ns(const char *arg)
{
	char path[300];

	(void)word_security(NULL);
	(void)snprintf(path, sizeof(path), AA_FS "/policy/namespaces/%s",
		       arg ? arg : "application");
	return mkdir(path, 0755) < 0 ? errno : 0;
}

/*
 * Loading works, but no namespace can be made: nobody may write to its folder, and root lost the
 * right to ignore that. The folder's mode stays when securityfs is unmounted again.
 */
static int word_nons(const char *arg)
{
	(void)arg;
	(void)word_security(NULL);
	if (chmod(AA_FS "/policy/namespaces", 0555) < 0)
		return errno;
	return word_dropcap("1");
}

/* A folder that is gone, with the nodes in it: rmdir=/dev */
static int word_rmdir(const char *arg)
{
	DIR *dir = opendir(arg ? arg : "");
	struct dirent *e;

	while (dir && (e = readdir(dir)))
		(void)unlinkat(dirfd(dir), e->d_name, 0);
	if (dir)
		(void)closedir(dir);
	return arg && rmdir(arg) == 0 ? 0 : errno;
}

static int word_readonly(const char *arg)
{
	(void)arg;
	return mount("none", "/", NULL, MS_REMOUNT | MS_RDONLY, NULL) < 0 ? errno : 0;
}

/* No room in the root file system, which is a tmpfs of half the memory: to its last byte. */
static int word_fill(const char *arg)
{
	static char zeros[1 << 16];
	int fd = open("/filler", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ssize_t n = fd < 0 ? -1 : 1;
	int err;

	(void)arg;
	for (size_t size = sizeof(zeros); fd >= 0 && size > 0; size /= 16)
		while ((n = write(fd, zeros, size)) > 0)
			;
	err = errno;
	(void)close(fd);
	return n < 0 && err == ENOSPC ? 0 : err;
}

static int word_unmount(const char *arg)
{
	(void)arg;
	(void)umount2("/sys/kernel/security", 0);
	(void)umount2("/sys", 0);
	(void)umount2("/proc", 0);
	return 0;
}

/* The first enforcing blob of the manifest: that of the base set, which every kernel takes. */
static bool find_blob(char *path, size_t size)
{
	FILE *f = fopen("/initward/bundle/manifest", "re");
	char line[700], rest[600];
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f))
		found = sscanf(line, "blob = enforce - %*s %*s %599[^\n]", rest) == 1;
	if (f)
		(void)fclose(f);
	if (found)
		(void)snprintf(path, size, "/initward/bundle/%s", rest);
	return found;
}

/* The packed name is followed by its NUL (security/apparmor/policy_unpack.c unpack_str()). */
static void rename_profile(char *blob, size_t len, const char *name)
{
	static const char global[] = "global";

	for (size_t i = 0; i + sizeof(global) <= len; i++)
		if (memcmp(blob + i, global, sizeof(global)) == 0)
			memcpy(blob + i, name, sizeof(global) - 1);
}

int load_policy(const char *name)
{
	static char blob[1 << 20];
	char path[700] = ROOM "/pre.blob";
	int fd;
	ssize_t len;
	int err = 0;

	if (access(path, R_OK) < 0 && !find_blob(path, sizeof(path)))
		return ENOENT;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	len = read(fd, blob, sizeof(blob));
	(void)close(fd);
	if (len > 0)
		rename_profile(blob, (size_t)len, name);
	fd = open(AA_FS "/.replace", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	if (len > 0 && write(fd, blob, (size_t)len) < 0)
		err = errno;
	(void)close(fd);
	return err;
}

/*
 * stack=LABEL: loads /guest/pre.blob or the bundle's global profile, and the loader starts under
 * LABEL. Where that begins with another name of the same length, the profile gets that name.
 */
static int word_stack(const char *arg)
{
	char text[300], name[7];
	int err;

	if (!mounted("/proc", 0x9fa0))
		(void)word_proc(NULL);
	(void)word_security(NULL);
	(void)snprintf(name, sizeof(name), "%s",
		       arg && strcspn(arg, "/") == sizeof(name) - 1 ? arg : "global");
	err = load_policy(name);
	if (err)
		return err;
	if (arg && strstr(arg, ":application:"))
		(void)mkdir(AA_FS "/policy/namespaces/application", 0755);
	(void)snprintf(text, sizeof(text), "exec %s", arg ? arg : "global//&unconfined");
	err = write_small("/proc/self/attr/apparmor/exec", text);
	return err;
}

/* The observer of whole systems stays outside of all that follows; and a descriptor, for the loader to close. */
static int word_outside(const char *arg)
{
	static char name[] = "@outside";
	int fd;

	(void)arg;
	(void)mkdir(CANARY_FOLDER, 0755);
	fd = open(CANARY, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || dup2(fd, INHERITED_FD) < 0)
		return errno;
	return start_outside(name);
}

/* finit_module(2), and a signature that this kernel knows: where it is locked down, too. */
static int load_module(const char *name)
{
	char path[100];
	int fd, err = 0;

	(void)snprintf(path, sizeof(path), ROOM "/modules/%s.ko", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	if (syscall(SYS_finit_module, fd, "", 0) < 0)
		err = errno;
	(void)close(fd);
	return err;
}

/* What the scenario's "modules" names, in the order of the list; each is a fact. Before the layer, as an initramfs does it. */
static int word_modules(const char *arg)
{
	FILE *f = fopen(ROOM "/modules/list", "re");
	char line[100], name[60], kind[30], key[80];

	(void)arg;
	if (!f)
		return errno;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%59s %29s", name, kind) != 2)
			continue;
		(void)snprintf(key, sizeof(key), "module.%s", name);
		fact(key, "%s", strcmp(kind, "file") ? kind : errno_name(load_module(name)));
	}
	(void)fclose(f);
	return 0;
}

static int word_disk(const char *arg)
{
	(void)arg;
	return mount_disk();
}

static const struct {
	const char *word;
	int (*run)(const char *arg);
} words[] = {
	{ "child", word_child },       { "notpid1", word_notpid1 },
	{ "close012", word_close012 }, { "leak", word_leak },
	{ "proc", word_proc },	       { "sys", word_sys },
	{ "security", word_security }, { "hide", word_hide },
	{ "umask", word_umask },       { "signals", word_signals },
	{ "cwd", word_cwd },	       { "limit", word_limit },
	{ "dropcap", word_dropcap },   { "lock", word_lock },
	{ "param", word_param },       { "ns", word_ns },
	{ "nons", word_nons },	       { "unmount", word_unmount },
	{ "stack", word_stack },       { "outside", word_outside },
	{ "rmdir", word_rmdir },       { "readonly", word_readonly },
	{ "fill", word_fill },	       { "latch", word_latch },
	{ "modules", word_modules },   { "disk", word_disk },
};

static void do_word(char *word)
{
	char *arg = strchr(word, '=');

	if (arg)
		*arg++ = '\0';
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcmp(words[i].word, word)) {
			trace(word, words[i].run(arg));
			return;
		}
	}
	trace(word, ENOSYS);
}

int guest_preinit(int argc, char **argv, char **envp)
{
	char *list = getenv("preinit");
	static char path[] = "/init";
	char copy[600] = "";
	int out = 0;

	(void)argc;
	channel_open();
	if (list)
		(void)snprintf(copy, sizeof(copy), "%s", list);
	for (int i = 0; envp[i]; i++)
		if (strncmp(envp[i], "preinit=", 8) != 0)
			envp[out++] = envp[i];
	envp[out] = NULL;
	for (char *word = strtok(copy, ","); word; word = strtok(NULL, ","))
		do_word(word);
	argv[0] = path;
	(void)execve(path, argv, envp);
	fact("preinit", "execve %s", errno_name(errno));
	fact("end", "preinit");
	power_off();
}
