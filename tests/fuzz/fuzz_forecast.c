// SPDX-License-Identifier: LGPL-2.1-or-later
// sources: early/tool/verify/sound.c early/tool/image/bootconfig.c early/tool/image/bundle.c early/tool/image/cpio.c early/tool/image/decode.c early/tool/image/forecast.c early/tool/image/folder.c early/tool/image/image.c early/tool/image/modules.c early/tool/image/pe.c early/tool/image/policy.c early/tool/image/program.c early/tool/image/tree.c early/tool/image/unpack.c early/tool/image/wipe.c early/tool/compile/featset.c early/tool/util.c
// libs: -lz -llzma -lzstd -llz4
// max_len: 16384
// most: 10000
/*
 * Images whose files are anything: command line, configuration, manifest, next init, feature set and
 * blob, apart by a line "%%". The forecast always comes to an end and says why, nothing is called
 * confined that has a failing step, and what verify calls sound is not foretold to fail.
 */
#include "fuzz.h"

#include <sys/stat.h>

#include "image/forecast.h"
#include "places.h"
#include "verify/verify.h"

enum { CMDLINE, CONFIG, MANIFEST, INIT, FEATURES, BLOB, PIECES };

static struct featset features;

/* Takes the text up to the next "%%" line, the last piece whole. */
static struct span take_piece(struct span *rest, bool last)
{
	const char *at = last ? NULL : memmem(rest->p, rest->n, "\n%%\n", 4);
	struct span piece = *rest;

	if (!at) {
		*rest = (struct span){ rest->p + rest->n, 0 };
		return piece;
	}
	piece.n = (size_t)(at - rest->p);
	*rest = (struct span){ at + 4, rest->n - piece.n - 4 };
	return piece;
}

static void pad(struct text *out)
{
	while (out->len % 4)
		text_add(out, "", 1);
}

static void put(struct text *out, const char *name, unsigned int mode, struct span data)
{
	text_format(out, "070701%08X%08X%08X%08X%08X%08X%08zX%08X%08X%08X%08X%08zX%08X", 0U, mode,
		    0U, 0U, 1U, 0U, data.n, 0U, 0U, 0U, 0U, strlen(name) + 1, 0U);
	text_add(out, name, strlen(name) + 1);
	pad(out);
	text_add(out, data.p, data.n);
	pad(out);
}

/* The loader: the head of a static ELF file for x86-64, and what it says. */
static struct span loader(void)
{
	static char elf[256] = "\177ELF\2\1\1";

	elf[16] = 2;  /* ET_EXEC */
	elf[18] = 62; /* EM_X86_64 */
	elf[32] = 64; /* program headers: where, */
	elf[54] = 56; /* how large */
	elf[56] = 1;  /* and how many */
	memcpy(elf + 128, LOADER_MARK "1" LOADER_MARK_END, sizeof(LOADER_MARK "1" LOADER_MARK_END));
	return (struct span){ elf, sizeof(elf) };
}

static struct image *make_image(const struct span *piece)
{
	static const struct image_limits limits = {
		.unpacked = 1 << 20,
		.names = 1 << 16,
		.steps = 1 << 16,
		.kept = 1 << 20,
		.memory = 1 << 20,
		.files = 64,
	};
	struct text archive = { 0 };
	struct image *image;
	char *why = NULL;

	put(&archive, "initward", S_IFDIR | 0755, span_of(""));
	put(&archive, IMAGE_BUNDLE, S_IFDIR | 0755, span_of(""));
	put(&archive, "init", S_IFREG | 0755, loader());
	put(&archive, IMAGE_CONFIG, S_IFREG | 0644, piece[CONFIG]);
	put(&archive, IMAGE_BUNDLE "/manifest", S_IFREG | 0644, piece[MANIFEST]);
	put(&archive, IMAGE_BUNDLE "/b", S_IFREG | 0644, piece[BLOB]);
	put(&archive, "next", S_IFREG | 0755, piece[INIT]);
	put(&archive, "TRAILER!!!", 0, span_of(""));
	image = image_parse_within("fuzz", &archive, &limits, &why);
	free(why);
	REQUIRE(image);
	return image;
}

static void check_forecast(const struct forecast *f)
{
	bool good = f->outlook == OUTLOOK_CONFINED || f->outlook == OUTLOOK_COMPLAIN;

	REQUIRE(!f->step == (good || f->outlook == OUTLOOK_OFF));
	REQUIRE(f->step ? f->why.len > 0 : f->why.len == 0);
	for (size_t i = 0; i < f->why.len; i++)
		REQUIRE(f->why.data[i] >= ' ' && f->why.data[i] <= '~');
	REQUIRE(f->outlook != OUTLOOK_CONFINED || f->conf.policy == POLICY_ENFORCE);
	REQUIRE(!good || (f->label && f->n_profiles && f->manifest_digest[0]));
	REQUIRE(f->outlook != OUTLOOK_UNCONFINED || strcmp(f->step, "first program") == 0 ||
		f->conf.on_failure == ON_FAILURE_CONTINUE);
	planted_bug(f->step && strcmp(f->step, "policy lock") == 0);
}

static bool is_sound(const struct image *image)
{
	struct checks checks = { 0 };
	bool sound;

	check_sound(image, &checks);
	sound = !checks.failed;
	checks_free(&checks);
	return sound;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span piece[PIECES], rest = { (const char *)data, size };
	struct forecast_kernel kernel = { .identity = span_of("1 2 x86_64"), .apparmor = LSM_ON };
	struct image *image;
	struct forecast f;
	unsigned int line;
	char *cmdline;

	for (int i = 0; i < PIECES; i++)
		piece[i] = take_piece(&rest, i == BLOB);
	image = make_image(piece);
	cmdline = format("%.*s", (int)piece[CMDLINE].n, piece[CMDLINE].p);
	if (featset_parse(piece[FEATURES], &features, &line))
		kernel.features = &features;
	forecast_image(image, cmdline, &kernel, &f);
	check_forecast(&f);
	/* verify knows no kernel: what fails on this one may be right on another */
	REQUIRE(cmdline[0] || kernel.features || !f.step || f.outlook == OUTLOOK_UNKNOWN ||
		!is_sound(image));
	forecast_free(&f);
	free(cmdline);
	image_free(image);
	return 0;
}
