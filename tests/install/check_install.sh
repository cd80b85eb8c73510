#!/bin/sh
# Install the build below an empty folder; there the program runs and a C program finds the library.
#
#     check_install.sh BUILD PREFIX LIBDIR
set -eu
build=$1 prefix=$2 libdir=$3
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

meson install -C "$build" --no-rebuild --quiet --destdir "$root"

# What the build folder or the sources hold must not be needed: run where neither is the folder.
cd "$root"
"$root$prefix/bin/assay" --version >version.txt
grep -q '[0-9]' version.txt
# The help names this page.
test -s "$root$prefix/share/doc/assay/formats.md"

cat >client.c <<'END'
#include <assay/evaluate.h>
#include <stdio.h>
int main(void)
{
    assay_err err = {0};
    assay_evaluation *evaluation = NULL;
    if (assay_evaluate("nowhere.csv", NULL, &evaluation, &err) == ASSAY_OK || evaluation)
        return 1;
    return printf("%s: %s\n", assay_version(), err.msg) < 0;
}
END
export PKG_CONFIG_SYSROOT_DIR="$root" PKG_CONFIG_PATH="$root$prefix/$libdir/pkgconfig"
# shellcheck disable=SC2046 # a list of flags
cc client.c -o client $(pkg-config --cflags --libs assay)
LD_LIBRARY_PATH="$root$prefix/$libdir" ./client
