/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The next init: what did the loader hand over? Everything that the answers could disturb is
 * recorded first.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "attack.h"
#include "guest.h"

#define MAX_FD 1024
#define MAX_SIGNAL 64

struct entry_state {
	struct timespec when;
	bool open[MAX_FD];
	struct rlimit limits[RLIM_NLIMITS];
	sigset_t mask;
	bool ignored[MAX_SIGNAL + 1];
	mode_t umask;
	char cwd[512];
	bool proc, sys, security;
	char comm[17];
	int nnp;
};

static void record(struct entry_state *s)
{
	(void)clock_gettime(CLOCK_MONOTONIC, &s->when);
	for (int fd = 0; fd < MAX_FD; fd++)
		s->open[fd] = fcntl(fd, F_GETFD) >= 0;
	for (int i = 0; i < RLIM_NLIMITS; i++)
		(void)getrlimit(i, &s->limits[i]);
	(void)sigprocmask(SIG_BLOCK, NULL, &s->mask);
	for (int sig = 1; sig <= MAX_SIGNAL; sig++) {
		struct sigaction sa;

		s->ignored[sig] = sigaction(sig, NULL, &sa) == 0 && sa.sa_handler == SIG_IGN;
	}
	s->umask = umask(0);
	(void)umask(s->umask);
	if (!getcwd(s->cwd, sizeof(s->cwd)))
		(void)strcpy(s->cwd, "<none>");
	s->proc = mounted("/proc", 0x9fa0);
	s->sys = mounted("/sys", 0x62656572);
	s->security = mounted("/sys/kernel/security", 0x73636673);
	(void)prctl(PR_GET_NAME, s->comm);
	s->nnp = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
}

static void say_descriptors(const struct entry_state *s)
{
	char list[600] = "";

	for (int fd = 0; fd < MAX_FD; fd++) {
		size_t len = strlen(list);
		struct stat st;

		if (!s->open[fd])
			continue;
		if (fstat(fd, &st) == 0 && S_ISCHR(st.st_mode))
			(void)snprintf(list + len, sizeof(list) - len, "%s%d:char-%u:%u",
				       len ? " " : "", fd, major(st.st_rdev), minor(st.st_rdev));
		else
			(void)snprintf(list + len, sizeof(list) - len, "%s%d", len ? " " : "", fd);
	}
	fact("fds", "%s", list);
}

/*
 * Limits that differ from what the kernel gives its first program (the count limits are both one
 * half of threads-max).
 */
static void say_limits(const struct entry_state *s)
{
	static const struct {
		const char *name;
		int limit;
		rlim_t soft, hard;
	} usual[] = {
		{ "cpu", RLIMIT_CPU, RLIM_INFINITY, RLIM_INFINITY },
		{ "fsize", RLIMIT_FSIZE, RLIM_INFINITY, RLIM_INFINITY },
		{ "data", RLIMIT_DATA, RLIM_INFINITY, RLIM_INFINITY },
		{ "stack", RLIMIT_STACK, 8 << 20, RLIM_INFINITY },
		{ "core", RLIMIT_CORE, 0, RLIM_INFINITY },
		{ "rss", RLIMIT_RSS, RLIM_INFINITY, RLIM_INFINITY },
		{ "nofile", RLIMIT_NOFILE, 1024, 4096 },
		{ "as", RLIMIT_AS, RLIM_INFINITY, RLIM_INFINITY },
		{ "locks", RLIMIT_LOCKS, RLIM_INFINITY, RLIM_INFINITY },
		{ "msgqueue", RLIMIT_MSGQUEUE, 819200, 819200 },
		{ "nice", RLIMIT_NICE, 0, 0 },
		{ "rtprio", RLIMIT_RTPRIO, 0, 0 },
		{ "rttime", RLIMIT_RTTIME, RLIM_INFINITY, RLIM_INFINITY },
	};
	char list[600] = "";

	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		const struct rlimit *r = &s->limits[usual[i].limit];
		size_t len = strlen(list);

		if (r->rlim_cur == usual[i].soft && r->rlim_max == usual[i].hard)
			continue;
		(void)snprintf(list + len, sizeof(list) - len, "%s%s=%lld:%lld", len ? " " : "",
			       usual[i].name, (long long)r->rlim_cur, (long long)r->rlim_max);
	}
	fact("limits", "%s", list);
}

