// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/apparmor.h>
#include <unistd.h>

#include "util.h"

static const char running[] = "/sys/kernel/security/apparmor/features";

static const char *hint(int err, bool of_kernel)
{
	if (!of_kernel)
		return err == ENOENT ? "is the path right?" : "is it a feature directory?";
	if (err == ENOENT)
		return "is AppArmor active, and securityfs mounted on /sys/kernel/security?";
	if (err == EACCES || err == EPERM)
		return "only root may read it";
	return "is AppArmor active?";
}

static int print_features(const char *dir)
{
	const char *path = dir ? dir : running;
	aa_features *features;

	if (aa_features_new(&features, AT_FDCWD, path) < 0) {
		int err = errno;

		say("cannot read the feature set %s: %s; %s", path, strerror(err), hint(err, !dir));
		return TOOL_FAILED;
	}
	if (aa_features_write_to_fd(features, STDOUT_FILENO) < 0) {
		say("cannot write to standard output: %s", strerror(errno));
		aa_features_unref(features);
		return TOOL_FAILED;
	}
	aa_features_unref(features);
	return TOOL_OK;
}

static int no_options(void *ctx, int key, const char *value)
{
	(void)ctx;
	(void)key;
	(void)value;
	return TOOL_OK;
}

static int run_features(const struct verb *verb, int argc, char **argv)
{
	int r;

	if (!take_options(verb, argc, argv, no_options, NULL, &r))
		return r;
	if (argc - optind > 1) {
		say("one DIR at most, but there is '%s' too", argv[optind + 1]);
		return try_help("features");
	}
	return print_features(argv[optind]);
}

const struct verb verb_features = {
	.name = "features",
	.summary = "print a kernel's AppArmor feature set",
	.synopsis = "[DIR]",
	.about = "Prints the AppArmor feature set of the running kernel, or of DIR (a copy of a "
		 "kernel's\n"
		 "/sys/kernel/security/apparmor/features), in libapparmor's text form: the form of "
		 "the\n"
		 "files that 'initward compile --features' reads.",
	.exits = "0 printed, 1 failed, 2 wrong usage",
	.operands = COMPLETE_DIR,
	.run = run_features,
};
