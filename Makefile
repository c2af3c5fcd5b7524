# samtal - see README.  `make demo` and `make check` are the two to know.

VERSION = 0.1.0
PREFIX ?= /usr/local
DESTDIR ?=
PKG_CONFIG ?= pkg-config
CC ?= cc
CFLAGS ?= -O2 -g
V ?= 0

# ---- what it needs: pkg-config module, and the Debian package it is in ------

LIBRARIES = \
	libosip2:libosip2-dev \
	libxml-2.0:libxml2-dev \
	libssl:libssl-dev \
	libcrypto:libssl-dev \
	libevent_core:libevent-dev \
	libcares:libc-ares-dev \
	jansson:libjansson-dev \
	libidn:libidn-dev \
	libidn2:libidn2-dev \
	libcurl:libcurl4-openssl-dev \
	spandsp:libspandsp-dev \
	inih:libinih-dev
# Those that come without a module: header, package, library.
PLAIN_LIBRARIES = wslay/wslay.h:libwslay-dev:wslay
TEST_LIBRARIES = cmocka:libcmocka-dev

BUILD_PACKAGES = make gcc libc6-dev pkg-config \
	$(sort $(foreach l,$(LIBRARIES),$(lastword $(subst :, ,$(l)))) \
	$(foreach l,$(PLAIN_LIBRARIES),$(word 2,$(subst :, ,$(l)))))
TEST_PACKAGES = perl git clang libclang-rt-dev shellcheck mandoc jq procps \
	curl $(sort $(foreach l,$(TEST_LIBRARIES),$(lastword $(subst :, ,$(l))))) \
	prosody kamailio kamailio-tls-modules kamailio-websocket-modules \
	kamailio-presence-modules sip-tester baresip-core \
	tshark tcpdump go-sendxmpp sendxmpp python3-slixmpp profanity \
	debootstrap \
	sipsak espeak-ng sox bash zsh fish

modules = $(foreach l,$(1),$(firstword $(subst :, ,$(l))))

# ---- variants, each in a folder of its own ----------------------------------

# Without the comma, which would end an argument of $(call).
comma := ,
BUILD = build$(if $(SANITIZE),-$(subst $(comma),-,$(SANITIZE)))$(if $(DEVELOPER),-developer)

WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wvla -Wwrite-strings -Wformat=2 -Wundef \
	-Wno-missing-field-initializers
HARDEN = -fstack-protector-strong -fstack-clash-protection -fcf-protection \
	-fPIE $(if $(SANITIZE),,-D_FORTIFY_SOURCE=3)
HARDEN_LINK = -pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed
SANITIZERS = $(if $(SANITIZE),-fsanitize=$(SANITIZE) \
	-fno-sanitize-recover=all -fno-omit-frame-pointer)

# Goals that compile nothing must also work where nothing is installed yet.
QUIET_GOALS = clean deps deps-build debian13 uninstall
ifneq ($(filter-out $(QUIET_GOALS),$(or $(MAKECMDGOALS),all)),)
missing := $(strip $(foreach l,$(LIBRARIES),$(shell \
	$(PKG_CONFIG) --exists $(call modules,$(l)) 2>/dev/null || \
	echo '$(subst :, from ,$(l));')) \
	$(foreach l,$(PLAIN_LIBRARIES),$(shell \
	echo '#include <$(word 1,$(subst :, ,$(l)))>' | \
	$(CC) $(CPPFLAGS) -E - >/dev/null 2>&1 || \
	echo '$(word 1,$(subst :, ,$(l))) from $(word 2,$(subst :, ,$(l)));')))
ifneq ($(missing),)
$(error missing: $(missing) `make deps-build` installs these packages)
endif
LIBRARY_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(call modules,$(LIBRARIES)))
LIBRARY_LIBS := $(shell $(PKG_CONFIG) --libs $(call modules,$(LIBRARIES))) \
	$(foreach l,$(PLAIN_LIBRARIES),-l$(word 3,$(subst :, ,$(l))))
endif

ALL_CFLAGS = -std=c17 -D_GNU_SOURCE -Icommon -I. -DSAMTAL_VERSION='"$(VERSION)"' \
	$(WARNINGS) $(if $(DEVELOPER),-Werror) $(HARDEN) $(SANITIZERS) \
	$(LIBRARY_CFLAGS) $(CPPFLAGS) $(CFLAGS)
ALL_LIBS = $(LIBRARY_LIBS) -lm

# ---- what there is -----------------------------------------------------------

