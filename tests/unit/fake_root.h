/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_FAKE_ROOT_H
#define INITWARD_FAKE_ROOT_H

/*
 * A root directory of plain files, and as much of a kernel behind the system calls as the loader's
 * steps can notice: policy that gets listed when it is written, namespaces, exec labels, the latch,
 * mounts. Every change that a step asks for is recorded in fake->log, every message in fake->said;
 * any call can be made to fail. It all lies in shared memory, so that a step may fork.
 *
 * A test begins with the lines that have the linker wrap these calls: see fake_calls.h.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <signal.h>
#include <unistd.h>

#include "blob.h"
#include "io.h"
#include "unit.h"

#define FAULT_SHORT (-1)  /* all but the last byte is taken, but has its effect */
#define FAULT_SILENT (-2) /* success is claimed, nothing happens */
#define FAULTS 8

#define KEXEC_LOCK "proc/sys/kernel/kexec_load_disabled"
#define MODPROBE "proc/sys/kernel/modprobe"
#define HELPER_BSET "proc/sys/kernel/usermodehelper/bset"
#define HELPER_INHERITABLE "proc/sys/kernel/usermodehelper/inheritable"

struct fault {
	const char *call;
	const char *path; /* NULL: any */
	int skip;	  /* so many calls go well before */
	int times;	  /* so many fail; 0: all */
	int err;	  /* an errno, or one of FAULT_* */
};

struct fake {
	char dir[64];
	pid_t init; /* the task that the loader is, as against its child */
	pid_t pid;  /* what getpid() shall say; 0: the truth */

	/* What the kernel is like. */
	bool mounted[FS_COUNT];
	bool no_stderr;		 /* descriptor 2, if it is one, is a file of the loader */
	bool own_refused;	 /* may the loader itself not write to the reserved path? */
	bool control_refused;	 /* may nobody write to the control path? */
	bool real_filter;	 /* of system calls */
	bool may_load;		 /* has what runs under the layer mac_admin? */
	int probe_end;		 /* the probe exits with it; negative: dies of the signal */
	bool probe_tries;	 /* … once it has said that it is trying */
	bool load_path_refused;	 /* by a rule for the path, under the mode "kill" */
	const char *probe_label; /* what the probe runs under, whatever it asked for */
	struct utsname uts;
	uint64_t clock; /* nanoseconds; each look at it takes one second and one */
	void (*hook)(const char *call, const char *path); /* after each change */

	/* What became of it. */
	char listing[1 << 21];
	bool listing_is_new;
	char exec_label[128];	/* of the loader; "" is none */
	char probe_asked[128];	/* of its child */
	bool oops;		/* what would have crashed a kernel */
	unsigned int inherited; /* opened without O_CLOEXEC */

	char log[1 << 20];
	size_t log_len;
	char said[1 << 15];
	size_t said_len;

	struct fault faults[FAULTS];
	unsigned int n_faults;
	unsigned int calls;   /* that could have failed */
	unsigned int fail_at; /* the number of the call that fails with EIO; 0: none */

	/* The state in which the next init was executed, with its words one by line. */
	char executed[4096];
};

pid_t __real_getpid(void);

static struct fake *fake;
static struct boot boot;

/* ---- files ---- */

/* snprintf(), but nothing is ever cut off. */
static int form(char *buf, size_t cap, const char *format, ...)
	__attribute__((format(printf, 3, 4), unused));

static int form(char *buf, size_t cap, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(buf, cap, format, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= cap)
		abort();
	return n;
}

static inline const char *fake_full(const char *path)
{
	static char full[2][PATH_MAX];
	static unsigned int which;
	char *ret = full[which++ % 2];

	(void)form(ret, PATH_MAX, "%s/%s", fake->dir, path);
	return ret;
}

static inline void fake_mkdirs(const char *path)
{
	char full[PATH_MAX];

	(void)form(full, sizeof(full), "%s/%s", fake->dir, path);
	for (char *s = full + strlen(fake->dir) + 1; (s = strchr(s, '/')) != NULL; s++) {
		*s = '\0';
		(void)mkdir(full, 0755);
		*s = '/';
	}
}

static inline void fake_put_span(const char *path, struct span data)
{
	FILE *f;

	fake_mkdirs(path);
	f = fopen(fake_full(path), "we");
	if (!f || fwrite(data.p, 1, data.n, f) != data.n || fclose(f))
		fail_msg("%s: %s", fake_full(path), strerror(errno));
}

