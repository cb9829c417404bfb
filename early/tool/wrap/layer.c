// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wrap/layer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/forecast.h"
#include "jobs.h"
#include "kv.h"
#include "places.h"
#include "work.h"

#define LIMIT_LOADER ((size_t)1 << 20)

/* The keys of the configuration that have an option; the first word is the default. */
static const struct {
	const char *key;
	const char *option;
	const char *words;
} keys[] = {
	{ "policy", "--policy", "enforce complain off" },
	{ "mode", "--mode", "hidden visible managed" },
	{ "level", "--level", "compatible strict sealed" },
	{ "on_failure", "--on-failure", "continue panic" },
	{ "lock", "--lock", "no yes" },
};

#define N_KEYS (sizeof(keys) / sizeof(keys[0]))

/* A word of the key's; behind that of policy may stand a name. */
static int take_value(struct layer *layer, size_t i, const char *value)
{
	struct span word = span_of(value), name;
	bool named = i == 0 && span_split(word, ' ', &word, &name);

	if (!word.n || memchr(word.p, ' ', word.n) ||
	    !span_words_subset(word, span_of(keys[i].words))) {
		say("%s: '%s' is none of: %s%s", keys[i].option, value, keys[i].words,
		    i == 0 ? ", nor one of these with a NAME behind it" : "");
		return TOOL_USAGE;
	}
	if (named && !config_is_name(name)) {
		say("%s: '%.*s' is no name of a policy: 'initward policy list' names those there "
		    "are",
		    keys[i].option, (int)name.n, name.p);
		return TOOL_USAGE;
	}
	layer->value[i] = value;
	layer->values = true;
	return TOOL_OK;
}

int layer_option(struct layer *layer, int key, const char *value)
{
	switch (key) {
	case LAYER_LOADER:
		layer->loader_file = value;
		break;
	case LAYER_CONFIG:
		layer->config_file = value;
		break;
	case LAYER_BUNDLE:
		layer->bundle_dir = value;
		break;
	case LAYER_SOURCE:
		list_add(&layer->sources, dup_str(value));
		break;
	case LAYER_APPLICATION:
		list_add(&layer->applications, dup_str(value));
		break;
	case LAYER_FEATURES:
		layer->features = value;
		break;
	case LAYER_KERNEL:
		layer->kernel = value;
		break;
	case LAYER_LOCK:
		return take_value(layer, LAYER_LOCK - LAYER_POLICY, "yes");
	default:
		return take_value(layer, (size_t)(key - LAYER_POLICY), value);
	}
	return TOOL_OK;
}

int layer_check_options(const struct layer *layer)
{
	if (layer->config_file && layer->values)
		say("--config and options for single values exclude each other: say it in the "
		    "file");
	else if (layer->bundle_dir &&
		 (layer->sources.n || layer->features || layer->kernel || layer->applications.n))
		say("--bundle and %s exclude each other: a bundle is compiled already",
		    layer->kernel	    ? "--kernel"
		    : layer->features	    ? "--features"
		    : layer->applications.n ? "--application"
					    : "--source");
	else if (!application_fits(&layer->applications))
		say("--application none does not go with another one");
	else
		return TOOL_OK;
	return TOOL_USAGE;
}

/* --- loader and configuration --- */

static bool read_input(const char *what, const char *path, size_t max, struct text *ret)
{
	struct stat st;
	int r = stat(path, &st) < 0 ? -errno : 0;

	if (r == 0 && !S_ISREG(st.st_mode)) {
		say("the %s %s is no regular file", what, path);
		return false;
	}
	if (r == 0)
		r = read_file(path, max, ret);
	if (r == -EFBIG)
		say("the %s %s is larger than %zu bytes", what, path, max);
	else if (r < 0)
		say("cannot read the %s %s: %s", what, path, strerror(-r));
	return r == 0;
}

static bool load_loader(struct layer *layer)
{
	const char *path = layer->loader_file ? layer->loader_file : LAYER_DEFAULT_LOADER;

	if (!read_input("loader", path, LIMIT_LOADER, &layer->loader))
		return false;
	if (is_loader(span_of_text(&layer->loader), NULL))
		return true;
	say("%s is not initward's loader: name the file initward-init with --loader", path);
	return false;
}

static bool has_init(const struct text *text)
{
	struct kv kv = kv_open(span_of_text(text));
	int r;

	while ((r = kv_next(&kv)) != 0) {
		if (r > 0 && span_is(kv.key, "init"))
			return true;
	}
	return false;
}

