/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_MANIFEST_H
#define INITWARD_MANIFEST_H

#include "config.h"
#include "kv.h"
#include "bounds.h"
#include "sha256.h"

/* The root profile that confines everything, and the namespace that hides it. */
#define GLOBAL_PROFILE "global"
#define APPLICATION_NS "application"

/*
 * The root profile for programs that the kernel starts by itself, which attaches to each. Hidden mode only: in visible
 * mode applications are in the root namespace too, and it would take the place of their own profiles.
 */
#define HELPERS_PROFILE "helpers"

/*
 * The manifest of a policy bundle, initward-bundle(5). All spans point into the text that was
 * parsed, which the caller keeps.
 */
struct manifest_set {
	struct span name;
	unsigned int rank;
	bool base;
	struct span classes;	   /* names, blank-separated */
	struct span head;	   /* lines of the set before its first blob */
	struct span entries;	   /* its blob and profile lines */
	unsigned int head_line;	   /* line number before the first of `head` */
	unsigned int entries_line; /* likewise of `entries` */
};

struct manifest {
	unsigned int n_sets;
	struct manifest_set sets[LIMIT_SETS];
};

struct manifest_blob {
	struct span path; /* relative to the bundle */
	unsigned int ns;  /* index into manifest_policy.namespaces */
	size_t size;
	uint8_t sha256[SHA256_SIZE];
	unsigned int first; /* its profiles: index into manifest_policy.profiles, and how many */
	unsigned int count;
};

struct manifest_profile {
	struct span name;
	unsigned int mode; /* enum profile_mode */
	unsigned int ns;   /* as in its blob */
};

/*
 * What one boot loads: the part of one set that belongs to one policy. About 400 KiB; make it
 * static.
 */
struct manifest_policy {
	unsigned int n_namespaces; /* when hidden, "application" is [1] */
	unsigned int n_blobs;
	unsigned int n_profiles;
	size_t size;				      /* of all blobs */
	struct span namespaces[LIMIT_NAMESPACES + 1]; /* [0] is the root, "-" */
	struct manifest_blob blobs[LIMIT_BLOBS + 1];  /* the last is never counted */
	struct manifest_profile profiles[LIMIT_PROFILES];
	/* The profiles by namespace and name, for manifest_find(). */
	const struct manifest_profile *sorted[LIMIT_PROFILES];
};

/* Where a text is wrong: the line (0: the whole), why, and the word it is about. */
struct manifest_error {
	unsigned int line;
	const char *why;
	struct span word;
};

/* How a set was chosen for a kernel. */
enum fit { FIT_NONE, FIT_EXACT, FIT_FEATURES, FIT_BASE };

/* Finds the sets and reads their heads. False: *err is filled in. */
bool manifest_parse(struct span text, struct manifest *ret, struct manifest_error *err);

/* The set that names this kernel ("RELEASE VERSION MACHINE", uname -rvm); NULL where none does. */
const struct manifest_set *manifest_exact(const struct manifest *m, struct span identity);

/* The set of the highest rank below `below`; NULL at the end. Start with UINT_MAX. */
const struct manifest_set *manifest_next_rank(const struct manifest *m, unsigned int below);

/* The conservative base; NULL where the bundle has none. */
const struct manifest_set *manifest_base(const struct manifest *m);

/*
 * Walks the features that the set's policy uses. *at is kv_open(set->head) at first. *path is the
 * file below apparmor/features, *words what it has to contain.
 */
bool manifest_next_use(struct kv *at, struct span *path, struct span *words);

/*
 * Reads the blobs and profiles of `set` that belong to `policy` (complain or enforce); those of
 * namespaces below the root in no visible mode, the root profile "helpers" in hidden mode only (elsewhere its attachment would
 * take the place of those of applications). Refuses what must not be loaded: a root without
 * profile "global" or with a profile in another mode than the policy's, and two profiles of one
 * name in a namespace: over loaded ones they oops every kernel from 5.10 to 7.3. False: *err is
 * filled in.
 */
bool manifest_entries(const struct manifest_set *set, enum policy policy, enum mode mode,
		      struct manifest_policy *ret, struct manifest_error *err);

/* The index of a namespace ("-": the root) in p->namespaces, -1 where it is none of them. */
int manifest_namespace(const struct manifest_policy *p, struct span ns);

/* Finds a profile by namespace index and name; NULL where it is not of this policy. */
const struct manifest_profile *manifest_find(const struct manifest_policy *p, unsigned int ns,
					     struct span name);

#endif
