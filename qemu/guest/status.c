// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What `initward status` says, from every place of this boot where somebody might ask. The program is
 * /guest/initward, the command itself, linked statically. Each key of its JSON text becomes a fact
 * "status.PLACE.KEY", nested ones with dots. And what its verbs about labels do and say: "status.VERB.exit",
 * "status.VERB.text", a line each.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define TOOL ROOM "/initward"
#define OUTPUT ROOM "/status.out"
#define JAIL ROOM "/jail"
#define OWN_PROFILE "appone" /* as long as "global": see load_policy() */

/* --- places: in a child, before the program is executed. 0 or an errno --- */

static int as_user(void)
{
	if (setresgid(1000, 1000, 1000) < 0 || setresuid(1000, 1000, 1000) < 0)
		return errno;
	return 0;
}

static int own_mounts(void)
{
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return errno;
	return 0;
}

static int without(const char *path)
{
	int err = own_mounts();

	if (err)
		return err;
	return umount2(path, MNT_DETACH) < 0 ? errno : 0;
}

static int without_securityfs(void)
{
	return without("/sys/kernel/security");
}

static int user_without_securityfs(void)
{
	int err = without_securityfs();

	return err ? err : as_user();
}

static int without_sysfs(void)
{
	return without("/sys");
}

static int without_proc(void)
{
	return without("/proc");
}

static int proc_read_only(void)
{
	int err = own_mounts();

	if (err)
		return err;
	return mount(NULL, "/proc", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) < 0 ? errno : 0;
}

/* The paths below are other ones to the policy. */
static int in_chroot(void)
{
	(void)mkdir(JAIL, 0755);
	(void)mkdir(JAIL "/guest", 0755);
	(void)mkdir(JAIL "/proc", 0755);
	(void)mkdir(JAIL "/sys", 0755);
	(void)link(TOOL, JAIL TOOL);
	if (mount("proc", JAIL "/proc", "proc", 0, NULL) < 0 ||
	    mount("/sys", JAIL "/sys", NULL, MS_BIND | MS_REC, NULL) < 0 || chroot(JAIL) < 0 ||
	    chdir("/") < 0)
		return errno;
	return 0;
}

static int user_in_chroot(void)
{
	int err = in_chroot();

	return err ? err : as_user();
}

/* As somebody to whom root is "nobody". */
static int in_user_namespace(void)
{
	int err = as_user();

	if (err)
		return err;
	return unshare(CLONE_NEWUSER) < 0 ? errno : 0;
}

/* Process 1 is this program then. */
static int in_pid_namespace(void)
{
	pid_t pid;
	int status = 0;

	if (unshare(CLONE_NEWPID) < 0)
		return errno;
	pid = fork();
	if (pid < 0)
		return errno;
	if (pid > 0) {
		(void)waitpid(pid, &status, 0);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 99);
	}
	if (own_mounts())
		return errno;
	return mount("proc", "/proc", "proc", 0, NULL) < 0 ? errno : 0;
}

/* A profile of its own, which refuses what the global one refuses. */
static int under_own_profile(void)
{
	int err = load_policy(OWN_PROFILE);

	return err ? err : write_small("/proc/self/attr/apparmor/exec", "stack " OWN_PROFILE);
}

/* In hidden mode a profile in the namespace, that has the name of the one above it. */
static int under_own_global(void)
{
	int err = load_policy("global");

	return err ? err : write_small("/proc/self/attr/apparmor/exec", "stack global");
}

/* This process alone is under the stack that the loader would have made for all. */
static int alone_visible(void)
{
	int err = load_policy("global");

	return err ? err : write_small("/proc/self/attr/apparmor/exec", "exec global//&unconfined");
}

static int alone_hidden(void)
{
	int err = load_policy("global");

	(void)mkdir(AA_FS "/policy/namespaces/application", 0755);
	return err ? err
		   : write_small("/proc/self/attr/apparmor/exec",
				 "exec global//&:application:unconfined");
}

static int as_root(void)
{
	return 0;
}

/* --- its output as facts --- */

struct path {
	char text[400];
	size_t end[16]; /* where each level's name ends */
	size_t depth;
};

