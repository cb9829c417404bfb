// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stack/enter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/apparmor.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "label.h"
#include "places.h"
#include "stack/tasks.h"
#include "status/gather.h"
#include "util.h"

#define LIMIT_PROFILES ((size_t)64 << 20)

/* Eight overwrite the stack of Linux 5.10 and others: docs/kernel-issues.md, 12. More are not what anybody wants. */
#define LIMIT_PARTS 7

bool apparmor_is_on(void)
{
	struct text why = { 0 };

	/* "its interface is not mounted" is for who wants the interface */
	if (aa_is_enabled() || errno == ENOENT)
		return true;
	explain_off(access("/sys/module/apparmor", F_OK) == 0, &why);
	say("AppArmor is not active: %s", why.data);
	text_free(&why);
	return false;
}

bool enter_possible(void)
{
	if (!apparmor_is_on())
		return false;
	if (access("/" AA_ATTR "/exec", W_OK) == 0 || access("/proc/self/attr/exec", W_OK) == 0)
		return true;
	say("cannot set the label of a command: /proc/self/attr/exec: %s; is /proc mounted?",
	    strerror(errno));
	return false;
}

/* --- the form of a label --- */

/* What is wrong with a profile of the stack; NULL: nothing. */
static const char *wrong_part(struct span part)
{
	struct span name = part, ns = label_take_namespace(&name);

	if (!part.n)
		return "an empty profile";
	if (!span_starts(part, ":"))
		return NULL;
	if (span_is(ns, "-"))
		return "no second \":\" behind the namespace";
	if (!name.n)
		return "no profile behind the namespace (\"unconfined\"?)";
	return ns.n && ns.p[0] != '/' && ns.p[ns.n - 1] != '/' ? NULL
							       : "a namespace without a name";
}

bool enter_is_label(const char *label)
{
	struct span rest = span_of(*label == '&' ? label + 1 : label), part;
	const char *wrong = NULL;
	size_t n = strlen(label), parts = 0;

	if (!rest.n)
		wrong = "it is empty";
	else if (n >= 3 && strcmp(label + n - 3, "//&") == 0)
		wrong = "it ends in \"//&\"";
	while (!wrong && label_next_part(&rest, &part))
		wrong = ++parts > LIMIT_PARTS
				? "more than 7 profiles, which some kernels do not survive"
				: wrong_part(part);
	if (wrong)
		say("'%s' is no label: %s", label, wrong);
	return !wrong;
}

/* --- into it --- */

/* The kernel's list: a line "NAME (MODE)" or ":NS://NAME (MODE)" of each profile, for who may read it. */
static bool is_listed(struct span list, struct span ns, struct span name)
{
	struct span line, mode, of;

	while (span_next_line(&list, &line)) {
		(void)label_split(line, &line, &mode);
		of = label_take_namespace(&line);
		if (span_eq(of, ns) && span_eq(line, name))
			return true;
	}
	return false;
}

/* "a//b" is policy/namespaces/a/namespaces/b. */
static bool has_namespace(const char *fs, struct span ns)
{
	struct text path = { 0 };
	bool ret;

	text_format(&path, "%s/policy/namespaces/", fs);
	for (size_t i = 0; i < ns.n; i++) {
		if (ns.p[i] == '/' && i + 1 < ns.n && ns.p[i + 1] == '/')
			text_str(&path, "/namespaces");
		else
			text_add(&path, &ns.p[i], 1);
	}
	ret = access(path.data, F_OK) == 0;
	text_free(&path);
	return ret;
}

/* Says which part is not there; false where each seems to be. */
static bool say_what_is_missing(const char *label)
{
	struct span rest = span_of(*label == '&' ? label + 1 : label), part;
	char *fs = find_apparmorfs(), *path = fs ? path_join(fs, "profiles") : NULL;
	struct text list = { 0 };
	bool said = false, readable = path && read_file(path, LIMIT_PROFILES, &list) == 0;

	while (readable && !said && label_next_part(&rest, &part)) {
		struct span name = part, ns = label_take_namespace(&name);

		said = true;
		if (!span_is(ns, "-") && !has_namespace(fs, ns))
			say("'%s': there is no policy namespace '%.*s' here", label, (int)ns.n,
			    ns.p);
		else if (!span_is(name, "unconfined") && !is_listed(span_of_text(&list), ns, name))
			say("'%s': there is no profile '%.*s' here: load it, or mend the name",
			    label, (int)part.n, part.p);
		else
			said = false;
	}
	text_free(&list);
	free(path);
	free(fs);
	return said;
}

static char *own_label(void)
{
	char *label = NULL, *mode, *ret;

	ret = task_label(getpid(), &label, &mode) < 0 ? dup_str("which cannot be read")
						      : dup_str(label);
	free(label);
	return ret;
}

static bool has_nnp(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

static bool label_is_unconfined(const char *label)
{
	struct span rest = span_of(label), part;
	bool ret = true;

	while (ret && label_next_part(&rest, &part)) {
		(void)label_take_namespace(&part);
		ret = span_is(part, "unconfined");
	}
	return ret;
}

bool enter_kept_by_nnp(const char *label)
{
	bool kept;
	char *own;

	if (*label == '&' || !has_nnp())
		return false;
	own = own_label();
	kept = !label_is_unconfined(own);
	if (kept)
		say("'%s': this process has no_new_privs, and a confined one then goes on to a "
		    "stack on top of itself only "
		    "('&%s'); its label: %s",
		    label, label, own);
	free(own);
	return kept;
}

bool enter_display(void)
{
	static const char name[] = "apparmor";
	int r, fd = open("/proc/self/attr/display", O_WRONLY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return true;
	r = fd < 0 ? -errno : write_fd(fd, name, strlen(name));
	if (fd >= 0)
		(void)close(fd);
	if (r < 0)
		say("cannot choose AppArmor as the LSM that /proc/self/attr shows: "
		    "/proc/self/attr/display: %s",
		    strerror(-r));
	return r == 0;
}

static void say_why_not(const char *label, int error)
{
	char *own = own_label();

	if (error == ENOENT && say_what_is_missing(label)) {
		/* said */
	} else if (error == EPERM && has_nnp()) {
		say("'%s' is refused: this process has no_new_privs, and a profile then goes on to "
		    "a stack on top "
		    "of itself ('&NAME') only; its label: %s",
		    label, own);
	} else if (error == EACCES || error == EPERM) {
		say("'%s' is refused by this process's own label, %s: it wants a rule "
		    "\"change_profile -> %s,\"",
		    label, own, label);
	} else {
		say("the kernel does not take '%s' for the command's label: %s", label,
		    strerror(error));
	}
	free(own);
}

bool enter_on_exec(const char *label)
{
	if (aa_change_onexec(label) == 0)
		return true;
	say_why_not(label, errno);
	return false;
}

int enter_execute(char **command)
{
	int error;

	(void)execvp(command[0], command);
	error = errno;
	if (error == EACCES)
		say("cannot execute '%s': %s: by its mode, or by the policy of the label",
		    command[0], strerror(error));
	else
		say("cannot execute '%s': %s", command[0], strerror(error));
	return error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTED;
}
