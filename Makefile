# SPDX-License-Identifier: LGPL-2.1-or-later
# The build graph, nothing else: what a target does stands in the script that it calls.

VERSION := 0.1.0
B := build
V ?= 0
Q := $(if $(filter 0,$(V)),@,)

CC ?= gcc
MUSL_CC ?= musl-gcc
STATIC_CC = $(MUSL_CC)
$(B)/arm64/%: STATIC_CC = qemu/cross
WERROR ?= -Werror
WARN = -std=c11 -Wall -Wextra $(WERROR) -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wvla -Wwrite-strings -Wundef -Wformat=2
DEFS := -D_GNU_SOURCE -DINITWARD_VERSION='"$(VERSION)"' -Iearly/common

# One personality: this is the loader that the tests boot (tests/bench/loader links one with MARKS and WRAPS, to count with). No unwind tables, no build id: size.
# The optimisations that are off make this program larger, by gcc 12 as by gcc 14.
LOADER_CFLAGS = $(WARN) $(DEFS) -Oz -fno-asynchronous-unwind-tables -fno-unwind-tables \
	-ffunction-sections -fdata-sections -fno-jump-tables -fno-inline-functions-called-once \
	-fno-caller-saves -fno-if-conversion -fno-ipa-modref -fno-tree-dominator-opts \
	-fno-tree-forwprop -fno-move-loop-invariants -fno-optimize-sibling-calls \
	-fno-pie $(if $(findstring x86_64,$(shell $(STATIC_CC) -dumpmachine 2>/dev/null)),-malign-data=abi)
# Without crtbegin.o there are no constructors and no GOT: nothing that RELRO would have to protect.
LOADER_LDFLAGS := -nostartfiles -l:crt1.o -static -no-pie -Wl,--gc-sections -Wl,--build-id=none \
	-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,-z,noseparate-code -s
TOOL_CFLAGS = $(WARN) $(DEFS) -Iearly/tool -DINITWARD_DATADIR='"$(DATADIR)"' \
	-DINITWARD_LIBDIR='"$(PREFIX)/lib/initward"' -O2 -g -fPIE -fstack-protector-strong -fstack-clash-protection \
	-D_FORTIFY_SOURCE=2
TOOL_LDFLAGS := -pie -Wl,-z,relro -Wl,-z,now
TOOL_LIBS := -lapparmor -larchive -ljson-c -lz -llzma -lzstd -llz4
GUEST_CFLAGS = $(WARN) $(DEFS) -Os -static

