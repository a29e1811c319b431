# SPDX-License-Identifier: MIT
# ringside: `make help` lists what there is.  Everything built goes to build/.

ifeq ($(origin CC),default)
CC      := gcc
endif
PYTHON  ?= /usr/bin/python3
B       := build
VERSION := 0.1

.DEFAULT_GOAL := image
.PHONY: image clean help
.DELETE_ON_ERROR:

WARN := -Wall -Wextra -Werror -Wno-unused-parameter

# --- the core: freestanding, upper half -------------------------------------
# No red zone: entries push below RSP.  General registers only: the FPU is
# ring 3's.  mcmodel=kernel: everything lies in the top 2 GiB.
CORE_CF := -std=c11 -Os -g $(WARN) -Iinclude -Ientry -Ihandlers -Itests \
	-ffreestanding -fno-stack-protector -fno-pic -fno-pie -mcmodel=kernel \
	-mno-red-zone -mgeneral-regs-only -fcf-protection=none \
	-fno-asynchronous-unwind-tables -fno-strict-aliasing \
	-DRINGSIDE_CORE -DVERSION=\"$(VERSION)\"
# A specimen is a folder with a stubs.h.  scripts/window names one more in OWN,
# and in W where what depends on it goes: all other objects are shared.
W := $(B)
OWN :=
OWN_NAME := $(notdir $(OWN))
SPECIMENS := $(patsubst %/stubs.h,%,$(wildcard entry/specimens/*/stubs.h))
SELF_TEST := $(patsubst %/stubs.h,%, \
	$(wildcard entry/specimens/self-test/*/stubs.h))
CORE_SRC := $(wildcard entry/*.c entry/*.S entry/specimens/*.S \
	$(SPECIMENS:%=%/*.S) $(SELF_TEST:%=%/*.S) handlers/*/*.c handlers/*/*.S \
	$(patsubst %,tests/%.c,* cases/*/* lib/* window/*) \
	$(patsubst %,tests/%.S,cases/*/* lib/* window/*)) \
	efi/runtime.c efi/runtime_call.S
OWN_OBJ := $(if $(OWN),$(patsubst $(OWN)/%.S,$(W)/specimens/$(OWN_NAME)/%.o, \
	$(wildcard $(OWN)/*.S)))
CORE_OBJ := $(patsubst %,$(B)/core/%.o,$(CORE_SRC)) $(W)/specimens.o $(OWN_OBJ)
# A landing of the window lab runs through these: worth their bytes.
$(addprefix $(B)/core/,handlers/engine/engine.c.o tests/window/walk.c.o \
	tests/window/inject.c.o): \
	CORE_CF += -O2 -funroll-loops

# --- the loader: everything that may call firmware ---------------------------
EFI_TYPES := -isystem /usr/include/efi -isystem /usr/include/efi/x86_64 \
	-fshort-wchar -DGNU_EFI_USE_MS_ABI
EFI_CF := -std=c11 -Os $(WARN) -Iinclude -Ientry -Ihandlers -Iefi -Itests $(EFI_TYPES) \
	-ffreestanding -fno-stack-protector -fpic -mno-red-zone \
	-fcf-protection=none -mgeneral-regs-only \
	-fno-asynchronous-unwind-tables -fno-strict-aliasing \
	-DVERSION=\"$(VERSION)\"
# The core's calls of the firmware are the one part of it that knows its types.
$(B)/core/efi/%.o: CORE_CF += $(EFI_TYPES)
# What both sides share is plain C over memory.
SHARED_SRC := entry/space.c $(wildcard handlers/report/*.c) \
	$(patsubst %,handlers/record/%.c,journal packed crc32 fmt) \
	handlers/screen/serial.c
EFI_SRC := $(filter-out efi/runtime.c efi/runtime_call.S, \
	$(wildcard $(foreach e,c S,efi/*.$e efi/*/*.$e))) $(SHARED_SRC)
EFI_OBJ := $(patsubst %,$(B)/efi/%.o,$(filter-out efi/before/cases.c,$(EFI_SRC))) \
	$(W)/cases.o $(W)/embed.o

image: $(W)/BOOTX64.EFI

$(B)/core/%.c.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CORE_CF) -MMD -MP -c $< -o $@
$(B)/core/%.S.o: %.S
	@mkdir -p $(@D)
	$(CC) $(CORE_CF) -MMD -MP -c $< -o $@
