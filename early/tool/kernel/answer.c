// SPDX-License-Identifier: LGPL-2.1-or-later
#include "answer.h"

#include <stdlib.h>
#include <string.h>

#include "diagnose.h"
#include "image/bootconfig.h"
#include "image/modules.h"
#include "kernel/bootline.h"
#include "kernel/kconfig.h"
#include "tool.h"

/*
 * The most that a kernel can have for AppArmor. What is off with it is off with any configuration.
 */
static const char favourable[] = "CONFIG_SECURITY=y\n"
				 "CONFIG_SECURITY_APPARMOR=y\n"
				 "CONFIG_LSM=\"apparmor\"\n";

static struct span config_of(const struct question *q)
{
	return (struct span){ q->kernel->config.data ? q->kernel->config.data : "",
			      q->kernel->config.len };
}

static unsigned int series_of(const struct question *q)
{
	if (q->kernel->release)
		return kernel_series(span_of(q->kernel->release));
	return kernel_series(kconfig_release(config_of(q)));
}

static void conclude(struct answer *a, enum outlook outlook, const char *step, const char *why)
{
	a->outlook = outlook;
	a->step = step;
	a->why.len = 0;
	text_str(&a->why, why);
}

/* --- the command line --- */

static void add_bootconfig(const struct question *q, struct answer *a)
{
	struct span config = config_of(q);
	struct text front = { 0 };

	if (config.n && !bootline_wants_bootconfig(config, a->cmdline.data))
		return;
	if (q->image && q->image->bootconfig.n) {
		if (!bootconfig_cmdline(q->image->bootconfig, &front)) {
			list_add(&a->notes, dup_str("the image's bootconfig is malformed, and the "
						    "kernel ignores it"));
		} else if (front.len) {
			text_add(&front, a->cmdline.data, a->cmdline.len);
			text_free(&a->cmdline);
			a->cmdline = front;
			front = (struct text){ 0 };
			list_add(&a->notes, dup_str("the image's bootconfig adds to the command "
						    "line"));
		}
	} else if (kconfig_on(config, "BOOT_CONFIG_EMBED")) {
		a->unread_bootconfig = true;
	}
	text_free(&front);
}

static void make_cmdline(const struct question *q, struct answer *a)
{
	unsigned int notes =
		bootline_merge(config_of(q), span_of(q->given ? q->given : ""), &a->cmdline);

	if (notes & BOOTLINE_CUT)
		list_add(&a->notes, dup_str("the command line is longer than the 2047 bytes that "
					    "the kernel takes; its end is lost"));
	if (notes & BOOTLINE_FORCED)
		list_add(&a->notes, dup_str("the kernel's built-in command line takes the place "
					    "of the boot loader's (CONFIG_CMDLINE)"));
	else if (notes & BOOTLINE_BUILT_IN)
		list_add(&a->notes, dup_str("the kernel's built-in command line is part of it "
					    "(CONFIG_CMDLINE)"));
	add_bootconfig(q, a);
}

/* --- is AppArmor on? --- */

static void decide_lsm(const struct question *q, struct answer *a, struct strbuf *why)
{
	struct lsm_kernel kernel = {
		.config = config_of(q),
		.series = series_of(q),
		.cmdline = a->cmdline.data,
	};

	a->lsm_known = kernel.config.n != 0;
	if (!a->lsm_known)
		kernel.config = span_of(favourable);
	lsm_predict(&kernel, &a->lsm);
	a->apparmor = !a->lsm.apparmor ? LSM_OFF : a->lsm_known ? LSM_ON : LSM_UNKNOWN;
	if (a->apparmor == LSM_OFF)
		lsm_explain(&kernel, &a->lsm, why);
	if (a->apparmor == LSM_UNKNOWN)
		sb_str(why, "the kernel's configuration is not known; give it with --config");
	if (a->lsm_known && a->lsm.unknown[0])
		list_add(&a->notes, format("no kernel of kernel.org has these security modules, "
					   "which the list names: %s",
					   a->lsm.unknown));
}

/* --- what else the kernel needs --- */

static const struct {
	enum part_kind kind;
	const char *option;
} decompressors[] = {
	{ PART_GZIP, "RD_GZIP" }, { PART_BZIP2, "RD_BZIP2" }, { PART_LZMA, "RD_LZMA" },
	{ PART_XZ, "RD_XZ" },	  { PART_LZO, "RD_LZO" },     { PART_LZ4, "RD_LZ4" },
	{ PART_ZSTD, "RD_ZSTD" },
};

static const char *missing_decompressor(struct span config, const struct image *image)
{
	for (size_t i = 0; i < image->n_parts; i++) {
		for (size_t k = 0; k < sizeof(decompressors) / sizeof(decompressors[0]); k++) {
			if (image->part[i].kind == decompressors[k].kind &&
			    !kconfig_on(config, decompressors[k].option))
				return decompressors[k].option;
		}
	}
	return NULL;
}

