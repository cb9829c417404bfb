// SPDX-License-Identifier: LGPL-2.1-or-later
#include "image/bootconfig.h"

#include <stdlib.h>
#include <string.h>

#define MAGIC "#BOOTCONFIG\n"
#define MAGIC_LEN 12
#define FOOTER 20      /* size, checksum, magic */
#define MAX_PAD 3      /* boot loaders align an initramfs to four bytes */
#define MAX_TEXT 32767 /* XBC_DATA_MAX */
#define MAX_NODES 8192
#define MAX_DEPTH 16
#define MAX_KEY 256

static uint32_t checksum(struct span s)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < s.n; i++)
		sum += (unsigned char)s.p[i];
	return sum;
}

bool bootconfig_find(struct span initrd, struct bootconfig *ret)
{
	size_t end = initrd.n, size;

	*ret = (struct bootconfig){ .begin = initrd.n };
	while (end >= FOOTER && initrd.n - end <= MAX_PAD &&
	       memcmp(initrd.p + end - MAGIC_LEN, MAGIC, MAGIC_LEN) != 0)
		end--;
	if (end < FOOTER || initrd.n - end > MAX_PAD)
		return false;
	size = span_le(initrd, end - FOOTER, 4);
	end -= FOOTER;
	if (size > MAX_TEXT)
		ret->why = "the bootconfig trailer names a size above 32767 bytes";
	else if (size > end)
		ret->why = "the bootconfig trailer names a size beyond the initramfs";
	else if (checksum((struct span){ initrd.p + end - size, size }) !=
		 span_le(initrd, end + 4, 4))
		ret->why = "the checksum of the bootconfig trailer is wrong";
	if (ret->why)
		return false;
	ret->begin = end - size;
	ret->text = (struct span){ initrd.p + ret->begin, size };
	return true;
}

/* A word of a key, or a value. Links are indices, 0 for none: node 0 is the root. */
struct node {
	struct span word;
	bool is_value;
	unsigned int parent;
	unsigned int next;	  /* sibling of a key, or the next value */
	unsigned int child, last; /* keys below it, first and last */
	unsigned int value, last_value;
};

struct parser {
	struct span rest;
	struct node *node;
	unsigned int n;
	unsigned int at; /* the key that what follows is below of */
	unsigned int brace[MAX_DEPTH];
	unsigned int n_braces;
};

/* The kernel's lib/ctype.c knows Latin-1. */
static bool is_space(char ch)
{
	return (ch && strchr(" \t\n\v\f\r", ch)) || (unsigned char)ch == 0xa0;
}

static bool is_printable(char ch)
{
	unsigned char u = (unsigned char)ch;

	return (u >= 0x20 && u <= 0x7e) || u >= 0xa0;
}

