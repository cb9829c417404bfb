// SPDX-License-Identifier: LGPL-2.1-or-later
// of: tool
/*
 * What the loader in an image will do. Messages and outcomes are those of qemu/scenarios, where real
 * kernels gave them.
 */
#include "diagnose.h"
#include "image/forecast.h"
#include "made_image.h"

#define CONF "/initward/initward.conf"
#define MANIFEST "/initward/bundle/manifest"
#define AGAIN "; run \"initward compile\" again"
#define OLD "policy blob /initward/bundle/enforce/old/global: "
#define FOREIGN \
	"the kernel refuses the policy (not a format of this kernel; compile for its set): EPROTO"

/* Feature sets of made kernels: one that the test image names, two that only features fit, none. */
static const char features_old[] = "file {mask {read write\n}\n}\ndomain {stack {yes\n}\n}\n"
				   "mount {mask {mount\n}\n}\n";
static const char features_new[] = "file {mask {read\n}\n}\npolicy {permstable32 {allow\n}\n"
				   "permstable32_version {0x000003\n}\n}\n";
static const char features_none[] = "mount {mask {mount\n}\n}\n";

static struct featset features;

static void set_features(const char *text)
{
	unsigned int line;

	assert_true(featset_parse(span_of(text), &features, &line));
}

/* One change of the whole image: what is done, to which file, from what to what. */
struct change {
	enum {
		NOTHING,
		DROP,
		PUT,
		FOLDER,
		PIPE,
		SUB,
		APPEND,
		MODE,
		LINK,
		PROGRAM,
		FOREIGN_PROGRAM
	} how;
	const char *name, *from, *to;
};

static void apply(const struct change *c)
{
	switch (c->how) {
	case NOTHING:
		break;
	case DROP:
		made_drop(c->name);
		break;
	case PUT:
		made_text(c->name, S_IFREG | 0644, c->to);
		break;
	case FOLDER:
		made_text(c->name, S_IFDIR | 0755, "");
		break;
	case PIPE:
		made_text(c->name, S_IFIFO | 0644, "");
		break;
	case SUB:
		made_replace(c->name, c->from, c->to);
		break;
	case APPEND:
		text_str(&made_find(c->name)->data, c->to);
		break;
	case MODE:
		made_find(c->name)->mode = S_IFREG | 0644;
		break;
	case LINK:
		made_text(c->name, S_IFLNK | 0777, c->to);
		break;
	case PROGRAM:
		made_program(c->name, EM_X86_64, c->from, c->to ? c->to : "");
		break;
	case FOREIGN_PROGRAM:
		made_program(c->name, EM_AARCH64, NULL, "");
		break;
	}
}

struct row {
	const char *what;
	struct change change, more;
	const char *cmdline;
	enum outlook outlook;
	const char *step, *why; /* NULL: nothing fails; '*' at the end of why: begins with it */
};

static void check_why(const struct row *row, const char *got)
{
	const char *want = row->why ? row->why : "";
	size_t n = strlen(want);

	if (n && want[n - 1] == '*' ? strncmp(got, want, n - 1) != 0 : strcmp(got, want) != 0)
		fail_msg("%s\n     got: %s\n    want: %s", row->what, got, want);
}

/* The kernel that the image's set "old" names. */
static struct forecast_kernel known_kernel(void)
{
	set_features(features_old);
	return (struct forecast_kernel){ .identity = span_of(MADE_IDENTITY),
					 .features = &features,
					 .apparmor = LSM_ON,
					 .lockdown = LSM_ON,
					 .filter = LSM_ON };
}

static void forecast_made(const char *cmdline, const struct forecast_kernel *kernel,
			  struct forecast *ret)
{
	struct image *image = made_image();

	forecast_image(image, cmdline, kernel, ret);
	image_free(image);
}

static void check_row(const struct row *row, const struct forecast_kernel *kernel)
{
	struct forecast f;

	forecast_made(row->cmdline ? row->cmdline : "", kernel, &f);
	check_text(row->what, outlook_name(f.outlook), outlook_name(row->outlook));
	check_text(row->what, f.step ? f.step : "", row->step ? row->step : "");
	check_why(row, f.why.data);
	forecast_free(&f);
}

static void check_rows(const struct row *rows, size_t n)
{
	struct forecast_kernel kernel = known_kernel();

	for (size_t i = 0; i < n; i++) {
		made_whole();
		apply(&rows[i].change);
		apply(&rows[i].more);
		check_row(&rows[i], &kernel);
	}
	made_clear();
}

