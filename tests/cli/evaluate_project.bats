#!/usr/bin/env bats
# `assay evaluate PROJECT`: what it refuses, and what it says of images without measures.

load helper

# Three images of two classes, the third of which is none, and a table of predictions.
small_project() {
    mkdir -p photos/cat photos/dog
    cp "$BATS_TEST_DIRNAME/../images/rgb.png" photos/cat/1.png
    cp "$BATS_TEST_DIRNAME/../images/grey_8_bit.png" photos/dog/1.png
    echo "no image" >photos/dog/2.png
    printf '%s\n' path,prediction cat/1.png,cat dog/1.png,dog dog/2.png,cat >m.csv
    assay create p.assay --images photos --predictions m.csv "$@"
    expect_status 0
}

@test "options that say where in a file something stands are refused" {
    small_project
    local option
    for option in --label=x --prediction=x --confidence=x --id=x --probabilities=x --logits --predictions=x \
        --classes=x --format=csv --allow-duplicates --allow-unknown-classes --allow-nan --allow-any-sum; do
        refuse 2 "${option%%=*} is about reading a file, and p.assay is a project: assay add reads files into it" \
            evaluate p.assay "$option"
    done
}

@test "images that could not be read, or are not measured yet, are warned of" {
    small_project
    assay evaluate p.assay
    expect_status 0
    grep -q "1 image could not be read and has no measures: assay find unreadable p.assay" "$OUT"
    rm -r p.assay
    small_project --no-measure
    assay evaluate p.assay
    expect_status 0
    grep -q "3 images are not measured yet: assay measure p.assay does it." "$OUT"
}

@test "the report names the project, its model, and the metrics" {
    small_project
    assay evaluate p.assay
    expect_status 0
    grep -qx " m" "$OUT"
    grep -qx "  project       p.assay (one prediction a sample)" "$OUT"
    assay evaluate p.assay --model m --json
    expect_status 0
    [ "$(json_value options/project)" = '"p.assay"' ]
    [ "$(json_value options/model)" = '"m"' ]
    [ "$(json_value input/path)" = '"p.assay"' ]
}

@test "new classes are named where the project has some" {
    small_project
    printf '%s\n' path,prediction cat/1.png,Cat dog/1.png,dog >other.csv
    assay add predictions p.assay other.csv
    expect_status 0
    grep -qx "  ! 1 class is new: Cat; the project now has 3" "$OUT"
}

@test "a table of metrics that has none is refused" {
    small_project
    printf '%s\n' path,label cat/1.png,cat >labels.csv
    assay add metrics p.assay labels.csv
    expect_status 10
    grep -qx "assay: labels.csv: has no column of numbers or texts beside the id to add" "$ERR"
}

@test "ids and --rows-in-order at once are refused" {
    small_project
    assay add predictions p.assay m.csv --rows-in-order
    expect_status 2
    grep -qx "assay: m.csv: its column 'path' says which sample each row is; --rows-in-order is for a matrix without a table" "$ERR"
}

@test "a root that does not hold the images is refused, also when create goes on" {
    small_project
    mkdir elsewhere
    assay create p.assay --images photos --root elsewhere
    expect_status 11
    grep -qx "assay: elsewhere: does not hold the project's images: there is no cat/1.png" "$ERR"
    cp -r photos/. elsewhere
    assay create p.assay --images photos --root elsewhere
    expect_status 0
    assay sql p.assay "SELECT CAST(root AS VARCHAR) AS root FROM project" --csv
    grep -qx "$PWD/elsewhere" "$OUT"
}
