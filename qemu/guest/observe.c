/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The observer. A confined task asks for the filesystem type initward-WORD; the kernel starts
 * /sbin/modprobe with "fs-initward-WORD" as a child of a kernel thread: unconfined, in the root
 * policy namespace, with the true labels in view. observe          everything label-KEY-PID    only
 * the label of one process, as KEY
 */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"

#define PREFIX "fs-initward-"
#define FEW 20

static void say_profiles(void)
{
	FILE *f = fopen(AA_FS "/profiles", "re");
	char first[FEW][300];
	int count = 0;

	if (!f) {
		fact("profiles", "<unreadable>");
		return;
	}
	while (count < FEW && fgets(first[count], sizeof(first[0]), f))
		count++;
	if (count == FEW) {
		char more[300];

		while (fgets(more, sizeof(more), f))
			count++;
	}
	(void)fclose(f);
	fact("profiles", "%d", count);
	for (int i = 0; i < count && count <= FEW; i++) {
		first[i][strcspn(first[i], "\n")] = '\0';
		fact("profile", "%s", first[i]);
	}
}

static void say_parameters(void)
{
	DIR *dir = opendir(AA_PARAMS);
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		char key[300], path[400];

		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(key, sizeof(key), "param.%s", e->d_name);
		(void)snprintf(path, sizeof(path), AA_PARAMS "/%s", e->d_name);
		fact_from_file(key, path);
	}
	if (dir)
		(void)closedir(dir);
}

/* Each process that has an address space of its own, with its true label. */
static void say_tasks(void)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		char path[300], command[200], label[600];
		ssize_t len;

		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		(void)snprintf(path, sizeof(path), "/proc/%.20s/cmdline", e->d_name);
		len = read_small(path, command, sizeof(command));
		if (len <= 0)
			continue;
		for (ssize_t i = 0; i < len; i++)
			if (command[i] == '\0')
				command[i] = ' ';
		(void)snprintf(path, sizeof(path), "/proc/%.20s/attr/apparmor/current", e->d_name);
		if (read_small(path, label, sizeof(label)) < 0)
			continue;
		fact("task", "%s [%s] %s", e->d_name, label, command);
	}
	if (dir)
		(void)closedir(dir);
}

static void say_all(void)
{
	fact_from_file("observer.label", "/proc/self/attr/apparmor/current");
	fact_from_file("init.label", "/proc/1/attr/apparmor/current");
	say_profiles();
	fact_from_folder("namespaces", AA_FS "/policy/namespaces");
	say_parameters();
	fact_from_file("observer.sysctl.unprivileged_userns_apparmor_policy", AA_SYSCTL);
	fact_from_file("lsm", "/sys/kernel/security/lsm");
	fact_from_file("tainted", "/proc/sys/kernel/tainted");
	say_tasks();
	fact("observer", "ok");
}

static void say_label(const char *word)
{
	const char *dash = strchr(word, '-');
	char key[100], path[64];

	if (!dash)
		return;
	(void)snprintf(key, sizeof(key), "attempt.%s.label", dash + 1);
	(void)snprintf(path, sizeof(path), "/proc/%d/attr/apparmor/current", atoi(word));
	fact_from_file(key, path);
}

int guest_observer(const char *request)
{
	if (strncmp(request, PREFIX, sizeof(PREFIX) - 1) != 0)
		return 0;
	request += sizeof(PREFIX) - 1;
	channel_open();
	mount_missing();
	if (!strcmp(request, "observe"))
		say_all();
	else if (!strncmp(request, "pid-", 4))
		say_label(request + 4);
	else if (!strcmp(request, "census"))
		return guest_helper("modprobe");
	else if (!strncmp(request, "status-", 7))
		guest_status_outside(request + 7);
	return 0;
}
