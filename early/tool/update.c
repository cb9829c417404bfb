// SPDX-License-Identifier: LGPL-2.1-or-later
#include "update/update.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "defaults.h"
#include "jobs.h"
#include "tool.h"
#include "work.h"

enum {
	OPT_KERNEL = OPTION_KEY,
	OPT_ALL,
	OPT_IMAGE,
	OPT_POLICY,
	OPT_CONFIG,
	OPT_GENERATOR,
	OPT_DRY_RUN,
	OPT_NO_CHECK,
	OPT_LOADER,
	OPT_FEATURES,
	OPT_SET,
	OPT_APPLICATION,
	OPT_INCLUDE,
	OPT_PARSER,
};

static const struct option_row options[] = {
	{ OPT_KERNEL, "kernel", "RELEASE", "the kernel whose image it is (the running one)",
	  COMPLETE_NOTHING, NULL },
	{ OPT_ALL, "all", NULL, "the images of all installed kernels", COMPLETE_NOTHING, NULL },
	{ OPT_IMAGE, "image", "FILE", "this image", COMPLETE_FILE, NULL },
	{ OPT_POLICY, "policy", "SOURCE",
	  "policy to compile (may be repeated; else the one that\nthe configuration names, "
	  "else " OWN_POLICY ",\nelse " STOCK_POLICY ",\nor the folder of the level there)",
	  COMPLETE_FILE, NULL },
	{ OPT_CONFIG, "config", "FILE", "the configuration\n(" OWN_CONFIG ")", COMPLETE_FILE,
	  NULL },
	{ OPT_GENERATOR, "generator", "NAME",
	  "what makes the image: initramfs-tools, dracut, or\nnone: take the present image",
	  COMPLETE_WORDS, "initramfs-tools dracut none" },
	{ OPT_DRY_RUN, "dry-run", NULL, "all but putting the new image in place", COMPLETE_NOTHING,
	  NULL },
	{ OPT_NO_CHECK, "no-check", NULL, "do not ask 'initward check' about the new image",
	  COMPLETE_NOTHING, NULL },
	{ OPT_LOADER, "loader", "FILE", "the loader (" INITWARD_LIBDIR "/initward-init)",
	  COMPLETE_FILE, NULL },
	{ OPT_FEATURES, "features", "DIR", "as of initward compile (may be repeated)", COMPLETE_DIR,
	  NULL },
	{ OPT_SET, "set", "NAME", "likewise", COMPLETE_NOTHING, NULL },
	{ OPT_APPLICATION, "application", "PATH",
	  "AppArmor policy to put in for the system, or none\n(that of the policy that the "
	  "configuration names; at\nlevel sealed " SYSTEM_POLICY ")",
	  COMPLETE_FILE, NULL },
	{ OPT_INCLUDE, "include", "DIR", "as of initward compile", COMPLETE_DIR, NULL },
	{ OPT_PARSER, "parser", "PROGRAM", "likewise", COMPLETE_FILE, NULL },
	{ 'q', "quiet", NULL, "neither progress nor notes nor the generator's words",
	  COMPLETE_NOTHING, NULL },
	{ 'v', "verbose", NULL, "tell what the checks of the new image find", COMPLETE_NOTHING,
	  NULL },
	{ 0 },
};

static void pass_on(struct update *u, const char *option, const char *value)
{
	list_add(&u->pass, dup_str(option));
	list_add(&u->pass, dup_str(value));
}

static int take_generator(struct update *u, const char *name)
{
	u->generator = generator_index(name);
	if (u->generator != GENERATOR_COUNT)
		return TOOL_OK;
	say("--generator %s: it is initramfs-tools, dracut or none", name);
	return try_help("update");
}

static int take_word(struct update *u, int option, const char *value)
{
	switch (option) {
	case OPT_KERNEL:
		u->kernel = value;
		break;
	case OPT_IMAGE:
		u->image = value;
		break;
	case OPT_POLICY:
		list_add(&u->policies, dup_str(value));
		break;
	case OPT_CONFIG:
		u->config = value;
		break;
	case OPT_GENERATOR:
		return take_generator(u, value);
	case OPT_LOADER:
		u->loader = value;
		break;
	case OPT_FEATURES:
		pass_on(u, "--features", value);
		break;
	case OPT_SET:
		pass_on(u, "--set", value);
		break;
	case OPT_APPLICATION:
		list_add(&u->applications, dup_str(value));
		break;
	case OPT_INCLUDE:
		pass_on(u, "--include", value);
		break;
	case OPT_PARSER:
		pass_on(u, "--parser", value);
		break;
	default:
		return try_help("update");
	}
	return TOOL_OK;
}

