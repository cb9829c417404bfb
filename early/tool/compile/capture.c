// SPDX-License-Identifier: LGPL-2.1-or-later
/* A kernel's feature set: read from where it is shown, or by booting one, and put among others. */
#include "compile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/apparmor.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "kv.h"
#include "tool.h"

const char running_features[] = "/sys/kernel/security/apparmor/features";

static const char *hint(int err, bool of_kernel)
{
	if (!of_kernel)
		return err == ENOENT ? "is the path right?" : "is it a feature directory?";
	if (err == ENOENT)
		return "is AppArmor active, and securityfs mounted on /sys/kernel/security?";
	if (err == EACCES || err == EPERM)
		return "only root may read it";
	return "is AppArmor active?";
}

/* libapparmor writes to a descriptor only. */
static int features_text(aa_features *features, struct text *ret)
{
	int fd = memfd_create("features", MFD_CLOEXEC);
	int r = fd < 0 ? -errno : 0;

	if (r == 0 && (aa_features_write_to_fd(features, fd) < 0 || lseek(fd, 0, SEEK_SET) < 0))
		r = -errno;
	if (r == 0)
		r = read_fd(fd, LIMIT_SET, ret);
	if (fd >= 0)
		(void)close(fd);
	return r;
}

bool read_features(const char *path, bool of_kernel, struct text *ret)
{
	static struct featset set;
	aa_features *features;
	unsigned int line;
	int r = 0;

	if (aa_features_new(&features, AT_FDCWD, path) < 0) {
		r = -errno;
	} else {
		r = features_text(features, ret);
		aa_features_unref(features);
	}
	if (r < 0) {
		say("cannot read the feature set %s: %s; %s", path, strerror(-r),
		    hint(-r, of_kernel));
		return false;
	}
	if (featset_parse(span_of_text(ret), &set, &line))
		return true;
	say("%s, line %u: not a feature set as 'initward features show' prints it", path, line);
	return false;
}

char *running_identity(void)
{
	struct utsname u;

	if (uname(&u) < 0)
		return dup_str("");
	return format("%s %s %s", u.release, u.version, u.machine);
}

/* The folder with the programs that boot a kernel, and the guest's own program. */
static char *harness_file(const char *variable, const char *otherwise)
{
	const char *told = secure_getenv(variable);

	return dup_str(told && *told ? told : otherwise);
}

/* The first line of what a program said, without its end. */
static char *first_line(const char *path)
{
	struct text text = { 0 };
	char *line;

	(void)read_file(path, LIMIT_SET, &text);
	line = format("%.*s", (int)(text.len ? strcspn(text.data, "\n") : 0),
		      text.len ? text.data : "");
	text_free(&text);
	return line;
}

static struct job boot_job(const char *kernel, const char *work, const char *program)
{
	char *guest = harness_file("INITWARD_GUEST", INITWARD_LIBDIR "/guest");
	const char *const args[] = { program, "--kernel", kernel, "--guest", guest, "--out", work };
	struct job job = { .gentle = true, .err = path_join(work, "said") };

	for (size_t i = 0; i < sizeof(args) / sizeof(args[0]); i++)
		list_add(&job.argv, dup_str(args[i]));
	free(guest);
	return job;
}

/* Leaves the kernel's tree of features and its uname in the folder `work`. */
static bool boot_kernel(const char *kernel, const char *work)
{
	char *harness = harness_file("INITWARD_QEMU", INITWARD_DATADIR "/qemu");
	char *program = path_join(harness, "capture"), *said;
	struct job *job;
	bool ok = access(program, X_OK) == 0;

	if (!ok) {
		say("cannot boot a kernel: %s is missing; INITWARD_QEMU may name another folder "
		    "that has it",
		    program);
	} else {
		job = grow(NULL, 1, sizeof(*job));
		*job = boot_job(kernel, work, program);
		ok = run_jobs(job, 1);
		if (ok && job->status != 0) {
			said = first_line(job->err);
			say("cannot capture the features of %s: %s", kernel,
			    strncmp(said, "qemu/capture: ", 14) == 0 ? said + 14 : said);
			free(said);
			ok = false;
		}
		free_jobs(job, 1);
	}
	free(program);
	free(harness);
	return ok;
}

struct captured {
	struct text text;
	char *identity;
};

static bool capture_booted(const char *kernel, struct captured *ret)
{
	const char *tmp = getenv("TMPDIR");
	char *work = path_join(tmp && *tmp ? tmp : "/tmp", "initward-XXXXXX"), *path;
	bool ok = mkdtemp(work) != NULL;

	if (!ok) {
		say("cannot make a folder %s: %s; set TMPDIR", work, strerror(errno));
		free(work);
		return false;
	}
	ok = boot_kernel(kernel, work);
	path = path_join(work, "tree");
	ok = ok && read_features(path, false, &ret->text);
	free(path);
	path = path_join(work, "uname");
	if (ok)
		ret->identity = first_line(path);
	free(path);
	(void)remove_tree(work);
	free(work);
	return ok;
}

static bool capture_running(struct captured *ret)
{
	ret->identity = running_identity();
	return read_features(running_features, true, &ret->text);
}

static const struct set *same_set(const struct set_list *sets, const struct text *text)
{
	for (size_t i = 0; i < sets->n; i++) {
		const struct text *other = &sets->set[i].text;

		if (other->len == text->len && memcmp(other->data, text->data, text->len) == 0)
			return &sets->set[i];
	}
	return NULL;
}

