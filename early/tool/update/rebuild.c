// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * One image: made beside the old one, with initward in it, proved good, and only then put in the old
 * one's place. Until that last step nothing of the old image is touched, so that whatever fails, a
 * full disk, a generator, this program by SIGKILL, leaves it as it was.
 */
#include "update.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "defaults.h"
#include "image/forecast.h"
#include "image/write.h"
#include "jobs.h"
#include "replace.h"
#include "tool.h"

#define LOCK "/run/initward-update.lock"
#define LIMIT_LOADER ((size_t)1 << 20)
#define LIMIT_SAID ((size_t)1 << 20)

struct work {
	const struct update *u;
	const struct target *t;
	char *room;	/* folder beside the image, which nobody else may enter */
	char *fresh;	/* the new image in there */
	char *said;	/* file for what a step says */
	bool has_layer; /* the generator has put initward in by itself */
};

static bool fail(const struct work *w, const char *step)
{
	say("%s: %s; the image is as it was", w->t->image, step);
	return false;
}

static void add_args(struct list *args, const char *const *more)
{
	for (; *more; more++)
		list_add(args, dup_str(*more));
}

/* Exit status, 128 and the signal, or -1 where this program has to end. */
static int run_program(struct job *job)
{
	int r = -1;

	if (run_jobs(job, 1))
		r = WIFEXITED(job->status) ? WEXITSTATUS(job->status) : 128 + WTERMSIG(job->status);
	free_jobs(job, 1);
	return r;
}

int run_verb_of_self(const struct update *u, const char *verb, const struct list *args,
		     const char *out)
{
	struct job *job = grow(NULL, 1, sizeof(*job));

	*job = (struct job){ .loud = true, .gentle = true, .out = out ? dup_str(out) : NULL };
	list_add(&job->argv, dup_str(u->self));
	list_add(&job->argv, dup_str(verb));
	for (size_t i = 0; i < args->n; i++)
		list_add(&job->argv, dup_str(args->item[i]));
	return run_program(job);
}

static bool copy_file(const char *from, const char *to)
{
	struct text text = { 0 };
	int r = read_file(from, LIMIT_IMAGE, &text);

	if (r < 0)
		say("cannot read %s: %s", from, strerror(-r));
	if (r == 0) {
		r = write_private_file(to, text.data, text.len);
		if (r < 0)
			say("cannot write %s: %s", to, strerror(-r));
	}
	text_free(&text);
	return r == 0;
}

