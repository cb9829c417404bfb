/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_LAYER_H
#define INITWARD_LAYER_H

#include "config.h"
#include "defaults.h"
#include "image/archive.h"
#include "image/image.h"
#include "tool.h"

/*
 * What initward adds to an image, loader, configuration and bundle, and the options that say so:
 * the same for `wrap` and `overlay`.
 */
struct layer {
	const char *loader_file;
	const char *config_file;
	const char *bundle_dir;
	struct list sources;	  /* to compile where there is no bundle */
	struct list includes;	  /* one more folder for what they include */
	struct list applications; /* "none", or policy for the namespace of applications */
	const char *features;
	const char *kernel;   /* that the image is for: release or path */
	const char *value[5]; /* of the configuration, NULL: not given; see layer.c */
	bool values;	      /* one of them is */
	struct text loader;
	struct text config_text;
	struct config config;
	struct archive_list bundle; /* folders in front of what is in them */
};

enum {
	LAYER_LOADER = OPTION_KEY,
	LAYER_CONFIG,
	LAYER_BUNDLE,
	LAYER_SOURCE,
	LAYER_FEATURES,
	LAYER_KERNEL,
	LAYER_APPLICATION,
	LAYER_POLICY,
	LAYER_MODE,
	LAYER_LEVEL,
	LAYER_ON_FAILURE,
	LAYER_LOCK,
	LAYER_NEXT, /* the first key for the verb's own options */
};

/* clang-format off */
#define LAYER_OPTIONS                                                                              \
	{ LAYER_BUNDLE, "bundle", "DIR", "a bundle of 'initward compile'", COMPLETE_DIR, NULL },   \
	{ LAYER_SOURCE, "source", "PATH",                                                          \
	  "without --bundle: the policy to compile (may be\nrepeated; else the one that the configuration names,\nelse " OWN_POLICY           \
	  ",\nelse " STOCK_POLICY ",\nor the folder of the level there)",                                                             \
	  COMPLETE_FILE, NULL },                                                                   \
	{ LAYER_KERNEL, "kernel", "KERNEL",                                                        \
	  "without --bundle: the kernel to compile for, a\nrelease or an image, as of initward compile", \
	  COMPLETE_FILE, NULL },                                                                   \
	{ LAYER_APPLICATION, "application", "PATH",                                                \
	  "AppArmor policy to put in for the system, or none\n(that of the policy that the configuration names; at\nlevel sealed " SYSTEM_POLICY     \
	  ")",                                                                                     \
	  COMPLETE_FILE, NULL },                                                                   \
	{ LAYER_FEATURES, "features", "DIR", "feature sets to compile for", COMPLETE_DIR, NULL },  \
	{ LAYER_CONFIG, "config", "FILE",                                                          \
	  "an initward.conf without a line 'init ='\n(" OWN_CONFIG ", where it exists)",           \
	  COMPLETE_FILE, NULL },                                                                   \
	{ LAYER_POLICY, "policy", "WORD", "enforce (the default), complain or off; behind a\nblank the NAME of a policy", \
	  COMPLETE_WORDS, "enforce complain off" },                                                \
	{ LAYER_MODE, "mode", "WORD", "hidden (the default), visible or managed",             \
	  COMPLETE_WORDS, "hidden visible managed" },                                              \
	{ LAYER_LEVEL, "level", "WORD", "compatible (the default), strict or sealed", COMPLETE_WORDS,      \
	  "compatible strict sealed" },                                                                   \
	{ LAYER_ON_FAILURE, "on-failure", "WORD", "continue (the default) or panic",               \
	  COMPLETE_WORDS, "continue panic" },                                                      \
	{ LAYER_LOCK, "lock", NULL, "ignore 'initward.' options on the kernel command line",       \
	  COMPLETE_NOTHING, NULL },                                                                \
	{ LAYER_LOADER, "loader", "FILE", "the loader (" LAYER_DEFAULT_LOADER ")", COMPLETE_FILE,  \
	  NULL }
/* clang-format on */

#define LAYER_DEFAULT_LOADER INITWARD_LIBDIR "/initward-init"

/* Takes one of these options: TOOL_OK, or TOOL_USAGE after it has said why. */
int layer_option(struct layer *layer, int key, const char *value);

/* Whether the options go together; as layer_option(). */
int layer_check_options(const struct layer *layer);

/*
 * Reads loader and configuration, into which it writes `init = NEXT_INIT`, and reads or compiles
 * the bundle. False after it has said why.
 */
bool layer_load(struct layer *layer, const char *next_init);

/*
 * Adds the layer's records: the loader as `loader_name`, the folder "initward" with what belongs
 * there. `extra` comes in front of the bundle's records; its names are complete.
 */
void layer_records(const struct layer *layer, const char *loader_name, struct archive_list *ret);

/* SOURCE_DATE_EPOCH, or 0. False after it has said why. */
bool source_date(uint32_t *ret);

void layer_free(struct layer *layer);

#endif
