// SPDX-License-Identifier: LGPL-2.1-or-later
#include "glob.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

#define LIMIT_DEPTH 50 /* the parser's MAX_ALT_DEPTH */
#define SPECIAL "*?[]{},\\\""

/* A little program for a machine that is in many states at once (Thompson, 1968). */
enum op {
	OP_SET,	  /* one character of a set */
	OP_SPLIT, /* go on at the next step, and at `to` */
	OP_JUMP,  /* go on at `to` */
	OP_MATCH,
};

struct step {
	enum op op;
	size_t to;
	uint32_t set[8];
};

struct glob {
	struct step *step;
	size_t n;
	size_t cap;
};

struct reader {
	struct glob *glob;
	const char *start;
	const char *p;
	const char *end;
	unsigned int depth;
	bool broken;
};

static size_t add_step(struct glob *g, enum op op)
{
	if (g->n == g->cap) {
		g->cap = 2 * g->cap + 32;
		g->step = grow(g->step, g->cap, sizeof(*g->step));
	}
	g->step[g->n] = (struct step){ .op = op };
	return g->n++;
}

static void add_to_set(uint32_t set[8], unsigned char c)
{
	set[c >> 5] |= 1u << (c & 31);
}

static bool in_set(const uint32_t set[8], unsigned char c)
{
	return set[c >> 5] >> (c & 31) & 1;
}

static void invert(uint32_t set[8])
{
	for (int i = 0; i < 8; i++)
		set[i] = ~set[i];
}

/* One character, any but NUL, and but "/" where `slash` is false. */
static size_t add_any(struct glob *g, bool slash)
{
	size_t at = add_step(g, OP_SET);

	add_to_set(g->step[at].set, 0);
	if (!slash)
		add_to_set(g->step[at].set, '/');
	invert(g->step[at].set);
	return at;
}

static void add_char(struct glob *g, unsigned char c)
{
	size_t at = add_step(g, OP_SET);

	add_to_set(g->step[at].set, c);
}

static void add_repeated(struct glob *g, bool slash)
{
	size_t split = add_step(g, OP_SPLIT), jump;

	(void)add_any(g, slash);
	jump = add_step(g, OP_JUMP);
	g->step[jump].to = split;
	g->step[split].to = g->n;
}

static int digit(char c, int base)
{
	int value = -1;

	if (c >= '0' && c <= '9')
		value = c - '0';
	else if (c >= 'a' && c <= 'f')
		value = c - 'a' + 10;
	else if (c >= 'A' && c <= 'F')
		value = c - 'A' + 10;
	return value < base ? value : -1;
}

static int number(struct reader *r, int base, int most)
{
	int value = 0, n = 0;

	while (n < most && r->p < r->end && digit(*r->p, base) >= 0) {
		value = value * base + digit(*r->p++, base);
		n++;
	}
	return n ? value & 0xff : -1;
}

/* Behind a backslash: the character that is meant. */
static unsigned char escaped(struct reader *r)
{
	static const char letters[] = "abefnrtv", values[] = "\a\b\033\f\n\r\t\v";
	const char *letter;
	int value;

	if (r->p == r->end) {
		r->broken = true;
		return 0;
	}
	if (*r->p >= '0' && *r->p <= '7')
		return (unsigned char)number(r, 8, 3);
	if (*r->p == 'x') {
		r->p++;
		value = number(r, 16, 2);
		return value < 0 ? 'x' : (unsigned char)value;
	}
	letter = strchr(letters, *r->p);
	value = letter && *letter ? values[letter - letters] : *r->p;
	r->p++;
	return (unsigned char)value;
}

static unsigned char set_char(struct reader *r)
{
	if (*r->p != '\\')
		return (unsigned char)*r->p++;
	r->p++;
	return escaped(r);
}

/* Behind a '['. */
static void read_set(struct reader *r)
{
	size_t at = add_step(r->glob, OP_SET);
	uint32_t *set = r->glob->step[at].set;
	bool other = r->p < r->end && *r->p == '^';

	r->p += other;
	while (r->p < r->end && *r->p != ']') {
		unsigned char from = set_char(r), to = from;

		if (r->end - r->p >= 2 && *r->p == '-' && r->p[1] != ']') {
			r->p++;
			to = set_char(r);
		}
		for (unsigned int c = from; c <= to; c++)
			add_to_set(set, (unsigned char)c);
	}
	if (r->p == r->end)
		r->broken = true;
	else
		r->p++;
	if (other)
		invert(set);
}

/*
 * At a '*'. Alone in its place of the path it does not match the empty name: "/etc/\*" is no word
 * about the folder itself.
 */
static void read_star(struct reader *r)
{
	const char *behind = r->p;
	bool both = r->p + 1 < r->end && r->p[1] == '*';

	while (behind < r->end && *behind == '*')
		behind++;
	if (r->p > r->start && r->p[-1] == '/' && (behind == r->end || *behind == '/'))
		(void)add_any(r->glob, false);
	add_repeated(r->glob, both);
	r->p += both ? 2 : 1;
}

