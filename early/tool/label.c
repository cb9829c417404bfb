// SPDX-License-Identifier: LGPL-2.1-or-later
/* Under which label a process runs, and of what that consists. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "label.h"
#include "stack/enter.h"
#include "stack/tasks.h"
#include "term.h"
#include "tool.h"

enum { OPT_ALL = OPTION_KEY, OPT_TREE, OPT_JSON };

static const struct option_row options[] = {
	{ OPT_ALL, "all", NULL, "all processes but threads of the kernel", COMPLETE_NOTHING, NULL },
	{ OPT_TREE, "tree", NULL, "the same, each below the one that started it", COMPLETE_NOTHING,
	  NULL },
	{ OPT_JSON, "json", NULL, "print one JSON object", COMPLETE_NOTHING, NULL },
	{ 0 },
};

struct want {
	bool all;
	bool tree;
	bool json;
};

static int take_option(void *ctx, int key, const char *value)
{
	struct want *w = ctx;

	(void)value;
	w->all = w->all || key == OPT_ALL || key == OPT_TREE;
	w->tree = w->tree || key == OPT_TREE;
	w->json = w->json || key == OPT_JSON;
	return TOOL_OK;
}

/* --- which processes --- */

static void add_task(struct task_list *list, struct task task)
{
	list->task = grow(list->task, list->n + 1, sizeof(*list->task));
	list->task[list->n++] = task;
}

static bool read_named(const char *word, struct task_list *ret)
{
	struct task task;
	uint64_t pid;
	int r;

	if (!span_uint(span_of(word), INT32_MAX, &pid) || !pid) {
		say("'%s' is no number of a process", word);
		return false;
	}
	r = task_read((pid_t)pid, &task);
	if (r < 0) {
		say("process %s: %s", word,
		    r == -ESRCH ? "there is none of that number" : strerror(-r));
		return false;
	}
	add_task(ret, task);
	return true;
}

/* Those that are there are shown beside what is said of the others. */
static bool read_operands(char **word, struct task_list *ret)
{
	char *self = format("%d", (int)getpid());
	bool ok = true;

	*ret = (struct task_list){ 0 };
	if (!*word)
		ok = read_named(self, ret);
	for (; *word; word++)
		ok = read_named(*word, ret) && ok;
	free(self);
	return ok;
}

static void drop_kernel(struct task_list *list)
{
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++) {
		if (list->task[i].kernel)
			task_free(&list->task[i]);
		else
			list->task[n++] = list->task[i];
	}
	list->n = n;
}

static bool read_all(struct task_list *ret)
{
	int r = tasks_read(ret);

	if (r < 0)
		say("cannot read the processes in /proc: %s", strerror(-r));
	else if (!ret->n)
		say("/proc shows no process: is proc mounted there?");
	drop_kernel(ret);
	return r == 0 && ret->n;
}

/* --- for people --- */

static void print_label(const struct task *t)
{
	if (!t->label)
		printf("cannot be read: %s", strerror(t->error));
	else
		print_safe_str(stdout, t->label);
	if (t->mode) {
		printf(" (%s", tint(strcmp(t->mode, "enforce") == 0 ? TINT_GOOD : TINT_WARN));
		print_safe_str(stdout, t->mode);
		printf("%s)", tint(TINT_END));
	}
}

static void print_line(const struct task *t, unsigned int depth)
{
	printf("%7d %*s", (int)t->pid, (int)(2 * depth), "");
	print_safe_str(stdout, t->name);
	printf("  ");
	print_label(t);
	putchar('\n');
}

/* One process: its label, then a line for each profile in it. */
static void print_parts(const struct task *t)
{
	struct span rest = span_of(t->label ? t->label : ""), part;

	print_line(t, 0);
	while (label_next_part(&rest, &part)) {
		struct span ns = label_take_namespace(&part);

		printf("%7s   ", "");
		print_safe(stdout, part);
		if (!span_is(ns, "-")) {
			printf(", in the policy namespace ");
			print_safe(stdout, ns);
		}
		putchar('\n');
	}
}

