// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy.h"

#include <stdlib.h>
#include <string.h>

#include "lex.h"

#define LIMIT_TOKENS 512 /* of a statement */
#define LIMIT_BLOCKS 64

struct block {
	bool is_profile;
	size_t profile; /* of the rules in here */
	bool audit;	/* what "audit deny { ... }" puts in front of each */
	bool deny;
	bool owner;
	bool other;
};

struct statement {
	struct token token[LIMIT_TOKENS];
	size_t n;
};

struct file {
	struct policy_reader *reader;
	const char *name;
	struct lexer in;
	const char *start;
	const char *counted; /* up to here `line` is right */
	unsigned int line;
	const char *why;
	struct statement st;
};

static const struct {
	const char *word;
	enum rule_class class;
} classes[] = {
	{ "file", CLASS_FILE },
	{ "link", CLASS_LINK },
	{ "capability", CLASS_CAPABILITY },
	{ "mount", CLASS_MOUNT },
	{ "umount", CLASS_UMOUNT },
	{ "unmount", CLASS_UMOUNT },
	{ "remount", CLASS_REMOUNT },
	{ "pivot_root", CLASS_PIVOT_ROOT },
	{ "change_profile", CLASS_CHANGE_PROFILE },
	{ "signal", CLASS_SIGNAL },
	{ "ptrace", CLASS_PTRACE },
	{ "network", CLASS_NETWORK },
	{ "unix", CLASS_UNIX },
	{ "dbus", CLASS_DBUS },
	{ "userns", CLASS_USERNS },
	{ "io_uring", CLASS_IO_URING },
	{ "mqueue", CLASS_MQUEUE },
	{ "set", CLASS_RLIMIT },
	{ "rlimit", CLASS_RLIMIT },
	{ "all", CLASS_ALL },
	{ "abi", CLASS_OTHER },
	{ "alias", CLASS_OTHER },
	{ "change_hat", CLASS_OTHER },
};

const char *rule_class_name(enum rule_class class)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (classes[i].class == class)
			return classes[i].word;
	}
	return "unknown";
}

static enum rule_class class_of(struct span word)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (span_is(word, classes[i].word))
			return classes[i].class;
	}
	/* It begins with the path or the permissions. */
	return CLASS_FILE;
}

static unsigned int line_at(struct file *f, const char *at)
{
	if (at < f->counted) {
		f->counted = f->start;
		f->line = 1;
	}
	for (; f->counted < at; f->counted++)
		f->line += *f->counted == '\n';
	return f->line;
}

static bool fail(struct file *f, const char *at, const char *why)
{
	(void)line_at(f, at);
	f->why = why;
	return false;
}

static char *copy(struct span s)
{
	return format("%.*s", (int)s.n, s.p);
}

/* Without its quotes. A backslash and what it protects stay: globs and escapes are glob.c's. */
static char *unquote(struct span s)
{
	struct text t = { 0 };

	text_add(&t, "", 0);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n) {
			text_add(&t, &s.p[i++], 2);
			continue;
		}
		if (s.p[i] != '"')
			text_add(&t, &s.p[i], 1);
	}
	return t.data;
}

/* What stands there, with single blanks, comments left out, and a comma at the end. */
static char *statement_text(const struct statement *st)
{
	struct text t = { 0 };

	for (size_t i = 0; i < st->n; i++) {
		struct span s = token_span(&st->token[i]);

		if (i && s.p > st->token[i - 1].end)
			text_str(&t, " ");
		for (size_t k = 0; k < s.n; k++) {
			if (!lex_is_blank(s.p[k]))
				text_add(&t, &s.p[k], 1);
			else if (k && !lex_is_blank(s.p[k - 1]))
				text_str(&t, " ");
		}
	}
	text_str(&t, ",");
	return t.data;
}

static struct block *top(struct policy_reader *r)
{
	return r->n_blocks ? &r->block[r->n_blocks - 1] : NULL;
}