$(B)/efi/%.c.o: %.c
	@mkdir -p $(@D)
	$(CC) $(EFI_CF) -MMD -MP -c $< -o $@
$(B)/efi/%.S.o: %.S
	@mkdir -p $(@D)
	$(CC) $(EFI_CF) -MMD -MP -c $< -o $@

# The list of the specimens: written anew only when it changes.
.PHONY: FORCE
$(W)/specimens.c: FORCE
	@mkdir -p $(@D)
	@{ echo '/* The specimens; made by the Makefile. */'; \
	echo '#include "macros.h"'; \
	for dir in $(SPECIMENS) $(SELF_TEST) $(OWN); do \
		echo "#include \"$$(realpath $$dir)/stubs.h\""; done; \
	echo 'const struct specimen *const specimens[] = {'; \
	for dir in $(SPECIMENS) $(OWN); do \
		echo "    &specimen_$$(basename $$dir | tr - _),"; done; \
	echo '};'; \
	echo 'const struct specimen *const specimen_own ='; \
	echo '    $(if $(OWN),&specimen_$(subst -,_,$(OWN_NAME)),0);'; \
	echo 'const unsigned specimens_count ='; \
	echo '    COUNT(specimens);'; } >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
# Their cases, for who only wants the names.
$(W)/specimens.def: $(W)/specimens.c
	@for name in $(notdir $(SPECIMENS) $(OWN)); do echo \
		"CASE(window_$$name, \"the window, with the stubs of $$name\")"; \
		done >$@
$(W)/cases.o: efi/before/cases.c $(W)/specimens.def
	$(CC) $(EFI_CF) -I$(W) -MMD -MP -c $< -o $@
$(W)/specimens.o: $(W)/specimens.c
	$(CC) $(CORE_CF) -MMD -MP -c $< -o $@
$(W)/specimens/$(OWN_NAME)/%.o: $(OWN)/%.S
	@mkdir -p $(@D)
	$(CC) $(CORE_CF) -MMD -MP -c $< -o $@

# The console's fonts: Debian's Terminus, cut to the characters in use.
FONT_DIR ?= /usr/share/consolefonts
FONTS := $(addprefix $(B)/fonts/Uni2-Terminus,16.psf Bold24x12.psf \
	Bold32x16.psf)

$(B)/cutfont: scripts/cutfont.c handlers/screen/font.c \
		handlers/screen/font.h
	@mkdir -p $(@D)
	$(CC) -std=c11 -O1 $(WARN) -Ihandlers $(filter %.c,$^) -o $@
$(B)/fonts/%.psf: $(FONT_DIR)/%.psf.gz $(B)/cutfont
	@mkdir -p $(@D)
	zcat $< | $(B)/cutfont > $@
$(FONT_DIR)/%.psf.gz:
	@echo "$@ is missing: install console-setup-linux" >&2; exit 1
$(B)/core/handlers/screen/fonts.S.o: $(FONTS)
$(B)/core/handlers/screen/fonts.S.o: CORE_CF += -I$(B)

# Linked twice: the table of the specimens' labels is made from the first
# link, and again from the second one, which must have moved none of them.
LINK_CORE := ld -nostdlib -static -z noexecstack -z max-page-size=0x1000 \
	--no-warn-rwx-segments -T entry/core.lds
$(W)/symbols-none.S: scripts/symbols
	@mkdir -p $(@D)
	$(PYTHON) -B scripts/symbols --none >$@
$(W)/symbols.S: $(W)/core-unnamed.elf scripts/symbols
	$(PYTHON) -B scripts/symbols $< >$@
$(W)/symbols%.o: $(W)/symbols%.S
	$(CC) $(CORE_CF) -c $< -o $@
$(W)/symbols.o: $(W)/symbols.S
	$(CC) $(CORE_CF) -c $< -o $@
$(W)/core-unnamed.elf: $(CORE_OBJ) $(W)/symbols-none.o entry/core.lds
	$(LINK_CORE) $(filter %.o,$^) -o $@
$(W)/core.elf: $(CORE_OBJ) $(W)/symbols.o entry/core.lds
	$(LINK_CORE) -Map=$(@:.elf=.map) $(filter %.o,$^) -o $@
	$(PYTHON) -B scripts/symbols $@ | cmp - $(W)/symbols.S
$(W)/core.bin: $(W)/core.elf
	objcopy -O binary $< $@

