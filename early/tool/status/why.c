// SPDX-License-Identifier: LGPL-2.1-or-later
#include "why.h"

#include <stdlib.h>
#include <string.h>

#include "manifest.h"

static bool is(const char *text, const char *word)
{
	return text && strcmp(text, word) == 0;
}

/* The loader has spoken, and nothing of what it may have set up is there. */
static void explain_by_loader(const struct history *h, struct text *why, struct text *cure)
{
	const char *result = h->loader->field[LOADER_RESULT];
	const char *because = h->loader->field[LOADER_WHY];

	if (is(result, "failed")) {
		text_format(why, ": the loader failed%s%s", because ? ": " : "",
			    because ? because : "");
		text_str(cure, "mend that and boot again; 'initward check' tells before the boot "
			       "whether it is mended");
	} else if (is(result, "off")) {
		text_format(why, ": the loader was told policy=off, %s",
			    h->off_by_cmdline ? "on the kernel command line"
					      : "in the image's initward.conf");
		text_str(cure, h->off_by_cmdline
				       ? "boot without initward.policy=off"
				       : "say policy = enforce in initward.conf, make the "
					 "initramfs again and boot");
	} else if (!result) {
		text_str(why, ": the loader's report has no result");
		text_str(cure, "boot again; if that is so again, see the kernel log");
	} else {
		text_format(why, ": the loader said \"%s\", so that the layer was taken away since",
			    result);
		text_str(cure,
			 "boot again; mode = hidden, or a policy that denies mac_admin, keeps "
			 "root from doing that");
	}
}

/* "CAUSE; CURE", as diagnose_off() has it. */
static void split_cure(const char *text, struct text *why, struct text *cure)
{
	const char *at = NULL;

	for (const char *next = strstr(text, "; "); next; next = strstr(next + 2, "; "))
		at = next;
	text_str(why, ": ");
	text_add(why, text, at ? (size_t)(at - text) : strlen(text));
	text_str(cure, at ? at + 2 : "");
}

void explain_unconfined(const struct judgement *j, const struct history *h, struct text *ret_why,
			struct text *ret_cure)
{
	text_str(ret_why, reason_text(j->reason));
	text_str(ret_cure, "");
	if (j->reason == REASON_OFF) {
		split_cure(h->apparmor_off, ret_why, ret_cure);
		return;
	}
	if (h->loader) {
		explain_by_loader(h, ret_why, ret_cure);
	} else if (h->log_read) {
		text_str(ret_why, ", and the kernel log has no word of the loader: this boot's "
				  "initramfs has no initward, or it was not the first program");
		text_str(ret_cure, "put it into the initramfs ('initward wrap', or its generator), "
				   "and boot that");
	} else {
		text_str(ret_why, "; why cannot be told: no report of the loader, and the kernel "
				  "log of this boot cannot be read, or not from its begin on");
		text_str(ret_cure, "run it as root");
	}
}

static struct tally *find_tally(struct tally *list, size_t *n, const struct denial *d)
{
	const char *profile = d->field[FIELD_PROFILE];
	bool is_root = denial_is_root(d);
	const char *ns = is_root ? "root" : d->field[FIELD_NAMESPACE];

	for (size_t i = 0; i < *n; i++) {
		if (strcmp(list[i].ns, ns) == 0 && strcmp(list[i].profile, profile) == 0)
			return &list[i];
	}
	list[*n] = (struct tally){ .ns = ns, .profile = profile, .is_root = is_root };
	return &list[(*n)++];
}

static int by_layer(const void *a, const void *b)
{
	const struct tally *x = a, *y = b;
	bool x_global = x->is_root && strcmp(x->profile, GLOBAL_PROFILE) == 0;
	bool y_global = y->is_root && strcmp(y->profile, GLOBAL_PROFILE) == 0;
	int r;

	if (x->is_root != y->is_root)
		return x->is_root ? -1 : 1;
	if (x_global != y_global)
		return x_global ? -1 : 1;
	r = strcmp(x->ns, y->ns);
	return r ? r : strcmp(x->profile, y->profile);
}

size_t tally_denials(const struct log *log, struct tally **ret)
{
	struct tally *list = grow(NULL, log->n_denials, sizeof(*list));
	size_t n = 0;

	for (size_t i = 0; i < log->n_denials; i++) {
		const struct denial *d = &log->denial[i];
		struct tally *t = find_tally(list, &n, d);

		if (d->verdict == VERDICT_ALLOWED)
			t->allowed += d->count;
		else if (d->verdict == VERDICT_KILLED)
			t->killed += d->count;
		else
			t->denied += d->count;
	}
	if (n)
		qsort(list, n, sizeof(*list), by_layer);
	*ret = list;
	return n;
}
