/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_ABOUT_H
#define INITWARD_ABOUT_H

#include "config.h"
#include "strbuf.h"
#include "util.h"

/* The file `about` of a policy: what it is, whom it is for, and what it wants of the kernel. */
#define ABOUT_FILE "about"

enum about_mode { ABOUT_VISIBLE, ABOUT_HIDDEN, ABOUT_MANAGED, ABOUT_ANY };

struct about {
	char *text; /* one line */
	enum about_mode mode;
	enum level level;
	struct list needs; /* features, as featset_has() takes them */
	struct list wants;
};

/* Pure: false where the file is bad; *line and `why` then say what is. The caller frees *ret, then too. */
bool about_parse(struct span text, struct about *ret, unsigned int *line, struct strbuf *why);
void about_free(struct about *about);

const char *about_mode_name(enum about_mode mode);

#endif
