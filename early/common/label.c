// SPDX-License-Identifier: LGPL-2.1-or-later
#include "label.h"

#include <string.h>

bool label_split(struct span text, struct span *label, struct span *mode)
{
	size_t at = text.n;

	if (!at || text.p[at - 1] != ')')
		return false;
	while (at > 1 && !(text.p[at - 1] == '(' && text.p[at - 2] == ' '))
		at--;
	if (at <= 1)
		return false;
	*label = (struct span){ text.p, at - 2 };
	*mode = (struct span){ text.p + at, text.n - at - 1 };
	return true;
}

struct span label_take_namespace(struct span *name)
{
	struct span ns, rest;

	if (!span_starts(*name, ":"))
		return span_of("-");
	rest = (struct span){ name->p + 1, name->n - 1 };
	if (!span_split(rest, ':', &ns, &rest))
		return span_of("-");
	if (span_starts(rest, "//"))
		rest = (struct span){ rest.p + 2, rest.n - 2 };
	*name = rest;
	return ns;
}

bool label_next_part(struct span *rest, struct span *ret)
{
	for (size_t i = 0; i + 3 <= rest->n; i++) {
		if (memcmp(rest->p + i, "//&", 3) == 0) {
			*ret = (struct span){ rest->p, i };
			*rest = (struct span){ rest->p + i + 3, rest->n - i - 3 };
			return true;
		}
	}
	*ret = *rest;
	*rest = (struct span){ rest->p + rest->n, 0 };
	return ret->n > 0;
}
