// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Writes AppArmor's lock for `initward seal`. A policy can leave the right to it to this program alone
 * (policy/strict/latch): so it is one that can do nothing else, and links nothing. "1" locks policy until the next
 * boot; "0" only asks the kernel for the same rights. The status is the errno.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "places.h"

int main(int argc, char **argv)
{
	static const char usage[] = "usage: initward-latch 0|1; see initward-seal(1)\n";
	int fd;

	if (argc != 2 || (strcmp(argv[1], "0") != 0 && strcmp(argv[1], "1") != 0)) {
		(void)!write(STDERR_FILENO, usage, sizeof(usage) - 1);
		return 255;
	}
	fd = open("/" AA_PARAMETERS "/lock_policy", O_WRONLY | O_CLOEXEC);
	return fd >= 0 && write(fd, argv[1], 1) == 1 ? 0 : errno;
}
