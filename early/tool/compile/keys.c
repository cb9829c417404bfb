// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The keys of the compile cache: SHA-256 over everything that decides about what the parser makes
 * of a source. That is the text with all its includes, the feature files that "abi" rules name, the
 * feature set, the parser with its libraries (parser.c), its options, and the form.
 */
#include "compile.h"

#include <stdlib.h>
#include <string.h>

#include "sha256.h"

#define LIMIT_ABI (256u << 10)

static void add_digest(struct text *record, const char *what, const void *data, size_t len)
{
	uint8_t digest[SHA256_SIZE];
	char hex[SHA256_HEX];

	sha256(data, len, digest);
	sha256_hex(digest, hex);
	text_format(record, "%s %s\n", what, hex);
}

static char *digest_text(const struct text *record)
{
	uint8_t digest[SHA256_SIZE];
	char *hex = grow(NULL, SHA256_HEX, 1);

	sha256(record->data, record->len, digest);
	sha256_hex(digest, hex);
	return hex;
}

/* Every file that a rule could mean counts, in the order of the folders. False: there is none. */
static bool add_abi(const struct compile *c, const struct unit *u, const char *name,
		    struct text *record)
{
	struct text text = { 0 };
	bool found = false;

	for (size_t i = 0; i <= c->includes.n; i++) {
		const char *dir = i ? c->includes.item[i - 1] : u->base;
		char *path = *name == '/' ? dup_str(name) : path_join(dir, name);
		int r = read_file(path, LIMIT_ABI, &text);

		if (r == 0)
			add_digest(record, "abi", text.data, text.len);
		else
			text_str(record, "no abi\n");
		found = found || r == 0;
		free(path);
	}
	text_free(&text);
	return found;
}

/* The name in an "abi <NAME>," or "abi "NAME"," or "abi NAME,", which begins at `p`. */
static char *abi_name(const char *p)
{
	const char *end;

	p += strspn(p, " \t\r\n");
	end = *p == '<' ? strchr(p, '>') : *p == '"' ? strchr(p + 1, '"') : NULL;
	if (end)
		return format("%.*s", (int)(end - p - 1), p + 1);
	return format("%.*s", (int)strcspn(p, " \t\r\n,"), p);
}

/*
 * The files of the "abi" rules in a text without includes. What only looks like such a rule adds
 * to the record and does no harm, unless no file is there: then the answer is false, and the unit is
 * compiled without the cache.
 */
static bool add_abis(const struct compile *c, const struct unit *u, const struct text *text,
		     struct text *record)
{
	const char *p = text->data;
	bool ok = true;

	while (ok && (p = strstr(p, "abi"))) {
		char before = p == text->data ? '\n' : p[-1];

		p += 3;
		if (strchr(" \t\r\n,}", before) && strchr(" \t\r\n<\"", *p) && *p) {
			char *name = abi_name(p);

			ok = add_abi(c, u, name, record);
			free(name);
		}
	}
	return ok;
}

char *content_digest(const struct compile *c, const struct unit *u)
{
	struct text text = { 0 }, record = { 0 };
	char *digest = NULL;
	bool ok = read_file(u->flat, LIMIT_FLAT, &text) == 0 && !memchr(text.data, '\0', text.len);

	if (ok) {
		add_digest(&record, "text", text.data, text.len);
		ok = add_abis(c, u, &text, &record);
	}
	if (ok && u->abi) {
		ok = read_file(u->abi, LIMIT_ABI, &text) == 0;
		add_digest(&record, "pinned", text.data, text.len);
	}
	if (ok)
		digest = digest_text(&record);
	text_free(&text);
	text_free(&record);
	return digest;
}

/* The options as they are given, without what lies somewhere: paths begin with a slash. */
static void add_options(const struct compile *c, const struct unit *u, struct text *record)
{
	struct job *job = grow(NULL, 1, sizeof(*job));

	*job = parser_job(c, "/", NULL, &u, 1, true);
	for (size_t i = 0; i < job->argv.n; i++) {
		if (*job->argv.item[i] != '/')
			text_format(record, "option %s\n", job->argv.item[i]);
	}
	free_jobs(job, 1);
}

char *unit_key(const struct compile *c, const struct unit *u, const struct set *set)
{
	struct text record = { 0 };
	char *key;

	if (!c->parser.identity || !u->digest)
		return NULL;
	text_format(&record, "initward policy\nform %s\nparser %s\ncontent %s\n",
		    form_folder(u->form), c->parser.identity, u->digest);
	/* what the parser says names the file */
	if (u->form == FORM_ENFORCE || u->form == FORM_APPLICATION)
		add_digest(&record, "file", u->file, strlen(u->file));
	add_digest(&record, "features", set->text.data, set->text.len);
	add_options(c, u, &record);
	key = digest_text(&record);
	text_free(&record);
	return key;
}

char *uses_key(const struct compile *c, const struct set *set, const char *guess)
{
	struct text record = { 0 };
	char *key = NULL;

	text_format(&record, "initward uses\n%s", guess);
	for (size_t i = 0; i < c->n_units && c->unit[i].form != FORM_APPLICATION; i++) {
		char *of = unit_key(c, &c->unit[i], set);

		if (!of) {
			text_free(&record);
			return NULL;
		}
		text_format(&record, "unit %s\n", of);
		free(of);
	}
	key = digest_text(&record);
	text_free(&record);
	return key;
}
