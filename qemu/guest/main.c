/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The guest's own program, one binary with several names:
 *   guest-init      the next init: tells what it was given, then powers off
 *   modprobe        the observer: the kernel starts it, unconfined, from outside of every confined
 *                   task
 *   guest-features  prints the kernel's AppArmor feature set
 *   guest-tree      lists the files that the kernel unpacked
 *   outside         the observer of whole systems: stays outside, and executes /init
 *   ask             asks that observer
 *   escapee         what attackers have others start (attack.c)
 *   helper, request-key, release
 *                   what the kernel starts by itself (census.c)
 *   apparmor_parser what attackers put into its place (attack-policy.c)
 *   type            types a line at the console
 *   stack           tries what labels let do
 *   preinit         makes the conditions under which the loader starts, then executes /init
 */
#include <stdio.h>
#include <string.h>

#include "attack.h"
#include "guest.h"

int main(int argc, char **argv, char **envp)
{
	const char *name = argc > 0 ? strrchr(argv[0], '/') : NULL;

	name = name ? name + 1 : (argc > 0 ? argv[0] : "");
	/* an attacker's interpreter has the words of what it stands for */
	if (argc > 1 && strcmp(name, "modprobe") != 0 && !strcmp(argv[argc - 1], "fs-escapee"))
		return guest_escapee();
	if (!strcmp(name, "modprobe"))
		return guest_observer(argc > 1 ? argv[argc - 1] : "");
	if (!strcmp(name, "guest-features"))
		return guest_features();
	if (!strcmp(name, "guest-tree"))
		return guest_tree();
	if (!strcmp(name, "outside"))
		return guest_outside(argv, envp);
	if (!strcmp(name, "ask"))
		return guest_ask(argc, argv);
	if (!strcmp(name, "escapee") || (argc > 1 && !strcmp(argv[argc - 1], "escapee")))
		return guest_escapee();
	if (!strcmp(name, "helper"))
		return guest_helper(argc > 1 ? argv[1] : "core");
	if (!strcmp(name, "request-key") || !strcmp(name, "release"))
		return guest_helper(name);
	if (argc == 3 && !strcmp(argv[1], "helper"))
		return guest_helper(argv[2]);
	if (!strcmp(name, "apparmor_parser"))
		return guest_parser(argc > 1 ? argv[1] : NULL);
	if (!strcmp(name, "type"))
		return guest_type(argc, argv);
	if (!strcmp(name, "stack"))
		return guest_stack(argc > 1 ? argv[1] : NULL);
	if (!strcmp(name, "preinit"))
		return guest_preinit(argc, argv, envp);
	return guest_init(argc, argv, envp);
}
