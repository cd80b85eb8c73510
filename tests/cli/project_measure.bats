#!/usr/bin/env bats
# assay measure, and what becomes of measures when images change, move or go.
load helper

@test "every example of its help" {
    good_project --no-measure
    assay measure pets.assay
    expect_status 0
    grep -qE '^measured 6 images in [0-9.]+ s .*; 1 could not be read \(assay find unreadable pets.assay says why\)$' "$OUT"
    before=$(sql "FROM measures ORDER BY sample")
    assay measure pets.assay
    expect_out "nothing to measure: 5 images have their measures; 1 could not be read (assay find unreadable pets.assay says why)"
    assay measure pets.assay --again
    grep -q '^measured 6 images in ' "$OUT"
    [ "$before" = "$(sql "FROM measures ORDER BY sample")" ]
}

@test "any number of threads measures the same" {
    good_project --threads 1
    before=$(sql "FROM measures ORDER BY sample")
    assay measure pets.assay --again --threads 7
    [ "$before" = "$(sql "FROM measures ORDER BY sample")" ]
}

@test "only images that were written since are measured again" {
    good_project
    cp photos/dog/d.png photos/dog/f.jpg
    assay measure pets.assay
    expect_status 0
    grep -qE '^measured 1 image in [0-9.]+ s[^;]*$' "$OUT"
    [ "$(sql "SELECT count(*) FROM measures WHERE unreadable IS NULL")" = 6 ]
}

@test "images that moved are not there until the root is said" {
    good_project
    mv photos elsewhere
    assay measure pets.assay
    expect_status 11
    printf '%s\n' "assay: pets.assay: the folder of its images is not there: $PWD/photos (assay add root says where they are now)" |
        diff - "$ERR"
    assay metrics pets.assay # needs no image
    expect_status 0
    assay add root pets.assay elsewhere
    expect_status 0
    assay measure pets.assay
    expect_status 0
    grep -q '^nothing to measure: 5 images' "$OUT"
}

@test "an image that is gone keeps its measures, and one that never was there is told" {
    good_project
    rm photos/dog/d.png
    assay measure pets.assay
    grep -q '^nothing to measure' "$OUT"
    assay measure pets.assay --again
    expect_status 0
    assay find unreadable pets.assay --paths
    expect_out dog/d.png dog/f.jpg
    cp photos/cat/a.png photos/dog/d.png
    assay measure pets.assay
    expect_status 0
    grep -q '^measured 1 image in ' "$OUT"
}

@test "wrong use" {
    good_photos
    refuse 2 "measure needs a project: assay measure pets.assay" measure
    refuse 2 "measure takes one project; 'b' is one too many" measure a b
    refuse 11 "nope.assay: there is no such project" measure nope.assay
    refuse 10 "photos: is not a project of assay (assay create makes one)" measure photos
    mkdir empty.assay
    : >empty.assay/project.duckdb
    refuse 10 'empty.assay: the database does not open: The file "empty.assay/project.duckdb" exists, but it is not a valid DuckDB database file!' \
        metrics empty.assay
    mkdir noise.assay
    head -c 100000 /dev/zero >noise.assay/project.duckdb
    for words in "measure noise.assay" "metrics noise.assay" "evaluate noise.assay"; do
        assay $words
        expect_status 10
        [ ! -s "$OUT" ]
        grep -q '^assay: noise.assay: ' "$ERR"
    done
}

@test "a second writer is told who writes, and waits as long as it may" {
    good_project
    # The lock as another process of ours holds it.
    exec 9>>pets.assay/lock
    flock 9
    echo "assay measure (process 7)" >pets.assay/lock
    assay measure pets.assay --wait 0
    expect_status 12
    printf '%s\n' "assay: pets.assay: is being written by assay measure (process 7)" | diff - "$ERR"
    assay metrics pets.assay
    expect_status 0
    assay measure pets.assay --wait 1
    expect_status 12
    printf '%s\n' "assay: pets.assay: is being written by assay measure (process 7); waiting for it" \
        "assay: pets.assay: is being written by assay measure (process 7)" | diff - "$ERR"
    exec 9>&-
    assay measure pets.assay --wait 0
    expect_status 0
}
