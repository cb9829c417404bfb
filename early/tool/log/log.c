// SPDX-License-Identifier: LGPL-2.1-or-later
#include "log.h"

#include <stdlib.h>
#include <string.h>

#define LOADER "initward: "
#define CMDLINE "Command line: "
#define LIMIT_RECORDS 1000000

/* The kernel's default limit of audit records in its log: kernel/printk/printk.c. */
#define BURST_RECORDS 10
#define BURST_MILLISECONDS 5000

/* One record as it came, until log_finish(). */
struct entry {
	uint64_t time;
	uint64_t serial;
	bool stamped;
	char *body;
	size_t order;
};

struct stamp {
	uint64_t time;
	uint64_t serial;
};

struct log_work {
	struct entry *entry;
	size_t n_entries;
	size_t cap_entries;
	struct stamp *stamp; /* of every audit event that was seen, of whatever type */
	size_t n_stamps;
	size_t cap_stamps;
	size_t *slot; /* hash table of denials, index + 1 */
	size_t n_slots;
	bool by_printk;
};

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = {
		[VERDICT_DENIED] = "DENIED", [VERDICT_ALLOWED] = "ALLOWED",
		[VERDICT_KILLED] = "KILLED", [VERDICT_AUDIT] = "AUDIT",
		[VERDICT_STATUS] = "STATUS", [VERDICT_OTHER] = "OTHER",
	};

	return names[verdict];
}

bool denial_is_root(const struct denial *denial)
{
	const char *ns = denial->field[FIELD_NAMESPACE];

	return !*ns || strcmp(ns, "root") == 0;
}

static struct log_work *work_of(struct log *log)
{
	if (!log->work) {
		log->work = grow(NULL, 1, sizeof(*log->work));
		*log->work = (struct log_work){ 0 };
	}
	return log->work;
}

static void add_stamp(struct log *log, uint64_t time, uint64_t serial)
{
	struct log_work *w = work_of(log);

	if (w->n_stamps == w->cap_stamps) {
		w->cap_stamps = 2 * w->cap_stamps + 256;
		w->stamp = grow(w->stamp, w->cap_stamps, sizeof(*w->stamp));
	}
	w->stamp[w->n_stamps++] = (struct stamp){ time, serial };
}

/* With NUL bytes as '?', which no record of the kernel has. */
static char *copy(struct span s)
{
	char *ret = grow(NULL, s.n + 1, 1);

	for (size_t i = 0; i < s.n; i++)
		ret[i] = s.p[i] ? s.p[i] : '?';
	ret[s.n] = '\0';
	return ret;
}

/* Without what auditd adds behind a group separator, and blanks at the end. */
static struct span plain_body(struct span body)
{
	struct span rest;

	(void)span_split(body, '\x1d', &body, &rest);
	return span_trim(body);
}

static void add_entry(struct log *log, const struct record *record)
{
	struct log_work *w = work_of(log);

	if (w->n_entries >= LIMIT_RECORDS) {
		log->loss.broken++;
		return;
	}
	if (w->n_entries == w->cap_entries) {
		w->cap_entries = 2 * w->cap_entries + 256;
		w->entry = grow(w->entry, w->cap_entries, sizeof(*w->entry));
	}
	w->entry[w->n_entries] = (struct entry){
		.time = record->time,
		.serial = record->serial,
		.stamped = record->stamped,
		.body = copy(plain_body(record->body)),
		.order = w->n_entries,
	};
	w->n_entries++;
}

static void take_record(struct log *log, const struct record *record)
{
	switch (record->verdict) {
	case VERDICT_AUDIT:
		log->n_audit++;
		return;
	case VERDICT_STATUS:
		log->n_status++;
		return;
	case VERDICT_OTHER:
		log->loss.broken += record->cut;
		return;
	default:
		break;
	}
	if (!record->field[FIELD_OPERATION].n ||
	    (!record->field[FIELD_PROFILE].n && !record->field[FIELD_LABEL].n))
		log->loss.broken++;
	else
		add_entry(log, record);
}