COMMON := $(sort $(wildcard early/common/*.c))
LOADER := $(sort $(wildcard early/loader/*.c))
TOOL := $(sort $(wildcard early/tool/*.c early/tool/*/*.c))
GUEST := $(sort $(wildcard qemu/guest/*.c))
HEADERS := $(wildcard early/*/*.h early/tool/*/*.h qemu/guest/*.h)
SETS := $(filter-out %.kernels,$(wildcard policy/features/*))
UNIT := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
MAN := $(patsubst docs/man/%.scd,$(B)/man/%,$(wildcard docs/man/*.scd))

.PHONY: all help containment demo demo-shell check check-matrix check-faults check-distro check-life check-policies check-rules check-hardened unit coverage lint fuzz \
	mutants features man completion recording clean install deb

all: $(B)/initward-init $(B)/initward-latch $(B)/initward man completion ## build the loader, the tool and what goes with it

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 16

$(B)/initward-init $(B)/arm64/initward-init: $(LOADER) $(COMMON) $(HEADERS) Makefile
	@mkdir -p $(@D)
	$(Q)$(STATIC_CC) $(LOADER_CFLAGS) $(if $(MARKS),-Iearly/loader) $(LOADER) $(COMMON) $(MARKS) $(LOADER_LDFLAGS) $(WRAPS) -o $@

$(B)/initward: $(TOOL) $(COMMON) $(HEADERS) Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) $(TOOL_CFLAGS) $(TOOL) $(COMMON) $(TOOL_LDFLAGS) -Wl,--as-needed $(TOOL_LIBS) -o $@

# One static file and nothing else: it runs under a profile of its own.
$(B)/initward-latch: early/latch/main.c $(HEADERS) Makefile
	@mkdir -p $(@D)
	$(Q)$(MUSL_CC) $(LOADER_CFLAGS) $< $(LOADER_LDFLAGS) -o $@

$(B)/guest $(B)/arm64/guest: $(GUEST) $(HEADERS) Makefile
	@mkdir -p $(@D)
	$(Q)$(STATIC_CC) $(GUEST_CFLAGS) $(GUEST) -o $@

# The command as it is, for guests without shared libraries. This machine's architecture only.
$(B)/guest-tool: $(TOOL) $(COMMON) $(HEADERS) Makefile $(B)/initward-latch
	@mkdir -p $(@D)
	$(Q)$(CC) $(filter-out -fPIE,$(TOOL_CFLAGS)) $(TOOL) $(COMMON) -static -s $(TOOL_LIBS) -o $@

# For arm64 on a machine of another architecture. The linker leaves 64 KiB between code and data, the
# largest page that an arm64 kernel may have, so that this loader is a file of 66 KB.
$(B)/arm64/initward-init $(B)/arm64/guest: qemu/cross qemu/archive qemu/functions

# The bundle of the first policy, for the demo and the boots of the tests.
$(B)/bundle/manifest: $(B)/initward $(wildcard policy/basic/*) $(SETS)
	$(Q)$(B)/initward compile --cache $(B)/cache --features policy/features -o $(B)/bundle policy/basic/global

# The bundle of each level, with the canary of the attacks under its protection (qemu/containment).
LEVEL_POLICY_compatible := policy/stock
LEVEL_POLICY_strict := policy/strict
LEVEL_POLICY_sealed := policy/sealed
# ... with what its folder "closed" denies besides.
LEVEL_POLICY_closed := policy/sealed
LEVELS := $(foreach l,compatible strict sealed closed,$(if $(wildcard $(LEVEL_POLICY_$(l))/global),$(l)))
LEVEL_BUNDLES := $(LEVELS:%=$(B)/containment/%/manifest)

define level_rules
$(B)/containment/$(1)/manifest: $(B)/initward $$(wildcard $$(LEVEL_POLICY_$(1))/* $$(LEVEL_POLICY_$(1))/*/* qemu/containment/$(1)/local/*) $(SETS)
	@mkdir -p $(B)/containment
	$$(Q)$(B)/initward compile --quiet --cache $(B)/cache --features policy/features --include qemu/containment/$(1) \
		-o $$(@D) $$(wildcard $$(addprefix $$(LEVEL_POLICY_$(1))/,global helpers parser latch))
endef
$(foreach l,$(LEVELS),$(eval $(call level_rules,$(l))))

containment: $(LEVEL_BUNDLES) ## make the bundles of the levels for the attacks

man: $(MAN) ## format the manual pages

$(B)/man/%: docs/man/%.scd
	@mkdir -p $(@D)
	$(Q)scdoc <$< >$@

# Each under the name that its shell looks for.
COMPLETION_bash := initward
COMPLETION_zsh := _initward
COMPLETION_fish := initward.fish
COMPLETION := $(foreach s,bash zsh fish,$(B)/completion/$(s)/$(COMPLETION_$(s)))

completion: $(COMPLETION) ## make the completion scripts of bash, zsh and fish

$(COMPLETION): $(B)/initward
	@mkdir -p $(@D)
	$(Q)$< completion $(notdir $(@D)) >$@.new && mv $@.new $@

# Unit tests: plain, and again under the sanitizers. A test may wrap the system calls that it names
# in a first line "// wrap: NAME ..." to make a fault or to fake a kernel file's behaviour. It takes
# what it needs from the code of the loader, or with a line "// of: tool" from that of the tool.
UNIT_FLAGS := $(WARN) $(DEFS) -Iearly/loader -Iearly/tool -g -O1
UNIT_LOADER := $(COMMON) $(filter-out early/loader/main.c,$(LOADER))
UNIT_TOOL := $(COMMON) $(filter-out early/tool/main.c,$(TOOL))
wraps = $(foreach w,$(shell sed -n '1,4s,^// wrap: ,,p' $(1)),-Wl,--wrap=$(w))
tests_tool = $(shell sed -n '1,4s,^// of: ,,p' $(1))
unit_libs = $(if $(call tests_tool,$(1)),$(2)/tool.a -lcmocka -Wl$(comma)--as-needed $(TOOL_LIBS),$(2)/loader.a -lcmocka)
comma := ,
$(B)/asan/%: UNIT_FLAGS += -fsanitize=address,undefined -fno-sanitize-recover=all

define unit_rules
$(B)/$(1)/o/%.o: %.c $(HEADERS) Makefile
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(UNIT_FLAGS) -c $$< -o $$@

$(B)/$(1)/loader.a: $(UNIT_LOADER:%.c=$(B)/$(1)/o/%.o)
$(B)/$(1)/tool.a: $(UNIT_TOOL:%.c=$(B)/$(1)/o/%.o)
$(B)/$(1)/loader.a $(B)/$(1)/tool.a:
	$$(Q)rm -f $$@ && $$(AR) rcs $$@ $$^

$(B)/$(1)/test_%: tests/unit/test_%.c $(B)/$(1)/loader.a $(B)/$(1)/tool.a $(wildcard tests/unit/*.h)
	$$(Q)$$(CC) $$(UNIT_FLAGS) $$< $$(call wraps,$$<) $$(call unit_libs,$$<,$(B)/$(1)) -o $$@
endef
$(eval $(call unit_rules,unit))
$(eval $(call unit_rules,asan))

unit: $(UNIT:%=$(B)/unit/%) $(UNIT:%=$(B)/asan/%) ## run the unit tests, plain and under ASan and UBSan
	$(Q)tests/run-unit $^

coverage: ## branch coverage of early/common, at least 95 %
	$(Q)tests/unit/coverage

lint: $(B)/initward-init ## check style, scripts, spelling and the ELF file of the loader
	$(Q)tests/lint/run

fuzz: ## fuzz the parsers (SECONDS=600)
	$(Q)tests/need fuzz
	$(Q)tests/fuzz/run --seconds $(or $(SECONDS),600)

demo: ## boot a Debian kernel, visible then hidden, and show what holds
	$(Q)tests/need demo
	$(Q)qemu/demo

demo-shell: ## an interactive shell in the confined guest
	$(Q)tests/need demo
	$(Q)qemu/demo --shell

recording: ## make the recording in README.md again, from a run of the demo
	$(Q)tests/need demo
	$(Q)qemu/recording

check: ## everything that a change has to pass
	$(Q)tests/need check
	$(Q)tests/check

# MATRIX: more options for qemu/matrix
check-matrix: ## every scenario on every kernel; report in build/matrix (MATRIX='--kernels 6.1')
	$(Q)tests/need matrix
	$(Q)$(MAKE) --no-print-directory $(B)/initward-init $(B)/initward $(B)/guest $(B)/guest-tool $(B)/bundle/manifest \
		containment $(B)/arm64/initward-init $(B)/arm64/guest
	$(Q)qemu/matrix $(MATRIX)

# FAULTS: more options for qemu/fault-boots
check-faults: ## 1,000 boots with random faults, each predicted before it (FAULTS='--count 100 --seed 1')
	$(Q)tests/need faults
	$(Q)$(MAKE) --no-print-directory $(B)/initward-init $(B)/initward $(B)/guest $(B)/bundle/manifest \
		$(B)/containment/strict/manifest $(B)/containment/sealed/manifest
	$(Q)qemu/fault-boots $(FAULTS)

# DISTRO: more options for qemu/distro
check-distro: ## whole Debian systems, as they are and confined (ONLY=bookworm-dracut); wants root
	$(Q)tests/need distro
	$(Q)$(MAKE) --no-print-directory $(B)/initward-init $(B)/initward $(B)/guest $(B)/guest-tool
	$(Q)$(MAKE) --no-print-directory deb >$(B)/deb.log
	$(Q)qemu/distro --package $(B)/deb/initward_$(VERSION)_*.deb $(ONLY:%=--only %) $(DISTRO)

# LIFE: more options for qemu/life
check-life: ## many boots of one installed system: upgrades, damage, kexec, sleep, removal (ONLY=trixie-dracut); wants root
	$(Q)tests/need life
	$(Q)$(MAKE) --no-print-directory $(B)/initward-init $(B)/initward $(B)/guest
	$(Q)$(MAKE) --no-print-directory deb >$(B)/deb.log
	$(Q)qemu/life --package $(B)/deb/initward_$(VERSION)_*.deb $(ONLY:%=--only %) $(LIFE)

# POLICIES: more options for qemu/policies
check-policies: ## each policy of the library, booted on three series (ONLY=users POLICIES='--kernels 6.12'); wants root
	$(Q)tests/need policies
	$(Q)$(MAKE) --no-print-directory $(B)/initward-init $(B)/initward $(B)/guest $(B)/guest-tool
	$(Q)qemu/policies $(ONLY:%=--only %) $(POLICIES)

check-rules: ## each rule of the library's policies is missed by a test (ONLY=users RULES='--kernel 7.3'); hours; wants root
	$(Q)tests/need policies
	$(Q)$(MAKE) --no-print-directory $(B)/initward-init $(B)/initward $(B)/guest $(B)/guest-tool
	$(Q)tests/rules $(ONLY:%=--only %) $(RULES)

# PACKAGE: suites, each with a generator
check-package: ## the package in chroots, from lintian to purge; GRUB's way back (PACKAGE='bookworm trixie-dracut')
	$(Q)tests/need package
	$(Q)$(MAKE) --no-print-directory all
	$(Q)tests/grub
	$(Q)tests/package $(PACKAGE)

# HARDENED: parts
check-hardened: ## what docs/hardened-images.md says, done and booted by UEFI firmware (HARDENED='verity mkosi'); wants root
	$(Q)tests/need hardened
	$(Q)$(MAKE) --no-print-directory $(B)/initward-init $(B)/initward $(B)/guest
	$(Q)$(MAKE) --no-print-directory deb >$(B)/deb.log
	$(Q)tests/hardened $(HARDENED)

mutants: ## show that the suite can fail: each one-line mutant is killed by its test
	$(Q)tests/need check
	$(Q)tests/mutants/run

features: ## capture the feature sets again from real kernels
	$(Q)tests/need features
	$(Q)qemu/features

PREFIX ?= /usr
DATADIR := $(PREFIX)/share/initward
SYSCONFDIR ?= /etc
UNITS = $(DESTDIR)$(PREFIX)/lib/systemd/system

QEMU_PROGRAMS := capture run feature-tree
QEMU_FILES := accel functions kernel-image.awk

# Each policy with what it includes.
POLICY_FILES := $(shell find -L $(dir $(wildcard policy/*/README.md)) -type f | LC_ALL=C sort)

