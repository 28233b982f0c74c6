# Tallyman: `make` builds, `make demo` shows, `make check` proves. See README.md.
#
#   make [all] | deps | demo | check | check-quick | check-long | rig | deps-rig | lint | bench | bench-peers | install | deb | clean
#   sim [SEEDS=N] tells of N simulated histories
#   CC=gcc|clang   SANITIZE=address,undefined|thread   V=1 shows commands   OUT=FOLDER   DESTDIR= PREFIX=
#
# Each compiler and sanitizer has a folder of its own: build/, build/asan/, build/tsan/, build/clang/, build/clang-asan/ …
# Nothing here needs a compiler or pkg-config before `deps` has run: what needs them is expanded when it is first used.

CC := $(if $(filter default,$(origin CC)),gcc,$(CC))
SANITIZE ?=
PREFIX ?= /usr
DESTDIR ?=
VERSION := 0.1.0

kind_cc := $(if $(findstring clang,$(CC)),clang)
kind_san := $(if $(findstring fuzzer,$(SANITIZE)),fuzz,$(if $(findstring address,$(SANITIZE)),asan)$(if $(findstring thread,$(SANITIZE)),tsan))
kind := $(if $(kind_cc),$(kind_cc)$(if $(kind_san),-$(kind_san)),$(kind_san))
OUT := build$(if $(kind),/$(kind))
Q := $(if $(V),,@)

# Debian packages: to build and to run the demo; to check as well
DEPS_BUILD := gcc libc6-dev pkg-config gettext python3 libncurses-dev libsqlite3-dev libcurl4-openssl-dev \
  libmicrohttpd-dev libgnutls28-dev libqrencode-dev libjansson-dev libsodium-dev libzstd-dev libinih-dev libevent-dev libpq-dev \
  libusb-1.0-0-dev libudev-dev libgpiod-dev libxkbcommon-dev xkb-data
DEPS_CHECK := $(DEPS_BUILD) libcmocka-dev libzint-dev libumockdev-dev umockdev clang-14 clang libclang-rt-14-dev clang-format-14 universal-ctags \
  tmux tig patch procps gpsd zbar-tools postgresql
DEPS_DEB := $(DEPS_BUILD) debhelper dpkg-dev fakeroot lintian
# the virtual machine of `make rig`
DEPS_RIG := $(DEPS_CHECK) qemu-system-x86 busybox-static kmod cpio make dpkg-dev gpiod udev e2fsprogs iproute2 \
  nftables mmdebstrap genext2fs debhelper fakeroot lintian
PACKAGES := ncursesw formw menuw panelw sqlite3 libcurl libmicrohttpd gnutls libqrencode jansson libsodium libzstd inih libevent \
  libevent_pthreads libusb-1.0 libudev libgpiod xkbcommon libpq

CPPFLAGS += -I. -D_GNU_SOURCE -DTALLYMAN_VERSION='"$(VERSION)"'
CFLAGS ?= $(if $(SANITIZE),-O1,-O2) -g
WARN := -Wall -Wextra -Werror -Wshadow -Wswitch-enum -Wvla -Wpointer-arith -Wwrite-strings -Wstrict-prototypes \
  -Wmissing-prototypes -Wold-style-definition -Wundef -Wformat=2 -Wcast-qual -Wimplicit-fallthrough \
  $(if $(kind_cc),,-Wno-format-truncation) # says other things at every optimisation level
ALL_CFLAGS := -std=c17 $(WARN) $(CFLAGS) -fno-omit-frame-pointer -fno-common -pthread -MMD -MP \
  $(if $(SANITIZE),-fsanitize=$(SANITIZE) $(if $(findstring undefined,$(SANITIZE)),-fno-sanitize-recover=undefined))
