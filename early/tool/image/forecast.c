// SPDX-License-Identifier: LGPL-2.1-or-later
/* The loader's steps, as main.c has them, on an image that nobody has booted yet. */
#include "image/forecast.h"

#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "blob.h"
#include "cmdline.h"
#include "diagnose.h"
#include "image/steps.h"
#include "places.h"

/* What is known of the boot, and how far the forecast is. */
struct boot {
	const struct image *image;
	const struct forecast_kernel *kernel;
	const char *cmdline;
	struct forecast *ret;
	struct strbuf why;
	char why_text[LIMIT_MESSAGE];
	unsigned int machine; /* EM_* of elf.h; 0: not known */
	struct bundle *bundle;
	const struct manifest_set *set; /* that is tried */
	/* Whether the next init can be executed, once it was looked at. */
	bool tried;
	struct run run;
	char run_text[LIMIT_MESSAGE];
	char *self; /* the path that the loader itself is executed by */
	/* What the next init does with the image, once it was looked at. */
	bool wipe_asked;
	enum wipe wipe;
};

/* A step says how to go on; FAILS and UNKNOWN have b->why and name the step in b->ret. */
enum result { GO_ON, HAND_ON, FAILS, UNKNOWN, ENDS };

static enum result fails(struct boot *b, const char *step)
{
	b->ret->step = step;
	return FAILS;
}

static enum result unknown(struct boot *b, const char *step)
{
	b->ret->step = step;
	return UNKNOWN;
}

/* Before the loader: what the kernel does with the image, and the outcome where that is the end. */
static enum result ends(struct boot *b, enum outlook outlook)
{
	b->ret->outlook = outlook;
	b->ret->step = "first program";
	return ENDS;
}

/* What decides which program the kernel runs first; in the copy of the command line that is kept. */
struct first {
	char *args;
	const char *rdinit; /* NULL: not given */
	const char *init;
	bool not_unpacked; /* initcall_blacklist= names populate_rootfs */
};

static bool list_names(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = list; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (strncmp(at, name, n) == 0 && (at[n] == ',' || !at[n]))
			return true;
	}
	return false;
}

/* init/main.c: the last of several counts, but each initcall_blacklist= adds to the list. */
static void read_first(struct boot *b, struct first *ret)
{
	struct cmdline_param param;
	char *args;

	*ret = (struct first){ .args = dup_str(b->cmdline) };
	args = ret->args;
	while (cmdline_next(&args, &param)) {
		if (!param.value)
			continue;
		if (strcmp(param.name, "rdinit") == 0)
			ret->rdinit = param.value;
		else if (strcmp(param.name, "init") == 0)
			ret->init = param.value;
		else if (cmdline_named(&param, "initcall_blacklist"))
			ret->not_unpacked |= list_names(param.value, "populate_rootfs");
	}
}

static bool runs(const struct boot *b, const char *path)
{
	char text[LIMIT_MESSAGE];
	struct strbuf ignored;

	sb_init(&ignored, text, sizeof(text));
	return program_runs(b->image, path, b->machine, &ignored).result == RUN_OK;
}

/* kernel_init(): what runs where the first program cannot be executed. NULL: nothing, it panics. */
static const char *fallback(const struct boot *b, const struct first *first)
{
	static const char *const paths[] = { "/sbin/init", "/etc/init", "/bin/init", "/bin/sh" };

	if (first->init)
		return runs(b, first->init) ? first->init : NULL;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		if (runs(b, paths[i]))
			return paths[i];
	}
	return NULL;
}

static enum result not_executable(struct boot *b, const struct first *first, const char *path,
				  int err)
{
	const char *next = fallback(b, first);

	begin_why(&b->why, err, path, " cannot be executed", NULL);
	if (next) {
		sb_strs(&b->why, "; the kernel runs ", next, " instead, unconfined", NULL);
		return ends(b, OUTLOOK_UNCONFINED);
	}
	sb_str(&b->why, "; the kernel finds no other program, and panics");
	return ends(b, OUTLOOK_STOPS);
}

static enum result other_program(struct boot *b, const struct first *first)
{
	if (first->rdinit) {
		begin_why(&b->why, 0, "rdinit= names ", NULL);
		sb_quoted(&b->why, span_of(first->rdinit));
		sb_str(&b->why, ", which is not the loader; what it does cannot be foreseen");
		return ends(b, OUTLOOK_UNKNOWN);
	}
	begin_why(&b->why, 0, "the image has no loader: its /init is another program", NULL);
	return ends(b, OUTLOOK_UNCONFINED);
}

