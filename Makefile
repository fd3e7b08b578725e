# Holdfast: one Makefile, no recursion.  A build folder per flavour:
#   build/            the program as users run it
#   build/address,undefined/   the sanitizer build (SAN=address,undefined)
VERSION  := 0.1.0
B        := build$(if $(SAN),/$(SAN))$(if $(FLAVOUR),/$(FLAVOUR))
CC       ?= gcc
CFLAGS   ?= $(if $(SAN),-O1 -g1,-O2 -g)
WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef
LANGUAGE := -std=gnu17 -D_GNU_SOURCE -DHOLDFAST_VERSION='"$(VERSION)"' -I. -I/usr/include/libxml2 -pthread
OURS     := $(LANGUAGE) -MMD -MP \
            $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)
LIBS     := -lwim -lsqlite3 -lcrypto -lntfs-3g -lxxhash -ljansson -lxml2 -lhivex -lzip -lz -lmagic -rdynamic -pthread
PACKAGES := gcc make pkg-config libtsk-dev libewf-dev libvshadow-dev libbfio-dev ntfs-3g-dev libsqlite3-dev libssl-dev \
            libseccomp-dev libxxhash-dev libjansson-dev libwim-dev libxml2-dev libhivex-dev libzip-dev zlib1g-dev libmagic-dev \
            uthash-dev libcriterion-dev ntfs-3g sleuthkit jq ewf-tools libvshadow-utils libbde-utils qemu-utils xz-utils unzip \
            sqlite3 attr time gdisk fdisk util-linux dosfstools clang \
            libhivex-bin libwin-hivex-perl reglookup libregf-utils libxml2-utils wimtools \
            hashdeep python3-jsonschema python3-rdflib mandoc man-db dpkg-dev

# Of what is there under another name, or from elsewhere, none is installed
PACKAGES += $(foreach program,nodejs:node npm:npm chromium:chromium,$(if $(shell command -v $(lastword $(subst :, ,$(program)))),,$(firstword $(subst :, ,$(program)))))

