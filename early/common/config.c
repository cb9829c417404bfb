// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config.h"

#include <stddef.h>
#include <string.h>

#include "kv.h"

static const char policy_words[] = "off\0complain\0enforce\0";
static const char mode_words[] = "visible\0hidden\0managed\0";
static const char level_words[] = "compatible\0strict\0sealed\0";
static const char on_failure_words[] = "continue\0panic\0";
static const char lock_words[] = "no\0yes\0";
static const char mount_api_words[] = "classic\0all\0";
static const char usermode_helpers_words[] = "allow\0deny\0";

enum key {
	KEY_POLICY,
	KEY_MODE,
	KEY_ON_FAILURE,
	KEY_INIT,
	KEY_LEVEL,
	KEY_LOCK,
	KEY_MOUNT_API,
	KEY_USERMODE_HELPERS,
	KEY_COUNT
};

/* Those before KEY_LEVEL may also be given on the kernel command line. */
static const char key_words[] = "policy\0mode\0on_failure\0init\0level\0lock\0mount_api\0"
				"usermode_helpers\0";

const char *policy_name(enum policy policy)
{
	return words_at(policy_words, policy);
}

const char *mode_name(enum mode mode)
{
	return words_at(mode_words, mode);
}

const char *level_name(enum level level)
{
	return words_at(level_words, level);
}

const char *mount_api_name(enum mount_api mount_api)
{
	return words_at(mount_api_words, mount_api);
}

const char *usermode_helpers_name(enum usermode_helpers usermode_helpers)
{
	return words_at(usermode_helpers_words, usermode_helpers);
}

const char *on_failure_name(enum on_failure on_failure)
{
	return words_at(on_failure_words, on_failure);
}

void config_init(struct config *ret)
{
	*ret = (struct config){
		.policy = POLICY_ENFORCE,
		.mode = MODE_HIDDEN,
		.level = LEVEL_COMPATIBLE,
		.on_failure = ON_FAILURE_PANIC,
	};
}

static bool set_init(struct config *conf, struct span value)
{
	/* "/init" is this program, which would execute itself for ever. */
	if (value.n < 2 || value.n > LIMIT_NAME || value.p[0] != '/' || kv_has_control(value) ||
	    span_is(value, "/init"))
		return false;
	memcpy(conf->init, value.p, value.n);
	conf->init[value.n] = '\0';
	return true;
}

/* One of the keys whose value is a word of a fixed set, or init. */
static bool set_key(struct config *conf, enum key key, struct span value)
{
	static const char *const words[KEY_COUNT] = {
		[KEY_POLICY] = policy_words,
		[KEY_MODE] = mode_words,
		[KEY_LEVEL] = level_words,
		[KEY_ON_FAILURE] = on_failure_words,
		[KEY_LOCK] = lock_words,
		[KEY_MOUNT_API] = mount_api_words,
		[KEY_USERMODE_HELPERS] = usermode_helpers_words,
	};
	/* Each is as large as an int: a switch over them makes the loader 60 bytes larger. */
	static const unsigned char places[] = {
		[KEY_POLICY] = offsetof(struct config, policy),
		[KEY_MODE] = offsetof(struct config, mode),
		[KEY_ON_FAILURE] = offsetof(struct config, on_failure),
		[KEY_LEVEL] = offsetof(struct config, level),
		[KEY_LOCK] = offsetof(struct config, lock),
		[KEY_MOUNT_API] = offsetof(struct config, mount_api),
		[KEY_USERMODE_HELPERS] = offsetof(struct config, usermode_helpers),
	};
	int i;

	if (key == KEY_INIT)
		return set_init(conf, value);
	i = words_index(words[key], value);
	if (i < 0)
		return false;
	*(unsigned int *)((char *)conf + places[key]) = (unsigned int)i;
	return true;
}