static void why_absent(struct boot *b, const struct first *first)
{
	if (first->not_unpacked)
		begin_why(&b->why, 0,
			  "initcall_blacklist= names populate_rootfs, so that the "
			  "kernel unpacks no image",
			  NULL);
	else if (first->rdinit) {
		begin_why(&b->why, 0, "rdinit= names ", NULL);
		sb_quoted(&b->why, span_of(first->rdinit));
		sb_str(&b->why, ", which is not in the image");
	} else
		begin_why(&b->why, 0, "the image has no /init", NULL);
	if (b->image->trouble && !first->not_unpacked)
		sb_strs(&b->why, " (the kernel gives up reading it: ", b->image->trouble, ")",
			NULL);
	sb_str(&b->why, "; the kernel mounts root= itself, unconfined");
}

/* kernel_init_freeable() asks whether it exists, kernel_init() executes it. */
static enum result run_first(struct boot *b, const struct first *first, const char *path)
{
	struct run run;

	if (first->not_unpacked || !*path ||
	    !image_find(b->image, path + strspn(path, "/"), true)) {
		why_absent(b, first);
		return ends(b, OUTLOOK_UNCONFINED);
	}
	run = program_runs(b->image, path, b->machine, &b->why);
	if (run.result == RUN_UNKNOWN)
		return ends(b, OUTLOOK_UNKNOWN);
	if (run.result != RUN_OK)
		return not_executable(b, first, path, run.err);
	return run.loader ? GO_ON : other_program(b, first);
}

static enum result first_program(struct boot *b)
{
	struct first first;
	enum result r;

	read_first(b, &first);
	b->self = dup_str(first.rdinit ? first.rdinit : "/init");
	r = run_first(b, &first, b->self);
	free(first.args);
	return r;
}

static enum result configuration(struct boot *b)
{
	struct config *conf = &b->ret->conf;
	struct content content;
	unsigned int bad = 0;
	int err;

	config_init(conf);
	err = content_read(b->image, IMAGE_CONFIG, LIMIT_CONFIG, &content);
	if (err) {
		conf->lock = true;
		begin_why(&b->why, err, "/" IMAGE_CONFIG " cannot be read", NULL);
	} else {
		begin_why(&b->why, 0, "/" IMAGE_CONFIG ": ", NULL);
		bad = config_parse(content.data, conf, &b->why);
	}
	content_free(&content);
	return err || bad ? fails(b, "configuration") : GO_ON;
}

/* A mount point that is missing is made; what is there has to be a folder. */
static enum result mounts(struct boot *b)
{
	static const char *const types[] = { "proc", "sysfs" }, *const paths[] = { "proc", "sys" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		const struct image_file *file = image_find(b->image, paths[i], true);
		int err = 0;

		if (file && !S_ISDIR(file->mode))
			err = ENOTDIR;
		else if (!file && image_find(b->image, paths[i], false))
			err = ENOENT; /* a link to nowhere */
		if (!err)
			continue;
		begin_why(&b->why, err, types[i], " cannot be mounted on /", paths[i], NULL);
		sb_str(&b->why, "; is it built into the kernel?");
		return fails(b, "mounts");
	}
	return GO_ON;
}

static enum result command_line(struct boot *b)
{
	struct config *conf = &b->ret->conf;
	char text[LIMIT_MESSAGE], *args;
	struct cmdline_lsm lsm;
	struct strbuf ignored;

	/* /proc/cmdline ends in a newline */
	if (strlen(b->cmdline) + 1 > LIMIT_CMDLINE) {
		begin_why(&b->why, EFBIG, "/proc/cmdline cannot be read", NULL);
		return fails(b, "command line");
	}
	sb_init(&ignored, text, sizeof(text));
	args = dup_str(b->cmdline);
	cmdline_apply(args, conf, &lsm, &ignored);
	free(args);
	text_str(&b->ret->ignored, text);
	if (!config_allowed(conf)) {
		begin_why(&b->why, 0, "policy=", policy_name(conf->policy),
			  " mode=", mode_name(conf->mode),
			  " does not go with level=", level_name(conf->level), "; " CONFIG_WHICH_GO,
			  NULL);
		return fails(b, "command line");
	}
	return conf->policy == POLICY_OFF ? HAND_ON : GO_ON;
}

/* Can the next init be executed? Its file may lie far back in a large image: asked once. */
static enum runnable try_next(struct boot *b)
{
	struct strbuf sb;