static bool text_from_file(struct layer *layer)
{
	struct text *text = &layer->config_text;

	if (!read_input("configuration", layer->config_file, LIMIT_CONFIG, text))
		return false;
	if (has_init(text)) {
		say("%s: the line \"init =\" is written by this command, for the image's own "
		    "/init: take it out",
		    layer->config_file);
		return false;
	}
	if (text->len && text->data[text->len - 1] != '\n')
		text_str(text, "\n");
	return true;
}

static void text_from_values(struct layer *layer)
{
	struct text *text = &layer->config_text;

	text_str(text, "version = 1\n");
	for (size_t i = 0; i < N_KEYS; i++) {
		const char *value = layer->value[i], *words = keys[i].words;

		text_format(text, "%s = %.*s\n", keys[i].key,
			    (int)(value ? strlen(value) : strcspn(words, " ")),
			    value ? value : words);
	}
}

/* What the loader's own reader takes. */
static bool load_config(struct layer *layer, const char *next_init)
{
	const char *name;
	char buf[512];
	struct strbuf why;

	if (!layer->config_file && !layer->values)
		layer->config_file = default_config();
	name = layer->config_file ? layer->config_file : "the configuration";
	if (layer->config_file && !text_from_file(layer))
		return false;
	if (!layer->config_file)
		text_from_values(layer);
	text_format(&layer->config_text, "init = %s\n", next_init);
	sb_init(&why, buf, sizeof(buf));
	if (layer->config_text.len > LIMIT_CONFIG)
		say("%s is larger than %d bytes", name, LIMIT_CONFIG);
	else if (config_parse(span_of_text(&layer->config_text), &layer->config, &why))
		say("%s: %s", name, buf);
	else if (!config_allowed(&layer->config))
		say("%s: level = %s does not go with policy = %s, mode = %s; " CONFIG_WHICH_GO,
		    name, level_name(layer->config.level), policy_name(layer->config.policy),
		    mode_name(layer->config.mode));
	else
		return true;
	return false;
}

/* --- the bundle --- */

/*
 * Of what compile said the last message, in one line: generators show the last line alone. Behind a
 * colon stands, set in, what the parser said.
 */
static void last_message(const struct text *said, struct text *ret)
{
	static const char mine[] = "initward compile: ";
	const char *line = said->len ? said->data : "";

	for (size_t n; *line; line += n + (line[n] == '\n')) {
		n = strcspn(line, "\n");
		if (strncmp(line, mine, sizeof(mine) - 1) == 0) {
			ret->len = 0;
			text_add(ret, line + sizeof(mine) - 1, n - (sizeof(mine) - 1));
		} else if (ret->len && ret->data[ret->len - 1] == ':' && n > 2 && *line == ' ') {
			text_add(ret, line + 1, n - 1);
		}
	}
}

static void say_why_not_compiled(const struct text *said, const char *work)
{
	struct text why = { 0 };

	last_message(said, &why);
	if (why.len)
		say("cannot compile the policy: %s; nothing was changed: mend it, and try again",
		    why.data);
	else if (said->len)
		say("cannot compile the policy: its messages stand above");
	else
		say("cannot compile the policy, and there is no message: is %s full?", work);
	text_free(&why);
}

/* To be freed by free_jobs(). */
static struct job *compile_job(const struct layer *layer, const char *work, const char *bundle)
{
	struct job *job = grow(NULL, 1, sizeof(*job));

	*job = (struct job){ .err = path_join(work, "said") };
	list_add(&job->argv, dup_str("/proc/self/exe"));
	list_add(&job->argv, dup_str("compile"));
	list_add(&job->argv, dup_str("-o"));
	list_add(&job->argv, dup_str(bundle));
	if (layer->features)
		list_add(&job->argv, format("--features=%s", layer->features));
	/* its notes are for who writes policy, but for those of a kernel, which are always said */
	list_add(&job->argv, dup_str("--quiet"));
	if (layer->kernel)
		list_add(&job->argv, format("--kernel=%s", layer->kernel));
	for (size_t i = 0; i < layer->includes.n; i++)
		list_add(&job->argv, format("--include=%s", layer->includes.item[i]));
	for (size_t i = 0; i < layer->applications.n; i++)
		list_add(&job->argv, format("--application=%s", layer->applications.item[i]));
	list_add(&job->argv, dup_str("--"));
	for (size_t i = 0; i < layer->sources.n; i++)
		list_add(&job->argv, dup_str(layer->sources.item[i]));
	return job;
}

static bool choose_policy(struct layer *layer)
{
	if (layer->sources.n)
		return true;
	if (!default_policy(&layer->config, layer->config_file, &layer->sources, &layer->includes))
		return false;
	if (access(layer->sources.item[0], R_OK) == 0)
		return true;
	say("there is no policy to compile: %s: %s; name a bundle with --bundle, or a policy with "
	    "--source",
	    layer->sources.item[0], strerror(errno));
	return false;
}

