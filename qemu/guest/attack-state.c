/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The observer's part of the attacks. It is outside of the layer, so that nothing is hidden from it
 * and nothing refused: it keeps what the attacks are for (the canary, the victim), compares the state
 * of the machine with what it was, and mends it. What the attacker says of itself counts for nothing.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "attack.h"
#include "guest.h"
#include "outside.h"

#define CANARY_TEXT "the canary is well"
#define CANARY_SECONDS 1000000000
#define VICTIM_TEXT "the victim is well"
#define MAX_WATCHED 60
#define AWAIT_MS 3000
#define SYSTEM_ROOT ROOM "/proc/1/root"
/* linux/fs.h */
#define GET_FLAGS _IOR('f', 1, long)

/* Small files of the kernel that no attacker may change, and their contents at the beginning. */
static struct watched {
	const int *folder;
	char path[100];
	char was[400];
} watched[MAX_WATCHED];
static size_t watched_count;

static char profiles_were[4000], namespaces_were[1000], layer[600];
static struct statvfs root_was;
static bool hidden;
static pid_t the_victim = -1, control_session = -1;
/* What a program that an attacker had started was: "" before it has run. */
static char ran[700];
static bool escapee_done;
/* The flags that the canary has on purpose (ATTRIBUTES). */
static long fixed;

/* Appends "; WHAT" to a list of changes. */
static void add(char *list, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void add(char *list, size_t size, const char *format, ...)
{
	size_t len = strlen(list);
	va_list ap;

	va_start(ap, format);
	len += (size_t)snprintf(list + len, size - len, "%s", len ? "; " : "");
	if (len < size)
		(void)vsnprintf(list + len, size - len, format, ap);
	va_end(ap);
}

static void watch(const int *folder, const char *path)
{
	struct watched *w = &watched[watched_count];

	if (watched_count == MAX_WATCHED || faccessat(*folder, path, F_OK, 0) < 0)
		return;
	w->folder = folder;
	(void)snprintf(w->path, sizeof(w->path), "%s", path);
	if (read_small_at(*folder, path, w->was, sizeof(w->was)) >= 0)
		watched_count++;
}

static void watch_all(void)
{
	static const char parameters[] = "module/apparmor/parameters";
	static const char *const sysctls[] = {
		"core_pattern",
		"modprobe",
		"hotplug",
		"poweroff_cmd",
		"usermodehelper/bset",
		"usermodehelper/inheritable",
		"unprivileged_userns_apparmor_policy",
		"unprivileged_bpf_disabled",
		"kexec_load_disabled",
		"modules_disabled",
		"kptr_restrict",
	};
	DIR *dir = open_folder_at(sys, parameters);
	char path[100];
	struct dirent *e;

	watched_count = 0;
	for (size_t i = 0; i < sizeof(sysctls) / sizeof(sysctls[0]); i++) {
		(void)snprintf(path, sizeof(path), "sys/kernel/%s", sysctls[i]);
		watch(&proc, path);
	}
	watch(&proc, "swaps");
	watch(&sys, "kernel/kexec_loaded");
	watch(&sys, "kernel/kexec_crash_loaded");
	watch(&sys, "kernel/uevent_helper");
	watch(&security, "lockdown");
	while (dir && (e = readdir(dir))) {
		(void)snprintf(path, sizeof(path), "%s/%.60s", parameters, e->d_name);
		if (e->d_name[0] != '.')
			watch(&sys, path);
	}
	if (dir)
		(void)closedir(dir);
}

/* In visible mode root may load profiles of its own beside the layer's. */
static void list_profiles(char *list, size_t size)
{
	int fd = openat(security, "apparmor/profiles", O_RDONLY | O_CLOEXEC);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	char line[500];

	*list = '\0';
	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (hidden ? *line != ':' : under_layer(line))
			add(list, size, "%s", line);
	}
	if (f)
		(void)fclose(f);
}

static void list_namespaces(char *list, size_t size)
{
	DIR *dir = open_folder_at(security, "apparmor/policy/namespaces");
	struct dirent *e;

	*list = '\0';
	while (dir && (e = readdir(dir)))
		if (e->d_name[0] != '.')
			add(list, size, "%s", e->d_name);
	if (dir)
		(void)closedir(dir);
}

