// SPDX-License-Identifier: LGPL-2.1-or-later
#include "complain.h"

#include <stdbool.h>
#include <string.h>

/* What one token is. Blanks and comments belong to no token. */
enum kind {
	END,
	WORD,	/* a keyword, path, name, quoted string, or several of them joined */
	LIST,	/* "(...)" */
	ASSIGN, /* "=" or "+=" that stands by itself */
	COMMA,
	OPEN,
	CLOSE,
	BROKEN,
};

struct token {
	enum kind kind;
	const char *start;
	const char *end;
};

struct filter {
	const char *p;
	const char *end;
	const char *copied; /* what lies before is in buf */
	char *buf;
	size_t cap;
	size_t len;
	bool full;
	bool name_next;	    /* behind "->" or "=": a '{' is a glob's */
	unsigned int depth; /* of blocks */
};

/* What a statement has shown so far. */
struct statement {
	unsigned int words;
	struct token first;
	struct token key; /* the last word that is no value */
	bool value;	  /* a "=" came last */
	bool in_prefix;	  /* only qualifiers up to here */
	bool audit;
	const char *deny;  /* where the qualifier stands, when it needs an "audit" */
	const char *flags; /* where a header's flags begin */
	struct span list;  /* and what stands between their parentheses */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* A character that may follow a comma within a path: the lexer's ID_CHARS. */
static bool is_id(const struct filter *f, const char *p)
{
	return p < f->end && !is_blank(*p) && *p != '"' && *p != '!' && *p != ',';
}

static void emit(struct filter *f, const char *p, size_t n)
{
	if (n > f->cap - f->len) {
		f->full = true;
		return;
	}
	memcpy(f->buf + f->len, p, n);
	f->len += n;
}

/* Copies the input up to `at` and puts `s` there. */
static void insert(struct filter *f, const char *at, const char *s)
{
	emit(f, f->copied, (size_t)(at - f->copied));
	f->copied = at;
	emit(f, s, strlen(s));
}

static void skip_blank(struct filter *f)
{
	while (f->p < f->end) {
		if (is_blank(*f->p)) {
			f->p++;
		} else if (*f->p == '#') {
			while (f->p < f->end && *f->p != '\n')
				f->p++;
		} else {
			return;
		}
	}
}

/* At a '"': behind the closing one. */
static bool skip_quoted(struct filter *f)
{
	for (f->p++; f->p < f->end; f->p++) {
		if (*f->p == '"') {
			f->p++;
			return true;
		}
		if (*f->p == '\\' && f->p + 1 < f->end)
			f->p++;
	}
	return false;
}

/* At a '(': behind its ')'. */
static bool skip_list(struct filter *f)
{
	unsigned int depth = 0;

	while (f->p < f->end) {
		if (*f->p == '"') {
			if (!skip_quoted(f))
				return false;
			continue;
		}
		if (*f->p == '(')
			depth++;
		if (*f->p == ')' && --depth == 0) {
			f->p++;
			return true;
		}
		f->p++;
	}
	return false;
}

/*
 * Whether the character at f->p ends the word. A comma does not in a glob's braces and brackets,
 * nor in a path where a character follows at once; '(' and '=' are parts of paths and names, but
 * not of keywords ("signal(send)") or variables ("@{X}=").
 */
static bool ends_word(const struct filter *f, const char *start, unsigned int nest)
{
	bool path = *start == '/' || *start == '@';

	switch (*f->p) {
	case ',':
		return !((nest || path) && is_id(f, f->p + 1));
	case '(':
		return !nest && !path;
	case '}':
		return !nest && !path;
	case '=':
	case '+':
		return !nest && (*start == '$' || (*start == '@' && f->p[-1] == '}'));
	default:
		return is_blank(*f->p);
	}
}

static bool skip_word(struct filter *f)
{
	const char *start = f->p;
	unsigned int nest = 0;

	while (f->p < f->end && !ends_word(f, start, nest)) {
		char c = *f->p;

		if (c == '"') {
			if (!skip_quoted(f))
				return false;
			continue;
		}
		if (c == '{' || c == '[')
			nest++;
		if ((c == '}' || c == ']') && nest)
			nest--;
		f->p += c == '\\' && f->p + 1 < f->end ? 2 : 1;
	}
	return true;
}

static struct token next(struct filter *f)
{
	static const enum kind kinds[] = {
		['{'] = OPEN, ['}'] = CLOSE, [','] = COMMA, ['='] = ASSIGN, ['+'] = ASSIGN,
	};
	struct token t = { .kind = END };
	unsigned char c;

	skip_blank(f);
	t.start = f->p;
	t.end = f->p;
	if (f->p == f->end)
		return t;
	c = (unsigned char)*f->p;
	if (c < sizeof(kinds) / sizeof(kinds[0]) && !(c == '{' && f->name_next))
		t.kind = kinds[c];
	if (c == '(')
		t.kind = skip_list(f) ? LIST : BROKEN;
	else if (t.kind != END)
		f->p += c == '+' && f->p + 1 < f->end && f->p[1] == '=' ? 2 : 1;
	else
		t.kind = skip_word(f) ? WORD : BROKEN;
	t.end = f->p;
	return t;
}

static bool word_is(const struct token *t, const char *s)
{
	return t->kind == WORD &&
	       span_is((struct span){ t->start, (size_t)(t->end - t->start) }, s);
}

static bool is_mode_flag(struct span flag)
{
	static const char *const modes[] = { "enforce",	   "complain", "kill",
					     "unconfined", "prompt",   "default_allow" };

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (span_is(flag, modes[i]))
			return true;
	}
	return false;
}

