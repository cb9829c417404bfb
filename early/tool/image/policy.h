/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_POLICY_H
#define INITWARD_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "compile/featset.h"
#include "span.h"

/*
 * Compiled policy, looked at as the kernel does that is to load it: security/apparmor's
 * policy_unpack.c (unpack_profile(), unpack_pdb()) and match.c (aa_dfa_unpack()). Pure code; spans
 * point into the blob, which the caller keeps. blob.h has the names and modes.
 */

/* Tables of an automaton: YYTD_ID_* of include/match.h. */
enum dfa_table {
	DFA_ACCEPT,
	DFA_BASE,
	DFA_CHECK,
	DFA_DEFAULT,
	DFA_EC,
	DFA_META,
	DFA_ACCEPT2,
	DFA_NEXT
};
#define DFA_TABLES 8

struct dfa_data {
	const uint8_t *data; /* big-endian numbers */
	uint32_t width;	     /* bytes of one: 1, 2 or 4 */
	uint32_t n;
};

struct dfa {
	struct dfa_data table[DFA_TABLES];
	unsigned int flags;
};

/* One class of rules: an automaton, and the permissions that its states have. */
struct policy_rules {
	bool present;
	struct dfa dfa;
	uint32_t start;	      /* the state to begin with */
	const uint8_t *perms; /* of PERMS_ITEM bytes each; NULL: the states' own numbers */
	uint32_t n_perms;
};

/* What a kernel has to know to read it. */
struct policy_needs {
	uint32_t version;    /* of the last header, with its flags */
	unsigned int abi;    /* the highest version of the format: 5 to 9 */
	bool perms;	     /* the permissions are a table (policy/permstable32) */
	unsigned int permsv; /* and their version is stated (policy/permstable32_version) */
	bool state32;	     /* states are numbers of 32 bits (policy/state32) */
	bool tags;	     /* tags: no kernel says whether it knows them */
};

struct compiled_policy {
	struct policy_rules rules, file;
	bool complain;
	bool mac_admin; /* the capability without which nobody loads policy */
};

/*
 * Reads the profile at *pos of a blob and moves *pos behind it, for blobs that blob_next() has found
 * whole. *needs grows by what it needs. False: every kernel refuses it (EPROTO).
 */
bool policy_next(struct span blob, size_t *pos, struct compiled_policy *ret,
		 struct policy_needs *needs);

enum policy_fit { POLICY_FITS, POLICY_REFUSED, POLICY_UNCLEAR };

/* Does a kernel with these features (NULL: unknown) know the format? */
enum policy_fit policy_fits(const struct policy_needs *needs, const struct featset *features);

/* What a program does to a file: AA_MAY_* of include/perms.h. */
enum policy_access { POLICY_READ = 0x4, POLICY_DELETE = 0x20, POLICY_CHOWN = 0x2000 };

/*
 * May a program of root under this profile do that to a file of root? As aa_path_perm(), which lets
 * everything through in complain mode but what a rule denies without a log entry. The name of a folder
 * ends in a slash. *steps is how many steps the automaton may still make, which for a letter may be as
 * many as it has states; at 0 the answer is worth nothing.
 */
bool policy_may(const struct compiled_policy *policy, const char *path, enum policy_access access,
		uint64_t *steps);

/* The words of a feature file, "policy/state32"; false where the set has no such file. */
bool featset_find(const struct featset *set, struct span path, struct span *words);

#endif