static bool is_condition(struct span word)
{
	return span_is(word, "options") || span_is(word, "fstype") || span_is(word, "vfstype");
}

/*
 * The words behind the keyword. "key = value", "key=(list)" and "options in (list)" become one
 * word each.
 */
static void add_words(struct rule *rule, const struct statement *st, size_t i)
{
	while (i < st->n) {
		struct text word = { 0 };
		struct span s = token_span(&st->token[i++]);

		text_add(&word, s.p, s.n);
		if (i < st->n && is_condition(s) && token_is(&st->token[i], "in")) {
			text_str(&word, " in=");
			i++;
		} else if (i < st->n && st->token[i].kind == TOKEN_ASSIGN) {
			text_str(&word, "=");
			i++;
		}
		if (i < st->n && word.data[word.len - 1] == '=') {
			s = token_span(&st->token[i++]);
			text_add(&word, s.p, s.n);
		}
		list_add(&rule->word, word.data);
	}
}

/* How many tokens behind "priority" belong to it: "priority=1", "priority= 1", "priority = 1". */
static size_t value_words(const struct statement *st, size_t i)
{
	if (i + 1 < st->n && st->token[i + 1].kind == TOKEN_ASSIGN)
		return 2;
	return st->token[i].end[-1] == '=';
}

/* Takes the qualifiers; returns the index of what stands behind them. */
static size_t take_qualifiers(const struct statement *st, struct rule *rule)
{
	for (size_t i = 0; i < st->n; i++) {
		const struct token *t = &st->token[i];

		if (token_is(t, "audit"))
			rule->audit = true;
		else if (token_is(t, "deny"))
			rule->deny = true;
		else if (token_is(t, "owner"))
			rule->owner = true;
		else if (token_is(t, "other"))
			rule->other = true;
		else if (span_starts(token_span(t), "priority"))
			i += value_words(st, i);
		else if (!token_is(t, "allow") && !token_is(t, "quiet"))
			return i;
	}
	return st->n;
}

static bool end_rule(struct file *f)
{
	struct sources *p = f->reader->policy;
	const struct block *b = top(f->reader);
	struct rule rule = { .file = f->name };
	size_t at;

	if (!f->st.n)
		return true;
	at = take_qualifiers(&f->st, &rule);
	if (!b || at == f->st.n) { /* in front of any profile: "abi <...>," and the like */
		f->st.n = 0;
		return true;
	}
	rule.profile = b->profile;
	rule.audit |= b->audit;
	rule.deny |= b->deny;
	rule.owner |= b->owner;
	rule.other |= b->other;
	rule.line = line_at(f, f->st.token[0].start);
	rule.text = statement_text(&f->st);
	rule.class = class_of(token_span(&f->st.token[at]));
	/* "file" is a keyword like any; without it the path or the permissions come first. */
	add_words(&rule, &f->st,
		  span_is(token_span(&f->st.token[at]), rule_class_name(rule.class)) ||
				  rule.class != CLASS_FILE
			  ? at + 1
			  : at);
	f->st.n = 0;
	p->rule = grow(p->rule, p->n_rules + 1, sizeof(*p->rule));
	p->rule[p->n_rules++] = rule;
	return true;
}

long policy_profile(const struct sources *policy, const char *name)
{
	for (size_t i = 0; i < policy->n_profiles; i++) {
		if (strcmp(policy->profile[i].name, name) == 0)
			return (long)i;
	}
	return -1;
}

