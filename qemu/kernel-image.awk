# SPDX-License-Identifier: LGPL-2.1-or-later
# What a kernel image is, from its first 1024 bytes as 256 little-endian words of 32 bits, one a
# line (od -tu4). Prints "ARCHITECTURE FORMAT SIZE": SIZE is what the headers say that the file
# has at least, 0 where they do not say it. An image for another architecture: "other NAME 0".
# Prints nothing where this is no kernel image.
# numbers beyond 31 bits whole, also with mawk
BEGIN { OFMT = CONVFMT = "%.0f" }

{ word[NR - 1] = $1 }

function low(n) { return word[n] % 65536 }
function high(n) { return int(word[n] / 65536) }

# The file must reach to the end of the last section of a PE image (an EFI stub).
function pe_end(start,   first, i, end, most) {
	if (start < 64 || start > 512 || start % 4 || word[start / 4] != 17744) return 0
	first = start + 24 + low((start + 20) / 4)
	if (first % 4) return 0
	first /= 4
	for (i = 0; i < high((start + 4) / 4) && first + 10 * i + 5 < 256; i++) {
		end = word[first + 10 * i + 4] + word[first + 10 * i + 5]
		if (end > most) most = end
	}
	return most + 0
}

# ... and to the end of the last segment of an ELF file.
function elf_end(   first, i, end, most) {
	if (word[8] % 4) return 0
	first = word[8] / 4
	for (i = 0; i < low(14) && first + 14 * i + 8 < 256; i++) {
		end = word[first + 14 * i + 2] + word[first + 14 * i + 8]
		if (end > most) most = end
	}
	return most + 0
}

function pe_architecture(start,   machine) {
	machine = (start >= 64 && start <= 1016 && start % 4 == 0) ? low((start + 4) / 4) : 0
	if (machine == 43620) return "arm64"
	return "other"
}

function elf(   machine) {
	machine = high(4)
	if (low(1) != 258) return # 64 bits, little-endian
	# EXEC, as every vmlinux of x86; what else is ELF is some program
	if (machine == 62 && low(4) == 2) print "amd64 vmlinux", elf_end()
	else if (machine != 62) print "other ELF-machine-" machine, 0
}

END {
	if (NR < 256) exit
	if (word[0] == 1179403647) elf()
	# "zimg" behind "MZ"
	else if (low(0) == 23117 && word[1] == 1735223674)
		print pe_architecture(word[15]), "zboot", word[2] + word[3]
	# "ARM" and 0x64, "RSC" and 5, "HdrS"
	else if (word[14] == 1682788929) print "arm64 Image", pe_end(word[15])
	else if (word[14] == 88298322) print "other RISC-V", 0
	else if (high(128) == 25672 && low(129) == 21362)
		print "amd64 bzImage", (int(word[124] / 256) % 256 + 1) * 512 + word[125] * 16
}