static void start_victim(void)
{
	int fd;

	the_victim = fork();
	if (the_victim != 0)
		return;
	fd = open(CANARY, O_WRONLY);
	(void)dup2(fd, VICTIM_FD);
	for (;;)
		(void)pause();
}

static void end_victim(void)
{
	if (the_victim <= 0)
		return;
	(void)kill(the_victim, SIGKILL);
	(void)waitpid(the_victim, NULL, 0);
	the_victim = -1;
}

static void empty_folder(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *e;

	while (dir && (e = readdir(dir)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
		    unlinkat(dirfd(dir), e->d_name, 0) < 0)
			(void)unlinkat(dirfd(dir), e->d_name, AT_REMOVEDIR);
	if (dir)
		(void)closedir(dir);
}

static long fixed_flags(const char *path)
{
	long flags = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		(void)ioctl(fd, GET_FLAGS, &flags);
		(void)close(fd);
	}
	return flags & (FIXED_IMMUTABLE | FIXED_APPEND);
}

static void make_canary(void)
{
	struct timespec times[2] = { { .tv_sec = CANARY_SECONDS }, { .tv_sec = CANARY_SECONDS } };
	int fd;

	end_victim();
	(void)set_canary_flags(0);
	(void)mkdir(CANARY_FOLDER, 0755);
	fd = open(CANARY, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, CANARY_TEXT, sizeof(CANARY_TEXT) - 1) < 0 ||
	    futimens(fd, times) < 0)
		fact("attack.error", "%s %s", CANARY, errno_name(errno));
	if (fd >= 0)
		(void)close(fd);
	make_disk_canary();
	(void)strcpy((char *)VICTIM_WORD, VICTIM_TEXT);
	start_victim();
}

/* Is there anything beside the canary? */
static void compare_folder(char *list, size_t size)
{
	DIR *dir = opendir(CANARY_FOLDER);
	struct dirent *e;

	while (dir && (e = readdir(dir)))
		if (e->d_name[0] != '.' && strcmp(e->d_name, "vault") != 0)
			add(list, size, "beside the canary there is %s", e->d_name);
	if (dir)
		(void)closedir(dir);
}

/* False: it is not as it was. */
static bool compare_canary(const char *name, const char *path, char *list, size_t size)
{
	char text[100], names[200];
	struct stat st;

	if (lstat(path, &st) < 0)
		add(list, size, "%s is gone: %s", name, errno_name(errno));
	else if (read_small(path, text, sizeof(text)) < 0 || strcmp(text, CANARY_TEXT) != 0)
		add(list, size, "%s has other contents", name);
	else if (st.st_mode != (S_IFREG | 0600) || st.st_uid != 0 || st.st_gid != 0 ||
		 st.st_mtime != CANARY_SECONDS || st.st_size != sizeof(CANARY_TEXT) - 1)
		add(list, size, "%s has other attributes", name);
	else if (fixed_flags(path) != fixed)
		add(list, size, "%s has the flags %lx", name, fixed_flags(path));
	else if (listxattr(path, names, sizeof(names)) > 0)
		add(list, size, "%s has the attribute %s", name, names);
	else
		return true;
	return false;
}

/* The mount that process 1 has as its root folder, and the file system in it. */
static void compare_root(char *list, size_t size)
{
	struct statvfs now;

	if (statvfs(SYSTEM_ROOT, &now) < 0)
		return;
	if (now.f_flag != root_was.f_flag)
		add(list, size, "the system's root folder has the flags %lx", now.f_flag);
	if (now.f_blocks != root_was.f_blocks)
		add(list, size, "the system's root folder has another size");
}

static void compare_watched(char *list, size_t size)
{
	char now[400];

	for (struct watched *w = watched; w < watched + watched_count; w++)
		if (read_small_at(*w->folder, w->path, now, sizeof(now)) < 0 ||
		    strcmp(now, w->was) != 0)
			add(list, size, "%s is %.60s", w->path, now);
}

static void mend_watched(void)
{
	char now[400];

	for (struct watched *w = watched; w < watched + watched_count; w++) {
		int fd;

		if (read_small_at(*w->folder, w->path, now, sizeof(now)) >= 0 &&
		    !strcmp(now, w->was))
			continue;
		fd = openat(*w->folder, w->path, O_WRONLY | O_CLOEXEC);
		/* a pattern that is empty wants a write as well */
		if (fd >= 0 && write(fd, *w->was ? w->was : "\n", *w->was ? strlen(w->was) : 1) < 0)
			fact("attack.error", "%s %s", w->path, errno_name(errno));
		if (fd >= 0)
			(void)close(fd);
	}
}

