#!/usr/bin/env bats
# assay export: what a project says, as a file that other programs and assay itself read.
load helper

@test "every example of its help" {
    good_project
    printf '%s\n' path,split cat/a.png,train dog/d.png,test >split.csv
    "$ASSAY" add metrics pets.assay split.csv >/dev/null
    assay export pets.assay samples -o pets.parquet
    expect_status 0
    grep -qE '^6 rows of [0-9]+ columns in pets.parquet$' "$OUT"
    assay export pets.assay metrics --where "split = 'test'" -o metrics.csv
    expect_status 0
    [ "$(wc -l <metrics.csv)" = 2 ]
    assay export pets.assay predictions --model resnet -o resnet_again.csv
    expect_out "6 rows of 5 columns in resnet_again.csv"
    printf '%s\n' id,path,label,prediction,confidence cat/a.png,cat/a.png,cat,cat,0.9 cat/b.jpg,cat/b.jpg,cat,dog,0.6 \
        cat/c.webp,cat/c.webp,cat,cat,0.8 dog/d.png,dog/d.png,dog,dog,0.7 dog/e.jpg,dog/e.jpg,dog,cat,0.55 \
        dog/f.jpg,dog/f.jpg,dog,dog,0.95 | diff - resnet_again.csv
    assay evaluate resnet_again.csv --json
    expect_status 0
    [ "$(json_value samples)" = 6 ]
}

@test "what is exported can be added again" {
    good_project
    assay export pets.assay predictions -o same.jsonl
    expect_status 0
    assay add predictions pets.assay same.jsonl
    expect_status 0
    [ "$(sql "SELECT count(DISTINCT (sample, class, confidence)) FROM predictions")" = 6 ]
}

@test "wrong use" {
    good_project
    refuse 2 "export needs a project and what to export: assay export pets.assay samples -o pets.csv (--help says more)" export pets.assay
    refuse 2 "export takes a project and what to export; 'b' is one too many" export pets.assay samples b
    refuse 2 "export needs a file to write: -o pets.csv" export pets.assay samples
    refuse 2 "export knows no 'sample'; did you mean samples?" export pets.assay sample -o x.csv
    refuse 2 "export knows no 'xyzzy'; use samples, metrics, predictions or decisions" export pets.assay xyzzy -o x.csv
    refuse 2 "x.txt: the name says no format; use one that ends in .csv, .jsonl or .parquet" export pets.assay samples -o x.txt
    refuse 12 "resnet.csv: exists already; --force replaces it" export pets.assay samples -o resnet.csv
    refuse 11 "nope.assay: there is no such project" export nope.assay samples -o x.csv
    cp resnet.csv vit.csv
    "$ASSAY" add predictions pets.assay vit.csv >/dev/null
    refuse 2 "pets.assay: has 2 models; choose one with --model: resnet, vit" export pets.assay predictions -o x.csv
    assay export pets.assay predictions -o x.csv --where "label = 1" --model vit
    expect_status 2
    [ ! -e x.csv ]
}

# decide PROJECT BODY…: what a person decides in the workbench.
decide() {
    local server url body
    "$ASSAY" serve "$1" --port 0 >../serve.out 2>&1 &
    server=$!
    shift
    for _ in $(seq 600); do
        url=$(grep -o 'http://[^ ]*' ../serve.out) && break
        sleep 0.1
    done
    for body; do
        /usr/bin/python3 -c 'import sys, urllib.request as u
u.urlopen(u.Request(sys.argv[1] + "api/decisions", sys.argv[2].encode(), {"Content-Type": "application/json"}))' "$url" "$body"
    done
    kill "$server"
    wait "$server" || true
}

@test "decisions about labels, when there are some and when there are none" {
    good_project
    assay export pets.assay decisions -o none.csv
    expect_out "0 rows of 6 columns in none.csv"
    [ "$(cat none.csv)" = "id,path,label,decision,suggested,decided" ]
    decide pets.assay '{"sample": 1, "decision": "accept", "suggested": "dog"}' '{"sample": 4, "decision": "dismiss"}'
    assay export pets.assay decisions -o some.csv
    expect_out "2 rows of 6 columns in some.csv"
    printf '%s\n' id,path,label,decision,suggested,decided cat/b.jpg,cat/b.jpg,cat,accept,dog,NOW dog/e.jpg,dog/e.jpg,dog,dismiss,,NOW |
        diff - <(sed -E 's/20[0-9T:-]+Z$/NOW/' some.csv)
    assay export pets.assay decisions -o some.jsonl --where "label = 'dog'"
    expect_out "1 row of 6 columns in some.jsonl"
    [ "$(sed -E 's/20[0-9T:-]+Z/NOW/' some.jsonl)" = '{"id": "dog/e.jpg", "path": "dog/e.jpg", "label": "dog", "decision": "dismiss", "suggested": null, "decided": "NOW"}' ]
    refuse 2 "x.parquet: decisions are written to a name that ends in .csv or .jsonl" export pets.assay decisions -o x.parquet
    refuse 12 "some.csv: exists already; --force replaces it" export pets.assay decisions -o some.csv
}

@test "--force replaces a file, and a failure leaves it" {
    good_project
    echo mine >x.csv
    assay export pets.assay samples -o x.csv --where "nope = 1" --force
    expect_status 2
    [ "$(cat x.csv)" = mine ]
    assay export pets.assay samples -o x.csv --force
    expect_status 0
    [ "$(wc -l <x.csv)" = 7 ]
}

@test "classes that differ in letter case only go into the formats that keep them apart" {
    mkdir -p photos/a photos/A
    cp "$BATS_TEST_DIRNAME/../images/rgb.png" photos/a/1.png
    cp "$BATS_TEST_DIRNAME/../images/flat_0.png" photos/A/2.png
    printf '%s\n' path,prob_a,prob_A a/1.png,0.75,0.25 A/2.png,0.5,0.5 >m.csv
    "$ASSAY" create pets.assay --images photos --predictions m.csv --no-measure >/dev/null 2>&1
    for ending in csv jsonl; do
        assay export pets.assay predictions -o "x.$ending"
        expect_status 0
        assay evaluate "x.$ending" --json
        expect_status 0
        [ "$(json_value classes)" = '["A", "a"]' ]
        [ "$(json_value accuracy/value)" = 1.0 ]
    done
    assay export pets.assay predictions -o x.parquet
    expect_status 10
    expect_err "x.parquet: columns prob_A and prob_a differ in letter case only, which is not written as Parquet; use a name that ends in .csv or .jsonl"
    [ "$(ls)" = "$(printf '%s\n' m.csv pets.assay photos x.csv x.jsonl)" ]
}
