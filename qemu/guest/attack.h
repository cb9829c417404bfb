/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Attacks on the layer. A verb is a row of a table and two small functions; attack.c runs each in a
 * child of its own, attack-state.c, outside of the layer, says what has come of it.
 *
 * To add one: the functions, a row in the table of its family, its expectations in
 * qemu/scenarios/60-containment.scn. It has to be "escaped" in the scenario containment-control,
 * where an unconfined process runs it.
 */
#ifndef ATTACK_H
#define ATTACK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Protected by path (qemu/containment): the folder, the file, and what the file holds. */
#define CANARY_FOLDER "/canary"
#define CANARY CANARY_FOLDER "/vault"
/* Protected at each level, in /proc: the observer sees what is written there, and mends it. */
#define CANARY_SYSCTL "/proc/sys/kernel/poweroff_cmd"
/* The same on a disk, where the kernel has one (mount_disk()): a file, one to swap to, and one of quotas. */
#define DISK_FOLDER "/disk"
#define DISK_CANARY_FOLDER DISK_FOLDER "/canary"
#define DISK_CANARY DISK_CANARY_FOLDER "/vault"
#define DISK_SWAP DISK_CANARY_FOLDER "/swap"
#define DISK_QUOTA DISK_CANARY_FOLDER "/quota"
#define DISK_NODE "/guest/disk-node"
/* brd's first */
#define DISK_MAJOR 1
#define DISK_MINOR 0
#define ESCAPED_WORD "escaped"
/* A program that tells the observer that it has run, and writes to the canary. */
#define ESCAPEE "/guest/escapee"
#define ESCAPEE_PROGRAM "/sbin/guest-init"
/* A word in the memory of the victim, a task outside of the layer, at this address ... */
#define VICTIM_WORD 0x20000000UL
/* ... and its descriptor of the canary, open for writing. */
#define VICTIM_FD 100

/* The canary, opened to write before the loader has run; a loader leaves no descriptor behind. */
#define INHERITED_FD 58

enum attack_flags {
	/* What it breaks nobody can mend: after the others, and nothing after its success. */
	LAST = 1,
	/* A program runs later: the observer waits for its word. */
	WAITS = 2,
	/* It means to leave the layer: in the control, where the attacker never was in it, success tells. */
	LEAVES = 4,
	/* Not in a mount namespace of its own. */
	SHARED_MOUNTS = 8,
	/*
	 * Nothing that the observer can see tells of success (an open /dev/mem): a run that returns
	 * 0 has escaped.
	 */
	ITS_WORD = 16,
	/*
	 * Changes what a file has beside its contents. With the word "immutable" among the facts the canary is (chattr +i),
	 * for as long as it runs; the attacker first tries to take that away.
	 */
	ATTRIBUTES = 32,
};

struct attack {
	const char *name;
	/*
	 * Where in the kernel the layer has to stop it, or what is there instead. What wants a process
	 * outside of the layer, to help it or to be its prey, says "outside": the table has those apart.
	 */
	const char *path;
	/*
	 * Goes up to the point where the layer has to stop it, and proves that it is there: NULL, or
	 * what is missing. May be NULL. The working directory is empty and the attack's own.
	 */
	const char *(*prepare)(void);
	/* 0 or an errno, which is told; the verdict is the observer's. */
	int (*run)(void);
	unsigned int flags;
};

/* The tables end with a row without a name. */
extern const struct attack policy_attacks[], root_attacks[], mount_attacks[], file_attacks[],
	process_attacks[], uring_attacks[], helper_attacks[], raw_attacks[], namespace_attacks[],
	disk_attacks[], server_attacks[];

/* A program that no attachment knows: a memfd, and /proc/PID/fd/N, which names it; for the kernel to start. */
int make_program_without_path(void);
const char *program_without_path(void);

/*
 * A file system whose folder does not tell large letters from small ones, as the rules do, and in it, as Request-Key, a link to
 * that program. 0 or an errno: EINVAL where the kernel has none.
 */
#define NO_CASEFOLD "no casefold of tmpfs before 6.13"
int mount_casefolded(const char *over);

/* A mount of this type that lies nowhere, and where it is put then: -1 with errno. */
int detached_mount(const char *type);
int attach_mount(int fd, const char *to);

/*
 * Three folders "t0", "t1", "t2", each with 16 more below each other, and in its top a link "l" to the last of these; put into
 * each other only when all are there: so the last of all is at DEEP, and the name that AppArmor makes of it is longer than
 * it takes (path_max, 8192). No layer lets anybody make it there. `fill` is called in it while it has a name. For prepare().
 */
#define DEEP "t2/l/next/l/next/l"
const char *make_deep(int (*fill)(void));

/* Opens a device by a node of one's own, in the working directory: no rule for /dev knows it. -errno. */
int open_node(mode_t kind, unsigned int major, unsigned int minor, int flags);

/* Makes the kernel ask for a module that nobody has. 0 or an errno. */
int ask_for_module(const char *type);

/* The file under a name of one's own, "alias" in the working directory. 0 or an errno. */
int bind_alias(const char *path);

/* The flags of the canary, by FS_IOC_SETFLAGS of linux/fs.h; what chattr(1) calls "i" and "a" is FIXED. 0 or an errno. */
#define FIXED_IMMUTABLE 0x10L
#define FIXED_APPEND 0x20L
int set_canary_flags(long flags);

/* For run(): this kernel cannot do it at all; why, by its configuration. Returns err. */
int impossible(int err, const char *why);

/* For prepare(): "WHAT: ERRNO". */
const char *missing(const char *what, int err);

/* Opens with these flags, writes the word that tells of an escape, closes. 0 or an errno. */
int write_canary(const char *path, int flags);
int write_canary_at(int folder, const char *path, int flags);
int write_canary_fd(int fd);

/* A descriptor, open to write, that a process outside of the layer hands over; -1 with errno. */
int take_descriptor(void);

/* The process number of the victim; -1 where there is none. */
pid_t victim(void);

/* A program into a file that is open; it can be executed then. 0 or an errno. */
int copy_program(const char *path, int to);
int copy_program_to(const char *path, const char *to);

/* A child dies of a signal that leaves a core dump; back when the kernel has written it. */
int dump_core(void);

/* A cgroup of version 1, below the working directory, whose last task ends: the kernel starts AGENT. */
int release_cgroup_to(const char *agent);

/* Runs those that the facts of this boot name: all, or attack=NAME. */
void guest_attacks(const char *facts, bool control);

/* The disk with the file system of this image on it, at DISK_FOLDER: 0 or an errno. */
int mount_disk(void);
/* The observer's: makes what is protected there, says what has become of it (NULL: it is as it was). */
void make_disk_canary(void);
const char *disk_change(void);

/* The observer's side: judge, restore, victim, ... An empty answer: another process gives it. */
void attack_request(char *words, int from, char *answer, size_t size);

/* The program that an attacker had started. */
int guest_escapee(void);
/* The program that an attacker put into the place of apparmor_parser. */
int guest_parser(const char *word);

#endif
