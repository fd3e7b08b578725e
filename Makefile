# Holdfast: one Makefile, no recursion.  A build folder per flavour:
#   build/            the program as users run it
#   build/address,undefined/   the sanitizer build (SAN=address,undefined)
VERSION  := 0.1.0
B        := build$(if $(SAN),/$(SAN))$(if $(FLAVOUR),/$(FLAVOUR))
CC       ?= gcc
CFLAGS   ?= -O2 -g
WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef
OURS     := -std=gnu17 -D_GNU_SOURCE -DHOLDFAST_VERSION='"$(VERSION)"' -I. -pthread -MMD -MP \
            $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)
LIBS     := -lsqlite3 -lcrypto -lntfs-3g -pthread
PACKAGES := gcc make pkg-config libtsk-dev libewf-dev ntfs-3g-dev libsqlite3-dev libssl-dev libjansson-dev \
            libseccomp-dev libcriterion-dev ntfs-3g sleuthkit jq ewf-tools qemu-utils xz-utils unzip \
            p7zip-full gdisk fdisk util-linux clang

LIBRARY  := $(patsubst %.c,$B/%.o,$(wildcard core/*.c scan/*.c report/*.c recover/*.c) scan/image/client.c)
READER   := $(patsubst %.c,$B/%.o,$(filter-out scan/image/client.c,$(wildcard scan/image/*.c)))
WRECK    := $(patsubst %.c,$B/%.o,$(wildcard fixtures/*.c))
PROGRAMS := $B/holdfast $B/holdfast-image

all: $(PROGRAMS) ## build the programs: build/holdfast and build/holdfast-image

$B/holdfast: $B/holdfast.o $(LIBRARY)
	$(CC) $(OURS) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$B/holdfast-image: $(READER)
	$(CC) $(OURS) $(CFLAGS) $(LDFLAGS) -o $@ $^ -ltsk -lewf -lseccomp

$B/wreck: $(WRECK)
	$(CC) $(OURS) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lntfs-3g -lcrypto -ljansson

$B/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(OURS) $(WARNINGS) $(CFLAGS) -c -o $@ $<

clean: ## remove everything that was built
	rm -rf build

.PHONY: all clean
-include $(shell find build -name '*.d' 2>/dev/null)
