// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stack/keeper.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "jobs.h"
#include "stack/enter.h"

#define SIGNALLED 128 /* and the signal: a shell's status of who was killed */
#define PAUSE_MIN_MS 10
#define PAUSE_MAX_MS 1000

/* What the keeper tells the front. In the other direction go numbers of signals. */
enum news {
	NEWS_STARTED, /* value: the command's pid, or 0 */
	NEWS_STOPPED, /* value: by which signal */
	NEWS_ENDED,   /* value: as from waitpid() */
	NEWS_FAILED,  /* said why, and nothing is left */
};

struct message {
	enum news news;
	int value;
};

/* How the caller had set what this program needs otherwise; the command gets it back. */
struct manners {
	sigset_t mask;
	struct sigaction on_hup, on_int, on_term, on_child;
};

/* One of the two processes. */
struct side {
	const struct kept *what;
	struct manners manners;
	int signals; /* of signalfd(2) */
	int peer;    /* -1: there is nobody any more */
	pid_t front;
	pid_t keeper;
	pid_t command; /* 0: not started, or ended */
	int status;    /* of the command, once `ended` */
	bool ended;
	bool childless; /* all that came from the command have ended */
};

/* --- signals --- */

static void take_signals(struct manners *was)
{
	struct sigaction plain = { .sa_handler = SIG_DFL };
	sigset_t all;

	sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &was->mask);
	(void)sigaction(SIGHUP, NULL, &was->on_hup);
	(void)sigaction(SIGINT, NULL, &was->on_int);
	(void)sigaction(SIGTERM, NULL, &was->on_term);
	(void)sigaction(SIGCHLD, &plain, &was->on_child);
}

static void give_signals_back(const struct manners *was)
{
	(void)sigaction(SIGHUP, &was->on_hup, NULL);
	(void)sigaction(SIGINT, &was->on_int, NULL);
	(void)sigaction(SIGTERM, &was->on_term, NULL);
	(void)sigaction(SIGCHLD, &was->on_child, NULL);
	(void)sigprocmask(SIG_SETMASK, &was->mask, NULL);
}

static int open_signals(void)
{
	sigset_t all;

	sigfillset(&all);
	return signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
}

/*
 * Has the command got it already? From the terminal, as all of its process group have; or it comes from within the namespace, where
 * passing on what a script sends to its own group would go round for ever.
 */
static bool has_got(const struct side *s, const struct signalfd_siginfo *info)
{
	return info->ssi_code == SI_KERNEL ||
	       (info->ssi_pid && space_has(s->what->space, (pid_t)info->ssi_pid));
}

/* As the command ended, so that the caller sees the same. */
static int end_as(int status)
{
	const struct rlimit no_core = { 0, 0 };
	sigset_t one;

	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	sigemptyset(&one);
	sigaddset(&one, WTERMSIG(status));
	(void)setrlimit(RLIMIT_CORE, &no_core);
	(void)signal(WTERMSIG(status), SIG_DFL);
	(void)raise(WTERMSIG(status));
	(void)sigprocmask(SIG_UNBLOCK, &one, NULL);
	return SIGNALLED + WTERMSIG(status);
}

/* --- both --- */

static void tell(const struct side *s, enum news news, int value)
{
	const struct message m = { news, value };

	if (s->peer >= 0)
		(void)send(s->peer, &m, sizeof(m), MSG_NOSIGNAL);
}

static void pause_for(long ms)
{
	const struct timespec time = { ms / 1000, ms % 1000 * 1000000L };

	(void)nanosleep(&time, NULL);
}

/*
 * The next thing that the other one said; false: it is gone. An end that closes with something unread gives the other one ECONNRESET
 * once, in front of what it had said before (net/unix/af_unix.c, unix_release_sock(); net/core/datagram.c asks for errors first).
 */
static bool hear(const struct side *s, void *what, size_t n)
{
	ssize_t r = recv(s->peer, what, n, 0);

	if (r < 0 && errno == ECONNRESET)
		r = recv(s->peer, what, n, 0);
	return r == (ssize_t)n;
}

/* Stops as the command did, until somebody lets both go on. */
static void stop_too(struct side *s, int sig)
{
	if (getpid() == s->keeper)
		tell(s, NEWS_STOPPED, sig);
	else
		(void)raise(SIGSTOP);
}

/* Waits for all who have ended or stopped; of these the command alone matters. */
static void reap(struct side *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		if (pid != s->command)
			continue;
		if (WIFSTOPPED(status)) {
			stop_too(s, WSTOPSIG(status));
			continue;
		}
		s->command = 0;
		s->status = status;
		s->ended = true;
	}
	s->childless = pid < 0 && errno == ECHILD;
}

