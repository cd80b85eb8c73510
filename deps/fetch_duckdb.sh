#!/bin/sh
# Put duckdb.h and libduckdb.so into deps/duckdb/, from the packages that package-lock.json pins.
#
# The header and the library come from two packages of one release: `duckdb` ships the sources,
# `@duckdb/node-bindings-linux-*` the library for one processor. What `duckdb` needs to build its
# Node.js module is not wanted here (some 100 packages), so its dependencies were taken out of the
# lock file by hand; a test holds that they stay out.
set -eu
cd "$(dirname "$0")"

if [ -e duckdb/libduckdb.so ] && [ -e duckdb/duckdb.h ] &&
    cmp -s package-lock.json duckdb/package-lock.json; then
    exit 0
fi

# A user's npm configuration may be needed (a mirror, a proxy) or may be in the way: try both.
cache=$(mktemp -d)
trap 'rm -rf "$cache" node_modules duckdb.new' EXIT
fetch() {
    npm ci --ignore-scripts --no-audit --no-fund --include=optional --package-lock=true \
        --global=false --dry-run=false --cache "$cache" "$@"
}
echo "Fetching DuckDB (about 50 MB, once) ..."
fetch || fetch --userconfig=/dev/null

library=$(find node_modules/@duckdb -name libduckdb.so | head -n 1)
if [ -z "$library" ]; then
    echo "There is no packaged libduckdb for this processor ($(uname -m))." >&2
    echo "Install DuckDB 1.4 with its header duckdb.h where the compiler finds it, and run make again." >&2
    exit 1
fi
rm -rf duckdb.new
mkdir duckdb.new
cp node_modules/duckdb/src/duckdb/src/include/duckdb.h "$library" duckdb.new/
cp "$(dirname "$library")/LICENSE" duckdb.new/LICENSE
cp package-lock.json duckdb.new/
rm -rf duckdb
mv duckdb.new duckdb
