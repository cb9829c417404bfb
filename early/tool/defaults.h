/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_DEFAULTS_H
#define INITWARD_DEFAULTS_H

#include "config.h"
#include "tool.h"
#include "util.h"

/* The policy and the configuration of this machine, for every verb that nobody names others to. */
#define OWN_POLICY "/etc/initward/policy"
#define OWN_CONFIG "/etc/initward/initward.conf"
#define OWN_APPLICATION "/etc/initward/application"
#define SYSTEM_POLICY "/etc/apparmor.d"
#define STOCK_POLICY INITWARD_DATADIR "/stock/global"

#define STRICT_POLICY INITWARD_DATADIR "/strict"
#define SEALED_POLICY INITWARD_DATADIR "/sealed"

/*
 * Adds to `sources` the policy that the configuration names; else the administrator's own folder where it holds a
 * policy file, else the package's policy of the level. A policy of the package includes what it wants from
 * that folder, which goes to `includes` where it exists. `file` is the configuration's, for messages. False
 * after it has said why there is none: no policy has that name, it is written for another mode or level, or the folder
 * holds a policy as well.
 */
bool default_policy(const struct config *config, const char *file, struct list *sources,
		    struct list *includes);

/*
 * What a configuration asks for, to choose by; the defaults where it is NULL or says nothing. Who puts it into an image
 * says what is wrong with it.
 */
void read_config(const char *path, struct config *ret);

/*
 * What was said by --application becomes what is compiled: nothing by "none", which has to stand alone; nothing
 * said, where a policy of `sources` was taken by its name and has a folder "application", that one; else, at level sealed, where nobody loads policy behind the loader: the administrator's own folder where it is
 * there, else the one from which this machine would load its own, where there is any in it. In visible mode the loader takes no policy for applications.
 */
void choose_application(const struct config *config, const struct list *sources,
			struct list *applications);
bool application_fits(const struct list *applications);

/* The administrator's own configuration where it exists, else NULL. */
const char *default_config(void);

#endif
