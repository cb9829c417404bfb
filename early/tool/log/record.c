// SPDX-License-Identifier: LGPL-2.1-or-later
#include "record.h"

#include <string.h>

#define MARK "apparmor=\""

static const char *const keys[] = {
	[FIELD_OPERATION] = "operation",
	[FIELD_CLASS] = "class",
	[FIELD_INFO] = "info",
	[FIELD_ERROR] = "error",
	[FIELD_NAMESPACE] = "namespace",
	[FIELD_PROFILE] = "profile",
	[FIELD_LABEL] = "label",
	[FIELD_NAME] = "name",
	[FIELD_TARGET] = "target",
	[FIELD_REQUESTED] = "requested_mask",
	[FIELD_DENIED] = "denied_mask",
	[FIELD_CAPNAME] = "capname",
	[FIELD_SOURCE] = "srcname",
	[FIELD_FSTYPE] = "fstype",
	[FIELD_FLAGS] = "flags",
	[FIELD_PEER] = "peer",
	[FIELD_SIGNAL] = "signal",
	[FIELD_FAMILY] = "family",
	[FIELD_SOCK_TYPE] = "sock_type",
	[FIELD_BUS] = "bus",
	[FIELD_COMM] = "comm",
	[FIELD_EXE] = "exe",
	[FIELD_PID] = "pid",
	[FIELD_FSUID] = "fsuid",
	[FIELD_OUID] = "ouid",
};

/* Other names of the same: user namespaces, io_uring and message queues; D-Bus. */
static const struct {
	const char *key;
	enum field field;
} aliases[] = {
	{ "requested", FIELD_REQUESTED },
	{ "denied", FIELD_DENIED },
	{ "mask", FIELD_DENIED },
	{ "peer_label", FIELD_PEER },
};

static struct span find(struct span in, const char *what)
{
	const char *p = in.n ? memmem(in.p, in.n, what, strlen(what)) : NULL;

	return p ? (struct span){ p, in.n - (size_t)(p - in.p) } : (struct span){ 0 };
}

static struct span skip(struct span s, size_t n)
{
	return (struct span){ s.p + n, s.n - n };
}

/* How many bytes from the begin on are decimal digits. */
static size_t digits(struct span s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	return n;
}

static bool take_number(struct span *s, char end, uint64_t *ret)
{
	size_t n = digits(*s);

	if (n == s->n || s->p[n] != end || !span_uint((struct span){ s->p, n }, UINT64_MAX, ret))
		return false;
	*s = skip(*s, n + 1);
	return true;
}

bool audit_stamp(struct span line, uint64_t *ret_time, uint64_t *ret_serial)
{
	struct span at = find(line, "audit(");
	uint64_t seconds, milliseconds, serial;

	if (!at.n)
		return false;
	at = skip(at, 6);
	if (!take_number(&at, '.', &seconds) || !take_number(&at, ':', &milliseconds) ||
	    !take_number(&at, ')', &serial) || seconds > UINT32_MAX || milliseconds > 999)
		return false;
	*ret_time = seconds * 1000 + milliseconds;
	*ret_serial = serial;
	return true;
}

static enum verdict take_verdict(struct span word)
{
	static const struct {
		const char *word;
		enum verdict verdict;
	} words[] = {
		{ "DENIED", VERDICT_DENIED }, { "ALLOWED", VERDICT_ALLOWED },
		{ "KILLED", VERDICT_KILLED }, { "AUDIT", VERDICT_AUDIT },
		{ "STATUS", VERDICT_STATUS },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (span_is(word, words[i].word))
			return words[i].verdict;
	}
	return VERDICT_OTHER;
}

static int field_of(struct span key)
{
	for (int i = 0; i < FIELD_COUNT; i++) {
		if (span_is(key, keys[i]))
			return i;
	}
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
		if (span_is(key, aliases[i].key))
			return (int)aliases[i].field;
	}
	return -1;
}