/* The number that ends in front of `at`, or begins at it. */
static bool number_before(struct span line, const char *what, uint64_t *ret)
{
	const char *at = line.n ? memmem(line.p, line.n, what, strlen(what)) : NULL;
	const char *start = at;

	while (start && start > line.p && start[-1] >= '0' && start[-1] <= '9')
		start--;
	return start && span_uint((struct span){ start, (size_t)(at - start) }, UINT64_MAX, ret);
}

static bool number_behind(struct span line, const char *what, uint64_t *ret)
{
	const char *at = line.n ? memmem(line.p, line.n, what, strlen(what)) : NULL;
	struct span number;

	if (!at)
		return false;
	number = (struct span){ at + strlen(what), 0 };
	while (number.p + number.n < line.p + line.n && number.p[number.n] >= '0' &&
	       number.p[number.n] <= '9')
		number.n++;
	return span_uint(number, UINT64_MAX, ret);
}

/*
 * What tells that records are missing: lib/ratelimit.c for kernel/audit.c kauditd_printk_skb();
 * kernel/audit.c audit_log_lost(), whose number grows; systemd's journald-kmsg.c.
 */
static void take_loss(struct log *log, struct span line)
{
	uint64_t n;

	if (memmem(line.p, line.n, "audit", 5) && number_before(line, " callbacks suppressed", &n))
		log->loss.printk += n;
	if (number_behind(line, "audit_lost=", &n) && n > log->loss.audit)
		log->loss.audit = n;
	if (memmem(line.p, line.n, "Missed ", 7) && number_before(line, " kernel messages", &n))
		log->loss.journal += n;
}

/* "Command line: ..." is the kernel's first line or so; what programs write comes later. */
static void take_cmdline(struct log *log, struct span line)
{
	const char *at = line.n ? memmem(line.p, line.n, CMDLINE, sizeof(CMDLINE) - 1) : NULL;
	struct span rest;

	if (!at || log->cmdline)
		return;
	rest = (struct span){ at + sizeof(CMDLINE) - 1, 0 };
	rest.n = line.n - (size_t)(rest.p - line.p);
	log->cmdline = copy(rest);
}

/* Behind time stamps and the like, at the begin of the message: what the loader said. */
static void take_loader(struct log *log, struct span line)
{
	const char *at = line.n ? memmem(line.p, line.n, LOADER, sizeof(LOADER) - 1) : NULL;
	struct span said;

	if (!at || (at > line.p && at[-1] != ' ' && at[-1] != '\t'))
		return;
	said = (struct span){ at + sizeof(LOADER) - 1, 0 };
	said.n = line.n - (size_t)(said.p - line.p);
	list_add(&log->loader, copy(said));
}

static bool has(struct span line, const char *what)
{
	return line.n && memmem(line.p, line.n, what, strlen(what));
}

void log_line(struct log *log, struct span line)
{
	struct span rest = line;
	struct record record;
	uint64_t time, serial;
	bool any = false;

	while (record_next(&rest, &record)) {
		any = true;
		if (record.stamped)
			add_stamp(log, record.time, record.serial);
		take_record(log, &record);
	}
	if (any || audit_stamp(line, &time, &serial))
		work_of(log)->by_printk |= has(line, "audit: type=");
	if (any)
		return;
	if (audit_stamp(line, &time, &serial))
		add_stamp(log, time, serial);
	take_loss(log, line);
	take_loader(log, line);
	take_cmdline(log, line);
}

/* By time and event; then the shorter of two, so that a record that was cut stands before the whole. */
static int by_event(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int r;

	if (x->stamped != y->stamped)
		return x->stamped ? -1 : 1;
	if (!x->stamped)
		return (x->order > y->order) - (x->order < y->order);
	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	if (x->serial != y->serial)
		return x->serial < y->serial ? -1 : 1;
	r = strcmp(x->body, y->body);
	return r ? r : (x->order > y->order) - (x->order < y->order);
}

/* One record from two logs, or from one where it was cut. */
static bool is_copy(const struct entry *a, const struct entry *b)
{
	return a->stamped && b->stamped && a->time == b->time && a->serial == b->serial &&
	       strncmp(a->body, b->body, strlen(a->body)) == 0;
}

