// SPDX-License-Identifier: LGPL-2.1-or-later
/* What happens to the initramfs behind the loader, as far as the policy has a say in it. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "image/steps.h"

#define LIMIT_RUN_INIT (1 << 20)

/*
 * The program of klibc, with which images of initramfs-tools start the system (usr/kinit/run-init/
 * runinitlib.c): where it cannot remove a file it gives up, as process 1. That of busybox, and
 * switch_root of util-linux and systemd, go on.
 */
static bool starts_by_run_init(const struct image *image)
{
	static const char *const names[] = { "bin/run-init", "usr/bin/run-init" };
	static const char mark[] = "nuking initramfs contents";
	const struct image_file *file = NULL;
	struct text data = { 0 };
	bool found = false;

	if (!image_find(image, "scripts/functions", true))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names) && !file; i++)
		file = image_find(image, names[i], true);
	if (file && S_ISREG(file->mode) && file->size <= LIMIT_RUN_INIT &&
	    image_read(image, file, LIMIT_RUN_INIT, &data))
		found = memmem(data.data, data.len, mark, strlen(mark));
	text_free(&data);
	return found;
}

/* A folder's name ends in a slash in rules: aa_path_name() with PATH_IS_DIR. */
static bool may_remove(const struct compiled_policy *global, const struct image_file *file)
{
	char *path = format("/%s%s", file->name, S_ISDIR(file->mode) ? "/" : "");
	bool ret = policy_may(global, path, POLICY_DELETE);

	free(path);
	return ret;
}

const struct image_file *wipe_refused(const struct image *image,
				      const struct compiled_policy *global)
{
	for (size_t i = 0; i < image->n_files; i++) {
		if (!may_remove(global, &image->file_list[i]))
			return starts_by_run_init(image) ? &image->file_list[i] : NULL;
	}
	return NULL;
}
