// SPDX-License-Identifier: LGPL-2.1-or-later
#include "inspect/inspect.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "blob.h"
#include "places.h"
#include "term.h"

#define MAX_OVERRIDES 10

void mode_letters(unsigned int mode, char ret[11])
{
	static const struct {
		unsigned int type;
		char letter;
	} types[] = { { S_IFDIR, 'd' }, { S_IFLNK, 'l' }, { S_IFCHR, 'c' },
		      { S_IFBLK, 'b' }, { S_IFIFO, 'p' }, { S_IFSOCK, 's' } };

	memcpy(ret, "-rwxrwxrwx", 11);
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if ((mode & S_IFMT) == types[i].type)
			ret[0] = types[i].letter;
	}
	for (unsigned int i = 0; i < 9; i++) {
		if (!(mode & (0400U >> i)))
			ret[1 + i] = '-';
	}
	if (mode & S_ISUID)
		ret[3] = mode & 0100 ? 's' : 'S';
	if (mode & S_ISGID)
		ret[6] = mode & 0010 ? 's' : 'S';
	if (mode & S_ISVTX)
		ret[9] = mode & 0001 ? 't' : 'T';
}

static void print_parts(const struct image *image)
{
	printf("\n%s%4s  %-10s %12s %12s %12s %8s%s\n", tint(TINT_FAINT), "part", "kind", "offset",
	       "size", "unpacked", "records", tint(TINT_END));
	for (size_t i = 0; i < image->n_parts; i++) {
		const struct image_part *p = &image->part[i];

		printf("%4zu  %-10s %12" PRIu64 " %12" PRIu64, i, part_name(p->kind), p->offset,
		       p->size);
		if (p->unpacked)
			printf(" %12" PRIu64, p->unpacked);
		if (p->kind < PART_ZEROS)
			printf(" %8u", p->entries);
		if (p->section && strcmp(p->section, ".initrd") != 0)
			printf("  in %s", p->section);
		if (p->early)
			printf("  early (microcode, ACPI tables)");
		printf("\n");
	}
}

static void print_file(const struct image *image, const struct image_file *file)
{
	char mode[11], date[32] = "", size[32];
	time_t when = (time_t)file->mtime;
	struct tm tm;

	mode_letters(file->mode, mode);
	if (gmtime_r(&when, &tm))
		(void)strftime(date, sizeof(date), "%Y-%m-%d %H:%M", &tm);
	if (S_ISCHR(file->mode) || S_ISBLK(file->mode))
		snprintf(size, sizeof(size), "%u,%u", file->major, file->minor);
	else
		snprintf(size, sizeof(size), "%" PRIu64, file->size);
	printf("%s %3u %5u %5u %10s %s %3u  ", mode, file->nlink, file->uid, file->gid, size, date,
	       file->part);
	print_safe_str(stdout, file->name);
	if (file->target) {
		printf(" -> ");
		print_safe_str(stdout, file->target);
	}
	if (file->link >= 0) {
		printf(" %sis ", tint(TINT_FAINT));
		print_safe_str(stdout, image->file_list[file->link].name);
		printf("%s", tint(TINT_END));
	}
	if (file->replaces >= 0)
		printf(" %s(over part %d)%s", tint(TINT_WARN), file->replaces, tint(TINT_END));
	printf("\n");
}

static void print_trouble(const struct image *image)
{
	for (size_t i = 0; i < image->notes.n; i++) {
		printf("%snote:%s ", tint(TINT_WARN), tint(TINT_END));
		print_safe_str(stdout, image->notes.item[i]);
		printf("\n");
	}
	if (image->trouble)
		printf("%strouble at offset %" PRIu64 ":%s %s\n", tint(TINT_BAD), image->trouble_at,
		       tint(TINT_END), image->trouble);
}