	if (!b->tried) {
		sb_init(&sb, b->run_text, sizeof(b->run_text));
		b->run = program_runs(b->image, b->ret->conf.init, b->machine, &sb);
		b->tried = true;
	}
	return b->run.result;
}

static enum result next_init(struct boot *b)
{
	enum runnable r = try_next(b);

	if (r == RUN_OK || r == RUN_REFUSED)
		return GO_ON;
	begin_why(&b->why, 0, b->run_text, NULL);
	return r == RUN_ABSENT ? fails(b, "next init") : unknown(b, "next init");
}

/* What a level above compatible wants of the kernel, in the loader's step "AppArmor". */
static enum result wants(struct boot *b, enum lsm_verdict there, const char *absent,
			 const char *unsure)
{
	if (there == LSM_ON)
		return GO_ON;
	begin_why(&b->why, 0, there == LSM_OFF ? absent : unsure, NULL);
	return there == LSM_OFF ? fails(b, "AppArmor") : unknown(b, "AppArmor");
}

static enum result level_wants(struct boot *b)
{
	enum result r = GO_ON;

	if (config_latches(&b->ret->conf))
		r = wants(b, b->kernel->lockdown, DIAGNOSE_NO_LOCKDOWN,
			  "it is not known whether lockdown is active");
	if (r == GO_ON && config_filters(&b->ret->conf))
		r = wants(b, b->kernel->filter, DIAGNOSE_NO_FILTER,
			  "it is not known whether the kernel has filters of system calls");
	return r;
}

static enum result apparmor(struct boot *b)
{
	const char *why = b->kernel->apparmor_why ? b->kernel->apparmor_why : "";

	if (b->kernel->apparmor == LSM_ON)
		return level_wants(b);
	if (b->kernel->apparmor == LSM_UNKNOWN) {
		begin_why(&b->why, 0, *why ? why : "it is not known whether it is on", NULL);
		return unknown(b, "AppArmor");
	}
	begin_why(&b->why, 0, "it is off: ", why, NULL);
	return fails(b, "AppArmor");
}

/* kstrtobool(), for a parameter that may stand alone; what is no truth changes nothing. */
static void note_truth(const char *value, bool *ret)
{
	char first = value ? (char)(value[0] | 0x20) : 'y';
	char second = first == 'o' ? (char)(value[1] | 0x20) : '\0';

	if (first == ('1' | 0x20) || first == 'y' || first == 't' || second == 'n')
		*ret = true;
	else if (first == ('0' | 0x20) || first == 'n' || first == 'f' || second == 'f')
		*ret = false;
}

/*
 * The module's parameters lock_policy and mode (security/apparmor/lsm.c). A mode that the kernel does
 * not know leaves the one before.
 */
static enum result policy_lock(struct boot *b)
{
	char *copy = dup_str(b->cmdline), *args = copy;
	unsigned int mode = MODE_ENFORCE;
	struct cmdline_param param;
	bool locked = false;
	int known;

	while (cmdline_next(&args, &param)) {
		if (cmdline_named(&param, "apparmor.lock_policy"))
			note_truth(param.value, &locked);
		if (!param.value || !cmdline_named(&param, "apparmor.mode"))
			continue;
		known = profile_mode_index(span_of(param.value));
		if (known >= 0)
			mode = (unsigned int)known;
	}
	free(copy);
	if (locked) {
		begin_why(&b->why, 0, "policy is locked; remove apparmor.lock_policy=1", NULL);
		return fails(b, "policy lock");
	}
	if (mode == MODE_ENFORCE || (mode == MODE_KILL && b->ret->conf.policy == POLICY_ENFORCE))
		return GO_ON;
	begin_why(&b->why, 0, "apparmor.mode=", profile_mode_name(mode),
		  " overrides the mode of every profile; remove it", NULL);
	return fails(b, "policy lock");
}

static enum result manifest(struct boot *b)
{
	return bundle_open(b->bundle, b->image, b->ret->manifest_digest, &b->why)
		       ? GO_ON
		       : fails(b, "manifest");
}

/* As the loader's kernel_has(). */
static bool kernel_has(const struct boot *b, const struct manifest_set *set)
{
	struct kv at = kv_open(set->head);
	struct span path, words, have;

	while (manifest_next_use(&at, &path, &words)) {
		if (!featset_find(b->kernel->features, path, &have) ||
		    !span_words_subset(words, have))
			return false;
	}
	return true;
}

