/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_LOG_H
#define INITWARD_LOG_H

#include "record.h"

/*
 * What the kernel logged of AppArmor and what the loader said, from whatever log can be read:
 *   record.c	one line of text			(pure)
 *   log.c	lines put together: equal records grouped, losses counted	(pure)
 *   source.c	where lines come from
 */

struct program {
	char *comm; /* at most 15 bytes, and the program chooses them itself */
	char *exe;  /* path, where the log has it; else "" */
	char *pid;  /* of the last time */
	uint64_t count;
};

/* Equal records: all of them but the program, the process and the time. */
struct denial {
	enum verdict verdict;
	char *field[FIELD_COUNT]; /* decoded; "" where a record has none. No programs: see below */
	bool owner;		  /* a file that belongs to the task's file system user */
	bool owner_known;
	uint64_t count;
	uint64_t n_stamped; /* how many records with and without a time; see log.c */
	uint64_t n_unstamped;
	uint64_t first; /* milliseconds since 1970; 0: unknown */
	uint64_t last;
	struct program *program;
	size_t n_programs;
	uint64_t n_others; /* records of further programs, which are too many to be told apart */
};

/* Why the list may be shorter than what happened. */
struct loss {
	uint64_t printk;  /* records that the kernel left out of its log: "callbacks suppressed" */
	uint64_t audit;	  /* records that the audit subsystem lost, by its own count */
	uint64_t ring;	  /* messages overwritten in the ring buffer before they were read */
	uint64_t journal; /* kernel messages that the journal missed */
	uint64_t
		serials; /* numbers of audit events between the first and the last that are missing */
	uint64_t broken; /* lines with a record that cannot be understood */
	bool burst;	 /* the log ends within a burst, where the kernel leaves out what follows */
};

struct log {
	struct denial *denial; /* DENIED, KILLED and ALLOWED, by the time of the first */
	size_t n_denials;
	uint64_t n_audit;   /* records of allowed operations, not in the list */
	uint64_t n_status;  /* records of policy loads and removals */
	char *cmdline;	    /* the kernel's, where the log has it; NULL */
	struct list loader; /* the loader's lines, in order, without their "initward: " */
	struct list read;   /* what was read, in words: "the kernel ring buffer" */
	struct list unread; /* what could not be read, with the reason */
	struct loss loss;
	struct log_work *work; /* until log_finish() */
};

/* Begins with *log zeroed. A line of a log, without its newline. */
void log_line(struct log *log, struct span line);

/* A line of the journal as JSON (journalctl -o json); false where it is no such line. */
bool log_json_line(struct log *log, struct span line);

/* Groups what the lines gave. Without it log->denial stays empty. */
void log_finish(struct log *log);
void log_free(struct log *log);

/*
 * Reads all that this machine has of this boot: the kernel ring buffer, the journal and auditd's
 * log; a record that stands in several counts once. False where none of them can be read; *ret is
 * usable in either case, and `read` and `unread` tell. Says nothing.
 */
bool log_read_system(struct log *ret);

/*
 * Reads a file ("-": standard input): console, dmesg, journal as text or JSON, audit.log. 0 or -errno;
 * -ENOTSUP for a device.
 */
int log_read_file(const char *path, struct log *ret);

/* "DENIED", ... */
const char *verdict_name(enum verdict verdict);

/* Is this a record of a profile in the root policy namespace, as those of the global layer are? */
bool denial_is_root(const struct denial *denial);

#endif
