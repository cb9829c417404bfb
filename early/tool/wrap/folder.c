// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A folder that is still to be packed. All that is new is made in a folder of its own, in there, and
 * proved good as if it were in place already; then two renames put it there. Whatever the folder holds,
 * links out of it too, nothing outside of it is written to: each name is taken from an open folder.
 */
#include "wrap/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/write.h"
#include "jobs.h"
#include "kv.h"
#include "wrap/prove.h"

#define ROOM ".initward-new"
#define MARK "version = 1\ntree = yes\n"

struct work {
	struct layer *layer;
	const char *path;
	int fd;		     /* the folder */
	int room;	     /* ROOM in there */
	struct image *image; /* as it is */
	const char *init;    /* what will be the next init, without leading slash */
	char *next;	     /* what that is, for the last message */
	struct timespec times[2];
};

/* The folder that has a ROOM: gone however the program ends, but by SIGKILL. */
static int room_of = -1;

static void remove_room(void)
{
	if (room_of >= 0)
		(void)remove_below(room_of, ROOM);
}

static bool refuse(const struct work *w, const char *why)
{
	say("%s: %s", w->path, why);
	return false;
}

static bool cannot_write(const struct work *w, const char *name, int err)
{
	say("cannot write %s/%s: %s; nothing was changed", w->path, name,
	    err == EINTR ? "stopped by a signal" : strerror(err));
	return false;
}

/* --- what is there --- */

