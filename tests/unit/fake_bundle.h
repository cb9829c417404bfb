/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_FAKE_BUNDLE_H
#define INITWARD_FAKE_BUNDLE_H

/* Policy blobs in the kernel's format and a manifest that fits them, below the fake root. */
#include "fake_root.h"
#include "sha256.h"

struct made_profile {
	const char *name;
	unsigned int mode; /* enum profile_mode */
};

struct maker {
	char *text; /* of the manifest */
	size_t len;
	size_t cap;
};

static struct maker maker;

static inline void put_bytes(struct maker *m, const void *p, size_t n)
{
	while (m->len + n + 1 > m->cap) {
		m->cap = m->cap ? m->cap * 2 : 1 << 16;
		m->text = realloc(m->text, m->cap);
		assert_non_null(m->text);
	}
	memcpy(m->text + m->len, p, n);
	m->len += n;
	m->text[m->len] = '\0';
}

static inline void put_str(struct maker *m, const char *s)
{
	put_bytes(m, s, strlen(s));
}

/* Items of the format: see early/common/blob.c. */
static inline void put_u32(struct maker *m, uint32_t v)
{
	uint8_t bytes[] = { 2, (uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16),
			    (uint8_t)(v >> 24) };

	put_bytes(m, bytes, sizeof(bytes));
}

static inline void put_text(struct maker *m, char tag, const char *s)
{
	size_t n = strlen(s) + 1;
	char head[] = { tag, (char)n, (char)(n >> 8) };

	put_bytes(m, head, sizeof(head));
	put_bytes(m, s, n);
}

static inline void put_profile(struct maker *m, const char *ns, const struct made_profile *p)
{
	put_text(m, 4, "version");
	put_u32(m, 5);
	if (ns) {
		put_text(m, 4, "namespace");
		put_text(m, 5, ns);
	}
	put_text(m, 4, "profile");
	put_bytes(m, "\7", 1);
	put_text(m, 5, p->name);
	put_text(m, 4, "flags");
	put_bytes(m, "\7", 1);
	put_u32(m, 0);
	put_u32(m, p->mode);
	put_u32(m, 0);
	put_bytes(m, "\10\10", 2);
}

static bool maker_writes_no_blobs;

static inline void bundle_begin(void)
{
	maker = (struct maker){ NULL, 0, 0 };
	put_str(&maker, "version = 1\n");
}

static inline void bundle_line(const char *line)
{
	put_str(&maker, line);
	put_str(&maker, "\n");
}

static inline void bundle_set(const char *name, const char *rank)
{
	char text[256];

	(void)form(text, sizeof(text), "set = %s\nrank = %s\nclass = domain file mount", name,
		   rank);
	bundle_line(text);
}

/* "blob = " and "profile = " lines for these bytes, which are written to `path`. */
static inline void bundle_lines(const char *policy, const char *ns, const char *path,
				struct span data, const struct made_profile *p, size_t n)
{
	char line[1024], full[512], hex[SHA256_HEX];
	uint8_t digest[SHA256_SIZE];

	(void)form(full, sizeof(full), IMAGE_BUNDLE "/%s", path);
	if (!maker_writes_no_blobs)
		fake_put_span(full, data);
	sha256(data.p, data.n, digest);
	sha256_hex(digest, hex);
	(void)form(line, sizeof(line), "blob = %s %s %zu %s %s", policy, ns, data.n, hex, path);
	bundle_line(line);
	for (size_t i = 0; i < n; i++) {
		(void)form(line, sizeof(line), "profile = %s %s",
			   p[i].mode < MODE_COUNT ? profile_mode_name(p[i].mode) : "enforce",
			   p[i].name);
		bundle_line(line);
	}
}

/* A blob of these profiles, which the fake kernel then knows. */
static inline void bundle_blob(const char *policy, const char *ns, const char *path,
			       const struct made_profile *p, size_t n)
{
	struct made_blob *made = &made_blobs[n_made_blobs++];
	struct maker blob = { NULL, 0, 0 }, listing = { NULL, 0, 0 };

	for (size_t i = 0; i < n; i++) {
		put_profile(&blob, NULL, &p[i]);
		put_str(&listing, p[i].name);
		put_str(&listing, " (");
		put_str(&listing, profile_mode_name(p[i].mode));
		put_str(&listing, ")\n");
	}
	*made = (struct made_blob){ blob.text, blob.len, listing.text };
	bundle_lines(policy, ns, path, (struct span){ blob.text, blob.len }, p, n);
}

static inline void bundle_end(void)
{
	fake_put_span(IMAGE_BUNDLE "/manifest", (struct span){ maker.text, maker.len });
	free(maker.text);
}

/* What one image holds: the global profile for both policies, and one of the application's. */
static inline void bundle_body(const char *dir)
{
	static const struct made_profile enforce[] = { { "global", MODE_ENFORCE },
						       { "others", MODE_ENFORCE } };
	static const struct made_profile complain[] = { { "global", MODE_COMPLAIN } };
	static const struct made_profile app[] = { { "app", MODE_ENFORCE },
						   { "app//child", MODE_COMPLAIN } };
	char path[64];

	(void)form(path, sizeof(path), "enforce/%s/global", dir);
	bundle_blob("enforce", "-", path, &enforce[0], 1);
	(void)form(path, sizeof(path), "enforce/%s/others", dir);
	bundle_blob("enforce", "-", path, &enforce[1], 1);
	(void)form(path, sizeof(path), "complain/%s/global", dir);
	bundle_blob("complain", "-", path, complain, 1);
	(void)form(path, sizeof(path), "application/%s/app", dir);
	bundle_blob("any", APPLICATION_NS, path, app, 2);
}

#define THIS_KERNEL "kernel = 6.1.0-test #1 SMP Debian 6.1.1-1 x86_64"

/* One set, which names the fake kernel. */
static inline void bundle_plain(void)
{
	bundle_begin();
	bundle_set("6.1", "2");
	bundle_line("base = yes");
	bundle_line(THIS_KERNEL);
	bundle_body("6.1.0");
	bundle_end();
}

/* Everything up to the first change of the kernel's state. */
static inline void read_bundle(const char *lines)
{
	configure(lines);
	STEP_IS_OK(step_manifest);
	STEP_IS_OK(step_feature_set);
	STEP_IS_OK(step_read_policy);
}

#endif
