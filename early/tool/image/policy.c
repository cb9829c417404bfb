// SPDX-License-Identifier: LGPL-2.1-or-later
#include "image/policy.h"

#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>

#include "blob.h"
#include "util.h"

/* An entry of the permissions' table: 14 numbers, each behind the tag of a U32 (unpack_perm()). */
#define PERMS_ITEM (14 * 5)
#define PERMS_ALLOW 1
#define PERMS_QUIET 9

#define ABI_MASK 0x3ffu
#define AA_CLASS_FILE 2
#define OLD_MAY_WRITE 2u
#define OLD_MAY_READ 4u

/* include/match.h */
#define YYTH_MAGIC 0x1b5e783du
#define YYTH_FLAG_DIFF_ENCODE 1u
#define YYTH_FLAG_OOB_TRANS 2u
#define TABLE_SET_HEADER 14
#define TABLE_HEADER 12
#define FLAG_DIFF_ENCODE 0x80000000u
#define FLAG_OOB 0x20000000u
#define FLAGS_MASK 0xff000000u
#define DFA_START 1

static uint32_t be(const uint8_t *p, uint32_t width)
{
	uint32_t v = 0;

	while (width--)
		v = v << 8 | *p++;
	return v;
}

static uint32_t entry(const struct dfa *dfa, enum dfa_table id, uint32_t i)
{
	const struct dfa_data *t = &dfa->table[id];

	return be(t->data + (size_t)i * t->width, t->width);
}

static uint32_t base_of(const struct dfa *dfa, uint32_t state)
{
	return entry(dfa, DFA_BASE, state) & ~FLAGS_MASK;
}

/* What unpack_table() and aa_dfa_unpack() take as a table of that kind. */
static bool width_fits(unsigned int id, uint32_t width)
{
	switch (id) {
	case DFA_ACCEPT:
	case DFA_ACCEPT2:
	case DFA_BASE:
		return width == 4;
	case DFA_CHECK:
	case DFA_DEFAULT:
	case DFA_NEXT:
		return width == 2 || width == 4;
	case DFA_EC:
		return width == 1;
	default:
		return false;
	}
}

/* Takes one table off *at. */
static bool take_table(struct span *at, struct dfa *dfa)
{
	const uint8_t *p = (const uint8_t *)at->p;
	struct dfa_data t;
	unsigned int id;
	size_t size;

	if (at->n < TABLE_HEADER)
		return false;
	id = be(p, 2) - 1;
	t = (struct dfa_data){ p + TABLE_HEADER, be(p + 2, 2), be(p + 8, 4) };
	if (id >= DFA_TABLES || !width_fits(id, t.width) || !t.n || dfa->table[id].data)
		return false;
	size = (TABLE_HEADER + (size_t)t.n * t.width + 7) & ~(size_t)7;
	if (at->n < size)
		return false;
	dfa->table[id] = t;
	*at = (struct span){ at->p + size, at->n - size };
	return true;
}

/* verify_table_headers() */
static bool tables_agree(const struct dfa *dfa, bool accept2)
{
	const struct dfa_data *t = dfa->table;
	uint32_t states = t[DFA_BASE].n;

	return t[DFA_BASE].data && t[DFA_DEFAULT].n == states && t[DFA_ACCEPT].n == states &&
	       (!accept2 || t[DFA_ACCEPT2].n == states) && t[DFA_NEXT].data &&
	       t[DFA_NEXT].n == t[DFA_CHECK].n && (!t[DFA_EC].data || t[DFA_EC].n == 256);
}

/*
 * The chains of states that are encoded as a difference to another have to end somewhere: each state
 * is marked by the one that its chain was first walked from.
 */
static bool chains_end(const struct dfa *dfa)
{
	uint32_t states = dfa->table[DFA_BASE].n;
	uint32_t *mark = memset(grow(NULL, states, sizeof(*mark)), 0, states * sizeof(*mark));
	bool ok = true;

	for (uint32_t i = 0; ok && i < states; i++) {
		uint32_t at = i;

		while (entry(dfa, DFA_BASE, at) & FLAG_DIFF_ENCODE && !mark[at]) {
			mark[at] = i + 1;
			at = entry(dfa, DFA_DEFAULT, at);
		}
		ok = mark[at] != i + 1;
	}
	free(mark);
	return ok;
}