# A tool is cmd/NAME.c, or a folder cmd/NAME/ where it is a big one.
TOOLS = $(sort $(patsubst cmd/%.c,%,$(wildcard cmd/*.c)) \
	$(patsubst cmd/%/,%,$(wildcard cmd/*/)))
BINARIES = $(TOOLS:%=$(BUILD)/%)
COMMON = $(patsubst %.c,$(BUILD)/%.o,$(wildcard common/*/*.c))
ARCHIVE = $(BUILD)/libsamtal.a
UNIT = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
SIM = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/sim/test_*.c))
HELPERS = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/mock/*.c))
BENCH = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/*.c))

ifeq ($(V),0)
say = @printf '  %-4s %s\n' $(1) $@;
endif

.PHONY: all deps deps-build debian13 demo check check-unit check-sim check-tools \
	check-peers check-docs lint fuzz bench install uninstall clean format \
	completions man-sync \
	tests FORCE
.SECONDARY:
.DELETE_ON_ERROR:

all: $(BINARIES)

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Rebuild when the compiler or a flag changes, and only then.  What is kept is
# compared as the Makefile is read: no recipe runs where nothing has changed.
FLAGS_NOW = $(strip $(CC) $(ALL_CFLAGS) $(LDFLAGS) $(ALL_LIBS))
keep = $(shell mkdir -p $(dir $(1)))$(file >$(1),$(2))
ifneq ($(filter-out $(QUIET_GOALS),$(or $(MAKECMDGOALS),all)),)
ifneq ($(strip $(file <$(BUILD)/flags)),$(FLAGS_NOW))
$(call keep,$(BUILD)/flags,$(FLAGS_NOW))
endif
ifneq ($(strip $(file <$(BUILD)/members)),$(strip $(COMMON)))
$(call keep,$(BUILD)/members,$(strip $(COMMON)))
endif
endif
# Only behind a `clean` on the same command line are they missing.
$(BUILD)/flags:
	@:$(call keep,$@,$(FLAGS_NOW))
$(BUILD)/members:
	@:$(call keep,$@,$(strip $(COMMON)))
FORCE:

# ar replaces members by base name (sip/x.o by xmpp/x.o): always a new one.
# The list of members is a prerequisite: a file that went away leaves too.
$(ARCHIVE): $(COMMON) $(BUILD)/members
	$(call say,AR)rm -f $@ && ar rcs $@ $(COMMON)

link = $(CC) $(ALL_CFLAGS) $(LDFLAGS) $(HARDEN_LINK) -o $@ $(1) $(ARCHIVE) \
	$(2) $(ALL_LIBS)

tool_objects = $(patsubst %.c,$(BUILD)/%.o,$(or $(wildcard cmd/$(1).c),\
	$(wildcard cmd/$(1)/*.c)))
define tool_rule
$(BUILD)/$(1): $(call tool_objects,$(1)) $(ARCHIVE)
	$$(call say,LINK)$$(call link,$(call tool_objects,$(1)),)
endef
$(foreach t,$(TOOLS),$(eval $(call tool_rule,$(t))))

# ---- tests -------------------------------------------------------------------

TEST_OBJECTS = $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/common/*.c))
CMOCKA_LIBS = $$($(PKG_CONFIG) --libs cmocka)

$(UNIT) $(SIM): $(BUILD)/tests/%: $(BUILD)/tests/%.o $(TEST_OBJECTS) $(ARCHIVE)
	$(call say,LINK)$(call link,$(filter %.o,$^),$(CMOCKA_LIBS))
# A tool that is a folder is tested from inside too: its objects but main's,
# and what these tests share.
$(foreach t,$(UNIT) $(SIM),$(if $(findstring /test_xmppserve_,$(t)),$(t))): \
	$(filter-out %/main.o,$(call tool_objects,xmppserve)) \
	$(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/xmppserve/*.c))
# From an archive they take what they need.  What asserts is not in it: the
# demo is made where cmocka is not installed.
$(BUILD)/tests/common.a: $(patsubst %.c,$(BUILD)/%.o,\
		$(shell grep -L 'common/test\.h' tests/common/*.c))
	$(call say,AR)rm -f $@ && ar rcs $@ $^
$(HELPERS) $(BENCH): $(BUILD)/tests/%: $(BUILD)/tests/%.o \
		$(BUILD)/tests/common.a $(ARCHIVE)
	$(call say,LINK)$(call link,$< $(BUILD)/tests/common.a,)

tests: $(UNIT) $(SIM) $(HELPERS) $(BENCH)

RUN_TESTS = BUILD='$(BUILD)' CC='$(CC)' MAKE='$(MAKE)' tests/run

check: all tests
	$(RUN_TESTS) lint unit sim tools docs peers fuzz
check-unit: $(UNIT)
	$(RUN_TESTS) unit
check-sim: $(SIM)
	$(RUN_TESTS) sim
check-tools: all $(HELPERS)
	$(RUN_TESTS) tools
check-peers: all $(HELPERS)
	$(RUN_TESTS) peers
check-docs: all $(HELPERS)
	$(RUN_TESTS) docs
lint: all tests
	$(RUN_TESTS) lint

# libFuzzer comes with clang: a target per codec, each with its corpus.
FUZZ_SECONDS ?= 60
FUZZERS = $(patsubst tests/fuzz/%.c,build-fuzz/%,$(wildcard tests/fuzz/*.c))
FUZZ_FLAGS = -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
	-Wno-missing-prototypes
# Built by a second make, in which it is the one archive there is.
ifneq ($(BUILD),build-fuzz)
build-fuzz/libsamtal.a: FORCE
	@$(MAKE) --no-print-directory BUILD=build-fuzz CC=clang \
		SANITIZE=fuzzer-no-link,address,undefined $@
endif
build-fuzz/%: tests/fuzz/%.c build-fuzz/libsamtal.a
	@printf '  %-4s %s\n' FUZZ $@; clang $(ALL_CFLAGS) $(FUZZ_FLAGS) \
		-o $@ $< build-fuzz/libsamtal.a $(ALL_LIBS)
fuzzers: $(FUZZERS)
fuzz: fuzzers
	FUZZ_SECONDS=$(FUZZ_SECONDS) tests/fuzz/run $(FUZZERS)

demo: all $(BUILD)/tests/mock/tone
	@BUILD='$(BUILD)' tests/demo

bench: all $(BENCH)
	@BUILD='$(BUILD)' tests/bench/run

# ---- the rest ------------------------------------------------------------------

deps-build:
	@tests/deps $(BUILD_PACKAGES)
deps:
	@tests/deps $(BUILD_PACKAGES) $(TEST_PACKAGES)
# Newer peers, for the tests in tests/peers that look for them there.
DEBIAN13 ?= build/debian13
debian13:
	@tests/debian13 '$(DEBIAN13)'

MAN = $(wildcard man/*.[1-9])

# Both write files that are committed; check-docs tells when they are stale.
completions: all
	PATH='$(CURDIR)/$(BUILD)':"$$PATH" completions/generate completions \
		$(TOOLS)
man-sync: $(HELPERS)
	PATH='$(CURDIR)/$(BUILD)/tests/mock':"$$PATH" man/sync $(MAN)

BASH_DIR = $(PREFIX)/share/bash-completion/completions
ZSH_DIR = $(PREFIX)/share/zsh/site-functions
FISH_DIR = $(PREFIX)/share/fish/vendor_completions.d

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(BASH_DIR) \
		$(DESTDIR)$(ZSH_DIR) $(DESTDIR)$(FISH_DIR)
	install $(BINARIES) $(DESTDIR)$(PREFIX)/bin
	for t in $(TOOLS); do \
		install -m 644 completions/bash/$$t $(DESTDIR)$(BASH_DIR)/; \
		install -m 644 completions/zsh/_$$t $(DESTDIR)$(ZSH_DIR)/; \
		install -m 644 completions/fish/$$t.fish $(DESTDIR)$(FISH_DIR)/; \
	done
	for m in $(MAN); do \
		d=$(DESTDIR)$(PREFIX)/share/man/man$${m##*.}; \
		install -d $$d && install -m 644 $$m $$d/; done
uninstall:
	for t in $(TOOLS); do rm -f $(DESTDIR)$(PREFIX)/bin/$$t \
		$(DESTDIR)$(BASH_DIR)/$$t $(DESTDIR)$(ZSH_DIR)/_$$t \
		$(DESTDIR)$(FISH_DIR)/$$t.fish; done
	for m in $(notdir $(MAN)); do \
		rm -f $(DESTDIR)$(PREFIX)/share/man/man$${m##*.}/$$m; done

format:
	clang-format -i $(wildcard cmd/*.c cmd/*/*.[ch] common/*/*.[ch] \
		tests/*/*.[ch])

clean:
	rm -rf build build-*

-include $(COMMON:.o=.d) $(patsubst %,%.d,$(UNIT) $(SIM) $(HELPERS) $(BENCH)) \
	$(wildcard $(BUILD)/cmd/*.d $(BUILD)/cmd/*/*.d $(BUILD)/tests/common/*.d \
	$(BUILD)/tests/xmppserve/*.d)
