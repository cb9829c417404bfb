// SPDX-License-Identifier: LGPL-2.1-or-later
#include "jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t stop_signal;

static void on_signal(int sig)
{
	stop_signal = sig;
}

void catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal }; /* no SA_RESTART: waitpid() returns */

	sigemptyset(&sa.sa_mask);
	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
	(void)sigaction(SIGHUP, &sa, NULL);
}

bool interrupted(void)
{
	return stop_signal != 0;
}

static const char *progress;

void show_progress(const char *what)
{
	progress = what && isatty(STDERR_FILENO) ? what : NULL;
}

/* One job is no progress to be shown. */
static void draw_progress(size_t done, size_t n)
{
	if (progress && n > 1)
		fprintf(stderr, "\r%s: %zu of %zu", progress, done, n);
}

static void wipe_progress(size_t n)
{
	if (progress && n > 1)
		fprintf(stderr, "\r%*s\r", (int)strlen(progress) + 48, "");
}

static bool redirect(const char *path, int flags, int fd)
{
	int from = open(path ? path : "/dev/null", flags, 0644);

	return from >= 0 && dup2(from, fd) == fd;
}

/* In the child. The status 127 with a word on its standard error says why it did not start. */
static void become(const struct job *job)
{
	const char *why = "cannot open its output";
	const int out = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;

	/* Who is killed leaves nobody behind: a parser may run for long (prctl(2)). */
	(void)prctl(PR_SET_PDEATHSIG, job->gentle ? SIGTERM : SIGKILL);
	if ((job->loud || redirect(job->err, out, STDERR_FILENO)) &&
	    redirect(job->out, out, STDOUT_FILENO) &&
	    redirect(NULL, O_RDONLY | O_CLOEXEC, STDIN_FILENO)) {
		why = job->cwd;
		if (!job->cwd || chdir(job->cwd) == 0) {
			why = job->argv.item[0];
			execv(job->argv.item[0], job->argv.item);
		}
	}
	why = format("%s: %s\n", why, strerror(errno));
	if (write(STDERR_FILENO, why, strlen(why)) < 0)
		_exit(126);
	_exit(127);
}

static bool start(struct job *job)
{
	if (!job->argv.n || job->argv.item[job->argv.n - 1])
		list_add(&job->argv, NULL);
	job->pid = fork();
	if (job->pid == 0)
		become(job);
	if (job->pid > 0)
		return true;
	say("cannot start %s: %s", job->argv.item[0], strerror(errno));
	return false;
}

static void kill_all(struct job *jobs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (jobs[i].pid > 0)
			(void)kill(jobs[i].pid, jobs[i].gentle ? SIGTERM : SIGKILL);
	}
	for (size_t i = 0; i < n; i++) {
		while (jobs[i].pid > 0 && waitpid(jobs[i].pid, NULL, 0) < 0 && errno == EINTR)
			;
		jobs[i].pid = 0;
	}
}

/* Waits for one of them. False where a signal came instead. */
static bool wait_one(struct job *jobs, size_t n)
{
	int status;
	pid_t pid = waitpid(-1, &status, 0);

	for (size_t i = 0; pid > 0 && i < n; i++) {
		if (jobs[i].pid == pid) {
			jobs[i].pid = 0;
			jobs[i].status = status;
		}
	}
	return pid > 0 || errno == EINTR;
}

static size_t count_running(const struct job *jobs, size_t n)
{
	size_t running = 0;

	for (size_t i = 0; i < n; i++)
		running += jobs[i].pid > 0;
	return running;
}

bool run_jobs(struct job *jobs, size_t n)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	size_t width = cpus > 0 ? (size_t)cpus : 1;
	size_t started = 0, low = 0;
	bool ok = true;

	for (;;) {
		while (low < started && jobs[low].pid == 0)
			low++;
		if (interrupted() || !ok)
			break;
		if (started < n && count_running(jobs + low, started - low) < width)
			ok = start(&jobs[started++]);
		else if (low < started)
			ok = wait_one(jobs + low, started - low);
		else
			break;
		draw_progress(started - count_running(jobs + low, started - low), n);
	}
	wipe_progress(n);
	if (ok && low == n && !interrupted())
		return true;
	kill_all(jobs + low, started - low);
	if (interrupted())
		say("stopped by signal %d: nothing was changed", (int)stop_signal);
	return false;
}

void free_jobs(struct job *jobs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		list_free(&jobs[i].argv);
		free(jobs[i].out);
		free(jobs[i].err);
	}
	free(jobs);
}
