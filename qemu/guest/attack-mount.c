/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Attacks by other names: mounts of what is protected somewhere else. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "attack.h"
#include "guest.h"

/* linux/mount.h and fcntl.h; a C library may not have them. */
#define OPEN_TREE_CLONE_FLAG 1
#define OPEN_TREE_CLOEXEC_FLAG O_CLOEXEC
#define OPEN_TREE_NAMESPACE_FLAG 2
#define AT_RECURSIVE_FLAG 0x8000
#define MOVE_MOUNT_F_EMPTY_PATH_FLAG 4
#define FSCONFIG_SET_STRING_NR 1
#define FSCONFIG_CMD_CREATE_NR 6
#define FSCONFIG_CMD_RECONFIGURE_NR 7
#define NR_FSPICK 433
#define NR_MOUNT_SETATTR 442
#define SYSCTL_IN_PROC "sys/kernel/poweroff_cmd"

static const char *prepare_folder(void)
{
	return mkdir("alias", 0755) < 0 ? missing("mkdir", errno) : NULL;
}

static const char *prepare_file(void)
{
	return mknod("alias", S_IFREG | 0600, 0) < 0 ? missing("mknod", errno) : NULL;
}

static int bind_and_write(const char *what, unsigned long flags, const char *file)
{
	if (mount(what, "alias", NULL, MS_BIND | flags, NULL) < 0)
		return errno;
	return write_canary(file, O_WRONLY);
}

static int run_bind_folder(void)
{
	return bind_and_write(CANARY_FOLDER, 0, "alias/vault");
}

static int run_bind_root(void)
{
	return bind_and_write("/", 0, "alias" CANARY);
}

static int run_rbind_root(void)
{
	return bind_and_write("/", MS_REC, "alias" CANARY);
}

static int run_bind_file(void)
{
	return bind_and_write(CANARY, 0, "alias");
}

static int run_bind_sysctl(void)
{
	return bind_and_write(CANARY_SYSCTL, 0, "alias");
}

static int run_bind_proc(void)
{
	return bind_and_write("/proc", 0, "alias/" SYSCTL_IN_PROC);
}

