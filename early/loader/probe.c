// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io.h"
#include "sys.h"

bool is_refused(int dir, const char *path)
{
	return fchownat(dir, path, (uid_t)-1, (gid_t)-1, 0) < 0 && errno == EACCES;
}

bool may_load(int dir, const char *path)
{
	int fd = sys_openat(dir, path, O_WRONLY | O_CLOEXEC, 0);
	/* That it cannot be opened may be a path's doing: only the write asks for mac_admin. */
	bool refused = fd >= 0 && write(fd, "", 1) < 0 && errno == EACCES;

	(void)close(fd);
	return !refused;
}

int probe_main(bool strict)
{
	if (is_refused(AT_FDCWD, CONTROL_PATH))
		return PROBE_UNCLEAR;
	if (!is_refused(AT_FDCWD, PROOF_PATH))
		return PROBE_ALLOWED;
	return strict && may_load(AT_FDCWD, LOAD_PATH) ? PROBE_ADMIN : PROBE_REFUSED;
}

/*
 * Runs in the address space of the parent until execve(): writes nothing but its own exec label,
 * which the kernel keeps for each task.
 */
static int become_probe(struct boot *b)
{
	static char name[] = PROBE_ARGV0;
	/* How many words there are says whether the level is strict. */
	char *const argv[] = { name, b->conf.level == LEVEL_STRICT ? name : NULL, NULL };

	if (!write_once(b, AA_ATTR "/exec", b->exec_command, strlen(b->exec_command)))
		return errno;
	(void)execve("/proc/self/exe", argv, argv + 2);
	return errno;
}

static int read_child_label(struct boot *b, pid_t pid, struct probe_result *ret)
{
	char path[64];
	struct strbuf sb;

	sb_init(&sb, path, sizeof(path));
	sb_str(&sb, "proc/");
	sb_uint(&sb, (uint64_t)pid);
	sb_str(&sb, "/attr/apparmor/current");
	return need_label(b, path, ret->label, sizeof(ret->label));
}

static int read_status(struct boot *b, const siginfo_t *info, struct probe_result *ret)
{
	/* In the module-wide mode "kill" the refusal is the signal. */
	bool killed = b->kill && info->si_code == CLD_KILLED && info->si_status == SIGKILL;

	if (!killed && info->si_code != CLD_EXITED)
		return fail(b, 0, "a signal ended the child under ", b->label, NULL);
	if (!killed && info->si_status < PROBE_ALLOWED)
		return fail(b, info->si_status, "no child can be executed under ", b->label, NULL);
	ret->answer = killed ? PROBE_REFUSED : (enum probe_answer)info->si_status;
	return STEP_OK;
}

int probe_run(struct boot *b, struct probe_result *ret)
{
	siginfo_t info = { .si_code = 0 };
	pid_t pid = vfork();
	int r;

	if (pid == 0)
		_exit(become_probe(b));
	if (pid < 0)
		return fail(b, errno, "no child to prove it", NULL);
	/* WNOWAIT: the label of a task can be read as long as nobody has reaped it. */
	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) < 0)
		return fail(b, errno, "the child is lost", NULL);
	r = read_status(b, &info, ret);
	if (r == STEP_OK)
		r = read_child_label(b, pid, ret);
	(void)waitpid(pid, NULL, 0);
	return r;
}
