// SPDX-License-Identifier: LGPL-2.1-or-later
/* Standard input through complain_text(), for compile.bats. */
#include <stdio.h>
#include <stdlib.h>

#include "compile/complain.h"

int main(int argc, char **argv)
{
	static char in[1 << 16];
	size_t n = fread(in, 1, sizeof(in), stdin), len = 0;
	size_t cap = argc > 1 ? (size_t)atoi(argv[1]) : complain_space(n);
	char *out = malloc(cap ? cap : 1);
	unsigned int line = 0;
	enum complain_error err = COMPLAIN_SPACE;

	if (out)
		err = complain_text((struct span){ in, n }, out, cap, &len, &line);
	if (err)
		fprintf(stderr, "error %d line %u\n", (int)err, line);
	else
		fwrite(out, 1, len, stdout);
	free(out);
	return (int)err;
}
