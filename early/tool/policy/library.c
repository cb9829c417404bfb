// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/library.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/policy.h"

static bool has_about(const char *folder)
{
	char *path = path_join(folder, ABOUT_FILE);
	struct stat st;
	bool ret = lstat(path, &st) == 0; /* what cannot be read is said when it is */

	free(path);
	return ret;
}

bool library_has(const char *folder)
{
	return has_about(folder) && policy_folder(folder);
}

static bool read_about(const char *path, struct about *ret)
{
	struct text text = { 0 };
	char buf[LIMIT_MESSAGE];
	struct strbuf why;
	unsigned int line;
	int r = read_file(path, LIMIT_CONFIG, &text);
	bool ok = r == 0;

	sb_init(&why, buf, sizeof(buf));
	if (r == -EFBIG)
		say("%s is larger than %d bytes", path, LIMIT_CONFIG);
	else if (!ok)
		say("cannot read %s: %s", path, strerror(-r));
	if (ok && !about_parse(span_of_text(&text), ret, &line, &why)) {
		say("%s:%u: %s", path, line, buf);
		ok = false;
	}
	text_free(&text);
	return ok;
}

/* One that is there, whatever it is. */
static bool read_policy(const char *name, char *folder, struct library_policy *ret)
{
	char *about = path_join(folder, ABOUT_FILE);
	bool ok = false;

	*ret = (struct library_policy){ .name = dup_str(name), .folder = folder };
	if (!config_is_name(span_of(name)))
		say("%s: the folder's name is none of a policy: letters a-z, digits and dashes, at "
		    "most %d, a letter first",
		    folder, LIMIT_POLICY_NAME);
	else if (!policy_folder(folder))
		say("%s: there is a file %s, and no policy file", folder, ABOUT_FILE);
	else
		ok = read_about(about, &ret->about);
	free(about);
	return ok;
}

bool library_find(const char *dir, const char *name, struct library_policy *ret)
{
	char *folder;

	*ret = (struct library_policy){ 0 };
	if (!config_is_name(span_of(name))) {
		say("'%s' is no name of a policy: letters a-z, digits and dashes, at most %d, a "
		    "letter first",
		    name, LIMIT_POLICY_NAME);
		return false;
	}
	folder = path_join(dir, name);
	if (has_about(folder))
		return read_policy(name, folder, ret);
	say("there is no policy %s: no file %s/%s; 'initward policy list' names those there are",
	    name, folder, ABOUT_FILE);
	free(folder);
	return false;
}

bool library_read(const char *dir, struct library *ret)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct list names = { 0 };
	int r = fd < 0 ? -errno : folder_names(fd, &names);
	bool ok = r == 0;

	*ret = (struct library){ 0 };
	if (fd >= 0)
		(void)close(fd);
	if (!ok)
		say("cannot read the folder of policies %s: %s; --policies names another", dir,
		    strerror(-r));
	ret->policy = grow(NULL, names.n, sizeof(*ret->policy));
	for (size_t i = 0; r == 0 && i < names.n; i++) {
		char *folder = path_join(dir, names.item[i]);
		struct library_policy *policy = &ret->policy[ret->n];

		if (!has_about(folder)) {
			free(folder);
		} else if (read_policy(names.item[i], folder, policy)) {
			ret->n++;
		} else {
			library_policy_free(policy);
			ok = false;
		}
	}
	list_free(&names);
	return ok;
}

void library_policy_free(struct library_policy *policy)
{
	free(policy->name);
	free(policy->folder);
	about_free(&policy->about);
}

void library_free(struct library *library)
{
	for (size_t i = 0; i < library->n; i++)
		library_policy_free(&library->policy[i]);
	free(library->policy);
}