/* FNV-1a over what makes records equal. */
static uint64_t hash_of(const struct denial *d)
{
	uint64_t h = 14695981039346656037u;

	for (int i = 0; i < FIELD_COMM; i++) {
		for (const char *p = d->field[i];; p++) {
			h = (h ^ (unsigned char)*p) * 1099511628211u;
			if (!*p)
				break;
		}
	}
	return h ^ d->verdict ^ (d->owner ? 64u : 0u);
}

static bool equal(const struct denial *a, const struct denial *b)
{
	if (a->verdict != b->verdict || a->owner != b->owner || a->owner_known != b->owner_known)
		return false;
	for (int i = 0; i < FIELD_COMM; i++) {
		if (strcmp(a->field[i], b->field[i]) != 0)
			return false;
	}
	return true;
}

static void free_denial(struct denial *d)
{
	for (int i = 0; i < FIELD_COUNT; i++)
		free(d->field[i]);
	for (size_t i = 0; i < d->n_programs; i++) {
		free(d->program[i].comm);
		free(d->program[i].exe);
		free(d->program[i].pid);
	}
	free(d->program);
}

static struct denial read_denial(const struct entry *entry)
{
	struct span body = span_of(entry->body);
	struct denial d = { 0 };
	struct record record = { 0 };

	(void)record_next(&body, &record);
	d.verdict = record.verdict;
	for (int i = 0; i < FIELD_COUNT; i++) {
		struct text value = { 0 };

		record_value(&record, (enum field)i, &value);
		d.field[i] = value.data;
	}
	d.owner_known = *d.field[FIELD_FSUID] && *d.field[FIELD_OUID];
	d.owner = d.owner_known && strcmp(d.field[FIELD_FSUID], d.field[FIELD_OUID]) == 0;
	return d;
}

static void place(struct log_work *w, const struct denial *d, size_t index)
{
	size_t at = hash_of(d) & (w->n_slots - 1);

	while (w->slot[at])
		at = (at + 1) & (w->n_slots - 1);
	w->slot[at] = index + 1;
}

/* Twice as many slots; n_slots is a power of two, and never more than half of them are taken. */
static void more_slots(struct log *log)
{
	struct log_work *w = log->work;

	w->n_slots = w->n_slots ? 2 * w->n_slots : 256;
	w->slot = grow(w->slot, w->n_slots, sizeof(*w->slot));
	memset(w->slot, 0, w->n_slots * sizeof(*w->slot));
	for (size_t i = 0; i < log->n_denials; i++)
		place(w, &log->denial[i], i);
}

/* The denial that is equal to *d, or *d itself, which is then the log's. */
static struct denial *merge(struct log *log, struct denial *d)
{
	struct log_work *w = log->work;
	size_t at;

	if (2 * (log->n_denials + 1) > w->n_slots) {
		more_slots(log);
		log->denial = grow(log->denial, w->n_slots, sizeof(*log->denial));
	}
	for (at = hash_of(d) & (w->n_slots - 1); w->slot[at]; at = (at + 1) & (w->n_slots - 1)) {
		if (equal(&log->denial[w->slot[at] - 1], d))
			return &log->denial[w->slot[at] - 1];
	}
	log->denial[log->n_denials] = *d;
	w->slot[at] = ++log->n_denials;
	return &log->denial[log->n_denials - 1];
}

/* Who is denied chooses its names: beyond these all are one, so that none is sought among a million. */
#define LIMIT_PROGRAMS 64

static void count_program(struct denial *d, char **field)
{
	struct program *p = NULL;

	for (size_t i = 0; i < d->n_programs && !p; i++) {
		if (strcmp(d->program[i].comm, field[FIELD_COMM]) == 0 &&
		    strcmp(d->program[i].exe, field[FIELD_EXE]) == 0)
			p = &d->program[i];
	}
	if (!p && d->n_programs == LIMIT_PROGRAMS) {
		d->n_others++;
		return;
	}
	if (!p) {
		d->program = grow(d->program, d->n_programs + 1, sizeof(*d->program));
		p = &d->program[d->n_programs++];
		*p = (struct program){
			.comm = dup_str(field[FIELD_COMM]),
			.exe = dup_str(field[FIELD_EXE]),
			.pid = dup_str(""),
		};
	}
	free(p->pid);
	p->pid = dup_str(field[FIELD_PID]);
	p->count++;
}