# libFuzzer brings a main of its own, which the two programs don't want
SANITIZE_LINK := $(if $(SANITIZE),-fsanitize=$(SANITIZE))
ALL_LDFLAGS = -Wl,--as-needed $(LDFLAGS) -pthread $(SANITIZE_LINK)
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(PACKAGES)))$(PKG_CFLAGS)
PKG_LIBS = $(eval PKG_LIBS := $$(shell pkg-config --libs $(PACKAGES)) -lm)$(PKG_LIBS)

SRC := $(wildcard app/*/*.c platform/*.c platform/linux/*.c platform/sim/*.c sync/wire/*.c sync/client/*.c sync/server/*.c)
LIB_SRC := $(filter-out sync/server/main.c,$(SRC))
LIB_OBJ := $(LIB_SRC:%.c=$(OUT)/obj/%.o)
LIB := $(OUT)/libtallyman.a
MO := $(patsubst app/text/po/%.po,build/locale/%/LC_MESSAGES/tallyman.mo,$(wildcard app/text/po/*.po))
MAN := $(wildcard platform/install/*.[15])

# Test programs: a file with a main is a program, the other files of its folder are linked to each of them.
programs = $(patsubst tests/%.c,$(OUT)/%,$(shell grep -l '^int main' $(wildcard tests/$(1)/*.c) /dev/null))
helpers = $(patsubst %.c,$(OUT)/obj/%.o,$(filter-out $(shell grep -l '^int main' $(wildcard tests/$(1)/*.c) /dev/null),$(wildcard tests/$(1)/*.c)))
UNIT := $(call programs,unit)
SIM := $(call programs,sim)
CRASH := $(call programs,crash)
BENCH := $(call programs,bench)
POSTGRES := $(call programs,postgres)
FUZZ := $(patsubst tests/%.c,$(OUT)/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_HELP := $(patsubst %.c,$(OUT)/obj/%.o,$(filter-out tests/fuzz/fuzz_%.c,$(wildcard tests/fuzz/*.c)))

.DEFAULT_GOAL := all
.SECONDARY:
.DELETE_ON_ERROR:
.PHONY: all deps deps-rig rig unit sim crash fuzz benches postgres tests check check-quick check-long lint bench bench-peers demo install deb clean FORCE

all: $(OUT)/tallyman $(OUT)/tallyman-server $(MO)

# ---- what is needed ----

deps:
	@rm -f build/.deps-*
	@$(MAKE) --no-print-directory build/.deps-check

deps-rig:
	@rm -f build/.deps-rig
	@$(MAKE) --no-print-directory build/.deps-rig

build/.deps-build: NEEDED := $(DEPS_BUILD)
build/.deps-check: NEEDED := $(DEPS_CHECK)
build/.deps-rig: NEEDED := $(DEPS_RIG)
build/.deps-deb: NEEDED := $(DEPS_DEB)
build/.deps-build build/.deps-check build/.deps-deb build/.deps-rig: tests/deps
	@mkdir -p build
	@sh tests/deps $(NEEDED)
	@touch $@

# ---- the programs ----

# Rewritten only when they change, so that other flags or a file that has gone rebuild what they concern.
$(OUT)/flags: FORCE
	@mkdir -p $(OUT)
	@echo '$(subst ','\'',$(CC) $(CPPFLAGS) $(ALL_CFLAGS))' | cmp -s - $@ || \
	  echo '$(subst ','\'',$(CC) $(CPPFLAGS) $(ALL_CFLAGS))' >$@
$(OUT)/objects: FORCE
	@mkdir -p $(OUT)
	@echo '$(LIB_OBJ)' | cmp -s - $@ || echo '$(LIB_OBJ)' >$@

$(OUT)/obj/%.o: %.c $(OUT)/flags | build/.deps-build
	@mkdir -p $(@D)
	$(if $(Q),@echo "CC $<")
	$(Q)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(ALL_CFLAGS) $(OBJ_CFLAGS) -c -o $@ $<

$(LIB): $(LIB_OBJ) $(OUT)/objects
	@rm -f $@
	$(Q)ar rcs $@ $(LIB_OBJ)

$(OUT)/tallyman: $(OUT)/obj/app/main.o $(LIB)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(OUT)/tallyman-server: $(OUT)/obj/sync/server/main.o $(LIB)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

build/locale/%/LC_MESSAGES/tallyman.mo: app/text/po/%.po | build/.deps-build
	@mkdir -p $(@D)
	$(Q)msgfmt --check -o $@ $<

# ---- test programs ----

$(OUT)/obj/tests/unit/%.o: | build/.deps-check
$(OUT)/obj/tests/fuzz/%.o: OBJ_CFLAGS := $(if $(findstring fuzzer,$(SANITIZE)),,-DTALLYMAN_FUZZ_REPLAY)

$(UNIT): $(OUT)/unit/%: $(OUT)/obj/tests/unit/%.o $(call helpers,unit) $(LIB)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS) -lcmocka -lutil $(EXTRA_LIBS)
$(OUT)/unit/test_zint: EXTRA_LIBS := -lzint
$(OUT)/unit/test_discover: EXTRA_LIBS = $(shell pkg-config --libs umockdev-1.0)
$(OUT)/obj/tests/unit/test_discover.o: OBJ_CFLAGS = $(shell pkg-config --cflags umockdev-1.0)
$(OUT)/unit/test_report_text: | $(MO) # it speaks Chinese too
# tests/sim/disk_files.c, disk_looks.c, sim_thrift.c and sim_schema.c stand between the program and these
SIM_WRAP := write pwrite fsync fdatasync rename unlink open fopen stat crypto_pwhash_str_alg crypto_sign_detached \
  crypto_sign_verify_detached ZSTD_compress ZSTD_createDCtx ZSTD_freeDCtx schema_migrate pthread_create
# What most of a history's time goes into is linked in, at fixed places: calls between libraries are a tenth of it otherwise.
, := ,
SIM_STATIC := -lsqlite3 -ljansson -lsodium -lzstd
SIM_LINK = $(ALL_LDFLAGS) $(if $(SANITIZE),,-no-pie) $(SIM_WRAP:%=-Wl,--wrap=%)
SIM_LIBS = $(if $(SANITIZE),,-Wl$(,)-Bstatic $(SIM_STATIC) -Wl$(,)-Bdynamic) $(PKG_LIBS)
$(SIM): $(OUT)/sim/%: $(OUT)/obj/tests/sim/%.o $(call helpers,sim) $(LIB)
	@mkdir -p $(@D)
	$(Q)$(CC) $(SIM_LINK) -o $@ $^ $(SIM_LIBS)
# The simulator with a planted bug: only what the patch touches is compiled again
SIM_OBJ = $(OUT)/obj/tests/sim/sim.o $(call helpers,sim)
$(OUT)/sim/plants/%: tests/plants/%.patch $(SIM_OBJ) $(LIB)
	@rm -rf $@.d && mkdir -p $@.d
	$(Q)for file in $$(sed -n 's,^+++ b/,,p' $<); do mkdir -p $@.d/$${file%/*} && cp $$file $@.d/$$file || exit 1; done
	$(Q)patch -s -p1 -d $@.d <$<
	$(Q)for file in $$(sed -n 's,^+++ b/,,p' $<); do $(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(ALL_CFLAGS) -Wno-error -w \
	  -c -o $@.d/$$(echo $$file | tr / _).o $@.d/$$file || exit 1; done
	$(Q)$(CC) $(SIM_LINK) -o $@ $@.d/*.o $(SIM_OBJ) $(LIB) $(SIM_LIBS)
	@rm -rf $@.d
$(CRASH): $(OUT)/crash/%: $(OUT)/obj/tests/crash/%.o $(call helpers,crash) $(LIB)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)
$(BENCH): $(OUT)/bench/%: $(OUT)/obj/tests/bench/%.o $(call helpers,bench) $(LIB)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)
$(POSTGRES): $(OUT)/postgres/%: $(OUT)/obj/tests/postgres/%.o $(LIB)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)
$(FUZZ): $(OUT)/fuzz/%: $(OUT)/obj/tests/fuzz/%.o $(FUZZ_HELP) $(LIB)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

unit: $(UNIT)
# with SEEDS=N, so many histories; FIRST=N: from this seed on
sim: $(SIM)
	$(if $(SEEDS),$(OUT)/sim/sim $(SEEDS) $(FIRST))
crash: $(CRASH)
fuzz: $(FUZZ)
benches: $(BENCH)
postgres: $(POSTGRES)
tests: unit sim crash fuzz

# ---- what people call ----

check check-quick check-long: build/.deps-check
	@$(if $(filter check-quick,$@),,$(MAKE) --no-print-directory build/.deps-rig || echo "Real devices will be skipped.")
	@python3 tests/run $(@:check-%=%)

# A real kernel's devices in a virtual machine; CHECK="NAME …" only some of it
rig: build/.deps-rig
	@$(MAKE) --no-print-directory SANITIZE=address,undefined all
	@TALLYMAN_BUILD=build/asan python3 tests/rig/run.py $(CHECK)

lint: build/.deps-check
	@python3 tests/lint/lint

bench: build/.deps-check all benches
	@python3 tests/bench/bench --build $(OUT)

# the same records pushed by PouchDB, in turns; needs node and npm
bench-peers: all
	@TALLYMAN_BUILD=$(OUT) python3 tests/bench/peers.py

demo: all
	@TALLYMAN_BUILD=$(OUT) sh tests/demo/demo.sh

install: all
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(OUT)/tallyman $(OUT)/tallyman-server $(DESTDIR)$(PREFIX)/bin
	for page in $(MAN); do install -D -m 644 $$page \
	  $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/} || exit 1; done
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	for unit in tallyman-server.service tallyman-kiosk.service; do sed 's,@PREFIX@,$(PREFIX),' platform/install/$$unit \
	  >$(DESTDIR)$(PREFIX)/lib/systemd/system/$$unit || exit 1; done
	install -D -m 644 platform/install/70-tallyman.rules $(DESTDIR)$(PREFIX)/lib/udev/rules.d/70-tallyman.rules
	install -D -m 644 platform/install/tallyman.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/tallyman.conf
	install -D -m 755 platform/install/kiosk $(DESTDIR)$(PREFIX)/lib/tallyman/kiosk
	install -D -m 644 platform/install/tallyman-kiosk.default $(DESTDIR)/etc/default/tallyman-kiosk
	for mo in $(MO:build/locale/%=%); do \
	  install -D -m 644 build/locale/$$mo $(DESTDIR)$(PREFIX)/share/locale/$$mo || exit 1; done

# Debian packages, in build/deb: from what git has, as it stands in the work tree. lintian looks at them.
deb: build/.deps-deb
	rm -rf build/deb
	mkdir -p build/deb/tallyman-$(VERSION)
	git ls-files -z -- app platform sync Makefile LICENSE README.md tests/deps \
	  | xargs -0 cp --parents -t build/deb/tallyman-$(VERSION)
	mv build/deb/tallyman-$(VERSION)/platform/install/debian build/deb/tallyman-$(VERSION)/debian
	cp platform/install/tallyman.sysusers build/deb/tallyman-$(VERSION)/debian/tallyman.sysusers
	cd build/deb/tallyman-$(VERSION) && env -u MAKEFLAGS -u MAKELEVEL dpkg-buildpackage -b -us -uc -j$$(nproc) >../build.log 2>&1 \
	  || { tail -30 ../build.log; exit 1; }
	lintian --fail-on error,warning build/deb/*.changes
	ls build/deb/*.deb

clean:
	rm -rf build

-include $(shell find $(OUT)/obj -name '*.d' 2>/dev/null)