static bool state_is_sound(const struct dfa *dfa, uint32_t state)
{
	uint32_t base = entry(dfa, DFA_BASE, state);
	uint32_t states = dfa->table[DFA_BASE].n, transitions = dfa->table[DFA_NEXT].n;

	if (entry(dfa, DFA_DEFAULT, state) >= states)
		return false;
	if (base & FLAGS_MASK & ~(FLAG_DIFF_ENCODE | FLAG_OOB))
		return false;
	if (base & FLAG_DIFF_ENCODE && !(dfa->flags & YYTH_FLAG_DIFF_ENCODE))
		return false;
	if (base & FLAG_OOB && (!(dfa->flags & YYTH_FLAG_OOB_TRANS) || !(base & ~FLAGS_MASK)))
		return false;
	return (base & ~FLAGS_MASK) + 255 < transitions;
}

/* verify_dfa() */
static bool dfa_is_sound(const struct dfa *dfa)
{
	uint32_t states = dfa->table[DFA_BASE].n;

	if (states < 2)
		return false;
	for (uint32_t i = 0; i < states; i++) {
		if (!state_is_sound(dfa, i))
			return false;
	}
	for (uint32_t i = 0; i < dfa->table[DFA_NEXT].n; i++) {
		if (entry(dfa, DFA_NEXT, i) >= states || entry(dfa, DFA_CHECK, i) >= states)
			return false;
	}
	return chains_end(dfa);
}

/* aa_dfa_unpack(). The parser aligns the tables by leading zeros: unpack_dfa(). */
static bool read_dfa(struct span blob, bool accept2, struct dfa *ret)
{
	size_t pad = blob.n & 7;
	const uint8_t *p = (const uint8_t *)blob.p + pad;
	struct span at = { blob.p + pad, blob.n - pad };
	uint32_t header;

	*ret = (struct dfa){ .flags = 0 };
	if (at.n < TABLE_SET_HEADER + 2 || be(p, 4) != YYTH_MAGIC)
		return false;
	header = be(p + 4, 4);
	ret->flags = be(p + 12, 2);
	if (header > at.n || ret->flags & ~(YYTH_FLAG_DIFF_ENCODE | YYTH_FLAG_OOB_TRANS))
		return false;
	at = (struct span){ at.p + header, at.n - header };
	while (at.n) {
		if (!take_table(&at, ret))
			return false;
	}
	return tables_agree(ret, accept2) && dfa_is_sound(ret);
}

/* match_char() of match.c */
static uint32_t step(const struct dfa *dfa, uint32_t state, uint8_t c, uint64_t *steps)
{
	if (dfa->table[DFA_EC].data)
		c = (uint8_t)entry(dfa, DFA_EC, c);
	while (*steps) {
		uint32_t at = base_of(dfa, state) + c;
		bool more = entry(dfa, DFA_BASE, state) & FLAG_DIFF_ENCODE;

		(*steps)--;
		if (entry(dfa, DFA_CHECK, at) == state)
			return entry(dfa, DFA_NEXT, at);
		state = entry(dfa, DFA_DEFAULT, state);
		if (!more)
			return state;
	}
	return 0;
}

/* Where in a profile the walk is. */
struct walk {
	struct blob_reader r;
	size_t at; /* of the item that was read last */
	unsigned int depth;
	bool policydb;	  /* inside "policydb" */
	bool flags_seen;  /* what comes before is the attachment */
	struct span name; /* of the item that comes next; "" where it has none */
	unsigned int permsv;
	bool capabilities; /* the item that comes next: those from 32 on that are allowed */
	struct policy_rules attach;
};

static struct policy_rules *rules_here(struct walk *w, struct compiled_policy *p)
{
	if (w->policydb)
		return &p->rules;
	return w->flags_seen ? &p->file : &w->attach;
}

/*
 * The table "perms": its version, an array of 14 numbers each, both ends. It stands in front of the
 * automaton whose states are numbers in it, as unpack_pdb() reads them.
 */