static inline void fake_put(const char *path, const char *text)
{
	fake_put_span(path, span_of(text));
}

/* A file of `size` bytes that are all `c`. */
static inline void fake_put_many(const char *path, char c, size_t size)
{
	char *p = malloc(size + 1);

	assert_non_null(p);
	memset(p, c, size);
	fake_put_span(path, (struct span){ p, size });
	free(p);
}

static inline void fake_link(const char *path, const char *target)
{
	fake_mkdirs(path);
	assert_int_equal(symlink(target, fake_full(path)), 0);
}

static inline void fake_drop(const char *path)
{
	assert_int_equal(remove(fake_full(path)), 0);
}

/* The text of a file, in a buffer that the next call takes again. */
static inline const char *fake_get(const char *path)
{
	static char text[1 << 16];
	FILE *f = fopen(fake_full(path), "re");
	size_t n;

	if (!f)
		return NULL;
	n = fread(text, 1, sizeof(text) - 1, f);
	(void)fclose(f);
	text[n] = '\0';
	return text;
}

static inline bool fake_exists(const char *path)
{
	struct stat st;

	return lstat(fake_full(path), &st) == 0;
}

/* ---- record and faults ---- */

static inline void fake_note(char *buf, size_t cap, size_t *len, const char *text, size_t n)
{
	if (*len + n + 1 > cap)
		abort();
	memcpy(buf + *len, text, n);
	*len += n;
	buf[*len] = '\0';
}

/* One line of the log; fake paths are told short. */
static inline void fake_log(const char *call, const char *path, struct span data)
{
	char line[1024];
	int n;
	bool text =
		data.p && data.n < 300 && !memchr(data.p, 0, data.n) && !memchr(data.p, 10, data.n);

	if (text)
		n = form(line, sizeof(line), "%s %s \"%.*s\"\n", call, path, (int)data.n, data.p);
	else if (data.p)
		n = form(line, sizeof(line), "%s %s %zu bytes\n", call, path, data.n);
	else
		n = form(line, sizeof(line), "%s %s\n", call, path);
	fake_note(fake->log, sizeof(fake->log), &fake->log_len, line, (size_t)n);
}

static inline void fake_say(const char *text, size_t n)
{
	fake_note(fake->said, sizeof(fake->said), &fake->said_len, text, n);
}

static inline void fake_forget(void)
{
	fake->log_len = fake->said_len = 0;
	fake->log[0] = fake->said[0] = '\0';
}

/* From now on `call` of `path` fails, behind `skip` calls that do not. */
static inline void fault_after(int skip, const char *call, const char *path, int err)
{
	assert_true(fake->n_faults < FAULTS);
	fake->faults[fake->n_faults++] = (struct fault){ call, path, skip, 0, err };
}

static inline void fault(const char *call, const char *path, int err)
{
	fault_after(0, call, path, err);
}

static inline void fault_times(int times, const char *call, const char *path, int err)
{
	fault(call, path, err);
	fake->faults[fake->n_faults - 1].times = times;
}

static inline void no_faults(void)
{
	fake->n_faults = 0;
}

/* 0, an errno, or one of FAULT_*. */
static inline int fault_of(const char *call, const char *path)
{
	if (++fake->calls == fake->fail_at)
		return EIO;
	for (struct fault *f = fake->faults; f < fake->faults + fake->n_faults; f++) {
		if (strcmp(f->call, call) != 0 || (f->path && strcmp(f->path, path) != 0))
			continue;
		if (f->skip-- > 0)
			continue;
		if (f->times && -f->skip > f->times)
			continue;
		return f->err;
	}
	return 0;
}

static inline unsigned int count_lines(const char *text, const char *start)
{
	unsigned int n = 0;

	for (const char *s = text; s && *s; s = strchr(s, '\n'), s = s ? s + 1 : s)
		n += strncmp(s, start, strlen(start)) == 0;
	return n;
}

/* ---- the kernel ---- */

/* The policy blobs that this kernel would take, as fake_bundle.h made them. */
struct made_blob {
	char *bytes;
	size_t size;
	char *listing; /* "NAME (MODE)\n" for each of its profiles */
};

static struct made_blob made_blobs[LIMIT_BLOBS * 2];
static unsigned int n_made_blobs;

static inline void forget_blobs(void)
{
	for (; n_made_blobs; n_made_blobs--) {
		free(made_blobs[n_made_blobs - 1].bytes);
		free(made_blobs[n_made_blobs - 1].listing);
	}
}

