// SPDX-License-Identifier: LGPL-2.1-or-later
// sources: early/tool/compile/complain.c early/tool/policy/lex.c
/*
 * Any policy text: the promised space is enough, one byte less than the result is not, and nothing
 * is written behind it; for what was written, too. (That a dry run is its own dry run holds for
 * policy that the parser takes, not for any text.)
 */
#include "lines.h"

#include "compile/complain.h"

static const char *const *target_lines(size_t *n)
{
	static const char *const lines[] = {
		"profile global {",
		"profile a /bin/a flags=(attach_disconnected, kill) {",
		"/bin/b (enforce) {",
		"^hat {",
		"hat h flags=(complain) {",
		"  deny /etc/passwd w,",
		"  audit deny capability mac_admin,",
		"  owner deny \"/a b\" r,",
		"  /{,**} rwlkm,",
		"  if $x {",
		"} else {",
		"  deny",
		"@{x}=/a /b",
		"# deny {",
		"}",
	};

	*n = sizeof(lines) / sizeof(*lines);
	return lines;
}

static enum complain_error convert(struct span in, size_t cap, char **ret, size_t *ret_len)
{
	unsigned int line = 0, lines = 1;
	enum complain_error err;

	*ret = malloc(cap ? cap : 1);
	REQUIRE(*ret);
	err = complain_text(in, *ret, cap, ret_len, &line);
	for (size_t i = 0; i < in.n; i++)
		lines += in.p[i] == '\n';
	if (err)
		REQUIRE(err == COMPLAIN_SPACE || (line >= 1 && line <= lines));
	else
		REQUIRE(*ret_len <= cap);
	return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = { (const char *)data, size };
	char *out, *again, *small;
	size_t n = 0, n_again = 0, n_small = 0;
	enum complain_error err = convert(in, complain_space(size), &out, &n);

	REQUIRE(err != COMPLAIN_SPACE);
	if (!err) {
		struct span dry = { out, n };

		REQUIRE(convert(dry, complain_space(n), &again, &n_again) != COMPLAIN_SPACE);
		free(again);
		if (n) {
			REQUIRE(convert(in, n - 1, &small, &n_small) == COMPLAIN_SPACE);
			free(small);
		}
		planted_bug(n > size + 200);
	}
	free(out);
	return 0;
}
