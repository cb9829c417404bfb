/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_FORECAST_H
#define INITWARD_FORECAST_H

#include "compile/featset.h"
#include "config.h"
#include "image.h"
#include "manifest.h"
#include "sha256.h"
#include "util.h"

/*
 * What the loader in an image will do on a given kernel: its steps (early/loader/main.c) in their
 * order, each decided from the image's files by the same code of early/common. No I/O, no messages;
 * nothing of the machine that this runs on counts.
 *
 * Left to the caller, who knows the kernel: whether it unpacks the image at all
 * (CONFIG_BLK_DEV_INITRD, a decompressor for each part), whether it has proc and sysfs, and
 * whether AppArmor is on. That the loader is the first program and finds no stack, profile or
 * namespace is taken for granted, since nothing else runs before it.
 */

enum outlook {
	OUTLOOK_CONFINED,   /* enforced, as far as can be foreseen */
	OUTLOOK_COMPLAIN,   /* a dry run */
	OUTLOOK_OFF,	    /* policy = off: the next init runs, on purpose without the layer */
	OUTLOOK_UNCONFINED, /* something fails, and the system runs without the layer */
	OUTLOOK_STOPS,	    /* something fails, and the kernel panics: no system runs */
	OUTLOOK_UNKNOWN,    /* cannot be foreseen; why says what is not known */
};

/* Is AppArmor active on that kernel, by its configuration and command line? */
enum lsm_verdict { LSM_UNKNOWN, LSM_ON, LSM_OFF };

struct forecast_kernel {
	/* "RELEASE VERSION MACHINE", as uname -rvm prints; empty: unknown. */
	struct span identity;
	/* Its AppArmor feature set; NULL: unknown. */
	const struct featset *features;
	enum lsm_verdict apparmor;
	/*
	 * For LSM_OFF what diagnose_off() says of it, for LSM_UNKNOWN what is not known, as "the
	 * kernel's configuration is not given"; NULL is as good as "".
	 */
	const char *apparmor_why;
	/* Is lockdown, which the levels above compatible want? */
	enum lsm_verdict lockdown;
	/* Filters of system calls, which they want as well. */
	enum lsm_verdict filter;
};

struct forecast {
	enum outlook outlook;
	/*
	 * What fails, or is not known: the loader's name for its step ("configuration", "mounts",
	 * "command line", "next init", "AppArmor", "policy lock", "manifest", "feature set",
	 * "policy", "load", "proof", "execution"), or "first program" where the loader does not even
	 * run; "switch root" where it is the next init that cannot go on under the policy. NULL where
	 * nothing fails. Static.
	 */
	const char *step;
	/* The loader's message, without "FAILED: STEP: "; one line, printable ASCII. */
	struct text why;
	/* What holds behind configuration and command line, as far as the loader gets. */
	struct config conf;
	/* The options on the command line that have no effect, as the loader names them. */
	struct text ignored;
	/* What the next init runs under, "global//&:application:unconfined"; NULL: nothing. Static. */
	const char *label;
	/* The set that is chosen, "" where none is, and how well it fits. */
	struct text set;
	enum fit fit;
	/* Classes that the kernel mediates and the chosen set does not, blank-separated. */
	struct text lost;
	/* SHA-256 of the manifest in hexadecimal; "" where none can be read. */
	char manifest_digest[SHA256_HEX];
	/* Profiles and bytes of policy that are loaded, 0 where it does not come to that. */
	unsigned int n_profiles;
	size_t n_bytes;
};

/*
 * Fills in *ret, which needs forecast_free() afterwards. `cmdline` is what /proc/cmdline will say:
 * as the kernel has it after its own limit (COMMAND_LINE_SIZE), with what a bootconfig adds.
 */
void forecast_image(const struct image *image, const char *cmdline,
		    const struct forecast_kernel *kernel, struct forecast *ret);
void forecast_free(struct forecast *forecast);

/* "confined", "complain", "off", "unconfined", "stops", "unknown"; never NULL. */
const char *outlook_name(enum outlook outlook);

/*
 * Is this file the loader? Its own text that says so, and its version; *version points into `file`
 * and may be NULL.
 */
bool is_loader(struct span file, struct span *version);

/*
 * Is the image's /init the loader, executable, and linked statically? Its version goes to `version`;
 * where it is not, `why` gets one line that says why.
 */
bool check_loader(const struct image *image, struct text *version, struct text *why);

/* Can the kernel execute that program of the image? */
enum runnable {
	RUN_OK,
	RUN_ABSENT,  /* missing, or no execute permission: access(X_OK) fails, "next init" */
	RUN_REFUSED, /* access() says yes, execve() fails: "execution" */
	RUN_UNKNOWN, /* on a file system that is mounted over the image, or of a foreign machine */
};

/*
 * `path` is absolute. Links are followed, and so are the interpreter of a script and that of an ELF
 * file. Unless RUN_OK, `why` gets why, in the loader's words: "/gone is missing or not executable:
 * ENOENT; check init =".
 */
enum runnable check_program(const struct image *image, const char *path, struct text *why);

/*
 * Everything that the loader checks of a bundle before it loads it, but of each set, in each policy
 * and in hidden mode, which loads all blobs: manifest, sizes, digests, names, modes, namespaces;
 * then what the kernel checks of a blob. Each fault is added to `faults` as one line, "set 6.1:
 * policy blob /initward/bundle/...: its SHA-256 is not the manifest's". True: there is none.
 */
bool check_bundle(const struct image *image, struct list *faults);

#endif
