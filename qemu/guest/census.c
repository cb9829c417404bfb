/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What label has a program that the kernel starts by itself? Each of the kernel's ways to do so is made to
 * go, the program tells the observer outside what it reads of its own label, and the observer tells what
 * it sees itself:
 *   census.helper.KIND=LABEL, tells LABEL
 * KIND-child is a program that the first has started. Where policy does not let a confined task set such a
 * program up, the image, the kernel command line or the observer has done so before.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "attack.h"
#include "guest.h"
#include "outside.h"

#define HELPER ROOM "/helper"
#define CHILD "-child"
#define LIMIT 50 /* tenths of a second */

/* The observer's side: how many programs have spoken. */
static int told;

static void note_helper(char *words, int from)
{
	char *own = words + strcspn(words, " "), key[100];
	struct ucred who;
	socklen_t len = sizeof(who);
	struct task t = { .label = "?" };

	if (*own)
		*own++ = '\0';
	if (getsockopt(from, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0)
		return;
	t.pid = t.tid = who.pid;
	(void)read_label(&t);
	(void)snprintf(key, sizeof(key), "census.helper.%s", words);
	fact(key, "%s, tells %s", t.label, own);
	told++;
	watch_tasks();
}

/* In a child, so that the observer stays where it is. */
static int release_outside(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(chdir(ROOM) < 0 ? errno : release_cgroup_to(ROOM "/release"));
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return errno;
	return WEXITSTATUS(status);
}

/* A program without a path, which somebody outside of the layer has named. */
static int name_memfd(void)
{
	int fd = memfd_create("helper", 0), err;
	char pattern[100];

	err = fd < 0 ? errno : copy_program(HELPER, fd);
	if (err)
		return err;
	(void)snprintf(pattern, sizeof(pattern), "|/proc/%d/fd/%d helper memfd", (int)getpid(), fd);
	fd = openat(proc, "sys/kernel/core_pattern", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, pattern, strlen(pattern)) < 0)
		return errno;
	(void)close(fd);
	return 0;
}

void census_request(char *words, int from, char *answer, size_t size)
{
	if (!strncmp(words, "told ", 5))
		note_helper(words + 5, from);
	else if (!strcmp(words, "count"))
		(void)snprintf(answer, size, "%d", told);
	else if (!strcmp(words, "release"))
		(void)snprintf(answer, size, "%s", errno_name(release_outside()));
	else if (!strcmp(words, "memfd"))
		(void)snprintf(answer, size, "%s", errno_name(name_memfd()));
}

/* The program that the kernel has started. */
int guest_helper(const char *kind)
{
	char label[300] = "?", request[500], answer[40];

	(void)read_small("/proc/self/attr/apparmor/current", label, sizeof(label));
	(void)snprintf(request, sizeof(request), "helper told %s %s", kind, label);
	(void)ask_outside(request, answer, sizeof(answer));
	if (strstr(kind, CHILD))
		return 0;
	if (fork() == 0) {
		(void)snprintf(request, sizeof(request), "%s" CHILD, kind);
		(void)execl(HELPER, HELPER, request, NULL);
		_exit(1);
	}
	(void)wait(NULL);
	return 0;
}

/* The kernel starts programs in its own time. */
static void wait_for(int count)
{
	const struct timespec tenth = { .tv_nsec = 100000000 };
	char answer[40];

	for (int i = 0; i < LIMIT; i++) {
		if (ask_outside("helper count", answer, sizeof(answer)) != 0 ||
		    atoi(answer) >= count)
			return;
		(void)nanosleep(&tenth, NULL);
	}
}

static void ask_and_tell(const char *key, const char *request)
{
	char answer[100];
	int err = ask_outside(request, answer, sizeof(answer));

	fact(key, "%s", err ? errno_name(err) : answer);
}

/* Not closed by any level: an attachment knows a program by its path, and this one has none. */
static void census_of_memfd(void)
{
	ask_and_tell("census.memfd", "helper memfd");
	fact("census.core", "%s", errno_name(dump_core()));
	wait_for(2);
}

static void census_of_paths(void)
{
	ask_observer("census");
	fact("census.core", "%s", errno_name(dump_core()));
	(void)syscall(SYS_request_key, "user", "initward:census", "x", 0);
	ask_and_tell("census.release", "helper release");
	wait_for(8);
}

void guest_census(const char *facts)
{
	ask_and_tell("census.begin", "census before");
	if (strstr(facts, "census-memfd"))
		census_of_memfd();
	else
		census_of_paths();
	ask_and_tell("census.end", "census after");
}
