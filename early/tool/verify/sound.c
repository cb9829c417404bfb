// SPDX-License-Identifier: LGPL-2.1-or-later
/* What can be said of an image without its sources. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "image/forecast.h"
#include "image/modules.h"
#include "image/steps.h"
#include "places.h"
#include "verify/verify.h"

void check_add(struct checks *checks, const char *name, bool ok, const char *fmt, ...)
{
	struct check *check;
	char *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = dup_str("out of memory");
	va_end(ap);
	checks->item = grow(checks->item, checks->n + 1, sizeof(*checks->item));
	check = &checks->item[checks->n++];
	*check = (struct check){ .name = name, .ok = ok, .text = text };
	checks->failed += !ok;
}

void check_warn(struct checks *checks, const char *name, const char *text)
{
	check_add(checks, name, true, "%s", text);
	checks->item[checks->n - 1].warning = true;
}

void checks_free(struct checks *checks)
{
	for (size_t i = 0; i < checks->n; i++)
		free(checks->item[i].text);
	free(checks->item);
	*checks = (struct checks){ .n = 0 };
}

static void check_reading(const struct image *image, struct checks *checks)
{
	if (image->trouble)
		check_add(checks, "image", false,
			  "at byte %llu the kernel finds the image damaged: %s; make it again",
			  (unsigned long long)image->trouble_at, image->trouble);
	else
		check_add(checks, "image", true, "%s: %zu files",
			  image->folder ? "a folder that is still to be packed"
					: "the kernel reads it to its end",
			  image->n_files);
}

static void check_the_loader(const struct image *image, struct checks *checks)
{
	struct text version = { 0 }, why = { 0 };

	if (check_loader(image, &version, &why))
		check_add(checks, "loader", true, "/init is the loader, version %s", version.data);
	else
		check_add(checks, "loader", false,
			  "%s; nothing confines the system: put initward into the image again",
			  why.data);
	text_free(&version);
	text_free(&why);
}

/*
 * What is initward's in the image: the loader, all files below its folder, and what may be in the place
 * of that folder, a link to another.
 */
static bool is_ours(const struct image_file *file)
{
	return !S_ISDIR(file->mode) &&
	       (strcmp(file->name, "init") == 0 || strcmp(file->name, "initward") == 0 ||
		strncmp(file->name, "initward/", 9) == 0);
}

/*
 * A later archive may bring everything again, as one that was wrapped round an image does. It must not
 * bring a part of it, whether or not the tree knows what was there before: names can be removed, and
 * files written to through hard links.
 */
static void check_overrides(const struct image *image, struct checks *checks)
{
	const struct image_file *first = NULL, *over = NULL, *other = NULL;

	for (size_t i = 0; i < image->n_files; i++) {
		const struct image_file *file = &image->file_list[i];

		if (!is_ours(file))
			continue;
		if (!first)
			first = file;
		if (file->part != first->part)
			other = file;
		if (file->replaces >= 0 && (unsigned int)file->replaces != file->part)
			over = file;
	}
	if (over && other)
		check_add(checks, "files", false,
			  "/%s of part %u takes the place of that of part %d, and other files of "
			  "initward are of another part (initward inspect shows them); remove what "
			  "was appended, or make the image again",
			  over->name, over->part, over->replaces);
	else if (other)
		check_add(checks, "files", false,
			  "/%s is of part %u and /%s of part %u (initward inspect shows them): one "
			  "archive has to bring all of initward's files; make the image again",
			  first->name, first->part, other->name, other->part);
	else
		check_add(checks, "files", true, "no archive overrides a part of initward's files");
}

static void check_the_configuration(const struct image *image, struct checks *checks,
				    struct config *ret)
{
	struct content content;
	char buf[LIMIT_MESSAGE];
	struct strbuf why;
	int err = content_read(image, IMAGE_CONFIG, LIMIT_CONFIG, &content);

	sb_init(&why, buf, sizeof(buf));
	config_init(ret);
	if (err) {
		sb_errno(&why, err);
		check_add(checks, "configuration", false,
			  "/" IMAGE_CONFIG " cannot be read%s; the boot will stop there: put one "
			  "into the image",
			  buf);
	} else if (config_parse(content.data, ret, &why)) {
		check_add(checks, "configuration", false,
			  "/" IMAGE_CONFIG ": %s; see initward.conf(5)", buf);
	} else if (!config_allowed(ret)) {
		check_add(checks, "configuration", false,
			  "/" IMAGE_CONFIG
			  ": policy=%s mode=%s does not go with level=%s; " CONFIG_WHICH_GO,
			  policy_name(ret->policy), mode_name(ret->mode), level_name(ret->level));
	} else {
		check_add(checks, "configuration", true,
			  "policy=%s mode=%s level=%s on_failure=%s lock=%s %s%sinit=%s",
			  policy_name(ret->policy), mode_name(ret->mode), level_name(ret->level),
			  on_failure_name(ret->on_failure), ret->lock ? "yes" : "no",
			  ret->mount_api == MOUNT_API_ALL ? "mount_api=all " : "",
			  ret->usermode_helpers == USERMODE_HELPERS_DENY ? "usermode_helpers=deny "
									 : "",
			  ret->init);
	}
	content_free(&content);
}

