# SPDX-License-Identifier: MIT
# ringside: `make help` lists what there is.  Everything built goes to build/.

ifeq ($(origin CC),default)
CC      := gcc
endif
# The system's, which has the modules that the tests want; NixOS's is elsewhere.
PYTHON  ?= $(or $(wildcard /usr/bin/python3),python3)
B       := build
VERSION := 0.1

.DEFAULT_GOAL := image
.DELETE_ON_ERROR:

# --- how it is built ----------------------------------------------------------
# All processors, unless told -j.  A make inside of another has its parent's.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif
# `make clean image` means one behind the other.
ifneq ($(filter clean,$(MAKECMDGOALS)),)
.NOTPARALLEL:
endif

# $(call say,CC,$<) in front of a command prints "CC entry/gdt.c" in its place;
# V=1 shows it, make -s neither.  Make's own options of one letter are letters.
letters = $(firstword -$(filter-out --%,$(subst =, --,$(MAKEFLAGS))))
say = $(if $(filter 1,$V),,$(if $(findstring s,$(letters)),,$(info $1	$2))@)

# Two makes in one tree build the same files at the same time.  So each file is
# made under a name of this make's own, and renamed when it is whole.
PID := $(shell echo $$PPID)
T = $@.$(PID)
keep = mv $T $@ || { rm -f $T $T.*; exit 1; }
# Leaves the old file, and its time, where the new one is the same.
renew = cmp -s $T $@ && rm $T || mv $T $@
# $(call compile,CC,flags): an object of the first prerequisite, and beside it
# the headers that it depends on.
compile = $(call say,$1,$<)mkdir -p $(@D) && \
	$(CC) $2 -MMD -MP -MT $@ -MF $T.d -c $< -o $T && \
	mv $T.d $(@:.o=.d) && $(keep)

# A newer compiler may know a warning that ours do not know: that stops the
# tests, and nobody else's build.
ifneq ($(filter test,$(MAKECMDGOALS)),)
WERROR ?= 1
endif
export WERROR
WARN := -Wall -Wextra -Wno-unused-parameter \
	-Wno-missing-field-initializers $(if $(filter 1,$(WERROR)),-Werror)

# Another compiler, or another flag, makes everything anew.
FLAGS := $(B)/flags
.PHONY: FORCE
$(FLAGS): FORCE
	@mkdir -p $(@D)
	@{ $(CC) --version; echo '$(CC) $(CORE_CF)'; echo '$(EFI_CF)'; \
		echo '$(HOST_CF) $(SANITIZE)'; } >$T && { $(renew); }

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
	$(SPECIMENS:%=%/*.S) $(SELF_TEST:%=%/*.S) \
	handlers/*/*.c handlers/*/*.S \
	$(patsubst %,tests/%.c,* cases/*/* lib/* storm/* window/*) \
	$(patsubst %,tests/%.S,cases/*/* lib/* storm/* window/*)) \
	efi/runtime.c efi/runtime_call.S
OWN_OBJ := $(if $(OWN),$(patsubst $(OWN)/%.S,$(W)/specimens/$(OWN_NAME)/%.o, \
	$(wildcard $(OWN)/*.S)))
CORE_OBJ := $(patsubst %,$(B)/core/%.o,$(CORE_SRC)) $(W)/specimens.o $(OWN_OBJ)
# A landing in the window runs through these: worth their bytes.
$(patsubst %,$(B)/core/%.c.o,\
	$(addprefix handlers/engine/,engine nmi_pair specimen_call) \
	$(addprefix tests/window/,walk step handler inject same)): \
	CORE_CF += -O2 -funroll-loops

# --- the loader: everything that may call firmware ---------------------------
EFI_HEADERS := $(or $(patsubst %/efi.h,%,$(shell scripts/places efi)), \
	/usr/include/efi)
EFI_TYPES := -isystem $(EFI_HEADERS) -isystem $(EFI_HEADERS)/x86_64 \
	-fshort-wchar -DGNU_EFI_USE_MS_ABI
EFI_CF := -std=c11 -Os $(WARN) -Iinclude -Ientry -Ihandlers -Iefi -Itests \
	$(EFI_TYPES) -ffreestanding -fno-stack-protector -fpic -mno-red-zone \
	-fcf-protection=none -mgeneral-regs-only \
	-fno-asynchronous-unwind-tables -fno-strict-aliasing \
	-DVERSION=\"$(VERSION)\"
# The core's calls of the firmware are the one part of it that knows its types.
$(B)/core/efi/%.o: CORE_CF += $(EFI_TYPES)
# What both sides share is plain C over memory.
SHARED_SRC := entry/cpu.c entry/space.c $(wildcard handlers/report/*.c) \
	$(patsubst %,handlers/record/%.c,journal flush packed crc32 fmt) \
	handlers/screen/serial.c
EFI_SRC := $(filter-out efi/runtime.c efi/runtime_call.S, \
	$(wildcard $(foreach e,c S,efi/*.$e efi/*/*.$e))) \
	$(SHARED_SRC) entry/mem.S
