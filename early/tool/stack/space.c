// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stack/space.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "jobs.h"
#include "label.h"
#include "places.h"
#include "stack/tasks.h"
#include "status/gather.h"
#include "util.h"

#define LIMIT_NAME 64
#define LIMIT_STATUS ((size_t)4 << 20)	   /* /proc/stat has a number for each interrupt */
#define INITIAL_USER_NAMESPACE 0xEFFFFFFDU /* include/linux/proc_ns.h, PROC_USER_INIT_INO */
#define TRIES 50
#define PAUSE_MS 20

/* --- its name and its place --- */

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool space_is_name(const char *name)
{
	size_t n = strlen(name);
	bool ok = n && n <= LIMIT_NAME && is_alnum(name[0]);

	for (size_t i = 0; ok && i < n; i++)
		ok = is_alnum(name[i]) || strchr("._-", name[i]);
	if (!ok)
		say("'%s' is no name of a policy namespace: a letter or a digit, then letters, "
		    "digits, \".\", \"_\", \"-\", at most %d",
		    name, LIMIT_NAME);
	return ok;
}

bool space_open(const char *name, struct space *ret)
{
	char *fs = find_apparmorfs(), *path = fs ? path_join(fs, "policy/namespaces") : NULL;
	struct stat st;

	*ret = (struct space){ .name = name, .dir = -1 };
	if (!path)
		say("the interface of AppArmor is not mounted: mount -t securityfs securityfs "
		    "/sys/kernel/security");
	else
		ret->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (path && (ret->dir < 0 || fstat(ret->dir, &st) < 0))
		say("cannot open %s: %s%s", path, strerror(errno),
		    errno == EACCES ? "; a profile wants attach_disconnected for that" : "");
	else if (path)
		ret->view = st.st_ino;
	free(path);
	free(fs);
	return ret->view != 0;
}

void space_close(struct space *s)
{
	if (s->dir >= 0)
		(void)close(s->dir);
	s->dir = -1;
}

bool space_exists(const struct space *s)
{
	return faccessat(s->dir, s->name, F_OK, 0) == 0;
}

/* --- made and removed --- */

static bool is_locked(void)
{
	char *word = read_word("/" AA_PARAMETERS, "lock_policy");
	bool ret = word && *word == 'Y';

	free(word);
	return ret;
}

static bool has_mac_admin(void)
{
	struct text status = { 0 };
	const char *at;
	bool ret = true;

	if (read_file("/proc/self/status", LIMIT_STATUS, &status) == 0 &&
	    (at = strstr(status.data, "\nCapEff:")))
		ret = strtoull(at + 8, NULL, 16) >> CAP_MAC_ADMIN & 1;
	text_free(&status);
	return ret;
}

static bool in_user_namespace(void)
{
	struct stat st;

	return stat("/proc/self/ns/user", &st) == 0 && st.st_ino != INITIAL_USER_NAMESPACE;
}

static void say_no_authority(const char *name, int error)
{
	char *label = NULL, *mode;

	if (is_locked())
		say("cannot make the policy namespace '%s': AppArmor's policy is locked until the "
		    "next boot "
		    "(/" AA_PARAMETERS "/lock_policy)",
		    name);
	else if (!has_mac_admin())
		say("cannot make the policy namespace '%s': this process lacks the capability "
		    "mac_admin: be root, and see what bounds it",
		    name);
	else if (in_user_namespace())
		say("cannot make the policy namespace '%s': in a user namespace that wants "
		    "sysctl kernel.unprivileged_userns_apparmor_policy=1, root of it, and as many "
		    "levels of policy namespaces above "
		    "as of user namespaces",
		    name);
	else if (task_label(getpid(), &label, &mode) == 0 && strcmp(label, "unconfined") != 0)
		say("cannot make the policy namespace '%s': %s: this process's own label, %s, "
		    "refuses it (capability mac_admin, "
		    "or the folder in /sys/kernel/security/apparmor)",
		    name, strerror(error), label);
	else
		say("cannot make the policy namespace '%s': %s: this process is not the "
		    "administrator of policy here: be root, and see "
		    "whether a layer above denies the capability mac_admin",
		    name, strerror(error));
	free(label);
}

bool space_make(const struct space *s)
{
	if (mkdirat(s->dir, s->name, 0755) == 0)
		return true;
	if (errno == EACCES || errno == EPERM)
		say_no_authority(s->name, errno);
	else
		say("cannot make the policy namespace '%s': %s", s->name, strerror(errno));
	return false;
}

