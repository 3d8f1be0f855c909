# Builds, tests and installs linnet. `make help` lists the targets.
#
#   make                                   the program, at ./linnet
#   make CC=clang-19                       with another compiler
#   make DEBUG=1                           without optimisation
#   make COVERAGE=1                        counting what runs: see coverage
#   make SANITIZE=address,undefined test   with sanitizers; also SANITIZE=thread
#
# Each of these flavours has its own folder below build/, so that changing from one to another never
# needs a clean. Only the plain gcc flavour writes ./linnet.

# ---- what to build ------------------------------------------------------------------------------

VERSION := 0.1.0
# Of the manual pages.
DATE := November 26, 2026

ifeq ($(origin CC),default)
CC := gcc
endif
COMPILER := $(notdir $(lastword $(CC)))
# The C++ compiler of the same family and version.
ifeq ($(origin CXX),default)
CXX := $(if $(findstring clang,$(COMPILER)),$(subst clang,clang++,$(CC)),$(subst gcc,g++,$(CC)))
endif

comma := ,
FLAVOUR := $(COMPILER)$(if $(DEBUG),-debug)$(if $(COVERAGE),-coverage)$(if $(SANITIZE),-$(subst $(comma),-,$(SANITIZE)))$(if $(FUZZER),-fuzzer)
BUILD := build/$(FLAVOUR)

# The flavour that ./linnet is, and the tests' program when nobody names another.
ifeq ($(FLAVOUR),gcc)
PROGRAM := ./linnet
else
PROGRAM := $(BUILD)/linnet
endif

