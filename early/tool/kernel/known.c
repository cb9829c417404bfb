// SPDX-License-Identifier: LGPL-2.1-or-later
#include "known.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/apparmor.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "image/decode.h"
#include "image/pe.h"
#include "kernel/find.h"
#include "kernel/kconfig.h"
#include "kernel/kimage.h"
#include "kv.h"
#include "places.h"

#define LIMIT_FEATURES ((size_t)1 << 20) /* bytes of a feature set */

static char *dup_span(struct span s)
{
	return format("%.*s", (int)s.n, s.p);
}

static void set_identity(struct known_kernel *k, struct span release, struct span version)
{
	if (!release.n || !version.n || !k->machine)
		return;
	k->release = dup_span(release);
	k->version = dup_span(version);
	k->identity = format("%s %s %s", k->release, k->version, k->machine);
}

/* --- the configuration --- */

static bool collect_config(void *ctx, const void *data, size_t len)
{
	struct text *ret = ctx;

	if (ret->len + len > LIMIT_KERNEL_CONFIG)
		return false;
	text_add(ret, data, len);
	return true;
}

/* Takes the text, unpacked where it is gzip, if it is a configuration at all; else *why. */
static bool take_config(struct known_kernel *k, struct span raw, const char *source,
			const char **why)
{
	struct text text = { 0 };

	*why = NULL;
	if (decode_kind(raw) == PART_GZIP) {
		struct decoded d = decode(PART_GZIP, raw, LIMIT_MEMORY, collect_config, &text);

		*why = d.stopped ? "it is larger than 4 MiB" : d.why;
	} else {
		text_add(&text, raw.p, raw.n);
	}
	if (!*why && !kconfig_valid(span_of_text(&text)))
		*why = "it has no line CONFIG_...=";
	if (*why) {
		text_free(&text);
		return false;
	}
	k->config = text;
	k->config_source = dup_str(source);
	return true;
}

/* The file that --config names has to be one. */
static bool config_of_file(struct known_kernel *k, const char *path)
{
	struct text raw = { 0 };
	const char *why = NULL;
	int r = read_file(path, LIMIT_KERNEL_CONFIG, &raw);
	bool ok;

	if (r) {
		say("cannot read the configuration %s: %s", path,
		    r == -EFBIG ? "it is larger than 4 MiB" : strerror(-r));
		text_free(&raw);
		return false;
	}
	ok = take_config(k, span_of_text(&raw), path, &why);
	if (!ok)
		say("%s is no kernel configuration: %s", path, why);
	text_free(&raw);
	return ok;
}

/* One that is only looked for may be missing, or be something else. */
static bool try_config(struct known_kernel *k, const char *path)
{
	struct text raw = { 0 };
	const char *why;
	bool ok = read_file(path, LIMIT_KERNEL_CONFIG, &raw) == 0 &&
		  take_config(k, span_of_text(&raw), path, &why);

	text_free(&raw);
	return ok;
}

/* The series that the configuration says it is of; 0 where it does not say. */
static unsigned int config_series(const struct known_kernel *k)
{
	return kernel_series(kconfig_release(span_of_text(&k->config)));
}

/*
 * One that was only looked for has to be of the kernel's series, or it is dropped: what it says of
 * AppArmor may be wrong. `named` by the release it need not say of which series it is.
 */
static bool keep_config(struct known_kernel *k, bool named)
{
	unsigned int series = config_series(k);

	if (series ? series == kernel_series(span_of(k->release)) : named)
		return true;
	list_add(&k->notes, format("the configuration %s is not used: it is not one of Linux %s",
				   k->config_source, k->release));
	text_free(&k->config);
	k->config = (struct text){ 0 };
	free(k->config_source);
	k->config_source = NULL;
	return false;
}

/* config-RELEASE, or in a folder of modules config. */
static bool config_beside(struct known_kernel *k)
{
	char *dir = path_dir(k->path);
	char *named = format("%s/config-%s", dir, k->release);
	char *plain = format("%s/config", dir);
	bool ok = (try_config(k, named) && keep_config(k, true)) ||
		  (try_config(k, plain) && keep_config(k, false));

	free(dir);
	free(named);
	free(plain);
	return ok;
}

static void look_for_config(struct known_kernel *k, const struct known_sources *sources)
{
	struct text raw = { 0 };
	const char *why;
	char *path;

	if (!k->release)
		return;
	path = find_config(sources->root, k->release, &raw);
	if (path && take_config(k, span_of_text(&raw), path, &why))
		(void)keep_config(k, true);
	if (!k->config_source && k->path)
		(void)config_beside(k);
	if (!k->config_source && k->running)
		(void)try_config(k, "/proc/config.gz");
	free(path);
	text_free(&raw);
}