EFI_OBJ := $(W)/cases.o $(W)/embed.o $(patsubst %,$(B)/efi/%.o, \
	$(filter-out efi/before/cases.c,$(EFI_SRC)))

.PHONY: image
image: $(W)/BOOTX64.EFI ## build/BOOTX64.EFI, the whole of ringside
##   V=1: show the commands; WERROR=1: end at a warning, as make test does

$(B)/core/%.c.o: %.c $(FLAGS)
	$(call compile,CC,$(CORE_CF))
$(B)/core/%.S.o: %.S $(FLAGS)
	$(call compile,AS,$(CORE_CF))
$(B)/efi/%.c.o: %.c $(FLAGS)
	$(call compile,CC,$(EFI_CF))
$(B)/efi/%.S.o: %.S $(FLAGS)
	$(call compile,AS,$(EFI_CF))

# The list of the specimens.
$(W)/specimens.c: FORCE
	@mkdir -p $(@D)
	@{ echo '/* The specimens; made by the Makefile. */'; \
	echo '#include "macros.h"'; \
	for dir in $(SPECIMENS:entry/%=%) $(SELF_TEST:entry/%=%) $(OWN); do \
		echo "#include \"$$dir/stubs.h\""; done; \
	echo 'const struct specimen *const specimens[] = {'; \
	for name in $(subst -,_,$(notdir $(SPECIMENS) $(OWN))); do \
		echo "    &specimen_$$name,"; done; \
	echo '};'; \
	echo 'const struct specimen *const specimen_own ='; \
	echo '    $(if $(OWN),&specimen_$(subst -,_,$(OWN_NAME)),0);'; \
	echo 'const unsigned specimens_count ='; \
	echo '    COUNT(specimens);'; } >$T && { $(renew); }
# Their cases, for who only wants the names.
$(W)/specimens.def: $(W)/specimens.c
	@for name in $(notdir $(SPECIMENS) $(OWN)); do \
		echo "CASE(window_$$name," \
			"\"the window, with the stubs of $$name\")"; \
	done >$T && $(keep)
$(W)/cases.o: efi/before/cases.c $(W)/specimens.def $(FLAGS)
	$(call compile,CC,$(EFI_CF) -I$(W))
# What is not ours may be warned of.
$(W)/specimens.o: $(W)/specimens.c $(FLAGS)
	$(call compile,CC,$(if $(OWN),$(filter-out -Werror,$(CORE_CF)), \
		$(CORE_CF)))
$(W)/specimens/$(OWN_NAME)/%.o: $(OWN)/%.S $(FLAGS)
	$(call compile,AS,$(filter-out -Werror,$(CORE_CF)))

# The console's fonts: Terminus of 16, 24 and 32 lines, cut to the characters in
# use, from whatever folder and under whatever names a distribution has them.
FONTS ?= $(shell scripts/places fonts)
CUT := $(addprefix $(B)/fonts/,16.psf 24.psf 32.psf)

$(B)/cutfont: scripts/cutfont.c handlers/screen/font.c \
		handlers/screen/font.h $(FLAGS)
	$(call say,LD,$@)$(CC) -std=c11 -O1 $(WARN) -Ihandlers \
		$(filter %.c,$^) -o $T && $(keep)