ESSAYS := tests/cases/list.def $(wildcard tests/cases/*/*.c tests/window/*.c) \
	$(SPECIMENS:%=%/*.S)
$(B)/essays.bin: scripts/essays $(wildcard $(ESSAYS))
	$(PYTHON) -B scripts/essays $(wildcard $(ESSAYS)) >$@

$(B)/%.lz4: $(B)/%.bin
	lz4 -12 -f -q --no-frame-crc $< $@
	@touch $@

# The core's head, sizeof(struct core_header) and more, and the whole of it
# compressed; the essays likewise, with the size that they expand to.
$(W)/embed.o: $(W)/core.bin $(W)/core.lz4 $(B)/essays.bin $(B)/essays.lz4
	@mkdir -p $(@D)
	printf '%s\n' '.section .rodata' '.balign 16' '.globl core_head' \
		'core_head: .incbin "$(W)/core.bin", 0, 512' \
		'.globl core_image' 'core_image: .incbin "$(W)/core.lz4"' \
		'.globl core_image_end' 'core_image_end:' \
		'.globl essays' 'essays: .incbin "$(B)/essays.lz4"' \
		'.globl essays_end' 'essays_end:' '.balign 4' \
		'.globl essays_size' \
		"essays_size: .long $$(stat -c %s $(B)/essays.bin)" \
		'.section .note.GNU-stack,"",@progbits' | \
		$(CC) -x assembler -c - -o $@

# objcopy must be told each section to keep; efi/pe.py finds what is missing.
LINK_EFI := ld -nostdlib -znocombreloc -shared -Bsymbolic -z noexecstack \
	-T efi/image.lds
TO_EFI := objcopy -S -j .text -j .rodata -j .rela -j .reloc -j .sbat \
	-j .data --target efi-app-x86_64 --subsystem=10
$(W)/ringside.so: $(EFI_OBJ) efi/image.lds
	$(LINK_EFI) $(EFI_OBJ) -L/usr/lib -lgnuefi -lefi -o $@
$(W)/BOOTX64.EFI: $(W)/ringside.so efi/pe.py
	$(TO_EFI) $< $@
	$(PYTHON) efi/pe.py $@

-include $(CORE_OBJ:.o=.d) $(EFI_OBJ:.o=.d)

# --- the host: report program and tests of what is plain C -------------------
.PHONY: host-test

HOST_CF := -std=gnu11 -g $(WARN) -Iinclude -Ientry -Ihandlers -Iefi -Iscripts \
	-Itests/host -DVERSION=\"$(VERSION)\"
HOST_SHARED := $(filter-out handlers/screen/serial.c,$(SHARED_SRC)) \
	efi/before/options.c efi/before/lz4.c efi/after/last.c \
	scripts/capture.c \
	$(patsubst %,handlers/screen/%.c,cells font screen) \
	entry/gdt.c entry/idt.c entry/stacks.c entry/vectors.c
HOST_TEST_SRC := $(wildcard tests/host/*.c) $(HOST_SHARED) \
	$(patsubst %,handlers/judge/%.c,deviation finding)
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
HOST_OBJ := $(patsubst %,$(B)/host/plain/%.o,$(HOST_TEST_SRC))
HOST_SAN_OBJ := $(patsubst %,$(B)/host/san/%.o,$(HOST_TEST_SRC))

$(B)/host/plain/%.c.o: %.c
	@mkdir -p $(@D)
	$(CC) $(HOST_CF) -O2 -MMD -MP -c $< -o $@
$(B)/host/san/%.c.o: %.c
	@mkdir -p $(@D)
	$(CC) $(HOST_CF) -O1 $(SANITIZE) -MMD -MP -c $< -o $@
$(B)/host/tests: $(HOST_OBJ)
	$(CC) $^ -lcmocka -o $@
$(B)/host/tests-sanitized: $(HOST_SAN_OBJ)
	$(CC) $(SANITIZE) $^ -lcmocka -o $@

HOST_REPORT := $(B)/host/ringside-report
HOST_REPORT_OBJ := $(patsubst %,$(B)/host/plain/%.o,scripts/ringside-report.c \
	scripts/capture.c $(filter handlers/%,$(HOST_SHARED)))
$(HOST_REPORT): $(HOST_REPORT_OBJ)
	$(CC) $^ -o $@

-include $(HOST_OBJ:.o=.d) $(HOST_SAN_OBJ:.o=.d) $(HOST_REPORT_OBJ:.o=.d)

host-test: $(B)/host/tests $(B)/host/tests-sanitized $(HOST_REPORT)
	@rm -rf $(B)/host/samples && mkdir -p $(B)/host/samples
	$(B)/host/tests-sanitized $(B)/host/samples
	@rm -rf $(B)/host/samples && mkdir -p $(B)/host/samples
	$(B)/host/tests $(B)/host/samples
	RINGSIDE_SAMPLES=$(B)/host/samples $(PYTHON) -B -m pytest -q \
		-p no:cacheprovider tests/host

# --- runs and tests ----------------------------------------------------------
.PHONY: run window accept test usb sign bench mutants matrix test-fresh setup

# These set the machine up before make looks at anything else; `make image`
# alone takes it as it is.
ifneq ($(filter run window test usb sign bench mutants matrix setup,$(MAKECMDGOALS)),)
TROUBLE := $(shell scripts/setup)
$(if $(TROUBLE),$(error setup: $(TROUBLE)))
endif
setup:

# PLATFORM CPU SMP ARGS ICOUNT (and KEY CERT) are read from the environment by
# name, so that blanks and quotes in them arrive as they are.
export PLATFORM CPU SMP ARGS ICOUNT KEY CERT FRESH_DIR SPECIMEN

run: image $(HOST_REPORT)
	@scripts/run --build $(B) --platform "$$PLATFORM" --cpu "$$CPU" \
		--smp "$$SMP" --icount "$$ICOUNT" --args="$$ARGS"

# Entry stubs of one's own, in the window lab.
window: image $(HOST_REPORT)
	@scripts/window --build $(B) --make "$(MAKE)" --platform "$$PLATFORM" \
		--cpu "$$CPU" --smp "$$SMP" -- "$$SPECIMEN"

test: image usb $(HOST_REPORT) $(B)/baseline.efi
	@scripts/test $(B) $(MAKE)

# The report of this run has one check a perturbation.
mutants: image $(HOST_REPORT)
	@scripts/run --build $(B) --platform "$$PLATFORM" --cpu "$$CPU" \
		--smp "$$SMP" --args="--mutants $$ARGS"

# Makes what the last `make test` saw the known results; review the diff.
accept:
	@for name in $$(scripts/platforms --tested); do \
		scripts/compare --accept "$(B)/run/test-$$name/report.json" \
		"tests/known/$$name.txt"; done; \
	git diff --stat tests/known

bench: image $(HOST_REPORT) $(B)/baseline.efi
	@scripts/bench $(B)

matrix: image $(HOST_REPORT)
	@scripts/matrix $(B)

test-fresh:
	@scripts/test-fresh "$${FRESH_DIR:-$(B)/fresh}"

usb: $(B)/ringside.img
$(B)/ringside.img: $(B)/BOOTX64.EFI scripts/usb scripts/ringside/disk.py
	@scripts/usb $< $@

sign: image
	@scripts/sign "$$KEY" "$$CERT" $(B)/BOOTX64.EFI $(B)/BOOTX64.SIGNED.EFI

# What the bench compares with: an image that prints a line and powers off.
$(B)/baseline.so: $(B)/efi/tests/boot/baseline.c.o $(B)/efi/efi/start.S.o \
		efi/image.lds
	$(LINK_EFI) $(filter %.o,$^) -L/usr/lib -lgnuefi -o $@
$(B)/baseline.efi: $(B)/baseline.so
	$(TO_EFI) $< $@

clean:
	rm -rf $(B)

help:
	@echo 'make image       $(B)/BOOTX64.EFI'
	@echo 'make run         boot it, run everything, print the report'
	@echo '                 PLATFORM=one of' $$(scripts/platforms)
	@echo '                 CPU=model  SMP=processors  ARGS="options"'
	@echo '                 ICOUNT=7: QEMU'"'"'s TSC counts instructions, times 128'
	@echo 'make window      SPECIMEN=dir: your own entry stubs in the window lab'
	@echo 'make test        all tests; ends with: N passed, N failed'
	@echo 'make accept      take what make test saw as the known results'
	@echo 'make host-test   the tests of what is plain C'
	@echo 'make usb         $(B)/ringside.img, for a stick'
	@echo 'make sign        KEY= CERT=  sign the image for Secure Boot'
	@echo 'make bench       the figures, beside their limits'
	@echo 'make mutants     perturb one thing at a time: some check must turn red'
	@echo 'make matrix      every CPU model on every platform, one table'
	@echo 'make test-fresh  the README as a newcomer, in a bare Debian 12'
	@echo 'make clean       remove $(B)/'
