// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wrap/prove.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "image/forecast.h"

static bool refuse(const struct image *image, const char *why)
{
	say("%s: %s", image->path, why);
	return false;
}

bool starts_loader(const struct image *image, bool *ret)
{
	const struct image_file *init = image_find(image, "init", true);
	struct text data = { 0 };

	*ret = false;
	if (!init || !S_ISREG(init->mode) || init->size > 1 << 20)
		return true;
	if (!image_read(image, init, 1 << 20, &data))
		return false;
	*ret = is_loader(span_of_text(&data), NULL);
	text_free(&data);
	return true;
}

bool check_init(const struct image *image, const char *path)
{
	const struct image_file *init = image_find(image, path, true);
	struct text why = { 0 };

	if (!init)
		return refuse(image,
			      image_find(image, path, false)
				      ? "its /init is a link to something that is not there"
				      : "it has no /init: is it an initramfs that a kernel starts "
					"a program of?");
	if (!S_ISREG(init->mode) || !(init->mode & 0111))
		return refuse(image, "its /init is not executable");
	if (check_program(image, path, &why) == RUN_REFUSED) {
		say("%s: the kernel cannot start its /init: %s", image->path, why.data);
		text_free(&why);
		return false;
	}
	text_free(&why);
	return true;
}

static bool check_faults(const struct image *image)
{
	struct list faults = { 0 };
	bool ok = check_bundle(image, &faults);

	for (size_t i = 0; i < faults.n; i++)
		say("%s: the loader would refuse the bundle: %s", image->path, faults.item[i]);
	list_free(&faults);
	return ok;
}

static bool check_outlook(const struct image *image)
{
	const struct forecast_kernel kernel = { .apparmor_why = "the kernel is not known here" };
	const struct span section = image_section(image, ".cmdline");
	char *cmdline = format("%.*s", (int)section.n, section.p ? section.p : "");
	struct forecast f;
	bool ok;

	forecast_image(image, cmdline, &kernel, &f);
	ok = f.outlook != OUTLOOK_UNCONFINED && f.outlook != OUTLOOK_STOPS;
	if (!ok)
		say("%s: the boot would fail: %s: %s; nothing was written", image->path, f.step,
		    f.why.data);
	forecast_free(&f);
	free(cmdline);
	return ok;
}

bool check_layer(const struct image *image)
{
	return check_faults(image) && check_outlook(image);
}