$(B)/fonts/16.psf: FONT = $(word 1,$(FONTS))
$(B)/fonts/24.psf: FONT = $(word 2,$(FONTS))
$(B)/fonts/32.psf: FONT = $(word 3,$(FONTS))
$(CUT): $(B)/cutfont
	$(call say,GEN,$@)$(if $(FONT),,echo "no Terminus fonts are here:" \
		"scripts/setup image" >&2; exit 1; )mkdir -p $(@D) && \
		zcat $(FONT) | $(B)/cutfont >$T && $(keep)
$(B)/core/handlers/screen/fonts.S.o: $(CUT)
$(B)/core/handlers/screen/fonts.S.o: CORE_CF += -I$(B)

# Linked twice: the table of the specimens' labels is made from the first
# link, and again from the second one, which must have moved none of them.
LINK_CORE := ld -nostdlib -static -z noexecstack -z max-page-size=0x1000 \
	--no-warn-rwx-segments -T entry/core.lds
SYMBOLS := $(PYTHON) -B scripts/symbols
$(W)/symbols-none.S: scripts/symbols
	$(call say,GEN,$@)mkdir -p $(@D) && $(SYMBOLS) --none >$T && $(keep)
$(W)/symbols.S: $(W)/core-unnamed.elf scripts/symbols
	$(call say,GEN,$@)$(SYMBOLS) $< >$T && $(keep)
$(W)/symbols.o $(W)/symbols-none.o: $(W)/%.o: $(W)/%.S
	$(call compile,AS,$(CORE_CF))
$(W)/core-unnamed.elf: $(CORE_OBJ) $(W)/symbols-none.o entry/core.lds
	$(call say,LD,$@)$(LINK_CORE) $(filter %.o,$^) -o $T && $(keep)
$(W)/core.elf: $(CORE_OBJ) $(W)/symbols.o entry/core.lds
	$(call say,LD,$@)$(LINK_CORE) -Map=$T.map $(filter %.o,$^) -o $T && \
		$(SYMBOLS) $T | cmp - $(W)/symbols.S && \
		mv $T.map $(@:.elf=.map) && $(keep)
$(W)/core.bin: $(W)/core.elf
	$(call say,GEN,$@)objcopy -O binary $< $T && $(keep)