static void enter(struct path *p, const char *key)
{
	size_t end = p->end[p->depth];

	if (p->depth + 1 >= sizeof(p->end) / sizeof(p->end[0]))
		return;
	(void)snprintf(p->text + end, sizeof(p->text) - end, "%s%s", *key ? "." : "", key);
	p->end[++p->depth] = strlen(p->text);
}

static void leave(struct path *p)
{
	if (p->depth > 0)
		p->depth--;
	p->text[p->end[p->depth]] = '\0';
}

/* A string without its quotes, and quotes in it without their backslash. */
static char *plain(char *value)
{
	size_t len = strlen(value), to = 0;

	if (len < 2 || value[0] != '"' || value[len - 1] != '"')
		return value;
	value[len - 1] = '\0';
	for (char *from = value + 1; *from; from++)
		if (from[0] != '\\' || from[1] != '"')
			value[to++] = *from;
	value[to] = '\0';
	return value;
}

/* One line of json-c's pretty form: a key with its value, a bracket, or a value of a list. */
static void say_line(struct path *p, char *line)
{
	char *key = line + strspn(line, " "), *value = key, *colon;
	size_t len;

	key[strcspn(key, "\n")] = '\0';
	len = strlen(key);
	if (len > 0 && key[len - 1] == ',')
		key[--len] = '\0';
	if (len == 0)
		return;
	colon = key[0] == '"' ? strstr(key, "\":") : NULL;
	if (colon) {
		value = colon + 2;
		colon[1] = '\0';
		key = plain(key);
	}
	if (!strcmp(value, "{") || !strcmp(value, "[")) {
		enter(p, colon ? key : "");
	} else if (!strcmp(value, "}") || !strcmp(value, "]")) {
		leave(p);
	} else {
		enter(p, colon ? key : "");
		fact(p->text, "%s", plain(value));
		leave(p);
	}
}

static void say_json(const char *place)
{
	FILE *f = fopen(OUTPUT, "re");
	static char line[4000];
	struct path p = { .depth = 0 };

	(void)snprintf(p.text, sizeof(p.text), "status.%s", place);
	p.end[0] = strlen(p.text);
	while (f && fgets(line, sizeof(line), f))
		say_line(&p, line);
	if (f)
		(void)fclose(f);
}

/* What was said in words, line by line. */
static void say_text(const char *key)
{
	char line[1200];
	FILE *f = fopen(OUTPUT, "re");

	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		fact(key, "%s", line + strspn(line, " "));
	}
	if (f)
		(void)fclose(f);
}

/* Runs it in its place, its output in OUTPUT. The exit status, or 99 where it could not be run. */
static int run_tool(char **argv, int (*go)(void))
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		int fd = open(OUTPUT, O_WRONLY | O_CREAT | O_TRUNC, 0644);

		if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0 || go())
			_exit(99);
		(void)execv(TOOL, argv);
		_exit(99);
	}
	if (pid > 0)
		(void)waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void run(const char *place, const char *what, int (*go)(void), char *option)
{
	static char name[] = "initward", verb[] = "status";
	char *argv[] = { name, verb, option, NULL };
	char key[100];

	(void)snprintf(key, sizeof(key), "status.%s.%s", place, what);
	fact(key, "%d", run_tool(argv, go));
}

static void ask(const char *place, int (*go)(void))
{
	static char json[] = "--json";
	char key[100];

	run(place, "exit", go, json);
	say_json(place);
	run(place, "exit.text", go, NULL);
	(void)snprintf(key, sizeof(key), "status.%s.text", place);
	say_text(key);
}

/* --- the verbs about labels --- */

static void ask_verb(char **argv)
{
	char key[100];

	(void)snprintf(key, sizeof(key), "status.%s.exit", argv[1]);
	fact(key, "%d", run_tool(argv, as_root));
	(void)snprintf(key, sizeof(key), "status.%s.text", argv[1]);
	say_text(key);
}

static void ask_verbs(void)
{
	static char name[] = "initward", label[] = "label", exec[] = "exec", run[] = "run";
	static char unconfined[] = "unconfined", option[] = "-n", ns[] = "one", tool[] = TOOL;
	char *of_self[] = { name, label, NULL };
	char *executed[] = { name, exec, unconfined, tool, label, NULL };
	char *in_namespace[] = { name, run, option, ns, tool, label, NULL };

	ask_verb(of_self);
	ask_verb(executed);
	ask_verb(in_namespace);
	fact("status.run.left", "%s",
	     errno_name(access(AA_FS "/policy/namespaces/one", F_OK) ? errno : 0));
}

