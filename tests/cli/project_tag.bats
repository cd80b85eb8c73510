#!/usr/bin/env bats
# assay tag: a name for samples, which every condition knows.
load helper

@test "every example of its help" {
    good_project
    assay tag pets.assay night --where "brightness < 0.2"
    expect_status 0
    expect_out "night: 1 sample, new to 1 of them"
    assay evaluate pets.assay --where "NOT tag_night" --json
    [ "$(json_value samples)" = 5 ]
    printf '%s\n' photos/cat/a.png photos/dog/e.jpg >checked.txt
    assay tag pets.assay checked --paths checked.txt
    expect_out "checked: 2 samples, new to 2 of them"
    assay tag pets.assay night --where "light < 0.1" --remove
    expect_status 0
    [ "$(sql "SELECT string_agg(path, ' ' ORDER BY row) FROM samples WHERE tag_checked")" = "cat/a.png dog/e.jpg" ]
}

@test "a tag that no sample has is gone, and adding it twice adds nothing" {
    good_project
    assay tag pets.assay cats --where "label = 'cat'"
    expect_out "cats: 3 samples, new to 3 of them"
    assay tag pets.assay cats --where "label = 'cat'"
    expect_out "cats: 3 samples, new to 0 of them"
    assay tag pets.assay cats --where "true" --remove
    expect_out "cats: 6 samples, taken from 3 of them"
    [ "$(sql "SELECT count(*) FROM tags")" = 0 ]
    assay metrics pets.assay --where tag_cats
    expect_status 2
    assay tag pets.assay cat --where "true" --remove
    expect_status 0
    expect_out "cat: 6 samples, taken from 0 of them" "  ! the project has no tag 'cat'"
}

@test "lines of no sample are refused, or left out where that is allowed" {
    good_project
    printf '%s\n' cat/a.png zzz >lines.txt
    assay tag pets.assay x --paths lines.txt
    expect_status 10
    printf '%s\n' "assay: lines.txt: row 2: no sample is called 'zzz'; --allow-unmatched leaves such lines out" | diff - "$ERR"
    assay tag pets.assay x --paths lines.txt --allow-unmatched
    expect_out "x: 1 sample, new to 1 of them" "  ! 1 line was left out: no sample of the project"
}

@test "a tag waits for no command that works on the project, and takes nothing from under it" {
    good_project
    # The lock as another process of ours holds it, and the files that it is making.
    exec 9>>pets.assay/lock
    flock 9
    echo "assay embed (process 7)" >pets.assay/lock
    : >pets.assay/embeddings/visual-2.npy
    : >pets.assay/embeddings/visual.search.7-1.part
    assay tag pets.assay cats --where "label = 'cat'" --wait 0
    expect_status 0
    expect_out "cats: 3 samples, new to 3 of them"
    [ -e pets.assay/embeddings/visual-2.npy ]
    [ -e pets.assay/embeddings/visual.search.7-1.part ]
    [ "$(cat pets.assay/lock)" = "assay embed (process 7)" ]
    # Whoever changes anything else still waits.
    printf '%s\n' path,rain cat/a.png,1 >rain.csv
    for words in "add metrics pets.assay rain.csv" "measure pets.assay" "embed pets.assay"; do
        assay $words --wait 0
        expect_status 12
        printf '%s\n' "assay: pets.assay: is being written by assay embed (process 7)" | diff - "$ERR"
    done
    exec 9>&-
    [ "$(sql "SELECT count(*) FROM samples WHERE tag_cats")" = 3 ]
    assay measure pets.assay
    expect_status 0
    [ ! -e pets.assay/embeddings/visual-2.npy ] # now nobody makes it
}

@test "a project that may not be written is told of" {
    [ "$(id -u)" -ne 0 ] || skip "who is root may write everything"
    good_project
    chmod a-w pets.assay/project.duckdb
    refuse 14 "pets.assay: cannot be written: Permission denied" tag pets.assay x --where true
    chmod u+w pets.assay/project.duckdb
    chmod a-w pets.assay
    refuse 14 "pets.assay: cannot be written: Permission denied" tag pets.assay x --where true
    chmod u+w pets.assay
}

@test "wrong use" {
    good_project
    usage="tag needs a project and a name: assay tag pets.assay night --where \"brightness < 0.2\" (--help says more)"
    refuse 2 "$usage" tag
    refuse 2 "$usage" tag pets.assay
    refuse 2 "$usage" tag pets.assay a b --where true
    refuse 11 "nope.assay: there is no such project" tag nope.assay x --where true
    for words in "x" "x --where brightness> " "x --where nope=1" "x --paths nowhere.txt"; do
        assay tag pets.assay $words
        [ "$status" -ne 0 ]
        [ ! -s "$OUT" ]
    done
    assay tag pets.assay "" --where true
    expect_status 2
    printf '%s\n' "assay: a tag's name has 1 to 256 bytes" | diff - "$ERR"
    [ "$(sql "SELECT count(*) FROM tags")" = 0 ]
}
