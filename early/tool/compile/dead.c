// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Which rules of the sources have no effect with which set. The parser is the judge, rule by rule:
 * a rule that compiles to the same policy as no rule at all has none. Each is tried by itself, with
 * the "abi" rules and the base folder of its source, since in its profile another rule may cover
 * it. A deny is tried as the rule that it takes back: what the one could allow the other can deny.
 * Without the "abi" rules once more the answer tells whether the kernels or the ABI are the reason.
 *
 * Rules of files are left out: every kernel mediates files.
 */
#include "compile.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "notes.h"
#include "policy/policy.h"
#include "rules.h"

#define LIMIT_RULES 8192 /* different ones; more are not tried */
#define FEW 4		 /* so many places are named each; of more the first */

/* Sources that are compiled alike: one base folder, the same "abi" rules. */
struct group {
	const char *base;
	struct text abi; /* "abi <abi/4.0>,\n" */
	struct list files;
};

/* One rule to be tried, for all places where it stands. */
struct trial {
	size_t group;
	char *plain;
	char *keyword;
	size_t unit; /* its first unit; with an ABI the next one is the same without it */
	char verdict[LIMIT_SETS];
};

struct place {
	size_t trial;
	char *file;
	unsigned int line;
	char *text;
};

struct search {
	struct compile *c;
	struct group *group;
	size_t n_groups;
	struct trial *trial;
	size_t n_trials;
	struct place *place;
	size_t n_places;
	struct unit *unit;
	size_t n_units;
	const char *file; /* that is being read, and of which group */
	size_t in;
	struct list *said; /* for each set: what the parser says of rules, without their profile */
	struct notes notes;
};

enum {
	WORKS = '.',
	NOT_MEDIATED = 'k', /* by the kernels of the set */
	NOT_IN_ABI = 'a',
	UNKNOWN = '?', /* does not compile by itself */
};

static void add_if_file(struct list *files, char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && !list_has(files, path))
		list_add(files, path);
	else
		free(path);
}

static void add_folder(struct list *files, const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (policy_is_source(entry->d_name))
			add_if_file(files, path_join(path, entry->d_name));
	}
	if (dir)
		(void)closedir(dir);
}

/* The parser looks into the folders of --Include first, then into the base. */
static void add_include(const struct compile *c, const struct unit *u, const char *name,
			struct list *files)
{
	struct stat st;

	for (size_t i = 0; i <= c->includes.n; i++) {
		const char *dir = i < c->includes.n ? c->includes.item[i] : u->base;
		char *path = *name == '/' ? dup_str(name) : path_join(dir, name);

		if (stat(path, &st) < 0) {
			free(path);
			continue;
		}
		if (S_ISDIR(st.st_mode))
			add_folder(files, path);
		else
			add_if_file(files, dup_str(path));
		free(path);
		return;
	}
}

/* A source and what it includes, as the parser names it in the flat text: "##included <NAME>". */
static void list_files(const struct compile *c, const struct unit *u, struct list *files)
{
	static const char mark[] = "##included ";
	struct text flat = { 0 };
	char *rest, *line, *name;

	list_add(files, dup_str(u->file));
	if (read_file(u->flat, LIMIT_FLAT, &flat) == 0) {
		rest = flat.data;
		while ((line = strsep(&rest, "\n"))) {
			if (strncmp(line, mark, sizeof(mark) - 1) != 0)
				continue;
			name = line + sizeof(mark);
			name[strcspn(name, ">\"")] = '\0';
			add_include(c, u, name, files);
		}
	}
	text_free(&flat);
}

static void take_abi(void *ctx, const struct source_rule *rule)
{
	struct text *abi = ctx;
	char *line;

	if (!span_is(rule->keyword, "abi"))
		return;
	line = format("%s,\n", rule->text.data);
	if (!abi->len || !strstr(abi->data, line))
		text_str(abi, line);
	free(line);
}

/* The group of a source with these files. */
static size_t find_group(struct search *s, const struct unit *u, const struct list *files)
{
	struct text abi = { 0 }, text = { 0 };
	size_t g = 0;

	text_str(&abi, "");
	for (size_t i = 0; i < files->n; i++) {
		if (read_file(files->item[i], LIMIT_FLAT, &text) == 0)
			each_rule(span_of_text(&text), take_abi, &abi);
	}
	text_free(&text);
	while (g < s->n_groups && (strcmp(s->group[g].base, u->base) != 0 ||
				   strcmp(s->group[g].abi.data, abi.data) != 0))
		g++;
	if (g < s->n_groups) {
		text_free(&abi);
		return g;
	}
	s->group = grow(s->group, g + 1, sizeof(*s->group));
	s->group[s->n_groups++] = (struct group){ .base = u->base, .abi = abi };
	return g;
}

