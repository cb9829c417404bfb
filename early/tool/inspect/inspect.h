/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_INSPECT_H
#define INITWARD_INSPECT_H

#include "config.h"
#include "image/image.h"
#include "manifest.h"
#include "sha256.h"

/* What `initward inspect` shows. Gathered once, then printed for people or for programs. */

/* A program of the image. Texts that are not known are empty. */
struct inspect_program {
	const char *path;	       /* as it is called, without leading slash */
	const struct image_file *file; /* where that leads; NULL: nowhere */
	const char *kind;	       /* "ELF", "script", "folder", "device", "data", "missing" */
	char machine[32];	       /* of an ELF file: "x86-64" */
	struct text interpreter;       /* of a script: its line behind "#!" */
	bool loader;
	struct text version; /* of the loader */
	char digest[SHA256_HEX];
};

struct inspect_facts {
	struct inspect_program init;   /* the image's /init */
	struct inspect_program loader; /* wherever it lies; path NULL: it is not there */
	bool has_config;
	struct text config_text;
	struct config config;
	unsigned int bad_lines;
	char bad[LIMIT_MESSAGE];
	struct inspect_program next; /* the next init; path NULL: none is stated */
	bool has_bundle;
	struct text manifest_text;
	struct manifest manifest; /* n_sets 0 where it cannot be read */
	struct manifest_error error;
	char manifest_digest[SHA256_HEX];
	struct text parameters; /* that bootconfig adds to the kernel's command line */
	bool bootconfig_ok;
};

/* About 8 KiB; needs facts_free(). */
void facts_gather(const struct image *image, struct inspect_facts *ret);
void facts_free(struct inspect_facts *facts);

/* Is there anything of initward in the image? */
bool facts_initward(const struct inspect_facts *facts);

/*
 * What a set loads for one policy: enforce or complain, in hidden mode, which loads all. The result
 * is static. NULL: its lines cannot be read.
 */
const struct manifest_policy *facts_policy(const struct manifest_set *set, enum policy policy);

/* The kernels that a set names: *at is kv_open(set->head) at first. */
bool facts_next_kernel(struct kv *at, struct span *ret);

/* Files that took the place of another part's: *i is 0 at first. NULL at the end. */
const struct image_file *next_override(const struct image *image, size_t *i);

/* For people, on standard output. With `tree` the files too, as `ls -l` has them. */
void inspect_text(const struct image *image, const struct inspect_facts *facts, bool tree);

/* For programs: one object; `tree` adds "files". Returns the exit status. */
int inspect_json(const struct image *image, const struct inspect_facts *facts, bool tree);

/* "-rwxr-xr-x" and a NUL: what `ls -l` says of a mode. */
void mode_letters(unsigned int mode, char ret[11]);

#endif