static bool is_key_char(char ch)
{
	unsigned char u = (unsigned char)ch;

	return (ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
	       ch == '-' || ch == '_' || (u >= 0xc0 && u != 0xd7 && u != 0xf7);
}

static struct span trim(struct span s)
{
	while (s.n && is_space(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

static void advance(struct span *s, size_t n)
{
	s->p += n;
	s->n -= n;
}

static void skip_comment(struct span *s)
{
	const char *newline = memchr(s->p, '\n', s->n);

	advance(s, newline ? (size_t)(newline - s->p) + 1 : s->n);
}

static void skip_spaces(struct span *s, bool newlines)
{
	while (s->n && is_space(*s->p) && (newlines || *s->p != '\n'))
		advance(s, 1);
}

/* 0: too many. */
static unsigned int add_node(struct parser *p, struct span word, unsigned int parent)
{
	if (p->n > MAX_NODES)
		return 0;
	p->node[p->n] = (struct node){ .word = word, .parent = parent };
	return p->n++;
}

static bool add_value(struct parser *p, unsigned int key, struct span word)
{
	unsigned int i = add_node(p, word, key);
	struct node *node = &p->node[key];

	if (!i)
		return false;
	p->node[i].is_value = true;
	if (node->value)
		p->node[node->last_value].next = i;
	else
		node->value = i;
	node->last_value = i;
	return true;
}

/* Goes from p->at down to the key of that name, which is made where it is not there. */
static bool enter_key(struct parser *p, struct span word)
{
	unsigned int i = p->node[p->at].child, parent = p->at;
	bool valid = word.n > 0;

	for (size_t k = 0; k < word.n; k++)
		valid = valid && is_key_char(word.p[k]);
	while (i && !span_eq(p->node[i].word, word))
		i = p->node[i].next;
	if (!valid)
		return false;
	if (!i) {
		i = add_node(p, word, parent);
		if (!i)
			return false;
		if (p->node[parent].child)
			p->node[p->node[parent].last].next = i;
		else
			p->node[parent].child = i;
		p->node[parent].last = i;
	}
	p->at = i;
	return true;
}

static bool enter_keys(struct parser *p, struct span key)
{
	struct span word;

	key = trim(key);
	while (span_split(key, '.', &word, &key)) {
		if (!enter_key(p, word))
			return false;
	}
	return enter_key(p, key);
}

/* Ends a value at one of the characters ",;\n#}", which *end gets; '\0' at the end of the text. */
static bool take_end(struct parser *p, char *end)
{
	*end = '\0';
	if (!p->rest.n)
		return true;
	*end = *p->rest.p;
	if (!strchr(",;\n#}", *end))
		return false;
	if (*end == '#') {
		skip_comment(&p->rest);
		*end = '\n';
	} else {
		advance(&p->rest, 1);
	}
	return true;
}

static bool take_quoted(struct parser *p, struct span *ret, char *end)
{
	char quote = *p->rest.p;
	size_t n = 1;

	while (n < p->rest.n && p->rest.p[n] != quote) {
		if (!is_printable(p->rest.p[n]) && !is_space(p->rest.p[n]))
			return false;
		n++;
	}
	if (n == p->rest.n)
		return false;
	*ret = (struct span){ p->rest.p + 1, n - 1 };
	advance(&p->rest, n + 1);
	skip_spaces(&p->rest, false);
	return take_end(p, end);
}

static bool take_value(struct parser *p, struct span *ret, char *end)
{
	size_t n = 0;

	if (p->rest.n && (*p->rest.p == '"' || *p->rest.p == '\''))
		return take_quoted(p, ret, end);
	while (n < p->rest.n && !strchr(",;\n#}", p->rest.p[n])) {
		if (!is_printable(p->rest.p[n]) && !is_space(p->rest.p[n]))
			return false;
		n++;
	}
	*ret = (struct span){ p->rest.p, n };
	advance(&p->rest, n);
	if (p->rest.n) /* at the end of the text the kernel leaves blanks */
		*ret = trim(*ret);
	return take_end(p, end);
}

static bool close_brace(struct parser *p)
{
	if (!p->n_braces || p->brace[p->n_braces - 1] != p->at)
		return false;
	p->n_braces--;
	p->at = p->n_braces ? p->brace[p->n_braces - 1] : 0;
	return true;
}

/* What stands behind KEY = up to the delimiter. */
static bool take_values(struct parser *p, unsigned int key, char op, char *end)
{
	struct node *node = &p->node[key];
	struct span value;

	if (!take_value(p, &value, end))
		return false;
	if (node->value && op == '=')
		return false; /* "Value is redefined" */
	if (node->value && op == ':') {
		p->node[node->value].word = value;
		p->node[node->value].next = 0;
		node->last_value = node->value;
	} else if (!add_value(p, key, value)) {
		return false;
	}
	while (*end == ',') {
		skip_spaces(&p->rest, true);
		while (p->rest.n && *p->rest.p == '#') {
			skip_comment(&p->rest);
			skip_spaces(&p->rest, true);
		}
		if (!take_value(p, &value, end) || !add_value(p, key, value))
			return false;
	}
	return true;
}

static bool take_assignment(struct parser *p, struct span key, char op)
{
	unsigned int before = p->at, node;
	char end;

	if (!enter_keys(p, key))
		return false;
	node = p->at;
	skip_spaces(&p->rest, false);
	if (!take_values(p, node, op, &end))
		return false;
	p->at = before;
	return end != '}' || close_brace(p);
}

static bool take_key(struct parser *p, struct span key)
{
	unsigned int before = p->at;

	if (trim(key).n && !enter_keys(p, key))
		return false;
	p->at = before;
	return true;
}

/* `key` stands before the delimiter, p->rest begins behind it. */
static bool take_item(struct parser *p, struct span key, char delimiter)
{
	switch (delimiter) {
	case ':':
	case '+':
		if (!p->rest.n || *p->rest.p != '=')
			return false;
		advance(&p->rest, 1);
		return take_assignment(p, key, delimiter);
	case '=':
		return take_assignment(p, key, delimiter);
	case '{':
		if (!enter_keys(p, key) || p->n_braces == MAX_DEPTH)
			return false;
		p->brace[p->n_braces++] = p->at;
		return true;
	case '}':
		return take_key(p, key) && close_brace(p);
	case '#':
		skip_comment(&p->rest);
		return take_key(p, key);
	default:
		return take_key(p, key);
	}
}

/* No key deeper than MAX_DEPTH words, none longer than MAX_KEY with its dots. */
static bool check_keys(const struct parser *p)
{
	for (unsigned int i = 1; i < p->n; i++) {
		size_t len = 0;
		unsigned int depth = 0;

		for (unsigned int k = i; k && !p->node[i].is_value; k = p->node[k].parent) {
			len += p->node[k].word.n + 1;
			depth++;
		}
		if (len > MAX_KEY || depth > MAX_DEPTH)
			return false;
	}
	return p->n > 1;
}

static bool parse(struct parser *p)
{
	static const char delimiters[] = "{}=+;:\n#";

	while (p->rest.n) {
		struct span key = { p->rest.p, 0 };
		char delimiter;

		while (key.n < p->rest.n && !strchr(delimiters, p->rest.p[key.n]))
			key.n++;
		if (key.n == p->rest.n)
			return !trim(key).n && !p->n_braces && check_keys(p); /* "No delimiter" */
		delimiter = p->rest.p[key.n];
		advance(&p->rest, key.n + 1);
		if (!take_item(p, key, delimiter))
			return false;
	}
	return !p->n_braces && check_keys(p);
}

static void print_name(const struct parser *p, unsigned int root, unsigned int key,
		       struct text *ret)
{
	if (p->node[key].parent != root) {
		print_name(p, root, p->node[key].parent, ret);
		text_str(ret, ".");
	}
	text_add(ret, p->node[key].word.p, p->node[key].word.n);
}

static void print_value(struct span value, struct text *ret)
{
	bool quoted = false;

	for (size_t i = 0; i < value.n; i++)
		quoted = quoted || strchr(" \t\r\n", value.p[i]);
	text_str(ret, quoted ? "=\"" : "=");
	text_add(ret, value.p, value.n);
	text_str(ret, quoted ? "\" " : " ");
}

/* A key, then those below it; at most MAX_DEPTH deep. */
static void print_keys(const struct parser *p, unsigned int root, unsigned int key,
		       struct text *ret)
{
	const struct node *node = &p->node[key];

	if (key != root && !node->value && !node->child) {
		print_name(p, root, key, ret);
		text_str(ret, " ");
	}
	for (unsigned int i = key == root ? 0 : node->value; i; i = p->node[i].next) {
		print_name(p, root, key, ret);
		print_value(p->node[i].word, ret);
	}
	for (unsigned int i = node->child; i; i = p->node[i].next)
		print_keys(p, root, i, ret);
}

bool bootconfig_cmdline(struct span text, struct text *ret)
{
	struct parser p = { .n = 1 };
	unsigned int i;
	bool ok;

	if (!text.n || text.n > MAX_TEXT)
		return false;
	p.rest = (struct span){ text.p, strnlen(text.p, text.n) };
	p.node = grow(NULL, MAX_NODES + 1, sizeof(*p.node));
	p.node[0] = (struct node){ 0 };
	ok = parse(&p);
	for (i = p.node[0].child; ok && i && !span_is(p.node[i].word, "kernel");)
		i = p.node[i].next;
	if (ok && i)
		print_keys(&p, i, i, ret);
	free(p.node);
	return ok;
}