ESSAYS := tests/cases/list.def $(wildcard tests/cases/*/*.c tests/window/*.c) \
	$(SPECIMENS:%=%/*.S)
FACTS := scripts/ringside/facts.py $(wildcard tests/facts/* tests/lib/*.c)
$(B)/essays.bin: scripts/essays $(wildcard $(ESSAYS)) $(FACTS)
	$(call say,GEN,$@)mkdir -p $(@D) && \
		$(PYTHON) -B scripts/essays $(wildcard $(ESSAYS)) >$T && $(keep)

$(B)/%.deflated: $(B)/%.bin scripts/deflate
	$(call say,GEN,$@)$(PYTHON) -B scripts/deflate <$< >$T && $(keep)

# The core's head, sizeof(struct core_header) and more, and the whole of it
# compressed; the essays likewise, with the size that they expand to.  And the
# CRC-32 of what is carried, as it must be when it is there again.
crc = $(PYTHON) -c 'import zlib; print(zlib.crc32(open("$1", "rb").read($2)))'
CORE_HEAD := 512
$(W)/embed.o: $(W)/core.bin $(W)/core.deflated $(B)/essays.bin \
		$(B)/essays.deflated
	$(call say,AS,$@)printf '%s\n' '.section .rodata' '.balign 16' \
		'.globl core_head' \
		'core_head: .incbin "$(W)/core.bin", 0, $(CORE_HEAD)' \
		'.globl core_image' 'core_image: .incbin "$(W)/core.deflated"' \
		'.globl core_image_end' 'core_image_end:' \
		'.globl essays' 'essays: .incbin "$(B)/essays.deflated"' \
		'.globl essays_end' 'essays_end:' '.balign 4' \
		'.globl essays_size' \
		"essays_size: .long $$(stat -c %s $(B)/essays.bin)" \
		'.globl core_head_crc, core_crc, essays_crc' \
		"core_head_crc:" \
		".long $$($(call crc,$(W)/core.bin,$(CORE_HEAD)))" \
		"core_crc: .long $$($(call crc,$(W)/core.bin,-1))" \
		"essays_crc: .long $$($(call crc,$(B)/essays.bin,-1))" \
		'.section .note.GNU-stack,"",@progbits' | \
		$(CC) -x assembler -c - -o $T && $(keep)

# Nothing but our own objects: no library knows what a firmware has left
# switched off, such as SSE.
# objcopy must be told each section to keep; efi/pe.py finds what is missing.
LINK_EFI := ld -nostdlib -z nocombreloc -shared -Bsymbolic -z noexecstack \
	-z defs -T efi/image.lds
TO_EFI := objcopy -S -j .text -j .rodata -j .rela -j .reloc -j .sbat \
	-j .data -O efi-app-x86_64 --subsystem=10
$(W)/ringside.so: $(EFI_OBJ) efi/image.lds
	$(call say,LD,$@)$(LINK_EFI) $(EFI_OBJ) -o $T && $(keep)
$(W)/BOOTX64.EFI: $(W)/ringside.so efi/pe.py
	$(call say,GEN,$@)$(TO_EFI) $< $T && $(PYTHON) efi/pe.py $T && $(keep)

-include $(CORE_OBJ:.o=.d) $(EFI_OBJ:.o=.d)

# --- the host: report program and tests of what is plain C -------------------
HOST_CF := -std=gnu11 -g $(WARN) -Iinclude -Ientry -Ihandlers -Iefi -Iscripts \
	-Itests -Itests/host -DVERSION=\"$(VERSION)\"
HOST_SHARED := $(filter-out handlers/screen/serial.c,$(SHARED_SRC)) \
	$(patsubst %,efi/before/%.c,cpus inflate listed madt options \
		unfit) \
	efi/after/last.c efi/after/resume_file.c \
	scripts/serial_journal.c tests/window/fallen.c \
	$(patsubst %,handlers/screen/%.c,cells font screen transcript) \
	entry/gdt.c entry/idt.c entry/stacks.c entry/vectors.c
# These call firmware; test_exit.c has one of its own.
HOST_EFI := $(patsubst %,efi/%.c,before/acpi before/exit before/low before/mp \
	before/note before/regions before/worlds firmware memmap)
HOST_TEST_SRC := $(wildcard tests/host/*.c) $(HOST_SHARED) $(HOST_EFI) \
	$(patsubst %,handlers/judge/%.c,deviation diff finding only) \
	$(patsubst %,handlers/engine/%.c,author_slots patch) \
	$(patsubst %,tests/window/%.c,judge given_back own_stack) \
	$(patsubst %,tests/storm/%.c,judge together) \
	tests/cases/smp/decisions.c \
	$(patsubst %,tests/lib/%.c,alike destination)
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
HOST_OBJ := $(patsubst %,$(B)/host/plain/%.o,$(HOST_TEST_SRC))
HOST_SAN_OBJ := $(patsubst %,$(B)/host/san/%.o,$(HOST_TEST_SRC))

$(foreach k,plain san,$(patsubst %,$(B)/host/$k/%.o,$(HOST_EFI) \
	$(patsubst %,tests/host/test_%.c,exit firmware low mp))): \
	HOST_CF += $(EFI_TYPES)
$(B)/host/plain/%.c.o: %.c $(FLAGS)
	$(call compile,HOSTCC,$(HOST_CF) -O2)
$(B)/host/san/%.c.o: %.c $(FLAGS)
	$(call compile,HOSTCC,$(HOST_CF) -O1 $(SANITIZE))
# Beside the C library's own, which test_mem.c compares it with.
HOST_MEM := $(B)/host/plain/entry/mem.S.o
$(HOST_MEM): entry/mem.S $(FLAGS)
	$(call compile,HOSTAS,$(foreach f,memcpy memmove memset memcmp strlen \
		strcmp,-D$f=our_$f))
# test_durable.c sees what the journal flushes, and when.
WRAP := -Wl,--wrap=journal_flush
HOST_TESTS := $(B)/host/tests $(B)/host/tests-sanitized
$(B)/host/tests: $(HOST_OBJ) $(HOST_MEM)
	$(call say,LD,$@)$(CC) $(WRAP) $^ -lcmocka -o $T && $(keep)
$(B)/host/tests-sanitized: $(HOST_SAN_OBJ) $(HOST_MEM)
	$(call say,LD,$@)$(CC) $(WRAP) $(SANITIZE) $^ -lcmocka -o $T && $(keep)

HOST_REPORT := $(B)/host/ringside-report
HOST_REPORT_OBJ := $(patsubst %,$(B)/host/plain/%.o,scripts/ringside-report.c \
	scripts/serial_journal.c \
	$(filter handlers/% entry/cpu.c,$(HOST_SHARED)))
$(HOST_REPORT): $(HOST_REPORT_OBJ)
	$(call say,LD,$@)$(CC) $^ -o $T && $(keep)

-include $(HOST_OBJ:.o=.d) $(HOST_SAN_OBJ:.o=.d) $(HOST_REPORT_OBJ:.o=.d)

# --- runs and tests ----------------------------------------------------------
.PHONY: run window test host-test accept mutants bench matrix usb sign
.PHONY: test-fresh setup clean help

quoted = '$(subst ','\'',$1)'
# What each command needs, in groups of scripts/packages.txt.  A platform needs
# those that its name is made of, unless a suite has them; Bochs wants a screen.
HALVES := $(subst -, ,$(or $(PLATFORM),$(if $(RUN),own, \
	$(if $(BOCHS),bochs-ovmf,qemu-ovmf))))
BROUGHT := $(if $(QEMU),qemu) $(if $(BOCHS),bochs) $(if $(OVMF),ovmf)
NEEDS_run := image run $(if $(filter bochs,$(HALVES)),screen) \
	$(if $(SUITE),,$(filter-out $(BROUGHT), \
	$(filter qemu bochs ovmf uboot,$(HALVES))))
NEEDS_window := $(NEEDS_run)
NEEDS_matrix := image run qemu bochs screen ovmf uboot
NEEDS_bench := $(NEEDS_matrix)
NEEDS_usb := image usb
NEEDS_sign := image sign
NEEDS_host-test := image host-test
NEEDS_mutants := $(if $(HARNESS),all,$(NEEDS_run))
NEEDS_test-fresh := fresh
NEEDS_test := all
NEEDS_setup := all
NEEDS := $(sort $(foreach goal,$(MAKECMDGOALS),$(NEEDS_$(goal))))

# These are seen to before make looks at anything else; `make image' alone takes
# the machine as it is, and so does `make -n'.
ifneq ($(NEEDS),)
ifeq ($(findstring n,$(letters)),)
TROUBLE := $(shell PYTHON='$(PYTHON)' scripts/setup \
	$(if $(filter all,$(NEEDS)),all,$(NEEDS)) \
	$(foreach suite,$(if $(filter test-fresh,$(MAKECMDGOALS)),, \
	$(SUITE) $(SUITES)), \
	&& scripts/setup --suite $(call quoted,$(suite)) $(B)))
$(if $(TROUBLE),$(error setup: $(TROUBLE)))
endif
endif

# These are read from the environment by name, so that blanks and quotes in
# them arrive as they are.
export PLATFORM CPU SUITE SUITES SMP ARGS ICOUNT KEY CERT FRESH_DIR SPECIMEN \
	KERNEL MAP \
	MIRROR TESTS MEMORY SECONDS QEMU ACCEL MACHINE BOCHS OVMF EXTRA \
	RUN RESET
# A machine of one's own choice: scripts/ringside/choice.py.
CHOSEN := --platform="$$PLATFORM" --cpu="$$CPU" --suite="$$SUITE" \
	--smp="$$SMP" --memory="$$MEMORY" --seconds="$$SECONDS" \
	--qemu="$$QEMU" --accel="$$ACCEL" --machine="$$MACHINE" \
	--icount="$$ICOUNT" --bochs="$$BOCHS" --ovmf="$$OVMF" \
	--extra="$$EXTRA" --run="$$RUN" --reset="$$RESET"
# Not $(MAKE) below: that would be run by `make -n`, too.
THIS_MAKE = $(MAKE)

run: image $(HOST_REPORT) ## boot it, run everything, print the report
##   PLATFORM=one of PLATFORMS
##   CPU=model,+feature,-feature  SMP=processors  MEMORY=MiB
##   ARGS="options of the image"  SECONDS=limit, by the clock
##   SUITE=trixie: emulator and firmware of that Debian, fetched beside yours
##   QEMU=program  ACCEL=kvm  MACHINE=pc  EXTRA="words for it as they are"
##   BOCHS=program  OVMF=code.fd,vars.fd or one file
##   PLATFORM=own RUN="command with {disk}, and {serial} if it does not print
##   that"  RESET=command
##   ICOUNT=7: QEMU's TSC counts instructions, times 128
	@$(PYTHON) -B scripts/run --build $(B) $(CHOSEN) --args="$$ARGS"

window: image $(HOST_REPORT) ## your own entry stubs in the window
##   KERNEL=kernel.elf|.o|.a|directory MAP=os.map, which scripts/new-map
##   proposes; or SPECIMEN=directory; the machine is chosen as above
##   ARGS="--storm 10": in a storm instead
	@$(PYTHON) -B scripts/window --build $(B) --make "$(THIS_MAKE)" \
		--kernel="$$KERNEL" --map="$$MAP" $(CHOSEN) --args="$$ARGS" \
		-- "$$SPECIMEN"

test: image usb $(HOST_TESTS) $(HOST_REPORT) $(B)/baseline.efi ## all tests
##   ends with: N passed, N failed
	@$(PYTHON) -B scripts/test $(B)

host-test: $(HOST_TESTS) $(HOST_REPORT) ## the tests that need no emulator
	@PYTHON='$(PYTHON)' scripts/host-test $(B)

accept: ## take what the last make test saw as the known results
	@for name in $$($(PYTHON) -B scripts/platforms --tested); do \
		$(PYTHON) -B scripts/compare --accept \
		"$(B)/run/test-$$name/report.json"; done; \
	$(PYTHON) -B scripts/deviations; git diff --stat tests/known

# The report of this run has one check a perturbation.
mutants: image $(HOST_REPORT) ## perturb one thing at a time: a check turns red
##   HARNESS=1: break one line of ringside at a time: a test turns red
ifdef HARNESS
	@$(PYTHON) -B scripts/mutants $(B) "$(THIS_MAKE)"
else
	@$(PYTHON) -B scripts/run --build $(B) $(CHOSEN) \
		--args="--mutants $$ARGS"
endif

bench: image $(HOST_REPORT) $(B)/baseline.efi ## figures, beside their limits
	@$(PYTHON) -B scripts/bench $(B)

matrix: image $(HOST_REPORT) ## every CPU model on every platform, one table
##   SUITES="bookworm trixie": of these, and what each mended and broke
##   PLATFORM= CPU=: these alone
	@$(PYTHON) -B scripts/matrix $(B) --suites "$$SUITES" \
		--platform "$$PLATFORM" --cpu "$$CPU" --args="$$ARGS"

usb: $(B)/ringside.img ## build/ringside.img, for a stick
$(B)/ringside.img: $(B)/BOOTX64.EFI scripts/usb scripts/ringside/disk.py
	@$(PYTHON) -B scripts/usb $< $@

sign: image ## sign the image for Secure Boot
##   KEY=private.key CERT=cert.pem
	@scripts/sign "$$KEY" "$$CERT" $(B)/BOOTX64.EFI $(B)/BOOTX64.SIGNED.EFI

test-fresh: ## the README as a newcomer, in a bare root of a suite
##   SUITE=bookworm, trixie, sid ...; TESTS=1: make test, too
##   MIRROR=URL: not that of this machine's apt; FRESH_DIR=directory
	@scripts/test-fresh "$${FRESH_DIR:-$(B)/fresh}" "$$SUITE"

# What the bench compares with: an image that prints a line and powers off.
$(B)/baseline.so: $(B)/efi/tests/boot/baseline.c.o $(B)/efi/efi/start.S.o \
		efi/image.lds
	$(call say,LD,$@)$(LINK_EFI) $(filter %.o,$^) -o $T && $(keep)
$(B)/baseline.efi: $(B)/baseline.so
	$(call say,GEN,$@)$(TO_EFI) $< $T && $(keep)

setup: ## install what is missing; scripts/setup --list names it

clean: ## remove build/
	rm -rf $(B)

help: ## this
	@awk -v platforms="$$($(PYTHON) -B scripts/platforms | xargs)" '\
		{ sub("PLATFORMS", platforms) } \
		/^[a-z-]+:.*## / { split($$0, part, ":.*## "); \
		printf "make %-11s %s\n", part[1], part[2] } \
		/^##   / { printf "%16s %s\n", "", substr($$0, 5) }' Makefile
