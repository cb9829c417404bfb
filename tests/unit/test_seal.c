// SPDX-License-Identifier: LGPL-2.1-or-later
// of: tool
// wrap: gather open write access posix_spawn waitpid say
/* initward seal: when it sets what, in which order, and what it says it came to. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <unistd.h>

#include "seal/latch.h"
#include "status/gather.h"
#include "tool.h"

/* A machine: what its three files hold and refuse. */
static struct {
	enum standing standing;
	const char *text[LATCH_COUNT]; /* NULL: the file is not there */
	int refuses[LATCH_COUNT];      /* errno of a write, or of open() where it has no trial */
	bool in_vain[LATCH_COUNT];
	bool has_program;   /* which then writes the lock, */
	int program_status; /* or ends with this one of waitpid(), */
	int program_cannot; /* or cannot be executed */
	char said[400];	    /* the last message */
	int fd[LATCH_COUNT];
	char done[200]; /* what was written that changed something */
} m;

static const char *const paths[LATCH_COUNT] = {
	[LATCH_LOCKDOWN] = "/sys/kernel/security/lockdown",
	[LATCH_KEXEC] = "/proc/sys/kernel/kexec_load_disabled",
	[LATCH_POLICY] = "/sys/module/apparmor/parameters/lock_policy",
};

static const char *const open_text[LATCH_COUNT] = {
	[LATCH_LOCKDOWN] = "[none] integrity confidentiality\n",
	[LATCH_KEXEC] = "0\n",
	[LATCH_POLICY] = "N\n",
};

static const char *const set_text[LATCH_COUNT] = {
	[LATCH_LOCKDOWN] = "none [integrity] confidentiality\n",
	[LATCH_KEXEC] = "1\n",
	[LATCH_POLICY] = "Y\n",
};

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
ssize_t __real_write(int fd, const void *data, size_t n);
ssize_t __wrap_write(int fd, const void *data, size_t n);
int __real_access(const char *path, int mode);
int __wrap_access(const char *path, int mode);
void __wrap_gather(struct evidence *ret);
int __wrap_posix_spawn(pid_t *pid, const char *path, const void *actions, const void *attributes,
		       char *const argv[], char *const envp[]);
pid_t __wrap_waitpid(pid_t pid, int *status, int options);
void __wrap_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

void __wrap_say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(m.said, sizeof(m.said), fmt, ap);
	va_end(ap);
}

/* judge() makes of each what its name says. */
void __wrap_gather(struct evidence *ret)
{
	const bool hidden = m.standing == STANDING_CONFINED || m.standing == STANDING_COMPLAIN;

	*ret = (struct evidence){
		.apparmor = APPARMOR_ON,
		.procfs = true,
		.proof = m.standing == STANDING_CONFINED ? TRIAL_REFUSED : TRIAL_ALLOWED,
		.control = m.standing == STANDING_UNKNOWN ? TRIAL_REFUSED : TRIAL_ALLOWED,
		.pid_namespace = PLACE_FIRST,
		.root = PLACE_FIRST,
		.own_label = strdup("unconfined"),
		.init_label = strdup("unconfined"),
		.ns_stacked = strdup(hidden ? "yes" : "no"),
		.ns_level = strdup(hidden ? "1" : "0"),
		.ns_name = strdup(hidden ? "application" : "root"),
	};
}

static int fail_with(int err)
{
	errno = err;
	return -1;
}

int __wrap_open(const char *path, int flags, ...)
{
	for (enum latch l = 0; l < LATCH_COUNT; l++) {
		int fd;

		if (strcmp(path, paths[l]) != 0)
			continue;
		if (!m.text[l])
			return fail_with(ENOENT);
		if (flags & O_WRONLY && l != LATCH_POLICY && m.refuses[l])
			return fail_with(m.refuses[l]);
		fd = memfd_create("latch", MFD_CLOEXEC);
		if (flags & O_WRONLY) {
			memset(m.fd, 0, sizeof(m.fd)); /* those are closed */
			m.fd[l] = fd;
		} else {
			(void)__real_write(fd, m.text[l], strlen(m.text[l]));
			(void)lseek(fd, 0, SEEK_SET);
		}
		return fd;
	}
	return __real_open(path, flags, 0644);
}