/* Does the layer still refuse what it has to? A child goes under it and tries. */
static int probe_layer(void)
{
	char text[700];
	int fd, status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		fd = openat(proc, "self/attr/apparmor/current", O_WRONLY);
		(void)snprintf(text, sizeof(text), "changeprofile %s", layer);
		if (fd < 0 || write(fd, text, strlen(text)) < 0)
			_exit(errno == EACCES ? ENOENT : errno);
		/* asked before the file's flags are, and changes nothing */
		_exit(chown(CANARY, (uid_t)-1, (gid_t)-1) < 0 ? errno : 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return ECHILD;
	/* the mode "kill" */
	return WIFSIGNALED(status) ? EACCES : WEXITSTATUS(status);
}

static void compare_tasks(char *list, size_t size)
{
	DIR *dir = open_folder_at(proc, ".");
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		struct task t = { .pid = read_number(e->d_name) };

		t.tid = t.pid;
		if (t.pid == 0 || t.pid == getpid() || t.pid == the_victim ||
		    !read_stat(t.pid, &t) || t.kernel || t.dead || !read_label(&t))
			continue;
		/* what the kernel starts may be no attacker's: "ran" tells of those that are */
		if (under_layer(t.label) || started_by_kernel(&t) ||
		    (control_session > 0 && getsid(t.pid) == control_session))
			continue;
		add(list, size, "a task has the label %s", t.label);
	}
	if (dir)
		(void)closedir(dir);
}

/* Everything that is not as it was, "" where all is. */
static void compare(char *list, size_t size)
{
	const char *disk = disk_change();
	char now[4000];
	int err;

	*list = '\0';
	if (disk)
		add(list, size, "%s", disk);
	/* and as the system sees it: something may lie on top */
	if (compare_canary("the canary", CANARY, list, size))
		(void)compare_canary("the system's canary", SYSTEM_ROOT CANARY, list, size);
	compare_folder(list, size);
	compare_root(list, size);
	compare_watched(list, size);
	if (strcmp((char *)VICTIM_WORD, VICTIM_TEXT) != 0)
		add(list, size, "the victim's memory is changed");
	/* one that is dead has a number until somebody waits for it */
	if (waitpid(the_victim, NULL, WNOHANG) != 0)
		add(list, size, "the victim is gone");
	list_profiles(now, sizeof(now));
	if (strcmp(now, profiles_were) != 0)
		add(list, size, "the profiles are: %.200s", now);
	list_namespaces(now, sizeof(now));
	if (strcmp(now, namespaces_were) != 0)
		add(list, size, "the policy namespaces are: %s", now);
	err = probe_layer();
	if (err != EACCES)
		add(list, size, "a task under the layer is no longer refused the canary: %s",
		    errno_name(err));
	compare_tasks(list, size);
	if (*ran)
		add(list, size, "%s", ran);
}

/* Those that are not the layer's. */
static void remove_namespaces(void)
{
	DIR *dir = open_folder_at(security, "apparmor/policy/namespaces");
	struct dirent *e;

	while (dir && (e = readdir(dir)))
		if (e->d_name[0] != '.' && !strstr(namespaces_were, e->d_name))
			(void)unlinkat(dirfd(dir), e->d_name, AT_REMOVEDIR);
	if (dir)
		(void)closedir(dir);
}

/* What the attackers mounted where the system sees it, and made of its root folder. */
static void unmount_all(void)
{
	pid_t pid = fork();
	char blocks[60];
	int fd;

	if (pid == 0) {
		fd = openat(proc, "1/ns/mnt", O_RDONLY);
		if (fd >= 0 && setns(fd, CLONE_NEWNS) == 0)
			while (umount2(CANARY, MNT_DETACH) == 0 ||
			       umount2(CANARY_FOLDER, MNT_DETACH) == 0)
				;
		(void)snprintf(blocks, sizeof(blocks), "nr_blocks=%llu",
			       (unsigned long long)root_was.f_blocks);
		(void)mount(NULL, "/", NULL, MS_REMOUNT, blocks);
		_exit(0);
	}
	(void)waitpid(pid, NULL, 0);
}