static size_t find_trial(struct search *s, const char *plain, struct span keyword)
{
	for (size_t i = 0; i < s->n_trials; i++) {
		if (s->trial[i].group == s->in && strcmp(s->trial[i].plain, plain) == 0)
			return i;
	}
	s->trial = grow(s->trial, s->n_trials + 1, sizeof(*s->trial));
	s->trial[s->n_trials] = (struct trial){
		.group = s->in,
		.plain = dup_str(plain),
		.keyword = format("%.*s", (int)keyword.n, keyword.p),
	};
	return s->n_trials++;
}

static void take_rule(void *ctx, const struct source_rule *rule)
{
	struct search *s = ctx;

	if (is_file_rule(rule) || span_is(rule->keyword, "abi") ||
	    span_is(rule->keyword, "alias") || s->n_trials >= LIMIT_RULES)
		return;
	s->place = grow(s->place, s->n_places + 1, sizeof(*s->place));
	s->place[s->n_places++] = (struct place){
		.trial = find_trial(s, rule->plain, rule->keyword),
		.file = dup_str(s->file),
		.line = rule->line,
		.text = dup_str(rule->text.data),
	};
}

/* What stands in the work folder is no place to tell anybody. */
static void take_source(struct search *s, const struct unit *u)
{
	struct list files = { 0 };
	struct text text = { 0 };
	struct list *seen;

	list_files(s->c, u, &files);
	s->in = find_group(s, u, &files);
	seen = &s->group[s->in].files;
	for (size_t i = 0; i < files.n; i++) {
		if (list_has(seen, files.item[i]) ||
		    read_file(files.item[i], LIMIT_FLAT, &text) < 0)
			continue;
		list_add(seen, dup_str(files.item[i]));
		/* the source by the name that the user knows it by */
		s->file = i ? files.item[i] : u->source;
		each_rule(span_of_text(&text), take_rule, s);
	}
	text_free(&text);
	list_free(&files);
}

struct variables {
	struct text *text;
	struct list names;
};

/* Those of the parser have a value already. */
static void define(void *ctx, struct span name)
{
	struct variables *v = ctx;
	char *copy = format("%.*s", (int)name.n, name.p);

	if (span_is(name, "profile_name") || span_is(name, "exec_path") ||
	    span_is(name, "attach_path") || list_has(&v->names, copy)) {
		free(copy);
		return;
	}
	text_format(v->text, "@{%s}=/x\n", copy);
	list_add(&v->names, copy);
}

/* One profile with that rule, or without any: NULL. */
static bool add_unit(struct search *s, const struct group *group, bool with_abi, const char *plain)
{
	size_t id = s->c->n_units + s->n_units;
	struct unit *u;
	struct text text = { 0 };
	struct variables variables = { .text = &text };
	int r;

	s->unit = grow(s->unit, s->n_units + 1, sizeof(*s->unit));
	u = &s->unit[s->n_units++];
	*u = (struct unit){ .form = FORM_PROBE, .id = id, .base = dup_str(group->base) };
	u->file = work_path(s->c, "probe/%zu", id);
	u->flat = dup_str(u->file);
	u->source = dup_str(u->file);
	u->name = path_base(u->file);
	if (with_abi)
		text_str(&text, group->abi.data);
	if (plain)
		each_variable(plain, define, &variables);
	text_format(&text, "profile initward {\n%s%s\n}\n", plain ? plain : "", plain ? "," : "");
	r = write_file(u->file, text.data, text.len);
	if (r < 0)
		say("cannot write %s: %s", u->file, strerror(-r));
	text_free(&text);
	list_free(&variables.names);
	return r == 0;
}

