/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_LEX_H
#define INITWARD_LEX_H

#include "span.h"

/*
 * The tokens of AppArmor policy, apparmor.d(5), told apart as the parser's own lexer does it. Pure
 * code; tokens point into the text.
 */

/* What one token is. Blanks and comments belong to no token. */
enum token_kind {
	TOKEN_END,
	TOKEN_WORD,   /* a keyword, path, name, quoted string, or several of them joined */
	TOKEN_LIST,   /* "(...)" */
	TOKEN_ASSIGN, /* "=" or "+=" that stands by itself */
	TOKEN_COMMA,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_BROKEN, /* a quote or parenthesis is open at the end */
};

struct token {
	enum token_kind kind;
	const char *start;
	const char *end;
};

struct lexer {
	const char *p;
	const char *end;
	bool includes; /* "#include" is a word; else a comment as any, as in text without includes */
	bool name_next; /* behind "->" or "=": a '{' is a glob's */
};

struct token lex_next(struct lexer *in);

/* Moves to the end of the line, and of those that it is continued on: the values of a variable. */
void lex_skip_assignment(struct lexer *in);

bool lex_is_blank(char c);
bool token_is(const struct token *t, const char *word);
struct span token_span(const struct token *t);

#endif
