// SPDX-License-Identifier: LGPL-2.1-or-later
// sources: early/tool/log/record.c early/tool/log/log.c early/tool/log/journal.c early/tool/util.c
// libs: -ljson-c
/*
 * Any log: what is handed out lies in the text, records follow each other in it, the counts of the
 * groups add up to no more than the records, and no value has a NUL.
 */
#include "lines.h"

#include "log/log.h"

static const char *const *target_lines(size_t *n)
{
	static const char *const lines[] = {
		"[ 1.26] audit: type=1400 audit(1795303759.764:5): apparmor=\"ALLOWED\" "
		"operation=\"open\" "
		"profile=\"global\" name=\"/etc/passwd\" pid=1 comm=\"a\" denied_mask=\"ac\" "
		"fsuid=0 ouid=0",
		"audit(1795303759.764:6): apparmor=\"DENIED\" operation=\"capable\" class=\"cap\" "
		"namespace=\"root//application\" profile=2F61 comm=6120 capname=\"mac_admin\"",
		"AVC apparmor=\"DENIED\" operation=\"x\" "
		"label=\"global//&:application:unconfined\"",
		"kauditd_printk_skb: 22 callbacks suppressed",
		"audit: audit_lost=3 audit_rate_limit=0",
		"Missed 17 kernel messages",
		"initward: confined: x",
		"Command line: audit=0",
		"{\"_TRANSPORT\":\"audit\",\"_AUDIT_ID\":\"9\",\"_SOURCE_REALTIME_TIMESTAMP\":"
		"\"2003000\","
		"\"MESSAGE\":\"AVC apparmor=\\\"DENIED\\\" operation=\\\"x\\\" "
		"profile=\\\"g\\\"\"}",
	};

	*n = sizeof(lines) / sizeof(*lines);
	return lines;
}

static size_t check_records(struct span text)
{
	struct span rest = text;
	struct record record;
	const char *at = text.p;
	size_t n = 0;

	for (; record_next(&rest, &record); n++) {
		require_inside(record.body, text.p, text.n);
		REQUIRE(record.body.n && record.body.p >= at);
		at = record.body.p + record.body.n;
		REQUIRE(rest.p >= at);
		for (int f = 0; f < FIELD_COUNT; f++) {
			struct text value = { 0 };

			if (record.field[f].p)
				require_inside(record.field[f], record.body.p, record.body.n);
			record_value(&record, (enum field)f, &value);
			REQUIRE(value.data && strlen(value.data) == value.len);
			text_free(&value);
		}
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = { (const char *)data, size }, line;
	struct log log = { 0 };
	size_t records = 0;
	uint64_t count = 0;

	while (span_next_line(&rest, &line)) {
		if (log_json_line(&log, line)) {
			records += 64; /* escaped, so that they are not seen here */
			continue;
		}
		records += check_records(line);
		log_line(&log, line);
	}
	log_finish(&log);
	for (size_t i = 0; i < log.n_denials; i++) {
		uint64_t programs = 0;

		for (size_t k = 0; k < log.denial[i].n_programs; k++)
			programs += log.denial[i].program[k].count;
		REQUIRE(log.denial[i].count && programs == log.denial[i].count);
		REQUIRE(log.denial[i].first <= log.denial[i].last);
		count += programs;
	}
	REQUIRE(count <= records);
	planted_bug(log.n_denials > 3 && log.loss.printk > 100 && log.loss.journal);
	log_free(&log);
	return 0;
}