int space_remove(const struct space *s)
{
	return unlinkat(s->dir, s->name, AT_REMOVEDIR) == 0 || errno == ENOENT ? 0 : -errno;
}

/* --- its policy --- */

/* Policy that brings its own abstractions, as a container's /etc/apparmor.d does, gets these. */
static bool has_includes(const char *policy)
{
	char *abstractions = path_join(policy, "abstractions"),
	     *tunables = path_join(policy, "tunables");
	bool ret = access(abstractions, F_OK) == 0 || access(tunables, F_OK) == 0;

	free(abstractions);
	free(tunables);
	return ret;
}

static void add_words(struct list *argv, const char *const *words)
{
	for (; *words; words++)
		list_add(argv, dup_str(*words));
}

bool space_load(const struct space *s, const char *policy)
{
	const char *const words[] = { "--replace",   "--skip-cache", "--quiet",
				      "--namespace", s->name,	     NULL };
	const char *const base[] = { "--base", policy, NULL };
	struct job *job = grow(NULL, 1, sizeof(*job));
	char *parser = search_program("apparmor_parser");
	bool ok;

	*job = (struct job){ .loud = true };
	if (!parser) {
		say("apparmor_parser is missing: install the Debian package apparmor");
		free_jobs(job, 1);
		return false;
	}
	list_add(&job->argv, parser);
	add_words(&job->argv, words);
	if (has_includes(policy))
		add_words(&job->argv, base);
	list_add(&job->argv, dup_str(policy));
	ok = run_jobs(job, 1);
	if (ok && job->status != 0) {
		say("cannot load the policy %s into the policy namespace '%s': apparmor_parser "
		    "failed",
		    policy, s->name);
		ok = false;
	}
	free_jobs(job, 1);
	return ok;
}

/* --- its tasks --- */

/* "NS", or one below it, "NS//BELOW". */
static bool is_or_is_below(struct span ns, const char *name)
{
	size_t n = strlen(name);

	return span_starts(ns, name) &&
	       (ns.n == n || (ns.n > n + 2 && memcmp(ns.p + n, "//", 2) == 0));
}

static bool label_has(const char *label, const char *name)
{
	struct span rest = span_of(label), part;

	while (label_next_part(&rest, &part)) {
		if (is_or_is_below(label_take_namespace(&part), name))
			return true;
	}
	return false;
}

bool space_has(const struct space *s, pid_t pid)
{
	char *label = NULL, *mode;
	bool ret = task_label(pid, &label, &mode) == 0 && label_has(label, s->name);

	free(label);
	return ret;
}

/* Forks since the boot, threads too: Documentation/filesystems/proc.rst, "processes". */
static unsigned long long count_forks(void)
{
	struct text text = { 0 };
	const char *at = NULL;
	unsigned long long ret = 0;

	if (read_file("/proc/stat", LIMIT_STATUS, &text) == 0)
		at = strstr(text.data, "\nprocesses ");
	if (at)
		ret = strtoull(at + strlen("\nprocesses "), NULL, 10);
	text_free(&text);
	return ret;
}

/* A thread may have gone another way than the first of its process: aa_change_profile(2) is of one thread. */
static bool threads_have(const struct space *s, pid_t pid)
{
	char *path = format("/proc/%d/task", (int)pid);
	DIR *dir = opendir(path);
	struct dirent *entry;
	bool ret = false;

	while (dir && !ret && (entry = readdir(dir))) {
		if (is_alnum(entry->d_name[0]))
			ret = space_has(s, (pid_t)strtol(entry->d_name, NULL, 10));
	}
	if (dir)
		(void)closedir(dir);
	free(path);
	return ret;
}

enum space_tasks space_look(const struct space *s, pid_t *who)
{
	unsigned long long forks = count_forks();
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	pid_t pid;

	*who = 0;
	while (dir && !*who && (entry = readdir(dir))) {
		pid = (pid_t)strtol(entry->d_name, NULL, 10);
		if (pid > 0 && threads_have(s, pid))
			*who = pid;
	}
	if (dir)
		(void)closedir(dir);
	if (*who)
		return SPACE_TASKS;
	return dir && forks && count_forks() == forks ? SPACE_EMPTY : SPACE_UNSETTLED;
}

int space_remove_empty(const struct space *s, pid_t *who)
{
	const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000L };
	enum space_tasks tasks = SPACE_UNSETTLED;

	for (int i = 0; i < TRIES && tasks == SPACE_UNSETTLED; i++) {
		if (i)
			(void)nanosleep(&pause, NULL);
		tasks = space_look(s, who);
	}
	return tasks == SPACE_EMPTY ? space_remove(s) : -EBUSY;
}