/* A set that the loader may choose, and how. */
struct choice {
	const struct manifest_set *set[LIMIT_SETS];
	enum fit fit[LIMIT_SETS];
	unsigned int n;
	bool maybe_none;
};

static void add_choice(struct choice *c, const struct manifest_set *set, enum fit fit)
{
	for (unsigned int i = 0; i < c->n; i++) {
		if (c->set[i] == set)
			return;
	}
	c->set[c->n] = set;
	c->fit[c->n++] = fit;
}

static bool names_kernels(const struct manifest_set *set)
{
	struct kv kv = kv_open(set->head);

	while (kv_next(&kv) > 0) {
		if (span_is(kv.key, "kernel"))
			return true;
	}
	return false;
}

/*
 * The loader's choose(): one set where identity and features are known, else all that may come out. A
 * build of a kernel that a set names has the features of that set.
 */
static void choose(const struct boot *b, struct choice *ret)
{
	const struct manifest *m = &b->bundle->manifest;
	const struct featset *features = b->kernel->features;
	bool named = b->kernel->identity.n != 0, fits = false;
	const struct manifest_set *set = named ? manifest_exact(m, b->kernel->identity) : NULL;

	ret->n = 0;
	ret->maybe_none = false;
	if (set) {
		add_choice(ret, set, FIT_EXACT);
		return;
	}
	for (set = manifest_next_rank(m, UINT_MAX); set && !fits;
	     set = manifest_next_rank(m, set->rank)) {
		fits = features && kernel_has(b, set);
		if (fits || !features)
			add_choice(ret, set, FIT_FEATURES);
	}
	if (!fits && manifest_base(m))
		add_choice(ret, manifest_base(m), FIT_BASE);
	else if (!fits)
		ret->maybe_none = true;
	for (unsigned int i = 0; i < m->n_sets && !named && features; i++) {
		if (names_kernels(&m->sets[i]) && kernel_has(b, &m->sets[i]))
			add_choice(ret, &m->sets[i], FIT_EXACT);
	}
}

static void note_lost(struct boot *b)
{
	const struct featset *features = b->kernel->features;
	char text[256];
	struct strbuf lost;

	sb_init(&lost, text, sizeof(text));
	for (unsigned int i = 0; features && i < features->n; i++) {
		struct span name = features->leaf[i].path[0];

		if (span_words_subset(name, b->set->classes) ||
		    span_words_subset(name, (struct span){ text, lost.len }))
			continue;
		if (lost.len)
			sb_str(&lost, " ");
		sb_span(&lost, name);
	}
	text_str(&b->ret->lost, text);
}

/* The end of step_feature_set(), for one set. */
static enum result entries(struct boot *b)
{
	return bundle_entries(b->bundle, b->set, b->ret->conf.policy, b->ret->conf.mode)
		       ? GO_ON
		       : fails(b, "feature set");
}

static enum result policy(struct boot *b)
{
	return bundle_blobs(b->bundle) ? GO_ON : fails(b, "policy");
}

static enum result load(struct boot *b)
{
	const char *step;
	enum policy_fit fit = bundle_loads(b->bundle, b->kernel->features, &step);

	if (fit == POLICY_FITS)
		return GO_ON;
	return fit == POLICY_REFUSED ? fails(b, step) : unknown(b, step);
}

static enum result proof(struct boot *b)
{
	const struct config *conf = &b->ret->conf;
	bool strict = conf->level == LEVEL_STRICT;

	return bundle_proves(b->bundle, conf->policy, strict) ? GO_ON : fails(b, "proof");
}

static enum result execution(struct boot *b)
{
	enum runnable r = try_next(b);

	if (r == RUN_OK)
		return GO_ON;
	if (r == RUN_ABSENT) /* where nothing has asked before: policy = off */
		begin_why(&b->why, b->run.err, b->ret->conf.init, " cannot be executed", NULL);
	else
		begin_why(&b->why, 0, b->run_text, NULL);
	return r == RUN_UNKNOWN ? unknown(b, "execution") : fails(b, "execution");
}

/* No step of the loader's, which has done its work by then; no system runs all the same. */
static enum result panics(struct boot *b, const char *refused)
{
	begin_why(&b->why, 0,
		  "run-init wipes the initramfs before it starts the system, and the policy "
		  "refuses it ",
		  refused,
		  ": the kernel will panic; let the policy allow it to read and remove that", NULL);
	b->ret->step = "switch root";
	b->ret->outlook = OUTLOOK_STOPS;
	return ENDS;
}

static enum result switch_root(struct boot *b)
{
	enum result r = GO_ON;
	bool unclear = false;
	char *refused = NULL;