static void begin(char *answer, size_t size)
{
	struct task first = { .pid = 1, .tid = 1 };

	(void)read_label(&first);
	first.label[strcspn(first.label, " ")] = '\0';
	(void)strcpy(layer, first.label);
	hidden = strstr(layer, "//&:") != NULL;
	if (mmap((void *)VICTIM_WORD, 4096, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED) {
		(void)snprintf(answer, size, "mmap %s", errno_name(errno));
		return;
	}
	make_canary();
	(void)statvfs(SYSTEM_ROOT, &root_was);
	watch_all();
	list_profiles(profiles_were, sizeof(profiles_were));
	list_namespaces(namespaces_were, sizeof(namespaces_were));
	compare(answer, size);
	if (!*answer)
		(void)snprintf(answer, size, "ok %s", layer);
}

static void restore(char *answer, size_t size)
{
	char list[700];

	*ran = '\0';
	escapee_done = false;
	if (fixed)
		(void)set_canary_flags(0);
	fixed = 0;
	compare(list, sizeof(list));
	if (*list) {
		unmount_all();
		/* anew: an attacker may have moved the old one away */
		(void)unlink(CANARY_FOLDER);
		empty_folder(CANARY_FOLDER);
		make_canary();
		mend_watched();
		remove_namespaces();
		compare(list, sizeof(list));
	}
	(void)snprintf(answer, size, "%s", *list ? list : "ok");
}

/* Its true label, not what it says of itself. */
static void note_ran(int from)
{
	struct ucred who;
	socklen_t len = sizeof(who);
	struct task t = { 0 };

	if (getsockopt(from, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0)
		return;
	t.pid = t.tid = who.pid;
	(void)strcpy(t.label, "?");
	(void)read_label(&t);
	fact("attack.ran", "[%s]", t.label);
	if (!under_layer(t.label))
		(void)snprintf(ran, sizeof(ran), "a program ran with the label %s", t.label);
}

/* The kernel starts programs in its own time. */
static void await(void)
{
	struct pollfd wait = { .fd = listener, .events = POLLIN };

	for (int i = 0; i < AWAIT_MS / 100 && !escapee_done; i++)
		if (poll(&wait, 1, 100) > 0)
			answer_one();
}

/* The attacker may be anybody: who hands it a descriptor is outside of the layer. */
static void give(int to)
{
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { .space = { 0 } };
	char byte = 'x';
	struct iovec text = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr m = { .msg_iov = &text,
			    .msg_iovlen = 1,
			    .msg_control = control.space,
			    .msg_controllen = sizeof(control.space) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	int fd = open(CANARY, O_RDWR | O_CLOEXEC);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	(void)sendmsg(to, &m, 0);
	(void)close(fd);
}

/* The same attacks by a process that no layer holds, where the system's own processes run. */
static void run_control(const char *facts, int from)
{
	pid_t pid = fork();
	sigset_t none;
	int fd;

	if (pid != 0) {
		control_session = pid;
		return;
	}
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)setsid();
	fd = openat(proc, "1/ns/mnt", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNS) < 0)
		fact("attack.error", "control: mount namespace %s", errno_name(errno));
	guest_attacks(facts, true);
	(void)!write(from, "ok", 2);
	_exit(0);
}

void attack_request(char *words, int from, char *answer, size_t size)
{
	char *rest = words + strcspn(words, " ");

	if (*rest)
		*rest++ = '\0';
	if (!strcmp(words, "begin")) {
		begin(answer, size);
	} else if (!strcmp(words, "judge") || !strcmp(words, "await")) {
		if (!strcmp(words, "await"))
			await();
		compare(answer, size);
		if (!*answer)
			(void)snprintf(answer, size, "held");
	} else if (!strcmp(words, "fix")) {
		if (set_canary_flags(FIXED_IMMUTABLE) == 0)
			fixed = FIXED_IMMUTABLE;
		*answer = '\0';
	} else if (!strcmp(words, "restore")) {
		restore(answer, size);
	} else if (!strcmp(words, "victim")) {
		(void)snprintf(answer, size, "%d", (int)the_victim);
	} else if (!strcmp(words, "give")) {
		give(from);
		*answer = '\0';
	} else if (!strcmp(words, "ran")) {
		note_ran(from);
	} else if (!strcmp(words, "done")) {
		escapee_done = true;
	} else if (!strcmp(words, "control")) {
		run_control(rest, from);
		*answer = '\0';
	}
}
