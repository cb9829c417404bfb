/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_KCONFIG_H
#define INITWARD_KCONFIG_H

#include "span.h"
#include "util.h"

/*
 * A kernel's configuration as its build wrote it (scripts/kconfig/confdata.c): "CONFIG_NAME=y", "=m",
 * ="text", a number, or "# CONFIG_NAME is not set". Pure code; spans point into the text, which the
 * caller keeps. Names are given without "CONFIG_".
 */

/* Is this such a text at all: is there one line that sets an option? */
bool kconfig_valid(struct span config);

/* Takes the next line that sets an option, "=n" too, off *config. False at the end. */
bool kconfig_next(struct span *config, struct span *name, struct span *value);

/* The value as it is written, with its quotes; of several the last. False where it is not set. */
bool kconfig_value(struct span config, const char *name, struct span *ret);

/* Is the option built in ("y")? A module does not count: none is there when the loader runs. */
bool kconfig_on(struct span config, const char *name);

/* Adds the text of a string option, quotes and escapes taken away. False where it is not set. */
bool kconfig_text(struct span config, const char *name, struct text *ret);

/* What the head of the text says: "7.3.4" and "x86", "arm64"; empty where it has none. */
struct span kconfig_release(struct span config);
struct span kconfig_arch(struct span config);

/*
 * The first two numbers of a release, "6.12.107+deb13" as 6012; 0 where it does not begin like that.
 */
unsigned int kernel_series(struct span release);

#endif
