// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lex.h"

#include <string.h>

#define INCLUDE "#include"

bool lex_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* A character that may follow a comma within a path: the lexer's ID_CHARS. */
static bool is_id(const struct lexer *in, const char *p)
{
	return p < in->end && !lex_is_blank(*p) && *p != '"' && *p != '!' && *p != ',';
}

static bool at_include(const struct lexer *in)
{
	const size_t n = sizeof(INCLUDE) - 1;

	return in->includes && (size_t)(in->end - in->p) > n && memcmp(in->p, INCLUDE, n) == 0 &&
	       (in->p[n] == ' ' || in->p[n] == '\t');
}

static void skip_blank(struct lexer *in)
{
	while (in->p < in->end) {
		if (lex_is_blank(*in->p)) {
			in->p++;
		} else if (*in->p == '#' && !at_include(in)) {
			while (in->p < in->end && *in->p != '\n')
				in->p++;
		} else {
			return;
		}
	}
}

/* At a '"': behind the closing one. */
static bool skip_quoted(struct lexer *in)
{
	for (in->p++; in->p < in->end; in->p++) {
		if (*in->p == '"') {
			in->p++;
			return true;
		}
		if (*in->p == '\\' && in->p + 1 < in->end)
			in->p++;
	}
	return false;
}

/* At a '(': behind its ')'. */
static bool skip_list(struct lexer *in)
{
	unsigned int depth = 0;

	while (in->p < in->end) {
		if (*in->p == '"') {
			if (!skip_quoted(in))
				return false;
			continue;
		}
		if (*in->p == '(')
			depth++;
		if (*in->p == ')' && --depth == 0) {
			in->p++;
			return true;
		}
		in->p++;
	}
	return false;
}

/*
 * Whether the character at in->p ends the word. A comma does not in a glob's braces and brackets,
 * nor in a path where a character follows at once; '(' and '=' are parts of paths and names, but
 * not of keywords ("signal(send)") or variables ("@{X}=").
 */
static bool ends_word(const struct lexer *in, const char *start, unsigned int nest)
{
	bool path = *start == '/' || *start == '@';

	switch (*in->p) {
	case ',':
		return !((nest || path) && is_id(in, in->p + 1));
	case '(':
		return !nest && !path;
	case '}':
		return !nest && !path;
	case '=':
	case '+':
		return !nest && (*start == '$' || (*start == '@' && in->p[-1] == '}'));
	default:
		return lex_is_blank(*in->p);
	}
}

static bool skip_word(struct lexer *in)
{
	const char *start = in->p;
	unsigned int nest = 0;

	while (in->p < in->end && !ends_word(in, start, nest)) {
		char c = *in->p;

		if (c == '"') {
			if (!skip_quoted(in))
				return false;
			continue;
		}
		if (c == '{' || c == '[')
			nest++;
		if ((c == '}' || c == ']') && nest)
			nest--;
		in->p += c == '\\' && in->p + 1 < in->end ? 2 : 1;
	}
	return true;
}

static enum token_kind skip_token(struct lexer *in)
{
	static const enum token_kind kinds[] = {
		['{'] = TOKEN_OPEN,   ['}'] = TOKEN_CLOSE,  [','] = TOKEN_COMMA,
		['='] = TOKEN_ASSIGN, ['+'] = TOKEN_ASSIGN,
	};
	unsigned char c = (unsigned char)*in->p;

	if (c == '(')
		return skip_list(in) ? TOKEN_LIST : TOKEN_BROKEN;
	if (c >= sizeof(kinds) / sizeof(kinds[0]) || !kinds[c] || (c == '{' && in->name_next))
		return skip_word(in) ? TOKEN_WORD : TOKEN_BROKEN;
	in->p += c == '+' && in->p + 1 < in->end && in->p[1] == '=' ? 2 : 1;
	return kinds[c];
}

struct token lex_next(struct lexer *in)
{
	struct token t = { .kind = TOKEN_END };

	skip_blank(in);
	t.start = in->p;
	if (in->p < in->end)
		t.kind = skip_token(in);
	t.end = in->p;
	in->name_next = t.kind != TOKEN_END && (t.end[-1] == '=' || token_is(&t, "->"));
	return t;
}

void lex_skip_assignment(struct lexer *in)
{
	while (in->p < in->end && *in->p != '\n')
		in->p += *in->p == '\\' && in->p + 1 < in->end ? 2 : 1;
}

struct span token_span(const struct token *t)
{
	return (struct span){ t->start, (size_t)(t->end - t->start) };
}

bool token_is(const struct token *t, const char *word)
{
	return t->kind == TOKEN_WORD && span_is(token_span(t), word);
}
