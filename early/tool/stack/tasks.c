// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stack/tasks.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/apparmor.h>

#include "util.h"

#define LIMIT_STAT 4096
#define LIMIT_LABEL 65536
#define PF_KTHREAD 0x00200000UL /* include/linux/sched.h */

/* "PID (NAME) STATE PARENT ...": the name may have brackets and blanks itself. Documentation/filesystems/proc.rst */
static bool parse_stat(struct span text, struct task *ret)
{
	struct span word, name, rest;
	uint64_t number[9] = { 0 };
	size_t at = text.n;

	while (at && text.p[at - 1] != ')')
		at--;
	rest = (struct span){ text.p + at, text.n - at };
	if (!at || !span_split((struct span){ text.p, at - 1 }, '(', &word, &name))
		return false;
	/* the fields from the third on, of which the state is no number, nor some others that are not wanted */
	for (size_t i = 2; i < 9; i++) {
		if (!span_next_word(&rest, &word))
			return false;
		if ((i == 3 || i == 8) && !span_uint(word, UINT32_MAX, &number[i]))
			return false;
	}
	ret->name = format("%.*s", (int)name.n, name.p);
	ret->parent = (pid_t)number[3];
	ret->kernel = number[8] & PF_KTHREAD;
	return true;
}

int task_label(pid_t pid, char **label, char **mode)
{
	struct text text = { 0 };
	char *path;
	int r;

	if (aa_gettaskcon(pid, label, mode) >= 0)
		return 0;
	if (errno != EINVAL)
		return -errno;
	/* not "attr/current", which is another LSM's where AppArmor is off */
	path = format("/proc/%d/attr/apparmor/current", (int)pid);
	r = read_file(path, LIMIT_LABEL, &text);
	free(path);
	if (r == 0) {
		*label = format("%.*s", (int)strcspn(text.data, "\n"), text.data);
		*mode = NULL;
	}
	text_free(&text);
	return r == -ENOENT ? -EINVAL : r;
}

int task_read(pid_t pid, struct task *ret)
{
	char *path = format("/proc/%d/stat", (int)pid);
	struct text text = { 0 };
	int r = read_file(path, LIMIT_STAT, &text);

	*ret = (struct task){ .pid = pid };
	if (r == 0 && !parse_stat(span_of_text(&text), ret))
		r = -EINVAL;
	text_free(&text);
	free(path);
	if (r < 0)
		return r == -ENOENT ? -ESRCH : r;
	ret->error = -task_label(pid, &ret->label, &ret->mode);
	if (ret->error)
		ret->label = ret->mode = NULL;
	if (ret->error != ENOENT && ret->error != ESRCH)
		return 0;
	task_free(ret);
	return -ESRCH;
}

void task_free(struct task *task)
{
	free(task->name);
	free(task->label); /* `mode` points into it */
	*task = (struct task){ 0 };
}

static pid_t pid_of(const char *name)
{
	uint64_t pid;

	return span_uint(span_of(name), INT32_MAX, &pid) ? (pid_t)pid : 0;
}

static int by_pid(const void *a, const void *b)
{
	const struct task *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

int tasks_read(struct task_list *ret)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	int r = dir ? 0 : -errno;

	*ret = (struct task_list){ 0 };
	while (r == 0 && (entry = readdir(dir))) {
		pid_t pid = pid_of(entry->d_name);

		if (!pid)
			continue;
		ret->task = grow(ret->task, ret->n + 1, sizeof(*ret->task));
		r = task_read(pid, &ret->task[ret->n]);
		ret->n += r == 0;
		if (r == -ESRCH)
			r = 0;
	}
	if (dir)
		(void)closedir(dir);
	if (ret->n)
		qsort(ret->task, ret->n, sizeof(*ret->task), by_pid);
	return r;
}

void tasks_free(struct task_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		task_free(&list->task[i]);
	free(list->task);
	*list = (struct task_list){ 0 };
}
