/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_ENTRIES_H
#define INITWARD_ENTRIES_H

#include "span.h"
#include "util.h"

/*
 * What boot loaders have in their menus: which kernel, with which command line and which initramfs.
 * Pure code: texts in, entries out; nothing of it runs a loader's commands.
 */
struct boot_entry {
	char *title;
	char *id;     /* GRUB's --id, the name of a BLS file, a label of extlinux; may be "" */
	char *kernel; /* as the entry names it, a path on the loader's file system */
	struct list initrd; /* likewise, in order */
	char *version;	    /* the kernel's release, where the entry says it; else "" */
	char *options;	    /* the kernel command line that this loader makes of it */
	bool is_default;
	bool is_unified; /* a unified kernel image that no file describes */
	/* Part of it is decided when it boots: a condition that cannot be foreseen. */
	bool uncertain;
};

struct boot_entries {
	struct boot_entry *entry;
	size_t n;
	size_t cap;
	struct list vars; /* of GRUB, "NAME=VALUE": grubenv's at first */
	bool blscfg;	  /* grub.cfg says "blscfg": the BLS files are entries of its menu */
	bool default_known;
};

#define LIMIT_ENTRIES 512	     /* in one menu; what comes behind is not read */
#define LIMIT_MENU ((size_t)4 << 20) /* bytes of one file */

/* Adds an empty one, or gives NULL above the limit. */
struct boot_entry *entries_add(struct boot_entries *entries);
void entries_drop_last(struct boot_entries *entries);
void entries_free(struct boot_entries *entries);

/* The value of a variable; NULL where it is not set. */
const char *entries_var(const struct boot_entries *entries, struct span name);
void entries_set_var(struct boot_entries *entries, struct span name, const char *value);

/* GRUB's environment block: "NAME=VALUE" lines, '\' escapes (grub-core/lib/envblk.c). */
void entries_read_grubenv(struct span text, struct boot_entries *entries);

/* "$name" and "${name}" replaced by the variables; what is not set vanishes. At most LIMIT_CMDLINE bytes. */
void entries_expand(const struct boot_entries *entries, struct span text, struct text *ret);

/*
 * grub.cfg: its menu entries, those in submenus too, whose titles stand in front with a '>' between.
 * Conditions on variables are followed; of others both ways are taken, and what depends on them is
 * `uncertain`.
 */
void entries_read_grub(struct span text, struct boot_entries *entries);

/*
 * One file of loader/entries (UAPI.1, Boot Loader Specification type 1); `id` is its name without
 * ".conf". False where it names no kernel.
 */
bool entries_read_bls(struct span text, const char *id, struct boot_entries *entries);

/* extlinux.conf, syslinux.cfg. */
void entries_read_extlinux(struct span text, struct boot_entries *entries);

#endif