/* The policy of the made image denies one path, which an image need not have. */
static void run_init_wipes_the_image(void **state)
{
	static const struct {
		struct row row;
		const char *run_init, *mark;
	} rows[] = {
		{ { .what = "one file of it is refused",
		    .change = { PUT, "proc/version", NULL, "" },
		    .outlook = OUTLOOK_STOPS,
		    .step = "switch root",
		    .why = "run-init wipes the initramfs before it starts the system, and the "
			   "policy "
			   "refuses it /proc/version: the kernel will panic; let the policy allow "
			   "it to "
			   "read and remove that" },
		  "usr/bin/run-init",
		  "nuking initramfs contents" },
		{ { .what = "whatever comes of a failure",
		    .change = { PUT, "proc/version", NULL, "" },
		    .more = { SUB, IMAGE_CONFIG, "continue", "panic" },
		    .outlook = OUTLOOK_STOPS,
		    .step = "switch root",
		    .why = "run-init*" },
		  "bin/run-init",
		  "nuking initramfs contents" },
		{ { .what = "a folder is another name",
		    .change = { FOLDER, "proc/version", NULL, NULL },
		    .outlook = OUTLOOK_CONFINED },
		  "bin/run-init",
		  "nuking initramfs contents" },
		{ { .what = "a dry run refuses nothing",
		    .change = { PUT, "proc/version", NULL, "" },
		    .cmdline = "initward.policy=complain",
		    .outlook = OUTLOOK_COMPLAIN },
		  "bin/run-init",
		  "nuking initramfs contents" },
		{ { .what = "busybox' does not mind",
		    .change = { PUT, "proc/version", NULL, "" },
		    .outlook = OUTLOOK_CONFINED },
		  "bin/run-init",
		  "something else" },
		{ { .what = "nobody calls it",
		    .change = { PUT, "proc/version", NULL, "" },
		    .more = { DROP, "scripts/functions", NULL, NULL },
		    .outlook = OUTLOOK_CONFINED },
		  "bin/run-init",
		  "nuking initramfs contents" },
	};
	static const char *const folders[] = { "bin", "proc", "scripts", "usr", "usr/bin" };
	struct forecast_kernel kernel = known_kernel();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		made_whole();
		for (size_t k = 0; k < COUNT(folders); k++)
			made_text(folders[k], S_IFDIR | 0755, "");
		made_text("scripts/functions", S_IFREG | 0644, "");
		made_program(rows[i].run_init, EM_X86_64, NULL, rows[i].mark);
		apply(&rows[i].row.change);
		apply(&rows[i].row.more);
		check_row(&rows[i].row, &kernel);
	}
	made_clear();
}