static void say_signals(const struct entry_state *s)
{
	char blocked[300] = "", ignored[300] = "";

	for (int sig = 1; sig <= MAX_SIGNAL; sig++) {
		size_t len = strlen(blocked);

		if (sigismember(&s->mask, sig) == 1)
			(void)snprintf(blocked + len, sizeof(blocked) - len, "%s%d", len ? " " : "",
				       sig);
		len = strlen(ignored);
		if (s->ignored[sig])
			(void)snprintf(ignored + len, sizeof(ignored) - len, "%s%d", len ? " " : "",
				       sig);
	}
	fact("signals.blocked", "%s", blocked);
	fact("signals.ignored", "%s", ignored);
}

static void say_words(int argc, char **argv, char **envp)
{
	char key[120], all[2000] = "";

	fact("argc", "%d", argc);
	for (int i = 0; i < argc; i++) {
		size_t len = strlen(all);

		(void)snprintf(key, sizeof(key), "argv.%d", i);
		fact(key, "%s", argv[i]);
		(void)snprintf(all + len, sizeof(all) - len, "%s%s", i ? " " : "", argv[i]);
	}
	fact("args", "%s", all);
	for (int i = 0; envp[i]; i++) {
		const char *eq = strchr(envp[i], '=');

		if (!eq)
			continue;
		(void)snprintf(key, sizeof(key), "env.%.*s", (int)(eq - envp[i]), envp[i]);
		fact(key, "%s", eq + 1);
	}
}

static void say_entry(const struct entry_state *s)
{
	fact("entry.us", "%lld", (long long)s->when.tv_sec * 1000000 + s->when.tv_nsec / 1000);
	fact("pid", "%d", (int)getpid());
	fact("ids", "%d %d %d %d", (int)getuid(), (int)geteuid(), (int)getsid(0), (int)getpgrp());
	fact("comm", "%s", s->comm);
	fact("no_new_privs", "%d", s->nnp);
	fact("cwd", "%s", s->cwd);
	fact("umask", "%04o", (unsigned int)s->umask);
	fact("mounted.proc", "%s", s->proc ? "yes" : "no");
	fact("mounted.sys", "%s", s->sys ? "yes" : "no");
	fact("mounted.security", "%s", s->security ? "yes" : "no");
}

/* The mount table as the loader left it, without what this program added. */
static void say_mounts(const struct entry_state *s)
{
	char list[3000] = "", line[1200], point[300], type[60];
	FILE *f = fopen("/proc/self/mounts", "re");

	while (f && fgets(line, sizeof(line), f)) {
		size_t len = strlen(list);

		if (sscanf(line, "%*s %299s %59s", point, type) != 2)
			continue;
		if ((!strcmp(point, "/proc") && !s->proc) || (!strcmp(point, "/sys") && !s->sys) ||
		    (!strcmp(point, "/sys/kernel/security") && !s->security))
			continue;
		(void)snprintf(list + len, sizeof(list) - len, "%s%s:%s", len ? " " : "", point,
			       type);
	}
	if (f)
		(void)fclose(f);
	fact("mounts", "%s", list);
}

/* In a child: where AppArmor's mode is "kill", the refusal is its end. */
static const char *try_owner(const char *path)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(chown(path, (uid_t)-1, (gid_t)-1) < 0 ? errno : 0);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return "<no child>";
	return WIFSIGNALED(status) ? "killed" : errno_name(WEXITSTATUS(status));
}

/* Nobody ever writes there and nothing changes when it is allowed: -1 keeps owner and group. */
static void say_proof(void)
{
	fact("proof", "%s", try_owner("/proc/version"));
	fact("control", "%s", try_owner("/proc/uptime"));
}