SOURCES := $(wildcard core/*.c core/*/*.c core/*/*.cc)
OBJECTS := $(patsubst core/%,$(BUILD)/core/%.o,$(basename $(SOURCES)))
MAIN := $(BUILD)/core/main.o
LIBRARY := $(BUILD)/liblinnet.a

# Every X_test.c is a program of its own; what else lies beside them is linked to all.
UNIT := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/*_test.c))
ifeq ($(SANITIZE),thread)
# Races are only where threads are; the other programs are shown by the other flavours.
UNIT := $(patsubst %,$(BUILD)/tests/unit/%_test,queue loop pipeline log snapshot local_server)
endif
UNIT_SUPPORT := $(patsubst %.c,$(BUILD)/%.o,$(filter-out %_test.c,$(wildcard tests/unit/*.c)))
# tests/fuzz/X_fuzz.c is a target: with a fuzzer a program that makes inputs, else one that is given
# the committed ones.
FUZZ := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/*_fuzz.c))
# These run on the simulator's disk in memory, which stands in for base/os_posix.c.
SIMULATED := $(patsubst %,$(BUILD)/tests/unit/%_test,segment cursor spool spool_check spool_ids spool_format spool_faults spool_damage spool_start spool_leftover spool_commit spool_repair id_lists store_sweep database_power dead_letters_faults ledger_power store_writer intent archive_object archive_gather)
SIM_DISK := $(BUILD)/tests/sim/disk.o $(BUILD)/tests/sim/os_sim.o
SIM := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/sim/*.c))
# Scenario tests put it below the program, whatever flavour that is.
FAULTS := build/faults.so
# Parts of the library by themselves, for scenarios.
DRIVERS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/flow/*_driver.c tests/real/*_driver.c))
# tests/bench/X.c measures parts of the library; reference.cc stands alone, once for this processor
# and once for valgrind, which knows no AVX-512.
BENCH := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/*.c))
REFERENCES := $(BUILD)/tests/bench/reference $(BUILD)/tests/bench/reference_plain

# ---- flags --------------------------------------------------------------------------------------

# Libraries that pkg-config knows, and those that it does not. Headers count as the system's, so
# that our warnings are about our code.
PACKAGES := libcurl libcrypto expat libcjson lua5.4 libpcre2-8 libutf8proc libzstd simdjson libisal gumbo sqlite3 libmicrohttpd ncursesw libpsl
# libsystemd is optional: without it, or with SYSTEMD=, systemd is told nothing.
SYSTEMD := $(shell pkg-config --exists libsystemd 2>/dev/null && echo libsystemd)
PACKAGES += $(SYSTEMD)
LIBS := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lcld2 -lev -lpthread -lm
SYSTEM := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags-only-I $(PACKAGES) 2>/dev/null))

WARNINGS := -Wall -Wextra -Werror
# Scores are exact to the last digit: no fused multiply-add.
EXACT := -ffp-contract=off
CPPFLAGS += -D_GNU_SOURCE -DLINNET_VERSION='"$(VERSION)"' -DLINNET_DATE='"$(DATE)"' $(if $(SYSTEMD),-DLINNET_SYSTEMD) -Icore $(SYSTEM)
LDFLAGS += -pie -Wl,--as-needed

ifdef COVERAGE
# An assert says what cannot be, so neither of its branches counts.
OPTIMISE := -O0 -g --coverage -fprofile-update=atomic -DNDEBUG -Wno-unused
LDFLAGS += --coverage
else ifdef SANITIZE
OPTIMISE := -O1 -g -fno-omit-frame-pointer -fsanitize=$(SANITIZE) -fno-sanitize-recover=all
LDFLAGS += -fsanitize=$(SANITIZE)
ifdef FUZZER
OPTIMISE += -fsanitize=fuzzer-no-link
endif
else
OPTIMISE := $(if $(DEBUG),-O0 -g3,-O2 -g -D_FORTIFY_SOURCE=2) -fstack-protector-strong
LDFLAGS += -Wl,-z,relro,-z,now
endif

CFLAGS += -std=c11 $(OPTIMISE) $(EXACT) -fPIE $(WARNINGS)
CXXFLAGS += -std=c++17 $(OPTIMISE) -fPIE -fno-exceptions -fno-rtti $(WARNINGS)

# ---- objects ------------------------------------------------------------------------------------

.PHONY: all
all: $(PROGRAM)
	@$(if $(filter ./linnet,$(PROGRAM)),,echo "built $(PROGRAM)")

# Rewritten only when its content changes, so that other flags, or a source that went, rebuild what
# depends on them and nothing else.
define remember
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(1))' | cmp -s - $@ || printf '%s\n' '$(subst ','\'',$(1))' >$@
endef
$(BUILD)/flags: FORCE
	$(call remember,$(CC) $(CXX) $(CPPFLAGS) $(CFLAGS) $(CXXFLAGS) $(LDFLAGS))
$(BUILD)/objects: FORCE
	$(call remember,$(OBJECTS))
FORCE:
.PHONY: FORCE

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "cc  $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/%.o: %.cc $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "c++ $<"
	@$(CXX) $(CPPFLAGS) $(CXXFLAGS) -MMD -MP -c -o $@ $<

# Every test and bench object is kept, so that the next build need not make it again.
.SECONDARY:

-include $(OBJECTS:.o=.d) $(UNIT:=.d) $(UNIT_SUPPORT:.o=.d) $(SIM:.o=.d) $(BENCH:=.d) $(FUZZ:=.d) $(DRIVERS:=.d) $(REFERENCES:=.d)

# ---- the program --------------------------------------------------------------------------------

# All but main.o, for the program and for whatever tests it.
$(LIBRARY): $(filter-out $(MAIN),$(OBJECTS)) $(BUILD)/objects
	@rm -f $@
	@ar rcs $@ $(filter %.o,$^)

# Linked by the C++ compiler: the library holds C++.
$(BUILD)/linnet: $(MAIN) $(LIBRARY)
	@echo "ld  $@"
	@$(CXX) $(CXXFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

ifeq ($(PROGRAM),./linnet)
./linnet: $(BUILD)/linnet
	@ln -f $< $@ 2>/dev/null || cp -f $< $@
endif

# `make deps` may have installed what pkg-config is asked for above: hence a make of its own.
.PHONY: run
run:
	@.ci/deps build
	@$(MAKE) --no-print-directory all
	$(PROGRAM) demo

# ---- tests --------------------------------------------------------------------------------------

# Debian's own, which python3-pytest belongs to.
PYTHON := /usr/bin/python3

$(UNIT): $(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(UNIT_SUPPORT) $(LIBRARY)
	@$(CXX) $(CXXFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS) -lcmocka
$(SIMULATED): $(SIM_DISK)
$(BUILD)/tests/unit/database_power_test $(BUILD)/tests/unit/dead_letters_faults_test $(BUILD)/tests/unit/ledger_power_test $(BUILD)/tests/unit/store_writer_test: $(BUILD)/tests/sim/vfs_sim.o

# The sink opensearch in virtual time, before a model of an index that stands in for net/http_client.c;
# where it plants bugs.
$(BUILD)/tests/unit/index_model_test: $(BUILD)/tests/sim/loop_sim.o $(BUILD)/tests/sim/clock_sim.o $(BUILD)/tests/sim/http_pieces.o
$(BUILD)/tests/unit/index_model_test: private LDFLAGS += $(patsubst %,-Wl$(comma)--wrap=%,index_reply_read index_order_take index_link_is_aoss)

# The source x in virtual time, too; the test plays X.
$(BUILD)/tests/unit/x_model_test: $(BUILD)/tests/sim/loop_sim.o $(BUILD)/tests/sim/clock_sim.o

RUN_SUITES := LINNET_UNIT="$(notdir $(UNIT))" LINNET_PROGRAM=$(PROGRAM) LINNET_BUILD=$(BUILD) $(PYTHON) tests/run.py

.PHONY: test unit flow build-unit
test:
	@.ci/deps build test
	@$(MAKE) --no-print-directory all build-unit build-fuzz $(BUILD)/sim $(FAULTS) $(DRIVERS)
	@$(RUN_SUITES) unit $(if $(filter thread,$(SANITIZE)),,sim) fuzz lua flow

unit: build-unit
	@$(RUN_SUITES) unit

flow: all $(FAULTS) $(DRIVERS)
	@$(RUN_SUITES) flow

$(FAULTS): tests/flow/faults.c
	@mkdir -p $(@D)
	@$(CC) -std=c11 -D_GNU_SOURCE -O1 $(WARNINGS) -shared -fPIC -o $@.$$$$ $< && mv $@.$$$$ $@

# linnet on a simulated disk, clock and network, at length: 1,000 hours, 20,000 power cuts.
# tests/sim/sim.c says how to look at one seed. The wrapped functions are where tests/sim/bugs.c
# plants bugs, and where allocations fail.
WRAPPED := os_sync os_sync_folder os_truncate cursor_save spool_readers_need log_spool_state log_spool_ids \
	handover_answer spool_settle_piece dead_letters_add object_close intents_save intents_of malloc calloc realloc aligned_alloc
.PHONY: sim
sim: $(BUILD)/sim
	@$(RUN_SUITES) whole-sim

$(BUILD)/sim: $(SIM) $(LIBRARY)
	@$(CXX) $(CXXFLAGS) $(LDFLAGS) $(WRAPPED:%=-Wl,--wrap=%) -o $@ $^ $(LIBS)

# The plugins' own tests.
.PHONY: lua
lua: all
	@$(RUN_SUITES) lua

# What takes long: 2,000 reloads, 1,000 kills, a backlog of 10 GiB, ten minutes of faults (or
# LINNET_SOAK_HOURS); with SANITIZE= too.
.PHONY: soak
soak: all $(FAULTS)
	@LINNET_PROGRAM=$(PROGRAM) $(PYTHON) -m pytest -q -s -m soak -p no:cacheprovider tests/flow

$(DRIVERS): $(BUILD)/%: $(BUILD)/%.o $(LIBRARY)
	@$(CXX) $(CXXFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

build-unit: $(UNIT)

build-fuzz: $(FUZZ)

$(FUZZ): $(BUILD)/tests/fuzz/%: $(BUILD)/tests/fuzz/%.o $(if $(FUZZER),,$(BUILD)/tests/fuzz/replay.o) $(LIBRARY)
	@$(CXX) $(CXXFLAGS) $(LDFLAGS) $(if $(FUZZER),-fsanitize=fuzzer) -o $@ $^ $(LIBS)

# Each target for FUZZ_SECONDS; FUZZ_TARGETS="query html" narrows it.
FUZZ_SECONDS := 60
.PHONY: fuzz build-fuzz
fuzz:
	@.ci/deps build fuzz
	@$(MAKE) --no-print-directory CC=clang-19 SANITIZE=address,undefined FUZZER=1 build-fuzz
	@$(PYTHON) tests/fuzz/run.py $(FUZZ_SECONDS) $(FUZZ_TARGETS)

# What the tests run of core/, by line and branch; the spool must be run through every branch.
.PHONY: coverage measure-coverage
coverage:
	@.ci/deps build test
	@$(MAKE) --no-print-directory COVERAGE=1 all build-unit $(FAULTS) $(DRIVERS) measure-coverage

measure-coverage:
	@find $(BUILD) -name '*.gcda' -delete
	@$(RUN_SUITES) $(or $(SUITES),unit lua flow)
	@LINNET_BUILD=$(BUILD) $(PYTHON) tests/coverage.py core/store

.PHONY: bench
bench:
	@.ci/deps build bench
	@$(MAKE) --no-print-directory all $(BENCH) $(REFERENCES)
	@LINNET_PROGRAM=$(PROGRAM) LINNET_BUILD=$(BUILD) $(PYTHON) tests/bench/run.py $(BENCH_FLAGS)

$(BENCH): $(BUILD)/tests/bench/%: $(BUILD)/tests/bench/%.o $(LIBRARY)
	@$(CXX) $(CXXFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# The yardstick uses every instruction of this processor, and nothing of the library.
$(BUILD)/tests/bench/reference: KERNEL := -march=native
$(BUILD)/tests/bench/reference_plain: KERNEL := $(if $(findstring x86_64,$(shell uname -m)),-march=haswell)
$(REFERENCES): tests/bench/reference.cc $(BUILD)/flags
	@mkdir -p $(@D)
	@$(CXX) $(CPPFLAGS) -std=c++17 -O3 $(KERNEL) $(WARNINGS) -MMD -MP -MF $@.d -o $@ $< \
		$(shell pkg-config --libs simdjson 2>/dev/null)

# ---- lint ---------------------------------------------------------------------------------------

# Over the files that git knows or would add; LINT_FILES="a.c b.c" narrows clang-tidy to some.
.PHONY: lint
lint: export LINT_CPPFLAGS = $(CPPFLAGS)
lint:
	@.ci/deps build lint
	@$(MAKE) --no-print-directory all
	@LINNET_BUILD=$(BUILD) $(PYTHON) tests/lint/run $(LINT_FILES)

# ---- install ------------------------------------------------------------------------------------

PREFIX ?= /usr/local
SHARE := $(DESTDIR)$(PREFIX)/share
# Debian's own packages have other ones.
ZSH_FOLDER ?= zsh/site-functions
UNIT_FOLDER ?= $(PREFIX)/lib/systemd/system
# Where linnet and systemd look for what is the machine's own; other prefixes have no service.
ETC := $(if $(filter /usr /usr/local,$(PREFIX)),$(DESTDIR)/etc/linnet)
UNITS := $(DESTDIR)$(PREFIX)/lib
MANUALS := linnet.1 linnet-config.5 linnet-query.7
COMPLETIONS := bash-completion/completions/linnet:bash $(ZSH_FOLDER)/_linnet:zsh fish/vendor_completions.d/linnet.fish:fish

# install_text FILE, of what comes on standard input.
install_text = install -D -m 644 /dev/stdin

# The program finds its Lua in ../share/linnet, seen from its own folder. A configuration that is
# there stays.
.PHONY: install uninstall
install: all
	install -D -m 755 -s $(BUILD)/linnet $(DESTDIR)$(PREFIX)/bin/linnet
	@find plugins lua config -path config/debian -prune -o -path config/system -prune -o \
		-type f ! -name '*_test.lua' -exec install -D -m 644 {} $(SHARE)/linnet/{} \;
	@install -D -m 644 -t $(SHARE)/doc/linnet README.md CHANGELOG.md LICENSE
	@for page in $(MANUALS); do $(PROGRAM) help --man $${page%.*} | \
		$(install_text) $(SHARE)/man/man$${page#*.}/$$page || exit 1; done
	@for file in $(COMPLETIONS); do $(PROGRAM) completion $${file#*:} | \
		$(install_text) $(SHARE)/$${file%:*} || exit 1; done
ifneq ($(ETC),)
	@sed 's|@BIN@|$(PREFIX)/bin|' config/system/linnet.service | \
		$(install_text) $(DESTDIR)$(UNIT_FOLDER)/linnet.service
	@install -D -m 644 config/system/linnet.sysusers $(UNITS)/sysusers.d/linnet.conf
	@install -D -m 644 config/system/linnet.tmpfiles $(UNITS)/tmpfiles.d/linnet.conf
	@[ -e $(ETC)/linnet.lua ] || sed -f config/system/etc.sed config/linnet.lua | \
		$(install_text) $(ETC)/linnet.lua
	@[ -e $(ETC)/track.lua ] || install -D -m 644 config/track.lua $(ETC)/track.lua
endif
	@echo "installed below $(DESTDIR)$(PREFIX)$(if $(ETC), and $(ETC))"

# What was edited in /etc, and the state, stay.
uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/linnet
	rm -rf $(SHARE)/linnet $(SHARE)/doc/linnet
	rm -f $(foreach page,$(MANUALS),$(SHARE)/man/man$(subst .,,$(suffix $(page)))/$(page))
	rm -f $(foreach file,$(COMPLETIONS),$(SHARE)/$(firstword $(subst :, ,$(file))))
	rm -f $(DESTDIR)$(UNIT_FOLDER)/linnet.service $(UNITS)/sysusers.d/linnet.conf $(UNITS)/tmpfiles.d/linnet.conf

# ---- the Debian package -------------------------------------------------------------------------

# Of what `make install` installs, made in a folder of its own.
DEB_BUILD := build/deb/linnet
DEB = build/deb/linnet_$(VERSION)_$(shell dpkg --print-architecture).deb
.PHONY: deb test-package
deb:
	@.ci/deps build package
	@$(MAKE) --no-print-directory all
	@rm -rf build/deb && mkdir -p $(DEB_BUILD) && cp -r config/debian $(DEB_BUILD)/debian
	@sed -i "s/@VERSION@/$(VERSION)/; s/@DATE@/$$(LC_ALL=C date -R -u -d '$(DATE)')/" $(DEB_BUILD)/debian/changelog
	@cd $(DEB_BUILD) && LINNET=$(CURDIR) dpkg-buildpackage --build=binary --no-sign >../log 2>&1 || { cat ../log; exit 1; }
	@lintian --allow-root --fail-on error,warning $(DEB)
	@echo "built $(DEB)"

# The package installed, run, upgraded, removed and purged in a tree of Debian's; `make install`.
test-package: deb
	@.ci/deps test
	@LINNET_DEB=$(DEB) $(RUN_SUITES) package

# ---- real servers -------------------------------------------------------------------------------

# Tests with servers that are not ours, which are installed below build/real, started and stopped.
# SLOW=1 installs those that take minutes, too; REAL="tests/real/test_x.py" narrows it.
.PHONY: test-real
test-real:
	@.ci/deps build real
	@$(MAKE) --no-print-directory all $(DRIVERS)
	@LINNET_PROGRAM=$(PROGRAM) LINNET_BUILD=$(BUILD) SLOW=$(SLOW) $(PYTHON) tests/real/run.py $(REAL)

# ---- deps and the rest --------------------------------------------------------------------------

.PHONY: deps clean help
deps:
	@.ci/deps build $(FOR)

clean:
	rm -rf build ./linnet

help:
	@echo "all        the program, ./linnet (the default)"
	@echo "run        install what is missing, build, then the demo: bundled posts, no network"
	@echo "test       unit and flow tests; ends with the sum over all suites"
	@echo "unit flow lua  only these"
	@echo "coverage   what the tests run of core/, by line and branch; SUITES=unit is quicker"
	@echo "sim        1,000 simulated hours, 20,000 power cuts; takes minutes"
	@echo "soak       2,000 reloads, 1,000 kills, a backlog of 10 GiB; takes minutes"
	@echo "lint       formatting, clang-tidy, luacheck and the house rules"
	@echo "bench      CPU per post, against the reference loop"
	@echo "fuzz       inputs of strangers, FUZZ_SECONDS=60 for each target"
	@echo "deps       Debian packages that building needs; FOR='test lint fuzz bench package' adds those for these"
	@echo "install    DESTDIR= PREFIX=$(PREFIX): the program, plugins, lua, config, manual, completion;"
	@echo "           below /usr and /usr/local also the unit and /etc/linnet"
	@echo "deb        a Debian package, build/deb/linnet_$(VERSION)_*.deb"
	@echo "test-package  installs it in a tree of Debian's, runs, upgrades and removes it; needs root"
	@echo "test-real  installs real servers below build/real and runs the tests with them; SLOW=1: all of them"
	@echo "uninstall  takes them away"
	@echo "clean      removes build/ and ./linnet"
	@echo "Flavours: CC=clang-19  DEBUG=1  SANITIZE=address,undefined  SANITIZE=thread"
