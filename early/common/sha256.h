/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef INITWARD_SHA256_H
#define INITWARD_SHA256_H

#include <stddef.h>
#include <stdint.h>

#include "span.h"

#define SHA256_SIZE 32
#define SHA256_HEX 65

/* The SHA-256 (FIPS 180-4) of `len` bytes. */
void sha256(const void *data, size_t len, uint8_t digest[SHA256_SIZE]);

/* Lower-case hexadecimal, NUL-terminated. */
void sha256_hex(const uint8_t digest[SHA256_SIZE], char hex[SHA256_HEX]);

/* Reads exactly 64 lower-case hexadecimal digits. */
bool sha256_parse(struct span hex, uint8_t ret[SHA256_SIZE]);

#endif
