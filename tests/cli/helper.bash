# What every test file shares. ASSAY is the path of the program.

setup() {
    [ -x "$ASSAY" ] || { echo "ASSAY is '$ASSAY': there is no such program"; return 1; }
    unset NO_COLOR
    export LC_ALL=C.UTF-8
    OUT="$BATS_TEST_TMPDIR/.stdout" ERR="$BATS_TEST_TMPDIR/.stderr"
    mkdir "$BATS_TEST_TMPDIR/work"
    cd "$BATS_TEST_TMPDIR/work" || return 1
}

# Run the program; its exit status, standard output and standard error are kept. No test may hang.
assay() {
    local code=0
    timeout --kill-after=5 "${TIME_LIMIT:-60}" "$ASSAY" "$@" >"$OUT" 2>"$ERR" </dev/null || code=$?
    status=$code
}

say() {
    echo "status $status"
    echo "stdout: $(head -c 1500 "$OUT")"
    echo "stderr: $(head -c 1500 "$ERR")"
}

# A bare `! command` never fails a test; this does.
refute() {
    if "$@" 2>/dev/null; then
        echo "expected this to fail: $*"
        say
        return 1
    fi
}

expect_status() {
    [ "$status" -eq "$1" ] || { echo "expected status $1"; say; return 1; }
}

# The folder and all in it, to the nanosecond. Not the one above, which holds what the program prints.
listing() {
    find . -printf '%p %y %m %s %T@ %l\n' | sort
}

# refuse STATUS MESSAGE ARGUMENT…: the status, nothing on stdout, exactly this on stderr, the folder as it was.
refuse() {
    local wanted_status=$1 message=$2 before
    shift 2
    before=$(listing)
    assay "$@"
    expect_status "$wanted_status" || return 1
    [ ! -s "$OUT" ] || { echo "expected nothing on stdout"; say; return 1; }
    printf 'assay: %s\n' "$message" | cmp -s - "$ERR" || { echo "expected: assay: $message"; say; return 1; }
    [ "$before" = "$(listing)" ] || { echo "the folder changed"; listing; return 1; }
}

# A good table of ten rows with three classes.
good_table() {
    {
        echo "id,label,prediction,confidence,brightness,split"
        local i=0 row
        for row in a,a b,b c,c a,a b,b c,a a,a b,c c,c a,b; do
            i=$((i + 1))
            echo "s$i,$row,0.$((90 - i)),$i.5,$([ $((i % 2)) = 0 ] && echo test || echo train)"
        done
    } >"${1:-good.csv}"
}

# refuse_table STATUS MESSAGE LINE…: the same for a table of these lines, called t.csv.
refuse_table() {
    local wanted_status=$1 message=$2
    shift 2
    printf '%s\n' "$@" >t.csv
    refuse "$wanted_status" "$message" evaluate t.csv
}

# npy TYPE SHAPE BYTES…: a .npy file with this header on stdout; the data follow from printf escapes.
npy() {
    local header="{'descr': '$1', 'fortran_order': False, 'shape': ($2), }"
    local pad=$((63 - (10 + ${#header}) % 64))
    printf '\x93NUMPY\x01\x00'
    printf "\\x$(printf %02x $(((${#header} + pad + 1) % 256)))\\x$(printf %02x $(((${#header} + pad + 1) / 256)))"
    printf '%s%*s\n' "$header" "$pad" ''
    printf "${3:-}"
}

json_value() {
    /usr/bin/env python3 -c 'import json, sys
at = json.load(open(sys.argv[1]))
for step in sys.argv[2].strip("/").split("/"):
    at = at[int(step)] if isinstance(at, list) else at[step]
print(json.dumps(at))' "$OUT" "$1"
}

# expect_out LINE…: exactly these lines on standard output.
expect_out() {
    printf '%s\n' "$@" | cmp -s - "$OUT" || { echo "expected:"; printf '%s\n' "$@"; say; return 1; }
}

# What it says on standard error, in one line after its name.
expect_err() {
    printf 'assay: %s\n' "$1" | cmp -s - "$ERR" || { echo "expected: assay: $1"; say; return 1; }
}

# A folder of five images in two classes and a file that is none, and a model's predictions of them.
good_photos() {
    local images="$BATS_TEST_DIRNAME/../images" row
    mkdir -p photos/cat photos/dog
    cp "$images/rgb.png" photos/cat/a.png
    cp "$images/grey.jpg" photos/cat/b.jpg
    cp "$images/lossy.webp" photos/cat/c.webp
    cp "$images/flat_0.png" photos/dog/d.png
    cp "$images/cmyk.jpg" photos/dog/e.jpg
    echo "no image" >photos/dog/f.jpg
    {
        echo "path,prediction,confidence"
        for row in cat/a.png,cat,0.9 cat/b.jpg,dog,0.6 cat/c.webp,cat,0.8 dog/d.png,dog,0.7 dog/e.jpg,cat,0.55 \
            dog/f.jpg,dog,0.95; do
            echo "$row"
        done
    } >resnet.csv
}

# pets.assay of them.
good_project() {
    good_photos
    "$ASSAY" create pets.assay --images photos --predictions resnet.csv "$@" >/dev/null 2>&1 </dev/null
}

# sql STATEMENT: the answer's rows on standard output, without its header.
sql() {
    "$ASSAY" sql pets.assay "$1" --csv | tail -n +2
}
