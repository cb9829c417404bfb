// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The three file systems that the loader needs: mounted where missing, and gone again
 * afterwards.
 */
#include "io.h"

#include <errno.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

/* include/uapi/linux/magic.h, which musl-gcc does not see */
#define PROC_SUPER_MAGIC 0x9fa0
#define SYSFS_MAGIC 0x62656572
#define SECURITYFS_MAGIC 0x73636673

static const struct {
	const char *type;
	const char *path;
	long magic;
} filesystems[FS_COUNT] = {
	[FS_PROC] = { "proc", "/proc", PROC_SUPER_MAGIC },
	[FS_SYSFS] = { "sysfs", "/sys", SYSFS_MAGIC },
	[FS_SECURITYFS] = { "securityfs", "/sys/kernel/security", SECURITYFS_MAGIC },
};

static bool is_mounted(enum filesystem fs)
{
	struct statfs st;

	return statfs(filesystems[fs].path, &st) == 0 && (long)st.f_type == filesystems[fs].magic;
}

static int mount_one(struct boot *b, enum filesystem fs)
{
	const char *type = filesystems[fs].type, *path = filesystems[fs].path;

	if (is_mounted(fs))
		return STEP_OK;
	(void)mkdirat(b->root, path + 1, 0755);
	if (mount(type, path, type, MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0) {
		(void)fail(b, errno, type, " cannot be mounted on ", path, NULL);
		sb_str(&b->why, "; is it built into the kernel?");
		return STEP_FAILED;
	}
	b->mounted[fs] = true;
	return STEP_OK;
}

int step_mount(struct boot *b)
{
	int r = STEP_OK;

	for (enum filesystem fs = 0; fs < FS_COUNT && r == STEP_OK; fs++)
		r = mount_one(b, fs);
	return r;
}

/*
 * In reverse, and only what step_mount() did: an init may mount them itself without asking.
 * Detached, since a program that the kernel started may be in there.
 */
int step_unmount(struct boot *b)
{
	int r = STEP_OK;

	for (int fs = FS_COUNT - 1; fs >= 0; fs--) {
		if (b->mounted[fs] &&
		    umount2(filesystems[fs].path, UMOUNT_NOFOLLOW | MNT_DETACH) < 0)
			r = fail(b, errno, filesystems[fs].path, " stays mounted", NULL);
		b->mounted[fs] = false;
	}
	return r;
}
