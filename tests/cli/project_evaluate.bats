#!/usr/bin/env bats
# assay evaluate PROJECT and assay metrics PROJECT.
load helper

@test "a project's report is that of its predictions with the measures as metrics" {
    good_project
    assay evaluate pets.assay --json
    expect_status 0
    [ "$(json_value samples)" = 6 ]
    cp "$OUT" project.json
    assay evaluate pets.assay --metric brightness
    expect_status 0
    grep -q brightness "$OUT"
}

@test "several models, and one that is not there" {
    good_project
    cp resnet.csv vit.csv
    "$ASSAY" add predictions pets.assay vit.csv >/dev/null
    refuse 2 "pets.assay: has 2 models; choose one with --model: resnet, vit" evaluate pets.assay
    refuse 2 "pets.assay: there is no model 'vgg'; there are: resnet, vit" evaluate pets.assay --model vgg
    assay evaluate pets.assay --model vit --json
    expect_status 0
}

@test "a project without predictions" {
    good_photos
    "$ASSAY" create pets.assay --images photos >/dev/null
    assay evaluate pets.assay
    [ "$status" -ne 0 ]
    [ ! -s "$OUT" ]
    refuse 2 "pets.assay: there is no model 'vgg'; there are: none" evaluate pets.assay --model vgg
}

@test "every example of metrics' help" {
    good_project
    printf '%s\n' path,split cat/a.png,train cat/b.jpg,test dog/d.png,test >split.csv
    "$ASSAY" add metrics pets.assay split.csv >/dev/null
    assay metrics pets.assay
    expect_status 0
    grep -q 'Metrics .* 6 samples' "$OUT"
    assay metrics pets.assay --metric brightness,sharpness --where "split = 'test'"
    expect_status 0
    grep -q '^  brightness' "$OUT"
    refute grep -q '^  contrast' "$OUT"
    assay metrics pets.assay --json
    expect_status 0
    json_value metrics/0/name
}

@test "metrics: wrong use" {
    good_project
    refuse 2 "metrics needs a project: assay metrics pets.assay (--help says more)" metrics
    refuse 2 "metrics takes one project; 'b' is one too many" metrics a b
    refuse 11 "nope.assay: there is no such project" metrics nope.assay
    refuse 10 "photos: is not a project of assay (assay create makes one)" metrics photos
    refuse 2 "--where: syntax error at end of input" metrics pets.assay --where "brightness >"
    refuse 10 "photos: is a folder; expected a file" evaluate photos
}

@test "a damaged matrix is told by its name" {
    good_project
    cut -d, -f1 resnet.csv >names.csv
    { npy '<f8' '6, 2'; for row in 1 2 3 4 5 6; do printf '\0\0\0\0\0\0\xe8\x3f\0\0\0\0\0\0\xd0\x3f'; done; } >vit.npy
    "$ASSAY" add predictions pets.assay names.csv --probabilities vit.npy --model vit >/dev/null
    assay evaluate pets.assay --model vit
    expect_status 0
    matrix=pets.assay/probabilities/vit.npy
    cp "$matrix" kept.npy
    truncate -s 100 "$matrix"
    assay evaluate pets.assay --model vit
    expect_status 10
    grep -q "^assay: pets.assay/probabilities/vit.npy: " "$ERR"
    npy '<f8' '1, 2' '\0\0\0\0\0\0\xe8\x3f\0\0\0\0\0\0\xd0\x3f' >"$matrix"
    refuse 10 "pets.assay/probabilities/vit.npy: is 1 × 2, and the project says 6 × 2" evaluate pets.assay --model vit
    rm "$matrix"
    assay evaluate pets.assay --model vit
    expect_status 11
    cp kept.npy "$matrix"
    assay evaluate pets.assay --model vit
    expect_status 0
}
