/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_REPORT_H
#define INITWARD_REPORT_H

#include "boot.h"

/* "off", "already", "complain", "confined", "failed" */
const char *outcome_name(enum outcome outcome);

/* Appends how the boot came out as key=value, each closed by `end`. */
void describe(struct boot *b, struct strbuf *sb, const char *end);

#endif
