// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rules.h"

#include <string.h>

#include "policy/lex.h"

struct statement {
	struct source_rule rule;
	size_t words;
	size_t plain; /* offset in the text; grows while there are only qualifiers */
	bool in_prefix;
	size_t keyword_at; /* offset and length in the text */
	size_t keyword_len;
	const char *end; /* of the last token */
};

static void begin(struct statement *st)
{
	st->rule.text.len = 0;
	st->keyword_len = 0;
	st->words = 0;
	st->plain = 0;
	st->in_prefix = true;
}

/* Qualifiers that say what to do with a match, and not what matches. */
static bool is_verdict(struct span word)
{
	return span_is(word, "audit") || span_is(word, "deny") || span_is(word, "allow") ||
	       span_is(word, "quiet");
}

static bool is_qualifier(struct span word)
{
	return is_verdict(word) || span_is(word, "owner") || span_is(word, "other") ||
	       span_starts(word, "priority=");
}

static void add_token(struct statement *st, const struct token *t)
{
	struct span word = token_span(t);

	if (st->words && t->start > st->end)
		text_str(&st->rule.text, " ");
	if (st->in_prefix && !is_qualifier(word)) {
		st->in_prefix = false;
		st->keyword_at = st->rule.text.len;
		st->keyword_len = word.n;
	}
	text_add(&st->rule.text, word.p, word.n);
	if (is_verdict(word) && st->plain == st->rule.text.len - word.n)
		st->plain = st->rule.text.len + 1;
	st->words++;
	st->end = t->end;
}

static unsigned int count_lines(const char *from, const char *to)
{
	unsigned int n = 0;

	for (; from < to; from++)
		n += *from == '\n';
	return n;
}

static void end_rule(struct statement *st, void (*fn)(void *ctx, const struct source_rule *rule),
		     void *ctx)
{
	if (st->keyword_len) {
		st->rule.plain = st->rule.text.data + st->plain;
		st->rule.keyword =
			(struct span){ st->rule.text.data + st->keyword_at, st->keyword_len };
		fn(ctx, &st->rule);
	}
	begin(st);
}

/* True where the token is no part of a rule, and all up to the end of the line neither. */
static bool skips_line(const struct statement *st, const struct token *t)
{
	struct span word = token_span(t);

	if (t->kind == TOKEN_ASSIGN)
		return st->words == 1 &&
		       (st->rule.text.data[0] == '@' || st->rule.text.data[0] == '$');
	return !st->words && (span_is(word, "include") || span_is(word, "#include"));
}

void each_rule(struct span text, void (*fn)(void *ctx, const struct source_rule *rule), void *ctx)
{
	struct lexer in = { .p = text.p, .end = text.p + text.n };
	struct statement st = { .rule.line = 1 };
	const char *counted = text.p;
	unsigned int line = 1;
	struct token t;

	begin(&st);
	while ((t = lex_next(&in)).kind != TOKEN_END && t.kind != TOKEN_BROKEN) {
		line += count_lines(counted, t.start);
		counted = t.start;
		if (!st.words)
			st.rule.line = line;
		if (skips_line(&st, &t)) {
			lex_skip_assignment(&in);
			begin(&st);
		} else if (t.kind == TOKEN_COMMA) {
			end_rule(&st, fn, ctx);
		} else if (t.kind == TOKEN_OPEN || t.kind == TOKEN_CLOSE) {
			begin(&st);
		} else {
			add_token(&st, &t);
		}
	}
	text_free(&st.rule.text);
}

/* "/path", "@{variable}/path", "{a,b}", and the same quoted. */
static bool is_path(const char *p)
{
	p += *p == '"';
	return *p == '/' || (*p == '@' && p[1] == '{') || *p == '{';
}

bool is_file_rule(const struct source_rule *rule)
{
	struct span word = rule->keyword;
	size_t i = 0;

	if (span_is(word, "file") || span_is(word, "link") || is_path(word.p))
		return true;
	/* the permissions may come first */
	while (i < word.n && strchr("rwaxmlkdiupcPUC", word.p[i]))
		i++;
	return i == word.n && is_path(word.p + i + strspn(word.p + i, " \t"));
}

void each_variable(const char *text, void (*fn)(void *ctx, struct span name), void *ctx)
{
	const char *end;

	while ((text = strstr(text, "@{"))) {
		text += 2;
		end = strchr(text, '}');
		if (!end)
			return;
		if (end > text)
			fn(ctx, (struct span){ text, (size_t)(end - text) });
	}
}
