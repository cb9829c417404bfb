// SPDX-License-Identifier: LGPL-2.1-or-later
#include "unit.h"

#include "sha256.h"

static void check_digest(const char *row, const void *data, size_t n, const char *want)
{
	uint8_t digest[SHA256_SIZE];
	char hex[SHA256_HEX];

	sha256(data, n, digest);
	sha256_hex(digest, hex);
	check_text(row, hex, want);
}

/* FIPS 180-4 and NIST's SHAVS byte vectors. */
static void test_published_vectors(void **state)
{
	static const struct {
		struct span text;
		const char *want;
	} rows[] = {
		{ LIT(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ LIT("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ LIT("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
		{ LIT("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnop"
		      "jklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"),
		  "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
		{ LIT("\xbd"), "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b" },
		{ LIT("\xc9\x8c\x8e\x55"),
		  "7abc22c0ae5af26ce93dbb94433a0e0b2e119d014f8e7f65bd56c61ccccd9504" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_digest(rows[i].text.p, rows[i].text.p, rows[i].text.n, rows[i].want);
}

/* The messages below: byte i of the one of n bytes is i * 7 + n. The digests are sha256sum's. */
static uint8_t *message(size_t n)
{
	uint8_t *p = malloc(n ? n : 1);

	assert_non_null(p);
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(i * 7 + n);
	return p;
}

static const uint32_t first_words[] = {
	0xe3b0c442, 0x4bf5122f, 0x4b2871da, 0x6ab0dba1, 0xcc91969e, 0x548f1ba2, 0xd9bebe62,
	0xea329d80, 0xf8d2f3f0, 0xebf38f05, 0xebed051b, 0xee18d80d, 0x274224d6, 0xc4b39344,
	0xf7844170, 0xd31c84cc, 0x91fa54b4, 0xcf197c74, 0x82b26c63, 0x676dcbee, 0xf35ba446,
	0x3256422b, 0xb570f8ff, 0x480bb272, 0x6aa20097, 0x46f22d0c, 0x56493089, 0x9e27fdce,
	0x6a05fba9, 0xb3c98cf7, 0x546f9cdd, 0x6c56c9f0, 0x70b25e78, 0x91b1f04c, 0xa77a82dd,
	0x0def435a, 0x76f26884, 0x604830b3, 0xe9484af3, 0xf2ce036a, 0x12700850, 0xd52c9271,
	0x89e9f1b1, 0xb1dc5861, 0x88a0cbfc, 0xadfdb4e4, 0x5d7fb8c3, 0xc05eafab, 0x1b9bb784,
	0xf2fbae74, 0x12e6b65d, 0x45c4681f, 0x7307c900, 0xb960bcf7, 0x1ad616be, 0x81afe5b7,
	0x2aba54f0, 0x903284ef, 0x49298f16, 0x1b70d65e, 0xa7395392, 0xeb75a7c8, 0xc2c02d57,
	0x733d3d4e, 0x79322907, 0xd85c007c, 0x4bd07799, 0xbfa53da1, 0xd7b50207, 0x175cb3b4,
	0xb6091ec9, 0x8798aff4, 0x22094512, 0x9562f475, 0x0bb0cef2, 0x6a0ef990, 0x8a33581f,
	0x98a67047, 0x0acb3e85, 0xad6a07a7, 0xa6e52afb, 0x377a4403, 0x4c3e7a41, 0xfc9fb042,
	0x144cf6dd, 0x266b94db, 0xf0284cad, 0xcd1ae968, 0xf95c65d1, 0x5716a97f, 0xb93c6d70,
	0xa9da5f64, 0x01ec3620, 0xbc7eeb52, 0xb8b392cf, 0x9e1c7c73, 0x4a0a3813, 0x02bb4113,
	0xe026184f, 0x2ac66f34, 0x2f52d6c6, 0xa5b81b49, 0xd69dce1d, 0x900ad118, 0x1e23a812,
	0x58ac756b, 0xa35cd046, 0x55bf424a, 0xba099012, 0x1495e6b7, 0x87f22f4d, 0xb41ae523,
	0x0949563b, 0x797b1388, 0x7da54c63, 0xef795a2d, 0x618b0c28, 0x5755466e, 0x718ab275,
	0x6c87eedf, 0x42500cf6, 0xbfee8850, 0xe7b3de51, 0x8dd1b5fc, 0x5b97543a, 0xe531b989,
	0x5ae48c4d, 0x68f6ff71, 0x489d55fe, 0x4e1556b2, 0xbfeaa0cf, 0x5f1937be, 0x60b4ca24,
	0x29b48346, 0x4a2614e2, 0x0eea3025, 0xb72d3b91, 0x38290bf1, 0xb28d7f68, 0x988a989b,
	0xac670bdf, 0x70e38e22, 0xb15447bd, 0x96c2d4ee, 0xc64a92aa, 0x338b43ec, 0x2e4bf427,
	0xd95be774, 0x8c558472, 0x98e91f69, 0x58b2638c, 0x8831025e, 0x07246a10, 0x46fa41e2,
	0xf27239de, 0x89ecf084, 0x292e3866, 0x157cf607, 0xa913a782, 0x338bc069, 0xc7cb16bc,
	0x3a4fd480, 0x338b2e5f, 0x8c18ce05, 0x50d2acd9, 0xa5c8719c, 0xa8fd879d, 0x2d25974c,
	0x45583d73, 0x2f094e0e, 0x753c905a, 0x7592e5b5, 0x8fad802b, 0xa4c13898, 0x43c856f7,
	0xbbaec729, 0x3ac47e7b, 0xbc8eadf7, 0x308b4e67, 0xa345db88, 0xac718258, 0x1c4d8cad,
	0x9a601119, 0xd5569223, 0x8beeb42f, 0x82908f69, 0x638f1a94, 0x21a04a07, 0x018c8d9d,
	0x5b1d3e4a, 0x6e85f442, 0x335b3bf2, 0x8670a48b, 0x895db6b1, 0x7a92cee2, 0x35080237,
	0x770b1844, 0x71fa2c23, 0x91c4aa47, 0xa61a5546, 0x8e3f3819,
};

static uint32_t load(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void test_every_length_to_200(void **state)
{
	uint8_t digest[SHA256_SIZE];
	char all[COUNT(first_words) * 64 + 1], row[32];

	(void)state;
	assert_int_equal(COUNT(first_words), 201);
	for (size_t n = 0; n < COUNT(first_words); n++) {
		uint8_t *p = message(n);

		sha256(p, n, digest);
		free(p);
		sha256_hex(digest, all + 64 * n);
		snprintf(row, sizeof(row), "%zu bytes", n);
		check_number(row, (long long)load(digest), first_words[n]);
	}
	/* All 201 digests in full, as one text. */
	check_digest("all digests", all, sizeof(all) - 1,
		     "de444fd33c2915b23d3772a4de9aa249a9206ee2f93688a74e332e160c085f41");
}

static void test_long_messages(void **state)
{
	const size_t mib = 1 << 20, million = 1000000;
	uint8_t *p = calloc(mib, 1);

	(void)state;
	assert_non_null(p);
	check_digest("1 MiB of zeros", p, mib,
		     "30e14955ebf1352266dc2ff8067e68104607e750abb9d3b36582b8af909fcb58");
	memset(p, 'a', million);
	check_digest("a million times a", p, million,
		     "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	free(p);
	p = message(mib + 1);
	check_digest("1 MiB and a byte", p, mib + 1,
		     "64d0fe650c7c3c6d4ad57bb595cd1b42be27f161da971d026a8013107eb20e01");
	free(p);
}

static void test_hex_uses_all_digits(void **state)
{
	uint8_t digest[SHA256_SIZE];
	char hex[SHA256_HEX];

	(void)state;
	for (int i = 0; i < SHA256_SIZE; i++)
		digest[i] = (uint8_t)(i * 0x11);
	sha256_hex(digest, hex);
	assert_string_equal(hex,
			    "00112233445566778899aabbccddeeff102132435465768798a9bacbdcedfe0f");
}

static void test_parse_is_the_way_back(void **state)
{
	uint8_t digest[SHA256_SIZE], back[SHA256_SIZE];
	char hex[SHA256_HEX];

	(void)state;
	for (int i = 0; i < 256; i++) {
		struct span exact;

		for (int j = 0; j < SHA256_SIZE; j++)
			digest[j] = (uint8_t)(i + 37 * j);
		sha256_hex(digest, hex);
		exact = exact_copy(span_of(hex));
		assert_true(sha256_parse(exact, back));
		free((char *)exact.p);
		assert_memory_equal(digest, back, sizeof(back));
	}
}

static void test_parse_refuses(void **state)
{
	static const char good[] =
		"00112233445566778899aabbccddeeff102132435465768798a9bacbdcedfe0f";
	static const char bad[] = { 'A', 'F', 'g', '/', ':', '`', ' ', '\0', '\xff' };
	uint8_t digest[SHA256_SIZE], zero[SHA256_SIZE] = { 0 };
	char hex[SHA256_HEX + 1];

	(void)state;
	memset(digest, 0, sizeof(digest));
	for (size_t n = 0; n <= sizeof(good); n++) {
		snprintf(hex, sizeof(hex), "%s0", good);
		if (n != sizeof(good) - 1)
			assert_false(sha256_parse((struct span){ hex, n }, digest));
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		for (size_t at = 0; at < sizeof(good) - 1; at++) {
			memcpy(hex, good, sizeof(good));
			hex[at] = bad[i];
			assert_false(sha256_parse((struct span){ hex, 64 }, digest));
		}
	}
	assert_memory_equal(digest, zero, sizeof(zero));
	assert_true(sha256_parse(span_of(good), digest));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published_vectors),
		cmocka_unit_test(test_every_length_to_200),
		cmocka_unit_test(test_long_messages),
		cmocka_unit_test(test_hex_uses_all_digits),
		cmocka_unit_test(test_parse_is_the_way_back),
		cmocka_unit_test(test_parse_refuses),
	};

	return cmocka_run_group_tests_name("sha256", tests, NULL, NULL);
}
