/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_COMPILE_H
#define INITWARD_COMPILE_H

#include "bounds.h"
#include "cache.h"
#include "featset.h"
#include "jobs.h"
#include "util.h"

/*
 * What the files of `initward compile` share:
 *   compile.c	the verb: options, and the order of the steps
 *   sources.c	which files are compiled, and their dry run
 *   system.c	what a system says of its own policy beside the profiles
 *   sets.c	the captured feature sets
 *   select.c	which of them a kernel may have that is not running
 *   target.c	the kernel that the bundle is for
 *   parser.c	everything about apparmor_parser
 *   uses.c	which features the compiled policy depends on
 *   bundle.c	the check of the blobs, the manifest
 *   output.c	the work folder, and the exchange at the end
 * Functions return false after they have said why.
 */

enum form { FORM_ENFORCE, FORM_COMPLAIN, FORM_APPLICATION, FORM_PROBE, FORM_COUNT };

/* One file to compile, in one of its forms. */
struct unit {
	enum form form;
	char *source;	  /* what the user gave, for messages */
	char *file;	  /* what is compiled, absolute */
	char *base;	  /* base folder of its includes, absolute */
	const char *name; /* of the file and so of its blob */
	char *flat;	  /* its text with all includes, in the work folder */
	char *digest;	  /* of all that it is compiled from; NULL: unknown, not to be cached */
	size_t id;	  /* its blobs' name, below the folder of a set */
	char *abi;	  /* features for it where it names none; NULL: those of the set */
	bool complain;	  /* all of its profiles in complain mode */
	bool compiled;	  /* for some set: not all came from the cache */
};

#define LIMIT_FLAT (64u << 20)

struct set {
	char *name;
	char *text_path; /* the feature file, a copy in the work folder */
	struct text text;
	struct featset features;
	struct list kernels;
	bool base;
	bool *uses;	       /* for each leaf */
	char *made;	       /* folder with the parser's blobs: made_blob() */
	char *dir[FORM_COUNT]; /* below the bundle: "enforce/1234abcd.0" */
};

struct set_list {
	struct set *set; /* by rank, the base first */
	size_t n;
};

#define LIMIT_SET (256u << 10)		  /* a set's text, or the list of its kernels */
#define OWN_SETS "/etc/initward/features" /* those that were captured here */

struct parser {
	char *path;
	char *version;
	unsigned int major;
	bool has_zstd; /* it can compress, and so has to be told not to */
	char *config;  /* an empty configuration file */
	/* Digest of the program and its libraries; NULL where its file does not say what it does. */
	char *identity;
};

struct compile {
	const char *output;
	const char *parser_name;
	struct list features;	  /* --features: folders of sets */
	struct list roots;	  /* SOURCE */
	struct list applications; /* --application */
	struct list includes;	  /* --include */
	struct list set_names;	  /* --set */
	const char *kernel;	  /* --kernel; NULL: for any */
	const char *root;	  /* --root */
	const char *cache_dir;	  /* --cache; NULL: the default */
	bool no_cache;
	bool verbose;
	bool quiet;
	struct cache cache;
	const char *work; /* scratch, removed at the end */
	char *bundle;	  /* the bundle as it is made, in the work folder */
	struct parser parser;
	struct unit *unit;
	size_t n_units;
	struct set *set;
	size_t n_sets;
};

const char *form_folder(enum form form);

/* sources.c */
bool collect_sources(struct compile *c);
/* The text of each source with its includes; `name` is the folder for it in the work folder. */
bool flatten_sources(struct compile *c, const char *name, bool only_compiled);
bool make_dry_runs(struct compile *c);
void free_unit(struct unit *u);
void free_units(struct compile *c);

/* system.c: for policy below `base`, which is ROOT/etc/apparmor.d where it is a system's */
/*
 * The file of features that the system's parser.conf pins policy to, to be freed; NULL: none. False after it
 * has said why it cannot be told.
 */
bool pinned_features(const char *base, char **ret);
/* Is there a file of that name in the folder `list` of it, "disable" or "force-complain"? */
bool is_listed(const char *base, const char *list, const char *name);

/* sets.c */
bool load_sets(struct compile *c);
/* Where the sets are unless told: those that came with initward, and OWN_SETS. */
struct list default_set_folders(void);
/*
 * Reads the sets of some folders: those whose names are wanted, all where none is, at least one
 * unless `wanted` is NULL. A set that two folders have is one, with the kernels of both. The caller
 * frees *ret after a failure, too.
 */
bool read_sets(const struct list *dirs, const struct list *wanted, struct set_list *ret);
void free_set(struct set *set);
void free_set_list(struct set_list *sets);
bool is_set_name(const char *name);
/* "domain/attach_conditions/xattr" */
void add_leaf_path(struct text *out, const struct featset_leaf *leaf);

/* capture.c */
extern const char running_features[]; /* of the running kernel */
/*
 * The feature set of a kernel's folder, or of a file in text form, as text; `of_kernel` for the hint in
 * the message. False after it has said why not.
 */
bool read_features(const char *path, bool of_kernel, struct text *ret);
/* "RELEASE VERSION MACHINE" of the running kernel, as uname -rvm prints it. */
char *running_identity(void);
struct capture {
	const char *dir;    /* folder of sets that it goes into */
	const char *kernel; /* an image to boot in QEMU; NULL: the running kernel */
	const struct set_list *known;
};
bool capture_set(const struct capture *capture);
void free_sets(struct compile *c);

/* parser.c */
bool find_parser(struct compile *c);
/* An argv that compiles in batch or preprocesses, without the files. */
void parser_args(const struct compile *c, struct job *job, const char *features, const char *base);
/*
 * Compiles n units of one form and base, for the features in that file, below out_dir: with NULL
 * only the options are of interest. parser_took() puts the blobs where made_blob() finds them.
 * Without `notes` it is a trial: quiet, and of the texts as they were when all began.
 */
struct job parser_job(const struct compile *c, const char *features, const char *out_dir,
		      const struct unit *const *unit, size_t n, bool notes);
void parser_took(const char *out_dir, const struct unit *const *unit, size_t n);
/* How many of n units, from the first on, go into one run of the parser. */
size_t batch_size(const struct unit *const *unit, size_t n);
/* The blob that a run made of a unit; the result is the caller's. It may be missing. */
char *made_blob(const char *out_dir, const struct unit *u);
/* Says why a run failed: which source and set, and the parser's own first lines. */
void say_failed(const struct compile *c, const struct job *job, const char *what,
		const char *source, const char *set);

/* runs.c */
bool compile_sets(struct compile *c);
/* The same of single rules, for which no blob is an answer, too. */
bool compile_probes(struct compile *c, struct unit *unit, size_t n);
/* What the parser said of a unit. */
void read_said(const struct set *set, const struct unit *u, struct text *ret);

/* dead.c */
bool find_dead_rules(struct compile *c);

/* keys.c: hexadecimal, the caller's; NULL where there is none and nothing is cached. */
char *content_digest(const struct compile *c, const struct unit *u);
char *unit_key(const struct compile *c, const struct unit *u, const struct set *set);
/* Of the answer of find_uses() for a set, which starts from that guess. */
char *uses_key(const struct compile *c, const struct set *set, const char *guess);

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
