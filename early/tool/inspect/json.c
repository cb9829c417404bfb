// SPDX-License-Identifier: LGPL-2.1-or-later
#include "inspect/inspect.h"

#include <sys/stat.h>

#include "blob.h"
#include "json.h"

static struct json_object *describe_part(const struct image_part *p)
{
	struct json_object *ret = json_object_new_object();

	json_set(ret, "kind", json_str(part_name(p->kind)));
	json_set(ret, "section", json_str(p->section));
	json_set(ret, "offset", json_number(p->offset));
	json_set(ret, "size", json_number(p->size));
	json_set(ret, "unpacked", json_number(p->unpacked));
	json_set(ret, "records", json_number(p->entries));
	json_set(ret, "early", json_object_new_boolean(p->early));
	return ret;
}

static struct json_object *describe_parts(const struct image *image)
{
	struct json_object *ret = json_object_new_array();

	for (size_t i = 0; i < image->n_parts; i++)
		json_object_array_add(ret, describe_part(&image->part[i]));
	return ret;
}

static struct json_object *describe_file(const struct image *image, const struct image_file *file)
{
	struct json_object *ret = json_object_new_object();
	char mode[11];

	mode_letters(file->mode, mode);
	json_set(ret, "name", json_str(file->name));
	json_set(ret, "mode", json_str(mode));
	json_set(ret, "mode_bits", json_number(file->mode));
	json_set(ret, "uid", json_number(file->uid));
	json_set(ret, "gid", json_number(file->gid));
	json_set(ret, "links", json_number(file->nlink));
	json_set(ret, "size", json_number(file->size));
	json_set(ret, "mtime", json_number(file->mtime));
	if (S_ISCHR(file->mode) || S_ISBLK(file->mode)) {
		json_set(ret, "major", json_number(file->major));
		json_set(ret, "minor", json_number(file->minor));
	}
	json_set(ret, "part", json_number(file->part));
	if (file->replaces >= 0)
		json_set(ret, "replaces", json_number((unsigned int)file->replaces));
	if (file->target)
		json_set(ret, "target", json_str(file->target));
	if (file->link >= 0)
		json_set(ret, "link", json_str(image->file_list[file->link].name));
	return ret;
}

static struct json_object *describe_files(const struct image *image)
{
	struct json_object *ret = json_object_new_array();

	for (size_t i = 0; i < image->n_files; i++)
		json_object_array_add(ret, describe_file(image, &image->file_list[i]));
	return ret;
}

static struct json_object *describe_sections(const struct image *image)
{
	struct json_object *ret = json_object_new_array();

	for (size_t i = 0; i < image->n_sections; i++) {
		struct json_object *s = json_object_new_object();

		json_set(s, "name", json_str(image->section[i].name));
		json_set(s, "offset", json_number(image->section[i].offset));
		json_set(s, "size", json_number(image->section[i].size));
		json_object_array_add(ret, s);
	}
	return ret;
}

static struct json_object *describe_overrides(const struct image *image)
{
	struct json_object *ret = json_object_new_array();
	const struct image_file *file;
	size_t i = 0;

	while ((file = next_override(image, &i))) {
		struct json_object *o = json_object_new_object();

		json_set(o, "name", json_str(file->name));
		json_set(o, "part", json_number(file->part));
		json_set(o, "replaces", json_number((unsigned int)file->replaces));
		json_object_array_add(ret, o);
	}
	return ret;
}

static struct json_object *describe_bootconfig(const struct image *image,
					       const struct inspect_facts *facts)
{
	struct json_object *ret;

	if (!image->bootconfig.n)
		return NULL;
	ret = json_object_new_object();
	json_set(ret, "text", json_text(image->bootconfig));
	json_set(ret, "well_formed", json_object_new_boolean(facts->bootconfig_ok));
	json_set(ret, "parameters", json_str(facts->parameters.data));
	return ret;
}

/* --- what initward has in it --- */

static struct json_object *describe_text(const struct text *t)
{
	return t->len ? json_text(span_of_text(t)) : NULL;
}

static struct json_object *describe_program(const struct inspect_program *p)
{
	struct json_object *ret;

	if (!p->path)
		return NULL;
	ret = json_object_new_object();
	json_set(ret, "path", json_str(p->path));
	json_set(ret, "file", json_str(p->file ? p->file->name : NULL));
	json_set(ret, "kind", json_str(p->kind));
	json_set(ret, "machine", p->machine[0] ? json_str(p->machine) : NULL);
	json_set(ret, "interpreter", describe_text(&p->interpreter));
	json_set(ret, "size", p->file ? json_number(p->file->size) : NULL);
	json_set(ret, "sha256", p->digest[0] ? json_str(p->digest) : NULL);
	json_set(ret, "initward_version", p->loader ? describe_text(&p->version) : NULL);
	return ret;
}

static struct json_object *describe_config(const struct inspect_facts *facts)
{
	const struct config *c = &facts->config;
	struct json_object *ret;

