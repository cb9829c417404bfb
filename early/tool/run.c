// SPDX-License-Identifier: LGPL-2.1-or-later
/* A command in a policy namespace of its own. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "span.h"
#include "stack/enter.h"
#include "stack/keeper.h"
#include "stack/lease.h"
#include "stack/space.h"
#include "tool.h"
#include "util.h"

enum { OPT_STACK = OPTION_KEY, OPT_UNBOUNDED, OPT_PROFILE, OPT_POLICY, OPT_FOR, OPT_SWEEP };

static const struct option_row options[] = {
	{ 'n', "namespace", "NAME", "of the policy namespace, which is made for it",
	  COMPLETE_NOTHING, NULL },
	{ OPT_POLICY, "policy", "PATH", "load this file or folder of policy into it", COMPLETE_FILE,
	  NULL },
	{ OPT_PROFILE, "profile", "NAME", "of the command in it; unconfined unless told",
	  COMPLETE_NOTHING, NULL },
	{ OPT_STACK, "stack", "LABEL", "bound it by this label, not by that of the caller",
	  COMPLETE_NOTHING, NULL },
	{ OPT_UNBOUNDED, "unbounded", NULL, "bound it by nothing outside of the namespace",
	  COMPLETE_NOTHING, NULL },
	{ OPT_FOR, "for", "PID", "no COMMAND: keep it for this process", COMPLETE_NOTHING, NULL },
	{ OPT_SWEEP, "sweep", NULL, "only remove those that killed runs left", COMPLETE_NOTHING,
	  NULL },
	{ 0 },
};

struct want {
	const char *namespace;
	const char *profile;
	const char *stack;
	const char *pid;
	struct list policy;
	bool unbounded;
	bool sweep;
};

static int take_option(void *ctx, int key, const char *value)
{
	struct want *w = ctx;

	if (key == 'n')
		w->namespace = value;
	else if (key == OPT_POLICY)
		list_add(&w->policy, dup_str(value));
	else if (key == OPT_PROFILE)
		w->profile = value;
	else if (key == OPT_STACK)
		w->stack = value;
	else if (key == OPT_FOR)
		w->pid = value;
	w->unbounded = w->unbounded || key == OPT_UNBOUNDED;
	w->sweep = w->sweep || key == OPT_SWEEP;
	return TOOL_OK;
}

/* What is wrong with how it was called; NULL: nothing. */
static const char *find_misuse(const struct want *w, char *const *command)
{
	if (w->sweep && (w->namespace || *command))
		return "--sweep takes neither a namespace nor a command";
	if (w->sweep)
		return NULL;
	if (!w->namespace)
		return "the namespace is missing: --namespace NAME";
	if (w->stack && w->unbounded)
		return "--stack and --unbounded exclude each other";
	if (w->pid && *command)
		return "--for takes no command";
	if (w->pid && (w->stack || w->unbounded || w->profile))
		return "--for enters nothing: no --stack, --unbounded, --profile";
	return w->pid || *command ? NULL : "the command is missing";
}

/* The caller's to free. */
static char *label_of(const struct want *w)
{
	const char *profile = w->profile ? w->profile : "unconfined";

	if (w->unbounded)
		return format(":%s:%s", w->namespace, profile);
	if (w->stack)
		return format("%s//&:%s:%s", w->stack, w->namespace, profile);
	return format("&:%s:%s", w->namespace, profile);
}

/* A descriptor that becomes readable when the process ends, pidfd_open(2); -1 after it has said why not. */
static int watch(const char *word)
{
	uint64_t pid;
	int fd;

	if (!span_uint(span_of(word), INT32_MAX, &pid) || !pid) {
		say("'%s' is no number of a process", word);
		return -1;
	}
	fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
	if (fd < 0)
		say("process %s: %s", word,
		    errno == ESRCH ? "there is none of that number" : strerror(errno));
	return fd;
}

static bool is_readable(const struct list *policy)
{
	bool ok = true;

	for (size_t i = 0; ok && i < policy->n; i++) {
		ok = access(policy->item[i], R_OK) == 0;
		if (!ok)
			say("cannot read the policy %s: %s", policy->item[i], strerror(errno));
	}
	return ok;
}

/* Nobody else's namespace is taken, nor removed. */
static bool is_free(const struct space *s, const struct lease *lease)
{
	if (!space_exists(s))
		return true;
	if (lease->left)
		say("the policy namespace '%s' is there, left by an 'initward run' that was "
		    "killed, and somebody is still in it: see 'initward label "
		    "--all', or take another name",
		    s->name);
	else
		say("there is a policy namespace '%s' already, which is not of 'initward run': "
		    "take another name, or go into it by 'initward exec'",
		    s->name);
	return false;
}

static int run_in(const struct kept *kept)
{
	int ret = EXIT_OWN;

	if (!lease_take(kept->space, kept->lease))
		return ret;
	if (is_free(kept->space, kept->lease))
		ret = keep(kept);
	else if (!kept->lease->left)
		lease_end(kept->lease);
	lease_forget(kept->lease);
	return ret;
}

static int run_wanted(const struct want *w, char **command)
{
	char *label = label_of(w);
	struct space space = { .dir = -1 };
	struct lease lease = { .fd = -1 };
	struct kept kept = { &space, &lease, &w->policy, label, *command ? command : NULL, -1 };
	bool ok = space_is_name(w->namespace) && enter_is_label(label) && is_readable(&w->policy) &&
		  enter_possible() && !(kept.command && enter_kept_by_nnp(label)) &&
		  space_open(w->namespace, &space);
	int ret = EXIT_OWN;

	if (ok && w->pid) {
		kept.watched = watch(w->pid);
		ok = kept.watched >= 0;
	}
	if (ok) {
		(void)lease_sweep(&space, true);
		ret = run_in(&kept);
	}
	space_close(&space);
	free(label);
	return ret;
}

static int run_sweep(void)
{
	struct space space;
	bool ok = apparmor_is_on() && space_open(NULL, &space);

	if (!ok)
		return EXIT_OWN;
	ok = lease_sweep(&space, false);
	space_close(&space);
	return ok ? TOOL_OK : TOOL_FAILED;
}

static int run_run(const struct verb *verb, int argc, char **argv)
{
	struct want w = { 0 };
	const char *misuse;
	int r;

	if (!take_options(verb, argc, argv, take_option, &w, &r)) {
		list_free(&w.policy);
		return r == TOOL_USAGE ? EXIT_OWN : r;
	}
	misuse = find_misuse(&w, argv + optind);
	if (misuse) {
		say("%s", misuse);
		(void)try_help(verb->name);
		r = EXIT_OWN;
	} else {
		r = w.sweep ? run_sweep() : run_wanted(&w, argv + optind);
	}
	list_free(&w.policy);
	return r;
}

const struct verb verb_run = {
	.name = "run",
	.summary = "run a command in a policy namespace of its own, and remove it in the end",
	.synopsis = "--namespace NAME [--policy PATH]... [OPTION]... [--] COMMAND [ARGUMENT]...\n"
		    "--namespace NAME [--policy PATH]... --for PID\n"
		    "--sweep",
	.about = "Makes the policy namespace, loads policy into it, and runs COMMAND in it, "
		 "bounded by the\n"
		 "caller's label. When the last process in it has ended the namespace is removed, "
		 "whoever\n"
		 "was killed.",
	.exits = "that of the command; 125 failed or wrong usage, 126 COMMAND cannot\nbe executed, "
		 "127 there is none of that name",
	.options = options,
	.ends_options = true,
	.run = run_run,
};
