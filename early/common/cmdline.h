/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_CMDLINE_H
#define INITWARD_CMDLINE_H

#include "config.h"

/*
 * The kernel command line, read as the kernel reads it: lib/cmdline.c next_arg() and
 * kernel/params.c parse_args(). Quotes keep blanks together, "--" ends the parameters, '-'
 * equals '_' in names, the last of several wins.
 */
struct cmdline_param {
	char *name;
	const char *value; /* NULL where the parameter has no '=' */
};

/*
 * Takes the next parameter off *args, a NUL-terminated text that is changed: *ret points into
 * it. False at the end of the parameters.
 */
bool cmdline_next(char **args, struct cmdline_param *ret);

/* Is this parameter called `name`, a dash being an underscore? (parameq() of kernel/params.c) */
bool cmdline_named(const struct cmdline_param *param, const char *name);

/* What decides about AppArmor; NULL where it is not given. Of lsm= and security= the last value. */
struct cmdline_lsm {
	const char *off; /* "apparmor=" or "apparmor.enabled=": which of them said no last */
	const char *lsm;
	const char *security;
};

/*
 * Applies the initward.* options in `args` (changed, and pointed into by *lsm) to *conf, unless
 * it is locked. `ignored` gets the options that had no effect, each with the reason.
 */
void cmdline_apply(char *args, struct config *conf, struct cmdline_lsm *lsm,
		   struct strbuf *ignored);

#endif