/* For each group the empty profile, for each rule its own; both without the ABI, too. */
static bool make_units(struct search *s)
{
	char *dir = work_path(s->c, "probe");
	int r = make_dir(dir);
	bool ok = r == 0;

	if (!ok)
		say("cannot make %s: %s", dir, strerror(-r));
	for (size_t g = 0; ok && g < s->n_groups; g++)
		ok = add_unit(s, &s->group[g], true, NULL) &&
		     add_unit(s, &s->group[g], false, NULL);
	for (size_t t = 0; ok && t < s->n_trials; t++) {
		const struct group *group = &s->group[s->trial[t].group];

		s->trial[t].unit = s->n_units;
		ok = add_unit(s, group, true, s->trial[t].plain);
		if (ok && group->abi.len)
			ok = add_unit(s, group, false, s->trial[t].plain);
	}
	free(dir);
	return ok;
}

/* Does unit `u` compile to something else than the empty profile? */
static char try_unit(const struct search *s, const struct set *set, size_t u, size_t empty)
{
	char *a = made_blob(set->made, &s->unit[u]), *b = made_blob(set->made, &s->unit[empty]);
	struct text x = { 0 }, y = { 0 };
	char verdict = UNKNOWN;

	if (read_file(a, LIMIT_BLOB, &x) == 0 && read_file(b, LIMIT_BLOB, &y) == 0)
		verdict =
			x.len == y.len && memcmp(x.data, y.data, x.len) == 0 ? NOT_MEDIATED : WORKS;
	text_free(&x);
	text_free(&y);
	free(a);
	free(b);
	return verdict;
}

/*
 * "Warning from profile initward (FILE): dbus rules not enforced", or "Warning from FILE (FILE line
 * 3): profile initward network rules not enforced": what is behind all that. NULL: something else.
 */
static const char *said_of_rule(const char *line)
{
	static const char profile[] = "profile initward ";
	const char *p = strstr(line, "): ");

	if (!p || (!strstr(p, "not enforced") && !strstr(p, "downgrad")))
		return NULL;
	p += 3;
	return strncmp(p, profile, sizeof(profile) - 1) == 0 ? p + sizeof(profile) - 1 : p;
}

/* A rule that is enforced in part only: the parser's own words for it, or NULL. */
static char *take_said(struct search *s, size_t set, const struct unit *u)
{
	struct text said = { 0 };
	char *rest, *line, *found = NULL;

	read_said(&s->c->set[set], u, &said);
	rest = said.data;
	while ((line = strsep(&rest, "\n"))) {
		const char *words = said_of_rule(line);

		if (!words)
			continue;
		if (!list_has(&s->said[set], words))
			list_add(&s->said[set], dup_str(words));
		free(found);
		found = dup_str(words);
	}
	text_free(&said);
	return found;
}

/* Sets the verdicts of a rule; a rule that is only weakened becomes a note of each place. */
static void judge(struct search *s, struct trial *t)
{
	for (size_t i = 0; i < s->c->n_sets; i++) {
		const struct set *set = &s->c->set[i];
		bool has_abi = s->group[t->group].abi.len > 0;
		char *said = take_said(s, i, &s->unit[t->unit]);

		t->verdict[i] = try_unit(s, set, t->unit, 2 * t->group);
		if (t->verdict[i] == NOT_MEDIATED && has_abi &&
		    try_unit(s, set, t->unit + 1, 2 * t->group + 1) == WORKS)
			t->verdict[i] = NOT_IN_ABI;
		for (size_t p = 0; said && t->verdict[i] == WORKS && p < s->n_places; p++) {
			const struct place *place = &s->place[p];
			char *note;

			if (&s->trial[place->trial] != t)
				continue;
			note = format("%s:%u: \"%s,\" is weaker than it says: %s", place->file,
				      place->line, place->text, said);
			add_note(&s->notes, set, note);
			free(note);
		}
		free(said);
	}
}

static bool same_verdicts(const struct search *s, const struct trial *a, const struct trial *b)
{
	return strcmp(a->keyword, b->keyword) == 0 &&
	       memcmp(a->verdict, b->verdict, s->c->n_sets) == 0;
}

static void add_verdict(struct search *s, const struct trial *t, const char *what)
{
	static const char *const why[] = { "not mediated by its kernels",
					   "left out by the ABI that the policy names" };

	for (size_t i = 0; i < s->c->n_sets; i++) {
		char *note;

		if (t->verdict[i] != NOT_MEDIATED && t->verdict[i] != NOT_IN_ABI)
			continue;
		note = format("%s: no effect, %s", what, why[t->verdict[i] == NOT_IN_ABI]);
		add_note(&s->notes, &s->c->set[i], note);
		free(note);
	}
}

