// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * grub.cfg, the script that GRUB runs before it shows its menu: grub-core/script/yylex.l and parser.y
 * say what a word is, grub-core/normal/menu.c which entry boots by itself, grub-core/lib/cmdline.c
 * what becomes of a command's words on the kernel's command line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bounds.h"
#include "entries.h"

#define LIMIT_DEPTH 32	  /* blocks in one another */
#define LIMIT_BODIES 1024 /* bodies of entries and submenus that wait */
#define MENU_SEPARATOR '>'

enum token { TOKEN_END, TOKEN_SEPARATOR, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_WORD };

enum way { WAY_SKIP, WAY_RUN, WAY_MAYBE };

/* The body of a menu entry or of a submenu: GRUB runs it when it is chosen, after all else. */
struct body {
	struct span text;
	char *title; /* of all the submenus around it and its own, as GRUB_DEFAULT names it */
	char *ids;   /* likewise, by --id */
	char *where; /* likewise, by number: "1>2" */
	char *name;
	char *id;
	bool submenu;
	bool uncertain;
};

struct grub {
	struct boot_entries *entries;
	struct span text; /* what is left */
	struct list argv; /* of the command that is read */
	struct body *body;
	size_t n_bodies;
	size_t next;		  /* the body that runs */
	const struct body *menu;  /* the submenu that is made; NULL: the first menu */
	unsigned int number;	  /* of the next entry of this menu */
	struct boot_entry *entry; /* that runs; NULL in a menu */
	unsigned int depth;
	struct list doubtful; /* names of variables that nobody knows: set under such a condition */
	bool in_doubt;	      /* the command that is read has one of them */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Ends a word: the lexer's delimiters. */
static bool ends_word(char c)
{
	return is_blank(c) || strchr("\n;&|<>{}", c);
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

static char take(struct grub *g)
{
	char c = g->text.p[0];

	g->text = (struct span){ g->text.p + 1, g->text.n - 1 };
	return c;
}

/* The variable behind a '$'; NULL where it is none and the dollar stands for itself. */
static const char *take_variable(struct grub *g)
{
	bool braces = g->text.n && g->text.p[0] == '{';
	size_t from = braces, end = from;
	const char *value;
	char *name;

	while (end < g->text.n && is_name(g->text.p[end]))
		end++;
	if (end == from || (braces && (end == g->text.n || g->text.p[end] != '}')))
		return NULL;
	name = format("%.*s", (int)(end - from), g->text.p + from);
	g->in_doubt = g->in_doubt || list_has(&g->doubtful, name);
	free(name);
	value = entries_var(g->entries, (struct span){ g->text.p + from, end - from });
	if (!value && end - from > 8 && strncmp(g->text.p + from, "feature_", 8) == 0)
		value = "y"; /* grub-core/normal/main.c features[] */
	end += braces;
	g->text = (struct span){ g->text.p + end, g->text.n - end };
	return value ? value : "";
}

/* The words of one piece of text; several where a variable without quotes has blanks. */
struct words {
	struct list *list;
	struct text word;
	bool begun;
};

/*
 * "set x=$x$x" doubles a text with each line: words, and how many a command has, end where a kernel's
 * command line has long ended.
 */
static bool is_full(const struct words *w)
{
	return w->word.len >= LIMIT_CMDLINE || w->list->n >= LIMIT_CMDLINE;
}

static void add_char(struct words *w, char c)
{
	if (is_full(w))
		return;
	text_add(&w->word, &c, 1);
	w->begun = true;
}

static void finish_word(struct words *w)
{
	if (w->begun && w->list->n < LIMIT_CMDLINE)
		list_add(w->list, dup_str(w->word.data ? w->word.data : ""));
	w->word.len = 0;
	if (w->word.data)
		w->word.data[0] = '\0';
	w->begun = false;
}

static void add_variable(struct grub *g, struct words *w, bool quoted)
{
	const char *value = take_variable(g);

	if (!value) {
		add_char(w, '$');
		return;
	}
	for (; *value && !is_full(w); value++) {
		if (!quoted && (is_blank(*value) || *value == '\n'))
			finish_word(w);
		else
			add_char(w, *value);
	}
}

static void take_single_quotes(struct grub *g, struct words *w)
{
	w->begun = true;
	while (g->text.n) {
		char c = take(g);

		if (c == '\'')
			return;
		add_char(w, c);
	}
}

static void take_double_quotes(struct grub *g, struct words *w)
{
	w->begun = true;
	while (g->text.n) {
		char c = take(g);

		if (c == '"')
			return;
		if (c == '$') {
			add_variable(g, w, true);
		} else if (c == '\\' && g->text.n && strchr("$\"\\\n", g->text.p[0])) {
			c = take(g);
			if (c != '\n')
				add_char(w, c);
		} else {
			add_char(w, c);
		}
	}
}

static void take_word(struct grub *g)
{
	struct words w = { .list = &g->argv };

	while (g->text.n && !ends_word(g->text.p[0])) {
		char c = take(g);

		if (c == '\'') {
			take_single_quotes(g, &w);
		} else if (c == '"') {
			take_double_quotes(g, &w);
		} else if (c == '$') {
			/* "${" would end the word */
			add_variable(g, &w, false);
		} else if (c == '\\' && g->text.n) {
			c = take(g);
			if (c != '\n')
				add_char(&w, c);
		} else if (c) {
			add_char(&w, c);
		}
	}
	finish_word(&w);
	text_free(&w.word);
}

static enum token next_token(struct grub *g)
{
	while (g->text.n && is_blank(g->text.p[0]))
		(void)take(g);
	if (g->text.n && g->text.p[0] == '#') {
		while (g->text.n && g->text.p[0] != '\n')
			(void)take(g);
	}
	if (!g->text.n)
		return TOKEN_END;
	if (strchr("\n;&|<>", g->text.p[0])) {
		(void)take(g);
		return TOKEN_SEPARATOR;
	}
	if (g->text.p[0] == '{' || g->text.p[0] == '}')
		return take(g) == '{' ? TOKEN_OPEN : TOKEN_CLOSE;
	take_word(g);
	return TOKEN_WORD;
}

static bool is_reserved(const char *word, const char *list)
{
	return words_index(list, span_of(word)) >= 0;
}

/*
 * Reads a command's words into argv; what ended it. Empty commands are stepped over; a word behind which
 * another command begins is one by itself.
 */
static enum token read_command(struct grub *g)
{
	enum token token;

	list_free(&g->argv);
	g->in_doubt = false;
	do {
		token = next_token(g);
		if (token == TOKEN_WORD && g->argv.n == 1 &&
		    is_reserved(g->argv.item[0], "then\0do\0else\0"))
			return TOKEN_SEPARATOR;
	} while (token == TOKEN_WORD || (token == TOKEN_SEPARATOR && !g->argv.n));
	return token;
}

/* Steps over a block whose '{' has been read, and gives what is in it. */
static struct span take_block(struct grub *g)
{
	const char *from = g->text.p, *to = from;
	unsigned int open = 1;

	while (open) {
		enum token token;

		to = g->text.p;
		token = next_token(g);
		if (token == TOKEN_END)
			break;
		open += token == TOKEN_OPEN;
		open -= token == TOKEN_CLOSE;
	}
	list_free(&g->argv);
	return (struct span){ from, (size_t)(to - from) };
}

/* --- conditions --- */

enum truth { NO, YES, NOBODY_KNOWS };

/* The forms that scripts of grub-mkconfig have. */
static enum truth test_plain(char **arg, size_t n)
{
	if (n == 0)
		return NO;
	if (n == 1)
		return *arg[0] ? YES : NO;
	if (n == 2 && strcmp(arg[0], "-n") == 0)
		return *arg[1] ? YES : NO;
	if (n == 2 && strcmp(arg[0], "-z") == 0)
		return *arg[1] ? NO : YES;
	if (n == 3 && (strcmp(arg[1], "=") == 0 || strcmp(arg[1], "==") == 0))
		return strcmp(arg[0], arg[2]) == 0 ? YES : NO;
	if (n == 3 && strcmp(arg[1], "!=") == 0)
		return strcmp(arg[0], arg[2]) != 0 ? YES : NO;
	return NOBODY_KNOWS;
}

/* "[ ... ]" without the brackets */
static enum truth test(char **arg, size_t n)
{
	bool inverted = false;
	enum truth r;

	for (; n && strcmp(arg[0], "!") == 0; arg++, n--)
		inverted = !inverted;
	r = test_plain(arg, n);
	if (r == NOBODY_KNOWS || !inverted)
		return r;
	return r == YES ? NO : YES;
}

/* Is the command in argv[first..] true? */
static enum truth evaluate(const struct grub *g, size_t first)
{
	char **arg = g->argv.item + first;
	size_t n = g->argv.n - first;

	if (g->in_doubt)
		return NOBODY_KNOWS;
	if (n && strcmp(arg[0], "true") == 0)
		return YES;
	if (n && strcmp(arg[0], "false") == 0)
		return NO;
	if (n && strcmp(arg[0], "test") == 0)
		return test(arg + 1, n - 1);
	if (n > 1 && strcmp(arg[0], "[") == 0 && strcmp(arg[n - 1], "]") == 0)
		return test(arg + 1, n - 2);
	return NOBODY_KNOWS;
}

/* --- commands --- */

/* The words as GRUB puts them on the kernel's command line: grub_create_loader_cmdline() */
static void add_argument(struct text *line, const char *arg)
{
	bool quote = strchr(arg, ' ') != NULL;

	if (line->len)
		text_str(line, " ");
	text_str(line, quote ? "\"" : "");
	for (; *arg; arg++) {
		if (strchr("\\'\"", *arg))
			text_str(line, "\\");
		text_add(line, arg, 1);
	}
	text_str(line, quote ? "\"" : "");
}

static bool is_command(const struct grub *g, const char *a, const char *b, const char *c)
{
	const char *name = g->argv.item[0];

	return strcmp(name, a) == 0 || strcmp(name, b) == 0 || strcmp(name, c) == 0;
}

/* BOOT_IMAGE= comes from the loader: grub-core/loader/i386/linux.c */
static void command_linux(struct grub *g)
{
	struct text line = { 0 };

	if (!g->entry || g->argv.n < 2)
		return;
	free(g->entry->kernel);
	g->entry->kernel = dup_str(g->argv.item[1]);
	text_str(&line, "BOOT_IMAGE=");
	text_str(&line, g->argv.item[1]);
	for (size_t i = 2; i < g->argv.n && line.len < LIMIT_CMDLINE; i++)
		add_argument(&line, g->argv.item[i]);
	free(g->entry->options);
	g->entry->options = line.data;
}

static void note_doubt(struct grub *g, struct span name, bool doubtful)
{
	for (size_t i = 0; i < g->doubtful.n; i++) {
		if (!span_is(name, g->doubtful.item[i]))
			continue;
		if (!doubtful) {
			free(g->doubtful.item[i]);
			g->doubtful.item[i] = g->doubtful.item[--g->doubtful.n];
		}
		return;
	}
	if (doubtful)
		list_add(&g->doubtful, format("%.*s", (int)name.n, name.p));
}

static void command_set(struct grub *g, const char *assignment, enum way way)
{
	struct span name, value;

	if (!span_split(span_of(assignment), '=', &name, &value) || !name.n)
		return;
	for (size_t i = 0; i < name.n; i++) {
		if (!is_name(name.p[i]))
			return;
	}
	note_doubt(g, name, way == WAY_MAYBE || g->in_doubt);
	entries_set_var(g->entries, name, value.p);
}

static void run_command(struct grub *g, enum way way)
{
	if (g->entry && (way == WAY_MAYBE || g->in_doubt))
		g->entry->uncertain = true;
	if (is_command(g, "linux", "linux16", "linuxefi")) {
		command_linux(g);
	} else if (is_command(g, "initrd", "initrd16", "initrdefi")) {
		for (size_t i = 1; g->entry && i < g->argv.n; i++)
			list_add(&g->entry->initrd, dup_str(g->argv.item[i]));
	} else if (strcmp(g->argv.item[0], "set") == 0) {
		for (size_t i = 1; i < g->argv.n; i++)
			command_set(g, g->argv.item[i], way);
	} else if (strcmp(g->argv.item[0], "blscfg") == 0) {
		g->entries->blscfg = true;
	} else if (g->argv.n == 1) {
		command_set(g, g->argv.item[0], way);
	}
}

/* --- menus --- */

/* "a>b": the place of an entry in the menus around it. */
static char *below(const struct body *menu, const char *path, const char *name)
{
	return menu ? format("%s%c%s", path, MENU_SEPARATOR, name) : dup_str(name);
}

/* menuentry and submenu: argv has been read up to the '{'. */
static void note_body(struct grub *g, enum way way, bool submenu)
{
	const struct body *menu = g->menu;
	struct body b = { .submenu = submenu,
			  .uncertain =
				  way == WAY_MAYBE || g->in_doubt || (menu && menu->uncertain) };
	char number[16];
	const char *title = "", *id = "";

	for (size_t i = 1; i < g->argv.n; i++) {
		const char *arg = g->argv.item[i];

		if (strcmp(arg, "--id") == 0 && i + 1 < g->argv.n)
			id = g->argv.item[++i];
		else if (strcmp(arg, "--class") == 0 || strcmp(arg, "--users") == 0 ||
			 strcmp(arg, "--hotkey") == 0)
			i++;
		else if (strncmp(arg, "--", 2) != 0 && !*title)
			title = arg;
	}
	(void)snprintf(number, sizeof(number), "%u", g->number++);
	b.name = dup_str(title);
	b.id = dup_str(id);
	b.title = below(menu, menu ? menu->title : "", title);
	b.ids = below(menu, menu ? menu->ids : "", id);
	b.where = below(menu, menu ? menu->where : "", number);
	b.text = take_block(g);
	g->body[g->n_bodies++] = b;
}

static bool run_list(struct grub *g, enum way way, bool in_block);

/* What an if takes when its condition came out so: this branch, and those behind it. */
static enum way branch(enum way way, enum truth truth, enum way *rest)
{
	if (*rest == WAY_SKIP || way == WAY_SKIP)
		return WAY_SKIP;
	if (truth == NO)
		return WAY_SKIP;
	if (truth == NOBODY_KNOWS) {
		*rest = WAY_MAYBE;
		return WAY_MAYBE;
	}
	way = *rest;
	*rest = WAY_SKIP;
	return way;
}

/*
 * "if C; then ... elif C; then ... else ... fi": argv has "if C", or "elif C".
 */
static void run_if(struct grub *g, enum way way)
{
	enum way rest = way;
	bool last = false;

	while (!last) {
		const char *word = g->argv.n ? g->argv.item[0] : "fi";

		if (strcmp(word, "if") == 0 || strcmp(word, "elif") == 0) {
			enum truth truth = way == WAY_SKIP ? NO : evaluate(g, 1);

			last = !run_list(g, branch(way, truth, &rest), true);
		} else if (strcmp(word, "else") == 0) {
			last = !run_list(g, branch(way, YES, &rest), true);
		} else {
			last = true;
		}
	}
	list_free(&g->argv);
}

/* Loops run as if once, for nobody knows how often. */
static void run_loop(struct grub *g, enum way way)
{
	(void)run_list(g, way == WAY_SKIP ? WAY_SKIP : WAY_MAYBE, true);
	list_free(&g->argv);
}

/*
 * Runs commands to the end of the text, or in a block up to the word that ends or divides it, which
 * is then argv[0]: true. False at the end.
 */
static bool run_list(struct grub *g, enum way way, bool in_block)
{
	bool divided = false;

	if (++g->depth > LIMIT_DEPTH)
		g->text.n = 0;
	for (;;) {
		enum token token = read_command(g);
		const char *word;

		word = g->argv.n ? g->argv.item[0] : "";
		if (in_block && is_reserved(word, "fi\0else\0elif\0done\0")) {
			divided = true;
			break;
		}
		if (strcmp(word, "if") == 0)
			run_if(g, way);
		else if (is_reserved(word, "for\0while\0until\0"))
			run_loop(g, way);
		else if (token == TOKEN_OPEN && way != WAY_SKIP && g->n_bodies < LIMIT_BODIES &&
			 is_reserved(word, "menuentry\0submenu\0"))
			note_body(g, way, strcmp(word, "submenu") == 0);
		else if (token == TOKEN_OPEN)
			(void)take_block(g);
		else if (*word && way != WAY_SKIP)
			run_command(g, way);
		if (token == TOKEN_END)
			break;
	}
	g->depth--;
	return divided;
}

/* GRUB_DEFAULT: a number, a title or an id, of each menu on the way. */
static bool names_entry(const char *wanted, const struct body *b)
{
	return strcmp(wanted, b->where) == 0 || strcmp(wanted, b->title) == 0 ||
	       (*b->id && (strcmp(wanted, b->ids) == 0 || strcmp(wanted, b->id) == 0)) ||
	       strcmp(wanted, b->name) == 0;
}

/* An entry of the menu: its own commands say what it boots. */
static void run_body(struct grub *g, const struct body *b)
{
	struct boot_entry *e;
	const char *wanted;

	g->text = b->text;
	g->menu = b->submenu ? b : NULL;
	g->number = 0;
	g->entry = NULL;
	if (b->submenu) {
		(void)run_list(g, b->uncertain ? WAY_MAYBE : WAY_RUN, false);
		return;
	}
	e = entries_add(g->entries);
	if (!e)
		return;
	g->entry = e;
	(void)run_list(g, WAY_RUN, false);
	free(e->title);
	free(e->id);
	e->title = dup_str(b->title);
	e->id = dup_str(b->id);
	e->uncertain = e->uncertain || b->uncertain;
	wanted = entries_var(g->entries, span_of("default"));
	e->is_default = !g->entries->default_known && !list_has(&g->doubtful, "default") &&
			names_entry(wanted ? wanted : "0", b);
	g->entries->default_known = g->entries->default_known || e->is_default;
	/* that starts another loader, a memory test, the firmware's setup */
	if (!*e->kernel)
		entries_drop_last(g->entries);
}

void entries_read_grub(struct span text, struct boot_entries *entries)
{
	struct grub g = { .entries = entries, .text = text };

	g.body = grow(NULL, LIMIT_BODIES, sizeof(*g.body));
	(void)run_list(&g, WAY_RUN, false);
	for (g.next = 0; g.next < g.n_bodies; g.next++)
		run_body(&g, &g.body[g.next]);
	for (size_t i = 0; i < g.n_bodies; i++) {
		free(g.body[i].title);
		free(g.body[i].ids);
		free(g.body[i].where);
		free(g.body[i].name);
		free(g.body[i].id);
	}
	free(g.body);
	list_free(&g.argv);
	list_free(&g.doubtful);
}