	if (!facts->has_config)
		return NULL;
	ret = json_object_new_object();
	json_set(ret, "policy", json_str(policy_name(c->policy)));
	json_set(ret, "policy_name", json_str(c->name[0] ? c->name : NULL));
	json_set(ret, "mode", json_str(mode_name(c->mode)));
	json_set(ret, "level", json_str(level_name(c->level)));
	json_set(ret, "on_failure", json_str(on_failure_name(c->on_failure)));
	json_set(ret, "lock", json_object_new_boolean(c->lock));
	json_set(ret, "mount_api", json_str(mount_api_name(c->mount_api)));
	json_set(ret, "usermode_helpers", json_str(usermode_helpers_name(c->usermode_helpers)));
	json_set(ret, "init", json_str(c->init));
	json_set(ret, "allowed", json_object_new_boolean(config_allowed(c)));
	json_set(ret, "bad_lines", json_number(facts->bad_lines));
	json_set(ret, "why", facts->bad_lines ? json_str(facts->bad) : NULL);
	return ret;
}

static struct json_object *describe_policy(const struct manifest_set *set, enum policy policy)
{
	const struct manifest_policy *p = facts_policy(set, policy);
	struct json_object *ret, *profiles;

	if (!p)
		return NULL;
	ret = json_object_new_object();
	profiles = json_object_new_array();
	json_set(ret, "blobs", json_number(p->n_blobs));
	json_set(ret, "size", json_number(p->size));
	json_set(ret, "profiles", profiles);
	for (unsigned int i = 0; i < p->n_profiles; i++) {
		const struct manifest_profile *from = &p->profiles[i];
		struct json_object *profile = json_object_new_object();

		json_set(profile, "name", json_text(from->name));
		json_set(profile, "mode", json_str(profile_mode_name(from->mode)));
		json_set(profile, "namespace",
			 from->ns ? json_text(p->namespaces[from->ns]) : NULL);
		json_object_array_add(profiles, profile);
	}
	return ret;
}

static struct json_object *describe_set(const struct manifest_set *set)
{
	struct json_object *ret = json_object_new_object(), *list = json_object_new_array();
	struct kv at = kv_open(set->head);
	struct span word;

	json_set(ret, "name", json_text(set->name));
	json_set(ret, "rank", json_number(set->rank));
	json_set(ret, "base", json_object_new_boolean(set->base));
	while (facts_next_kernel(&at, &word))
		json_object_array_add(list, json_text(word));
	json_set(ret, "kernels", list);
	json_set(ret, "classes", json_words(set->classes));
	json_set(ret, "enforce", describe_policy(set, POLICY_ENFORCE));
	json_set(ret, "complain", describe_policy(set, POLICY_COMPLAIN));
	return ret;
}

static struct json_object *describe_bundle(const struct inspect_facts *facts)
{
	struct json_object *ret, *sets = json_object_new_array();

	if (!facts->has_bundle) {
		json_object_put(sets);
		return NULL;
	}
	ret = json_object_new_object();
	json_set(ret, "manifest_sha256", json_str(facts->manifest_digest));
	json_set(ret, "error", facts->manifest.n_sets ? NULL : json_str(facts->error.why));
	for (unsigned int i = 0; i < facts->manifest.n_sets; i++)
		json_object_array_add(sets, describe_set(&facts->manifest.sets[i]));
	json_set(ret, "sets", sets);
	return ret;
}

static struct json_object *describe_initward(const struct inspect_facts *facts)
{
	struct json_object *ret;

	if (!facts_initward(facts))
		return NULL;
	ret = json_object_new_object();
	json_set(ret, "loader", describe_program(&facts->loader));
	json_set(ret, "configuration", describe_config(facts));
	json_set(ret, "next_init", describe_program(&facts->next));
	json_set(ret, "bundle", describe_bundle(facts));
	return ret;
}

int inspect_json(const struct image *image, const struct inspect_facts *facts, bool tree)
{
	struct json_object *ret = json_object_new_object();

	json_set(ret, "path", json_str(image->path));
	json_set(ret, "kind",
		 json_str(image->folder ? "folder"
			  : image->pe	? "unified kernel image"
					: "initramfs"));
	json_set(ret, "size", image->folder ? NULL : json_number(image->file.len));
	json_set(ret, "sections", describe_sections(image));
	json_set(ret, "parts", describe_parts(image));
	json_set(ret, "trouble", json_str(image->trouble));
	if (image->trouble)
		json_set(ret, "trouble_at", json_number(image->trouble_at));
	json_set(ret, "notes", json_list(&image->notes));
	json_set(ret, "bootconfig", describe_bootconfig(image, facts));
	json_set(ret, "first_program", describe_program(&facts->init));
	json_set(ret, "initward", describe_initward(facts));
	json_set(ret, "overrides", describe_overrides(image));
	if (tree)
		json_set(ret, "files", describe_files(image));
	return json_print(ret);
}