static inline void fake_list(const char *line, size_t n)
{
	size_t len = strlen(fake->listing);

	fake->listing_is_new = true;
	if (len + n + 1 > sizeof(fake->listing))
		abort();
	memcpy(fake->listing + len, line, n);
	fake->listing[len + n] = '\0';
}

static inline char *fake_listed(const char *line, size_t n)
{
	char *s = fake->listing;

	for (; s && *s; s = strchr(s, '\n'), s = s ? s + 1 : s) {
		if (strncmp(s, line, n) == 0)
			return s;
	}
	return NULL;
}

static inline void fake_unlist(char *line)
{
	char *end = strchr(line, '\n') + 1;

	fake->listing_is_new = true;
	memmove(line, end, strlen(end) + 1);
}

/* The profiles of one blob: new names are listed, names that are loaded change their mode. */
static inline void fake_take(const char *ns, const char *lines, const char *before)
{
	char line[LIMIT_NAME * 2 + 32], *old;

	for (const char *s = lines, *end; *s; s = end) {
		int n, name;

		end = strchr(s, '\n') + 1;
		n = ns ? form(line, sizeof(line), ":%s://%.*s", ns, (int)(end - s), s)
		       : form(line, sizeof(line), "%.*s", (int)(end - s), s);
		name = (int)(strrchr(line, '(') - line);
		old = fake_listed(line, (size_t)name);
		/* Twice in one write, and loaded before: every kernel oopses. */
		if (old && old >= before)
			fake->oops = true;
		if (old)
			fake_unlist(old);
		fake_list(line, (size_t)n);
	}
}

/* A whole write of concatenated blobs, or nothing: as the kernel has it. */
static inline int fake_replace(const char *ns, const char *data, size_t n)
{
	unsigned int parts[LIMIT_BLOBS + 1], count = 0, next = 0;
	const char *before;

	for (size_t pos = 0; pos < n; pos += made_blobs[parts[count - 1]].size) {
		unsigned int i = next, tries = 0;

		for (; tries < n_made_blobs; tries++, i = (i + 1) % n_made_blobs) {
			const struct made_blob *m = &made_blobs[i];

			if (m->size <= n - pos && memcmp(m->bytes, data + pos, m->size) == 0)
				break;
		}
		if (tries == n_made_blobs || count > LIMIT_BLOBS)
			return EPROTO;
		parts[count++] = i;
		next = (i + 1) % n_made_blobs;
	}
	before = fake->listing + strlen(fake->listing);
	for (unsigned int i = 0; i < count; i++)
		fake_take(ns, made_blobs[parts[i]].listing, before);
	return 0;
}

static inline int fake_remove(const char *data, size_t n)
{
	char name[LIMIT_NAME + 8], *line;
	bool found = false;

	(void)form(name, sizeof(name), "%.*s (", (int)n, data);
	line = fake_listed(name, n + 2);
	if (line) {
		fake_unlist(line);
		found = true;
	}
	(void)form(name, sizeof(name), "%.*s//", (int)n, data);
	while ((line = fake_listed(name, n + 2)) != NULL)
		fake_unlist(line);
	return found ? 0 : ENOENT;
}

static inline bool fake_sealed(void)
{
	return fake_exists(AA_PARAMETERS "/lock_policy") &&
	       fake_get(AA_PARAMETERS "/lock_policy")[0] == 'Y';
}

static inline int fake_set_label(const char *data, size_t n)
{
	char *label = __real_getpid() == fake->init ? fake->exec_label : fake->probe_asked;
	char text[160];

	if (n < 6 || strncmp(data, "exec ", 5) != 0)
		return EINVAL;
	(void)form(text, sizeof(text), "%.*s", (int)n - 5, data + 5);
	if (strncmp(text, "global//&", 9) == 0 && !fake_listed("global (", 8))
		return ENOENT;
	if (strstr(text, ":application:") &&
	    !fake_exists(APPARMORFS "/policy/namespaces/application"))
		return ENOENT;
	(void)form(label, sizeof(fake->exec_label), "%s", text);
	if (label == fake->exec_label) {
		strcat(text, strcmp(text, "unconfined") == 0 ? "\n" : " (enforce)\n");
		fake_put(AA_ATTR "/exec", text);
	}
	return 0;
}

