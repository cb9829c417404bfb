// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Linked into a copy of the loader whose calls go through the functions here (the linker's --wrap): how long each step took, told as "bench: STEP
 * NANOSECONDS" in the kernel log behind the last one. Under QEMU's -icount shift=0 a nanosecond is an instruction of the guest.
 */
#include <stdarg.h>
#include <string.h>

#include "io.h"

#define STEPS(x)                                                                                  \
	x(configuration) x(mount) x(count_tasks) x(cmdline) x(next_init) x(apparmor) x(stack)     \
		x(policy_lock) x(manifest) x(feature_set) x(helpers) x(read_policy) x(not_loaded) \
			x(sysctl) x(load) x(namespaces) x(read_back) x(label) x(proof) x(filter)  \
				x(seal) x(report)

#define NAME(step) ROW_##step,
#define TEXT(step) #step,
enum row { STEPS(NAME) ROW_unmount, ROW_digests, ROW_write, ROW_messages, ROWS };

static const char *const names[ROWS] = { STEPS(TEXT) "unmount", "digests", "write", "messages" };
static uint64_t spent[ROWS];

#define STEP(step)                                  \
	int __real_step_##step(struct boot *b);     \
	int __wrap_step_##step(struct boot *b);     \
	int __wrap_step_##step(struct boot *b)      \
	{                                           \
		uint64_t begin = now();             \
		int r = __real_step_##step(b);      \
                                                    \
		spent[ROW_##step] += now() - begin; \
		return r;                           \
	}
STEPS(STEP)

void __real_sha256(const void *data, size_t len, uint8_t *digest);
void __wrap_sha256(const void *data, size_t len, uint8_t *digest);
void __wrap_sha256(const void *data, size_t len, uint8_t *digest)
{
	uint64_t begin = now();

	__real_sha256(data, len, digest);
	spent[ROW_digests] += now() - begin;
}

/* Policy: the kernel unpacks it within this write. */
bool __real_write_once(struct boot *b, const char *path, const void *data, size_t len);
bool __wrap_write_once(struct boot *b, const char *path, const void *data, size_t len);
bool __wrap_write_once(struct boot *b, const char *path, const void *data, size_t len)
{
	uint64_t begin = now();
	bool r = __real_write_once(b, path, data, len);

	if (strstr(path, ".replace"))
		spent[ROW_write] += now() - begin;
	return r;
}

void __real_speak(struct boot *b, char level, const char *text);
void __wrap_speak(struct boot *b, char level, const char *text);
void __wrap_speak(struct boot *b, char level, const char *text)
{
	uint64_t begin = now();

	__real_speak(b, level, text);
	spent[ROW_messages] += now() - begin;
}

static void tell(struct boot *b, const char *name, uint64_t n)
{
	char text[80];
	struct strbuf sb;

	sb_init(&sb, text, sizeof(text));
	sb_strs(&sb, "bench: ", name, " ", NULL);
	sb_uint(&sb, n);
	__real_speak(b, '5', text);
}

int __real_step_unmount(struct boot *b);
int __wrap_step_unmount(struct boot *b);
int __wrap_step_unmount(struct boot *b)
{
	uint64_t begin = now(), end;
	int r = __real_step_unmount(b);

	end = now();
	spent[ROW_unmount] = end - begin;
	for (int i = 0; i < ROWS; i++)
		tell(b, names[i], spent[i]);
	tell(b, "all", end - b->started);
	return r;
}
