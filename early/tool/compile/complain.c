// SPDX-License-Identifier: LGPL-2.1-or-later
#include "complain.h"

#include <stdbool.h>
#include <string.h>

#include "policy/lex.h"

struct filter {
	struct lexer in;
	const char *copied; /* what lies before is in buf */
	char *buf;
	size_t cap;
	size_t len;
	bool full;
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

		while (p < end && !lex_is_blank(*p) && *p != ',')
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
	if (token_is(t, "audit"))
		st->audit = true;
	else if (token_is(t, "deny"))
		st->deny = t->start;
	else if (!token_is(t, "allow") && !token_is(t, "owner") && !token_is(t, "other") &&
		 !span_starts(token_span(t), "priority"))
		st->in_prefix = false;
}

/* In a header: the flags, with or without "flags=" in front; "xattrs=" has a list as well. */
static void see_list(struct statement *st, const struct token *t)
{
	bool value = st->value;

	st->in_prefix = false;
	st->value = false;
	if (value && !token_is(&st->key, "flags") && !token_is(&st->key, "flags="))
		return;
	st->flags = value ? st->key.start : t->start;
	st->list = (struct span){ t->start + 1, (size_t)(t->end - t->start) - 2 };
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
	/* "@{NAME} = ...", "$name = ..." */
	lex_skip_assignment(&f->in);
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
	bool condition = token_is(&st->first, "if") || token_is(&st->first, "else");

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
	case TOKEN_WORD:
		see_word(st, t);
		return COMPLAIN_OK;
	case TOKEN_LIST:
		see_list(st, t);
		return COMPLAIN_OK;
	case TOKEN_ASSIGN:
		see_assign(f, st);
		return COMPLAIN_OK;
	case TOKEN_OPEN:
		return open_block(f, st, t);
	case TOKEN_COMMA:
		end_statement(f, st);
		return COMPLAIN_OK;
	case TOKEN_CLOSE:
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
	struct filter f = {
		.in = { .p = in.p, .end = in.p + in.n }, .copied = in.p, .buf = buf, .cap = cap
	};
	struct statement st;
	enum complain_error err = COMPLAIN_OK;
	struct token t;

	begin(&st);
	while ((t = lex_next(&f.in)).kind != TOKEN_END) {
		err = take(&f, &st, &t);
		if (err) {
			*ret_line = line_of(in, t.start);
			return err;
		}
	}
	insert(&f, f.in.end, "");
	*ret_line = line_of(in, f.in.end);
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