install: all $(B)/guest ## install loader, tool, policy, manual pages, completion (DESTDIR, PREFIX)
	install -D -m 755 $(B)/initward-init $(DESTDIR)$(PREFIX)/lib/initward/initward-init
	install -D -m 755 $(B)/initward-latch $(DESTDIR)$(PREFIX)/lib/initward/initward-latch
	install -D -m 755 $(B)/initward $(DESTDIR)$(PREFIX)/bin/initward
	install -D -m 644 -t $(DESTDIR)$(DATADIR)/features policy/features/*
	for file in $(patsubst policy/%,%,$(POLICY_FILES)); do \
		mode=644; [ ! -x policy/$$file ] || mode=755; \
		install -D -m $$mode policy/$$file $(DESTDIR)$(DATADIR)/$$file || exit; done
	install -D -m 644 -t $(DESTDIR)$(SYSCONFDIR)/apparmor.d/abstractions/base.d policy/abstractions/initward
	install -D -m 755 $(B)/guest $(DESTDIR)$(PREFIX)/lib/initward/guest
	install -D -m 755 -t $(DESTDIR)$(DATADIR)/qemu $(QEMU_PROGRAMS:%=qemu/%)
	install -D -m 644 -t $(DESTDIR)$(DATADIR)/qemu $(QEMU_FILES:%=qemu/%)
	install -D -m 755 systemd/boot-check $(DESTDIR)$(PREFIX)/lib/initward/boot-check
	install -D -m 644 -t $(UNITS) systemd/*.service
	for unit in apparmor snapd.apparmor; do \
		install -D -m 644 systemd/apparmor.conf $(UNITS)/$$unit.service.d/initward.conf || exit; done
	install -d $(UNITS)/multi-user.target.wants $(UNITS)/boot-complete.target.requires
	for unit in status health retry; do \
		ln -sfn ../initward-$$unit.service $(UNITS)/multi-user.target.wants/ || exit; done
	ln -sfn ../initward-health.service $(UNITS)/boot-complete.target.requires/initward-health.service
	install -D -m 755 -t $(DESTDIR)$(SYSCONFDIR)/grub.d boot-loader/11_initward
	install -D -m 755 -t $(DESTDIR)$(PREFIX)/lib/kernel/install.d boot-loader/95-initward.install
	install -D -m 755 boot-loader/kernel-postrm $(DESTDIR)$(SYSCONFDIR)/kernel/postrm.d/initward
	install -D -m 755 -t $(DESTDIR)$(PREFIX)/share/initramfs-tools/hooks initramfs-tools/hooks/initward
	install -D -m 755 -t $(DESTDIR)$(SYSCONFDIR)/initramfs/post-update.d initramfs-tools/post-update.d/00-initward
	for half in 50initward 99zz-initward; do \
		install -D -m 755 -t $(DESTDIR)$(PREFIX)/lib/dracut/modules.d/$$half \
			dracut-module/$$half/module-setup.sh || exit; done
	for page in $(notdir $(MAN)); do \
		install -D -m 644 $(B)/man/$$page \
			$(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$$page || exit; done
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(B)/completion/bash/initward
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/zsh/vendor-completions $(B)/completion/zsh/_initward
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d $(B)/completion/fish/initward.fish

deb: ## build the Debian package, in build/deb
	$(Q)tests/need deb
	$(Q)debian/make-deb -b

clean: ## remove build/
	rm -rf $(B)