/* Two runs would take each other's work away. What knows no locks (NFS) is as good as locked. */
static bool open_folder(struct work *w)
{
	struct stat st;

	w->fd = open(w->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (w->fd < 0 || fstat(w->fd, &st) < 0) {
		say("cannot read %s: %s", w->path, strerror(errno));
		return false;
	}
	w->times[0] = st.st_atim;
	w->times[1] = st.st_mtim;
	if (flock(w->fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		return refuse(w, "another 'initward wrap' is at work on it");
	return true;
}

/* Of a run that was killed; it would be packed too. */
static bool tidy_up(const struct work *w)
{
	struct stat st;
	int r = 0;

	/* asked first: a file system for reading only refuses to remove what is not there, too */
	if (fstatat(w->fd, ROOM, &st, AT_SYMLINK_NOFOLLOW) == 0)
		r = remove_below(w->fd, ROOM);
	if (r < 0)
		say("cannot remove %s/" ROOM ": %s", w->path, strerror(-r));
	return r == 0;
}

/* The mark of wrap, of an image or of a folder: "version = 1" comes first. */
static bool is_marked(const struct work *w)
{
	const struct image_file *mark = image_find(w->image, IMAGE_WRAPPED, false);
	struct text text = { 0 };
	struct kv kv;
	bool ret;

	if (!mark || !S_ISREG(mark->mode) || !image_read(w->image, mark, LIMIT_CONFIG, &text))
		return false;
	kv = kv_open(span_of_text(&text));
	ret = kv_version(&kv);
	text_free(&text);
	return ret;
}

/*
 * Where the loader is what the kernel starts, the next init stays. Where it is not, somebody has put
 * an /init of his own in its place since then, which is the next init from now on.
 */
static bool find_init(struct work *w)
{
	const bool marked = is_marked(w);
	bool loader;

	if (!starts_loader(w->image, &loader))
		return false;
	if (!marked && loader)
		return refuse(w, "its /init is initward's loader already, and not from "
				 "'initward wrap': make it again without it");
	if (!marked && image_find(w->image, "initward", false))
		return refuse(w, "it has an /initward already, and not from 'initward wrap': make "
				 "it again without it");
	w->init = loader ? NEXT_INIT : "init";
	return check_init(w->image, w->init);
}

/* --- what is new, in ROOM --- */

/*
 * One file under two names is what dracut makes of two equal ones: by hardlink(1), to which the number of the
 * inode says which one goes, and with that the time of which folder changes. Found equal, it finds nothing to do.
 */
static const char *same_before(const struct archive_list *list, const struct record *r)
{
	for (const struct record *old = list->record; r->data.len && old < r; old++) {
		if (old->mode == r->mode &&
		    span_eq(span_of_text(&old->data), span_of_text(&r->data)))
			return old->name;
	}
	return NULL;
}

static bool write_record(const struct work *w, const struct record *r, const char *same)
{
	int fd, err = 0;

	if (S_ISDIR(r->mode)) {
		if (mkdirat(w->room, r->name, 0700) == 0)
			return true;
		return cannot_write(w, r->name, errno);
	}
	if (same && linkat(w->room, same, w->room, r->name, 0) == 0)
		return true;
	fd = openat(w->room, r->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return cannot_write(w, r->name, errno);
	err = -write_fd(fd, r->data.data, r->data.len);
	if (close(fd) < 0 && !err)
		err = errno;
	if (interrupted())
		err = EINTR;
	return !err || cannot_write(w, r->name, err);
}

/* Behind all that is written, so that it stays: from the last one to the first, folders last. */
static bool set_properties(const struct work *w, const struct archive_list *list, uint32_t date)
{
	const struct timespec times[2] = { { .tv_sec = date }, { .tv_sec = date } };

	for (size_t i = list->n; i--;) {
		const struct record *r = &list->record[i];

		if (fchmodat(w->room, r->name, r->mode & 07777, 0) < 0 ||
		    utimensat(w->room, r->name, times, 0) < 0)
			return cannot_write(w, r->name, errno);
	}
	return true;
}

/* The same file by a second name, or a link to the same file: its old name goes with the rename. */
static bool make_next(struct work *w, uint32_t date)
{
	const struct timespec times[2] = { { .tv_sec = date }, { .tv_sec = date } };
	const struct image_file *init = image_find(w->image, w->init, false);
	int r;

	if (!S_ISLNK(init->mode)) {
		w->next = dup_str("what was /init");
		r = linkat(w->fd, w->init, w->room, NEXT_INIT, 0);
	} else {
		w->next = format("%s%s", init->target[0] == '/' ? "" : "/", init->target);
		r = symlinkat(w->next, w->room, NEXT_INIT);
		if (r == 0)
			r = utimensat(w->room, NEXT_INIT, times, AT_SYMLINK_NOFOLLOW);
	}
	return r == 0 || cannot_write(w, NEXT_INIT, errno);
}

static bool fill_room(struct work *w)
{
	struct archive_list list = { 0 };
	uint32_t date = 0;
	bool ok = source_date(&date);

	layer_records(w->layer, "init", &list);
	(void)add_file(&list, IMAGE_WRAPPED, 0644, span_of(MARK));
	for (size_t i = 0; ok && i < list.n; i++)
		ok = write_record(w, &list.record[i], same_before(&list, &list.record[i]));
	ok = ok && make_next(w, date) && set_properties(w, &list, date);
	archive_list_free(&list);
	return ok;
}

static bool make_room(struct work *w)
{
	if (mkdirat(w->fd, ROOM, 0700) < 0)
		return cannot_write(w, ROOM, errno);
	w->room = openat(w->fd, ROOM, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return w->room >= 0 || cannot_write(w, ROOM, errno);
}

static bool prove_room(const struct work *w)
{
	struct image *image = image_of_folder(w->path, w->fd, ROOM);
	bool ok = image && check_layer(image);

	image_free(image);
	return ok;
}

/* --- in place --- */

/*
 * Puts the new /initward in place, and an old one where that came from. In one step, where the file
 * system can do that.
 */
static int exchange_layer(const struct work *w)
{
	struct stat st;

	if (fstatat(w->fd, "initward", &st, AT_SYMLINK_NOFOLLOW) < 0)
		return renameat(w->room, "initward", w->fd, "initward");
	if (renameat2(w->room, "initward", w->fd, "initward", RENAME_EXCHANGE) == 0)
		return 0;
	if (errno != EINVAL || renameat(w->fd, "initward", w->room, "old") < 0)
		return -1;
	if (renameat(w->room, "initward", w->fd, "initward") == 0)
		return renameat(w->room, "old", w->room, "initward");
	(void)renameat(w->room, "old", w->fd, "initward");
	return -1;
}

static bool take_back(const struct work *w)
{
	struct stat st;
	int r;

	if (fstatat(w->room, "initward", &st, AT_SYMLINK_NOFOLLOW) == 0)
		r = exchange_layer(w);
	else
		r = renameat(w->fd, "initward", w->room, "initward");
	if (r < 0)
		say("%s/initward is new, and cannot be taken back: %s", w->path, strerror(errno));
	return r == 0;
}

/* Between the two steps the folder is as good as before: its own /init is what the kernel starts. */
static bool put_in_place(const struct work *w)
{
	int err;

	if (interrupted())
		return cannot_write(w, "init", EINTR);
	if (exchange_layer(w) < 0)
		return cannot_write(w, "initward", errno);
	if (renameat(w->room, "init", w->fd, "init") == 0)
		return true;
	err = errno;
	return take_back(w) && cannot_write(w, "init", err);
}

static bool change(struct work *w)
{
	bool ok = tidy_up(w);

	(void)signal(SIGXFSZ, SIG_IGN); /* a limit on the size is an error of write() */
	w->image = ok ? image_of_folder(w->path, w->fd, NULL) : NULL;
	ok = w->image && find_init(w) && layer_load(w->layer, "/" NEXT_INIT) && make_room(w) &&
	     fill_room(w) && prove_room(w) && put_in_place(w);
	if (w->room >= 0) {
		(void)close(w->room);
		ok = tidy_up(w) && ok;
		(void)futimens(w->fd, w->times); /* names have come and gone */
	}
	if (ok)
		printf("%s: wrapped; next init /" NEXT_INIT ", %s%s\n", w->path,
		       w->next[0] == '/' ? "a link to " : "", w->next);
	return ok;
}

bool wrap_folder(struct layer *layer, const char *path)
{
	struct work w = { .layer = layer, .path = path, .fd = -1, .room = -1 };
	bool ok = open_folder(&w);

	if (ok) {
		room_of = w.fd;
		ok = atexit(remove_room) == 0 && change(&w);
	}
	room_of = -1;
	if (w.fd >= 0)
		(void)close(w.fd);
	image_free(w.image);
	free(w.next);
	return ok;
}