SOURCES  := holdfast.c $(wildcard core/*.c scan/*.c scan/*/*.c report/*.c report/*/*.c recover/*.c recover/*/*.c fixtures/*.c)
LIBRARY  := $(patsubst %.c,$B/%.o,$(filter-out scan/image/%,$(wildcard core/*.c scan/*.c scan/*/*.c report/*.c report/*/*.c recover/*.c recover/*/*.c)) scan/image/client.c scan/image/image_error.c)
READER   := $(patsubst %.c,$B/%.o,$(filter-out scan/image/client.c,$(wildcard scan/image/*.c)))
WRECK    := $(patsubst %.c,$B/%.o,$(wildcard fixtures/*.c))
UNIT     := $(patsubst %.c,$B/%.o,$(wildcard tests/unit/*.c))
CRASH    := $(addprefix build/crash/,record.so alloc.so explore faults peer records)
FUZZ     := $(patsubst tests/fuzz/%.c,$B/%,$(wildcard tests/fuzz/fuzz_*.c))
PROGRAMS := $B/holdfast $B/holdfast-image
SANITIZE := address,undefined
IMAGE    ?=
OUT      ?= build/rescued

all: $(PROGRAMS) ## build the programs: build/holdfast and build/holdfast-image

$B/holdfast: $B/holdfast.o $(LIBRARY)
	$(CC) $(OURS) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$B/holdfast-image: $(READER)
	$(CC) $(OURS) $(CFLAGS) $(LDFLAGS) -o $@ $^ -ltsk -lewf -lvshadow -lbfio -lcrypto -lseccomp

$B/wreck: $(WRECK) ## build the maker of wrecked disks (fixtures/README.md)
	$(CC) $(OURS) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lntfs-3g -lcrypto -lz

$B/unit: $(UNIT) $(LIBRARY) $B/scan/image/table.o $B/scan/image/bitlocker_metadata.o $B/scan/image/bitlocker_cipher.o $B/fixtures/hive.o $B/fixtures/fail.o
	$(CC) $(OURS) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcriterion $(LIBS)

$B/crash/%.so: tests/crash/%.c
	@mkdir -p $(@D)
	$(CC) $(OURS) $(WARNINGS) $(CFLAGS) -shared -fPIC -o $@ $< -ldl

$B/crash/explore $B/crash/faults: $B/crash/%: $(patsubst %,$B/tests/crash/%.o,% judge program settings state tally trace witness)
	@mkdir -p $(@D)
	$(CC) $(OURS) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lntfs-3g

$B/crash/peer: $B/tests/crash/peer.o
	@mkdir -p $(@D)
	$(CC) $(OURS) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lntfs-3g

$B/crash/records: $B/tests/crash/records.o $B/scan/cmtrace.o
	@mkdir -p $(@D)
	$(CC) $(OURS) $(CFLAGS) $(LDFLAGS) -o $@ $^

$B/fuzz_bitlocker_metadata: $B/scan/image/bitlocker_metadata.o

$B/fuzz_%: $B/tests/fuzz/fuzz_%.o $B/tests/fuzz/replay.o $(LIBRARY)
	$(CC) $(OURS) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$B/recover/rules/rule_builtin.o: recover/rules/builtin/holdfast.xml
$B/report/page/page_asset.o: $(wildcard report/page/*.js report/page/*.css report/page/*.html)

$B/tests/unit/%.o: WARNINGS := -Wall -Wextra -Wshadow # Criterion's macros convert freely

$B/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(OURS) $(WARNINGS) $(CFLAGS) -c -o $@ $<

# -------- for people --------

deps: ## install the packages that are missing (Debian 12; quiet when none is)
	@missing=$$(dpkg-query -W -f '$${db:Status-Abbrev}$${Package}\n' $(PACKAGES) 2>/dev/null | \
	    awk '/^ii/ { have[substr($$0, 4)] = 1 } \
	         END { n = split("$(PACKAGES)", all, " "); \
	               for (i = 1; i <= n; i++) if (!have[all[i]] && !have[" " all[i]]) print all[i] }' | \
	    sed 's/ //g'); \
	if [ -n "$$missing" ]; then \
	    echo "installing:" $$missing; \
	    sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	    $$sudo apt-get update -qq && \
	    DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq --no-install-recommends $$missing; \
	fi

rescue: deps ## install, build, and rescue IMAGE= (or a wrecked disk made for it) into OUT=
	@$(MAKE) --no-print-directory -s -j$$(nproc) all $(if $(IMAGE),,build/wreck)
	@tests/rescue_demo.sh "$(IMAGE)" "$(OUT)"

test: deps ## install, build, and run all tests, with the sanitizers and with clang as well
	@$(MAKE) --no-print-directory -s -j$$(nproc) all build/wreck
	@. tests/temp.bash && E2E_FIXTURES=$$(mktemp -d "$${TMPDIR:-/tmp}/holdfast-fixtures-XXXXXX") && \
	    trap 'rm -rf "$$E2E_FIXTURES"' EXIT && export E2E_FIXTURES && \
	    $(MAKE) --no-print-directory check && \
	    $(MAKE) --no-print-directory check SAN=$(SANITIZE)
	@$(MAKE) --no-print-directory clang-clean

# -------- tests --------

check: unit replay e2e crash architecture ## all tests of one flavour (SAN=address,undefined: sanitizers)

unit: ## unit tests
	@$(MAKE) --no-print-directory -s -j$$(nproc) $B/unit $B/holdfast-image
	@. tests/temp.bash && $B/unit --short-filename -j$$(nproc)

replay: ## the fuzz targets over their corpora
	@$(MAKE) --no-print-directory -s -j$$(nproc) $(FUZZ)
	@printf '%s\n' $(FUZZ) | xargs -P$$(nproc) -I{} sh -c '{} tests/fuzz/corpus/$$(basename {} | sed s/fuzz_//)'

e2e: ## end to end: wrecked disks, rescued and judged
	@$(MAKE) --no-print-directory -s -j$$(nproc) $(PROGRAMS) build/wreck
	@BUILD=$B tests/run.sh

crash: ## power cuts at every write, and calls that fail, on small volumes
	@$(MAKE) --no-print-directory -s -j$$(nproc) SAN= FLAVOUR= $(CRASH) build/wreck
	@$(MAKE) --no-print-directory -s -j$$(nproc) $(PROGRAMS)
	@BUILD=$B tests/crash/run.sh

soak: ## the same with many more states, and on bigger volumes (an hour or so)
	@$(MAKE) --no-print-directory -s -j$$(nproc) $(CRASH) $(PROGRAMS) build/wreck
	@SOAK=1 SAMPLE=1000 tests/crash/run.sh

architecture: ## ARCHITECTURE.md speaks of folders that exist
	@tests/architecture.sh

clang-clean: ## clang has no warning of the programs, the crash tests and the fuzz targets
	@printf '%s\n' $(SOURCES) $(wildcard tests/crash/*.c tests/fuzz/*.c) | \
	    xargs -P$$(nproc) -n16 clang $(LANGUAGE) $(WARNINGS) -Werror -fsyntax-only

figures: ## what is recovered of every fixture, against its truth (the README's table)
	@$(MAKE) --no-print-directory -s -j$$(nproc) all build/wreck
	@tests/figures.sh

bench: ## measure against sleuthkit and ntfs-3g in one run (FILES=, default 400000)
	@$(MAKE) --no-print-directory -s -j$$(nproc) all build/wreck $(CRASH)
	@tests/bench.sh
	@tests/bench_recovery.sh
	@tests/bench_engine.sh
	@tests/bench_rules.sh
	@tests/bench_page.sh

peers: ## how other programs leave a volume when the power goes, beside ours (FILES=, POINTS=)
	@$(MAKE) --no-print-directory -s -j$$(nproc) $(CRASH) $(PROGRAMS)
	@BUILD=$B tests/crash/peers.sh

format: ## lay out the sources
	clang-format -i $$(git ls-files '*.c' '*.h')

PREFIX  ?= /usr/local
BIN     := $(DESTDIR)$(PREFIX)/bin
LIBEXEC := $(DESTDIR)$(PREFIX)/libexec/holdfast
SHARE   := $(DESTDIR)$(PREFIX)/share

build/man/holdfast.1: build/holdfast $(wildcard man/*)
	@rm -rf build/man
	man/pages.sh build/holdfast build/man

man: build/man/holdfast.1 ## build the manual, a page a command, in build/man

install: all build/man/holdfast.1 ## install below PREFIX (/usr/local), DESTDIR before it
	install -D -m 755 build/holdfast $(BIN)/holdfast
	install -D -m 755 build/holdfast-image $(LIBEXEC)/holdfast-image
	install -D -m 644 report/report.schema.json $(SHARE)/holdfast/report.schema.json
	install -D -m 644 completions/holdfast.bash $(SHARE)/bash-completion/completions/holdfast
	install -D -m 644 -t $(SHARE)/man/man1 build/man/*.1

uninstall: ## take back what install put there
	rm -f $(BIN)/holdfast $(LIBEXEC)/holdfast-image $(SHARE)/holdfast/report.schema.json \
	    $(SHARE)/bash-completion/completions/holdfast $(SHARE)/man/man1/holdfast.1 $(SHARE)/man/man1/holdfast-*.1
	@for folder in $(LIBEXEC) $(SHARE)/holdfast; do rmdir $$folder 2>/dev/null || true; done

deb: all build/man/holdfast.1 ## a Debian package: build/holdfast_VERSION_ARCHITECTURE.deb
	@rm -rf build/deb
	@$(MAKE) --no-print-directory -s install DESTDIR=build/deb PREFIX=/usr
	packaging/deb.sh build/deb $(VERSION) build/holdfast_$(VERSION)_$$(dpkg --print-architecture).deb

clean: ## remove everything that was built
	rm -rf build

help: ## this list
	@awk -F ':.*## ' '/^[$$a-zB][^ ]*:.*## / { sub("[$$]B/", "build/", $$1); printf "  %-14s %s\n", $$1, $$2 }' Makefile

.PHONY: all deps rescue test check unit replay e2e crash soak architecture clang-clean figures bench peers format install uninstall \
        man deb clean help
.SECONDARY:
-include $(shell find build -name '*.d' 2>/dev/null)
