// SPDX-License-Identifier: LGPL-2.1-or-later
#include "entries.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bounds.h"

struct boot_entry *entries_add(struct boot_entries *entries)
{
	struct boot_entry *e;

	if (entries->n == LIMIT_ENTRIES)
		return NULL;
	if (entries->n == entries->cap) {
		entries->cap = 2 * entries->cap + 8;
		entries->entry = grow(entries->entry, entries->cap, sizeof(*entries->entry));
	}
	e = &entries->entry[entries->n++];
	*e = (struct boot_entry){ .title = dup_str(""),
				  .id = dup_str(""),
				  .kernel = dup_str(""),
				  .version = dup_str(""),
				  .options = dup_str("") };
	return e;
}

static void free_entry(struct boot_entry *e)
{
	free(e->title);
	free(e->id);
	free(e->kernel);
	free(e->version);
	free(e->options);
	list_free(&e->initrd);
}

void entries_drop_last(struct boot_entries *entries)
{
	free_entry(&entries->entry[--entries->n]);
}

void entries_free(struct boot_entries *entries)
{
	for (size_t i = 0; i < entries->n; i++)
		free_entry(&entries->entry[i]);
	free(entries->entry);
	list_free(&entries->vars);
	*entries = (struct boot_entries){ 0 };
}

/* The index of a variable in vars, or vars.n. */
static size_t find_var(const struct boot_entries *entries, struct span name)
{
	size_t i;

	for (i = 0; i < entries->vars.n; i++) {
		const char *var = entries->vars.item[i];

		if (strncmp(var, name.p, name.n) == 0 && var[name.n] == '=')
			break;
	}
	return i;
}

const char *entries_var(const struct boot_entries *entries, struct span name)
{
	size_t i = find_var(entries, name);

	return i < entries->vars.n ? entries->vars.item[i] + name.n + 1 : NULL;
}

void entries_set_var(struct boot_entries *entries, struct span name, const char *value)
{
	size_t i = find_var(entries, name);
	char *var = format("%.*s=%s", (int)name.n, name.p, value);

	if (i == entries->vars.n) {
		list_add(&entries->vars, var);
		return;
	}
	free(entries->vars.item[i]);
	entries->vars.item[i] = var;
}

