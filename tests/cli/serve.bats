#!/usr/bin/env bats
# The workbench's command: its help, what it refuses, and its end. tests/server asks what it serves.
load helper

@test "the help lists every option and shows examples" {
    assay serve --help
    expect_status 0
    [ ! -s "$ERR" ]
    grep -q '^Usage: assay serve PROJECT' "$OUT"
    for option in port bind token open web-dir threads; do
        grep -Eq "^  --$option( |\$)" "$OUT" || { echo "--$option is not there"; return 1; }
    done
    [ "$(grep -Ec '^  --' "$OUT")" -eq 6 ]
    grep -q '^  assay serve pets.assay --open$' "$OUT"
    [ "$(wc -L <"$OUT")" -le 100 ]
    assay --help
    grep -Eq '^  serve +the workbench' "$OUT"
}

@test "wrong use" {
    good_photos
    refuse 2 "serve needs a project: assay serve pets.assay" serve
    refuse 2 "serve takes one project; 'b' is one too many" serve a b
    refuse 2 "--port is '65536'; use a whole number from 0 to 65535" serve a --port 65536
    refuse 2 "--threads is '0'; use a whole number from 1 to 256" serve a --threads 0
    refuse 11 "nope.assay: there is no such project" serve nope.assay
    refuse 10 "photos: is not a project of assay (assay create makes one)" serve photos
}

@test "addresses and tokens that are none" {
    good_project
    refuse 2 "'example.com' is not an address to listen on; use one like 127.0.0.1, 0.0.0.0 or ::1" \
        serve pets.assay --bind example.com
    refuse 14 "192.0.2.1 is no address of this machine" serve pets.assay --bind 192.0.2.1 --port 0
    refuse 2 "the token has 5 characters; use from 16 to 128 of them" serve pets.assay --port 0 --token short
    refuse 2 "the token has other characters than letters, digits and -._~" serve pets.assay --port 0 --token 'a b c d e f g h i'
}

@test "a folder without the page" {
    good_project
    mkdir empty
    refuse 11 "nowhere: there is no index.html that can be read" serve pets.assay --port 0 --web-dir nowhere
    refuse 11 "empty: there is no index.html that can be read" serve pets.assay --port 0 --web-dir empty
}

@test "it says where it is, and a request to end is no failure" {
    good_project
    "$ASSAY" serve pets.assay --port 0 >"$OUT" 2>"$ERR" </dev/null &
    server=$!
    for _ in $(seq 600); do
        [ ! -s "$OUT" ] || break
        sleep 0.1
    done
    grep -Eqx 'pets.assay: http://127\.0\.0\.1:[0-9]+/' "$OUT"
    kill -TERM $server
    wait $server
    [ ! -s "$ERR" ]
    assay measure pets.assay --wait 0
    expect_status 0
}

@test "what a program follows is told as lines of JSON" {
    good_project
    "$ASSAY" measure pets.assay --again --progress-fd 3 3>steps >"$OUT" 2>"$ERR" </dev/null
    [ ! -s "$ERR" ]
    grep -Eqx '\{"what":"measuring","done":[0-9]+,"total":6\}' steps
    refute grep -Evx '\{"what":"[a-z ]+","done":[0-9]+,"total":[0-9]+\}' steps
    assay measure --help
    refute grep -q progress-fd "$OUT"
    refuse 2 "there is no option --progress; --help lists them" measure pets.assay --progress
}