static bool generate(struct work *w)
{
	const struct target *t = w->t;
	const char *program = generator_program(t->generator);
	const char *const mkinitramfs[] = { "-o", w->fresh, t->release, NULL };
	const char *const dracut[] = { "--force", w->fresh, t->release, NULL };
	struct job *job;
	char *path, *why;
	struct stat st;
	int r;

	if (t->generator == GENERATOR_NONE)
		return copy_file(t->image, w->fresh) || fail(w, "the copy failed");
	path = search_program(program);
	if (!path) {
		say("%s: %s made it, and %s is missing: install the Debian package %s, or say "
		    "--generator none to put initward into the image as it is",
		    t->image, generator_name(t->generator), program,
		    generator_package(t->generator));
		return false;
	}
	job = grow(NULL, 1, sizeof(*job));
	*job = (struct job){ .loud = !w->u->quiet, .gentle = true };
	list_add(&job->argv, path);
	add_args(&job->argv, t->generator == GENERATOR_DRACUT ? dracut : mkinitramfs);
	r = run_program(job);
	if (r == 0 && stat(w->fresh, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		return true;
	if (r == 0)
		return fail(w, "the generator reported success and wrote no image");
	why = format("%s failed with status %d", program, r);
	r = fail(w, why);
	free(why);
	return r;
}

/* Has the generator put the loader in? Not where `wrap` did it to an image that was copied. */
static bool look_for_layer(struct work *w)
{
	struct image *image = image_open(w->fresh);
	const struct image_file *init;
	struct text data = { 0 };
	size_t end;

	if (!image)
		return fail(w, "the new image cannot be read");
	init = image_find(image, "init", true);
	if (init && S_ISREG(init->mode) && !find_wrapped(image, &end) &&
	    image_read(image, init, LIMIT_LOADER, &data))
		w->has_layer = is_loader(span_of_text(&data), NULL);
	text_free(&data);
	image_free(image);
	return true;
}

/* It has its own policy and configuration, which are not made from what this program was told. */
static bool keep_layer(const struct work *w)
{
	if (w->u->told)
		return fail(w, "its generator puts initward in by itself, so that --policy, "
			       "--application and --config have no effect: configure the "
			       "generator, or say "
			       "--generator none for an image without initward");
	say("%s: its generator has put initward in, with the generator's policy and configuration",
	    w->t->image);
	return true;
}

static bool wrap(struct work *w)
{
	const char *const args[] = { "--bundle", w->u->bundle, w->fresh, NULL };
	struct list list = { 0 };
	int r;

	if (!look_for_layer(w))
		return false;
	if (w->has_layer)
		return keep_layer(w);
	if (w->u->config) {
		list_add(&list, dup_str("--config"));
		list_add(&list, dup_str(w->u->config));
	}
	if (w->u->loader) {
		list_add(&list, dup_str("--loader"));
		list_add(&list, dup_str(w->u->loader));
	}
	add_args(&list, args);
	r = run_verb_of_self(w->u, "wrap", &list, NULL);
	list_free(&list);
	return r == 0 || fail(w, "initward could not be put into the new image");
}

/* What a verb has printed, where it tells why. */
static void show_said(const struct work *w)
{
	struct text text = { 0 };

	if (read_file(w->said, LIMIT_SAID, &text) == 0)
		(void)fwrite(text.data, 1, text.len, stderr);
	text_free(&text);
}

static bool verify(struct work *w)
{
	const char *const bundle[] = { "--bundle", w->u->bundle, NULL };
	struct list list = { 0 };
	int r;

	if (!w->has_layer)
		add_args(&list, bundle); /* a generator has its own */
	if (w->u->loader) {
		list_add(&list, dup_str("--loader"));
		list_add(&list, dup_str(w->u->loader));
	}
	list_add(&list, dup_str(w->fresh));
	r = run_verb_of_self(w->u, "verify", &list, w->said);
	list_free(&list);
	if (r != 0 || w->u->verbose)
		show_said(w);
	return r == 0 || fail(w, "the new image is not good");
}

/* Where a kernel's image lies, by the habits of Debian, Fedora and kernel-install. */
static char *kernel_image(const char *release)
{
	static const char *const forms[] = { "/boot/vmlinuz-%s", "/usr/lib/modules/%s/vmlinuz",
					     "/lib/modules/%s/vmlinuz" };

	for (size_t i = 0; release && i < sizeof(forms) / sizeof(forms[0]); i++) {
		char *path = format("%.*s%s%s", (int)strcspn(forms[i], "%"), forms[i], release,
				    strchr(forms[i], '%') + 2);

		if (access(path, R_OK) == 0)
			return path;
		free(path);
	}
	return NULL;
}

/* Will the machine be confined with it? Nobody can tell without the kernel. */
static bool foretell(struct work *w)
{
	const char *const args[] = { "--image", w->fresh, NULL };
	/* where no confinement is asked for, what check would say is no reason to refuse */
	bool asked = !w->u->no_check && w->u->asked.policy != POLICY_OFF;
	char *kernel = asked ? kernel_image(w->t->release) : NULL;
	char *config = format("/boot/config-%s", w->t->release ? w->t->release : "");
	struct list list = { 0 };
	int r;

	if (!kernel) {
		if (asked)
			say("%s: its kernel's image is not found, so that nobody can foretell "
			    "whether it confines; going on",
			    w->t->image);
		free(config);
		return true;
	}
	list_add(&list, dup_str("--kernel"));
	list_add(&list, kernel);
	if (access(config, R_OK) == 0) {
		list_add(&list, dup_str("--config"));
		list_add(&list, dup_str(config));
	}
	free(config);
	add_args(&list, args);
	r = run_verb_of_self(w->u, "check", &list, w->said);
	list_free(&list);
	if (r < 0)
		return false;
	if (r != TOOL_OK || w->u->verbose)
		show_said(w);
	if (r == TOOL_UNCONFINED)
		return fail(w, "the new image would not confine; mend the reason above, or say "
			       "--no-check");
	if (r != TOOL_OK && r != TOOL_COMPLAIN && r != TOOL_UNKNOWN)
		return fail(w, "'initward check' of the new image failed; mend that, or say "
			       "--no-check");
	if (r == TOOL_UNKNOWN)
		say("%s: it cannot be foretold whether it confines; going on", w->t->image);
	return true;
}

/* The old image stays under a name of its own; where there are no hard links, as a copy. */
static bool keep_old(const struct work *w, const char *old)
{
	char *beside = path_join(w->room, "old");
	bool ok = true;
	int r = 0;

	if (link(w->t->image, beside) < 0) {
		ok = copy_file(w->t->image, beside);
		if (ok)
			r = copy_properties(beside, w->t->image);
		if (ok && r == 0)
			r = sync_path(beside);
	}
	if (ok && r == 0 && rename(beside, old) < 0)
		r = -errno;
	if (r < 0)
		say("cannot keep the old image as %s: %s", old, strerror(-r));
	free(beside);
	return ok && r == 0;
}

/*
 * An image that was written since this boot has never booted: what was kept before it is the better one
 * to fall back to. Both times are by today's clock, whatever it showed at boot.
 */
static bool never_booted(const char *image)
{
	struct timespec now, up;
	struct stat st;

	return stat(image, &st) == 0 && clock_gettime(CLOCK_REALTIME, &now) == 0 &&
	       clock_gettime(CLOCK_BOOTTIME, &up) == 0 && st.st_mtime > now.tv_sec - up.tv_sec;
}

/*
 * initward-health.service writes down which image a boot went back from, by its inode, size and date
 * (systemd/boot-check): as little to fall back to as one that never booted.
 */
static bool did_not_come_up(const char *image)
{
	FILE *file = fopen("/var/lib/initward/did-not-come-up", "re");
	unsigned long long inode, size;
	long long date;
	struct stat st;
	bool ret;

	if (!file)
		return false;
	ret = fscanf(file, "%llu %llu %lld", &inode, &size, &date) == 3 && stat(image, &st) == 0 &&
	      st.st_ino == inode && (unsigned long long)st.st_size == size && st.st_mtime == date;
	(void)fclose(file);
	return ret;
}

static bool not_copied(const struct target *t, const char *why)
{
	say("%s is in place, but where the boot loader has a copy of its own (systemd-boot, "
	    "flash-kernel) "
	    "that may be the old one: %s",
	    t->image, why);
	return false;
}

/*
 * Calls what copies an image to where the boot loader reads it, as update-initramfs does in its
 * run_bootloader(). An image that no generator made, or of no kernel, is nothing for those.
 */
static bool tell_boot_loader(const struct target *t)
{
	static const char *const dirs[] = { "/etc/initramfs/post-update.d",
					    "/usr/share/initramfs/post-update.d" };
	struct list argv = { 0 };
	struct job *job;
	char *program;

	if (t->generator == GENERATOR_NONE || !t->release)
		return true;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		if (access(dirs[i], F_OK) == 0)
			list_add(&argv, dup_str(dirs[i]));
	}
	if (!argv.n)
		return true;
	program = search_program("run-parts");
	if (!program) {
		list_free(&argv);
		return not_copied(t,
				  "run-parts is missing; install the Debian package debianutils");
	}
	job = grow(NULL, 1, sizeof(*job));
	*job = (struct job){ .loud = true, .gentle = true };
	list_add(&job->argv, program);
	list_add(&job->argv, format("--arg=%s", t->release));
	list_add(&job->argv, format("--arg=%s", t->image));
	for (size_t i = 0; i < argv.n; i++)
		list_add(&job->argv, dup_str(argv.item[i]));
	list_free(&argv);
	return run_program(job) == 0 ||
	       not_copied(t, "what run-parts calls failed; mend what it says, and run 'initward "
			     "update' again");
}

static bool put_in_place(struct work *w)
{
	char *old = format("%s" OLD_SUFFIX, w->t->image), *dir = path_dir(w->t->image);
	int r = w->t->there ? copy_properties(w->fresh, w->t->image) : 0;
	bool ok, stays = access(old, F_OK) == 0 &&
			 (never_booted(w->t->image) || did_not_come_up(w->t->image));

	if (r == 0)
		r = sync_path(w->fresh);
	if (r < 0)
		say("cannot write %s to disk: %s", w->fresh, strerror(-r));
	ok = r == 0 && !interrupted() && (!w->t->there || stays || keep_old(w, old));
	if (ok && rename(w->fresh, w->t->image) < 0) {
		say("cannot rename %s to %s: %s", w->fresh, w->t->image, strerror(errno));
		ok = false;
	}
	if (ok && sync_path(dir) < 0)
		say("%s is in place, but %s cannot be written to disk", w->t->image, dir);
	if (!ok)
		(void)fail(w, "the new one could not be put in place");
	else if (w->t->there)
		printf("%s: made anew (%s); the %s is %s\n", w->t->image,
		       generator_name(w->t->generator), stays ? "last one that booted" : "old one",
		       old);
	else
		printf("%s: made (%s)\n", w->t->image, generator_name(w->t->generator));
	free(old);
	free(dir);
	return ok;
}

/*
 * Where nobody but who may write the image can hold it: flock() asks for no more than an open file, so
 * that a folder that all can read would let all of them stand in the way.
 */
static int open_lock(const struct target *t, const char *dir, const char **ret_path)
{
	const int how = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
	int fd;

	*ret_path = LOCK;
	if (geteuid() == 0) {
		fd = open(LOCK, how, 0600);
		if (fd >= 0 || (errno != ENOENT && errno != ENOTDIR && errno != EROFS))
			return fd;
		say("cannot make " LOCK ": %s; the image itself is locked instead",
		    strerror(errno));
	}
	*ret_path = t->image;
	if (t->there)
		return open(t->image, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
	*ret_path = dir;
	return open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* A file descriptor that holds the lock; -1 after it has said why. */
static int lock_image(const struct target *t, const char *dir)
{
	const char *path;
	int fd = open_lock(t, dir, &path);

	if (fd < 0) {
		say("cannot open %s for the lock: %s", path, strerror(errno));
	} else if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		say("another 'initward update' is at work: it has locked %s", path);
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

/*
 * An image may hold keys. Generators choose the mode of what they write by themselves (mkinitramfs
 * sets its umask to 0022), so that all of it is written where nobody else may look for it.
 */
static bool make_room(const struct work *w)
{
	int r = remove_tree(w->room); /* of a run that was killed */

	if (r == 0 || r == -ENOENT)
		r = mkdir(w->room, 0700) < 0 ? -errno : 0;
	if (r < 0)
		say("cannot make the folder %s: %s", w->room, strerror(-r));
	return r == 0 || fail(w, "there is no place for the new one");
}

bool rebuild(const struct update *u, const struct target *target)
{
	char *dir = path_dir(target->image);
	struct work w = {
		.u = u,
		.t = target,
		.room = format("%s/.%s.initward-new", dir, path_base(target->image)),
		.said = path_join(u->work, "said"),
	};
	int lock = lock_image(target, dir);
	bool ok = lock >= 0;

	w.fresh = path_join(w.room, path_base(target->image));
	if (ok) {
		ok = make_room(&w) && generate(&w) && wrap(&w) && verify(&w) && foretell(&w);
		if (ok && u->dry_run)
			printf("%s: the new image is good (%s); it was not put in place\n",
			       target->image, generator_name(target->generator));
		else
			ok = ok && put_in_place(&w) && tell_boot_loader(target);
		(void)remove_tree(w.room);
		(void)close(lock);
	}
	free(w.room);
	free(w.fresh);
	free(w.said);
	free(dir);
	return ok;
}
