// SPDX-License-Identifier: LGPL-2.1-or-later
#include "kv.h"

struct kv kv_open(struct span text)
{
	return (struct kv){ .rest = text };
}

bool kv_has_control(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return true;
	}
	return false;
}

int kv_next(struct kv *kv)
{
	struct span line;

	while (span_next_line(&kv->rest, &line)) {
		kv->line++;
		kv->text = line = span_trim(line);
		if (kv_has_control(line))
			return -1;
		if (!line.n || line.p[0] == '#')
			continue;
		if (!span_split(line, '=', &kv->key, &kv->value))
			return -1;
		kv->key = span_trim(kv->key);
		kv->value = span_trim(kv->value);
		return kv->key.n ? 1 : -1;
	}
	return 0;
}

bool kv_version(struct kv *kv)
{
	return kv_next(kv) == 1 && span_is(kv->key, "version") && span_is(kv->value, "1");
}
