// SPDX-License-Identifier: LGPL-2.1-or-later
#include "unit.h"

#include "config.h"

#define V "version = 1\n"
#define INIT "init = /sbin/init\n"

struct outcome {
	struct config conf;
	unsigned int bad;
	char why[LIMIT_MESSAGE];
};

static struct outcome parse(struct span text)
{
	struct outcome ret;
	struct strbuf sb;
	struct span copy = exact_copy(text);

	memset(&ret.conf, 0x5a, sizeof(ret.conf));
	sb_init(&sb, ret.why, sizeof(ret.why));
	ret.bad = config_parse(copy, &ret.conf, &sb);
	free((char *)copy.p);
	return ret;
}

static void show(const struct config *conf, char *ret, size_t cap)
{
	snprintf(ret, cap, "%s%s%s %s %s %s %s %s%s%s", policy_name(conf->policy),
		 conf->name[0] ? ":" : "", conf->name, mode_name(conf->mode),
		 level_name(conf->level), on_failure_name(conf->on_failure),
		 conf->lock ? "locked" : "open", conf->mount_api == MOUNT_API_ALL ? "all " : "",
		 conf->usermode_helpers == USERMODE_HELPERS_DENY ? "no autoload " : "", conf->init);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(policy_name(POLICY_OFF), "off");
	assert_string_equal(policy_name(POLICY_COMPLAIN), "complain");
	assert_string_equal(policy_name(POLICY_ENFORCE), "enforce");
	assert_string_equal(mode_name(MODE_VISIBLE), "visible");
	assert_string_equal(mode_name(MODE_HIDDEN), "hidden");
	assert_string_equal(mode_name(MODE_MANAGED), "managed");
	assert_string_equal(level_name(LEVEL_COMPATIBLE), "compatible");
	assert_string_equal(level_name(LEVEL_STRICT), "strict");
	assert_string_equal(level_name(LEVEL_SEALED), "sealed");
	assert_string_equal(mount_api_name(MOUNT_API_CLASSIC), "classic");
	assert_string_equal(mount_api_name(MOUNT_API_ALL), "all");
	assert_string_equal(usermode_helpers_name(USERMODE_HELPERS_ALLOW), "allow");
	assert_string_equal(usermode_helpers_name(USERMODE_HELPERS_DENY), "deny");
	assert_string_equal(on_failure_name(ON_FAILURE_CONTINUE), "continue");
	assert_string_equal(on_failure_name(ON_FAILURE_PANIC), "panic");
}

static void test_before_a_file_is_read(void **state)
{
	struct config conf;
	char got[512];

	(void)state;
	memset(&conf, 0x5a, sizeof(conf));
	config_init(&conf);
	show(&conf, got, sizeof(got));
	assert_string_equal(got, "enforce hidden compatible panic open ");
}