/* Writes "flags=(complain, ...)" with what the old list holds besides modes. */
static void put_flags(struct filter *f, const struct statement *st, const char *brace)
{
	const char *p = st->list.p, *end;

	if (!st->flags) {
		insert(f, brace, " flags=(complain) ");
		return;
	}
	end = p + st->list.n;
	insert(f, st->flags, "flags=(complain");
	while (p < end) {
		struct span flag = { p, 0 };

		while (p < end && !is_blank(*p) && *p != ',')
			p++;
		flag.n = (size_t)(p - flag.p);
		if (flag.n && !is_mode_flag(flag)) {
			emit(f, ", ", 2);
			emit(f, flag.p, flag.n);
		}
		p++;
	}
	f->copied = end; /* at the closing parenthesis */
}

static void see_word(struct statement *st, const struct token *t)
{
	bool is_value = st->value;

	if (st->words++ == 0)
		st->first = *t;
	st->value = t->end[-1] == '=';
	if (is_value)
		return;
	st->key = *t;
	if (!st->in_prefix)
		return;
	if (word_is(t, "audit"))
		st->audit = true;
	else if (word_is(t, "deny"))
		st->deny = t->start;
	else if (!word_is(t, "allow") && !word_is(t, "owner") && !word_is(t, "other") &&
		 !span_starts((struct span){ t->start, (size_t)(t->end - t->start) }, "priority"))
		st->in_prefix = false;
}

/* In a header: the flags, with or without "flags=" in front; "xattrs=" has a list as well. */
static void see_list(struct statement *st, const struct token *t)
{
	bool value = st->value;

	st->in_prefix = false;
	st->value = false;
	if (value && !word_is(&st->key, "flags") && !word_is(&st->key, "flags="))
		return;
	st->flags = value ? st->key.start : t->start;
	st->list = (struct span){ t->start + 1, (size_t)(t->end - t->start) - 2 };
}

/* "@{NAME} = ...", "$name = ...": to the end of the line, and of those that it is continued on. */
static void skip_assignment(struct filter *f)
{
	while (f->p < f->end && *f->p != '\n')
		f->p += *f->p == '\\' && f->p + 1 < f->end ? 2 : 1;
}

static void begin(struct statement *st)
{
	*st = (struct statement){ .in_prefix = true };
}

static void see_assign(struct filter *f, struct statement *st)
{
	if (st->words != 1 || (*st->first.start != '@' && *st->first.start != '$')) {
		st->value = true;
		return;
	}
	skip_assignment(f);
	begin(st);
}

/* A comma or a brace ends a statement; the qualifier in front is put right. */
static void end_statement(struct filter *f, struct statement *st)
{
	if (st->deny && !st->audit)
		insert(f, st->deny, "audit ");
	begin(st);
}

static enum complain_error open_block(struct filter *f, struct statement *st, const struct token *t)
{
	bool condition = word_is(&st->first, "if") || word_is(&st->first, "else");

	if (!st->words || st->in_prefix)
		return COMPLAIN_BLOCK;
	f->depth++;
	if (!condition)
		put_flags(f, st, t->start);
	begin(st);
	return COMPLAIN_OK;
}

static enum complain_error take(struct filter *f, struct statement *st, const struct token *t)
{
	switch (t->kind) {
	case WORD:
		see_word(st, t);
		return COMPLAIN_OK;
	case LIST:
		see_list(st, t);
		return COMPLAIN_OK;
	case ASSIGN:
		see_assign(f, st);
		return COMPLAIN_OK;
	case OPEN:
		return open_block(f, st, t);
	case COMMA:
		end_statement(f, st);
		return COMPLAIN_OK;
	case CLOSE:
		end_statement(f, st);
		return f->depth-- ? COMPLAIN_OK : COMPLAIN_BROKEN;
	default:
		return COMPLAIN_BROKEN;
	}
}

static unsigned int line_of(struct span in, const char *at)
{
	unsigned int line = 1;

	for (const char *p = in.p; p < at; p++)
		line += *p == '\n';
	return line;
}

enum complain_error complain_text(struct span in, char *buf, size_t cap, size_t *ret_len,
				  unsigned int *ret_line)
{
	struct filter f = { .p = in.p, .end = in.p + in.n, .copied = in.p, .buf = buf, .cap = cap };
	struct statement st;
	enum complain_error err = COMPLAIN_OK;
	struct token t;

	begin(&st);
	while ((t = next(&f)).kind != END) {
		f.name_next = t.end[-1] == '=' || word_is(&t, "->");
		err = take(&f, &st, &t);
		if (err) {
			*ret_line = line_of(in, t.start);
			return err;
		}
	}
	insert(&f, f.end, "");
	*ret_line = line_of(in, f.end);
	if (f.depth)
		return COMPLAIN_BROKEN;
	if (f.full)
		return COMPLAIN_SPACE;
	*ret_len = f.len;
	return COMPLAIN_OK;
}

/* "a {" grows most. */
size_t complain_space(size_t len)
{
	return 10 * len + 64;
}