static void print_sections(const struct image *image)
{
	if (image->pe)
		printf("\n%s%-9s %12s %12s%s\n", tint(TINT_FAINT), "section", "offset", "size",
		       tint(TINT_END));
	for (size_t i = 0; i < image->n_sections; i++) {
		const struct image_section *s = &image->section[i];

		print_safe_str(stdout, s->name);
		printf("%*s %12" PRIu64 " %12" PRIu64 "\n", 9 - (int)strlen(s->name), "", s->offset,
		       s->size);
	}
}

/* --- what initward has in it --- */

#define LABEL "%s%-14s%s "
#define BELOW "%-14s "

static void print_label(const char *label)
{
	printf(LABEL, tint(TINT_BOLD), label, tint(TINT_END));
}

/* "ELF x86-64", "script /bin/sh" */
static void print_kind(const struct inspect_program *p)
{
	printf("%s%s%s", p->kind, p->machine[0] ? " " : "", p->machine);
	if (p->interpreter.len) {
		printf(" ");
		print_safe(stdout, span_of_text(&p->interpreter));
	}
	if (p->file && S_ISREG(p->file->mode))
		printf(", %" PRIu64 " bytes", p->file->size);
}

static void print_program(const char *label, const struct inspect_program *p)
{
	print_label(label);
	printf("/");
	print_safe_str(stdout, p->path);
	if (p->file && strcmp(p->file->name, p->path) != 0) {
		printf(", which is /");
		print_safe_str(stdout, p->file->name);
	}
	printf(": ");
	if (p->loader) {
		printf("%sinitward-init ", tint(TINT_GOOD));
		print_safe(stdout, span_of_text(&p->version));
		printf("%s, ", tint(TINT_END));
	}
	print_kind(p);
	printf("\n");
	if (p->loader)
		printf(BELOW "SHA-256 %s\n", "", p->digest);
}

static void print_config(const struct inspect_facts *facts)
{
	const struct config *c = &facts->config;

	print_label("configuration");
	if (!facts->has_config) {
		printf("%smissing%s: /" IMAGE_CONFIG "\n", tint(TINT_BAD), tint(TINT_END));
		return;
	}
	printf("policy = %s%s%s, mode = %s, level = %s, on_failure = %s, lock = %s%s%s\n",
	       policy_name(c->policy), c->name[0] ? " " : "", c->name, mode_name(c->mode),
	       level_name(c->level), on_failure_name(c->on_failure), c->lock ? "yes" : "no",
	       c->mount_api == MOUNT_API_ALL ? ", mount_api = all" : "",
	       c->usermode_helpers == USERMODE_HELPERS_DENY ? ", usermode_helpers = deny" : "");
	if (facts->bad_lines) {
		printf(BELOW "%sbad lines: %u:%s ", "", tint(TINT_BAD), facts->bad_lines,
		       tint(TINT_END));
		print_safe_str(stdout, facts->bad);
		printf("\n");
	}
	if (!config_allowed(c))
		printf(BELOW "%sthis policy, level and mode do not go together%s\n", "",
		       tint(TINT_BAD), tint(TINT_END));
}

static void print_policy(const struct manifest_set *set, enum policy policy)
{
	const struct manifest_policy *p = facts_policy(set, policy);

	printf(BELOW "%8s%-8s ", "", "", policy_name(policy));
	if (!p) {
		printf("%sits lines cannot be read%s\n", tint(TINT_BAD), tint(TINT_END));
		return;
	}
	printf("%u blob%s, %zu bytes:", p->n_blobs, p->n_blobs == 1 ? "" : "s", p->size);
	for (unsigned int i = 0; i < p->n_profiles; i++) {
		const struct manifest_profile *profile = &p->profiles[i];

		printf("%s ", i ? "," : "");
		if (profile->ns) {
			printf(":");
			print_safe(stdout, p->namespaces[profile->ns]);
			printf(":");
		}
		print_safe(stdout, profile->name);
		printf(" (%s)", profile_mode_name(profile->mode));
	}
	printf("\n");
}