static void test_good_files(void **state)
{
	static const struct {
		struct span text;
		const char *want;
	} rows[] = {
		{ LIT(V INIT), "enforce hidden compatible continue open /sbin/init" },
		{ LIT("version=1\ninit=/i"), "enforce hidden compatible continue open /i" },
		{ LIT("# c\n\n" V "\n# d\n" INIT "# e"),
		  "enforce hidden compatible continue open /sbin/init" },
		{ LIT(V INIT "policy = off\n"), "off hidden compatible continue open /sbin/init" },
		{ LIT(V INIT "policy = complain\n"),
		  "complain hidden compatible continue open /sbin/init" },
		{ LIT(V INIT "policy = enforce\n"),
		  "enforce hidden compatible continue open /sbin/init" },
		{ LIT(V INIT "policy = enforce fleet\n"),
		  "enforce:fleet hidden compatible continue open /sbin/init" },
		{ LIT(V INIT "policy =\tcomplain \t a-9- \t\n"),
		  "complain:a-9- hidden compatible continue open /sbin/init" },
		{ LIT(V INIT "policy = off z\n"),
		  "off:z hidden compatible continue open /sbin/init" },
		{ LIT(V INIT "policy = off abcdefghijklmnopqrstuvwxyz01234\n"),
		  "off:abcdefghijklmnopqrstuvwxyz01234 hidden compatible continue open "
		  "/sbin/init" },
		{ LIT(V INIT "mode = visible\n"),
		  "enforce visible compatible continue open /sbin/init" },
		{ LIT(V INIT "mode = managed\n"),
		  "enforce managed compatible continue open /sbin/init" },
		{ LIT(V INIT "mode = hidden\n"),
		  "enforce hidden compatible continue open /sbin/init" },
		{ LIT(V INIT "level = compatible\n"),
		  "enforce hidden compatible continue open /sbin/init" },
		{ LIT(V INIT "level = strict\n"),
		  "enforce hidden strict continue open /sbin/init" },
		{ LIT(V INIT "level = sealed\n"),
		  "enforce hidden sealed continue open /sbin/init" },
		{ LIT(V INIT "on_failure = continue\n"),
		  "enforce hidden compatible continue open /sbin/init" },
		{ LIT(V INIT "on_failure = panic\n"),
		  "enforce hidden compatible panic open /sbin/init" },
		{ LIT(V INIT "lock = yes\n"),
		  "enforce hidden compatible continue locked /sbin/init" },
		{ LIT(V INIT "mount_api = all\n"),
		  "enforce hidden compatible continue open all /sbin/init" },
		{ LIT(V INIT "usermode_helpers = deny\n"),
		  "enforce hidden compatible continue open no autoload /sbin/init" },
		{ LIT(V INIT "usermode_helpers = allow\n"),
		  "enforce hidden compatible continue open /sbin/init" },
		{ LIT(V INIT "mount_api = classic\n"),
		  "enforce hidden compatible continue open /sbin/init" },
		{ LIT(V INIT "lock = no\n"), "enforce hidden compatible continue open /sbin/init" },
		{ LIT(V "\tinit =  /a b/c = d \t"),
		  "enforce hidden compatible continue open /a b/c = d" },
		{ LIT(V "lock = yes\non_failure = panic\nlevel = sealed\nmode = visible\n"
			"policy = off\ninit = /x"),
		  "off visible sealed panic locked /x" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct outcome o = parse(rows[i].text);
		char got[512];

		check_text(rows[i].text.p, o.why, "");
		check_number(rows[i].text.p, o.bad, 0);
		show(&o.conf, got, sizeof(got));
		check_text(rows[i].text.p, got, rows[i].want);
	}
}

static void test_bad_lines(void **state)
{
	static const struct {
		struct span text;
		unsigned int bad;
		const char *why;
	} rows[] = {
		{ LIT(V INIT "colour = red\n"), 1, "line 3: unknown key \"colour\"" },
		{ LIT(V INIT "Policy = off\n"), 1, "line 3: unknown key \"Policy\"" },
		{ LIT(V INIT "on-failure = panic\n"), 1, "line 3: unknown key \"on-failure\"" },
		{ LIT(V INIT V), 1, "line 3: unknown key \"version\"" },
		{ LIT(V INIT "policy = none\n"), 1, "line 3: unknown value \"none\"" },
		{ LIT(V INIT "policy =\n"), 1, "line 3: unknown value \"\"" },
		{ LIT(V INIT "policy = off # now\n"), 1, "line 3: unknown value \"off # now\"" },
		{ LIT(V INIT "policy = enforce Fleet\n"), 1,
		  "line 3: unknown value \"enforce Fleet\"" },
		{ LIT(V INIT "policy = enforce 9a\n"), 1, "line 3: unknown value \"enforce 9a\"" },
		{ LIT(V INIT "policy = enforce -a\n"), 1, "line 3: unknown value \"enforce -a\"" },
		{ LIT(V INIT "policy = enforce {a\n"), 1, "line 3: unknown value \"enforce {a\"" },
		{ LIT(V INIT "policy = enforce a_b\n"), 1,
		  "line 3: unknown value \"enforce a_b\"" },
		{ LIT(V INIT "policy = enforce a{b\n"), 1,
		  "line 3: unknown value \"enforce a{b\"" },
		{ LIT(V INIT "policy = enforce a:b\n"), 1,
		  "line 3: unknown value \"enforce a:b\"" },
		{ LIT(V INIT "policy = enforce a/b\n"), 1,
		  "line 3: unknown value \"enforce a/b\"" },
		{ LIT(V INIT "policy = enforce ../a\n"), 1,
		  "line 3: unknown value \"enforce ../a\"" },
		{ LIT(V INIT "policy = enforce a b\n"), 1,
		  "line 3: unknown value \"enforce a b\"" },
		{ LIT(V INIT "policy = fleet enforce\n"), 1,
		  "line 3: unknown value \"fleet enforce\"" },
		{ LIT(V INIT "policy = off abcdefghijklmnopqrstuvwxyz012345\n"), 1,
		  "line 3: unknown value \"off abcdefghijklmnopqrstuvwxyz012345\"" },
		{ LIT(V INIT "mode = seen\n"), 1, "line 3: unknown value \"seen\"" },
		{ LIT(V INIT "level = high\n"), 1, "line 3: unknown value \"high\"" },
		{ LIT(V INIT "on_failure = reboot\n"), 1, "line 3: unknown value \"reboot\"" },
		{ LIT(V INIT "mount_api = yes\n"), 1, "line 3: unknown value \"yes\"" },
		{ LIT(V INIT "usermode_helpers = no\n"), 1, "line 3: unknown value \"no\"" },
		{ LIT(V INIT "lock = true\n"), 1, "line 3: unknown value \"true\"" },
		{ LIT(V "init = sbin/init\n"), 1,
		  "line 2: not an absolute path to another program: \"sbin/init\"" },
		{ LIT(V "init = /init\n"), 1,
		  "line 2: not an absolute path to another program: \"/init\"" },
		{ LIT(V "init = /\n"), 1,
		  "line 2: not an absolute path to another program: \"/\"" },
		{ LIT(V "init =\n"), 1, "line 2: not an absolute path to another program: \"\"" },
		{ LIT(V INIT INIT), 1, "line 3: duplicate key \"init\"" },
		{ LIT(V INIT "policy = off\n\npolicy = off\n"), 1,
		  "line 5: duplicate key \"policy\"" },
		{ LIT(V INIT "mode = hidden\nmode = x\n"), 1, "line 4: duplicate key \"mode\"" },
		{ LIT(V INIT "level = sealed\nlevel = sealed\n"), 1,
		  "line 4: duplicate key \"level\"" },
		{ LIT(V INIT "lock = no\nlock = yes\n"), 1, "line 4: duplicate key \"lock\"" },
		{ LIT(V INIT "on_failure = panic\non_failure = panic\n"), 1,
		  "line 4: duplicate key \"on_failure\"" },
		{ LIT(V INIT "policy\n"), 1,
		  "line 3: not \"key = value\" in plain text: \"policy\"" },
		{ LIT(V INIT "= off\n"), 1,
		  "line 3: not \"key = value\" in plain text: \"= off\"" },
		{ LIT(V INIT "policy = off\r\n"), 1,
		  "line 3: not \"key = value\" in plain text: \"policy = off?\"" },
		{ LIT(V INIT "policy = of\0f\n"), 1,
		  "line 3: not \"key = value\" in plain text: \"policy = of?f\"" },
		{ LIT(V INIT "# \x1b[31m\n"), 1,
		  "line 3: not \"key = value\" in plain text: \"# ?[31m\"" },
		{ LIT(V INIT "policy = \xc3\xb6"
			     "ff\n"),
		  1,
		  "line 3: unknown value \"?"
		  "?ff\"" },
		{ LIT(V), 1, "line 1: missing key \"init\"" },
		{ LIT(V "policy = off\n# end\n"), 1, "line 3: missing key \"init\"" },
		/* Each of several, in order. */
		{ LIT(V "a = 1\nb\n" INIT "policy = x\n"), 3,
		  "line 2: unknown key \"a\"; line 3: not \"key = value\" in plain text: \"b\"; "
		  "line 5: unknown value \"x\"" },
		{ LIT(V "init = x\ninit = /y\n"), 2,
		  "line 2: not an absolute path to another program: \"x\"; line 3: duplicate key "
		  "\"init\"" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct outcome o = parse(rows[i].text);

		check_text(rows[i].text.p, o.why, rows[i].why);
		check_number(rows[i].text.p, o.bad, rows[i].bad);
	}
}

#define FIRST "the first line has to be \"version = 1\", not "

static void test_version_line(void **state)
{
	static const struct {
		struct span text;
		unsigned int bad;
		const char *why;
	} rows[] = {
		{ LIT(""), 2, "line 0: " FIRST "\"\"; line 0: missing key \"init\"" },
		{ LIT("\n# c\n"), 2, "line 2: " FIRST "\"# c\"; line 2: missing key \"init\"" },
		{ LIT(INIT), 2,
		  "line 1: " FIRST "\"init = /sbin/init\"; line 1: missing key \"init\"" },
		{ LIT("version = 2\n" INIT), 1, "line 1: " FIRST "\"version = 2\"" },
		{ LIT("# c\nversion\n" INIT), 1, "line 2: " FIRST "\"version\"" },
		{ LIT("policy = off\n" V INIT), 2,
		  "line 1: " FIRST "\"policy = off\"; line 2: unknown key \"version\"" },
		{ LIT("version = 1\r\ninit = /i\r\n"), 3,
		  "line 1: " FIRST "\"version = 1?\"; line 2: not \"key = value\" in plain text: "
		  "\"init = /i?\"; line 2: missing key \"init\"" },
		{ LIT("\xef\xbb\xbf" V INIT), 1,
		  "line 1: " FIRST "\"?"
		  "?"
		  "?version = 1\"" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct outcome o = parse(rows[i].text);

		check_text(rows[i].text.p, o.why, rows[i].why);
		check_number(rows[i].text.p, o.bad, rows[i].bad);
		check_number(rows[i].text.p, o.conf.on_failure, ON_FAILURE_PANIC);
	}
}

/*
 * With a bad line somewhere: panic, unless the text states exactly one on_failure, and a valid one.
 * Without: continue where nothing is stated.
 */
static void test_on_failure_of_bad_files(void **state)
{
	static const struct {
		struct span text;
		bool bad;
		enum on_failure want;
	} rows[] = {
		{ LIT(V INIT), false, ON_FAILURE_CONTINUE },
		{ LIT(V INIT "on_failure = panic\n"), false, ON_FAILURE_PANIC },
		{ LIT(V INIT "x = y\n"), true, ON_FAILURE_PANIC },
		{ LIT(V INIT "on_failure = continue\nx = y\n"), true, ON_FAILURE_CONTINUE },
		{ LIT(V INIT "x = y\non_failure = continue\n"), true, ON_FAILURE_CONTINUE },
		{ LIT(V "on_failure = continue\n"), true, ON_FAILURE_CONTINUE },
		{ LIT(V INIT "on_failure = continue\nbroken\n"), true, ON_FAILURE_CONTINUE },
		{ LIT(V INIT "on_failure = panic\nx = y\n"), true, ON_FAILURE_PANIC },
		{ LIT(V INIT "on_failure = cont\n"), true, ON_FAILURE_PANIC },
		{ LIT(V INIT "on_failure =\n"), true, ON_FAILURE_PANIC },
		{ LIT(V INIT "on_failure = continue\non_failure = continue\n"), true,
		  ON_FAILURE_PANIC },
		{ LIT(V INIT "on_failure = continue\non_failure = panic\n"), true,
		  ON_FAILURE_PANIC },
		{ LIT(V INIT "on_failure = panic\non_failure = continue\n"), true,
		  ON_FAILURE_PANIC },
		{ LIT(V INIT "on_failure = bad\non_failure = continue\n"), true, ON_FAILURE_PANIC },
		{ LIT(V INIT "on_failure = continue\r\n"), true, ON_FAILURE_PANIC },
		/* The version decides what all other lines mean. */
		{ LIT("version = 2\n" INIT "on_failure = continue\non_failure = continue\n"), true,
		  ON_FAILURE_PANIC },
		{ LIT("version = 2\n" INIT "on_failure = continue\n"), true, ON_FAILURE_PANIC },
		{ LIT("on_failure = continue\n" INIT), true, ON_FAILURE_PANIC },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct outcome o = parse(rows[i].text);

		check_number(rows[i].text.p, o.bad > 0, rows[i].bad);
		check_number(rows[i].text.p, o.conf.on_failure, rows[i].want);
	}
}

/* What could be read for certain still holds when another line is bad. */
static void test_good_lines_of_a_bad_file(void **state)
{
	struct outcome o = parse(SPAN(V "policy = complain\nmode = visible\nmode = hidden\n"
					"level = bad\nlock = yes\n" INIT "x\n"));
	char got[512];

	(void)state;
	assert_int_equal(o.bad, 3);
	show(&o.conf, got, sizeof(got));
	assert_string_equal(got, "complain visible compatible panic locked /sbin/init");
}

/* A bad name leaves the word untaken as well, a bad word the name. */
static void test_policy_all_or_nothing(void **state)
{
	static const char *const rows[] = { "off Bad", "of fleet", "off a b" };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[128], got[512];
		struct outcome o;

		snprintf(text, sizeof(text), V INIT "policy = %s\n", rows[i]);
		o = parse(span_of(text));
		check_number(rows[i], o.bad, 1);
		show(&o.conf, got, sizeof(got));
		check_text(rows[i], got, "enforce hidden compatible panic open /sbin/init");
	}
}

static void test_longest_init(void **state)
{
	char text[64 + LIMIT_NAME] = V "init = ";
	char *path = text + strlen(text);
	struct outcome o;

	(void)state;
	memset(path, 'a', LIMIT_NAME + 1);
	path[0] = '/';
	o = parse((struct span){ text, (size_t)(path - text) + LIMIT_NAME });
	assert_string_equal(o.why, "");
	assert_int_equal(strlen(o.conf.init), LIMIT_NAME);
	o = parse((struct span){ text, (size_t)(path - text) + LIMIT_NAME + 1 });
	assert_int_equal(o.bad, 1);
	assert_string_equal(o.conf.init, "");
	assert_memory_equal(o.why, "line 2: not an absolute path to another program: \"/aaa", 53);
}

/* More bad lines than a message holds are all counted, and the message says that it is cut. */
static void test_more_errors_than_room(void **state)
{
	char text[LIMIT_CONFIG], why[40];
	struct config conf;
	struct strbuf sb;

	(void)state;
	strcpy(text, V INIT);
	for (int i = 0; i < 300; i++)
		strcat(text, "bad\n");
	sb_init(&sb, why, sizeof(why));
	assert_int_equal(config_parse(span_of(text), &conf, &sb), 300);
	assert_true(sb.cut);
	assert_string_equal(why, "line 3: not \"key = value\" in plain t...");
}

static void test_set(void **state)
{
	static const struct {
		const char *key, *value;
		bool good;
		const char *want;
	} rows[] = {
		{ "policy", "off", true, "off:old hidden compatible panic open /old" },
		{ "mode", "visible", true, "enforce:old visible compatible panic open /old" },
		{ "on_failure", "continue", true,
		  "enforce:old hidden compatible continue open /old" },
		{ "init", "/new", true, "enforce:old hidden compatible panic open /new" },
		{ "policy", "of", false, "enforce:old hidden compatible panic open /old" },
		{ "policy", "off fleet", false, "enforce:old hidden compatible panic open /old" },
		{ "policy", "off ", false, "enforce:old hidden compatible panic open /old" },
		{ "mode", "", false, "enforce:old hidden compatible panic open /old" },
		{ "on_failure", "halt", false, "enforce:old hidden compatible panic open /old" },
		{ "init", "new", false, "enforce:old hidden compatible panic open /old" },
		{ "level", "sealed", false, "enforce:old hidden compatible panic open /old" },
		{ "mount_api", "all", false, "enforce:old hidden compatible panic open /old" },
		{ "usermode_helpers", "deny", false,
		  "enforce:old hidden compatible panic open /old" },
		{ "lock", "yes", false, "enforce:old hidden compatible panic open /old" },
		{ "version", "1", false, "enforce:old hidden compatible panic open /old" },
		{ "", "", false, "enforce:old hidden compatible panic open /old" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct config conf;
		char got[512];

		config_init(&conf);
		strcpy(conf.init, "/old");
		strcpy(conf.name, "old");
		check_number(rows[i].key,
			     config_set(&conf, span_of(rows[i].key), span_of(rows[i].value)),
			     rows[i].good);
		show(&conf, got, sizeof(got));
		check_text(rows[i].key, got, rows[i].want);
	}
}

/* A shorter path leaves nothing of a longer one. */
static void test_set_init_twice(void **state)
{
	struct config conf;

	(void)state;
	config_init(&conf);
	assert_true(config_set(&conf, SPAN("init"), SPAN("/a/long/path")));
	assert_true(config_set(&conf, SPAN("init"), SPAN("/b")));
	assert_string_equal(conf.init, "/b");
}

static void test_allowed_combinations(void **state)
{
	(void)state;
	for (int policy = POLICY_OFF; policy <= POLICY_ENFORCE; policy++) {
		for (int level = LEVEL_COMPATIBLE; level <= LEVEL_SEALED; level++) {
			for (int mode = MODE_VISIBLE; mode <= MODE_MANAGED; mode++) {
				struct config conf = {
					.policy = (enum policy)policy,
					.level = (enum level)level,
					.mode = (enum mode)mode,
				};
				bool dry_seal = policy == POLICY_COMPLAIN && level == LEVEL_SEALED;
				bool strict_seen = policy != POLICY_OFF && level == LEVEL_STRICT &&
						   mode != MODE_HIDDEN;
				bool managed_seal = policy != POLICY_OFF && level == LEVEL_SEALED &&
						    mode == MODE_MANAGED;

				check_number(policy_name(conf.policy), config_allowed(&conf),
					     !dry_seal && !strict_seen && !managed_seal);
				check_number(level_name(conf.level), config_latches(&conf),
					     policy == POLICY_ENFORCE && level != LEVEL_COMPATIBLE);
				check_number(level_name(conf.level), config_filters(&conf),
					     policy == POLICY_ENFORCE && level != LEVEL_COMPATIBLE);
				conf.mount_api = MOUNT_API_ALL;
				assert_false(config_filters(&conf));
				assert_false(config_denies_helpers(&conf));
				conf.usermode_helpers = USERMODE_HELPERS_DENY;
				check_number(level_name(conf.level), config_denies_helpers(&conf),
					     policy == POLICY_ENFORCE && level != LEVEL_COMPATIBLE);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_before_a_file_is_read),
		cmocka_unit_test(test_good_files),
		cmocka_unit_test(test_bad_lines),
		cmocka_unit_test(test_version_line),
		cmocka_unit_test(test_on_failure_of_bad_files),
		cmocka_unit_test(test_good_lines_of_a_bad_file),
		cmocka_unit_test(test_policy_all_or_nothing),
		cmocka_unit_test(test_longest_init),
		cmocka_unit_test(test_more_errors_than_room),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_set_init_twice),
		cmocka_unit_test(test_allowed_combinations),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
