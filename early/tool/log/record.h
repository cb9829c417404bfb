/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_RECORD_H
#define INITWARD_RECORD_H

#include "span.h"
#include "util.h"

/*
 * One AppArmor record, as the kernel's security/apparmor/audit.c writes it and as printk, auditd, the
 * journal or a console hand it on. libapparmor's parse_record() is not used: that of 3.0.8 gives up at
 * the field "class", which the records of kernels later than 6.1 have, at consoles whose time stamps have
 * not six decimals, and at the journal's own copy. tests/unit/test_log.c holds this reader against
 * parse_record() where the latter can read.
 */

/* What became of the operation: the word behind "apparmor=". */
enum verdict {
	VERDICT_DENIED,
	VERDICT_ALLOWED, /* complain mode: it would have been denied */
	VERDICT_KILLED,	 /* denied, and the program was killed */
	VERDICT_AUDIT,	 /* allowed by a rule that says "audit" */
	VERDICT_STATUS,	 /* policy was loaded, replaced or removed, or that failed */
	VERDICT_OTHER,
};

enum field {
	FIELD_OPERATION,
	FIELD_CLASS, /* not on 6.1 and earlier: "file", "cap", "net", ... */
	FIELD_INFO,
	FIELD_ERROR, /* "-13" */
	FIELD_NAMESPACE,
	FIELD_PROFILE,
	FIELD_LABEL,
	FIELD_NAME,
	FIELD_TARGET,
	FIELD_REQUESTED, /* "requested_mask", with some classes "requested" */
	FIELD_DENIED,
	FIELD_CAPNAME,
	FIELD_SOURCE, /* of a mount: "srcname" */
	FIELD_FSTYPE,
	FIELD_FLAGS,
	FIELD_PEER,
	FIELD_SIGNAL,
	FIELD_FAMILY,
	FIELD_SOCK_TYPE,
	FIELD_BUS,
	/* From here on: who did it. Records that differ in nothing else are equal. */
	FIELD_COMM,
	FIELD_EXE,
	FIELD_PID,
	FIELD_FSUID,
	FIELD_OUID,
	FIELD_COUNT,
};

struct record {
	enum verdict verdict;
	uint64_t time;	  /* milliseconds since 1970; 0: the line has no stamp */
	uint64_t serial;  /* of the audit event */
	bool stamped;	  /* it has "audit(TIME:SERIAL)" in front */
	bool cut;	  /* a quote is open at the end of the line */
	struct span body; /* from "apparmor=" on */
	struct span
		field[FIELD_COUNT]; /* as they stand there, without quotes; .p NULL: not there */
	bool quoted[FIELD_COUNT];
};

/*
 * Takes the next record off *text, which is moved behind it. False when there is none left. A line
 * can hold several where consoles run into each other.
 */
bool record_next(struct span *text, struct record *ret);

/* Reads "audit(TIME:SERIAL)" of any type of record; false where the line has none. */
bool audit_stamp(struct span line, uint64_t *ret_time, uint64_t *ret_serial);

/*
 * Appends a field's value to *ret: what the kernel wrote as hexadecimal digits because of blanks,
 * quotes or control characters (audit_log_untrustedstring()) becomes bytes again. No NUL byte is
 * among them.
 */
void record_value(const struct record *record, enum field field, struct text *ret);

#endif
