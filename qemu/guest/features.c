/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "guest.h"

#define ROOT AA_FS "/features"

/*
 * One "feature=PATH CONTENT" for each file; directories are named too, since an empty one is a
 * feature.
 */
static void walk(const char *path, int depth)
{
	char next[512];
	char buf[4096];
	struct dirent *e;
	DIR *dir = opendir(path);

	if (!dir || depth > 8)
		return;
	while ((e = readdir(dir))) {
		struct stat st;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		(void)snprintf(next, sizeof(next), "%s/%s", path, e->d_name);
		if (stat(next, &st) < 0)
			continue;
		if (S_ISDIR(st.st_mode)) {
			fact("directory", "%s", next + sizeof(ROOT));
			walk(next, depth + 1);
		} else if (read_small(next, buf, sizeof(buf)) >= 0) {
			fact("feature", "%s %s", next + sizeof(ROOT), buf);
		}
	}
	(void)closedir(dir);
}

void say_features(void)
{
	walk(ROOT, 0);
}

int guest_features(void)
{
	struct utsname u;

	channel_open();
	mount_missing();
	if (uname(&u) == 0)
		fact("uname", "%s %s %s", u.release, u.version, u.machine);
	say_features();
	fact_from_file("lsm", "/sys/kernel/security/lsm");
	fact_from_file("sysctl.kernel.unprivileged_userns_apparmor_policy", AA_SYSCTL);
	fact("end", "ok");
	power_off();
}