/* The source named through a descriptor: what path does the layer see? */
static int run_bind_magic(void)
{
	char path[40];
	int fd = open(CANARY_FOLDER, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return errno;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return bind_and_write(path, 0, "alias/vault");
}

/* A mount of a folder above, made first, is then moved over to where the rules do not look. */
static int run_move(void)
{
	if (mount("/", "alias", NULL, MS_BIND, NULL) < 0)
		return errno;
	(void)mkdir("moved", 0755);
	if (mount("alias", "moved", NULL, MS_MOVE, NULL) < 0)
		return errno;
	return write_canary("moved" CANARY, O_WRONLY);
}

static const char *prepare_over(void)
{
	int err = write_canary("alias", O_WRONLY | O_CREAT);

	return err ? missing("a file of one's own", err) : NULL;
}

/* The file itself is left alone: the system sees another one in its place. */
static int run_over(void)
{
	return mount("alias", CANARY, NULL, MS_BIND, NULL) < 0 ? errno : 0;
}

static int run_over_folder(void)
{
	return mount("none", CANARY_FOLDER, "tmpfs", 0, NULL) < 0 ? errno : 0;
}

static int run_second_proc(void)
{
	if (mount("proc", "alias", "proc", 0, NULL) < 0)
		return errno;
	return write_canary("alias/" SYSCTL_IN_PROC, O_WRONLY);
}

static int open_tree(const char *path, unsigned int flags)
{
	return (int)syscall(SYS_open_tree, AT_FDCWD, path,
			    OPEN_TREE_CLONE_FLAG | OPEN_TREE_CLOEXEC_FLAG | flags);
}

int attach_mount(int fd, const char *to)
{
	return (int)syscall(SYS_move_mount, fd, "", AT_FDCWD, to, MOVE_MOUNT_F_EMPTY_PATH_FLAG);
}

static int run_open_tree(void)
{
	int fd = open_tree("/", 0);

	return fd < 0 ? errno : write_canary_at(fd, "canary/vault", O_WRONLY);
}

static int run_open_tree_folder(void)
{
	int fd = open_tree(CANARY_FOLDER, AT_RECURSIVE_FLAG);

	return fd < 0 ? errno : write_canary_at(fd, "vault", O_WRONLY);
}

static int run_open_tree_move(void)
{
	int fd = open_tree("/", 0);

	if (fd < 0 || attach_mount(fd, "alias") < 0)
		return errno;
	return write_canary("alias" CANARY, O_WRONLY);
}

/*
 * From Linux 6.8 on AppArmor is asked for the target; of a source that lies nowhere it is given no name
 * (security/apparmor/mount.c aa_move_mount()).
 */
static int move_copy(const char *of, const char *file)
{
	int fd = open_tree(of, 0);

	if (fd < 0 || attach_mount(fd, "alias") < 0)
		return errno;
	return write_canary(file, O_WRONLY);
}

static int run_file_move(void)
{
	return move_copy(CANARY, "alias");
}

static int run_folder_move(void)
{
	return move_copy(CANARY_FOLDER, "alias/vault");
}

/* What the file is called is known, but not in which folder another one is made. */
static int run_create_moved(void)
{
	int fd = open_tree(CANARY_FOLDER, 0);

	if (fd < 0 || attach_mount(fd, "alias") < 0)
		return errno;
	return mknod("alias/new", S_IFREG | 0600, 0) < 0 ? errno : 0;
}

static int run_sysctl_move(void)
{
	return move_copy(CANARY_SYSCTL, "alias");
}

static int run_sysctls_move(void)
{
	return move_copy("/proc/sys/kernel", "alias/modprobe");
}

int detached_mount(const char *type)
{
	int fs = (int)syscall(SYS_fsopen, type, 0);

	if (fs < 0 || syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE_NR, NULL, NULL, 0) < 0)
		return -1;
	return (int)syscall(SYS_fsmount, fs, 0, 0);
}

static int run_fsmount(void)
{
	int fd = detached_mount("proc");

	return fd < 0 ? errno : write_canary_at(fd, SYSCTL_IN_PROC, O_WRONLY);
}

static int run_fsmount_move(void)
{
	int fd = detached_mount("proc");

	if (fd < 0 || attach_mount(fd, "alias") < 0)
		return errno;
	return write_canary("alias/" SYSCTL_IN_PROC, O_WRONLY);
}

/* A detached mount has its names from its own root on: here the file is "/modprobe", or has none at all. */
static int run_open_tree_sysctl(void)
{
	int fd = open_tree("/proc/sys/kernel", 0);

	return fd < 0 ? errno : write_canary_at(fd, "modprobe", O_WRONLY);
}

static int run_open_tree_file(void)
{
	char path[40];
	int fd = open_tree(CANARY, 0);

	if (fd < 0)
		return errno;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return write_canary(path, O_WRONLY);
}

static int run_move_mount_over(void)
{
	int fd = detached_mount("tmpfs");

	return fd < 0 || attach_mount(fd, CANARY_FOLDER) < 0 ? errno : 0;
}

static int run_bind_sysctls(void)
{
	return bind_and_write("/proc/sys/kernel", 0, "alias/modprobe");
}

static int complain(const char *folder)
{
	char path[80];

	(void)snprintf(path, sizeof(path), "%s/audit", folder);
	(void)write_small(path, "noquiet");
	(void)snprintf(path, sizeof(path), "%s/mode", folder);
	return write_small(path, "complain");
}

static int run_second_sysfs(void)
{
	if (mount("sysfs", "alias", "sysfs", 0, NULL) < 0)
		return errno;
	return complain("alias/module/apparmor/parameters");
}

static int run_bind_parameters(void)
{
	if (mount(AA_PARAMS, "alias", NULL, MS_BIND, NULL) < 0)
		return errno;
	return complain("alias");
}

