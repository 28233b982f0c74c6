# Tallyman: `make` builds, `make demo` shows, `make check` proves. See README.md.
#
#   CC=gcc|clang   SANITIZE=address,undefined|thread   V=1 shows commands
# Each compiler and sanitizer has a folder of its own: build/, build/asan/, build/tsan/, build/clang/, build/clang-asan/ …

CC := $(if $(filter default,$(origin CC)),gcc,$(CC))
SANITIZE ?=
PREFIX ?= /usr
DESTDIR ?=
VERSION := 0.1.0

kind_cc := $(if $(findstring clang,$(CC)),clang)
kind_san := $(if $(findstring address,$(SANITIZE)),asan)$(if $(findstring thread,$(SANITIZE)),tsan)$(if $(findstring fuzzer,$(SANITIZE)),fuzz)
kind := $(if $(kind_cc),$(kind_cc)$(if $(kind_san),-$(kind_san)),$(kind_san))
OUT := build$(if $(kind),/$(kind))
Q := $(if $(V),,@)

PACKAGES := ncursesw formw menuw panelw sqlite3 libcurl libmicrohttpd jansson libsodium libzstd inih libevent libevent_pthreads

CPPFLAGS += -I. -D_GNU_SOURCE -D_XOPEN_SOURCE=700 -DTALLYMAN_VERSION='"$(VERSION)"'
CFLAGS ?= -O2 -g
WARN := -Wall -Wextra -Werror -Wshadow -Wswitch-enum -Wvla -Wpointer-arith -Wwrite-strings -Wstrict-prototypes \
  -Wmissing-prototypes -Wold-style-definition -Wundef -Wformat=2 -Wcast-qual -Wimplicit-fallthrough
ALL_CFLAGS := -std=c17 $(WARN) $(CFLAGS) -fno-omit-frame-pointer -fno-common -pthread -MMD -MP \
  $(if $(SANITIZE),-fsanitize=$(SANITIZE) $(if $(findstring undefined,$(SANITIZE)),-fno-sanitize-recover=undefined))
ALL_LDFLAGS = $(LDFLAGS) -pthread $(if $(SANITIZE),-fsanitize=$(SANITIZE))
# expanded when first used: `make deps` must work before pkg-config is there
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(PACKAGES)))$(PKG_CFLAGS)
PKG_LIBS = $(eval PKG_LIBS := $$(shell pkg-config --libs $(PACKAGES)))$(PKG_LIBS)

SRC := $(wildcard app/*/*.c platform/linux/*.c platform/sim/*.c sync/wire/*.c sync/client/*.c sync/server/*.c)
LIB_SRC := $(filter-out sync/server/main.c,$(SRC))
LIB_OBJ := $(LIB_SRC:%.c=$(OUT)/obj/%.o)
LIB := $(OUT)/libtallyman.a
MO := $(patsubst app/text/po/%.po,build/locale/%/LC_MESSAGES/tallyman.mo,$(wildcard app/text/po/*.po))
UNIT := $(patsubst tests/unit/%.c,$(OUT)/unit/%,$(wildcard tests/unit/test_*.c))

.DEFAULT_GOAL := all
.SECONDARY:
.DELETE_ON_ERROR:
.PHONY: all unit clean

all: $(OUT)/tallyman $(OUT)/tallyman-server $(MO)

$(OUT)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(if $(Q),@echo "CC $<")
	$(Q)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(ALL_CFLAGS) -c -o $@ $<

$(LIB): $(LIB_OBJ)
	@rm -f $@
	$(Q)ar rcs $@ $^

$(OUT)/tallyman: $(OUT)/obj/app/main.o $(LIB)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(OUT)/tallyman-server: $(OUT)/obj/sync/server/main.o $(LIB)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(OUT)/unit/%: $(OUT)/obj/tests/unit/%.o $(LIB)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS) -lcmocka

build/locale/%/LC_MESSAGES/tallyman.mo: app/text/po/%.po
	@mkdir -p $(@D)
	$(Q)msgfmt --check -o $@ $<

unit: $(UNIT)

clean:
	rm -rf build

-include $(shell find $(OUT)/obj -name '*.d' 2>/dev/null)
