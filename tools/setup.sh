#!/bin/sh
# Install what is missing for the named sets: build, demo, test.
#
#     tools/setup.sh build test
#
# Each line of a set is a Debian package and a quick check that tells whether what it brings is
# there, from wherever it came. When every check passes, nothing is installed and nothing is asked.
set -eu
cd "$(dirname "$0")/.."

say() {
    echo "setup: $*" >&2
}

python() {
    if [ -x /usr/bin/python3 ]; then /usr/bin/python3 "$@"; else python3 "$@"; fi
}

has() { command -v "$1" >/dev/null 2>&1; }
has_module() { has pkg-config && pkg-config --exists "$1"; }
has_python() { python -c "import importlib.util as u, sys; sys.exit(not u.find_spec('$1'))" 2>/dev/null; }
has_header() { has cc && echo "#include <$1>" | cc -E -x c - >/dev/null 2>&1; }
has_clang() { has "$1-14" || has "$1"; }
has_clang_runtime() {
    clang=$(command -v clang-14 || command -v clang) &&
        echo 'int main(void) { return 0; }' |
        "$clang" -fsanitize=address,undefined -x c - -o /dev/null >/dev/null 2>&1
}
has_duckdb() {
    has_module duckdb || {
        has cc && printf '#include <duckdb.h>\nint main(void) { return !duckdb_library_version(); }\n' |
            cc -x c - -lduckdb -o /dev/null >/dev/null 2>&1
    }
}
has_fetched_duckdb() { cmp -s deps/package-lock.json deps/duckdb/package-lock.json; }
has_file() { [ -e "$1" ]; }

missing=
need() {
    package=$1
    shift
    "$@" || missing="$missing $package"
}

need_build() {
    need gcc has cc
    need libc6-dev has_header stdio.h
    need pkg-config has pkg-config
    need meson has meson
    need ninja-build has ninja
    need libjansson-dev has_module jansson
    need zlib1g-dev has_module zlib
    need libturbojpeg0-dev has_module libturbojpeg
    need libspng-dev has_module spng
    need libvips-dev has_module vips
    need libopenblas-dev has_module openblas
    need libmicrohttpd-dev has_module libmicrohttpd
    need nodejs has node
    need npm has npm
    need ca-certificates has_file /etc/ssl/certs/ca-certificates.crt
}

need_demo() {
    need dataset-fashion-mnist has_file /usr/share/datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz
}

need_test() {
    need_demo
    need git has git
    need python3 has python3
    need libcmocka-dev has_module cmocka
    need bats has bats
    need chromium has chromium
    need clang-14 has_clang clang
    need libclang-rt-14-dev has_clang_runtime
    need clang-format-14 has_clang clang-format
    need clang-tidy-14 has_clang clang-tidy
    need python3-jsonschema has_python jsonschema
    need python3-numpy has_python numpy
    need python3-opencv has_python cv2
    need python3-pil has_python PIL
}

look() {
    missing=
    for set in "$@"; do
        case $set in
        build | demo | test) "need_$set" ;;
        *)
            say "'$set' is not one of the sets: build, demo, test"
            exit 2
            ;;
        esac
    done
}

ask_for_help() {
    say "$1; please install these yourself (the names are Debian's), then run make again:"
    say "   $missing"
    exit 1
}

install() {
    has apt-get || ask_for_help "this system has no apt-get"
    root=
    if [ "$(id -u)" -ne 0 ]; then
        has sudo || ask_for_help "this user is not root, and there is no sudo"
        root=sudo
    fi
    say "installing$missing"
    # A machine that has just started is often installing updates: wait for it to let go.
    $root apt-get -q update || say "the package lists could not be refreshed; going on with the old ones"
    # shellcheck disable=SC2086 # a list of names
    $root env DEBIAN_FRONTEND=noninteractive \
        apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $missing || ask_for_help "apt-get did not succeed"
}

if [ $# -eq 0 ]; then
    say "usage: tools/setup.sh SET... (build, demo, test)"
    exit 2
fi
look "$@"
if [ -n "$missing" ]; then
    # Build folders that are set up already must look again for what is there: ninja asks meson
    # anew when this file is newer than they are.
    touch meson.build
    install
    look "$@"
    [ -z "$missing" ] || ask_for_help "something is still missing"
fi
case " $* " in
*" build "*) has_fetched_duckdb || has_duckdb || deps/fetch_duckdb.sh ;;
esac