/* The rule names the policy namespace by its path from the root of AppArmor's own mount. */
static int run_bind_namespaces(void)
{
	if (mount(AA_FS "/policy/..", "alias", NULL, MS_BIND, NULL) < 0)
		return errno == EINVAL
			       ? impossible(errno,
					    "AppArmor's own mount lies in no mount namespace")
			       : errno;
	return rmdir("alias/application") < 0 ? errno : 0;
}

#define OVERLAY(of) "lowerdir=/tmp/" of "/lower,workdir=/tmp/" of "/work,upperdir="

static int mount_overlay(const char *to, const char *options)
{
	(void)mkdir("lower", 0755);
	(void)mkdir("work", 0755);
	(void)mkdir("upper", 0755);
	if (mount("overlay", to, "overlay", 0, options) == 0)
		return 0;
	return errno == ENODEV ? impossible(errno, "CONFIG_OVERLAY_FS=m, and this image has none")
			       : errno;
}

/* The system sees what lies behind instead. */
static int run_overlay(void)
{
	return mount_overlay(CANARY_FOLDER, OVERLAY("overlay") "/tmp/overlay/upper");
}

/* What is written there is written to the folder, by another name; where it comes from is an option, which no rule sees. */
static int run_overlay_alias(void)
{
	int err = mount_overlay("alias", OVERLAY("overlay-alias") CANARY_FOLDER);

	return err ? err : write_canary("alias/vault", O_WRONLY);
}

/* Nothing is opened by that name: a file of the layer below is copied up, and renamed. */
static int run_overlay_rename(void)
{
	int err;

	(void)mkdir("lower", 0755);
	err = write_canary("lower/new", O_WRONLY | O_CREAT);
	if (!err)
		err = mount_overlay("alias", OVERLAY("overlay-rename") CANARY_FOLDER);
	if (err)
		return err;
	return rename("alias/new", "alias/vault") < 0 ? errno : 0;
}

#define STEPS 16

/* The folders of one tree, and the working directory the last of them; from its top a link leads there. */
static int make_tree(const char *top)
{
	char name[251], way[STEPS * sizeof(name)] = "";

	memset(name, 'd', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (int i = 0; i < STEPS; i++)
		(void)snprintf(way + strlen(way), sizeof(way) - strlen(way), "%s%s", i ? "/" : "",
			       name);
	if (mkdir(top, 0755) < 0 || chdir(top) < 0 || symlink(way, "l") < 0)
		return errno;
	for (int i = 0; i < STEPS; i++)
		if (mkdir(name, 0755) < 0 || chdir(name) < 0)
			return errno;
	return 0;
}

const char *make_deep(int (*fill)(void))
{
	char top[] = "t0", before[] = "t0";
	int base = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), err = base < 0 ? errno : 0;

	for (int i = 0; !err && i < 3; i++) {
		top[1] = (char)('0' + i);
		err = make_tree(top);
		if (!err && i == 0)
			err = fill();
		if (!err && i > 0 && renameat(base, before, AT_FDCWD, "next") < 0)
			err = errno;
		before[1] = top[1];
		(void)fchdir(base);
	}
	(void)close(base);
	return err ? missing("a deep folder", err) : NULL;
}

static int make_alias(void)
{
	return mkdir("alias", 0755) < 0 ? errno : 0;
}

static const char *prepare_deep(void)
{
	const char *why = make_deep(make_alias);

	return why || chdir(DEEP) == 0 ? why : missing("a deep folder", errno);
}

/* A bind of a folder above has a name there that is too long for any rule. */
static int run_too_long(void)
{
	return bind_and_write("/", 0, "alias" CANARY);
}

static int run_chroot(void)
{
	if (chroot(CANARY_FOLDER) < 0)
		return errno;
	return write_canary("/vault", O_WRONLY);
}

/* pivot_root wants a root that is a mount: the folder becomes the root, and the file is below it. */
static int run_pivot_root(void)
{
	if (mount("/", "alias", NULL, MS_BIND, NULL) < 0 || chroot("alias") < 0 || chdir("/") < 0)
		return errno;
	if (mount(CANARY_FOLDER, CANARY_FOLDER, NULL, MS_BIND, NULL) < 0 ||
	    chdir(CANARY_FOLDER) < 0 || syscall(SYS_pivot_root, ".", ".") < 0)
		return errno;
	return write_canary("/vault", O_WRONLY);
}

