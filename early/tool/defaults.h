/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_DEFAULTS_H
#define INITWARD_DEFAULTS_H

#include "tool.h"
#include "util.h"

/* The policy and the configuration of this machine, for every verb that nobody names others to. */
#define OWN_POLICY "/etc/initward/policy"
#define OWN_CONFIG "/etc/initward/initward.conf"
#define STOCK_POLICY INITWARD_DATADIR "/stock/global"

/*
 * Adds to `sources` the administrator's own folder where it holds a policy file, else the package's
 * policy, and then to `includes` that folder, where it exists, for what the policy includes.
 */
void default_policy(struct list *sources, struct list *includes);

/* The administrator's own configuration where it exists, else NULL. */
const char *default_config(void);

#endif