/* "profile NAME ...", "hat NAME", "^NAME", "/path ...": the name is in *ret_name. */
static void add_profile(struct file *f, size_t at)
{
	struct sources *p = f->reader->policy;
	const struct block *parent = top(f->reader);
	const struct token *t = &f->st.token[at];
	bool keyword = token_is(t, "profile") || token_is(t, "hat");
	char *name;

	if (keyword && at + 1 < f->st.n)
		t = &f->st.token[at + 1];
	name = unquote(token_span(t));
	if (*name == '^')
		memmove(name, name + 1, strlen(name));
	if (parent) {
		char *full = format("%s//%s", p->profile[parent->profile].name, name);

		free(name);
		name = full;
	}
	p->profile = grow(p->profile, p->n_profiles + 1, sizeof(*p->profile));
	p->profile[p->n_profiles++] = (struct profile){
		.name = name,
		.file = f->name,
		.line = line_at(f, t->start),
		.first_variable = f->reader->first_variable,
		.end_variable = p->n_variables,
	};
}

/* The header in front of a '{'. */
static bool open_block(struct file *f, const struct token *brace)
{
	struct policy_reader *r = f->reader;
	struct block block = { 0 };
	struct rule qualifiers = { 0 };
	size_t at = take_qualifiers(&f->st, &qualifiers);
	const struct token *first = at < f->st.n ? &f->st.token[at] : NULL;

	if (r->n_blocks >= LIMIT_BLOCKS)
		return fail(f, brace->start, "blocks are nested too deeply");
	if (r->n_blocks)
		block = *top(r);
	block.is_profile = first && !token_is(first, "if") && !token_is(first, "else");
	if (!r->n_blocks && !block.is_profile)
		return fail(f, brace->start, "a block has no name in front");
	block.audit |= qualifiers.audit;
	block.deny |= qualifiers.deny;
	block.owner |= qualifiers.owner;
	block.other |= qualifiers.other;
	if (block.is_profile) {
		add_profile(f, at);
		block = (struct block){ .is_profile = true, .profile = r->policy->n_profiles - 1 };
	}
	r->block = grow(r->block, r->n_blocks + 1, sizeof(*r->block));
	r->block[r->n_blocks++] = block;
	f->st.n = 0;
	return true;
}

static struct variable *variable_of(struct policy_reader *r, struct span name)
{
	struct sources *p = r->policy;

	for (size_t i = r->first_variable; i < p->n_variables; i++) {
		if (span_is(name, p->variable[i].name))
			return &p->variable[i];
	}
	p->variable = grow(p->variable, p->n_variables + 1, sizeof(*p->variable));
	p->variable[p->n_variables] = (struct variable){ .name = copy(name) };
	return &p->variable[p->n_variables++];
}

/* Takes the next of a variable's values off *rest, with its quotes. */
static bool next_value(struct span *rest, struct span *ret)
{
	bool quoted = false;

	/* A backslash in front of the newline goes on with the next line. */
	while (rest->n && (lex_is_blank(*rest->p) || span_starts(*rest, "\\\n")))
		*rest = (struct span){ rest->p + 1, rest->n - 1 };
	*ret = (struct span){ rest->p, 0 };
	while (ret->n < rest->n && (quoted || !lex_is_blank(ret->p[ret->n])) &&
	       !span_starts((struct span){ ret->p + ret->n, rest->n - ret->n }, "\\\n")) {
		if (ret->p[ret->n] == '"')
			quoted = !quoted;
		ret->n += ret->p[ret->n] == '\\' && ret->n + 1 < rest->n ? 2 : 1;
	}
	*rest = (struct span){ rest->p + ret->n, rest->n - ret->n };
	return ret->n > 0;
}

/*
 * "@{NAME} = value value ...", to the end of the line. There are no comments in it: a boot under
 * tests/denials/policy showed that "# not c" is three more values.
 */
static void assign(struct file *f)
{
	struct variable *v = variable_of(f->reader, token_span(&f->st.token[0]));
	struct span rest = { f->in.p, 0 }, value;

	lex_skip_assignment(&f->in);
	rest.n = (size_t)(f->in.p - rest.p);
	while (next_value(&rest, &value))
		list_add(&v->value, unquote(value));
	f->st.n = 0;
}