/* True: removed, or never there. False: somebody is in it. */
static bool remove_now(const struct side *s)
{
	const struct space *space = s->what->space;
	pid_t who = 0;
	int r;

	/* without a child nobody forks unseen; who entered from elsewhere is seen by its label */
	if (s->childless)
		r = space_look(space, &who) == SPACE_TASKS ? -EBUSY : space_remove(space);
	else
		r = space_remove_empty(space, &who);
	if (r == -EBUSY)
		return false;
	if (r < 0)
		say("cannot remove the policy namespace '%s': %s", space->name, strerror(-r));
	else
		lease_end(s->what->lease);
	return true;
}

static void remove_in_time(const struct side *s)
{
	for (long ms = PAUSE_MIN_MS; !remove_now(s); ms = ms < PAUSE_MAX_MS ? 2 * ms : ms)
		pause_for(ms);
}

/* --- the keeper --- */

static bool fill(const struct kept *what)
{
	bool ok = true;

	for (size_t i = 0; ok && i < what->policy->n; i++)
		ok = space_load(what->space, what->policy->item[i]);
	return ok;
}

/* Is the front still there? */
static bool has_peer(const struct side *s)
{
	struct pollfd p = { .fd = s->peer };

	return poll(&p, 1, 0) == 0;
}

static _Noreturn void become_command(const struct side *s)
{
	give_signals_back(&s->manners);
	if (!enter_display() || !enter_on_exec(s->what->label))
		_exit(EXIT_OWN);
	_exit(enter_execute(s->what->command));
}

/* Makes the namespace and starts the command. Signals end this program until then, and nothing is left. */
static bool start(struct side *s)
{
	const sigset_t *mask = &s->manners.mask;
	sigset_t all;
	bool made, ok;

	catch_signals();
	(void)sigprocmask(SIG_SETMASK, mask, NULL);
	made = space_make(s->what->space);
	ok = made && fill(s->what);
	sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	ok = ok && !interrupted() && has_peer(s);
	if (ok && s->what->command) {
		s->command = fork();
		if (s->command == 0)
			become_command(s);
		if (s->command < 0)
			say("cannot start a process: %s", strerror(errno));
		ok = s->command > 0;
	}
	if (made && !ok && space_remove(s->what->space) < 0)
		say("cannot remove the policy namespace '%s' again: %s", s->what->space->name,
		    strerror(errno));
	return ok;
}

static void point_to_null(int from, int to)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = from; null >= 0 && fd <= to; fd++)
		(void)dup2(null, fd);
	if (null >= 0)
		(void)close(null);
}

/* What the caller had open is not the keeper's, who may outlive the command. */
static void close_others(const struct side *s)
{
	const int own[] = { s->what->space->dir, s->what->lease->fd, s->signals, s->peer,
			    s->what->watched };
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		int fd = (int)strtol(entry->d_name, NULL, 10);
		bool keep = fd <= STDERR_FILENO || fd == dirfd(dir);

		for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
			keep = keep || fd == own[i];
		if (!keep)
			(void)close(fd);
	}
	if (dir)
		(void)closedir(dir);
}

/* Out of the way: no terminal, no folder, no pipe that somebody waits to see closed; the last to be killed for want of memory. */
static void withdraw(const struct side *s)
{
	const char *score = "-1000";

	(void)setsid();
	if (chdir("/") < 0)
		say("cannot go to /: %s", strerror(errno));
	point_to_null(STDIN_FILENO, STDOUT_FILENO);
	close_others(s);
	(void)write_file("/proc/self/oom_score_adj", score, strlen(score));
}

static void leave_front(struct side *s)
{
	if (s->peer >= 0)
		(void)close(s->peer);
	s->peer = -1;
	point_to_null(STDERR_FILENO, STDERR_FILENO);
}