	if (!b->wipe_asked)
		b->wipe = image_wipe(b->image);
	b->wipe_asked = true;
	if (b->wipe == WIPE_YES)
		refused = wipe_refused(b->image, &b->bundle->global, &unclear);
	if (b->wipe == WIPE_UNKNOWN || unclear) {
		begin_why(&b->why, 0,
			  unclear ? "the policy takes too long to ask" : "run-init cannot be read",
			  "; whether the policy lets it wipe the initramfs is not known", NULL);
		r = unknown(b, "switch root");
	} else if (refused) {
		r = panics(b, refused);
	}
	free(refused);
	return r;
}

typedef enum result (*step_function)(struct boot *b);

/* Runs steps up to the first that does not go on; one that is unknown counts if nothing fails. */
static enum result run(struct boot *b, const step_function *list, size_t n)
{
	char text[LIMIT_MESSAGE];
	const char *step = NULL;

	for (size_t i = 0; i < n; i++) {
		enum result r = list[i](b);

		if (r == UNKNOWN && !step) {
			step = b->ret->step;
			memcpy(text, b->why.buf, sizeof(text));
		} else if (r != GO_ON && r != UNKNOWN) {
			return r;
		}
	}
	if (!step)
		return GO_ON;
	b->ret->step = step;
	begin_why(&b->why, 0, text, NULL);
	return UNKNOWN;
}

/* go_on_unconfined() */
static enum outlook after_failure(struct boot *b)
{
	const struct config *conf = &b->ret->conf;
	enum runnable r;

	if (conf->on_failure == ON_FAILURE_PANIC || !conf->init[0])
		return OUTLOOK_STOPS;
	r = try_next(b);
	return r == RUN_OK || r == RUN_UNKNOWN ? OUTLOOK_UNCONFINED : OUTLOOK_STOPS;
}

/* The outlook that a run of steps ends with, its message in b->why. */
static enum outlook outlook_of(struct boot *b, enum result r, enum outlook good)
{
	if (r == ENDS)
		return b->ret->outlook;
	if (r == FAILS)
		return after_failure(b);
	return r == UNKNOWN ? OUTLOOK_UNKNOWN : good;
}

static const step_function before[] = { first_program, configuration, mounts,	   command_line,
					next_init,     apparmor,      policy_lock, manifest };
static const step_function of_set[] = { entries, policy, load, proof, execution, switch_root };
static const step_function only_execution[] = { execution };

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* What comes out with one set; what was unknown before stays so, unless something fails. */
static enum outlook try_set(struct boot *b, const struct manifest_set *set, enum fit fit)
{
	struct forecast *ret = b->ret;
	enum outlook good =
		ret->conf.policy == POLICY_ENFORCE ? OUTLOOK_CONFINED : OUTLOOK_COMPLAIN;
	enum result r;

	b->set = set;
	ret->fit = fit;
	ret->set.len = ret->lost.len = 0;
	text_add(&ret->set, set->name.p, set->name.n);
	text_str(&ret->lost, "");
	if (fit != FIT_EXACT)
		note_lost(b);
	r = run(b, of_set, COUNT(of_set));
	if (r != FAILS || strcmp(ret->step, "feature set") != 0) {
		ret->n_profiles = b->bundle->policy.n_profiles;
		ret->n_bytes = b->bundle->policy.size;
	}
	return outlook_of(b, r, good);
}

static enum outlook no_set(struct boot *b)
{
	begin_why(&b->why, 0,
		  "no set of the bundle fits this kernel, and none is the base; add the kernel's "
		  "(initward features)",
		  NULL);
	return outlook_of(b, fails(b, "feature set"), OUTLOOK_UNKNOWN);
}

static enum outlook try_choice(struct boot *b, const struct choice *c, unsigned int i)
{
	b->ret->step = NULL;
	return i < c->n ? try_set(b, c->set[i], c->fit[i]) : no_set(b);
}

/* Several sets may be chosen: that matters only where they do not come out alike. */
static enum outlook try_sets(struct boot *b)
{
	char text[LIMIT_MESSAGE];
	struct choice choice;
	enum outlook first, other;
	const char *step;