static bool take_perms(struct walk *w, struct policy_rules *rules)
{
	struct blob_reader *r = &w->r;
	uint32_t count = 0;

	if (rules->present)
		return false;
	blob_item(r);
	if (r->tag != TAG_NAME || !span_is(r->text, "version"))
		return false;
	blob_item(r);
	if (r->tag != TAG_U32 || r->u32 != 1)
		return false;
	blob_item(r);
	if (r->tag != TAG_ARRAY)
		return false;
	rules->perms = r->buf + r->pos;
	for (blob_item(r); r->tag == TAG_U32 && !r->err; blob_item(r))
		count++;
	rules->n_perms = count / 14;
	if (r->tag != TAG_ARRAYEND || count % 14)
		return false;
	blob_item(r);
	return r->tag == TAG_STRUCTEND;
}

static bool states_fit(const struct policy_rules *rules)
{
	for (uint32_t i = 0; rules->perms && i < rules->dfa.table[DFA_ACCEPT].n; i++) {
		if (entry(&rules->dfa, DFA_ACCEPT, i) >= rules->n_perms)
			return false;
	}
	return true;
}

static bool take_dfa(struct walk *w, struct policy_rules *rules, struct policy_needs *needs)
{
	size_t start = w->at + 5; /* behind tag and size */
	struct span blob = { (const char *)w->r.buf + start, w->r.pos - start };
	bool accept2 = !rules->perms || w->permsv > 2;

	if (!read_dfa(blob, accept2, &rules->dfa) || !states_fit(rules))
		return false;
	w->permsv = 0; /* holds for one class of rules */
	rules->present = true;
	rules->start = DFA_START;
	needs->state32 |= rules->dfa.table[DFA_DEFAULT].width == 4 ||
			  rules->dfa.table[DFA_NEXT].width == 4 ||
			  rules->dfa.table[DFA_CHECK].width == 4;
	return true;
}

static bool take_number(struct walk *w, struct compiled_policy *p, struct policy_needs *needs)
{
	struct policy_rules *rules = rules_here(w, p);

	if (w->capabilities) {
		p->mac_admin = w->r.u32 >> (CAP_MAC_ADMIN - 32) & 1;
		w->capabilities = false;
	} else if (span_is(w->name, "permsv")) {
		w->permsv = w->r.u32;
		if (needs->permsv < w->permsv)
			needs->permsv = w->permsv;
	} else if (span_is(w->name, "start") || span_is(w->name, "dfa_start")) {
		rules->start = w->r.u32;
		return rules->present && rules->start < rules->dfa.table[DFA_BASE].n;
	}
	return true;
}

static bool take_struct(struct walk *w, struct compiled_policy *p, struct policy_needs *needs)
{
	w->depth++;
	if (w->depth != 2 && !(w->depth == 3 && w->policydb))
		return true;
	if (span_is(w->name, "perms")) {
		w->depth--;
		needs->perms = true;
		return take_perms(w, rules_here(w, p));
	}
	if (span_is(w->name, "tags"))
		needs->tags = true;
	else if (span_is(w->name, "caps64"))
		w->capabilities = true;
	else if (span_is(w->name, "policydb"))
		w->policydb = true;
	else if (span_is(w->name, "flags"))
		w->flags_seen = true;
	return true;
}

/* One item of a profile, of what counts here. */
static bool take_item(struct walk *w, struct compiled_policy *p, struct policy_needs *needs)
{
	switch (w->r.tag) {
	case TAG_STRUCT:
		return take_struct(w, p, needs);
	case TAG_STRUCTEND:
		w->depth--;
		if (w->depth == 1)
			w->policydb = false;
		return true;
	case TAG_U32:
		return take_number(w, p, needs);
	case TAG_BLOB:
		return !span_is(w->name, "aadfa") || take_dfa(w, rules_here(w, p), needs);
	default:
		return true;
	}
}

/* Without file rules of its own a profile's are those of the class (unpack_profile()). */
static void file_from_class(struct compiled_policy *p)
{
	uint64_t steps = UINT64_MAX;

	if (p->file.present || !p->rules.present)
		return;
	p->file = p->rules;
	p->file.start = step(&p->rules.dfa, p->rules.start, AA_CLASS_FILE, &steps);
}

bool policy_next(struct span blob, size_t *pos, struct compiled_policy *ret,
		 struct policy_needs *needs)
{
	struct walk w = { .r = { .buf = (const uint8_t *)blob.p, .len = blob.n, .pos = *pos },
			  .name = span_of("") };
	struct blob_profile head = { .version = needs->version };
	size_t end = *pos;