static int take_option(void *ctx, int option, const char *value)
{
	struct update *u = ctx;

	switch (option) {
	case OPT_ALL:
		u->all = true;
		break;
	case OPT_DRY_RUN:
		u->dry_run = true;
		break;
	case OPT_NO_CHECK:
		u->no_check = true;
		break;
	case 'q':
		u->quiet = true;
		break;
	case 'v':
		u->verbose = true;
		break;
	default:
		return take_word(u, option, value);
	}
	return TOOL_OK;
}

static int check_usage(const struct update *u, int argc, char **argv)
{
	if (optind < argc)
		say("'%s': an image is named with --image", argv[optind]);
	else if (!application_fits(&u->applications))
		say("--application none does not go with another one");
	else if (u->all && (u->kernel || u->image))
		say("--all does not go with --kernel or --image");
	else if ((u->image && !*u->image) || (u->kernel && (!*u->kernel || strchr(u->kernel, '/'))))
		say("--image wants a file, --kernel a release as 'uname -r' prints it");
	else
		return TOOL_OK;
	return try_help("update");
}

static bool choose_defaults(struct update *u)
{
	struct list includes = { 0 };
	bool ok = true;

	if (!u->config)
		u->config = default_config();
	read_config(u->config, &u->asked);
	if (!u->policies.n)
		ok = default_policy(&u->asked, u->config, &u->policies, &includes);
	for (size_t i = 0; i < includes.n; i++)
		pass_on(u, "--include", includes.item[i]);
	list_free(&includes);
	choose_application(&u->asked, &u->policies, &u->applications);
	for (size_t i = 0; i < u->applications.n; i++)
		pass_on(u, "--application", u->applications.item[i]);
	return ok;
}

static bool begin(struct update *u)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n < 0) {
		say("cannot tell where this program lies (/proc/self/exe): %s", strerror(errno));
		return false;
	}
	self[n] = '\0';
	/* dracut 106 would call post-update.d with an image that nobody has proved yet, in a dry run too */
	(void)setenv("NO_POST_UPDATE_HOOKS", "1", 1);
	u->self = dup_str(self);
	u->work = work_begin_tmp("/var/tmp");
	if (!u->work)
		return false;
	u->bundle = path_join(u->work, "bundle");
	return true;
}

static bool compile(const struct update *u)
{
	struct list args = { 0 };
	int r;

	if (u->quiet)
		list_add(&args, dup_str("--quiet"));
	for (size_t i = 0; i < u->pass.n; i++)
		list_add(&args, dup_str(u->pass.item[i]));
	list_add(&args, dup_str("-o"));
	list_add(&args, dup_str(u->bundle));
	list_add(&args, dup_str("--"));
	for (size_t i = 0; i < u->policies.n; i++)
		list_add(&args, dup_str(u->policies.item[i]));
	r = run_verb_of_self(u, "compile", &args, NULL);
	list_free(&args);
	if (r > 0)
		say("the policy could not be compiled; no image was touched");
	return r == 0;
}

static bool update_all(const struct update *u)
{
	bool ok = true;

	for (size_t i = 0; i < u->n_targets && !interrupted(); i++)
		ok = rebuild(u, &u->target[i]) && ok;
	return ok && !interrupted();
}

static void free_update(struct update *u)
{
	for (size_t i = 0; i < u->n_targets; i++) {
		free(u->target[i].image);
		free(u->target[i].release);
	}
	free(u->target);
	list_free(&u->policies);
	list_free(&u->pass);
	list_free(&u->applications);
	free(u->self);
	free(u->bundle);
}

static int run_update(const struct verb *verb, int argc, char **argv)
{
	struct update u = { .generator = GENERATOR_DETECT };
	bool go = false;
	int r;

	if (take_options(verb, argc, argv, take_option, &u, &r)) {
		r = check_usage(&u, argc, argv);
		go = r == TOOL_OK;
	}
	if (go) {
		catch_signals();
		u.told = u.policies.n || u.applications.n || u.config;
		r = choose_defaults(&u) && begin(&u) && find_targets(&u) && compile(&u) &&
				    update_all(&u)
			    ? finish_stdout()
			    : TOOL_FAILED;
		work_end();
	}
	free_update(&u);
	return r;
}

const struct verb verb_update = {
	.name = "update",
	.summary = "compile the policy and make the initramfs anew",
	.synopsis = "[OPTION]... [--kernel RELEASE | --all | --image FILE]",
	.about = "Compiles the policy, has the initramfs made anew beside the old one, puts "
		 "loader,\n"
		 "configuration and policy in, and proves the result good. Only then does it take "
		 "the\n"
		 "old one's place, which stays as FILE.initward-old. Whatever fails, the old image "
		 "is\n"
		 "as it was.",
	.exits = "0 done, 1 failed and what failed is as it was, 2 wrong usage",
	.options = options,
	.run = run_update,
};