/*
 * The journal's text form has a record twice, once without stamp, and nothing says which belong
 * together: of the two counts of a group the larger one holds.
 */
static void add_denial(struct log *log, const struct entry *entry)
{
	struct denial d = read_denial(entry), *to = merge(log, &d);
	bool repeated = !entry->stamped && to->n_unstamped++ < to->n_stamped;

	if (entry->stamped) {
		to->n_stamped++;
		to->first = to->first ? to->first : entry->time;
		to->last = entry->time;
	}
	if (!repeated) {
		to->count++;
		count_program(to, d.field);
	}
	if (to->field[0] != d.field[0])
		free_denial(&d);
}

static int by_time(const void *a, const void *b)
{
	const struct stamp *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return (x->serial > y->serial) - (x->serial < y->serial);
}

static int by_serial(const void *a, const void *b)
{
	const struct stamp *x = a, *y = b;

	return (x->serial > y->serial) - (x->serial < y->serial);
}

/* The numbers that are missing in one boot's stamps. */
static uint64_t gaps(struct stamp *stamp, size_t n)
{
	uint64_t missing = 0;

	qsort(stamp, n, sizeof(*stamp), by_serial);
	for (size_t i = 1; i < n; i++) {
		if (stamp[i].serial > stamp[i - 1].serial + 1)
			missing += stamp[i].serial - stamp[i - 1].serial - 1;
	}
	return missing;
}

/*
 * Does the log end where the kernel's limit was reached? It tells what it left out only with the next
 * message that it would print. More than two bursts at a time: there is no limit.
 */
static bool ends_in_burst(const struct stamp *stamp, size_t n)
{
	size_t first = 0, most = 0;

	if (n < BURST_RECORDS ||
	    stamp[n - 1].time - stamp[n - BURST_RECORDS].time > BURST_MILLISECONDS)
		return false;
	for (size_t i = 0; i < n; i++) {
		while (stamp[i].time - stamp[first].time > BURST_MILLISECONDS)
			first++;
		if (i - first + 1 > most)
			most = i - first + 1;
	}
	return most <= 2 * BURST_RECORDS;
}

/* Serial numbers begin again with each boot; two processors may take theirs in another order than
 * the time. */
static void count_gaps(struct log *log)
{
	struct log_work *w = log->work;
	uint64_t highest = 0;
	size_t start = 0;

	if (!w->n_stamps)
		return;
	qsort(w->stamp, w->n_stamps, sizeof(*w->stamp), by_time);
	log->loss.burst = w->by_printk && ends_in_burst(w->stamp, w->n_stamps);
	for (size_t i = 0; i < w->n_stamps; i++) {
		if (w->stamp[i].serial + 64 < highest) {
			log->loss.serials += gaps(w->stamp + start, i - start);
			start = i;
			highest = 0;
		}
		if (w->stamp[i].serial > highest)
			highest = w->stamp[i].serial;
	}
	log->loss.serials += gaps(w->stamp + start, w->n_stamps - start);
}

static void free_work(struct log *log)
{
	struct log_work *w = log->work;

	if (!w)
		return;
	for (size_t i = 0; i < w->n_entries; i++)
		free(w->entry[i].body);
	free(w->entry);
	free(w->stamp);
	free(w->slot);
	free(w);
	log->work = NULL;
}

void log_finish(struct log *log)
{
	struct log_work *w = work_of(log);

	if (w->n_entries)
		qsort(w->entry, w->n_entries, sizeof(*w->entry), by_event);
	for (size_t i = 0; i < w->n_entries; i++) {
		if (i + 1 == w->n_entries || !is_copy(&w->entry[i], &w->entry[i + 1]))
			add_denial(log, &w->entry[i]);
	}
	count_gaps(log);
	free_work(log);
}

void log_free(struct log *log)
{
	free_work(log);
	for (size_t i = 0; i < log->n_denials; i++)
		free_denial(&log->denial[i]);
	free(log->denial);
	free(log->cmdline);
	list_free(&log->loader);
	list_free(&log->read);
	list_free(&log->unread);
	*log = (struct log){ 0 };
}
