// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io.h"
#include "sys.h"

/*
 * What the child is called in /proc/PID/comm once nothing is left but the call that has to be refused. Under the
 * module-wide mode "kill" a refusal that is audited is the end of it, and this tells that it was that one.
 */
#define TRYING "trying"

static void now_trying(void)
{
	(void)syscall(SYS_prctl, (long)PR_SET_NAME, TRYING);
}

bool is_refused(int dir, const char *path)
{
	return fchownat(dir, path, (uid_t)-1, (gid_t)-1, 0) < 0 && errno == EACCES;
}

bool may_load(int dir, const char *path)
{
	int fd = sys_openat(dir, path, O_WRONLY | O_CLOEXEC, 0);
	/* That it cannot be opened may be a path's doing: only the write asks for mac_admin. */
	bool refused;

	now_trying();
	refused = fd >= 0 && write(fd, "", 1) < 0 && errno == EACCES;
	(void)close(fd);
	return !refused;
}

int probe_main(bool admin)
{
	if (admin)
		return may_load(AT_FDCWD, LOAD_PATH) ? PROBE_ADMIN : PROBE_REFUSED;
	if (is_refused(AT_FDCWD, CONTROL_PATH))
		return PROBE_UNCLEAR;
	now_trying();
	return is_refused(AT_FDCWD, PROOF_PATH) ? PROBE_REFUSED : PROBE_ALLOWED;
}

/*
 * Runs in the address space of the parent until execve(): writes nothing but its own exec label,
 * which the kernel keeps for each task.
 */
static int become_probe(struct boot *b, bool admin)
{
	static char name[] = PROBE_ARGV0;
	/* How many words there are says what it has to try. */
	char *const argv[] = { name, admin ? name : NULL, NULL };

	if (!write_once(b, AA_ATTR "/exec", b->exec_command, strlen(b->exec_command)))
		return errno;
	(void)execve("/proc/self/exe", argv, argv + 2);
	return errno;
}

static const char *child_path(pid_t pid, const char *file)
{
	static char path[64];
	struct strbuf sb;

	sb_init(&sb, path, sizeof(path));
	sb_str(&sb, "proc/");
	sb_uint(&sb, (uint64_t)pid);
	sb_str(&sb, file);
	return path;
}

/* In the module-wide mode "kill" the refusal is the signal; it has to be the one that was to come. */
static bool was_killed(struct boot *b, pid_t pid, const siginfo_t *info)
{
	char name[32];

	return b->kill && info->si_code == CLD_KILLED && info->si_status == SIGKILL &&
	       read_line(b, child_path(pid, "/comm"), name, sizeof(name)) > 0 &&
	       strcmp(name, TRYING) == 0;
}

static int read_status(struct boot *b, pid_t pid, const siginfo_t *info, struct probe_result *ret)
{
	bool killed = was_killed(b, pid, info);

	if (!killed && info->si_code != CLD_EXITED)
		return fail(b, 0, "a signal ended the child under ", b->label, NULL);
	if (!killed && info->si_status < PROBE_ALLOWED)
		return fail(b, info->si_status, "no child can be executed under ", b->label, NULL);
	ret->answer = killed ? PROBE_REFUSED : (enum probe_answer)info->si_status;
	return STEP_OK;
}

int probe_run(struct boot *b, bool admin, struct probe_result *ret)
{
	siginfo_t info = { .si_code = 0 };
	pid_t pid = vfork();
	int r;

	if (pid == 0)
		_exit(become_probe(b, admin));
	if (pid < 0)
		return fail(b, errno, "no child to prove it", NULL);
	/* WNOWAIT: the label of a task can be read as long as nobody has reaped it. */
	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) < 0)
		return fail(b, errno, "the child is lost", NULL);
	r = read_status(b, pid, &info, ret);
	if (r == STEP_OK)
		r = need_label(b, child_path(pid, "/attr/apparmor/current"), ret->label,
			       sizeof(ret->label));
	(void)waitpid(pid, NULL, 0);
	return r;
}