bool config_is_name(struct span s)
{
	if (s.n - 1 >= LIMIT_POLICY_NAME || s.p[0] < 'a')
		return false;
	while (s.n) {
		char c = s.p[--s.n];

		if (c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z'))
			return false;
	}
	return true;
}

/* "enforce", "enforce NAME": all or nothing. */
static bool set_policy(struct config *conf, struct span value)
{
	struct span name = value;

	(void)span_next_word(&name, &value);
	name = span_trim(name);
	if ((name.n && !config_is_name(name)) || !set_key(conf, KEY_POLICY, value))
		return false;
	memcpy(conf->name, name.p, name.n);
	conf->name[name.n] = '\0';
	return true;
}

bool config_set(struct config *conf, struct span key, struct span value)
{
	int i = words_index(key_words, key);

	return i >= 0 && i < KEY_LEVEL && set_key(conf, (enum key)i, value);
}

static void complain(struct strbuf *why, unsigned int bad, unsigned int line, const char *what,
		     struct span word)
{
	if (bad)
		sb_str(why, "; ");
	sb_str(why, "line ");
	sb_uint(why, line);
	sb_strs(why, ": ", what, " ", NULL);
	sb_quoted(why, word);
}

/* Takes one line; NULL where it is right, else what is wrong with it. */
static const char *take_line(struct config *conf, const struct kv *kv, bool seen[KEY_COUNT],
			     struct span *word)
{
	int key = words_index(key_words, kv->key);

	*word = kv->key;
	if (key < 0)
		return "unknown key";
	if (seen[key])
		return "duplicate key";
	seen[key] = true;
	*word = kv->value;
	if (key == KEY_POLICY ? !set_policy(conf, kv->value)
			      : !set_key(conf, (enum key)key, kv->value))
		return key == KEY_INIT ? "not an absolute path to another program:"
				       : "unknown value";
	return NULL;
}

unsigned int config_parse(struct span text, struct config *ret, struct strbuf *why)
{
	struct kv kv = kv_open(text);
	bool seen[KEY_COUNT] = { false };
	unsigned int bad = 0, bad_action = 0;
	struct span word;
	int r;

	config_init(ret);
	if (!kv_version(&kv)) {
		complain(why, bad++, kv.line, "the first line has to be \"version = 1\", not",
			 kv.text);
		bad_action++;
	}
	while ((r = kv_next(&kv)) != 0) {
		const char *what = r < 0 ? "not \"key = value\" in plain text:" : NULL;

		word = kv.text;
		if (!what)
			what = take_line(ret, &kv, seen, &word);
		if (!what)
			continue;
		complain(why, bad++, kv.line, what, word);
		bad_action += r > 0 && span_is(kv.key, "on_failure");
	}
	if (!seen[KEY_INIT])
		complain(why, bad++, kv.line, "missing key", span_of("init"));
	if (!bad && !seen[KEY_ON_FAILURE])
		ret->on_failure = ON_FAILURE_CONTINUE;
	if (bad_action)
		ret->on_failure = ON_FAILURE_PANIC;
	return bad;
}

bool config_allowed(const struct config *conf)
{
	/*
	 * A dry run must not latch the machine. Under strict the parser keeps mac_admin: in visible and managed mode root
	 * removes the global profile with it.
	 */
	static const bool allowed[3][3][3] = {
		[POLICY_OFF] = { [LEVEL_COMPATIBLE] = { true, true, true },
				 [LEVEL_STRICT] = { true, true, true },
				 [LEVEL_SEALED] = { true, true, true } },
		[POLICY_COMPLAIN] = { [LEVEL_COMPATIBLE] = { true, true, true },
				      [LEVEL_STRICT] = { [MODE_HIDDEN] = true } },
		[POLICY_ENFORCE] = { [LEVEL_COMPATIBLE] = { true, true, true },
				     [LEVEL_STRICT] = { [MODE_HIDDEN] = true },
				     [LEVEL_SEALED] = { true, true } },
	};

	return allowed[conf->policy][conf->level][conf->mode];
}

bool config_latches(const struct config *conf)
{
	return conf->policy == POLICY_ENFORCE && conf->level > LEVEL_COMPATIBLE;
}

bool config_filters(const struct config *conf)
{
	return config_latches(conf) && conf->mount_api == MOUNT_API_CLASSIC;
}

bool config_denies_helpers(const struct config *conf)
{
	return config_latches(conf) && conf->usermode_helpers == USERMODE_HELPERS_DENY;
}
