// SPDX-License-Identifier: LGPL-2.1-or-later
// of: tool
/* What verify says of an image by itself: early/tool/verify/sound.c. */
#include "config.h"
#include "made_image.h"
#include "verify/verify.h"

/* The archives that an image is made of, one behind the other. */
static struct image *joined(struct text *first, struct text *second)
{
	struct text both = { 0 };
	struct image *image;

	text_add(&both, first->data, first->len);
	text_add(&both, second->data, second->len);
	text_free(first);
	text_free(second);
	image = image_parse("made", &both);
	assert_non_null(image);
	return image;
}

/* Exactly this is wrong: the check's name, and how its text begins; NULL: nothing is. */
static void check_wrong(const char *what, struct image *image, const char *name, const char *text)
{
	struct checks checks = { 0 };
	size_t found = 0;

	check_sound(image, &checks);
	for (size_t i = 0; i < checks.n; i++) {
		const struct check *c = &checks.item[i];

		if (c->ok)
			continue;
		if (!name || strcmp(c->name, name) != 0 ||
		    strncmp(c->text, text, strlen(text)) != 0)
			fail_msg("%s\n     got: %s: %s\n    want: %s: %s", what, c->name, c->text,
				 name ? name : "nothing", text ? text : "");
		found++;
	}
	check_number(what, checks.failed, name ? 1 : 0);
	check_number(what, (long long)found, name ? 1 : 0);
	checks_free(&checks);
	image_free(image);
}

static void a_whole_image_is_sound(void **state)
{
	(void)state;
	made_whole();
	check_wrong("whole", made_image(), NULL, NULL);
	made_clear();
}

static void what_is_wrong_is_found(void **state)
{
	(void)state;
	made_whole();
	made_program("init", EM_X86_64, NULL, "");
	check_wrong("another init", made_image(), "loader",
		    "/init: it is another program than the loader; nothing confines the system");
	made_whole();
	made_program("init", EM_X86_64, "/sbin/init", MADE_LOADER);
	check_wrong("a dynamic loader", made_image(), "loader",
		    "/init: it is not linked statically");
	made_whole();
	made_find("init")->mode = S_IFREG | 0644;
	check_wrong("not executable", made_image(), "loader", "/init is not executable");
	made_whole();
	made_text(IMAGE_CONFIG, S_IFREG | 0644, MADE_CONF "colour = blue\n");
	check_wrong("a bad line", made_image(), "configuration",
		    "/initward/initward.conf: line 6: unknown key \"colour\"");
	made_text(IMAGE_CONFIG, S_IFREG | 0644,
		  "version = 1\npolicy = complain\nlevel = sealed\ninit = /sbin/init\n");
	check_wrong("a combination", made_image(), "configuration",
		    "/initward/initward.conf: policy=complain mode=hidden does not go with "
		    "level=sealed; " CONFIG_WHICH_GO);
	made_whole();
	made_drop("sbin/init");
	check_wrong("no next init", made_image(), "next init",
		    "/sbin/init is missing or not executable: ENOENT");
	made_whole();
	made_drop(IMAGE_BUNDLE "/complain/new/global");
	check_wrong("a blob", made_image(), "bundle", "set new: policy blob");
	made_whole();
	made_replace(IMAGE_BUNDLE "/manifest", "base = yes\n", "");
	check_wrong("no base", made_image(), "bundle",
		    "/initward/bundle/manifest: no set is the base");
	made_whole();
	made_text("dev", S_IFDIR | 0755, "");
	made_text("dev/console", S_IFREG | 0644, "");
	check_wrong("console", made_image(), "console", "/dev/console is no device");
	made_whole();
	made_text("proc", S_IFREG | 0644, "");
	check_wrong("mounts", made_image(), "forecast", "mounts: proc cannot be mounted on /proc");
	made_whole();
	made_program("sbin/init", EM_AARCH64, NULL, "");
	check_wrong("machines", made_image(), "next init",
		    "/sbin/init cannot be executed: ENOEXEC; it is a program of another machine");
	made_clear();
}

static void damage_of_the_archive_is_told(void **state)
{
	struct text junk = { 0 }, whole;

	(void)state;
	made_whole();
	whole = made_archive();
	text_str(&junk, "junk");
	check_wrong("junk", joined(&whole, &junk), "image", "at byte ");
	made_clear();
}

static void overrides_are_found(void **state)
{
	struct text first, second;

	(void)state;
	made_whole();
	first = made_archive();
	made_clear();
	made_text(IMAGE_CONFIG, S_IFREG | 0644, MADE_CONF "lock = yes\n");
	second = made_archive();
	check_wrong("a part", joined(&first, &second), "files",
		    "/initward/initward.conf of part 1 takes the place of that of part 0");
	made_whole();
	first = made_archive();
	second = made_archive();
	check_wrong("all of it", joined(&first, &second), NULL, NULL);
	/* what a wrapped image is: the first archive has an /init of its own */
	made_clear();
	made_text("sbin", S_IFDIR | 0755, "");
	made_program("init", EM_X86_64, NULL, "");
	first = made_archive();
	made_whole();
	second = made_archive();
	check_wrong("wrapped", joined(&first, &second), NULL, NULL);
	made_clear();
}

/* One archive behind a whole image, of a few records in any order. */
static void check_behind(const char *what, const struct made_file *records, size_t n,
			 const char *why)
{
	struct text first, second = { 0 }, none = { 0 };

	made_whole();
	first = made_archive();
	for (size_t i = 0; i < n; i++)
		made_record(&second, records[i].name, records[i].mode, &records[i].data);
	made_record(&second, "TRAILER!!!", 0, &none);
	check_wrong(what, joined(&first, &second), "files", why);
	made_clear();
}

static void overrides_by_detours_are_found(void **state)
{
	static const char over[] = "/initward/initward.conf of part 1 takes the place of that of "
				   "part 0";
	struct text conf = { 0 };

	(void)state;
	text_str(&conf, MADE_CONF);
	check_behind("a folder first",
		     (struct made_file[]){ { IMAGE_CONFIG, S_IFDIR | 0755, { 0 } },
					   { IMAGE_CONFIG, S_IFREG | 0644, conf } },
		     2, over);
	check_behind("twice",
		     (struct made_file[]){ { IMAGE_CONFIG, S_IFREG | 0644, conf },
					   { IMAGE_CONFIG, S_IFREG | 0644, conf } },
		     2, over);
	check_behind("removed before",
		     (struct made_file[]){ { IMAGE_CONFIG, 0, { 0 } },
					   { "x", S_IFREG | 0644, { 0 } },
					   { "x", 0, { 0 } },
					   { IMAGE_CONFIG, S_IFREG | 0644, conf } },
		     4, "/init is of part 0 and /initward/initward.conf of part 1");
	text_free(&conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_image_is_sound),
		cmocka_unit_test(what_is_wrong_is_found),
		cmocka_unit_test(damage_of_the_archive_is_told),
		cmocka_unit_test(overrides_are_found),
		cmocka_unit_test(overrides_by_detours_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
