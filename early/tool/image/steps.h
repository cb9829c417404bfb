/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_STEPS_H
#define INITWARD_STEPS_H

#include "bounds.h"
#include "image/forecast.h"
#include "image/policy.h"
#include "strbuf.h"

/* What the files behind forecast.h share: forecast.c, program.c, bundle.c, wipe.c. */

/* A file of the image. */
struct content {
	struct span data;
	struct text own; /* where the image does not keep it */
};

/*
 * Reads `path` (with or without a leading slash) as the loader's open() and read() would: 0, or a
 * positive errno, EFBIG above `limit`. content_free() in any case.
 */
int content_read(const struct image *image, const char *path, size_t limit, struct content *ret);
void content_free(struct content *content);

/* The errno of looking up a path that image_find() does not find. */
int missing_errno(const struct image *image, const char *path);

/* Does the path lie, or lead, where another file system is mounted while the loader runs? */
bool lies_under_mount(const struct image *image, const char *path);

/* The bundle as the loader has it in the end; large. */
struct bundle {
	const struct image *image;
	struct strbuf *why; /* gets the message where a function returns false */
	struct content text;
	struct manifest manifest;
	struct manifest_policy policy;
	/* For each of policy.namespaces: what its blobs need, and whether any kernel can take them. */
	struct policy_needs needs[LIMIT_NAMESPACES + 1];
	bool sound[LIMIT_NAMESPACES + 1];
	/* The profile "global" of the root namespace; it points into `global_blob`. */
	struct compiled_policy global;
	struct content global_blob;
};

/* All zero; ends the program where there is no memory. bundle_free() in any case. */
struct bundle *bundle_new(void);

/* step_manifest(); `digest` gets the manifest's where it can be read. */
bool bundle_open(struct bundle *b, const struct image *image, char digest[SHA256_HEX],
		 struct strbuf *why);
/* The end of step_feature_set(). */
bool bundle_entries(struct bundle *b, const struct manifest_set *set, enum policy policy,
		    enum mode mode);
/* step_read_policy(); fills in needs, global, sound. */
bool bundle_blobs(struct bundle *b);
/*
 * step_load() and step_namespaces(): POLICY_REFUSED and POLICY_UNCLEAR with a message, and which of
 * them it is.
 */
enum policy_fit bundle_loads(struct bundle *b, const struct featset *features, const char **step);
/* step_proof(), where the policy is to deny mac_admin or not. */
bool bundle_proves(struct bundle *b, enum policy policy, bool strict);
void bundle_free(struct bundle *b);

/* Does the next init wipe the initramfs before it starts the system, and give up where it may not? */
enum wipe { WIPE_NO, WIPE_YES, WIPE_UNKNOWN };
enum wipe image_wipe(const struct image *image);

/*
 * What it may not read or remove then under that profile, the first of all, the caller's to free; NULL:
 * nothing. *unknown: there is no telling, for the policy takes more steps than any does that is meant.
 */
char *wipe_refused(const struct image *image, const struct compiled_policy *global, bool *unknown);

/* How the execution of a program of the image ends. */
struct run {
	enum runnable result;
	int err;     /* errno of RUN_ABSENT and RUN_REFUSED */
	bool loader; /* it is the loader itself */
};

/* As check_program(), for a machine (EM_* of elf.h, 0: any 64-bit one). */
struct run program_runs(const struct image *image, const char *path, unsigned int machine,
			struct strbuf *why);

/* The machine that the image's /init is for; 0 where that is no ELF file. */
unsigned int image_machine(const struct image *image);

/* Begins a message anew: the strings up to NULL, then ": ERRNO" unless err is 0. */
void begin_why(struct strbuf *why, int err, ...) __attribute__((sentinel));

#endif