static void change(enum latch l, const char *text, size_t n)
{
	size_t len = strlen(m.done);

	if (n == 1 && *text == '0')
		return;
	(void)snprintf(m.done + len, sizeof(m.done) - len, "%s=%.*s ", latch_name(l), (int)n, text);
	if (!m.in_vain[l])
		m.text[l] = set_text[l];
}

ssize_t __wrap_write(int fd, const void *data, size_t n)
{
	for (enum latch l = 0; l < LATCH_COUNT; l++) {
		if (!m.fd[l] || fd != m.fd[l])
			continue;
		m.fd[l] = 0;
		if (m.refuses[l])
			return fail_with(m.refuses[l]);
		change(l, data, n);
		return (ssize_t)n;
	}
	return __real_write(fd, data, n);
}

int __wrap_access(const char *path, int mode)
{
	if (strstr(path, "/initward-latch"))
		return m.has_program ? 0 : fail_with(ENOENT);
	return __real_access(path, mode);
}

int __wrap_posix_spawn(pid_t *pid, const char *path, const void *actions, const void *attributes,
		       char *const argv[], char *const envp[])
{
	(void)attributes;
	(void)envp;
	assert_non_null(strstr(path, "/initward-latch"));
	assert_string_equal(argv[0], path);
	assert_non_null(actions);
	assert_null(argv[2]);
	*pid = 4711;
	if (!m.program_cannot && !m.program_status)
		change(LATCH_POLICY, argv[1], 1);
	return m.program_cannot;
}

pid_t __wrap_waitpid(pid_t pid, int *status, int options)
{
	assert_int_equal(pid, 4711);
	assert_int_equal(options, 0);
	*status = m.program_status;
	return pid;
}

static void machine(enum standing standing)
{
	memset(&m, 0, sizeof(m));
	m.standing = standing;
	memcpy(m.text, open_text, sizeof(m.text));
}

/* seal WORDS, apart by blanks. */
static void seal(const char *words, int want, const char *done)
{
	char copy[100], *argv[8] = { (char[]){ "seal" } }, *word, *rest = copy;
	int argc = 1, r;

	(void)snprintf(copy, sizeof(copy), "%s", words);
	while ((word = strsep(&rest, " ")))
		if (*word)
			argv[argc++] = word;
	optind = 0;
	r = verb_seal.run(&verb_seal, argc, argv);
	check_number(words, r, want);
	check_text(words, m.done, done);
}

static void only_what_is_in_force_is_sealed(void **state)
{
	(void)state;
	static const int want[STANDING_COUNT] = {
		[STANDING_CONFINED] = TOOL_OK,
		[STANDING_COMPLAIN] = TOOL_COMPLAIN,
		[STANDING_UNCONFINED] = TOOL_UNCONFINED,
		[STANDING_UNKNOWN] = TOOL_UNKNOWN,
	};

	for (enum standing s = 0; s < STANDING_COUNT; s++) {
		machine(s);
		seal("--lockdown --no-kexec", want[s],
		     want[s] ? "" : "lockdown=integrity kexec=1 policy=1 ");
		machine(s);
		m.text[LATCH_POLICY] = set_text[LATCH_POLICY];
		seal("", want[s], "");
	}
}

static void what_was_asked_for_and_no_more(void **state)
{
	(void)state;
	machine(STANDING_CONFINED);
	seal("", TOOL_OK, "policy=1 ");
	seal("", TOOL_OK, "policy=1 ");
	seal("--no-kexec", TOOL_OK, "policy=1 kexec=1 ");
	seal("--lockdown", TOOL_OK, "policy=1 kexec=1 lockdown=integrity ");
	seal("--lockdown --no-kexec", TOOL_OK, "policy=1 kexec=1 lockdown=integrity ");
	machine(STANDING_CONFINED);
	m.text[LATCH_LOCKDOWN] = "none integrity [confidentiality]\n";
	seal("--lockdown", TOOL_OK, "policy=1 ");
}

