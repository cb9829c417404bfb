/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_JUDGE_H
#define INITWARD_JUDGE_H

#include <stdbool.h>

/*
 * Is the running system confined? Decided by what the kernel shows and does, never by what anybody
 * reports. Pure code: gather.c makes the evidence.
 */

/* What came of trying to change a file's owner to what it is. */
enum trial {
	TRIAL_FAILED,  /* with an errno that says nothing about confinement, or could not be made */
	TRIAL_ALLOWED, /* done; nothing was changed */
	TRIAL_REFUSED, /* EACCES */
	TRIAL_KILLED,  /* SIGKILL, as in AppArmor's mode "kill" */
};

enum apparmor { APPARMOR_UNKNOWN, APPARMOR_ABSENT, APPARMOR_OFF, APPARMOR_ON };

/* Is this the first of all, as far as can be seen? (PID namespace, root folder.) */
enum place { PLACE_UNKNOWN, PLACE_FIRST, PLACE_OTHER };

/* Texts are NULL where they cannot be read. Owned by whoever made it. */
struct evidence {
	enum apparmor apparmor;
	bool procfs;	    /* both files that are tried are of a proc file system */
	enum trial proof;   /* of the path that each global profile denies */
	enum trial control; /* of a path beside it that none denies */
	int proof_errno;    /* of TRIAL_FAILED; 0: no child could be started */
	int control_errno;
	enum place pid_namespace;
	enum place root;  /* OTHER: in a chroot, where the reserved path has another name */
	char *own_label;  /* "LABEL (MODE)" of this process, in the words of its own namespace */
	char *init_label; /* the same of process 1 */
	int own_errno;
	int init_errno;
	char *stacked; /* securityfs apparmor/.stacked, .ns_stacked, .ns_level, .ns_name */
	char *ns_stacked;
	char *ns_level;
	char *ns_name;
	bool managed; /* the loader said that it confined this boot in mode "managed" */
	char *mode;   /* module-wide: parameters/mode, lock_policy */
	char *lock_policy;
};

enum standing {
	STANDING_CONFINED, /* in force, and proved */
	STANDING_COMPLAIN, /* there, and not in force: a dry run */
	STANDING_UNCONFINED,
	STANDING_UNKNOWN,
	STANDING_COUNT,
};

/* How the layer is seen from here; MANAGED: from inside of that mode's namespace. */
enum sight { SIGHT_NONE, SIGHT_VISIBLE, SIGHT_HIDDEN, SIGHT_MANAGED };

enum reason {
	/* confined */
	REASON_PROVED,
	REASON_PROVED_INSIDE,
	/* complain */
	REASON_DRY_RUN,
	REASON_HIDDEN_ALLOWS,
	REASON_SUSPENDED,
	/* not confined */
	REASON_OFF,
	REASON_NO_LAYER,
	REASON_OTHER_PROFILE,
	/* unknown */
	REASON_NO_PROC,
	REASON_READ_ONLY,
	REASON_CONTROL_REFUSED,
	REASON_NO_TRIAL,
	REASON_KILLED,
	REASON_PID_NAMESPACE,
	REASON_CHROOT,
	REASON_LABEL_UNREADABLE,
	REASON_INIT_UNREADABLE,
	REASON_OUTSIDE,
	REASON_OWN_PROFILE,
	REASON_NOT_RESERVED,
	REASON_MODE_UNCLEAR,
	REASON_OTHER_NAMESPACE,
	REASON_NO_SECURITYFS,
	REASON_COUNT,
};

struct judgement {
	enum standing standing;
	enum sight sight;
	enum reason reason;
};

struct judgement judge(const struct evidence *e);

/* "confined", "complain", "not-confined", "unknown" */
const char *standing_name(enum standing standing);

/* Words for the keys of the JSON text: "proved", "dry-run", ... */
const char *reason_name(enum reason reason);

/* One line for people; and what to do about it, NULL where nothing needs to be done. */
const char *reason_text(enum reason reason);
const char *reason_cure(enum reason reason);

#endif