static void read_sequence(struct reader *r);

/* Behind a '{': each alternative but the last is "split next; ...; jump end". */
static void read_alternatives(struct reader *r)
{
	size_t *jumps = NULL, n = 0;

	if (++r->depth >= LIMIT_DEPTH)
		r->broken = true;
	while (!r->broken) {
		size_t split = add_step(r->glob, OP_SPLIT);

		read_sequence(r);
		if (r->p == r->end) {
			r->broken = true;
			break;
		}
		if (*r->p++ == '}') {
			/* The last one needs no choice. */
			r->glob->step[split].op = OP_JUMP;
			r->glob->step[split].to = split + 1;
			break;
		}
		jumps = grow(jumps, n + 1, sizeof(*jumps));
		jumps[n++] = add_step(r->glob, OP_JUMP);
		r->glob->step[split].to = r->glob->n;
	}
	if (!n)
		r->broken = true; /* one item only, which the parser refuses */
	for (size_t i = 0; i < n; i++)
		r->glob->step[jumps[i]].to = r->glob->n;
	free(jumps);
	r->depth--;
}

/* To the end, or within braces to a ',' or '}'. */
static void read_sequence(struct reader *r)
{
	while (r->p < r->end && !r->broken) {
		switch (*r->p) {
		case '*':
			read_star(r);
			break;
		case '?':
			(void)add_any(r->glob, false);
			r->p++;
			break;
		case '[':
			r->p++;
			read_set(r);
			break;
		case '{':
			r->p++;
			read_alternatives(r);
			break;
		case ']':
			r->broken = true;
			break;
		case '}':
		case ',':
			if (r->depth)
				return;
			r->broken = *r->p == '}';
			add_char(r->glob, (unsigned char)*r->p++);
			break;
		case '\\':
			r->p++;
			add_char(r->glob, escaped(r));
			break;
		default:
			add_char(r->glob, (unsigned char)*r->p++);
		}
	}
}

struct glob *glob_compile(struct span pattern)
{
	struct glob *g;
	struct reader r = { .start = pattern.p, .p = pattern.p, .end = pattern.p + pattern.n };

	if (pattern.n > LIMIT_GLOB)
		return NULL;
	g = grow(NULL, 1, sizeof(*g));
	*g = (struct glob){ 0 };
	r.glob = g;
	read_sequence(&r);
	(void)add_step(g, OP_MATCH);
	if (!r.broken)
		return g;
	glob_free(g);
	return NULL;
}

/* The steps at which the machine stands; each once. */
struct states {
	size_t *step;
	size_t n;
	size_t *mark; /* by step: the round in which it was added, from 1 */
};

/* Adds a step, and all that are reached from it without a character. `stack` has room for all. */
static void add_state(const struct glob *g, struct states *s, size_t at, size_t round,
		      size_t *stack)
{
	size_t n = 0;

	stack[n++] = at;
	while (n) {
		at = stack[--n];
		if (s->mark[at] == round)
			continue;
		s->mark[at] = round;
		if (g->step[at].op == OP_JUMP) {
			stack[n++] = g->step[at].to;
		} else if (g->step[at].op == OP_SPLIT) {
			stack[n++] = g->step[at].to;
			stack[n++] = at + 1;
		} else {
			s->step[s->n++] = at;
		}
	}
}

bool glob_match(const struct glob *g, struct span text)
{
	/* Each step is put on the stack at most once from either of two. */
	size_t *room = grow(NULL, 5 * g->n + 2, sizeof(*room)), *stack = room + 3 * g->n;
	struct states now = { room, 0, room + 2 * g->n }, next = { room + g->n, 0, now.mark };
	bool match = false;

	memset(now.mark, 0, g->n * sizeof(*now.mark));
	add_state(g, &now, 0, 1, stack);
	for (size_t i = 0; i < text.n && now.n; i++) {
		struct states swap = now;

		next.n = 0;
		for (size_t k = 0; k < now.n; k++) {
			const struct step *step = &g->step[now.step[k]];

			if (step->op == OP_SET && in_set(step->set, (unsigned char)text.p[i]))
				add_state(g, &next, now.step[k] + 1, i + 2, stack);
		}
		now = next;
		next = swap;
	}
	for (size_t k = 0; k < now.n; k++)
		match |= g->step[now.step[k]].op == OP_MATCH;
	free(room);
	return match;
}

void glob_free(struct glob *glob)
{
	if (glob)
		free(glob->step);
	free(glob);
}

void glob_escape(struct span text, struct text *ret)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c < ' ' || c == 0x7f) {
			text_format(ret, "\\%03o", c);
			continue;
		}
		if (strchr(SPECIAL, c))
			text_str(ret, "\\");
		text_add(ret, &text.p[i], 1);
	}
}