	choose(b, &choice);
	first = other = try_choice(b, &choice, 0);
	step = b->ret->step;
	memcpy(text, b->why.buf, sizeof(text));
	for (unsigned int i = 1; i < choice.n + choice.maybe_none; i++) {
		other = try_choice(b, &choice, i);
		b->ret->fit = FIT_NONE;
		b->ret->set.len = b->ret->lost.len = 0;
		if (other != first)
			break;
	}
	b->ret->step = step;
	begin_why(&b->why, 0, text, NULL);
	if (other == first)
		return first;
	b->ret->step = "feature set";
	begin_why(&b->why, 0,
		  "the choice depends on the kernel, which is not known: ", outlook_name(first),
		  " or ", outlook_name(other), NULL);
	return OUTLOOK_UNKNOWN;
}

static bool is_good(enum outlook outlook)
{
	return outlook == OUTLOOK_CONFINED || outlook == OUTLOOK_COMPLAIN;
}

static enum outlook steps(struct boot *b)
{
	enum result r = run(b, before, COUNT(before));
	char text[LIMIT_MESSAGE];
	const char *step = b->ret->step;
	enum outlook outlook;

	if (r == HAND_ON)
		return outlook_of(b, run(b, only_execution, COUNT(only_execution)), OUTLOOK_OFF);
	if (r == ENDS || r == FAILS)
		return outlook_of(b, r, OUTLOOK_UNKNOWN);
	memcpy(text, b->why.buf, sizeof(text));
	outlook = try_sets(b);
	if (r == GO_ON || !(is_good(outlook) || outlook == OUTLOOK_UNKNOWN))
		return outlook;
	b->ret->step = step;
	begin_why(&b->why, 0, text, NULL);
	return OUTLOOK_UNKNOWN;
}

/* A loader that is executed by the path of its next init ends the boot: main(). */
static enum outlook foresee(struct boot *b)
{
	enum outlook outlook = steps(b);
	const char *init = b->ret->conf.init;

	if (!init[0] || outlook == OUTLOOK_STOPS)
		return outlook;
	if (strcmp(b->self, init) != 0 && !(try_next(b) == RUN_OK && b->run.loader))
		return outlook;
	b->ret->step = "execution";
	begin_why(&b->why, 0, "the next init is the loader", NULL);
	return OUTLOOK_STOPS;
}

static const char *label_of(const struct forecast *ret)
{
	if (!is_good(ret->outlook) &&
	    (ret->outlook != OUTLOOK_UNKNOWN || strcmp(ret->step, "first program") == 0))
		return NULL;
	return ret->conf.mode == MODE_HIDDEN ? GLOBAL_PROFILE "//&:" APPLICATION_NS ":unconfined"
					     : GLOBAL_PROFILE "//&unconfined";
}

static unsigned int machine_of(const struct image *image, struct span identity)
{
	static const struct {
		const char *name;
		unsigned int machine;
	} machines[] = { { " x86_64", EM_X86_64 }, { " aarch64", EM_AARCH64 } };

	for (size_t i = 0; i < COUNT(machines); i++) {
		size_t n = strlen(machines[i].name);

		if (identity.n > n &&
		    span_is((struct span){ identity.p + identity.n - n, n }, machines[i].name))
			return machines[i].machine;
	}
	return image_machine(image);
}

static void take_why(struct boot *b)
{
	struct text *why = &b->ret->why;

	text_str(why, b->ret->step ? b->why.buf : "");
	for (size_t i = 0; i < why->len; i++) {
		if (why->data[i] < ' ' || why->data[i] > '~')
			why->data[i] = '?';
	}
}

void forecast_image(const struct image *image, const char *cmdline,
		    const struct forecast_kernel *kernel, struct forecast *ret)
{
	struct boot b = {
		.image = image,
		.kernel = kernel,
		.cmdline = cmdline,
		.ret = ret,
		.machine = machine_of(image, kernel->identity),
		.bundle = bundle_new(),
	};

	*ret = (struct forecast){ .outlook = OUTLOOK_UNKNOWN };
	config_init(&ret->conf);
	text_str(&ret->set, "");
	text_str(&ret->lost, "");
	text_str(&ret->ignored, "");
	sb_init(&b.why, b.why_text, sizeof(b.why_text));
	ret->outlook = foresee(&b);
	ret->label = label_of(ret);
	take_why(&b);
	bundle_free(b.bundle);
	free(b.self);
}

void forecast_free(struct forecast *forecast)
{
	text_free(&forecast->why);
	text_free(&forecast->ignored);
	text_free(&forecast->set);
	text_free(&forecast->lost);
}

const char *outlook_name(enum outlook outlook)
{
	static const char *const names[] = { "confined",   "complain", "off",
					     "unconfined", "stops",    "unknown" };

	return names[outlook];
}