/* Is the configuration that was given one of another series? Then it only stands in. */
static void compare_series(struct known_kernel *k)
{
	struct span of = kconfig_release(span_of_text(&k->config));

	if (!k->config_source || !of.n || !k->release ||
	    kernel_series(of) == kernel_series(span_of(k->release)))
		return;
	list_add(&k->notes, format("the configuration is of Linux %.*s, the kernel is %s: options "
				   "may differ",
				   (int)of.n, of.p, k->release));
}

/* --- the feature set --- */

static void take_features(struct known_kernel *k, struct text *text, char *source)
{
	unsigned int line;

	k->features = grow(NULL, 1, sizeof(*k->features));
	k->features_text = *text;
	*text = (struct text){ 0 };
	if (featset_parse(span_of_text(&k->features_text), k->features, &line)) {
		k->features_source = source;
		return;
	}
	list_add(&k->notes, format("the feature set %s is damaged in line %u", source, line));
	free(k->features);
	free(source);
	k->features = NULL;
}

/* Does the list "kernel = IDENTITY" have this one? */
static bool lists_identity(const struct text *list, const char *identity)
{
	struct kv kv = kv_open(span_of_text(list));
	int r;

	while ((r = kv_next(&kv))) {
		if (r > 0 && span_is(kv.key, "kernel") && span_is(kv.value, identity))
			return true;
	}
	return false;
}

static void features_by_list(struct known_kernel *k, const char *dir, const char *name)
{
	char *list_path = path_join(dir, name);
	char *set_path = format("%.*s", (int)(strlen(list_path) - strlen(".kernels")), list_path);
	struct text text = { 0 };

	if (read_file(list_path, LIMIT_FEATURES, &text) == 0 &&
	    lists_identity(&text, k->identity) && read_file(set_path, LIMIT_FEATURES, &text) == 0)
		take_features(k, &text, dup_str(set_path));
	text_free(&text);
	free(list_path);
	free(set_path);
}

/* The captured set whose list of builds has this very one. */
static void features_by_identity(struct known_kernel *k, const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *entry;

	while (d && !k->features && (entry = readdir(d))) {
		size_t n = strlen(entry->d_name);

		if (n > strlen(".kernels") &&
		    strcmp(entry->d_name + n - strlen(".kernels"), ".kernels") == 0)
			features_by_list(k, dir, entry->d_name);
	}
	if (d)
		(void)closedir(d);
}

/* libapparmor gives its text form to a descriptor only. */
static void features_of_running(struct known_kernel *k)
{
	static const char path[] = "/" APPARMORFS "/features";
	int fd = memfd_create("features", MFD_CLOEXEC);
	struct text text = { 0 };
	aa_features *features;

	if (fd < 0)
		return;
	if (aa_features_new(&features, AT_FDCWD, path) == 0) {
		if (aa_features_write_to_fd(features, fd) == 0 && lseek(fd, 0, SEEK_SET) == 0 &&
		    read_fd(fd, LIMIT_FEATURES, &text) == 0)
			take_features(k, &text, dup_str(path));
		aa_features_unref(features);
	}
	text_free(&text);
	(void)close(fd);
}

static void find_features(struct known_kernel *k, const struct known_sources *sources)
{
	struct utsname u;
	char *running;

	if (!k->identity || !sources->features)
		return;
	if (uname(&u) == 0) {
		running = format("%s %s %s", u.release, u.version, u.machine);
		k->running = k->running || strcmp(running, k->identity) == 0;
		free(running);
	}
	if (k->running)
		features_of_running(k);
	if (!k->features)
		features_by_identity(k, sources->features);
}

/* --- the kernel --- */

/* What the header does not say lies in the kernel itself: banner and built-in configuration. */
static void look_inside(struct known_kernel *k, struct span file, struct kernel_image *image,
			bool want_config)
{
	struct text inside = { 0 };
	struct kernel_image inner;
	struct span raw = file, found;
	const char *why = NULL;

	if (image->payload.n) {
		if (!kernel_unpack(image, &inside, &why)) {
			list_add(&k->notes, format("the kernel %s cannot be unpacked: %s",
						   k->path ? k->path : "", why));
			text_free(&inside);
			return;
		}
		raw = span_of_text(&inside);
		if (!image->machine && kernel_parse(raw, &inner, &why))
			k->machine = inner.machine;
	}
	if (!image->release.n && kernel_banner(raw, &image->release, &image->version))
		set_identity(k, image->release, image->version);
	if (want_config && kernel_ikconfig(raw, &found))
		(void)take_config(k, found, "the kernel image (IKCONFIG)", &why);
	text_free(&inside);
}

bool known_from_image(struct known_kernel *ret, const char *path, struct text *file,
		      const struct known_sources *sources)
{
	struct kernel_image image;
	const char *why;
	bool ok = kernel_parse(span_of_text(file), &image, &why);

	*ret = (struct known_kernel){ .path = dup_str(path) };
	if (ok) {
		ret->form = image.form;
		ret->machine = image.machine;
		set_identity(ret, image.release, image.version);
		if (!ret->identity || !sources->config)
			look_inside(ret, span_of_text(file), &image, !sources->config);
		if (!ret->release && kernel_release_of_path(path).n)
			ret->release = dup_span(kernel_release_of_path(path));
		if (sources->config)
			ok = config_of_file(ret, sources->config);
		else if (!ret->config_source)
			look_for_config(ret, sources);
		compare_series(ret);
		find_features(ret, sources);
	} else {
		say("cannot read the kernel %s: %s", path, why);
	}
	text_free(file);
	return ok;
}