/* What keeps the loader from being the first program; true: nothing more is to be said. */
static bool kernel_refuses(const struct question *q, struct answer *a)
{
	struct span config = config_of(q);
	const char *option;
	char *why;

	if (!config.n)
		return false;
	if (!kconfig_on(config, "BLK_DEV_INITRD")) {
		conclude(a, OUTLOOK_UNCONFINED, "first program",
			 "this kernel unpacks no initramfs; use one with CONFIG_BLK_DEV_INITRD=y");
		return true;
	}
	if (kconfig_on(config, "INITRAMFS_FORCE")) {
		conclude(a, OUTLOOK_UNKNOWN, "first program",
			 "this kernel ignores the boot loader's image for the one that is built in "
			 "(CONFIG_INITRAMFS_FORCE)");
		return true;
	}
	if (!kconfig_on(config, "BINFMT_ELF")) {
		conclude(a, OUTLOOK_STOPS, "first program",
			 "this kernel executes no ELF files; use one with CONFIG_BINFMT_ELF=y");
		return true;
	}
	option = missing_decompressor(config, q->image);
	if (!option)
		return false;
	why = format("this kernel cannot unpack a part of the image; use another compression, or a "
		     "kernel with CONFIG_%s=y",
		     option);
	conclude(a, OUTLOOK_UNCONFINED, "first program", why);
	free(why);
	return true;
}

/* The loader's step "mounts" on a kernel that lacks one of the file systems. */
static bool lacks_filesystem(const struct question *q, struct answer *a)
{
	static const char *const options[] = { "PROC_FS", "SYSFS", "SECURITYFS" };
	struct span config = config_of(q);

	for (size_t i = 0; config.n && i < sizeof(options) / sizeof(options[0]); i++) {
		char *why;

		if (kconfig_on(config, options[i]))
			continue;
		why = format("this kernel lacks a file system that the loader needs; use one with "
			     "CONFIG_%s=y",
			     options[i]);
		conclude(a,
			 a->forecast.conf.on_failure == ON_FAILURE_PANIC ? OUTLOOK_STOPS
									 : OUTLOOK_UNCONFINED,
			 "mounts", why);
		free(why);
		return true;
	}
	return false;
}

/* Does the loader come to its step "command line" at all? */
static bool is_before_cmdline(const char *step)
{
	static const char *const steps[] = { "configuration", "mounts" };

	for (size_t i = 0; step && i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (strcmp(step, steps[i]) == 0)
			return true;
	}
	return false;
}

static void use_forecast(const struct question *q, struct answer *a)
{
	const struct forecast *f = &a->forecast;

	conclude(a, f->outlook, f->step, f->why.data ? f->why.data : "");
	if (f->step && strcmp(f->step, "first program") == 0)
		return;
	if (lacks_filesystem(q, a))
		return;
	if (!q->given && !is_before_cmdline(f->step))
		conclude(a, OUTLOOK_UNKNOWN, "command line",
			 "the kernel's command line is not known; give it with --cmdline");
}

static enum lsm_verdict lockdown_of(const struct answer *a)
{
	if (!a->lsm_known)
		return LSM_UNKNOWN;
	return lsm_listed(span_of(a->lsm.list), "lockdown") ? LSM_ON : LSM_OFF;
}

static enum lsm_verdict filter_of(const struct question *q)
{
	struct span config = config_of(q);

	if (!config.n)
		return LSM_UNKNOWN;
	return kconfig_on(config, "SECCOMP_FILTER") ? LSM_ON : LSM_OFF;
}

static void forecast(const struct question *q, struct answer *a, const char *lsm_why)
{
	struct forecast_kernel kernel = {
		.identity = span_of(q->kernel->identity ? q->kernel->identity : ""),
		.features = q->kernel->features,
		.apparmor = a->apparmor,
		.apparmor_why = lsm_why,
		.lockdown = lockdown_of(a),
		.filter = filter_of(q),
	};

	forecast_image(q->image, a->cmdline.data, &kernel, &a->forecast);
	a->forecasted = true;
	use_forecast(q, a);
}

/* An entry without an initramfs: the kernel starts with what is built into it, and that is not read. */
static void without_initramfs(const struct question *q, struct answer *a)
{
	struct text built_in = { 0 };

	if (kconfig_text(config_of(q), "INITRAMFS_SOURCE", &built_in) && built_in.len)
		conclude(a, OUTLOOK_UNKNOWN, "first program",
			 "this entry gives the kernel no initramfs, and the one that is built in "
			 "(CONFIG_INITRAMFS_SOURCE) is not read");
	else
		conclude(a, OUTLOOK_UNCONFINED, "first program", q->no_image);
	text_free(&built_in);
}

