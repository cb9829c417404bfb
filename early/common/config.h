/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_CONFIG_H
#define INITWARD_CONFIG_H

#include "bounds.h"
#include "strbuf.h"

enum policy { POLICY_OFF, POLICY_COMPLAIN, POLICY_ENFORCE };
enum mode { MODE_VISIBLE, MODE_HIDDEN, MODE_MANAGED };
enum level { LEVEL_COMPATIBLE, LEVEL_STRICT, LEVEL_SEALED };
enum mount_api { MOUNT_API_CLASSIC, MOUNT_API_ALL };
enum usermode_helpers { USERMODE_HELPERS_ALLOW, USERMODE_HELPERS_DENY };
enum on_failure { ON_FAILURE_CONTINUE, ON_FAILURE_PANIC };

/* What the loader is to do: initward.conf(5), then what the kernel command line may change. */
struct config {
	enum policy policy;
	enum mode mode;
	enum level level;
	enum on_failure on_failure;
	unsigned int lock;	  /* 0 or 1 */
	enum mount_api mount_api; /* these two above level compatible */
	enum usermode_helpers usermode_helpers;
	char init[LIMIT_NAME + 1]; /* absolute path of the next init, "" where none is stated */
	/*
	 * Which policy of the library the bundle is made of, "" where that is not said. The loader has the bundle, and
	 * has nothing to do with it.
	 */
	char name[LIMIT_POLICY_NAME + 1];
};

/*
 * The defaults of an empty file, but the strictest on_failure: what holds while no file has been
 * read.
 */
void config_init(struct config *ret);

/*
 * Reads the text of initward.conf. Returns the number of bad lines (0: all is well); `why` then
 * names each with its number and reason. With bad lines *ret still holds what could be read for
 * certain, with on_failure = panic unless the text states exactly one, valid, on_failure.
 */
unsigned int config_parse(struct span text, struct config *ret, struct strbuf *why);

/*
 * Sets one of the keys policy, mode, on_failure, init; of policy the word alone, the name stays. False:
 * unknown key or value, *conf untouched.
 */
bool config_set(struct config *conf, struct span key, struct span value);

/* Is it the name of a policy: 1 to 31 letters a-z, digits and dashes, a letter first? */
bool config_is_name(struct span s);

/* Is this combination of policy, level and mode one of those that are offered? */
bool config_allowed(const struct config *conf);

/* Does the level lock settings of the kernel until the next boot? Not in a dry run. */
bool config_latches(const struct config *conf);

/* Is the new mount interface taken from the next init? */
bool config_filters(const struct config *conf);

/* Does the loader see to it that the kernel starts no program by itself? */
bool config_denies_helpers(const struct config *conf);

/* For messages where it is not. */
#define CONFIG_WHICH_GO "sealed is for enforce, strict for hidden"

const char *policy_name(enum policy policy);
const char *mode_name(enum mode mode);
const char *level_name(enum level level);
const char *mount_api_name(enum mount_api mount_api);
const char *usermode_helpers_name(enum usermode_helpers usermode_helpers);
const char *on_failure_name(enum on_failure on_failure);

#endif