/* Takes the words of an include, which ends without a comma. The word itself was taken. */
static bool take_include(struct file *f, const struct token *word)
{
	struct include include = { .line = line_at(f, word->start) };
	struct token t = lex_next(&f->in);
	char *path;
	bool ok;

	if (token_is(&t, "if")) {
		t = lex_next(&f->in);
		if (!token_is(&t, "exists"))
			return fail(f, t.start, "\"exists\" is missing behind \"include if\"");
		include.if_exists = true;
		t = lex_next(&f->in);
	}
	if (t.kind != TOKEN_WORD)
		return fail(f, t.start, "the name of the file to include is missing");
	path = unquote(token_span(&t));
	include.path = span_of(path);
	include.angle = include.path.n > 2 && *path == '<' && path[include.path.n - 1] == '>';
	if (include.angle)
		include.path = (struct span){ path + 1, include.path.n - 2 };
	ok = f->reader->include(f->reader, f->name, &include);
	free(path);
	/* The include's own words were said already. */
	f->why = ok ? f->why : NULL;
	return ok;
}

static bool take_word(struct file *f, const struct token *t)
{
	if (!f->st.n && (token_is(t, "include") || token_is(t, "#include")))
		return take_include(f, t);
	if (f->st.n == LIMIT_TOKENS)
		return fail(f, t->start, "a rule has too many words");
	f->st.token[f->st.n++] = *t;
	return true;
}

static bool take(struct file *f, const struct token *t)
{
	switch (t->kind) {
	case TOKEN_ASSIGN:
		if (f->st.n == 1 &&
		    (*f->st.token[0].start == '@' || *f->st.token[0].start == '$')) {
			assign(f);
			return true;
		}
		return take_word(f, t);
	case TOKEN_WORD:
	case TOKEN_LIST:
		return take_word(f, t);
	case TOKEN_COMMA:
		return end_rule(f);
	case TOKEN_OPEN:
		return open_block(f, t);
	case TOKEN_CLOSE:
		if (f->st.n)
			return fail(f, t->start, "a comma is missing in front of \"}\"");
		if (!f->reader->n_blocks)
			return fail(f, t->start, "a block is closed that was not opened");
		f->reader->n_blocks--;
		return true;
	default:
		return fail(f, t->start, "a quote or parenthesis is open at the end");
	}
}

bool policy_text(struct policy_reader *reader, const char *file, struct span text,
		 unsigned int *ret_line, const char **ret_why)
{
	/* Large, and one for each level of includes. */
	struct file *f = grow(NULL, 1, sizeof(*f));
	struct token t;
	bool ok = true;

	f->reader = reader;
	f->name = file;
	f->in = (struct lexer){ .p = text.p, .end = text.p + text.n, .includes = true };
	f->start = text.p;
	f->counted = text.p;
	f->line = 1;
	f->why = NULL;
	f->st.n = 0;
	while (ok && (t = lex_next(&f->in)).kind != TOKEN_END)
		ok = take(f, &t);
	if (ok && f->st.n)
		ok = fail(f, f->st.token[0].start, "a rule without a comma stands at the end");
	*ret_line = f->line;
	*ret_why = f->why;
	free(f);
	return ok;
}

bool policy_text_end(struct policy_reader *reader)
{
	bool closed = reader->n_blocks == 0;

	free(reader->block);
	reader->block = NULL;
	reader->n_blocks = 0;
	return closed;
}

void policy_free(struct sources *policy)
{
	for (size_t i = 0; i < policy->n_profiles; i++) {
		free(policy->profile[i].name);
		free(policy->profile[i].local);
	}
	for (size_t i = 0; i < policy->n_rules; i++) {
		free(policy->rule[i].text);
		list_free(&policy->rule[i].word);
	}
	for (size_t i = 0; i < policy->n_variables; i++) {
		free(policy->variable[i].name);
		list_free(&policy->variable[i].value);
	}
	free(policy->profile);
	free(policy->rule);
	free(policy->variable);
	list_free(&policy->files);
	*policy = (struct sources){ 0 };
}
