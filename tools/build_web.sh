#!/bin/sh
# Build the workbench's page into web/dist, when anything that it is made of is newer. The program embeds what lies there.
set -eu
cd "$(dirname "$0")/../web"

made_of="src public tools index.html package.json package-lock.json tsconfig.json vite.config.ts vite.report.config.ts"
# shellcheck disable=SC2086 # a list of names
if [ -e dist/index.html ] && [ -z "$(find $made_of ../docs/*.schema.json -newer dist/index.html -type f -print -quit)" ]; then
    exit 0
fi

# A user's npm configuration may be needed (a mirror, a proxy) or may be in the way: try both.
fetch() {
    npm ci --ignore-scripts --no-audit --no-fund --include=dev --include=optional --package-lock=true \
        --global=false --dry-run=false "$@"
}
if ! cmp -s package-lock.json node_modules/package-lock.json; then
    echo "Fetching what the page is built with (about 40 MB, once) ..."
    fetch || fetch --userconfig=/dev/null
    cp package-lock.json node_modules/package-lock.json
fi
echo "Building the page ..."
npm run --silent build