static void check_next_init(const struct image *image, const struct config *conf,
			    struct checks *checks)
{
	struct text why = { 0 };

	if (!conf->init[0])
		return; /* the configuration's fault, which was told */
	if (check_program(image, conf->init, &why) == RUN_OK)
		check_add(checks, "next init", true, "%s can be executed", conf->init);
	else
		check_add(checks, "next init", false, "%s", why.data);
	text_free(&why);
}

/* Without a base a kernel that no set fits is not confined. */
static void check_base(const struct bundle *b, struct checks *checks)
{
	if (manifest_base(&b->manifest))
		check_add(checks, "bundle", true, "%u sets, each whole in both policies",
			  b->manifest.n_sets);
	else
		check_add(checks, "bundle", false,
			  "/" IMAGE_BUNDLE "/manifest: no set is the base, so that a kernel that "
			  "none fits is not confined; run \"initward compile\" again");
}

static void check_the_bundle(const struct image *image, struct checks *checks)
{
	struct bundle *b = bundle_new();
	char digest[SHA256_HEX], buf[LIMIT_MESSAGE];
	struct list faults = { 0 };
	struct strbuf why;

	sb_init(&why, buf, sizeof(buf));
	if (check_bundle(image, &faults) && bundle_open(b, image, digest, &why))
		check_base(b, checks);
	for (size_t i = 0; i < faults.n; i++)
		check_add(checks, "bundle", false, "%s", faults.item[i]);
	list_free(&faults);
	bundle_free(b);
}

/* A file in the place of the console would leave every program without input and output. */
static void check_console(const struct image *image, struct checks *checks)
{
	const struct image_file *file = image_find(image, "dev/console", true);

	if (file && !S_ISCHR(file->mode))
		check_add(
			checks, "console", false,
			"/dev/console is no device: all programs will be without input and output; "
			"remove it");
}

/* A unified kernel image has its command line in it. */
static char *own_cmdline(const struct image *image)
{
	struct span s = image_section(image, ".cmdline");
	char *ret = s.n ? format("%.*s", (int)s.n, s.p) : dup_str("");

	ret[strcspn(ret, "\n")] = '\0';
	return ret;
}

/* Not whether the kernel has what a set needs: that is what `initward check` is for. */
static bool depends_on_kernel(const struct forecast *f)
{
	return f->outlook == OUTLOOK_UNKNOWN &&
	       (strcmp(f->step, "load") == 0 || strcmp(f->step, "feature set") == 0);
}

/* All together, for the best of all kernels; where nothing else has failed, which would be why. */
static void check_forecast(const struct image *image, struct checks *checks)
{
	static const struct forecast_kernel kernel = { .apparmor = LSM_ON,
						       .lockdown = LSM_ON,
						       .filter = LSM_ON };
	char *cmdline = own_cmdline(image);
	struct forecast f;

	forecast_image(image, cmdline, &kernel, &f);
	if (f.outlook == OUTLOOK_CONFINED || f.outlook == OUTLOOK_COMPLAIN)
		check_add(checks, "forecast", true,
			  "where AppArmor is on the next init runs under %s%s", f.label,
			  f.outlook == OUTLOOK_COMPLAIN ? ", in a dry run" : "");
	else if (f.outlook == OUTLOOK_OFF)
		check_add(checks, "forecast", true,
			  "policy=off: the next init runs without the layer, and nothing is "
			  "confined; --config compares that with what was configured");
	else if (depends_on_kernel(&f))
		check_add(checks, "forecast", true,
			  "whether the layer comes into force depends on the kernel: ask initward "
			  "check");
	else
		check_add(checks, "forecast", false, "%s: %s", f.step, f.why.data);
	forecast_free(&f);
	free(cmdline);
}

/* Lockdown is set at these levels only. Whether the key is trusted only the kernel knows. */
static void check_modules(const struct image *image, const struct config *conf,
			  struct checks *checks)
{
	struct modules modules;
	char *warning;

	if (!config_latches(conf))
		return;
	modules_find(image, &modules);
	warning = modules_warning(&modules);
	if (warning)
		check_warn(checks, "modules", warning);
	else if (modules.n)
		check_add(checks, "modules", true, "each of %zu modules has a signature",
			  modules.n);
	free(warning);
	modules_free(&modules);
}

void check_sound(const struct image *image, struct checks *checks)
{
	struct config conf;

	check_reading(image, checks);
	check_the_loader(image, checks);
	check_overrides(image, checks);
	check_the_configuration(image, checks, &conf);
	check_next_init(image, &conf, checks);
	check_the_bundle(image, checks);
	check_console(image, checks);
	check_modules(image, &conf, checks);
	if (!checks->failed)
		check_forecast(image, checks);
}