void entries_read_grubenv(struct span text, struct boot_entries *entries)
{
	struct text value = { 0 };

	while (text.n) {
		struct span name;
		size_t i;

		if (text.p[0] == '#' || !span_split(text, '=', &name, &text)) {
			if (!span_next_line(&text, &name))
				break;
			continue;
		}
		value.len = 0;
		text_add(&value, "", 0);
		for (i = 0; i < text.n && text.p[i] != '\n'; i++) {
			if (text.p[i] == '\\' && i + 1 < text.n)
				i++;
			text_add(&value, text.p + i, 1);
		}
		text = (struct span){ text.p + i, text.n - i };
		if (text.n)
			text = (struct span){ text.p + 1, text.n - 1 };
		if (!memchr(name.p, '\n', name.n) && strlen(value.data) == value.len)
			entries_set_var(entries, name, value.data);
	}
	text_free(&value);
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

void entries_expand(const struct boot_entries *entries, struct span text, struct text *ret)
{
	text_add(ret, "", 0);
	for (size_t i = 0; i < text.n && ret->len < LIMIT_CMDLINE; i++) {
		bool braces = i + 1 < text.n && text.p[i + 1] == '{';
		size_t at = i + 1 + braces, end = at;
		const char *value;

		while (end < text.n && is_name(text.p[end]))
			end++;
		if (text.p[i] != '$' || end == at ||
		    (braces && (end == text.n || text.p[end] != '}'))) {
			text_add(ret, text.p + i, 1);
			continue;
		}
		value = entries_var(entries, (struct span){ text.p + at, end - at });
		if (value)
			text_add(ret, value, strnlen(value, LIMIT_CMDLINE - ret->len));
		i = end - !braces;
	}
}

/* Takes the next word off a line, in small letters, and gives what follows. */
static bool take_key(struct span line, char *key, size_t cap, struct span *value)
{
	struct span word;

	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	if (!span_next_word(&line, &word) || word.n >= cap || word.p[0] == '#')
		return false;
	for (size_t i = 0; i < word.n; i++)
		key[i] =
			word.p[i] >= 'A' && word.p[i] <= 'Z' ? (char)(word.p[i] | 0x20) : word.p[i];
	key[word.n] = '\0';
	*value = span_trim(line);
	return true;
}

static void set(char **field, struct span value)
{
	free(*field);
	*field = format("%.*s", (int)value.n, value.p);
}

static void add_options(struct boot_entry *e, struct span value)
{
	char *all = format("%s%s%.*s", e->options, *e->options && value.n ? " " : "", (int)value.n,
			   value.p);

	free(e->options);
	e->options = all;
}

static void add_words(struct list *ret, struct span words, char sep)
{
	struct span word;

	if (sep == ' ') {
		while (span_next_word(&words, &word))
			list_add(ret, format("%.*s", (int)word.n, word.p));
		return;
	}
	while (span_split(words, sep, &word, &words))
		list_add(ret, format("%.*s", (int)word.n, word.p));
	if (words.n)
		list_add(ret, format("%.*s", (int)words.n, words.p));
}

bool entries_read_bls(struct span text, const char *id, struct boot_entries *entries)
{
	struct boot_entry *e = entries_add(entries);
	struct span line, value;
	char key[32];

	if (!e)
		return false;
	set(&e->id, span_of(id));
	while (span_next_line(&text, &line)) {
		if (!take_key(line, key, sizeof(key), &value))
			continue;
		if (strcmp(key, "title") == 0)
			set(&e->title, value);
		else if (strcmp(key, "version") == 0)
			set(&e->version, value);
		else if (strcmp(key, "linux") == 0 || strcmp(key, "uki") == 0 ||
			 strcmp(key, "efi") == 0)
			set(&e->kernel, value);
		else if (strcmp(key, "initrd") == 0)
			add_words(&e->initrd, value, ' ');
		else if (strcmp(key, "options") == 0)
			add_options(e, value);
	}
	if (*e->kernel)
		return true;
	entries_drop_last(entries);
	return false;
}

/* What the line says of the entry `e`; NULL: of all that come. */
static void extlinux_line(struct boot_entry *e, const char *key, struct span value)
{
	if (!e)
		return;
	if (strcmp(key, "kernel") == 0 || strcmp(key, "linux") == 0)
		set(&e->kernel, value);
	else if (strcmp(key, "append") == 0)
		set(&e->options, value);
	else if (strcmp(key, "initrd") == 0)
		add_words(&e->initrd, value, ',');
	else if (strcmp(key, "menu") == 0 && value.n > 6 && strncasecmp(value.p, "label ", 6) == 0)
		set(&e->title, span_trim((struct span){ value.p + 6, value.n - 6 }));
}

void entries_read_extlinux(struct span text, struct boot_entries *entries)
{
	struct span line, value, wanted = { "", 0 }, append = { "", 0 };
	struct boot_entry *e = NULL;
	size_t first = entries->n;
	char key[32];

	while (span_next_line(&text, &line)) {
		if (!take_key(line, key, sizeof(key), &value))
			continue;
		if (strcmp(key, "default") == 0) {
			wanted = value;
		} else if (strcmp(key, "append") == 0 && !e) {
			append = value;
		} else if (strcmp(key, "label") == 0) {
			e = entries_add(entries);
			if (!e)
				break;
			set(&e->title, value);
			set(&e->id, value);
			set(&e->options, append);
		} else {
			extlinux_line(e, key, value);
		}
	}
	for (size_t i = first; i < entries->n; i++) {
		e = &entries->entry[i];
		e->is_default = wanted.n && span_is(wanted, e->id);
		entries->default_known = entries->default_known || e->is_default;
	}
}
