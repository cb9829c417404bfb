/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GUEST_H
#define GUEST_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define ROOM "/guest"
#define AA_FS "/sys/kernel/security/apparmor"
#define AA_PARAMS "/sys/module/apparmor/parameters"
#define AA_SYSCTL "/proc/sys/kernel/unprivileged_userns_apparmor_policy"

/* The result channel: each fact is one line "NONCE key=value" in one write. */
void channel_open(void);
void fact(const char *key, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Name of an errno value, "ok" for 0. */
const char *errno_name(int err);

/* Reads a whole small file; trailing newlines go. Returns its length or -errno. */
ssize_t read_small(const char *path, char *buf, size_t size);
ssize_t read_small_at(int folder, const char *path, char *buf, size_t size);

/* A folder, from one that is open on; NULL where there is none. */
DIR *open_folder_at(int folder, const char *path);

/* Opens, writes once, closes. Returns 0 or a positive errno. */
int write_small(const char *path, const char *text);

/* A fact from the first line of a file; an errno name in angle brackets where it cannot be read. */
void fact_from_file(const char *key, const char *path);

/* A fact from the names in a folder that have no dot in front. */
void fact_from_folder(const char *key, const char *path);

/* Is a filesystem with this magic number mounted there? */
bool mounted(const char *path, long magic);

/* Mounts proc, sysfs and securityfs where they are missing. */
void mount_missing(void);

/* Makes the kernel run this program as /sbin/modprobe, which then says WORD's facts. */
void ask_observer(const char *word);

/* The kernel's AppArmor feature files, as "feature=PATH CONTENT" and "directory=PATH". */
void say_features(void);

int guest_init(int argc, char **argv, char **envp);
int guest_preinit(int argc, char **argv, char **envp);
int guest_observer(const char *request);
int guest_features(void);
int guest_outside(char **argv, char **envp);
int guest_ask(int argc, char **argv);

/* Leaves the observer of whole systems outside; NAME is its argv[0]. 0 or an errno. */
int start_outside(char *name);

/* Asks it, and waits for its answer. 0 or an errno. */
int ask_outside(const char *request, char *answer, size_t size);
/* The same without the wait: the connection, or -1. */
int connect_outside(const char *request);

int guest_type(int argc, char **argv);
int guest_stack(const char *label);
int guest_tree(void);
void guest_attempts(void);
void guest_assets(void);

/* Makes the kernel start programs, and has the observer outside look at them. */
void guest_census(const char *facts);
int guest_helper(const char *kind);

/*
 * Loads /guest/pre.blob or else the bundle's first enforcing blob, its profile "global" called `name`
 * instead, which has to be as long. 0 or an errno.
 */
int load_policy(const char *name);

/* `initward status` from all places: under the loader's layer, outside of it, and without one. */
void guest_status(void);
void guest_status_outside(const char *word);
void guest_status_alone(void);
/* `initward seal`, tried, done and done again, and what holds behind it. */
void guest_seal(void);

_Noreturn void power_off(void);

#endif
