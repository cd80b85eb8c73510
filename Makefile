# The front door: sets up what is missing, then hands everything to meson.
#
#     make               build the program, build/assay
#     make demo          evaluate two Fashion-MNIST classifiers
#     make test          the everyday tests (minutes)
#     make check-long    clang-tidy, sanitizers, simulations, fuzzers, kills at many moments
#     make install       into PREFIX (default /usr/local), below DESTDIR where that is given
#     make format        lay out every C file as .clang-format says
#     make clean         remove the build folders

PREFIX ?= /usr/local
LIBDIR ?= lib
DESTDIR ?=
# Looked up when they are used, for until then setup-test may have to install them.
CLANG = $(or $(shell command -v clang-14),clang)
CLANG_FORMAT = $(or $(shell command -v clang-format-14),clang-format)

NINJA = ninja -C
LOG = meson-logs/testlog.junit.xml
MESON_TEST = meson test --no-rebuild --print-errorlogs
# What DuckDB's threads do among themselves is not ours to watch: it is not instrumented.
SANITIZER_OPTIONS = ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1 \
    UBSAN_OPTIONS=print_stacktrace=1 TSAN_OPTIONS=halt_on_error=1:ignore_noninstrumented_modules=1

.PHONY: all web demo test check-long check-tidy check-asan check-tsan check-fuzz check-kill check-simulation \
    install format clean setup-build setup-demo setup-test

all: setup-build web build/build.ninja
	$(NINJA) build

# Each tells in a moment that there is nothing to do.
setup-build:
	@tools/setup.sh build
setup-demo:
	@tools/setup.sh build demo
setup-test:
	@tools/setup.sh build test

# The page that the program embeds; does nothing when it is as new as its sources.
web: setup-build
	@tools/build_web.sh

build/build.ninja: | setup-build
	meson setup build --prefix=$(PREFIX) --libdir=$(LIBDIR)
build-clang/build.ninja: | setup-test
	CC=$(CLANG) meson setup build-clang --buildtype=debug
build-asan/build.ninja: | setup-test
	CC=$(CLANG) meson setup build-asan --buildtype=debugoptimized -Db_sanitize=address,undefined
build-tsan/build.ninja: | setup-test
	CC=$(CLANG) meson setup build-tsan --buildtype=debugoptimized -Db_sanitize=thread
build-fuzz/build.ninja: | setup-test
	CC=$(CLANG) meson setup build-fuzz --buildtype=debugoptimized -Db_sanitize=address,undefined -Dfuzz=true

demo: setup-demo web build/build.ninja
	$(NINJA) build assay
	@examples/fashion-mnist/demo.sh

test: setup-test web build/build.ninja build-clang/build.ninja
	$(NINJA) build
	$(NINJA) build-clang
	$(MESON_TEST) -C build --no-suite simulation --no-suite campaign
	@tools/count_tests.py build/$(LOG)

check-long: check-tidy check-asan check-tsan check-fuzz check-kill check-simulation
	@tools/count_tests.py $(addsuffix /$(LOG),build-clang build-asan build-tsan build-fuzz) \
	    build/meson-logs/simulation.junit.xml build/meson-logs/campaign.junit.xml

check-tidy: setup-test build-clang/build.ninja
	$(NINJA) build-clang
	$(MESON_TEST) -C build-clang --suite tidy

check-asan: setup-test build-asan/build.ninja
	$(NINJA) build-asan
	$(SANITIZER_OPTIONS) $(MESON_TEST) -C build-asan -t 10 --no-suite lint --no-suite simulation --no-suite campaign --no-suite web

check-tsan: setup-test build-tsan/build.ninja
	$(NINJA) build-tsan
	$(SANITIZER_OPTIONS) $(MESON_TEST) -C build-tsan -t 10 --suite threads --suite net

check-fuzz: setup-test build-fuzz/build.ninja
	$(NINJA) build-fuzz
	$(MESON_TEST) -C build-fuzz --suite fuzz

check-kill: setup-test build/build.ninja
	$(NINJA) build
	$(MESON_TEST) -C build --suite campaign --logbase campaign

check-simulation: setup-test build/build.ninja
	$(NINJA) build
	$(MESON_TEST) -C build --suite simulation --logbase simulation

install: all
	meson configure build --prefix=$(PREFIX) --libdir=$(LIBDIR)
	$(NINJA) build
	meson install -C build --no-rebuild --destdir "$(DESTDIR)"

format: setup-test
	git ls-files -co --exclude-standard '*.c' '*.h' | xargs $(CLANG_FORMAT) -i

clean:
	rm -rf web/dist build build-clang build-asan build-tsan build-fuzz