/* Is `path` that of a namespace below the root (with `file` behind it)? Its name. */
static inline bool fake_namespace(const char *path, const char *file, char name[LIMIT_NAME + 1])
{
	static const char start[] = APPARMORFS "/policy/namespaces/";
	size_t n = strlen(path), head = sizeof(start) - 1, tail = strlen(file);

	if (n <= head + tail || strncmp(path, start, head) != 0 ||
	    strcmp(path + n - tail, file) != 0)
		return false;
	(void)form(name, LIMIT_NAME + 1, "%.*s", (int)(n - head - tail), path + head);
	return true;
}

/* The settings of a level, which can only be made tighter. */
static inline int fake_latch(const char *path, const char *data, size_t n)
{
	char text[64];

	if (strcmp(path, LOCKDOWN) == 0) {
		if (strncmp(fake_get(path), "[none]", 6) != 0)
			return EPERM;
		fake_put(path, "none [integrity] confidentiality\n");
	} else if (strcmp(path, KEXEC_LOCK) == 0 || strcmp(path, MODPROBE) == 0 ||
		   strcmp(path, HELPER_BSET) == 0 || strcmp(path, HELPER_INHERITABLE) == 0) {
		(void)form(text, sizeof(text), "%.*s\n", (int)n, data);
		fake_put(path, text);
	} else {
		return -1;
	}
	return 0;
}

/* The module-wide mode "kill": what is refused, and audited, ends the child that asked. */
static inline void fake_kill(bool refused)
{
	if (refused && __real_getpid() != fake->init &&
	    strcmp(fake_get(AA_PARAMETERS "/mode"), "kill\n") == 0)
		(void)raise(SIGKILL);
}

/* What a write to a kernel's file does: 0, an errno, or -1 for a file that is none. */
static inline int fake_write(const char *path, const char *data, size_t n)
{
	char ns[LIMIT_NAME + 1];
	bool policy = strcmp(path, APPARMORFS "/.replace") == 0;
	bool inner = fake_namespace(path, "/.replace", ns);
	bool removal = strcmp(path, APPARMORFS "/.remove") == 0;

	if ((policy || inner || removal) && fake_sealed())
		return EACCES;
	if (policy && n == 1) {
		fake_kill(!fake->may_load);
		return fake->may_load ? EPROTO : EACCES;
	}
	if (policy || inner)
		return fake_replace(inner ? ns : NULL, data, n);
	if (removal)
		return fake_remove(data, n);
	if (strcmp(path, AA_ATTR "/exec") == 0)
		return fake_set_label(data, n);
	if (strcmp(path, AA_PARAMETERS "/lock_policy") == 0)
		fake_put(path, *data == '1' ? "Y\n" : "N\n");
	else if (strcmp(path, AA_USERNS_SYSCTL) == 0)
		fake_put(path, *data == '0' ? "0\n" : "1\n");
	else
		return fake_latch(path, data, n);
	return 0;
}

/* All of the kernel's state that the loader changes, for comparing. */
static inline void fake_state(char *buf, size_t cap)
{
	char profiles[4096];
	bool labelled = fake->exec_label[0] && strcmp(fake->exec_label, "unconfined") != 0;

	(void)form(profiles, sizeof(profiles), "%s", fake->listing);
	(void)form(buf, cap, "%s%s%ssysctl %slock %smounted %d%d%d\n", profiles,
		   fake_exists(APPARMORFS "/policy/namespaces/application") ? "application\n" : "",
		   labelled ? fake->exec_label : "", fake_get(AA_USERNS_SYSCTL),
		   fake_get(AA_PARAMETERS "/lock_policy"), fake->mounted[FS_PROC],
		   fake->mounted[FS_SYSFS], fake->mounted[FS_SECURITYFS]);
}

/* ---- a fresh root ---- */

#define CONF_HEAD "version = 1\ninit = /sbin/init\n"