static void a_dry_run_sets_nothing(void **state)
{
	(void)state;
	machine(STANDING_CONFINED);
	seal("--dry-run --lockdown --no-kexec", TOOL_OK, "");
	machine(STANDING_CONFINED);
	m.refuses[LATCH_POLICY] = EPERM;
	seal("--dry-run", TOOL_FAILED, "");
	m.has_program = true;
	seal("--dry-run", TOOL_OK, "");
}

static void what_cannot_be_set_is_known_before_anything_is(void **state)
{
	(void)state;
	for (enum latch l = 0; l < LATCH_COUNT; l++) {
		machine(STANDING_CONFINED);
		m.refuses[l] = EACCES;
		seal("--lockdown --no-kexec", TOOL_FAILED, "");
		machine(STANDING_CONFINED);
		m.text[l] = NULL;
		seal("--lockdown --no-kexec", TOOL_FAILED, "");
		machine(STANDING_CONFINED);
		m.in_vain[l] = true;
		seal("--lockdown --no-kexec", TOOL_FAILED,
		     l == LATCH_LOCKDOWN ? "lockdown=integrity "
		     : l == LATCH_KEXEC	 ? "lockdown=integrity kexec=1 "
					 : "lockdown=integrity kexec=1 policy=1 ");
	}
}

static void where_the_program_is_it_writes_the_lock(void **state)
{
	(void)state;
	machine(STANDING_CONFINED);
	m.refuses[LATCH_POLICY] = EACCES;
	m.has_program = true;
	seal("--lockdown", TOOL_OK, "lockdown=integrity policy=1 ");
	machine(STANDING_CONFINED);
	m.has_program = true;
	m.program_status = EPERM << 8;
	seal("--lockdown", TOOL_FAILED, "");
	machine(STANDING_CONFINED);
	m.refuses[LATCH_LOCKDOWN] = EPERM;
	m.has_program = true;
	seal("--lockdown", TOOL_FAILED, "");
}

/* ENOKEY and EKEYEXPIRED are 126 and 127, by which a shell tells that a program did not start. */
static void what_the_program_came_to_is_told(void **state)
{
	static const struct {
		int cannot, status;
		const char *said;
	} rows[] = {
		{ ENOENT, 0, "/initward-latch cannot be executed: No such file or directory" },
		{ EPERM, 0,
		  "/initward-latch cannot be executed: Operation not permitted; not from a service "
		  "with NoNewPrivileges=, nor under a policy that denies it" },
		{ ENOEXEC, 0, "/initward-latch cannot be executed: Exec format error" },
		{ 0, EPERM << 8,
		  "lock_policy: Operation not permitted: root with all capabilities may" },
		{ 0, EIO << 8, "lock_policy: Input/output error" },
		{ 0, 9, "/initward-latch was ended by a signal; see the kernel's log" },
		{ 0, 255 << 8, "/initward-latch is of another version; install the package again" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		machine(STANDING_CONFINED);
		m.has_program = true;
		m.program_cannot = rows[i].cannot;
		m.program_status = rows[i].status;
		assert_true(!latch_try(LATCH_POLICY));
		if (!strstr(m.said, rows[i].said))
			check_text("said", m.said, rows[i].said);
		check_text("said", strstr(m.said, "policy: cannot set "), m.said);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_is_in_force_is_sealed),
		cmocka_unit_test(what_was_asked_for_and_no_more),
		cmocka_unit_test(a_dry_run_sets_nothing),
		cmocka_unit_test(what_cannot_be_set_is_known_before_anything_is),
		cmocka_unit_test(where_the_program_is_it_writes_the_lock),
		cmocka_unit_test(what_the_program_came_to_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
