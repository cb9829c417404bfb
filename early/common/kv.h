/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_KV_H
#define INITWARD_KV_H

#include "span.h"

/*
 * The form of every text file here: "key = value" lines, '#' comment lines, blank lines, the
 * first key being "version". Values keep inner blanks; outer ones are dropped.
 */
struct kv {
	struct span rest;
	unsigned int line; /* of the last key returned, from 1 */
	struct span key;
	struct span value;
	struct span text; /* the whole line, for messages */
};

struct kv kv_open(struct span text);

/* 1: a key and its value; 0: the end; -1: the line has no '=', no key, or a control character. */
int kv_next(struct kv *kv);

/* Is there a control character other than a tab? */
bool kv_has_control(struct span s);

/* Takes the first line, which has to say "version = 1". */
bool kv_version(struct kv *kv);

#endif