/*
 * "/" and a bind of it share what is mounted in either, and the rules see the name in the bind only. systemd
 * has "/" shared on each system.
 */
static int run_propagated(void)
{
	int err = 0;

	if (mount(NULL, "/", NULL, MS_SHARED, NULL) < 0 ||
	    mount("/", "alias", NULL, MS_BIND, NULL) < 0 ||
	    mount("none", "alias" CANARY_FOLDER, "tmpfs", 0, NULL) < 0)
		err = errno;
	(void)mount(NULL, "/", NULL, MS_PRIVATE, NULL);
	(void)mount(NULL, "alias", NULL, MS_PRIVATE | MS_REC, NULL);
	(void)umount2("alias", MNT_DETACH);
	return err;
}

/* By its number: the loader's filter makes later ones answer as if they lacked the call. */
static bool is_before(unsigned int major, unsigned int minor)
{
	struct utsname u;
	unsigned int has_major, has_minor;

	return uname(&u) == 0 && sscanf(u.release, "%u.%u", &has_major, &has_minor) == 2 &&
	       (has_major < major || (has_major == major && has_minor < minor));
}

/* linux/mount.h: struct mount_attr */
static int run_mount_setattr(void)
{
	const uint64_t attr[4] = { 2 /* MOUNT_ATTR_NOSUID */, 0, 0, 0 };

	if (syscall(NR_MOUNT_SETATTR, AT_FDCWD, "/", 0, attr, sizeof(attr)) == 0)
		return 0;
	return errno == ENOSYS && is_before(5, 12)
		       ? impossible(ENOSYS, "no mount_setattr before 5.12")
		       : errno;
}

/* The root folder of a new mount namespace, by one call. */
static int enter_copy(const char *folder)
{
	int fd = (int)syscall(SYS_open_tree, AT_FDCWD, folder,
			      OPEN_TREE_NAMESPACE_FLAG | OPEN_TREE_CLOEXEC_FLAG);

	if (fd < 0)
		return is_before(7, 0) ? impossible(errno, "no OPEN_TREE_NAMESPACE before 7.0")
				       : errno;
	return setns(fd, CLONE_NEWNS) < 0 ? errno : 0;
}

static int run_namespace_copy(void)
{
	int err = enter_copy(CANARY_FOLDER);

	return err ? err : write_canary("/vault", O_WRONLY);
}

static int run_namespace_copy_sysctl(void)
{
	int err = enter_copy("/proc/sys/kernel");

	return err ? err : write_canary("/modprobe", O_WRONLY);
}

static int run_reconfigure(void)
{
	int fs = (int)syscall(NR_FSPICK, AT_FDCWD, "/", 0);

	if (fs < 0 || syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING_NR, "size", "70%", 0) < 0 ||
	    syscall(SYS_fsconfig, fs, FSCONFIG_CMD_RECONFIGURE_NR, NULL, NULL, 0) < 0)
		return errno;
	return 0;
}