static void read_signals(struct side *s,
			 void (*other)(struct side *, const struct signalfd_siginfo *))
{
	struct signalfd_siginfo info;

	while (read(s->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			reap(s);
		else
			other(s, &info);
	}
}

/* What came while the command was being started: from the front, or from the terminal, whose group the keeper then leaves. */
static void pass_on_late(struct side *s, const struct signalfd_siginfo *info)
{
	if (s->command > 0 && (info->ssi_code == SI_KERNEL || (pid_t)info->ssi_pid == s->front))
		(void)kill(s->command, (int)info->ssi_signo);
}

/* What the front passes on. */
static void hear_front(struct side *s)
{
	int sig;

	if (!hear(s, &sig, sizeof(sig)))
		leave_front(s);
	else if (s->command > 0)
		(void)kill(s->command, sig);
}

/* Until the command has ended, and all that came of it; or the process that is watched. */
static void guard(struct side *s)
{
	struct pollfd p[] = {
		{ .fd = s->signals, .events = POLLIN },
		{ .fd = s->peer, .events = POLLIN },
		{ .fd = s->what->command ? -1 : s->what->watched, .events = POLLIN },
	};
	bool over = false, told = false;

	while (!over) {
		p[1].fd = s->peer;
		if (poll(p, 3, -1) < 0 && errno != EINTR)
			return;
		if (p[0].revents)
			read_signals(s, pass_on_late);
		if (s->peer >= 0 && p[1].revents)
			hear_front(s);
		over = s->what->command ? s->ended && s->childless : p[2].revents != 0;
		if (s->ended && !s->childless && !told) {
			tell(s, NEWS_ENDED, s->status);
			told = true;
		}
	}
}

static _Noreturn void be_keeper(struct side *s)
{
	bool gone;

	s->keeper = getpid();
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	lease_name(s->what->lease, s->keeper);
	s->signals = open_signals();
	if (s->signals < 0 || !start(s)) {
		lease_end(s->what->lease);
		tell(s, NEWS_FAILED, 0);
		_exit(EXIT_OWN);
	}
	tell(s, NEWS_STARTED, (int)s->command);
	withdraw(s);
	if (!s->what->command)
		leave_front(s);
	guard(s);
	gone = remove_now(s);
	tell(s, NEWS_ENDED, s->status);
	leave_front(s);
	if (!gone)
		remove_in_time(s);
	_exit(0);
}

/* --- the front --- */

/* Until the command is there, the keeper itself is to end; from the terminal it has the signal, too. */
static void pass_on(struct side *s, const struct signalfd_siginfo *info)
{
	int sig = (int)info->ssi_signo;

	if (has_got(s, info))
		return;
	if (s->peer < 0 && s->command > 0)
		(void)kill(s->command, sig);
	else if (s->command > 0)
		(void)send(s->peer, &sig, sizeof(sig), MSG_NOSIGNAL);
	else if (s->peer >= 0 && !s->ended)
		(void)kill(s->keeper, sig);
}

/* The keeper was killed: its children are this process's now. */
static int take_over(struct side *s)
{
	bool known = s->command > 0;

	(void)close(s->peer);
	s->peer = -1;
	lease_name(s->what->lease, getpid());
	reap(s);
	while (!s->childless) {
		struct pollfd p = { .fd = s->signals, .events = POLLIN };

		(void)poll(&p, 1, -1);
		read_signals(s, pass_on);
	}
	remove_in_time(s);
	if (known && s->ended)
		return end_as(s->status);
	say("the process that keeps the policy namespace '%s' was killed before the command was "
	    "started; nothing is left",
	    s->what->space->name);
	return EXIT_OWN;
}

/* True: this process ends, with *ret. */
static bool hear_keeper(struct side *s, int *ret)
{
	struct message m;

	if (!hear(s, &m, sizeof(m))) {
		*ret = take_over(s);
		return true;
	}
	switch (m.news) {
	case NEWS_STARTED:
		s->command = m.value;
		*ret = 0;
		return !s->what->command;
	case NEWS_STOPPED:
		stop_too(s, m.value);
		return false;
	case NEWS_ENDED:
		*ret = end_as(m.value);
		return true;
	case NEWS_FAILED:
		*ret = EXIT_OWN;
		return true;
	}
	return false;
}

static int be_front(struct side *s)
{
	struct pollfd p[] = {
		{ .fd = s->signals, .events = POLLIN },
		{ .fd = s->peer, .events = POLLIN },
	};
	int ret = EXIT_OWN;

	for (;;) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return EXIT_OWN;
		if (p[1].revents && hear_keeper(s, &ret))
			return ret;
		if (p[0].revents)
			read_signals(s, pass_on);
	}
}

int keep(const struct kept *what)
{
	struct side s = { .what = what, .peer = -1, .front = getpid() };
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		say("cannot make a socket: %s", strerror(errno));
		return EXIT_OWN;
	}
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	take_signals(&s.manners);
	s.keeper = fork();
	s.peer = pair[s.keeper == 0];
	if (s.keeper >= 0)
		(void)close(pair[s.keeper != 0]);
	if (s.keeper == 0)
		be_keeper(&s);
	s.signals = s.keeper > 0 ? open_signals() : -1;
	if (s.keeper < 0 || s.signals < 0) {
		say("cannot start a process: %s", strerror(errno));
		return EXIT_OWN;
	}
	return be_front(&s);
}