struct span kernel_of_unified(struct span file)
{
	struct pe pe;
	const char *why;

	if (!pe_magic(file) || !pe_parse(file, &pe, &why))
		return (struct span){ file.p, 0 };
	for (unsigned int i = 0; i < pe.n; i++) {
		if (strcmp(pe.section[i].name, ".linux") == 0)
			return (struct span){ file.p + pe.section[i].offset,
					      (size_t)pe.section[i].size };
	}
	return (struct span){ file.p, 0 };
}

/* Reads an image; neither waits for a FIFO nor fills the memory with what is too large. */
static bool read_image(const char *path, struct text *ret)
{
	struct stat st;
	int err = stat(path, &st) < 0 ? -errno : 0;
	const char *why = NULL;

	if (!err && !S_ISREG(st.st_mode))
		why = S_ISDIR(st.st_mode) ? strerror(EISDIR) : "it is no regular file";
	else if (!err && (uint64_t)st.st_size > LIMIT_KERNEL)
		err = -EFBIG;
	if (!why && !err)
		err = read_file(path, LIMIT_KERNEL, ret);
	if (err)
		why = err == -EFBIG ? "it is larger than 512 MiB" : strerror(-err);
	if (why)
		say("cannot read the kernel %s: %s", path, why);
	return !why;
}

bool known_from_file(struct known_kernel *ret, const char *path,
		     const struct known_sources *sources)
{
	struct text file = { 0 }, linux_section = { 0 };
	struct span inner;
	bool ok;

	*ret = (struct known_kernel){ 0 };
	if (!read_image(path, &file)) {
		text_free(&file);
		return false;
	}
	inner = kernel_of_unified(span_of_text(&file));
	if (!inner.n)
		return known_from_image(ret, path, &file, sources);
	text_add(&linux_section, inner.p, inner.n);
	text_free(&file);
	ok = known_from_image(ret, path, &linux_section, sources);
	ret->unified = true;
	return ok;
}

/* Are there at least modules for that release? */
static bool has_modules(const char *root, const char *release)
{
	char *dir = format("%s/lib/modules/%s", root, release);
	struct stat st;
	bool has = stat(dir, &st) == 0 && S_ISDIR(st.st_mode);

	free(dir);
	return has;
}

bool known_from_release(struct known_kernel *ret, const char *release,
			const struct known_sources *sources)
{
	char *path = find_kernel(sources->root, release);
	bool ok;

	if (path) {
		ok = known_from_file(ret, path, sources);
		free(path);
		return ok;
	}
	*ret = (struct known_kernel){ .release = dup_str(release) };
	look_for_config(ret, sources);
	if (ret->config_source)
		return true;
	ok = kernel_series(span_of(release)) && has_modules(sources->root, release);
	if (!ok)
		say("there is no kernel %s below %s: neither boot/vmlinuz-%s nor "
		    "lib/modules/%s; give a release as 'uname -r' prints it, or the path of an "
		    "image, with a slash",
		    release, sources->root, release, release);
	return ok;
}

static const char *known_machine(const char *name)
{
	static const char *const machines[] = { "x86_64", "aarch64", "riscv64", "loongarch64",
						"ppc64le" };

	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		if (strcmp(name, machines[i]) == 0)
			return machines[i];
	}
	return NULL;
}

bool known_from_running(struct known_kernel *ret, const struct known_sources *sources)
{
	struct utsname u;

	*ret = (struct known_kernel){ .running = true };
	if (uname(&u) < 0) {
		say("cannot ask for the running kernel: %s", strerror(errno));
		return false;
	}
	ret->machine = known_machine(u.machine);
	ret->path = find_kernel("/", u.release);
	set_identity(ret, span_of(u.release), span_of(u.version));
	if (!ret->release)
		ret->release = dup_str(u.release);
	if (sources->config && !config_of_file(ret, sources->config))
		return false;
	if (!sources->config)
		look_for_config(ret, sources);
	compare_series(ret);
	find_features(ret, sources);
	return true;
}

bool known_from_config(struct known_kernel *ret, const struct known_sources *sources)
{
	*ret = (struct known_kernel){ 0 };
	return config_of_file(ret, sources->config);
}

void known_free(struct known_kernel *k)
{
	free(k->path);
	free(k->release);
	free(k->version);
	free(k->identity);
	text_free(&k->config);
	free(k->config_source);
	free(k->features);
	text_free(&k->features_text);
	free(k->features_source);
	list_free(&k->notes);
}
