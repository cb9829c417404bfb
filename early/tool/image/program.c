// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which programs of the image can be executed: fs/exec.c, fs/binfmt_script.c, fs/binfmt_elf.c. */
#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "image/steps.h"
#include "places.h"

#define BINPRM_BUF_SIZE 256
#define MAX_INTERPRETERS 5 /* exec_binprm() */
#define LIMIT_PROGRAM ((size_t)1 << 30)

void begin_why(struct strbuf *why, int err, ...)
{
	va_list ap;

	sb_init(why, why->buf, why->cap);
	va_start(ap, err);
	sb_vstrs(why, ap);
	va_end(ap);
	sb_errno(why, err);
}

static const char *relative(const char *path)
{
	while (*path == '/')
		path++;
	return path;
}

int missing_errno(const struct image *image, const char *path)
{
	const struct image_file *file;
	char *prefix = dup_str(relative(path));
	int err = image_loops(image, path) ? ELOOP : ENOENT;

	for (char *slash = strchr(prefix, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		file = *prefix ? image_find(image, prefix, true) : NULL;
		*slash = '/';
		if (file && !S_ISDIR(file->mode))
			err = ENOTDIR;
	}
	free(prefix);
	return err;
}

bool lies_under_mount(const struct image *image, const char *path)
{
	static const char *const mounts[] = { "proc/", "sys/" };
	const struct image_file *file = image_find(image, relative(path), true);

	for (size_t i = 0; i < sizeof(mounts) / sizeof(*mounts); i++) {
		if (span_starts(span_of(relative(path)), mounts[i]) ||
		    (file && span_starts(span_of(file->name), mounts[i])))
			return true;
	}
	return false;
}

/* The file that holds the data of a hard link. */
static const struct image_file *data_of(const struct image *image, const struct image_file *file)
{
	return file->link >= 0 ? &image->file_list[file->link] : file;
}

/*
 * What is no regular file. The loader waits for nobody: a FIFO that no program writes to is empty to it, as
 * is /dev/null. /dev/zero has no end. Of other devices nobody can say.
 */
static int read_special(const struct image_file *file)
{
	bool memory = S_ISCHR(file->mode) && file->major == 1;

	if (S_ISDIR(file->mode))
		return EISDIR;
	if (S_ISSOCK(file->mode))
		return ENXIO;
	if (S_ISFIFO(file->mode) || (memory && file->minor == 3))
		return 0;
	return memory && file->minor == 5 ? EFBIG : EINVAL;
}

static int read_content(const struct image *image, const struct image_file *file, size_t limit,
			struct content *ret)
{
	const struct image_file *data = data_of(image, file);

	if (!S_ISREG(file->mode))
		return read_special(file);
	if (data->size > limit)
		return EFBIG;
	if (data->kept)
		ret->data = span_of_text(&data->data);
	else if (image_read(image, file, limit, &ret->own))
		ret->data = span_of_text(&ret->own);
	else
		return EIO;
	if (!ret->data.p)
		ret->data = span_of("");
	return 0;
}

int content_read(const struct image *image, const char *path, size_t limit, struct content *ret)
{
	const struct image_file *file = image_find(image, relative(path), true);

	*ret = (struct content){ .data = span_of("") };
	return file ? read_content(image, file, limit, ret) : missing_errno(image, path);
}

void content_free(struct content *content)
{
	text_free(&content->own);
	content->data = span_of("");
}

/* One step of an execution: the file that is looked at, and what comes after it. */
struct execution {
	const struct image *image;
	struct strbuf *why;
	const char *program; /* what was to be executed, for the message */
	struct run *ret;
	unsigned int machine;
	unsigned int depth;
};

static enum runnable refused(struct execution *x, int err, const char *hint)
{
	x->ret->err = err;
	begin_why(x->why, err, x->program, " cannot be executed", NULL);
	if (hint)
		sb_strs(x->why, "; ", hint, NULL);
	return RUN_REFUSED;
}

static enum runnable refused_by(struct execution *x, int err, const char *what, const char *path)
{
	(void)refused(x, err, what);
	sb_strs(x->why, " ", NULL);
	sb_quoted(x->why, span_of(path));
	return RUN_REFUSED;
}

static enum runnable unknown(struct execution *x, const char *why)
{
	begin_why(x->why, 0, x->program, " ", why, NULL);
	return RUN_UNKNOWN;
}

static enum runnable look_at(struct execution *x, const char *path, bool interpreter);

/* do_open_execat(): the file of a program or an interpreter, 0 or an errno. */
static int open_exec(struct execution *x, const char *path, struct content *ret)
{
	const struct image_file *file = image_find(x->image, relative(path), true);

	*ret = (struct content){ .data = span_of("") };
	if (!file)
		return missing_errno(x->image, path);
	if (!S_ISREG(file->mode) || !(file->mode & 0111))
		return EACCES;
	if (path[strlen(path) - 1] == '/')
		return ENOTDIR;
	return read_content(x->image, file, LIMIT_PROGRAM, ret);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * load_script(): the path of the interpreter in the first 256 bytes, which are padded with NULs;
 * false where it is cut off or missing.
 */
static bool script_interpreter(struct span script, char ret[BINPRM_BUF_SIZE])
{
	char buf[BINPRM_BUF_SIZE] = "";
	char *end = buf + sizeof(buf) - 1, *name = buf + 2, *newline;
	size_t n = script.n < sizeof(buf) ? script.n : sizeof(buf);
	bool whole;

	memcpy(buf, script.p, n);
	newline = memchr(buf, '\n', sizeof(buf));
	if (newline)
		end = newline;
	while (name < end && is_blank(*name))
		name++;
	n = 0;
	while (name + n < end && !is_blank(name[n]) && name[n])
		n++;
	whole = newline || name + n < end;
	memcpy(ret, name, n);
	ret[n] = '\0';
	return n && whole;
}

static enum runnable run_script(struct execution *x, struct span script)
{
	char interpreter[BINPRM_BUF_SIZE];

	if (!script_interpreter(script, interpreter))
		return refused(x, ENOEXEC, "its first line names no interpreter");
	if (lies_under_mount(x->image, interpreter))
		return unknown(x, "has an interpreter on a file system that is mounted later");
	if (++x->depth > MAX_INTERPRETERS)
		return refused(x, ELOOP, "too many interpreters of interpreters");
	return look_at(x, interpreter, true);
}

/* The program headers are there, and *interpreter is the text of PT_INTERP, empty without one. */
static bool read_headers(struct span elf, struct span *interpreter)
{
	Elf64_Ehdr head;
	Elf64_Phdr ph;

	memcpy(&head, elf.p, sizeof(head));
	*interpreter = (struct span){ elf.p, 0 };
	if (head.e_phentsize != sizeof(ph) || !head.e_phnum || head.e_phoff > elf.n ||
	    (size_t)head.e_phnum * sizeof(ph) > elf.n - head.e_phoff)
		return false;
	for (unsigned int i = 0; i < head.e_phnum; i++) {
		memcpy(&ph, elf.p + head.e_phoff + i * sizeof(ph), sizeof(ph));
		if (ph.p_type == PT_LOAD &&
		    (ph.p_offset > elf.n || ph.p_filesz > elf.n - ph.p_offset))
			return false;
		if (ph.p_type != PT_INTERP || interpreter->n)
			continue;
		if (ph.p_filesz < 2 || ph.p_filesz > PATH_MAX || ph.p_offset > elf.n ||
		    ph.p_filesz > elf.n - ph.p_offset || elf.p[ph.p_offset + ph.p_filesz - 1])
			return false;
		*interpreter = (struct span){ elf.p + ph.p_offset, ph.p_filesz - 1 };
	}
	return true;
}

static bool is_elf(struct span s)
{
	return s.n >= sizeof(Elf64_Ehdr) && memcmp(s.p, ELFMAG, SELFMAG) == 0;
}

static enum runnable run_elf(struct execution *x, struct span elf)
{
	struct content content;
	struct span interpreter;
	char path[PATH_MAX];
	Elf64_Ehdr head;
	bool good;
	int err;

	memcpy(&head, elf.p, sizeof(head));
	if (elf.p[EI_CLASS] == ELFCLASS32)
		return unknown(x, "is a program of 32 bits, which not every kernel executes");
	if (elf.p[EI_CLASS] != ELFCLASS64 || elf.p[EI_DATA] != ELFDATA2LSB ||
	    (head.e_type != ET_EXEC && head.e_type != ET_DYN))
		return refused(x, ENOEXEC, "it is no program");
	if (x->machine && head.e_machine != x->machine)
		return refused(x, ENOEXEC, "it is a program of another machine");
	if (!read_headers(elf, &interpreter))
		return refused(x, ENOEXEC, "it is a damaged program");
	if (!interpreter.n)
		return RUN_OK;
	memcpy(path, interpreter.p, interpreter.n);
	path[interpreter.n] = '\0';
	if (lies_under_mount(x->image, path))
		return unknown(x, "has an interpreter on a file system that is mounted later");
	err = open_exec(x, path, &content);
	good = !err && is_elf(content.data);
	content_free(&content);
	if (good)
		return RUN_OK;
	return refused_by(x, err ? err : ELIBBAD, "its ELF interpreter is", path);
}

bool is_loader(struct span file, struct span *version)
{
	const char *at = file.p, *end = file.p + file.n;
	struct span rest;
	size_t n;

	if (!is_elf(file))
		return false;
	while ((at = memmem(at, (size_t)(end - at), LOADER_MARK, strlen(LOADER_MARK)))) {
		at += strlen(LOADER_MARK);
		rest = (struct span){ at, (size_t)(end - at) };
		for (n = 0; n < rest.n && rest.p[n] > ' ' && rest.p[n] < 0x7f;)
			n++;
		rest = (struct span){ at + n, rest.n - n };
		if (!n || !span_starts(rest, LOADER_MARK_END))
			continue;
		if (version)
			*version = (struct span){ at, n };
		return true;
	}
	return false;
}

static bool is_static(struct span file)
{
	struct span interpreter;

	return is_elf(file) && read_headers(file, &interpreter) && !interpreter.n;
}

static enum runnable look_at(struct execution *x, const char *path, bool interpreter)
{
	struct content content;
	enum runnable r;
	int err = open_exec(x, path, &content);

	if (err == EIO || err == EFBIG)
		r = unknown(x, "cannot be read out of the image");
	else if (err)
		r = interpreter ? refused_by(x, err, "its interpreter is", path)
				: refused(x, err, NULL);
	else if (span_starts(content.data, "#!"))
		r = run_script(x, content.data);
	else if (is_elf(content.data))
		r = run_elf(x, content.data);
	else
		r = refused(x, ENOEXEC, "it is neither an ELF program nor a script");
	if (!interpreter)
		x->ret->loader = is_loader(content.data, NULL) && is_static(content.data);
	content_free(&content);
	return r;
}

struct run program_runs(const struct image *image, const char *path, unsigned int machine,
			struct strbuf *why)
{
	const struct image_file *file = image_find(image, relative(path), true);
	struct run ret = { RUN_ABSENT, file ? 0 : missing_errno(image, path), false };
	struct execution x = {
		.image = image, .why = why, .program = path, .machine = machine, .ret = &ret
	};

	/* access(X_OK) of root: a folder may always be searched, all else wants an x for somebody */
	if (file && !S_ISDIR(file->mode) && !(file->mode & 0111))
		ret.err = EACCES;
	if (lies_under_mount(image, path)) {
		ret.result = unknown(&x, "lies on a file system that is mounted later");
	} else if (ret.err) {
		begin_why(why, ret.err, path, " is missing or not executable", NULL);
		sb_str(why, "; check init =");
	} else {
		ret.result = look_at(&x, path, false);
	}
	return ret;
}

unsigned int image_machine(const struct image *image)
{
	struct content content;
	unsigned int machine = 0;
	Elf64_Ehdr head;

	if (content_read(image, "init", LIMIT_PROGRAM, &content) == 0 && is_elf(content.data) &&
	    content.data.p[EI_CLASS] == ELFCLASS64) {
		memcpy(&head, content.data.p, sizeof(head));
		machine = head.e_machine;
	}
	content_free(&content);
	return machine;
}

enum runnable check_program(const struct image *image, const char *path, struct text *why)
{
	char buf[LIMIT_MESSAGE];
	struct strbuf sb;
	enum runnable r;

	sb_init(&sb, buf, sizeof(buf));
	r = program_runs(image, path, image_machine(image), &sb).result;
	if (r != RUN_OK)
		text_str(why, buf);
	return r;
}

/* The file of /init, which program_runs() has found to be a program. */
static const char *look_at_loader(const struct image *image, struct text *version)
{
	struct content content;
	struct span said;
	const char *why = NULL;

	if (content_read(image, "init", LIMIT_PROGRAM, &content) != 0)
		why = "it cannot be read";
	else if (!is_loader(content.data, &said))
		why = "it is another program than the loader";
	else if (!is_static(content.data))
		why = "it is not linked statically";
	else
		text_add(version, said.p, said.n);
	content_free(&content);
	return why;
}

bool check_loader(const struct image *image, struct text *version, struct text *why)
{
	char buf[LIMIT_MESSAGE];
	const char *wrong;
	struct strbuf sb;
	struct run run;

	sb_init(&sb, buf, sizeof(buf));
	run = program_runs(image, "/init", image_machine(image), &sb);
	if (run.result == RUN_ABSENT) {
		text_str(why, run.err == ENOENT ? "/init is missing" : "/init is not executable");
		return false;
	}
	if (run.result != RUN_OK) {
		text_str(why, buf);
		return false;
	}
	wrong = look_at_loader(image, version);
	if (wrong)
		text_format(why, "/init: %s", wrong);
	return !wrong;
}