const struct attack mount_attacks[] = {
	{ "bind-folder", "mount(MS_BIND) of the folder", prepare_folder, run_bind_folder, 0 },
	{ "bind-root", "mount(MS_BIND) of a folder above", prepare_folder, run_bind_root, 0 },
	{ "rbind-root", "mount(MS_BIND | MS_REC)", prepare_folder, run_rbind_root, 0 },
	{ "bind-file", "mount(MS_BIND) of the file", prepare_file, run_bind_file, 0 },
	{ "bind-magic-link", "mount(MS_BIND) by /proc/self/fd", prepare_folder, run_bind_magic, 0 },
	{ "bind-sysctl", "mount(MS_BIND) of a file of proc", prepare_file, run_bind_sysctl, 0 },
	{ "bind-proc", "mount(MS_BIND) of proc", prepare_folder, run_bind_proc, 0 },
	{ "mount-move", "mount(MS_MOVE)", prepare_folder, run_move, 0 },
	{ "mount-over-file", "mount(MS_BIND) on top of the file", prepare_over, run_over,
	  SHARED_MOUNTS },
	{ "mount-over-folder", "mount of a file system on top of the folder", NULL, run_over_folder,
	  SHARED_MOUNTS },
	{ "second-proc", "mount of another proc", prepare_folder, run_second_proc, 0 },
	{ "open-tree", "open_tree(OPEN_TREE_CLONE), the path of a detached mount", NULL,
	  run_open_tree, 0 },
	{ "open-tree-folder", "open_tree of the folder, with AT_RECURSIVE", NULL,
	  run_open_tree_folder, 0 },
	{ "open-tree-move", "move_mount of a copy", prepare_folder, run_open_tree_move, 0 },
	{ "file-move", "move_mount of a copy of the file", prepare_file, run_file_move, 0 },
	{ "folder-move", "move_mount of a copy of the folder", prepare_folder, run_folder_move, 0 },
	{ "folder-move-create", "path_mknod in a copy of the folder that is moved", prepare_folder,
	  run_create_moved, 0 },
	{ "sysctl-move", "move_mount of a copy of a file of proc", prepare_file, run_sysctl_move,
	  0 },
	{ "sysctls-move", "move_mount of a copy of a folder of proc", prepare_folder,
	  run_sysctls_move, 0 },
	{ "fsmount", "fsopen and fsmount, the path of a detached mount", NULL, run_fsmount, 0 },
	{ "fsmount-move", "move_mount of a new mount", prepare_folder, run_fsmount_move, 0 },
	{ "open-tree-sysctl", "open_tree of a folder of proc, the path from its own root", NULL,
	  run_open_tree_sysctl, 0 },
	{ "open-tree-file", "open_tree of the file, which then is a root", NULL, run_open_tree_file,
	  0 },
	{ "move-mount-over", "move_mount on top of the folder", NULL, run_move_mount_over,
	  SHARED_MOUNTS },
	{ "namespace-copy", "open_tree(OPEN_TREE_NAMESPACE) of the folder", NULL,
	  run_namespace_copy, 0 },
	{ "namespace-copy-sysctl", "open_tree(OPEN_TREE_NAMESPACE) of a folder of proc", NULL,
	  run_namespace_copy_sysctl, 0 },
	{ "bind-sysctls", "mount(MS_BIND) of a folder of proc", prepare_folder, run_bind_sysctls,
	  0 },
	{ "second-sysfs", "mount of another sysfs", prepare_folder, run_second_sysfs, 0 },
	{ "bind-parameters", "mount(MS_BIND) of the module's parameters", prepare_folder,
	  run_bind_parameters, 0 },
	{ "bind-namespaces", "mount(MS_BIND) of AppArmor's own file system", prepare_folder,
	  run_bind_namespaces, LAST },
	{ "overlay", "mount of an overlay on top of the folder", NULL, run_overlay, SHARED_MOUNTS },
	{ "overlay-alias", "mount of an overlay whose upper layer is the folder", prepare_folder,
	  run_overlay_alias, 0 },
	{ "overlay-rename", "rename in an overlay whose upper layer is the folder", prepare_folder,
	  run_overlay_rename, 0 },
	{ "path-too-long", "mount(MS_BIND) of a folder above to a name of more than path_max",
	  prepare_deep, run_too_long, 0 },
	{ "mount-propagated",
	  "mount on the folder in a bind of the root folder, with which it is shared",
	  prepare_folder, run_propagated, SHARED_MOUNTS },
	{ "mount-setattr", "mount_setattr of the root folder", NULL, run_mount_setattr,
	  SHARED_MOUNTS },
	{ "fspick", "fspick and fsconfig(FSCONFIG_CMD_RECONFIGURE) of the root folder", NULL,
	  run_reconfigure, SHARED_MOUNTS },
	{ "chroot", "chroot into the folder", NULL, run_chroot, 0 },
	{ "pivot-root", "pivot_root into the folder", prepare_folder, run_pivot_root, 0 },
	{ .name = NULL },
};