/* The folder of the bundle, to be freed; NULL: said why not. */
static char *compile_bundle(struct layer *layer)
{
	const char *work;
	struct job *job;
	char *bundle;
	struct text said = { 0 };
	bool ok;

	if (!choose_policy(layer))
		return NULL;
	choose_application(&layer->config, &layer->sources, &layer->applications);
	work = work_begin_tmp("/tmp");
	if (!work)
		return NULL;
	bundle = path_join(work, "bundle");
	job = compile_job(layer, work, bundle);
	ok = run_jobs(job, 1);
	if (ok && read_file(job->err, 1 << 16, &said) == 0 && said.len)
		(void)fwrite(said.data, 1, said.len, stderr);
	if (ok && job->status) {
		say_why_not_compiled(&said, work);
		ok = false;
	}
	text_free(&said);
	free_jobs(job, 1);
	if (ok)
		return bundle;
	free(bundle);
	return NULL;
}

static bool add_tree(struct archive_list *list, const char *path, const char *name, size_t *left);

/* One entry of the bundle's folder. `left`: bytes that it may still have. */
static bool add_one(struct archive_list *list, const char *path, const char *name, size_t *left)
{
	struct text data = { 0 };
	struct stat st;
	bool ok = false;

	if (lstat(path, &st) < 0) {
		say("cannot look at %s: %s", path, strerror(errno));
	} else if (S_ISDIR(st.st_mode)) {
		(void)add_folder(list, name);
		ok = add_tree(list, path, name, left);
	} else if (!S_ISREG(st.st_mode)) {
		say("%s is neither a file nor a folder, which a bundle does not have", path);
	} else if (read_input("bundle's file", path, *left, &data)) {
		*left -= data.len;
		(void)add_file(list, name, 0644, span_of_text(&data));
		ok = true;
	}
	text_free(&data);
	return ok;
}

static bool add_tree(struct archive_list *list, const char *path, const char *name, size_t *left)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct list names = { 0 };
	int r = fd < 0 ? -errno : folder_names(fd, &names);
	bool ok = r == 0;

	if (!ok)
		say("cannot read the folder %s: %s", path, strerror(-r));
	if (fd >= 0)
		(void)close(fd);
	for (size_t i = 0; ok && i < names.n; i++) {
		char *from = path_join(path, names.item[i]);
		char *to = path_join(name, names.item[i]);

		ok = add_one(list, from, to, left);
		free(from);
		free(to);
	}
	list_free(&names);
	return ok;
}

static bool load_bundle(struct layer *layer)
{
	char *dir = layer->bundle_dir ? dup_str(layer->bundle_dir) : compile_bundle(layer);
	size_t left = LIMIT_KEPT / 2;
	bool ok = true;
	char *manifest;

	if (!dir)
		return false;
	manifest = path_join(dir, "manifest");
	if (access(manifest, F_OK) < 0) {
		say("%s is no bundle: %s: %s; 'initward compile' makes one", dir, manifest,
		    strerror(errno));
		ok = false;
	}
	(void)add_folder(&layer->bundle, IMAGE_BUNDLE);
	ok = ok && add_tree(&layer->bundle, dir, IMAGE_BUNDLE, &left);
	free(manifest);
	free(dir);
	return ok;
}

/* --- what the verbs use --- */

bool layer_load(struct layer *layer, const char *next_init)
{
	return load_loader(layer) && load_config(layer, next_init) && load_bundle(layer);
}

void layer_records(const struct layer *layer, const char *loader_name, struct archive_list *ret)
{
	(void)add_file(ret, loader_name, 0755, span_of_text(&layer->loader));
	(void)add_folder(ret, "initward");
	(void)add_file(ret, IMAGE_CONFIG, 0644, span_of_text(&layer->config_text));
	for (size_t i = 0; i < layer->bundle.n; i++) {
		const struct record *r = &layer->bundle.record[i];

		if (S_ISDIR(r->mode))
			(void)add_folder(ret, r->name);
		else
			(void)add_file(ret, r->name, 0644, span_of_text(&r->data));
	}
}

bool source_date(uint32_t *ret)
{
	const char *text = getenv("SOURCE_DATE_EPOCH");
	uint64_t n = 0;

	if (text && !span_uint(span_of(text), UINT32_MAX, &n)) {
		say("SOURCE_DATE_EPOCH is no number of seconds up to %u: '%s'", UINT32_MAX, text);
		return false;
	}
	*ret = (uint32_t)n;
	return true;
}

void layer_free(struct layer *layer)
{
	list_free(&layer->sources);
	list_free(&layer->includes);
	list_free(&layer->applications);
	text_free(&layer->loader);
	text_free(&layer->config_text);
	archive_list_free(&layer->bundle);
}