/* The places from `first` on whose rules fare alike: each, or the first and how many more. */
static void tell_alike(struct search *s, size_t first, bool *told)
{
	const struct place *place = &s->place[first];
	const struct trial *trial = &s->trial[place->trial];
	size_t n = 0, n_files = 0;
	const char *last = NULL;
	char *what;

	for (size_t p = first; p < s->n_places; p++) {
		if (told[p] || !same_verdicts(s, trial, &s->trial[s->place[p].trial]))
			continue;
		n_files += !last || strcmp(last, s->place[p].file) != 0;
		last = s->place[p].file;
		n++;
	}
	for (size_t p = first; p < s->n_places; p++) {
		if (told[p] || !same_verdicts(s, trial, &s->trial[s->place[p].trial]))
			continue;
		told[p] = true;
		place = &s->place[p];
		if (n > FEW && !s->c->verbose && p > first)
			continue;
		what = n > FEW && !s->c->verbose
			       ? format("%s:%u: \"%s,\" and %zu more %s rules in %zu files",
					place->file, place->line, place->text, n - 1,
					trial->keyword, n_files)
			       : format("%s:%u: \"%s,\"", place->file, place->line, place->text);
		add_verdict(s, trial, what);
		free(what);
	}
}

static void tell_rules(struct search *s)
{
	bool *told = grow(NULL, s->n_places, sizeof(*told));

	memset(told, 0, s->n_places * sizeof(*told));
	for (size_t p = 0; p < s->n_places; p++) {
		if (!told[p])
			tell_alike(s, p, told);
	}
	free(told);
}

static bool ends_in_one_of(const char *line, const struct list *ends)
{
	size_t n = strlen(line);

	for (size_t i = 0; i < ends->n; i++) {
		size_t len = strlen(ends->item[i]);

		if (n >= len && strcmp(line + n - len, ends->item[i]) == 0)
			return true;
	}
	return false;
}

/* What else the parser said; of rules only what was not found for one of them. */
static void tell_said(struct search *s, size_t set, const struct unit *u)
{
	static const char before[] = "Warning from ";
	struct text said = { 0 };
	char *rest, *line;

	read_said(&s->c->set[set], u, &said);
	rest = said.data;
	while ((line = strsep(&rest, "\n"))) {
		if (!*line || ends_in_one_of(line, &s->said[set]))
			continue;
		if (strncmp(line, before, sizeof(before) - 1) == 0)
			line += sizeof(before) - 1;
		add_note(&s->notes, &s->c->set[set], line);
	}
	text_free(&said);
}

static void tell(struct search *s)
{
	for (size_t t = 0; t < s->n_trials; t++)
		judge(s, &s->trial[t]);
	tell_rules(s);
	for (size_t set = 0; set < s->c->n_sets; set++) {
		for (size_t i = 0; i < s->c->n_units; i++) {
			/* a dry run would say the same again */
			if (s->c->unit[i].form != FORM_COMPLAIN)
				tell_said(s, set, &s->c->unit[i]);
		}
	}
	say_notes(s->c, &s->notes);
}

static void free_search(struct search *s)
{
	for (size_t i = 0; i < s->n_groups; i++) {
		text_free(&s->group[i].abi);
		list_free(&s->group[i].files);
	}
	for (size_t i = 0; i < s->n_trials; i++) {
		free(s->trial[i].plain);
		free(s->trial[i].keyword);
	}
	for (size_t i = 0; i < s->n_places; i++) {
		free(s->place[i].file);
		free(s->place[i].text);
	}
	for (size_t i = 0; i < s->n_units; i++)
		free_unit(&s->unit[i]);
	for (size_t i = 0; i < s->c->n_sets; i++)
		list_free(&s->said[i]);
	free(s->group);
	free(s->trial);
	free(s->place);
	free(s->unit);
	free(s->said);
}

bool find_dead_rules(struct compile *c)
{
	struct search s = { .c = c };
	bool ok = true;

	if (c->quiet)
		return true;
	s.said = grow(NULL, c->n_sets, sizeof(*s.said));
	memset(s.said, 0, c->n_sets * sizeof(*s.said));
	for (size_t i = 0; i < c->n_units; i++) {
		if (c->unit[i].form != FORM_COMPLAIN)
			take_source(&s, &c->unit[i]);
	}
	if (s.n_trials)
		ok = make_units(&s) && compile_probes(c, s.unit, s.n_units);
	if (ok)
		tell(&s);
	free_search(&s);
	return ok;
}