static const struct set *named_set(const struct set_list *sets, const char *name)
{
	for (size_t i = 0; i < sets->n; i++) {
		if (strcmp(sets->set[i].name, name) == 0)
			return &sets->set[i];
	}
	return NULL;
}

/*
 * The series of a release: "6.1" of "6.1.0-50-amd64"; a release candidate is one of its own, as in
 * "7.3-rc7". Where another set has that name already, the whole release, in the letters of a name.
 */
static char *series_name(const struct set_list *sets, const char *identity)
{
	const char *release_end = strchr(identity, ' ');
	int len = release_end ? (int)(release_end - identity) : (int)strlen(identity), digits;
	char *release = format("%.*s", len, identity), *name, *rc;

	digits = (int)strspn(release, "0123456789");
	if (release[digits] == '.')
		digits += 1 + (int)strspn(release + digits + 1, "0123456789");
	rc = strstr(release, "-rc");
	if (rc)
		name = format("%.*s%.*s", digits, release, 3 + (int)strspn(rc + 3, "0123456789"),
			      rc);
	else
		name = format("%.*s", digits, release);
	if (is_set_name(name) && !named_set(sets, name)) {
		free(release);
		return name;
	}
	free(name);
	for (char *p = release; *p; p++) {
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-",
			    *p))
			*p = '_';
	}
	return release;
}

/* Writes a file beside its place, then puts it there. */
static bool put_file(const char *dir, const char *name, const struct text *text)
{
	char *path = path_join(dir, name), *beside = format("%s/.%s.new", dir, name);
	int r = write_file(beside, text->data, text->len);

	if (r == 0)
		r = sync_path(beside);
	if (r == 0 && rename(beside, path) < 0)
		r = -errno;
	if (r < 0) {
		say("cannot write %s: %s", path, strerror(-r));
		(void)unlink(beside);
	}
	free(beside);
	free(path);
	return r == 0;
}

static void new_list(struct text *ret, const char *name)
{
	char date[32] = "";
	time_t now = time(NULL);
	struct tm tm;

	if (gmtime_r(&now, &tm))
		(void)strftime(date, sizeof(date), "%Y-%m-%d", &tm);
	text_format(
		ret,
		"# SPDX-License-Identifier: LGPL-2.1-or-later\n"
		"# The builds that have the feature set %s, as \"uname -rvm\" prints them. Written "
		"by\n# initward features capture.\ncaptured = %s\n",
		name, date);
}

/* Adds the build to the list beside the set, unless it is there. */
static bool add_build(const char *dir, const char *name, const char *identity)
{
	char *file = format("%s.kernels", name), *path = path_join(dir, file);
	struct text list = { 0 };
	struct span want = span_of(identity);
	int r = read_file(path, LIMIT_SET, &list), more;
	struct kv kv = kv_open(span_of_text(&list));
	bool there = false, ok = r == 0 || r == -ENOENT;

	while (r == 0 && (more = kv_next(&kv)) > 0)
		there = there || (span_is(kv.key, "kernel") && span_eq(kv.value, want));
	if (!ok)
		say("cannot read %s: %s", path, strerror(-r));
	if (ok && !there) {
		if (r == -ENOENT)
			new_list(&list, name);
		else if (list.len && list.data[list.len - 1] != '\n')
			text_str(&list, "\n");
		text_format(&list, "kernel = %s\n", identity);
		ok = put_file(dir, file, &list);
	}
	if (ok)
		printf("%s: %s the kernel %s\n", name, there ? "already has" : "now has", identity);
	text_free(&list);
	free(path);
	free(file);
	return ok;
}

/* A build that another set has listed would be in two; the message tells what to do. */
static bool check_build(const struct set_list *sets, const char *identity, const char *name)
{
	for (size_t i = 0; i < sets->n; i++) {
		const struct set *set = &sets->set[i];

		if (strcmp(set->name, name) != 0 && list_has(&set->kernels, identity)) {
			say("the kernel \"%s\" stands in %s.kernels, and has another feature set "
			    "than %s: take that line out, then capture it again",
			    identity, set->name, set->name);
			return false;
		}
	}
	return true;
}

static int make_folders(const char *path)
{
	char *parent = path_dir(path);
	int r = 0;

	if (access(parent, F_OK) < 0)
		r = make_dir(parent);
	free(parent);
	if (r == 0)
		r = make_dir(path);
	return r == -EEXIST ? 0 : r;
}

bool capture_set(const struct capture *capture)
{
	struct captured got = { 0 };
	const struct set *same;
	char *name = NULL, *path = NULL;
	bool ok = capture->kernel ? capture_booted(capture->kernel, &got) : capture_running(&got);
	int r = ok ? make_folders(capture->dir) : 0;

	if (r < 0)
		say("cannot make the folder %s: %s", capture->dir, strerror(-r));
	ok = ok && r == 0;
	if (ok) {
		same = same_set(capture->known, &got.text);
		name = same ? dup_str(same->name) : series_name(capture->known, got.identity);
		ok = check_build(capture->known, got.identity, name);
	}
	if (ok) {
		path = path_join(capture->dir, name);
		if (access(path, F_OK) < 0)
			ok = put_file(capture->dir, name, &got.text);
	}
	ok = ok && add_build(capture->dir, name, got.identity);
	free(path);
	free(name);
	free(got.identity);
	text_free(&got.text);
	return ok;
}