/* A kernel with AppArmor, on which nothing has happened yet. */
static inline void fake_kernel(void)
{
	static const char *const files[][2] = {
		{ "proc/cmdline", "quiet\n" },
		{ "proc/version", "Linux version 6.1.0-test\n" },
		{ "proc/uptime", "0.10 0.05\n" },
		{ "proc/1/comm", "init\n" },
		{ "proc/2/comm", "kthreadd\n" },
		{ AA_ATTR "/current", "unconfined\n" },
		{ AA_ATTR "/exec", "" },
		{ AA_USERNS_SYSCTL, "1\n" },
		{ "proc/self/ns/user", "" },
		{ AA_PARAMETERS "/enabled", "Y\n" },
		{ AA_PARAMETERS "/lock_policy", "N\n" },
		{ AA_PARAMETERS "/mode", "enforce\n" },
		{ ACTIVE_LSMS, "lockdown,capability,yama,apparmor" },
		{ LOCKDOWN, "[none] integrity confidentiality\n" },
		{ KEXEC_LOCK, "0\n" },
		{ MODPROBE, "/sbin/modprobe\n" },
		{ HELPER_BSET, "4294967295\t511\n" },
		{ HELPER_INHERITABLE, "4294967295\t511\n" },
		{ APPARMORFS "/.replace", "" },
		{ APPARMORFS "/.remove", "" },
		{ APPARMORFS "/.ns_stacked", "no\n" },
		{ APPARMORFS "/.ns_level", "0\n" },
		{ APPARMORFS "/.ns_name", "root\n" },
		{ APPARMORFS "/profiles", "" },
		{ APPARMORFS "/policy/namespaces/.keep", "" },
		{ APPARMORFS "/features/domain/stack", "yes\n" },
		{ APPARMORFS "/features/file/mask", "create read write exec append\n" },
		{ APPARMORFS "/features/mount/mask", "mount umount pivot_root\n" },
		{ "initward/initward.conf", CONF_HEAD },
		{ "sbin/init", "#!\n" },
	};

	for (size_t i = 0; i < COUNT(files); i++)
		fake_put(files[i][0], files[i][1]);
	fake_link("proc/1/exe", "/init");
	assert_int_equal(chmod(fake_full("sbin/init"), 0755), 0);
	strcpy(fake->uts.release, "6.1.0-test");
	strcpy(fake->uts.version, "#1 SMP Debian 6.1.1-1");
	strcpy(fake->uts.machine, "x86_64");
	for (int fs = 0; fs < FS_COUNT; fs++)
		fake->mounted[fs] = true;
}

static inline void boot_init(void)
{
	memset(&boot, 0, sizeof(boot));
	boot.root = open(fake->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(boot.root >= 0);
	boot.kmsg = -1;
	sb_init(&boot.why, boot.why_text, sizeof(boot.why_text));
	sb_init(&boot.ignored, boot.ignored_text, sizeof(boot.ignored_text));
	sb_init(&boot.lost, boot.lost_text, sizeof(boot.lost_text));
	config_init(&boot.conf);
}

static inline int fake_setup(void **state)
{
	(void)state;
	fake = mmap(NULL, sizeof(*fake), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(fake != MAP_FAILED);
	/* In memory where that can be had: some tests make thousands of files. */
	(void)form(fake->dir, sizeof(fake->dir), "%s/initward-unit-XXXXXX",
		   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(fake->dir));
	fake->init = __real_getpid();
	fake_kernel();
	boot_init();
	return 0;
}

static inline int fake_drop_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline int fake_teardown(void **state)
{
	bool oops = fake->oops;
	unsigned int inherited = fake->inherited;

	(void)state;
	(void)close(boot.root);
	forget_blobs();
	(void)nftw(fake->dir, fake_drop_one, 16, FTW_DEPTH | FTW_PHYS);
	(void)munmap(fake, sizeof(*fake));
	fake = NULL;
	assert_false(oops);
	assert_int_equal(inherited, 0);
	return 0;
}

#define STEP_TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

/* ---- running a step ---- */

static inline unsigned int open_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned int n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	(void)closedir(d);
	return n;
}

/* Runs a step, which may leave no descriptor open; `why` is what it has to say when it fails. */
static inline void run_step(const char *name, int (*step)(struct boot *b), int want,
			    const char *why)
{
	unsigned int before = open_descriptors();
	int got;

	boot.why_text[0] = '\0';
	got = step(&boot);
	if (got != want)
		fail_msg("%s returned %d, not %d: %s", name, got, want, boot.why_text);
	if (want == STEP_FAILED)
		check_text(name, boot.why_text, why);
	check_number(name, open_descriptors(), before);
}

#define STEP_IS_OK(step) run_step(#step, step, STEP_OK, "")
#define STEP_HANDS_ON(step) run_step(#step, step, STEP_HAND_ON, "")
#define STEP_FAILS(step, text) run_step(#step, step, STEP_FAILED, text)
#define LOG_IS(text) check_text("log", fake->log, text)

/* Reads configuration and command line, as the steps before have it. */
static inline void configure(const char *lines)
{
	char text[1024];

	(void)form(text, sizeof(text), CONF_HEAD "%s", lines);
	fake_put("initward/initward.conf", text);
	STEP_IS_OK(step_configuration);
	STEP_IS_OK(step_cmdline);
}

#include "fake_calls.h"

#endif
