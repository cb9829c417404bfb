/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_COMPILE_H
#define INITWARD_COMPILE_H

#include "featset.h"
#include "jobs.h"
#include "bounds.h"
#include "util.h"

/*
 * What the files of `initward compile` share:
 *   compile.c	the verb: options, and the order of the steps
 *   sources.c	which files are compiled, and their dry run
 *   sets.c	the captured feature sets
 *   parser.c	everything about apparmor_parser
 *   uses.c	which features the compiled policy depends on
 *   bundle.c	the check of the blobs, the manifest
 *   output.c	the work folder, and the exchange at the end
 * Functions return false after they have said why.
 */

enum form { FORM_ENFORCE, FORM_COMPLAIN, FORM_APPLICATION, FORM_COUNT };

/* One file to compile, in one of its forms. */
struct unit {
	enum form form;
	char *source;	  /* what the user gave, for messages */
	char *file;	  /* what is compiled, absolute */
	char *base;	  /* base folder of its includes, absolute */
	const char *name; /* of the file and so of its blob */
};

struct set {
	char *name;
	char *text_path; /* the feature file, a copy in the work folder */
	struct text text;
	struct featset features;
	struct list kernels;
	bool base;
	bool *uses;	       /* for each leaf */
	char *made;	       /* folder with the parser's blobs; blob of unit i: made_blob() */
	char *dir[FORM_COUNT]; /* below the bundle: "enforce/1234abcd.0" */
};

struct parser {
	char *path;
	char *version;
	unsigned int major;
	bool has_zstd; /* it can compress, and so has to be told not to */
	char *config;  /* an empty configuration file */
};

struct compile {
	const char *output;
	const char *features;
	const char *parser_name;
	struct list roots;	  /* SOURCE */
	struct list applications; /* --application */
	struct list includes;	  /* --include */
	struct list set_names;	  /* --set */
	bool verbose;
	char *work;   /* scratch, removed at the end */
	char *bundle; /* the bundle as it is made, in the work folder */
	struct parser parser;
	struct unit *unit;
	size_t n_units;
	struct set *set;
	size_t n_sets;
};

const char *form_folder(enum form form);

/* sources.c */
bool collect_sources(struct compile *c);
bool make_dry_runs(struct compile *c);
void free_units(struct compile *c);

/* sets.c */
bool load_sets(struct compile *c);
void free_sets(struct compile *c);

/* parser.c */
bool find_parser(struct compile *c);
/* An argv that compiles in batch or preprocesses, without the files. */
void parser_args(const struct compile *c, struct job *job, const char *features, const char *base);
/* Compiles units [first, first + n) for the features in that file into out_dir/INDEX/. */
struct job parser_job(const struct compile *c, const char *features, const char *out_dir,
		      size_t first, size_t n, bool notes);
/* How many units from `first` on go into one run of the parser. */
size_t batch_size(const struct compile *c, size_t first);
/* The blob that such a run made of unit i; the result is the caller's. NULL where there is none. */
char *made_blob(const struct compile *c, const char *out_dir, size_t i);
bool compile_sets(struct compile *c);
/* Says why a run failed: which source and set, and the parser's own first lines. */
void say_failed(const struct compile *c, const struct job *job, const char *what,
		const char *source, const char *set);

/* uses.c */
bool find_uses(struct compile *c);

/* bundle.c */
bool make_bundle(struct compile *c);

/* output.c */
bool begin_output(struct compile *c);
bool finish_output(struct compile *c);
char *work_path(const struct compile *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
