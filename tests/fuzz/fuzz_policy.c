// SPDX-License-Identifier: LGPL-2.1-or-later
// sources: early/tool/image/policy.c early/tool/compile/featset.c early/tool/util.c
// max_len: 16384
/*
 * Any compiled policy: what blob_next() finds whole is read or refused, reading always moves on, and
 * an automaton that was taken for sound can be walked with any path.
 */
#include "fuzz.h"

#include "blob.h"
#include "image/policy.h"

static struct featset features;

static void walk(const struct compiled_policy *policy, const uint8_t *data, size_t size)
{
	char path[64];
	size_t n = size < sizeof(path) - 1 ? size : sizeof(path) - 1;

	memcpy(path, data + size - n, n);
	path[n] = '\0';
	(void)policy_may_chown(policy, path);
	(void)policy_may_chown(policy, "/proc/version");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char text[] =
		"policy {permstable32 {allow\n}\npermstable32_version {0x000003\n"
		"}\nstate32 {0x000001\n}\n}\n";
	struct span blob = { (const char *)data, size };
	struct compiled_policy policy;
	struct policy_needs needs = { .abi = 0 };
	struct blob_profile p = { .name = NULL };
	size_t pos = 0, end = 0, before = 0;
	unsigned int line;

	while (blob_next(data, size, &end, &p) == 1) {
		if (!policy_next(blob, &pos, &policy, &needs)) {
			REQUIRE(pos == before);
			return 0;
		}
		REQUIRE(pos == end && pos > before);
		REQUIRE(policy.complain == (p.mode == MODE_COMPLAIN));
		before = pos;
		walk(&policy, data, size);
		planted_bug(policy.file.present && policy.file.perms && needs.permsv > 2);
	}
	REQUIRE(featset_parse(span_of(text), &features, &line));
	REQUIRE(policy_fits(&needs, &features) != POLICY_UNCLEAR || needs.tags);
	return 0;
}
