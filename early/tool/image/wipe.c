// SPDX-License-Identifier: LGPL-2.1-or-later
/* What happens to the initramfs behind the loader, as far as the policy has a say in it. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "image/steps.h"
#include "places.h"

#define REPORT "/" IMAGE_REPORT
#define LIMIT_RUN_INIT (1 << 20)
#define LIMIT_WIPE_STEPS ((uint64_t)200 * 1000000)

/* As /init of initramfs-tools looks for it: its PATH. */
static const struct image_file *find_run_init(const struct image *image)
{
	static const char *const names[] = { "sbin/run-init", "usr/sbin/run-init", "bin/run-init",
					     "usr/bin/run-init" };
	const struct image_file *file = NULL;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names) && !file; i++)
		file = image_find(image, names[i], true);
	return file;
}

/*
 * Images of initramfs-tools start the system by run-init. That of klibc (usr/kinit/run-init/
 * runinitlib.c) gives up, as process 1, where it cannot remove a file; that of busybox, and switch_root
 * of util-linux and systemd, go on.
 */
enum wipe image_wipe(const struct image *image)
{
	static const char mark[] = "nuking initramfs contents";
	const struct image_file *file = find_run_init(image);
	struct text data = { 0 };
	enum wipe ret;

	if (!file || !S_ISREG(file->mode) || !image_find(image, "scripts/functions", true))
		return WIPE_NO;
	if (file->size > LIMIT_RUN_INIT) /* that of klibc has some 10 KiB */
		return WIPE_NO;
	if (!image_read(image, file, LIMIT_RUN_INIT, &data))
		return WIPE_UNKNOWN;
	ret = memmem(data.data, data.len, mark, strlen(mark)) ? WIPE_YES : WIPE_NO;
	text_free(&data);
	return ret;
}

struct wiper {
	const struct compiled_policy *global;
	uint64_t steps;
	struct text folder; /* that was asked for last */
};

/*
 * A folder that it may not read it takes for an empty one, and cannot remove (nuke_dir()). The root itself
 * it does not remove.
 */
static bool may_empty_parent(struct wiper *w, const char *path)
{
	size_t n = strlen(path) - 1; /* not the slash at the end */

	while (path[n - 1] != '/')
		n--;
	if (n == 1 || (w->folder.len == n && memcmp(w->folder.data, path, n) == 0))
		return true;
	w->folder.len = 0;
	text_add(&w->folder, path, n);
	return policy_may(w->global, w->folder.data, POLICY_READ, &w->steps);
}

/* Takes the name of what is to be removed; what is refused then, that or its folder, or NULL: nothing. */
static char *refused(struct wiper *w, char *path)
{
	if (!policy_may(w->global, path, POLICY_DELETE, &w->steps))
		return path;
	if (may_empty_parent(w, path)) {
		free(path);
		return NULL;
	}
	free(path);
	return dup_str(w->folder.data);
}

/* The system's root is mounted on /root by then: another file system, which is left alone. */
static bool is_left(const char *name)
{
	return strncmp(name, "root", 4) == 0 && (name[4] == '/' || !name[4]);
}

/* What no image needs to have: by the kernel (usr/default_cpio_list), the loader and /init. */
static const char *const always[] = { "/dev/console", "/dev/", "/proc/",     "/sys/",
				      REPORT,	      "/tmp/", "/var/lock/", "/var/" };

char *wipe_refused(const struct image *image, const struct compiled_policy *global, bool *unknown)
{
	struct wiper w = { .global = global, .steps = LIMIT_WIPE_STEPS };
	char *ret = NULL;

	for (size_t i = 0; i < sizeof(always) / sizeof(*always) && !ret; i++)
		ret = refused(&w, dup_str(always[i]));
	for (size_t i = 0; i < image->n_files && !ret && w.steps; i++) {
		const struct image_file *file = &image->file_list[i];

		if (!is_left(file->name))
			ret = refused(&w,
				      format("/%s%s", file->name, S_ISDIR(file->mode) ? "/" : ""));
	}
	text_free(&w.folder);
	*unknown = !w.steps;
	return ret;
}
