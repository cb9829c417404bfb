// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Mounts that no rule is asked about. AppArmor knows a file by its path, a bind mount by the path of its source, a
 * new file system by its type. A mount that open_tree(OPEN_TREE_CLONE) or fsmount makes lies nowhere yet: where
 * move_mount puts it, a rule is given the target alone (security/apparmor/mount.c aa_move_mount(), 6.8 and later), or
 * is not asked at all (before); and no hook is asked about what mount_setattr, fspick and open_tree_attr change. So the
 * next init goes without, and all that it starts: for them this is a kernel from before 5.2, and programs take
 * mount(2), of which AppArmor sees source, target, type and flags. open_by_handle_at goes with it: a file that nobody has
 * looked up has no name by it (fs/exportfs/expfs.c), and under attach_disconnected counts as "/".
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
	IF_EQUAL = 0x15, /* to k */
	IF_SET = 0x45,	 /* any bit of k */
	ANSWER = 0x06,
	NUMBER = 0,	     /* where the number is in struct seccomp_data */
	ARCHITECTURE = 4,    /* an AUDIT_ARCH of linux/audit.h */
	FLAGS = 32,	     /* the low half of the third argument */
	SET_MODE_FILTER = 1, /* SECCOMP_SET_MODE_FILTER */
	SPEC_ALLOW = 4	     /* SECCOMP_FILTER_FLAG_SPEC_ALLOW */
};

#define NOT_X32 0xbfffffffU /* the same calls by another number: __X32_SYSCALL_BIT */
#define ALLOW 0x7fff0000U
#define NO_SUCH_CALL (0x00050000U | ENOSYS)
#define OPEN_TREE_ATTR 467
#define CLONE 1U     /* OPEN_TREE_CLONE */
#define NAMESPACE 2U /* OPEN_TREE_NAMESPACE: the copy is the root of a mount namespace; Linux 7.0 */

/*
 * The flags with which open_tree is no more than an open(O_PATH): O_CLOEXEC, AT_SYMLINK_NOFOLLOW, AT_NO_AUTOMOUNT,
 * AT_EMPTY_PATH, AT_RECURSIVE. What a later kernel adds is a copy of some kind until somebody has looked at it.
 */
#define HARMLESS (O_CLOEXEC | 0x100U | 0x800U | 0x1000U | 0x8000U)

/* An older call: 32-bit programs have it by another number, which no 64-bit call has, and another call by this one. */
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
		{ IF_EQUAL, 10, 0, SYS_move_mount },
		{ IF_EQUAL, 9, 0, SYS_fsopen },
		{ IF_EQUAL, 8, 0, SYS_fspick },
		{ IF_EQUAL, 7, 0, SYS_mount_setattr },
		{ IF_EQUAL, 6, 0, OPEN_TREE_ATTR },
		{ IF_EQUAL, 5, 0, OPEN_BY_HANDLE_32 },
		{ IF_EQUAL, 0, 5, SYS_open_by_handle_at },
		{ LOAD, 0, 0, ARCHITECTURE },
		{ IF_EQUAL, 2, 3, NATIVE },
		{ LOAD, 0, 0, FLAGS },
		{ IF_SET, 0, 1, ~HARMLESS },
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
static bool is_absent(long call, unsigned int flags)
{
	return syscall(call, -1L, "", (long)flags, -1L, 0L) < 0 && errno == ENOSYS;
}

int check_filter(struct boot *b, bool set)
{
	static const uint16_t calls[] = { SYS_open_tree,	SYS_move_mount,	   SYS_fsopen,
					  SYS_fspick,		SYS_mount_setattr, OPEN_TREE_ATTR,
					  SYS_open_by_handle_at };

	for (size_t i = 0; config_filters(&b->conf) && i < COUNT(calls); i++) {
		if (!is_absent(calls[i], CLONE) || !is_absent(calls[i], NAMESPACE))
			return fail(b, 0,
				    "the new mount interface is not refused by a filter of "
				    "system calls",
				    set ? NULL : "; " FIRST_PROGRAM, NULL);
	}
	return STEP_OK;
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