/* --- from outside of the stack: the observer --- */

/* What somebody outside does to the layer, and what is then said inside. */
void guest_status_outside(const char *word)
{
	if (!strcmp(word, "ask"))
		ask("outside", as_root);
	else if (!strcmp(word, "mode"))
		fact("status.change.mode", "%s",
		     errno_name(write_small(AA_PARAMS "/mode", "complain")));
	else if (!strcmp(word, "audit"))
		fact("status.change.audit", "%s",
		     errno_name(write_small(AA_PARAMS "/audit", "noquiet")));
	else if (!strcmp(word, "restore"))
		(void)(write_small(AA_PARAMS "/mode", "enforce") ||
		       write_small(AA_PARAMS "/audit", "normal"));
	else if (!strcmp(word, "remove"))
		fact("status.change.remove", "%s",
		     errno_name(write_small(AA_FS "/.remove", "global")));
}

static void change(const char *word, const char *root, const char *user)
{
	char request[60];

	(void)snprintf(request, sizeof(request), "status-%s", word);
	ask_observer(request);
	ask(root, as_root);
	ask(user, as_user);
}

/* What it reads the log from, where the image has no devices. */
static void make_kmsg(void)
{
	(void)mknod("/dev/kmsg", S_IFCHR | 0644, makedev(1, 11));
}

void guest_status(void)
{
	make_kmsg();
	ask("root", as_root);
	ask("user", as_user);
	ask("no-securityfs", without_securityfs);
	ask("user-no-securityfs", user_without_securityfs);
	ask("no-sysfs", without_sysfs);
	ask("no-proc", without_proc);
	ask("proc-read-only", proc_read_only);
	ask("chroot", in_chroot);
	ask("user-chroot", user_in_chroot);
	ask("user-namespace", in_user_namespace);
	ask("pid-namespace", in_pid_namespace);
	ask("own-profile", under_own_profile);
	ask("own-global", under_own_global);
	ask_observer("status-ask");
	change("mode", "root-mode", "user-mode");
	change("audit", "root-audit", "user-audit");
	ask_observer("status-restore");
	change("remove", "root-removed", "user-removed");
}

/* Without the loader's layer: what one process does to itself says nothing about the system. */
void guest_status_alone(void)
{
	make_kmsg();
	ask("root", as_root);
	ask("user", as_user);
	ask("no-securityfs", without_securityfs);
	ask("no-sysfs", without_sysfs);
	ask("alone-visible", alone_visible);
	ask_verbs();
	ask("alone-hidden", alone_hidden);
}

/* --- initward seal: in the order in which it changes this boot --- */

static void seal(const char *what, int (*go)(void), char *first, char *second, char *third)
{
	static char name[] = "initward", verb[] = "seal";
	char *argv[] = { name, verb, first, second, third, NULL };
	char key[100];

	(void)snprintf(key, sizeof(key), "seal.%s.exit", what);
	fact(key, "%d", run_tool(argv, go));
	(void)snprintf(key, sizeof(key), "seal.%s.text", what);
	say_text(key);
	(void)snprintf(key, sizeof(key), "seal.%s.locked", what);
	fact_from_file(key, AA_PARAMS "/lock_policy");
}

void guest_seal(void)
{
	static char dry[] = "--dry-run", lockdown[] = "--lockdown", no_kexec[] = "--no-kexec";

	make_kmsg();
	seal("user", as_user, NULL, NULL, NULL);
	seal("chroot", in_chroot, NULL, NULL, NULL);
	seal("dry", as_root, dry, lockdown, no_kexec);
	fact("seal.load.before", "%s", errno_name(load_policy("before")));
	seal("only", as_root, NULL, NULL, NULL);
	fact("seal.load.after", "%s", errno_name(load_policy("after.")));
	fact("seal.unlock", "%s", errno_name(write_small(AA_PARAMS "/lock_policy", "0")));
	seal("all", as_root, lockdown, no_kexec, NULL);
	fact_from_file("seal.lockdown", "/sys/kernel/security/lockdown");
	fact_from_file("seal.kexec", "/proc/sys/kernel/kexec_load_disabled");
	seal("again", as_root, lockdown, no_kexec, NULL);
	ask("sealed", as_root);
}
