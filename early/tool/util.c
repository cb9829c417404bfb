// SPDX-License-Identifier: LGPL-2.1-or-later
#include "util.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"

static const char *current_verb;

void say_verb(const char *verb)
{
	current_verb = verb;
}

void say(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "initward%s%s: ", current_verb ? " " : "",
		current_verb ? current_verb : "");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

int finish_stdout(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return TOOL_OK;
	say("cannot write to standard output: %s", strerror(errno));
	return TOOL_FAILED;
}

void *grow(void *p, size_t n, size_t size)
{
	void *q = n && size > SIZE_MAX / n ? NULL : realloc(p, n && size ? n * size : 1);

	if (!q) {
		say("out of memory (%zu times %zu bytes)", n, size);
		exit(TOOL_FAILED);
	}
	return q;
}

char *dup_str(const char *s)
{
	size_t len = strlen(s) + 1;

	return memcpy(grow(NULL, len, 1), s, len);
}

static void text_vformat(struct text *t, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0) {
		say("cannot format a text: %s", strerror(errno));
		exit(TOOL_FAILED);
	}
	if (t->len + (size_t)n + 1 > t->cap) {
		t->cap = 2 * t->cap + (size_t)n + 64;
		t->data = grow(t->data, t->cap, 1);
	}
	vsnprintf(t->data + t->len, (size_t)n + 1, fmt, ap);
	t->len += (size_t)n;
}

char *format(const char *fmt, ...)
{
	struct text t = { 0 };
	va_list ap;

	va_start(ap, fmt);
	text_vformat(&t, fmt, ap);
	va_end(ap);
	return t.data;
}

void text_add(struct text *t, const void *data, size_t len)
{
	if (t->len + len + 1 > t->cap) {
		t->cap = 2 * t->cap + len + 64;
		t->data = grow(t->data, t->cap, 1);
	}
	if (len)
		memcpy(t->data + t->len, data, len);
	t->len += len;
	t->data[t->len] = '\0';
}

void text_str(struct text *t, const char *s)
{
	text_add(t, s, strlen(s));
}

void text_format(struct text *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	text_vformat(t, fmt, ap);
	va_end(ap);
}

void text_free(struct text *t)
{
	free(t->data);
	*t = (struct text){ 0 };
}

struct span span_of_text(const struct text *t)
{
	return (struct span){ t->data, t->len };
}

void list_add(struct list *l, char *owned)
{
	if (l->n == l->cap) {
		l->cap = 2 * l->cap + 8;
		l->item = grow(l->item, l->cap, sizeof(*l->item));
	}
	l->item[l->n++] = owned;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void list_sort(struct list *l)
{
	if (l->n)
		qsort(l->item, l->n, sizeof(*l->item), by_bytes);
}

bool list_has(const struct list *l, const char *s)
{
	for (size_t i = 0; i < l->n; i++) {
		if (strcmp(l->item[i], s) == 0)
			return true;
	}
	return false;
}

void list_free(struct list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->item[i]);
	free(l->item);
	*l = (struct list){ 0 };
}

char *path_join(const char *dir, const char *name)
{
	size_t len = strlen(dir);

	return format("%s%s%s", dir, len && dir[len - 1] == '/' ? "" : "/", name);
}

char *path_dir(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return dup_str(".");
	if (slash == path)
		return dup_str("/");
	return format("%.*s", (int)(slash - path), path);
}

const char *path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Room for a whole file at once: images are large. What is no file, or has grown, still fits later. */
static void reserve(int fd, size_t max, struct text *ret)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size <= 0 ||
	    (uint64_t)st.st_size > max || (size_t)st.st_size < ret->cap)
		return;
	ret->cap = (size_t)st.st_size + 1;
	ret->data = grow(ret->data, ret->cap, 1);
}

char *search_program(const char *name)
{
	const char *path = getenv("PATH");
	char *all = format("%s:/usr/sbin:/sbin", path ? path : "/usr/bin:/bin"), *found = NULL;
	char *rest = all, *dir;

	while (!found && (dir = strsep(&rest, ":"))) {
		found = path_join(*dir ? dir : ".", name);
		if (access(found, X_OK) < 0) {
			free(found);
			found = NULL;
		}
	}
	free(all);
	return found;
}

int read_fd(int fd, size_t max, struct text *ret)
{
	char buf[65536];
	ssize_t n;

	ret->len = 0;
	text_add(ret, "", 0);
	reserve(fd, max, ret);
	for (;;) {
		n = read(fd, buf, sizeof(buf));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		if (ret->len + (size_t)n > max)
			return -EFBIG;
		text_add(ret, buf, (size_t)n);
	}
}

int read_file(const char *path, size_t max, struct text *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int r;

	if (fd < 0)
		return -errno;
	r = read_fd(fd, max, ret);
	(void)close(fd);
	return r;
}

int write_fd(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

static int write_and_close(int fd, const void *data, size_t len)
{
	int r;

	if (fd < 0)
		return -errno;
	r = write_fd(fd, data, len);
	if (close(fd) < 0 && !r)
		r = -errno;
	return r;
}

int write_file(const char *path, const void *data, size_t len)
{
	const int how = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;

	return write_and_close(open(path, how, 0644), data, len);
}

int write_private_file(const char *path, const void *data, size_t len)
{
	const int how = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;

	return write_and_close(open(path, how, 0600), data, len);
}

int folder_names(int fd, struct list *ret)
{
	int r, copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;

	if (!dir) {
		r = -errno;
		if (copy >= 0)
			(void)close(copy);
		return r;
	}
	for (errno = 0; (entry = readdir(dir)); errno = 0) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			list_add(ret, dup_str(entry->d_name));
	}
	r = -errno;
	(void)closedir(dir);
	list_sort(ret);
	return r;
}

int make_dir(const char *path)
{
	return mkdir(path, 0755) < 0 ? -errno : 0;
}

int remove_below(int dir, const char *name)
{
	struct list names = { 0 };
	int fd, r = 0;

	if (unlinkat(dir, name, 0) == 0)
		return 0;
	if (errno != EISDIR)
		return -errno;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = folder_names(fd, &names);
	for (size_t i = 0; r == 0 && i < names.n; i++) {
		r = remove_below(fd, names.item[i]);
		if (r == -ENOENT)
			r = 0;
	}
	(void)close(fd);
	list_free(&names);
	if (r == 0 && unlinkat(dir, name, AT_REMOVEDIR) < 0)
		r = -errno;
	return r;
}

int remove_tree(const char *path)
{
	return remove_below(AT_FDCWD, path);
}

int sync_path(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	r = fsync(fd) < 0 ? -errno : 0;
	(void)close(fd);
	return r;
}

static int sync_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return sync_path(path);
}

int sync_tree(const char *path)
{
	int r = nftw(path, sync_one, 32, FTW_DEPTH | FTW_PHYS);

	return r == -1 ? -errno : r;
}

size_t utf8_take(struct span s, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char lead = (unsigned char)*s.p;
	size_t n = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
	uint32_t v = n == 1 ? lead : lead & (0x7fU >> n);

	if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4 || n > s.n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if (((unsigned char)s.p[i] & 0xc0) != 0x80)
			return 0;
		v = v << 6 | ((unsigned char)s.p[i] & 0x3f);
	}
	if (v < least[n] || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
		return 0;
	*ret = v;
	return n;
}