static void print_set(const struct manifest_set *set)
{
	struct kv at = kv_open(set->head);
	struct span kernel;

	printf(BELOW "%sset ", "", tint(TINT_BOLD));
	print_safe(stdout, set->name);
	printf("%s: rank %u%s\n", tint(TINT_END), set->rank, set->base ? ", the base" : "");
	while (facts_next_kernel(&at, &kernel)) {
		printf(BELOW "%8skernel   ", "", "");
		print_safe(stdout, kernel);
		printf("\n");
	}
	printf(BELOW "%8sclasses  ", "", "");
	print_safe(stdout, set->classes);
	printf("\n");
	print_policy(set, POLICY_ENFORCE);
	print_policy(set, POLICY_COMPLAIN);
}

static void print_bundle(const struct inspect_facts *facts)
{
	print_label("bundle");
	if (!facts->has_bundle) {
		printf("%smissing%s: /" IMAGE_BUNDLE "/manifest\n", tint(TINT_BAD), tint(TINT_END));
		return;
	}
	printf("manifest SHA-256 %s\n", facts->manifest_digest);
	if (!facts->manifest.n_sets) {
		printf(BELOW "%sline %u:%s %s ", "", tint(TINT_BAD), facts->error.line,
		       tint(TINT_END), facts->error.why);
		print_safe(stdout, facts->error.word);
		printf("\n");
	}
	for (unsigned int i = 0; i < facts->manifest.n_sets; i++)
		print_set(&facts->manifest.sets[i]);
}

static void print_initward(const struct inspect_facts *facts)
{
	print_program("first program", &facts->init);
	if (!facts_initward(facts)) {
		print_label("initward");
		printf("there is nothing of it in this image\n");
		return;
	}
	if (!facts->loader.path) {
		print_label("loader");
		printf("%smissing%s: neither /init nor /initward-init is it\n", tint(TINT_BAD),
		       tint(TINT_END));
	} else if (strcmp(facts->loader.path, "init") != 0) {
		print_program("loader", &facts->loader);
		printf(BELOW "runs with rdinit=/%s on the kernel command line only\n", "",
		       facts->loader.path);
	}
	print_config(facts);
	if (facts->next.path)
		print_program("next init", &facts->next);
	print_bundle(facts);
}

/* --- the rest --- */

static void print_bootconfig(const struct image *image, const struct inspect_facts *facts)
{
	if (!image->bootconfig.n)
		return;
	print_label("bootconfig");
	if (!facts->bootconfig_ok) {
		printf("%smalformed: the kernel ignores it%s\n", tint(TINT_WARN), tint(TINT_END));
		return;
	}
	printf("adds to the command line, where the kernel is told to read it: ");
	if (facts->parameters.len)
		print_safe(stdout, span_of_text(&facts->parameters));
	else
		printf("nothing");
	printf("\n");
}

static void print_overrides(const struct image *image)
{
	const struct image_file *file;
	size_t i = 0;
	unsigned int n = 0;

	while ((file = next_override(image, &i))) {
		if (n++ >= MAX_OVERRIDES)
			continue;
		print_label(n == 1 ? "overrides" : "");
		printf("/");
		print_safe_str(stdout, file->name);
		printf(" of part %u is in the place of that of part %d\n", file->part,
		       file->replaces);
	}
	if (n > MAX_OVERRIDES)
		printf(BELOW "and %u more; --tree shows them\n", "", n - MAX_OVERRIDES);
}

void inspect_text(const struct image *image, const struct inspect_facts *facts, bool tree)
{
	printf("%s", tint(TINT_BOLD));
	print_safe_str(stdout, image->path);
	if (image->folder)
		printf("%s: folder, %zu files\n", tint(TINT_END), image->n_files);
	else
		printf("%s: %s, %zu bytes, %zu files\n", tint(TINT_END),
		       image->pe ? "unified kernel image" : "initramfs", image->file.len,
		       image->n_files);
	print_sections(image);
	if (!image->folder)
		print_parts(image);
	print_trouble(image);
	printf("\n");
	print_initward(facts);
	print_bootconfig(image, facts);
	print_overrides(image);
	if (!tree)
		return;
	printf("\n");
	for (size_t i = 0; i < image->n_files; i++)
		print_file(image, &image->file_list[i]);
}