	*ret = (struct compiled_policy){ .complain = false };
	if (blob_next(blob.p, blob.n, &end, &head) != 1)
		return false;
	needs->version = head.version;
	if (needs->abi < (head.version & ABI_MASK))
		needs->abi = head.version & ABI_MASK;
	ret->complain = head.mode == MODE_COMPLAIN;
	while (w.r.pos < end) {
		w.at = w.r.pos;
		blob_item(&w.r);
		if (w.r.err || !take_item(&w, ret, needs))
			return false;
		w.name = w.r.tag == TAG_NAME ? w.r.text : span_of("");
	}
	file_from_class(ret);
	*pos = end;
	return true;
}

bool featset_find(const struct featset *set, struct span path, struct span *words)
{
	for (unsigned int i = 0; i < set->n; i++) {
		const struct featset_leaf *leaf = &set->leaf[i];
		struct span rest = path, name;
		unsigned int n = 0;

		while (n + 1 < leaf->depth && span_split(rest, '/', &name, &rest) &&
		       span_eq(name, leaf->path[n]))
			n++;
		if (n + 1 == leaf->depth && span_eq(rest, leaf->path[n])) {
			*words = leaf->words;
			return true;
		}
	}
	return false;
}

/* A feature file with one number, "0x000003"; 0 where there is none. */
static unsigned int feature_number(const struct featset *set, const char *path)
{
	struct span words;
	unsigned int v = 0;

	if (!featset_find(set, span_of(path), &words) || !span_starts(words, "0x"))
		return 0;
	for (size_t i = 2; i < words.n; i++) {
		const char *digit = memchr("0123456789abcdef", words.p[i], 16);

		if (!digit)
			return 0;
		v = v << 4 | (unsigned int)(digit - "0123456789abcdef");
	}
	return v;
}

/*
 * Which kernels take what was measured (qemu/scenarios/40-bundles.scn) and stands in their
 * unpack_pdb(): the table from 6.12 on, a stated version of it, and format 9, from when the feature
 * says so. Format 7 is what every parser writes for them.
 */
enum policy_fit policy_fits(const struct policy_needs *needs, const struct featset *features)
{
	struct span words;

	if (needs->abi <= 7 && !needs->perms && !needs->permsv && !needs->state32 && !needs->tags)
		return POLICY_FITS;
	if (!features)
		return POLICY_UNCLEAR;
	if ((needs->abi > 7 || needs->perms) &&
	    !featset_find(features, span_of("policy/permstable32"), &words))
		return POLICY_REFUSED;
	if (needs->permsv > feature_number(features, "policy/permstable32_version"))
		return POLICY_REFUSED;
	if (needs->state32 && !feature_number(features, "policy/state32"))
		return POLICY_REFUSED;
	return needs->tags ? POLICY_UNCLEAR : POLICY_FITS;
}

static uint32_t perms_field(const struct policy_rules *rules, uint32_t index, unsigned int field)
{
	const uint8_t *p = rules->perms + (size_t)index * PERMS_ITEM + (size_t)field * 5 + 1;

	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

bool policy_may(const struct compiled_policy *policy, const char *path, enum policy_access access,
		uint64_t *steps)
{
	const struct policy_rules *rules = &policy->file;
	const uint32_t old = access == POLICY_READ ? OLD_MAY_READ : OLD_MAY_WRITE;
	uint32_t state = rules->start, accept;
	bool allow, quiet;

	if (!rules->present || !state)
		return policy->complain;
	for (; *path; path++)
		state = step(&rules->dfa, state, (uint8_t)*path, steps);
	accept = entry(&rules->dfa, DFA_ACCEPT, state);
	if (rules->perms && accept >= rules->n_perms)
		return false;
	if (rules->perms) {
		allow = perms_field(rules, accept, PERMS_ALLOW) & access;
		quiet = perms_field(rules, accept, PERMS_QUIET) & access;
	} else {
		allow = accept & old;
		quiet = entry(&rules->dfa, DFA_ACCEPT2, state) >> 7 & old;
	}
	return allow || (policy->complain && !quiet);
}
