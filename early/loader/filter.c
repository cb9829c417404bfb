// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Mounts that no rule is asked about. AppArmor knows a file by its path, a bind mount by the path of its source, a
 * new file system by its type. A mount that open_tree(OPEN_TREE_CLONE) or fsmount makes lies nowhere yet: where
 * move_mount puts it, a rule is given the target alone (security/apparmor/mount.c aa_move_mount(), 6.8 and later), or
 * is not asked at all (before); and no hook is asked about what mount_setattr, fspick and open_tree_attr change. So the
 * next init goes without, and all that it starts: for them this is a kernel from before 5.2, and programs take
 * mount(2), of which AppArmor sees source, target, type and flags. open_by_handle_at goes with it: a file that nobody has
 * looked up has no name by it (fs/exportfs/expfs.c), and under attach_disconnected counts as "/". And quotactl(Q_QUOTAON),
 * which has the kernel write to a file of quotas that it looks up itself (fs/quota/quota.c): nobody is asked about that.
 */
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/filter.h, linux/seccomp.h, linux/mount.h; the numbers are those of most architectures. */
struct instruction {
	uint16_t code;
	uint8_t yes, no;
	uint32_t k;
};

struct program {
	unsigned short count;
	const struct instruction *code;
};

enum {
	LOAD = 0x20,	 /* a word of struct seccomp_data */
	AND = 0x54,	 /* with k */
	SHIFT = 0x74,	 /* right, by k */
	IF_EQUAL = 0x15, /* to k */
	IF_SET = 0x45,	 /* any bit of k */
	ANSWER = 0x06,
	NUMBER = 0,	     /* where the number is in struct seccomp_data */
	ARCHITECTURE = 4,    /* an AUDIT_ARCH of linux/audit.h */
	COMMAND = 16,	     /* the low half of the first argument */
	FLAGS = 32,	     /* ... of the third */
	SET_MODE_FILTER = 1, /* SECCOMP_SET_MODE_FILTER */
	SPEC_ALLOW = 4	     /* SECCOMP_FILTER_FLAG_SPEC_ALLOW */
};

#define NOT_X32 0xbfffffffU /* the same calls by another number: __X32_SYSCALL_BIT */
#define ALLOW 0x7fff0000U
#define NO_SUCH_CALL (0x00050000U | ENOSYS)
#define OPEN_TREE_ATTR 467
#define QUOTA_ON 0x800002U /* Q_QUOTAON, above the type of the quotas; linux/quota.h */
#define QUOTA_TYPE_BITS 8  /* SUBCMDSHIFT */
#define CLONE 1U	   /* OPEN_TREE_CLONE */
#define NAMESPACE 2U /* OPEN_TREE_NAMESPACE: the copy is the root of a mount namespace; Linux 7.0 */

/*
 * The flags with which open_tree is no more than an open(O_PATH): O_CLOEXEC, AT_SYMLINK_NOFOLLOW, AT_NO_AUTOMOUNT,
 * AT_EMPTY_PATH, AT_RECURSIVE. What a later kernel adds is a copy of some kind until somebody has looked at it.
 */
#define HARMLESS (O_CLOEXEC | 0x100U | 0x800U | 0x1000U | 0x8000U)

/*
 * Older calls: 32-bit programs have them by other numbers, and other calls by these. No 64-bit call has OPEN_BY_HANDLE_32.
 */
#define QUOTACTL_32 131
#if defined(__x86_64__)
#define NATIVE 0xc000003eU
#define OPEN_BY_HANDLE_32 342
#elif defined(__aarch64__)
#define NATIVE 0xc00000b7U
#define OPEN_BY_HANDLE_32 371
#endif

_Static_assert(SYS_open_tree == 428 && SYS_mount_setattr == 442, "other numbers");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "FLAGS is where the low half is");

static long set_filter(void)
{
	static const struct instruction code[] = {
		{ LOAD, 0, 0, NUMBER },
		{ AND, 0, 0, NOT_X32 },
		{ IF_EQUAL, 9, 0, SYS_open_tree },
		{ IF_EQUAL, 19, 0, SYS_move_mount },
		{ IF_EQUAL, 18, 0, SYS_fsopen },
		{ IF_EQUAL, 17, 0, SYS_fspick },
		{ IF_EQUAL, 16, 0, SYS_mount_setattr },
		{ IF_EQUAL, 15, 0, OPEN_TREE_ATTR },
		{ IF_EQUAL, 14, 0, OPEN_BY_HANDLE_32 },
		{ IF_EQUAL, 4, 0, SYS_open_by_handle_at },
		{ IF_EQUAL, 5, 0, SYS_quotactl },
		{ IF_EQUAL, 6, 12, QUOTACTL_32 },
		{ LOAD, 0, 0, FLAGS },
		{ IF_SET, 9, 10, ~HARMLESS },
		{ LOAD, 0, 0, ARCHITECTURE },
		{ IF_EQUAL, 7, 8, NATIVE },
		{ LOAD, 0, 0, ARCHITECTURE },
		{ IF_EQUAL, 2, 6, NATIVE },
		{ LOAD, 0, 0, ARCHITECTURE },
		{ IF_EQUAL, 4, 0, NATIVE },
		{ LOAD, 0, 0, COMMAND },
		{ SHIFT, 0, 0, QUOTA_TYPE_BITS },
		{ IF_EQUAL, 0, 1, QUOTA_ON },
		{ ANSWER, 0, 0, NO_SUCH_CALL },
		{ ANSWER, 0, 0, ALLOW },
	};
	const struct program program = { sizeof(code) / sizeof(*code), code };

	/*
	 * Process 1 has sys_admin, so that no_new_privs need not be set. Nobody is put into a sandbox: before 5.16 x86 would
	 * give up speculation for all that the next init starts (arch/x86/kernel/cpu/bugs.c).
	 */
	return syscall(SYS_seccomp, SET_MODE_FILTER, SPEC_ALLOW, &program);
}

bool can_filter(void)
{
	return syscall(SYS_seccomp, SET_MODE_FILTER, SPEC_ALLOW, NULL) < 0 && errno == EFAULT;
}

/* With arguments that no call takes. */
static bool is_absent(long call, long first, unsigned int flags)
{
	return syscall(call, first, "", (long)flags, -1L, 0L) < 0 && errno == ENOSYS;
}

static bool is_filtered(void)
{
	static const uint16_t calls[] = { SYS_open_tree,	SYS_move_mount,	   SYS_fsopen,
					  SYS_fspick,		SYS_mount_setattr, OPEN_TREE_ATTR,
					  SYS_open_by_handle_at };

	for (size_t i = 0; i < COUNT(calls); i++) {
		if (!is_absent(calls[i], -1, CLONE) || !is_absent(calls[i], -1, NAMESPACE))
			return false;
	}
	return is_absent(SYS_quotactl, QUOTA_ON << QUOTA_TYPE_BITS, 0);
}

int check_filter(struct boot *b, bool set)
{
	if (!config_filters(&b->conf) || is_filtered())
		return STEP_OK;
	return fail(b, 0, "the new mount interface is not refused by a filter of system calls",
		    set ? NULL : "; " FIRST_PROGRAM, NULL);
}

int step_filter(struct boot *b)
{
	if (!config_filters(&b->conf))
		return STEP_OK;
	if (set_filter() < 0)
		return fail(b, errno, "the filter of system calls cannot be set", NULL);
	b->undo.latched = true;
	return check_filter(b, true);
}
