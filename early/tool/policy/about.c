// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/about.h"

#include <stdlib.h>

#include "kv.h"

static const char mode_words[] = "visible\0hidden\0managed\0any\0";

enum key { KEY_ABOUT, KEY_MODE, KEY_LEVEL, KEY_NEEDS, KEY_WANTS, KEY_COUNT };

static const char key_words[] = "about\0mode\0level\0needs\0wants\0";

const char *about_mode_name(enum about_mode mode)
{
	return words_at(mode_words, mode);
}

static bool is_part(struct span s)
{
	if (!s.n || span_is(s, ".") || span_is(s, ".."))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    c != '_' && c != '-' && c != '.')
			return false;
	}
	return true;
}

/* "domain/stack": a path below the folder of features, behind it perhaps a word of its last file. */
static bool is_feature(struct span s)
{
	struct span part;

	if (s.n > LIMIT_NAME)
		return false;
	while (span_split(s, '/', &part, &s)) {
		if (!is_part(part))
			return false;
	}
	return is_part(s);
}

/* Takes the words of needs or wants; what is wrong with *word, NULL where nothing is. */
static const char *take_features(struct about *about, struct list *to, struct span value,
				 struct span *word)
{
	*word = value;
	if (!value.n)
		return "no feature behind";
	while (span_next_word(&value, word)) {
		char *name = format("%.*s", (int)word->n, word->p);
		const char *wrong = NULL;

		if (!is_feature(*word))
			wrong = "not the path of a feature:";
		else if (list_has(&about->needs, name) || list_has(&about->wants, name))
			wrong = "stands twice:";
		if (wrong) {
			free(name);
			return wrong;
		}
		list_add(to, name);
	}
	return NULL;
}

static bool take_level(struct span value, enum level *ret)
{
	for (enum level level = LEVEL_COMPATIBLE; level <= LEVEL_SEALED; level++) {
		if (span_is(value, level_name(level))) {
			*ret = level;
			return true;
		}
	}
	return false;
}

static const char *take_line(struct about *about, const struct kv *kv, bool seen[KEY_COUNT],
			     struct span *word)
{
	int key = words_index(key_words, kv->key), mode;

	*word = kv->key;
	if (key < 0)
		return "unknown key";
	if (seen[key])
		return "duplicate key";
	seen[key] = true;
	if (key == KEY_NEEDS)
		return take_features(about, &about->needs, kv->value, word);
	if (key == KEY_WANTS)
		return take_features(about, &about->wants, kv->value, word);
	*word = kv->value;
	if (key == KEY_ABOUT) {
		about->text = format("%.*s", (int)kv->value.n, kv->value.p);
		return kv->value.n ? NULL : "it says nothing:";
	}
	if (key == KEY_LEVEL)
		return take_level(kv->value, &about->level) ? NULL : "unknown level";
	mode = words_index(mode_words, kv->value);
	if (mode < 0)
		return "unknown mode";
	about->mode = (enum about_mode)mode;
	return NULL;
}

static bool complain(struct strbuf *why, const char *what, struct span word)
{
	sb_strs(why, what, " ", NULL);
	sb_quoted(why, word);
	return false;
}

bool about_parse(struct span text, struct about *ret, unsigned int *line, struct strbuf *why)
{
	struct kv kv = kv_open(text);
	bool seen[KEY_COUNT] = { false }, version = kv_version(&kv);
	int r;

	*ret = (struct about){ 0 };
	*line = kv.line;
	if (!version)
		return complain(why, "the first line has to be \"version = 1\", not", kv.text);
	while ((r = kv_next(&kv)) != 0) {
		struct span word = kv.text;
		const char *wrong = r < 0 ? "not \"key = value\" in plain text:"
					  : take_line(ret, &kv, seen, &word);

		*line = kv.line;
		if (wrong)
			return complain(why, wrong, word);
	}
	*line = kv.line;
	for (unsigned int key = KEY_ABOUT; key <= KEY_LEVEL; key++) {
		if (!seen[key])
			return complain(why, "missing key", span_of(words_at(key_words, key)));
	}
	return true;
}

void about_free(struct about *about)
{
	free(about->text);
	list_free(&about->needs);
	list_free(&about->wants);
}
