// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the loader is told to do: the configuration in the image, then the kernel command line. */
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "sys.h"

/* The command of /proc/self/attr/apparmor/exec. */
#define EXEC "exec "

int step_configuration(struct boot *b)
{
	static char text[LIMIT_CONFIG + 1];
	ssize_t len;

	config_init(&b->conf);
	len = read_file(b, IMAGE_CONFIG, text, sizeof(text));
	if (len < 0) {
		/* The strictest that the file could have said. */
		b->conf.lock = true;
		return fail(b, errno, "/" IMAGE_CONFIG " cannot be read", NULL);
	}
	(void)fail(b, 0, "/" IMAGE_CONFIG ": ", NULL);
	if (config_parse((struct span){ text, (size_t)len }, &b->conf, &b->why))
		return STEP_FAILED;
	return STEP_OK;
}

int step_cmdline(struct boot *b)
{
	if (need_line(b, "proc/cmdline", b->cmdline, sizeof(b->cmdline)) != STEP_OK)
		return STEP_FAILED;
	cmdline_apply(b->cmdline, &b->conf, &b->lsm, &b->ignored);
	if (!config_allowed(&b->conf))
		return fail(b, 0, "policy=", policy_name(b->conf.policy),
			    " mode=", mode_name(b->conf.mode),
			    " does not go with level=", level_name(b->conf.level),
			    "; " CONFIG_WHICH_GO, NULL);
	b->exec_command = b->conf.mode == MODE_HIDDEN ? EXEC GLOBAL_PROFILE "//&:" APPLICATION_NS
									    ":unconfined"
						      : EXEC GLOBAL_PROFILE "//&unconfined";
	b->label = b->exec_command + strlen(EXEC);
	if (b->conf.policy != POLICY_OFF)
		return STEP_OK;
	b->outcome = OUTCOME_OFF;
	return STEP_HAND_ON;
}

int step_next_init(struct boot *b)
{
	const char *path = b->conf.init;

	if (sys_faccessat(b->root, path + 1, X_OK) == 0)
		return STEP_OK;
	(void)fail(b, errno, path, " is missing or not executable", NULL);
	sb_str(&b->why, "; check init =");
	return STEP_FAILED;
}