static void say_report(void)
{
	/* a FIFO in its place has no end */
	int fd = open("/initward/report", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	char line[1200], key[1300];

	fact("report", "%s", f ? "yes" : errno_name(errno));
	while (f && fgets(line, sizeof(line), f)) {
		char *eq = strchr(line, '=');

		line[strcspn(line, "\n")] = '\0';
		if (!eq)
			continue;
		(void)snprintf(key, sizeof(key), "report.%.*s", (int)strcspn(line, " ="), line);
		fact(key, "%s", eq + 1 + strspn(eq + 1, " "));
	}
	if (f)
		(void)fclose(f);
}

static void say_view(void)
{
	fact_from_file("label", "/proc/self/attr/apparmor/current");
	fact_from_file("label.exec", "/proc/self/attr/apparmor/exec");
	fact_from_file("stacked", AA_FS "/.stacked");
	fact_from_file("ns_stacked", AA_FS "/.ns_stacked");
	fact_from_file("ns_level", AA_FS "/.ns_level");
	fact_from_file("ns_name", AA_FS "/.ns_name");
	fact_from_file("sysctl.unprivileged_userns_apparmor_policy", AA_SYSCTL);
	fact_from_folder("view.namespaces", AA_FS "/policy/namespaces");
}

/* The observer's answer comes when all is done. */
static void ask_control(const char *options)
{
	char request[450], answer[20];
	int err;

	(void)snprintf(request, sizeof(request), "attack control %s", options);
	err = ask_outside(request, answer, sizeof(answer));
	if (err)
		fact("attack.error", "control: %s", errno_name(err));
}

/* The root folder a second time, at `path`: 0 or an errno. */
static int bind_root(const char *path)
{
	if (mkdir(path, 0755) < 0 || mount("/", path, NULL, MS_BIND | MS_REC, NULL) < 0)
		return errno;
	return 0;
}

/* The mount at `path` becomes the root folder: 0 or an errno. */
static int go_to_root(const char *path)
{
	if (chdir(path) < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 ||
	    chdir("/") < 0)
		return errno;
	return 0;
}

/*
 * As switch_root(8) leaves a system: the root folder is a mount on top of the kernel's first one. Process 1 has it, and
 * with it the kernel's threads.
 */
static void switch_root(void)
{
	int err = bind_root("/root-mount");

	if (!err)
		err = go_to_root("/root-mount");
	if (err)
		fact("attack.error", "switch of the root folder: %s", errno_name(err));
}

/*
 * As systemd goes to another root folder where pivot_root is refused (its src/shared/switch-root.c, for a soft-reboot): it
 * moves the mount, and calls chroot. Root has made that folder, and what the kernel looks for is in it, by letters that it
 * does not tell apart; the rules know the name in small letters.
 */
static void go_to_next_root(void)
{
	int err = make_program_without_path();

	if (!err)
		err = bind_root("/next-root");
	if (!err)
		err = mount_casefolded("/next-root/sbin");
	if (!err) /* what its first line names */
		err = copy_program_to(ESCAPEE_PROGRAM, "/next-root" ESCAPEE_PROGRAM);
	if (!err)
		err = go_to_root("/next-root");
	fact("next-root", "%s", errno_name(err));
}

int guest_init(int argc, char **argv, char **envp)
{
	static struct entry_state state;
	char options[400] = "";

	record(&state);
	channel_open();
	fact("begin", "ok");
	say_words(argc, argv, envp);
	say_entry(&state);
	say_descriptors(&state);
	say_limits(&state);
	say_signals(&state);
	fact_from_folder("dev", "/dev");
	mount_missing();
	say_mounts(&state);
	say_view();
	say_proof();
	say_report();
	(void)read_small(ROOM "/facts", options, sizeof(options));
	ask_observer("observe");
	if (strstr(options, "status-alone"))
		guest_status_alone();
	else if (strstr(options, "status"))
		guest_status();
	if (strstr(options, "seal"))
		guest_seal();
	guest_assets();
	if (strstr(options, "attempts"))
		guest_attempts();
	if (strstr(options, "switched-root"))
		switch_root();
	if (strstr(options, "next-root"))
		go_to_next_root();
	if (strstr(options, "attack") && strstr(options, "control"))
		ask_control(options);
	else if (strstr(options, "attack"))
		guest_attacks(options, false);
	if (strstr(options, "census"))
		guest_census(options);
	if (strstr(options, "features"))
		say_features();
	fact("end", "ok");
	if (getpid() != 1)
		return 0;
	power_off();
}