static bool is_key(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

/* A value ends at a blank, or at what auditd puts in front of its own fields. */
static bool ends_value(char c)
{
	return (unsigned char)c <= ' ';
}

/* At a value: takes it off *rest. */
static struct span take_value(struct span *rest, bool *ret_quoted, bool *ret_cut)
{
	struct span value = *rest, behind;

	*ret_quoted = rest->n && rest->p[0] == '"';
	if (*ret_quoted) {
		*rest = skip(*rest, 1);
		if (!span_split(*rest, '"', &value, &behind)) {
			*ret_cut = true;
			value = *rest;
			behind = skip(*rest, rest->n);
		}
		*rest = behind;
		return value;
	}
	value.n = 0;
	while (value.n < rest->n && !ends_value(rest->p[value.n]))
		value.n++;
	*rest = skip(*rest, value.n);
	return value;
}

/*
 * Takes what stands next: "key=value", or a byte that begins none. Of several with one name the
 * first counts: what follows is auditd's, or another line that ran into this one.
 */
static void take_pair(struct span *rest, struct record *ret)
{
	struct span key = { rest->p, 0 }, value;
	bool quoted = false;
	int field;

	while (key.n < rest->n && is_key(rest->p[key.n]))
		key.n++;
	if (!key.n || key.n == rest->n || rest->p[key.n] != '=') {
		*rest = skip(*rest, key.n ? key.n : 1);
		return;
	}
	*rest = skip(*rest, key.n + 1);
	value = take_value(rest, &quoted, &ret->cut);
	field = field_of(key);
	if (field >= 0 && !ret->field[field].p) {
		ret->field[field] = value;
		ret->quoted[field] = quoted;
	}
}

bool record_next(struct span *text, struct record *ret)
{
	struct span at = find(*text, MARK), head, rest, next, stamp;
	bool quoted;

	if (!at.n)
		return false;
	*ret = (struct record){ 0 };
	head = (struct span){ text->p, (size_t)(at.p - text->p) };
	ret->stamped = audit_stamp(head, &ret->time, &ret->serial);
	next = find(skip(at, 1), MARK);
	ret->body = (struct span){ at.p, next.n ? (size_t)(next.p - at.p) : at.n };
	/* The stamp of the next record is not part of this one. */
	stamp = next.n ? find(ret->body, "audit(") : next;
	ret->body.n -= stamp.n;
	*text = skip(at, ret->body.n);
	rest = skip(ret->body, sizeof(MARK) - 2);
	ret->verdict = take_verdict(take_value(&rest, &quoted, &ret->cut));
	while (rest.n)
		take_pair(&rest, ret);
	return true;
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Which fields the kernel writes by audit_log_untrustedstring(). */
static bool may_be_hex(enum field field)
{
	switch (field) {
	case FIELD_ERROR:
	case FIELD_SIGNAL:
	case FIELD_PID:
	case FIELD_FSUID:
	case FIELD_OUID:
	case FIELD_OPERATION:
	case FIELD_CLASS:
		return false;
	default:
		return true;
	}
}

static bool is_hex(struct span s)
{
	if (!s.n || s.n % 2)
		return false;
	for (size_t i = 0; i < s.n; i += 2) {
		if (nibble(s.p[i]) < 0 || nibble(s.p[i + 1]) < 0 ||
		    (s.p[i] == '0' && s.p[i + 1] == '0'))
			return false;
	}
	return true;
}

void record_value(const struct record *record, enum field field, struct text *ret)
{
	struct span s = record->field[field];

	text_add(ret, "", 0);
	if (!s.p)
		return;
	if (record->quoted[field] || !may_be_hex(field) || !is_hex(s)) {
		for (size_t i = 0; i < s.n; i++)
			text_add(ret, s.p[i] ? &s.p[i] : "?", 1);
		return;
	}
	for (size_t i = 0; i < s.n; i += 2) {
		char c = (char)(nibble(s.p[i]) << 4 | nibble(s.p[i + 1]));

		text_add(ret, &c, 1);
	}
}