static bool has_parent(const struct task_list *list, const struct task *t)
{
	for (size_t i = 0; i < list->n; i++) {
		if (list->task[i].pid == t->parent && t->parent != t->pid)
			return true;
	}
	return false;
}

static void print_below(const struct task_list *list, pid_t parent, unsigned int depth)
{
	for (size_t i = 0; i < list->n; i++) {
		if (list->task[i].parent != parent)
			continue;
		print_line(&list->task[i], depth);
		print_below(list, list->task[i].pid, depth + 1);
	}
}

static void print_tree(const struct task_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		if (has_parent(list, &list->task[i]))
			continue;
		print_line(&list->task[i], 0);
		print_below(list, list->task[i].pid, 1);
	}
}

static int show_text(const struct want *w, const struct task_list *list)
{
	if (w->tree) {
		print_tree(list);
		return finish_stdout();
	}
	for (size_t i = 0; i < list->n; i++) {
		if (w->all)
			print_line(&list->task[i], 0);
		else
			print_parts(&list->task[i]);
	}
	return finish_stdout();
}

/* --- for programs --- */

static struct json_object *json_parts(const char *label)
{
	struct json_object *list = json_object_new_array();
	struct span rest = span_of(label), part;

	while (label_next_part(&rest, &part)) {
		struct json_object *o = json_object_new_object();
		struct span ns = label_take_namespace(&part);

		json_set(o, "namespace", span_is(ns, "-") ? NULL : json_text(ns));
		json_set(o, "profile", json_text(part));
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *json_task(const struct task *t)
{
	struct json_object *o = json_object_new_object();

	json_set(o, "pid", json_number((uint64_t)t->pid));
	json_set(o, "parent", json_number((uint64_t)t->parent));
	json_set(o, "name", json_str(t->name));
	json_set(o, "label", json_str(t->label));
	json_set(o, "mode", json_str(t->mode));
	json_set(o, "parts", t->label ? json_parts(t->label) : NULL);
	json_set(o, "error", t->label ? NULL : json_str(strerror(t->error)));
	return o;
}

static int show_json(const struct task_list *tasks)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array();

	for (size_t i = 0; i < tasks->n; i++)
		json_object_array_add(list, json_task(&tasks->task[i]));
	json_set(o, "processes", list);
	return json_print(o);
}

static bool all_labels(const struct task_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		if (!list->task[i].label)
			return false;
	}
	return true;
}

static int run_label(const struct verb *verb, int argc, char **argv)
{
	struct want w = { 0 };
	struct task_list list;
	bool ok;
	int r;

	if (!take_options(verb, argc, argv, take_option, &w, &r))
		return r;
	if (w.all && optind < argc) {
		say("--%s is about all processes: it takes no '%s'", w.tree ? "tree" : "all",
		    argv[optind]);
		return try_help(verb->name);
	}
	if (!apparmor_is_on())
		return TOOL_FAILED;
	ok = w.all ? read_all(&list) : read_operands(argv + optind, &list);
	r = TOOL_OK;
	if (list.n)
		r = w.json ? show_json(&list) : show_text(&w, &list);
	ok = ok && (w.all || all_labels(&list));
	tasks_free(&list);
	return ok ? r : TOOL_FAILED;
}

const struct verb verb_label = {
	.name = "label",
	.summary = "show the label of a process, and of what it consists",
	.synopsis = "[--json] [PID]...\n"
		    "{--all | --tree} [--json]",
	.about = "Prints the AppArmor label of each PID, or its own, with the profiles of the "
		 "stack and\n"
		 "their policy namespaces, in the words of the policy namespace that it runs in: "
		 "what\n"
		 "lies above that cannot be seen.",
	.exits = "0 printed, 1 failed: there is no such process, or its label cannot be\nread; 2 "
		 "wrong usage",
	.options = options,
	.operands = COMPLETE_NOTHING,
	.run = run_label,
};
