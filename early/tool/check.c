// SPDX-License-Identifier: LGPL-2.1-or-later
/* Will this kernel, with this command line and this image, be confined? */
#include <getopt.h>
#include <stdio.h>

#include "json.h"
#include "kernel/cases.h"
#include "tool.h"

enum {
	OPT_KERNEL = OPTION_KEY,
	OPT_CONFIG,
	OPT_CMDLINE,
	OPT_IMAGE,
	OPT_ROOT,
	OPT_FEATURES,
	OPT_JSON
};

static const struct option_row options[] = {
	{ OPT_KERNEL, "kernel", "FILE", "kernel image, or unified kernel image", COMPLETE_FILE,
	  NULL },
	{ OPT_CONFIG, "config", "FILE", "the kernel's configuration, plain or gzip", COMPLETE_FILE,
	  NULL },
	{ OPT_CMDLINE, "cmdline", "STRING", "what the boot loader gives to the kernel",
	  COMPLETE_NOTHING, NULL },
	{ OPT_IMAGE, "image", "FILE",
	  "the initramfs, unified kernel image, or a tree that\nis still to be packed (may be "
	  "repeated: parts in\ntheir order)",
	  COMPLETE_FILE, NULL },
	{ OPT_ROOT, "root", "DIR", "the system to look in (/)", COMPLETE_DIR, NULL },
	{ OPT_FEATURES, "features", "DIR",
	  "folder of feature sets\n(" INITWARD_DATADIR "/features)", COMPLETE_DIR, NULL },
	{ OPT_JSON, "json", NULL, "print JSON", COMPLETE_NOTHING, NULL },
	{ 0 },
};

struct check {
	struct request request;
	bool json;
};

static int take_option(void *ctx, int option, const char *value)
{
	struct check *c = ctx;

	switch (option) {
	case OPT_KERNEL:
		c->request.kernel = value;
		break;
	case OPT_CONFIG:
		c->request.config = value;
		break;
	case OPT_CMDLINE:
		c->request.cmdline = value;
		break;
	case OPT_IMAGE:
		list_add(&c->request.images, dup_str(value));
		break;
	case OPT_ROOT:
		c->request.root = value;
		break;
	case OPT_FEATURES:
		c->request.features = value;
		break;
	case OPT_JSON:
		c->json = true;
		break;
	default:
		return try_help("check");
	}
	return TOOL_OK;
}

/* From good to bad; unknown is worse than a dry run, and better than the certainty of none. */
static int badness(const struct answer *a)
{
	static const int rank[] = {
		[TOOL_OK] = 0, [TOOL_COMPLAIN] = 1, [TOOL_UNKNOWN] = 2, [TOOL_UNCONFINED] = 3
	};

	return rank[answer_status(a)];
}

/* A way back is chosen by hand, or by GRUB where a boot did not come up. */
static int weight(const struct question *q)
{
	if (q->is_default)
		return 2;
	return q->is_way_back ? 0 : 1;
}

/*
 * The entry that boots by itself decides. Of several, one in each menu, the worst: which boot loader is
 * the one in use nobody knows. So too where no entry is known to be it.
 */
static size_t deciding(const struct cases *cases, const struct answer *answers)
{
	const struct question *q = cases->question;
	size_t best = 0;

	for (size_t i = 1; i < cases->n; i++) {
		int more = weight(&q[i]) - weight(&q[best]);

		if (more > 0 || (!more && badness(&answers[i]) > badness(&answers[best])))
			best = i;
	}
	return best;
}

static int print_text(const struct cases *cases, const struct answer *answers, size_t first)
{
	answer_print(&cases->question[first], &answers[first]);
	for (size_t i = 0; i < cases->n; i++) {
		if (i == first)
			continue;
		putchar('\n');
		answer_print(&cases->question[i], &answers[i]);
	}
	return finish_stdout();
}

static int print_json(const struct cases *cases, const struct answer *answers, size_t first)
{
	struct json_object *o = answer_json(&cases->question[first], &answers[first]);
	struct json_object *others = json_object_new_array();

	for (size_t i = 0; i < cases->n; i++) {
		if (i != first)
			json_object_array_add(others,
					      answer_json(&cases->question[i], &answers[i]));
	}
	json_set(o, "others", others);
	return json_print(o);
}

static int answer_all(const struct check *check, const struct cases *cases)
{
	struct answer *answers = grow(NULL, cases->n, sizeof(*answers));
	size_t first;
	int r;

	for (size_t i = 0; i < cases->n; i++)
		answer_make(&cases->question[i], &answers[i]);
	first = deciding(cases, answers);
	r = check->json ? print_json(cases, answers, first) : print_text(cases, answers, first);
	if (r == TOOL_OK)
		r = answer_status(&answers[first]);
	for (size_t i = 0; i < cases->n; i++)
		answer_free(&answers[i]);
	free(answers);
	return r;
}

static int find_and_answer(const struct check *check)
{
	struct cases cases;
	int r;

	if (!is_root(check->request.root))
		return TOOL_FAILED;
	r = cases_find(&check->request, &cases) ? answer_all(check, &cases) : TOOL_FAILED;
	cases_free(&cases);
	return r;
}

static int run_check(const struct verb *verb, int argc, char **argv)
{
	struct check check = { .request = { .root = "/",
					    .features = INITWARD_DATADIR "/features" } };
	int r;

	if (take_options(verb, argc, argv, take_option, &check, &r)) {
		if (optind == argc) {
			r = find_and_answer(&check);
		} else {
			say("there is '%s', but only options are taken; an image is named by "
			    "--image",
			    argv[optind]);
			r = try_help("check");
		}
	}
	list_free(&check.request.images);
	return r;
}

const struct verb verb_check = {
	.name = "check",
	.summary = "foretell whether a boot will be confined",
	.synopsis = "[OPTION]...",
	.about =
		"Says whether this kernel, with this command line and this image, will be "
		"confined, and\n"
		"if not, why not. What is not given is looked for: the kernel's configuration, the "
		"boot\n"
		"loader's entries, the initramfs. Without options it is about the next boot of "
		"the\n"
		"running kernel.",
	.exits = "0 confined, 1 failed, 2 wrong usage, 3 a dry run, 4 not confined, 5 unknown",
	.options = options,
	.operands = COMPLETE_NOTHING,
	.run = run_check,
};
