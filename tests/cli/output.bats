#!/usr/bin/env bats
# Where the report goes, and how it looks there.
load helper

has_escapes() {
    LC_ALL=C grep -q $'\x1b' "$OUT"
}

@test "a piped report holds no escape bytes" {
    good_table
    assay evaluate good.csv
    expect_status 0
    [ -s "$OUT" ]
    [ ! -s "$ERR" ]
    refute has_escapes
}

@test "colour is there when it is asked for, and never with --colour never" {
    good_table
    assay evaluate good.csv --colour always
    expect_status 0
    has_escapes
    assay evaluate good.csv --colour never
    refute has_escapes
}

@test "on a terminal NO_COLOR is respected" {
    command -v script >/dev/null || skip "script is not here"
    good_table
    export TERM=xterm-256color
    script -qec "$(printf '%q' "$ASSAY") evaluate good.csv" /dev/null >"$OUT" </dev/null
    has_escapes
    NO_COLOR=1 script -qec "$(printf '%q' "$ASSAY") evaluate good.csv" /dev/null >"$OUT" </dev/null
    refute has_escapes
    TERM=dumb script -qec "$(printf '%q' "$ASSAY") evaluate good.csv" /dev/null >"$OUT" </dev/null
    refute has_escapes
}

@test "no line of the report is wider than 100 columns" {
    good_table
    assay evaluate good.csv
    [ "$(wc -L <"$OUT")" -le 100 ]
}

@test "without UTF-8 the report is ASCII" {
    good_table
    LC_ALL=C assay evaluate good.csv
    expect_status 0
    refute env LC_ALL=C grep -q '[^ -~]' "$OUT"
}

@test "the report says the accuracy and names the model" {
    good_table resnet.csv
    assay evaluate resnet.csv
    grep -q 'resnet' "$OUT"
    grep -Eq '70(\.0+)? ?%|0\.70' "$OUT"
}

@test "JSON is one object with its numbers" {
    good_table
    assay evaluate good.csv --json
    expect_status 0
    [ ! -s "$ERR" ]
    [ "$(json_value schema)" = 1 ]
    [ "$(json_value samples)" = 10 ]
    [ "$(json_value accuracy/value)" = 0.7 ]
    [ "$(json_value accuracy/method)" = '"wilson"' ]
    [ "$(json_value model)" = '"good"' ]
    [ "$(tail -c 1 "$OUT" | od -An -c | tr -d ' ')" = '\n' ]
}

@test "the same run gives the same bytes" {
    good_table
    assay evaluate good.csv --json
    cp "$OUT" first
    assay evaluate good.csv --json
    cmp first "$OUT"
}

@test "a full disk is said, with the status of reading and writing" {
    good_table
    for more in --json --colour=never --help; do
        code=0
        "$ASSAY" evaluate good.csv "$more" >/dev/full 2>"$ERR" || code=$?
        [ "$code" -eq 14 ]
        [ "$(cat "$ERR")" = "assay: standard output: No space left on device" ]
    done
    code=0
    "$ASSAY" --version >/dev/full 2>"$ERR" || code=$?
    [ "$code" -eq 14 ]
}

@test "a closed standard output is said" {
    good_table
    code=0
    "$ASSAY" evaluate good.csv >&- 2>"$ERR" || code=$?
    [ "$code" -eq 14 ]
}

@test "nothing is written beside the input" {
    good_table
    before=$(listing)
    assay evaluate good.csv
    assay evaluate good.csv --json --where "brightness > 2"
    [ "$before" = "$(listing)" ]
}

@test "a reader that goes away ends the program" {
    good_table
    code=0
    { timeout 60 "$ASSAY" evaluate good.csv || echo "$?" >code; } 2>/dev/null | true
    [ ! -e code ] || [ "$(cat code)" -ne 124 ]
}