static void without_image(const struct question *q, struct answer *a, const char *lsm_why)
{
	char *why;

	if (q->no_image && !q->image_missing) {
		without_initramfs(q, a);
	} else if (a->apparmor == LSM_OFF) {
		why = format("it is off: %s", lsm_why);
		conclude(a, OUTLOOK_UNCONFINED, "AppArmor", why);
		free(why);
	} else if (q->no_image) {
		conclude(a, OUTLOOK_UNKNOWN, "image", q->no_image);
	} else if (a->apparmor == LSM_UNKNOWN) {
		conclude(a, OUTLOOK_UNKNOWN, "AppArmor", lsm_why);
	} else if (!q->given) {
		conclude(a, OUTLOOK_UNKNOWN, "command line",
			 "the kernel's command line is not known; give it with --cmdline");
	} else {
		conclude(a, OUTLOOK_UNKNOWN, "image",
			 "AppArmor will be on; no image was given or found");
	}
}

/* --- what a reader should know besides --- */

static void note_kernel(const struct question *q, struct answer *a)
{
	struct span config = config_of(q);
	unsigned int series = series_of(q);

	for (size_t i = 0; i < q->kernel->notes.n; i++)
		list_add(&a->notes, dup_str(q->kernel->notes.item[i]));
	if (series && series < 5010)
		list_add(&a->notes, dup_str("kernels before 5.10 are not tested"));
	if (config.n && !kconfig_on(config, "AUDIT"))
		list_add(&a->notes, dup_str("this kernel logs no denials (CONFIG_AUDIT)"));
	if (q->uncertain)
		list_add(&a->notes, dup_str("the boot loader decides part of this entry when it "
					    "boots"));
}

/* "apparmor=0" may stand in what is not read: then nothing good is certain. */
static void doubt_cmdline(struct answer *a)
{
	if (a->unread_bootconfig &&
	    (a->outlook == OUTLOOK_CONFINED || a->outlook == OUTLOOK_COMPLAIN))
		conclude(
			a, OUTLOOK_UNKNOWN, "command line",
			"the kernel has a bootconfig built in (CONFIG_BOOT_CONFIG_EMBED), which is "
			"not read here and may add to the command line");
}

/* Lockdown is for all modules; those of the image are the ones that can be looked at here. */
static void note_modules(const struct question *q, struct answer *a)
{
	struct modules modules;
	char *warning;

	if (!a->forecasted || a->outlook != OUTLOOK_CONFINED || !config_latches(&a->forecast.conf))
		return;
	modules_find(q->image, &modules);
	warning = modules_warning(&modules);
	if (warning)
		list_add(&a->notes, warning);
	modules_free(&modules);
}

/* What the image cannot hold against, whatever the answer is. */
static void note_limits(struct answer *a)
{
	bool runs = a->outlook == OUTLOOK_CONFINED || a->outlook == OUTLOOK_COMPLAIN;

	if (a->forecasted && runs && !a->forecast.conf.lock)
		list_add(&a->notes, dup_str("lock = no: initward.policy=off on the command line "
					    "turns the layer off"));
	list_add(&a->notes,
		 dup_str("no lock stops who can edit the command line or the files of the "
			 "boot: apparmor=0, lsm= and rdinit= turn it off; the boot loader "
			 "has to be protected"));
}

void answer_make(const struct question *q, struct answer *ret)
{
	char text[LIMIT_MESSAGE];
	struct strbuf why;

	*ret = (struct answer){ 0 };
	sb_init(&why, text, sizeof(text));
	make_cmdline(q, ret);
	decide_lsm(q, ret, &why);
	if (!q->image)
		without_image(q, ret, text);
	else if (!kernel_refuses(q, ret))
		forecast(q, ret, text);
	doubt_cmdline(ret);
	note_kernel(q, ret);
	note_modules(q, ret);
	note_limits(ret);
}

void answer_free(struct answer *a)
{
	text_free(&a->why);
	text_free(&a->cmdline);
	if (a->forecasted)
		forecast_free(&a->forecast);
	list_free(&a->notes);
}

int answer_status(const struct answer *a)
{
	switch (a->outlook) {
	case OUTLOOK_CONFINED:
		return TOOL_OK;
	case OUTLOOK_COMPLAIN:
		return TOOL_COMPLAIN;
	case OUTLOOK_OFF:
	case OUTLOOK_UNCONFINED:
	case OUTLOOK_STOPS:
		return TOOL_UNCONFINED;
	case OUTLOOK_UNKNOWN:
		break;
	}
	return TOOL_UNKNOWN;
}