/* clang-format off */
static void a_whole_image_confines(void **state)
{
	static const struct row rows[] = {
		{ .what = "as it is", .outlook = OUTLOOK_CONFINED },
		{ .what = "visible", .cmdline = "initward.mode=visible", .outlook = OUTLOOK_CONFINED },
		{ .what = "a dry run", .cmdline = "initward.policy=complain", .outlook = OUTLOOK_COMPLAIN },
		{ .what = "off", .cmdline = "quiet initward.policy=off", .outlook = OUTLOOK_OFF },
		{ .what = "off in the image", .change = { SUB, IMAGE_CONFIG, "enforce", "off" }, .outlook = OUTLOOK_OFF },
		{ .what = "off, and the lock", .change = { APPEND, IMAGE_CONFIG, NULL, "lock = yes\n" },
		  .cmdline = "initward.policy=off", .outlook = OUTLOOK_CONFINED },
		{ .what = "sealed", .change = { APPEND, IMAGE_CONFIG, NULL, "level = sealed\n" }, .outlook = OUTLOOK_CONFINED },
		{ .what = "behind the dashes", .cmdline = "-- initward.policy=off", .outlook = OUTLOOK_CONFINED },
		{ .what = "modes that leave it in force", .cmdline = "apparmor.mode=kill", .outlook = OUTLOOK_CONFINED },
		{ .what = "a mode that no kernel knows", .cmdline = "apparmor.mode=bogus", .outlook = OUTLOOK_CONFINED },
		{ .what = "the last counts", .cmdline = "apparmor.mode=complain apparmor.mode=enforce", .outlook = OUTLOOK_CONFINED },
		{ .what = "lock_policy=0", .cmdline = "apparmor.lock_policy=1 apparmor.lock-policy=0", .outlook = OUTLOOK_CONFINED },
		{ .what = "links to the next init", .change = { LINK, "init-link", NULL, "sbin/../sbin/init" },
		  .cmdline = "initward.init=/init-link", .outlook = OUTLOOK_CONFINED },
		{ .what = "a script, its interpreter a link", .change = { PUT, "sbin/script", NULL, "#! /bin/sh -e\n" },
		  .more = { LINK, "sh", NULL, "sbin/init" }, .cmdline = "initward.init=/sbin/init", .outlook = OUTLOOK_CONFINED },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void what_runs_first_decides(void **state)
{
	static const struct row rows[] = {
		{ .what = "no /init", .change = { DROP, "init", NULL, NULL }, .outlook = OUTLOOK_UNCONFINED, .step = "first program",
		  .why = "the image has no /init; the kernel mounts root= itself, unconfined" },
		{ .what = "another /init", .change = { PROGRAM, "init", NULL, NULL }, .outlook = OUTLOOK_UNCONFINED, .step = "first program",
		  .why = "the image has no loader: its /init is another program" },
		{ .what = "a script that says it is the loader", .change = { SUB, "init", "\177ELF", "#!/sbin/init\n" },
		  .outlook = OUTLOOK_UNCONFINED, .step = "first program", .why = "the image has no loader: its /init is another program" },
		{ .what = "a dynamic program that says so", .change = { PROGRAM, "init", "/ld.so", MADE_LOADER }, .more = { PROGRAM, "ld.so", NULL, NULL },
		  .outlook = OUTLOOK_UNCONFINED, .step = "first program", .why = "the image has no loader: its /init is another program" },
		{ .what = "/init is no program", .change = { PUT, "init", NULL, "x" }, .outlook = OUTLOOK_UNCONFINED, .step = "first program",
		  .why = "/init cannot be executed: EACCES; the kernel runs /sbin/init instead, unconfined" },
		{ .what = "nothing to run", .change = { MODE, "init", NULL, NULL }, .more = { MODE, "sbin/init", NULL, NULL },
		  .outlook = OUTLOOK_STOPS, .step = "first program",
		  .why = "/init cannot be executed: EACCES; the kernel finds no other program, and panics" },
		{ .what = "init= counts there", .change = { MODE, "init", NULL, NULL }, .cmdline = "init=/gone",
		  .outlook = OUTLOOK_STOPS, .step = "first program",
		  .why = "/init cannot be executed: EACCES; the kernel finds no other program, and panics" },
		{ .what = "init= does not else", .cmdline = "init=/gone", .outlook = OUTLOOK_CONFINED },
		{ .what = "a loader of another machine", .change = { FOREIGN_PROGRAM, "init", NULL, NULL },
		  .outlook = OUTLOOK_UNCONFINED, .step = "first program",
		  .why = "/init cannot be executed: ENOEXEC; the kernel runs /sbin/init instead, unconfined" },
		{ .what = "rdinit= to the loader", .cmdline = "rdinit=/sbin/../init", .outlook = OUTLOOK_CONFINED },
		{ .what = "rdinit= to another", .cmdline = "rdinit=/sbin/init", .outlook = OUTLOOK_UNKNOWN, .step = "first program",
		  .why = "rdinit= names \"/sbin/init\", which is not the loader; what it does cannot be foreseen" },
		{ .what = "rdinit= to nothing", .cmdline = "rdinit=/gone", .outlook = OUTLOOK_UNCONFINED, .step = "first program",
		  .why = "rdinit= names \"/gone\", which is not in the image; the kernel mounts root= itself, unconfined" },
		{ .what = "the last rdinit=", .cmdline = "rdinit=/gone rdinit=/init", .outlook = OUTLOOK_CONFINED },
		{ .what = "rdinit=", .cmdline = "rdinit=", .outlook = OUTLOOK_UNCONFINED, .step = "first program",
		  .why = "rdinit= names \"\", which is not in the image; the kernel mounts root= itself, unconfined" },
		{ .what = "not unpacked", .cmdline = "initcall_blacklist=a,populate_rootfs", .outlook = OUTLOOK_UNCONFINED, .step = "first program",
		  .why = "initcall_blacklist= names populate_rootfs, so that the kernel unpacks no image; the kernel mounts root= itself, unconfined" },
		{ .what = "not unpacked, with a dash", .cmdline = "initcall-blacklist=populate_rootfs", .outlook = OUTLOOK_UNCONFINED,
		  .step = "first program", .why = "initcall_blacklist= names populate_rootfs, so that the kernel unpacks no image; *" },
		{ .what = "another initcall", .cmdline = "initcall_blacklist=populate_rootfs_not", .outlook = OUTLOOK_CONFINED },
		{ .what = "noinitrd is for another kind of image", .cmdline = "noinitrd", .outlook = OUTLOOK_CONFINED },
		{ .what = "the loader as its own next init", .change = { LINK, "again", NULL, "init" }, .cmdline = "initward.init=/again",
		  .outlook = OUTLOOK_STOPS, .step = "execution", .why = "the next init is the loader" },
		{ .what = "the same when off", .change = { LINK, "again", NULL, "init" }, .cmdline = "initward.init=/again initward.policy=off",
		  .outlook = OUTLOOK_STOPS, .step = "execution", .why = "the next init is the loader" },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void the_configuration_decides(void **state)
{
	static const struct row rows[] = {
		{ .what = "missing", .change = { DROP, IMAGE_CONFIG, NULL, NULL }, .cmdline = "initward.on_failure=continue initward.init=/sbin/init",
		  .outlook = OUTLOOK_STOPS, .step = "configuration", .why = CONF " cannot be read: ENOENT" },
		{ .what = "a folder", .change = { DROP, IMAGE_CONFIG, NULL, NULL }, .more = { FOLDER, IMAGE_CONFIG, NULL, NULL },
		  .outlook = OUTLOOK_STOPS, .step = "configuration", .why = CONF " cannot be read: 21" },
		{ .what = "empty", .change = { PUT, IMAGE_CONFIG, NULL, "" }, .outlook = OUTLOOK_STOPS, .step = "configuration",
		  .why = CONF ": line 0: the first line has to be \"version = 1\", not \"\"; line 0: missing key \"init\"" },
		{ .what = "a bad line, continue", .change = { APPEND, IMAGE_CONFIG, NULL, "colour = blue\n" },
		  .outlook = OUTLOOK_UNCONFINED, .step = "configuration", .why = CONF ": line 6: unknown key \"colour\"" },
		{ .what = "a bad line, panic", .change = { SUB, IMAGE_CONFIG, "continue", "panic\ncolour = blue" },
		  .outlook = OUTLOOK_STOPS, .step = "configuration", .why = CONF ": line 5: unknown key \"colour\"" },
		{ .what = "no init", .change = { SUB, IMAGE_CONFIG, "init = /sbin/init\n", "" }, .outlook = OUTLOOK_STOPS,
		  .step = "configuration", .why = CONF ": line 4: missing key \"init\"" },
		{ .what = "a combination that is not offered", .change = { SUB, IMAGE_CONFIG, "enforce", "complain\nlevel = sealed" },
		  .outlook = OUTLOOK_UNCONFINED, .step = "command line", .why = "policy=complain mode=hidden does not go with level=sealed; " CONFIG_WHICH_GO },
		{ .what = "by the command line", .change = { APPEND, IMAGE_CONFIG, NULL, "level = sealed\n" },
		  .cmdline = "initward.policy=complain initward.on_failure=panic", .outlook = OUTLOOK_STOPS, .step = "command line",
		  .why = "policy=complain mode=hidden does not go with level=sealed; " CONFIG_WHICH_GO },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void the_mount_points_have_to_be_folders(void **state)
{
	static const struct row rows[] = {
		{ .what = "proc", .change = { PUT, "proc", NULL, "" }, .outlook = OUTLOOK_UNCONFINED, .step = "mounts",
		  .why = "proc cannot be mounted on /proc: 20; is it built into the kernel?" },
		{ .what = "sys", .change = { LINK, "sys", NULL, "nowhere" }, .outlook = OUTLOOK_UNCONFINED, .step = "mounts",
		  .why = "sysfs cannot be mounted on /sys: ENOENT; is it built into the kernel?" },
		{ .what = "a link to a folder", .change = { LINK, "sys", NULL, "sbin" }, .outlook = OUTLOOK_CONFINED },
		{ .what = "folders", .change = { FOLDER, "proc", NULL, NULL }, .more = { FOLDER, "sys", NULL, NULL }, .outlook = OUTLOOK_CONFINED },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void the_next_init_has_to_be_a_program(void **state)
{
	static const struct row rows[] = {
		{ .what = "missing", .cmdline = "initward.init=/gone", .outlook = OUTLOOK_STOPS, .step = "next init",
		  .why = "/gone is missing or not executable: ENOENT; check init =" },
		{ .what = "below a file", .cmdline = "initward.init=/init/x", .outlook = OUTLOOK_STOPS, .step = "next init",
		  .why = "/init/x is missing or not executable: 20; check init =" },
		{ .what = "a link to nothing", .change = { LINK, "gone", NULL, "/nowhere" }, .cmdline = "initward.init=/gone",
		  .outlook = OUTLOOK_STOPS, .step = "next init", .why = "/gone is missing or not executable: ENOENT; check init =" },
		{ .what = "a link to itself", .change = { LINK, "gone", NULL, "gone" }, .cmdline = "initward.init=/gone",
		  .outlook = OUTLOOK_STOPS, .step = "next init", .why = "/gone is missing or not executable: *" },
		{ .what = "not executable", .change = { MODE, "sbin/init", NULL, NULL }, .outlook = OUTLOOK_STOPS, .step = "next init",
		  .why = "/sbin/init is missing or not executable: EACCES; check init =" },
		{ .what = "no program", .change = { SUB, "sbin/init", "\177ELF", "text" }, .outlook = OUTLOOK_STOPS, .step = "execution",
		  .why = "/sbin/init cannot be executed: ENOEXEC; it is neither an ELF program nor a script" },
		{ .what = "a folder", .change = { FOLDER, "folder", NULL, NULL }, .cmdline = "initward.init=/folder",
		  .outlook = OUTLOOK_STOPS, .step = "execution", .why = "/folder cannot be executed: EACCES" },
		{ .what = "of another machine", .change = { FOREIGN_PROGRAM, "sbin/init", NULL, NULL }, .outlook = OUTLOOK_STOPS,
		  .step = "execution", .why = "/sbin/init cannot be executed: ENOEXEC; it is a program of another machine" },
		{ .what = "without its ELF interpreter", .change = { PROGRAM, "sbin/init", "/lib/ld.so", NULL }, .outlook = OUTLOOK_STOPS,
		  .step = "execution", .why = "/sbin/init cannot be executed: ENOENT; its ELF interpreter is \"/lib/ld.so\"" },
		{ .what = "with it", .change = { PROGRAM, "sbin/init", "/ld.so", NULL }, .more = { PROGRAM, "ld.so", NULL, NULL },
		  .outlook = OUTLOOK_CONFINED },
		{ .what = "missing, and off", .cmdline = "initward.init=/gone initward.policy=off", .outlook = OUTLOOK_STOPS, .step = "execution",
		  .why = "/gone cannot be executed: ENOENT" },
		{ .what = "on /proc", .cmdline = "initward.init=/proc/self/exe", .outlook = OUTLOOK_UNKNOWN, .step = "next init",
		  .why = "/proc/self/exe lies on a file system that is mounted later" },
		{ .what = "panic is no better", .cmdline = "initward.init=/gone initward.on_failure=panic", .outlook = OUTLOOK_STOPS,
		  .step = "next init", .why = "/gone is missing or not executable: ENOENT; check init =" },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void parameters_of_apparmor_decide(void **state)
{
	static const struct row rows[] = {
		{ .what = "locked", .cmdline = "apparmor.lock_policy=1", .outlook = OUTLOOK_UNCONFINED, .step = "policy lock",
		  .why = "policy is locked; remove apparmor.lock_policy=1" },
		{ .what = "locked without a value", .cmdline = "apparmor.lock-policy", .outlook = OUTLOOK_UNCONFINED, .step = "policy lock",
		  .why = "policy is locked; remove apparmor.lock_policy=1" },
		{ .what = "locked in words", .cmdline = "apparmor.lock_policy=on initward.on_failure=panic", .outlook = OUTLOOK_STOPS,
		  .step = "policy lock", .why = "policy is locked; remove apparmor.lock_policy=1" },
		{ .what = "complain", .cmdline = "apparmor.mode=complain", .outlook = OUTLOOK_UNCONFINED, .step = "policy lock",
		  .why = "apparmor.mode=complain overrides the mode of every profile; remove it" },
		{ .what = "kill in a dry run", .cmdline = "apparmor.mode=kill initward.policy=complain", .outlook = OUTLOOK_UNCONFINED,
		  .step = "policy lock", .why = "apparmor.mode=kill overrides the mode of every profile; remove it" },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void the_bundle_has_to_be_whole(void **state)
{
	static const struct row rows[] = {
		{ .what = "no manifest", .change = { DROP, IMAGE_BUNDLE "/manifest", NULL, NULL }, .outlook = OUTLOOK_UNCONFINED,
		  .step = "manifest", .why = MANIFEST " cannot be read: ENOENT" },
		{ .what = "a link to itself", .change = { LINK, IMAGE_BUNDLE "/manifest", NULL, "manifest" }, .outlook = OUTLOOK_UNCONFINED,
		  .step = "manifest", .why = MANIFEST " cannot be read: 40" },
		{ .what = "a FIFO that nobody writes to", .change = { PIPE, IMAGE_BUNDLE "/manifest", NULL, NULL }, .outlook = OUTLOOK_UNCONFINED,
		  .step = "manifest", .why = MANIFEST ": the first line has to be \"version = 1\", not \"\"" AGAIN },
		{ .what = "a malformed manifest", .change = { SUB, IMAGE_BUNDLE "/manifest", "version = 1", "version = 2" },
		  .outlook = OUTLOOK_UNCONFINED, .step = "manifest",
		  .why = MANIFEST ": line 1: the first line has to be \"version = 1\", not \"version = 2\"" AGAIN },
		{ .what = "malformed entries", .change = { SUB, IMAGE_BUNDLE "/manifest", "profile = enforce global", "profile = complain global" },
		  .outlook = OUTLOOK_UNCONFINED, .step = "feature set",
		  .why = MANIFEST ": line 9: a root profile whose mode is not that of the policy: \"complain global\"" AGAIN },
		{ .what = "a size", .change = { APPEND, IMAGE_BUNDLE "/enforce/old/global", NULL, "x" }, .outlook = OUTLOOK_UNCONFINED,
		  .step = "policy", .why = OLD "its size is not the manifest's" },
		{ .what = "a digest", .change = { SUB, IMAGE_BUNDLE "/enforce/old/global", "global", "globaL" }, .outlook = OUTLOOK_UNCONFINED,
		  .step = "policy", .why = OLD "its SHA-256 is not the manifest's" },
		{ .what = "a missing blob", .change = { DROP, IMAGE_BUNDLE "/enforce/old/global", NULL, NULL }, .outlook = OUTLOOK_UNCONFINED,
		  .step = "policy", .why = OLD "cannot be read: ENOENT" },
		{ .what = "a missing blob of the other policy", .change = { DROP, IMAGE_BUNDLE "/complain/old/global", NULL, NULL },
		  .outlook = OUTLOOK_CONFINED },
		{ .what = "a profile that is not there", .change = { SUB, IMAGE_BUNDLE "/manifest", "global\n", "global\nprofile = enforce x\n" },
		  .outlook = OUTLOOK_UNCONFINED, .step = "policy", .why = OLD "its profiles are not the manifest's" },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}
/* clang-format on */

/* Puts a seed in the place of the old set's blob, with a manifest that fits. */
static void use_seed(const char *seed, const char *flip)
{
	struct text m = { 0 };

	made_whole();
	text_str(&m, "version = 1\nset = old\nrank = 1\nbase = yes\nclass = file\n");
	made_blob(&m, "enforce", "-", IMAGE_BUNDLE "/enforce/old/global", seed, "enforce global");
	if (flip) {
		struct made_file *file = made_find(IMAGE_BUNDLE "/enforce/old/global");
		uint8_t digest[SHA256_SIZE];
		char before[SHA256_HEX], after[SHA256_HEX];

		sha256(file->data.data, file->data.len, digest);
		sha256_hex(digest, before);
		memcpy(file->data.data + file->data.len - 64, flip, 4);
		sha256(file->data.data, file->data.len, digest);
		sha256_hex(digest, after);
		made_put(IMAGE_BUNDLE "/manifest", S_IFREG | 0644, m.data, m.len);
		made_replace(IMAGE_BUNDLE "/manifest", before, after);
	} else {
		made_put(IMAGE_BUNDLE "/manifest", S_IFREG | 0644, m.data, m.len);
	}
	text_free(&m);
}

static void what_the_kernel_will_say_is_foreseen(void **state)
{
	static const struct {
		const char *seed, *flip, *features;
		struct row row;
	} rows[] = {
		{ "guarded", NULL, features_none, { .what = "good", .outlook = OUTLOOK_CONFINED } },
		{ "guarded",
		  "\377\377\377\377",
		  features_none,
		  { .what = "corrupted",
		    .outlook = OUTLOOK_UNCONFINED,
		    .step = "load",
		    .why = FOREIGN } },
		{ "guarded-table-3",
		  NULL,
		  features_none,
		  { .what = "too new",
		    .outlook = OUTLOOK_UNCONFINED,
		    .step = "load",
		    .why = FOREIGN } },
		{ "guarded-table-3",
		  NULL,
		  features_new,
		  { .what = "new enough", .outlook = OUTLOOK_CONFINED } },
		{ "guarded-table-3",
		  NULL,
		  NULL,
		  { .what = "who knows",
		    .outlook = OUTLOOK_UNKNOWN,
		    .step = "load",
		    .why = "the policy*" } },
		{ "open",
		  NULL,
		  features_none,
		  { .what = "nothing to prove it",
		    .outlook = OUTLOOK_UNCONFINED,
		    .step = "proof",
		    .why = "not in force as configured: a write to /proc/version is not "
			   "refused" } },
		{ "../blob/one",
		  NULL,
		  features_none,
		  { .what = "denies all",
		    .outlook = OUTLOOK_UNCONFINED,
		    .step = "proof",
		    .why = "not in force as configured: a write to /proc/version is refused, but "
			   "so "
			   "is /proc/uptime" } },
	};
	struct forecast_kernel kernel = known_kernel();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		use_seed(rows[i].seed, rows[i].flip);
		if (rows[i].features)
			set_features(rows[i].features);
		kernel.features = rows[i].features ? &features : NULL;
		check_row(&rows[i].row, &kernel);
	}
	made_clear();
}

static const struct {
	const char *seed, *level;
	enum lsm_verdict lockdown;
	enum lsm_verdict filter;
	struct row row;
} level_rows[] = {
	{ "strict", "strict", LSM_ON, LSM_ON, { .what = "strict", .outlook = OUTLOOK_CONFINED } },
	{ "guarded",
	  "strict",
	  LSM_ON,
	  LSM_ON,
	  { .what = "mac_admin",
	    .outlook = OUTLOOK_UNCONFINED,
	    .step = "proof",
	    .why = "not in force as configured: a write to "
		   "/sys/kernel/security/apparmor/.replace is "
		   "not refused for want of mac_admin" } },
	{ "guarded", "sealed", LSM_ON, LSM_ON, { .what = "sealed", .outlook = OUTLOOK_CONFINED } },
	{ "strict",
	  "strict",
	  LSM_OFF,
	  LSM_ON,
	  { .what = "no lockdown",
	    .outlook = OUTLOOK_UNCONFINED,
	    .step = "AppArmor",
	    .why = DIAGNOSE_NO_LOCKDOWN } },
	{ "strict",
	  "strict",
	  LSM_ON,
	  LSM_OFF,
	  { .what = "no filters",
	    .outlook = OUTLOOK_UNCONFINED,
	    .step = "AppArmor",
	    .why = DIAGNOSE_NO_FILTER } },
	{ "strict",
	  "sealed",
	  LSM_ON,
	  LSM_UNKNOWN,
	  { .what = "who knows of filters",
	    .outlook = OUTLOOK_UNKNOWN,
	    .step = "AppArmor",
	    .why = "it is not known whether the kernel has filters of system calls" } },
	{ "strict",
	  "sealed",
	  LSM_UNKNOWN,
	  LSM_ON,
	  { .what = "who knows",
	    .outlook = OUTLOOK_UNKNOWN,
	    .step = "AppArmor",
	    .why = "it is not known whether lockdown is active" } },
	{ "strict",
	  "strict",
	  LSM_ON,
	  LSM_ON,
	  { .what = "visible",
	    .cmdline = "initward.mode=visible",
	    .outlook = OUTLOOK_UNCONFINED,
	    .step = "command line",
	    .why = "policy=enforce mode=visible does not go with "
		   "level=strict; " CONFIG_WHICH_GO } },
};

static void a_level_above_compatible_wants_more(void **state)
{
	struct forecast_kernel kernel = known_kernel();
	char line[64];

	(void)state;
	for (size_t i = 0; i < COUNT(level_rows); i++) {
		use_seed(level_rows[i].seed, NULL);
		snprintf(line, sizeof(line), "level = %s\ninit", level_rows[i].level);
		made_replace(IMAGE_CONFIG, "init", line);
		kernel.lockdown = level_rows[i].lockdown;
		kernel.filter = level_rows[i].filter;
		check_row(&level_rows[i].row, &kernel);
	}
	made_clear();
}

static void whether_apparmor_is_on_is_the_callers(void **state)
{
	static const struct row off = { .what = "off",
					.outlook = OUTLOOK_UNCONFINED,
					.step = "AppArmor",
					.why = "it is off: apparmor= turns it off; remove it" };
	static const struct row unknown = { .what = "unknown",
					    .outlook = OUTLOOK_UNKNOWN,
					    .step = "AppArmor",
					    .why = "no configuration" };
	static const struct row fails = { .what = "unknown, and something fails for sure",
					  .outlook = OUTLOOK_UNCONFINED,
					  .step = "policy lock",
					  .why = "policy is locked; remove apparmor.lock_policy=1",
					  .cmdline = "apparmor.lock_policy" };
	static const struct row later = { .what = "unknown, and a blob is missing",
					  .outlook = OUTLOOK_UNCONFINED,
					  .step = "policy",
					  .why = OLD "cannot be read: ENOENT" };
	static const struct row policy_off = { .what = "unknown, and policy is off",
					       .outlook = OUTLOOK_OFF,
					       .cmdline = "initward.policy=off" };
	struct forecast_kernel kernel = known_kernel();

	(void)state;
	made_whole();
	kernel.apparmor = LSM_OFF;
	kernel.apparmor_why = "apparmor= turns it off; remove it";
	check_row(&off, &kernel);
	check_row(&policy_off, &kernel);
	kernel.apparmor = LSM_UNKNOWN;
	kernel.apparmor_why = "no configuration";
	check_row(&unknown, &kernel);
	check_row(&fails, &kernel);
	check_row(&policy_off, &kernel);
	made_drop(IMAGE_BUNDLE "/enforce/old/global");
	check_row(&later, &kernel);
	made_clear();
}

static void the_set_is_chosen_as_the_loader_does(void **state)
{
	static const struct {
		const char *what, *identity, *features, *set, *lost;
		enum fit fit;
	} rows[] = {
		{ "named", MADE_IDENTITY, features_new, "old", "", FIT_EXACT },
		{ "by its features", "9.9 #1 x86_64", features_new, "new", "", FIT_FEATURES },
		{ "by features that are all old", "9.9 #1 x86_64", features_old, "old", "mount",
		  FIT_FEATURES },
		{ "the base", "9.9 #1 x86_64", features_none, "old", "mount", FIT_BASE },
	};
	struct forecast_kernel kernel = known_kernel();
	struct forecast f;

	(void)state;
	made_whole();
	for (size_t i = 0; i < COUNT(rows); i++) {
		kernel.identity = span_of(rows[i].identity);
		set_features(rows[i].features);
		forecast_made("", &kernel, &f);
		check_text(rows[i].what, outlook_name(f.outlook), "confined");
		check_text(rows[i].what, f.set.data, rows[i].set);
		check_text(rows[i].what, f.lost.data, rows[i].lost);
		check_number(rows[i].what, f.fit, rows[i].fit);
		check_number(rows[i].what, f.n_profiles, 1);
		forecast_free(&f);
	}
	made_clear();
}

static void no_set_may_fit(void **state)
{
	static const struct row row = { .what = "no base",
					.outlook = OUTLOOK_UNCONFINED,
					.step = "feature set",
					.why = "no set of the bundle fits this kernel, and none is "
					       "the base; add the kernel's (initward features)" };
	struct forecast_kernel kernel = known_kernel();

	(void)state;
	made_whole();
	made_replace(IMAGE_BUNDLE "/manifest", "base = yes\n", "");
	set_features(features_none);
	kernel.identity = span_of("9.9 #1 x86_64");
	check_row(&row, &kernel);
	made_clear();
}

/* What is not known counts only where it makes a difference. */
static void an_unknown_kernel_matters_where_sets_differ(void **state)
{
	static const struct row alike = { .what = "both are refused the same",
					  .cmdline = "initward.init=/gone2",
					  .outlook = OUTLOOK_STOPS,
					  .step = "next init",
					  .why = "/gone2 is missing*" };
	static const struct row differ = { .what = "one set is damaged",
					   .outlook = OUTLOOK_UNKNOWN,
					   .step = "feature set",
					   .why = "the choice depends on the kernel, which is not "
						  "known: unconfined or confined" };
	static const struct row good = { .what = "identity unknown, features known",
					 .outlook = OUTLOOK_CONFINED };
	struct forecast_kernel kernel = { .identity = span_of(""), .apparmor = LSM_ON };
	struct forecast f;

	(void)state;
	made_whole();
	check_row(&alike, &kernel);
	made_drop(IMAGE_BUNDLE "/enforce/new/global");
	check_row(&differ, &kernel);
	made_whole();
	set_features(features_new);
	kernel.features = &features;
	check_row(&good, &kernel);
	set_features(features_old);
	forecast_made("", &kernel, &f);
	check_text("only one can be chosen", f.set.data, "old");
	forecast_free(&f);
	made_clear();
}

static void what_it_found_is_told(void **state)
{
	struct forecast_kernel kernel = known_kernel();
	struct forecast f;

	(void)state;
	made_whole();
	forecast_made("initward.polcy=off initward.mode=visible", &kernel, &f);
	check_text("ignored", f.ignored.data,
		   "\"initward.polcy\"=\"off\" (unknown option or value)");
	check_text("label", f.label, "global//&unconfined");
	check_number("mode", f.conf.mode, MODE_VISIBLE);
	check_text("next init", f.conf.init, "/sbin/init");
	check_number("digest", (long long)strlen(f.manifest_digest), 64);
	forecast_free(&f);
	forecast_made("initward.policy=off", &kernel, &f);
	assert_null(f.label);
	check_text("nothing fails", f.why.data, "");
	forecast_free(&f);
	made_clear();
}

static void all_sets_are_checked(void **state)
{
	static const struct {
		const char *drop, *fault;
	} rows[] = {
		{ NULL, NULL },
		{ "/enforce/old/global", "set old: " OLD "cannot be read: ENOENT" },
		{ "/complain/old/global",
		  "set old: policy blob /initward/bundle/complain/old/global: cannot be read: "
		  "ENOENT" },
		{ "/enforce/new/global",
		  "set new: policy blob /initward/bundle/enforce/new/global: cannot be read: "
		  "ENOENT" },
		{ "/manifest", MANIFEST " cannot be read: ENOENT" },
	};
	struct image *image;
	char name[128];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct list faults = { 0 };

		made_whole();
		if (rows[i].drop) {
			snprintf(name, sizeof(name), IMAGE_BUNDLE "%s", rows[i].drop);
			made_drop(name);
		}
		image = made_image();
		assert_int_equal(check_bundle(image, &faults), !rows[i].fault);
		assert_int_equal(faults.n, rows[i].fault ? 1 : 0);
		if (rows[i].fault)
			check_text(name, faults.item[0], rows[i].fault);
		list_free(&faults);
		image_free(image);
	}
	made_clear();
}

static void a_bundle_that_no_kernel_takes_is_found(void **state)
{
	static const struct {
		const char *seed, *flip, *fault;
	} rows[] = {
		{ "guarded", "\377\377\377\377",
		  "set old: a blob of policy=enforce is damaged inside: every kernel refuses it; "
		  "run \"initward compile\" again" },
		{ "open", NULL,
		  "set old: not in force as configured: a write to /proc/version is not refused" },
	};
	struct image *image;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct list faults = { 0 };

		use_seed(rows[i].seed, rows[i].flip);
		image = made_image();
		assert_false(check_bundle(image, &faults));
		check_text(rows[i].seed, faults.item[0], rows[i].fault);
		list_free(&faults);
		image_free(image);
	}
	made_clear();
}

static void scripts_need_their_interpreters(void **state)
{
	static const struct {
		const char *script, *why;
		enum runnable runs;
	} rows[] = {
		{ "#!/sbin/init\n", NULL, RUN_OK },
		{ "#! \t/sbin/init -e\n", NULL, RUN_OK },
		{ "#!sbin/init", NULL, RUN_OK },
		{ "#!/gone\n", "/script cannot be executed: ENOENT; its interpreter is \"/gone\"",
		  RUN_REFUSED },
		{ "#!/sbin/init\r\n",
		  "/script cannot be executed: ENOENT; its interpreter is \"/sbin/init?\"",
		  RUN_REFUSED },
		{ "#!/initward/initward.conf\n",
		  "/script cannot be executed: EACCES; its interpreter is "
		  "\"/initward/initward.conf\"",
		  RUN_REFUSED },
		{ "#! \n",
		  "/script cannot be executed: ENOEXEC; its first line names no interpreter",
		  RUN_REFUSED },
		{ "#!/script\n",
		  "/script cannot be executed: 40; too many interpreters of interpreters",
		  RUN_REFUSED },
		{ "#!/proc/self/exe\n",
		  "/script has an interpreter on a file system that is mounted later",
		  RUN_UNKNOWN },
		{ "",
		  "/script cannot be executed: ENOEXEC; it is neither an ELF program nor a script",
		  RUN_REFUSED },
	};

	(void)state;
	made_whole();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct text why = { 0 };
		struct image *image;

		made_text("script", S_IFREG | 0755, rows[i].script);
		image = made_image();
		check_number(rows[i].script, check_program(image, "/script", &why), rows[i].runs);
		check_text(rows[i].script, why.data ? why.data : "",
			   rows[i].why ? rows[i].why : "");
		text_free(&why);
		image_free(image);
	}
	made_clear();
}

/* At 256 bytes the kernel cuts the first line off: binfmt_script.c. */
static void a_long_first_line_names_no_interpreter(void **state)
{
	static const struct {
		size_t blanks;
		enum runnable runs;
	} rows[] = { { 100, RUN_OK }, { 242, RUN_OK }, { 243, RUN_REFUSED }, { 300, RUN_REFUSED } };

	(void)state;
	made_whole();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct text script = { 0 }, why = { 0 };
		struct image *image;

		text_str(&script, "#!");
		for (size_t n = 0; n < rows[i].blanks; n++)
			text_str(&script, " ");
		text_str(&script, "/sbin/init and more\n");
		made_put("script", S_IFREG | 0755, script.data, script.len);
		image = made_image();
		check_number("blanks", check_program(image, "/script", &why), rows[i].runs);
		text_free(&why);
		text_free(&script);
		image_free(image);
	}
	made_clear();
}

static void the_loader_is_known_by_what_it_says(void **state)
{
	static const struct {
		struct span file;
		const char *version;
	} rows[] = {
		{ LIT("x" LOADER_MARK "0.1.0" LOADER_MARK_END), "0.1.0" },
		{ LIT(LOADER_MARK "\0" LOADER_MARK "2" LOADER_MARK_END), "2" },
		{ LIT(LOADER_MARK "0.1.0"), NULL },
		{ LIT(LOADER_MARK LOADER_MARK_END), NULL },
		{ LIT(LOADER_MARK "0.1.0\0" LOADER_MARK_END), NULL },
		{ LIT(""), NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct text elf = made_elf(EM_X86_64, NULL, "");
		struct span copy, version = span_of("");

		text_add(&elf, rows[i].file.p, rows[i].file.n);
		copy = exact_copy((struct span){ elf.data, elf.len });
		check_number("loader", is_loader(copy, &version), rows[i].version != NULL);
		check_span("version", version, rows[i].version ? rows[i].version : "");
		free((char *)copy.p);
		text_free(&elf);
		check_number("no program", is_loader(rows[i].file, NULL), false);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_image_confines),
		cmocka_unit_test(run_init_wipes_the_image),
		cmocka_unit_test(what_runs_first_decides),
		cmocka_unit_test(the_configuration_decides),
		cmocka_unit_test(the_mount_points_have_to_be_folders),
		cmocka_unit_test(the_next_init_has_to_be_a_program),
		cmocka_unit_test(parameters_of_apparmor_decide),
		cmocka_unit_test(the_bundle_has_to_be_whole),
		cmocka_unit_test(what_the_kernel_will_say_is_foreseen),
		cmocka_unit_test(a_level_above_compatible_wants_more),
		cmocka_unit_test(whether_apparmor_is_on_is_the_callers),
		cmocka_unit_test(the_set_is_chosen_as_the_loader_does),
		cmocka_unit_test(no_set_may_fit),
		cmocka_unit_test(an_unknown_kernel_matters_where_sets_differ),
		cmocka_unit_test(what_it_found_is_told),
		cmocka_unit_test(all_sets_are_checked),
		cmocka_unit_test(a_bundle_that_no_kernel_takes_is_found),
		cmocka_unit_test(scripts_need_their_interpreters),
		cmocka_unit_test(a_long_first_line_names_no_interpreter),
		cmocka_unit_test(the_loader_is_known_by_what_it_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
