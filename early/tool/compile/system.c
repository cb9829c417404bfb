// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What a system says of its own policy beside the profiles: what its parser.conf pins policy to, and which files
 * are disabled or forced into complain mode.
 */
#include "compile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define POLICY_FOLDER "/etc/apparmor.d"
#define LIMIT_PARSER_CONF (64u << 10)

/* The system that the folder is the policy of, "" for this one, to be freed; NULL: of none. */
static char *system_of(const char *base)
{
	size_t len = strlen(base), end = strlen(POLICY_FOLDER);

	if (len < end || strcmp(base + len - end, POLICY_FOLDER) != 0)
		return NULL;
	return format("%.*s", (int)(len - end), base);
}

/* The last "policy-features=FILE" of a parser.conf, to be freed. */
static char *find_pin(const struct text *conf)
{
	static const char key[] = "policy-features=";
	struct span rest = span_of_text(conf), line;
	char *ret = NULL;

	while (span_next_line(&rest, &line)) {
		line = span_trim(line);
		if (!span_starts(line, key))
			continue;
		free(ret);
		ret = format("%.*s", (int)(line.n - strlen(key)), line.p + strlen(key));
	}
	return ret;
}

/* The pin is a path of that system. */
static bool find_features(const char *root, const char *conf, const char *pin, char **ret)
{
	char *path = format("%s%s", root, pin);

	if (*pin == '/' && access(path, R_OK) == 0) {
		*ret = path;
		return true;
	}
	say("%s pins policy to the features in %s, which cannot be read: %s", conf, pin,
	    *pin == '/' ? strerror(errno) : "no absolute path");
	free(path);
	return false;
}

bool pinned_features(const char *base, char **ret)
{
	char *root = system_of(base), *conf = NULL, *pin = NULL;
	struct text text = { 0 };
	bool ok = true;
	int r = -ENOENT;

	*ret = NULL;
	if (root) {
		conf = format("%s/etc/apparmor/parser.conf", root);
		r = read_file(conf, LIMIT_PARSER_CONF, &text);
	}
	if (r == 0)
		pin = find_pin(&text);
	else if (r != -ENOENT)
		say("cannot read %s, which says what policy is compiled for: %s", conf,
		    strerror(-r));
	ok = r == 0 || r == -ENOENT;
	if (pin)
		ok = find_features(root, conf, pin, ret);
	text_free(&text);
	free(root);
	free(conf);
	free(pin);
	return ok;
}

/* aa-disable makes links to absolute paths, which are those of that system. */
static char *target_of(const char *root, const char *path)
{
	char target[4096];
	ssize_t n = readlink(path, target, sizeof(target) - 1);

	if (n <= 0 || target[0] != '/')
		return dup_str(path);
	target[n] = '\0';
	return format("%s%s", root, target);
}

bool is_listed(const char *base, const char *list, const char *name)
{
	char *real = realpath(base, NULL), *root = system_of(real ? real : base);
	char *path = format("%s/%s/%s", base, list, name);
	char *target = root ? target_of(root, path) : dup_str(path);
	/* as the parser asks: a link that leads nowhere does not count */
	bool ret = access(target, R_OK) == 0;

	free(real);
	free(root);
	free(path);
	free(target);
	return ret;
}
