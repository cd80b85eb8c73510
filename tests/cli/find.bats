#!/usr/bin/env bats
# assay find: outliers and images that could not be read, as text, CSV, JSON and lists of paths.
load helper

@test "every example of its help" {
    good_project
    printf '%s\n' path,split cat/a.png,train dog/d.png,test >split.csv
    "$ASSAY" add metrics pets.assay split.csv >/dev/null
    assay find outliers pets.assay
    expect_status 0
    assay find outliers pets.assay --metric brightness --severe --where "split = 'train'"
    expect_status 0
    assay find unreadable pets.assay --json
    expect_status 0
    [ "$(json_value samples/0/id)" = '"dog/f.jpg"' ]
    [ "$(json_value samples/0/reason)" = '"is not an image (it begins with \"no\")"' ] || { say; return 1; }
    mkdir odd
    (cd photos && "$ASSAY" find outliers ../pets.assay --metric brightness --severe --paths --zero | xargs -0 cp --parents -t ../odd/)
    [ "$(cd odd && find . -type f)" = ./dog/d.png ]
}

@test "outliers of one metric" {
    good_project
    assay find outliers pets.assay --metric brightness --csv
    expect_status 0
    [ "$(cut -d, -f1-3,5- "$OUT")" = "$(printf '%s\n' id,path,label,metric,value,side,severity \
        dog/d.png,dog/d.png,dog,brightness,0,low,severe)" ]
    assay find outliers pets.assay --metric brightness --paths
    expect_out dog/d.png
    assay find outliers pets.assay --csv --limit 2
    [ "$(wc -l <"$OUT")" = 3 ]
    assay find outliers pets.assay --csv --limit 0
    [ "$(wc -l <"$OUT")" -gt 3 ]
    assay find outliers pets.assay --metric brightness --where "label = 'cat'" --paths
    expect_status 0
    [ ! -s "$OUT" ]
}

@test "what could not be read, by conditions too" {
    good_project
    assay find unreadable pets.assay --csv
    [ "$(cut -d, -f1-3 "$OUT")" = "$(printf '%s\n' id,path,label dog/f.jpg,dog/f.jpg,dog)" ]
    assay find unreadable pets.assay --where "label = 'cat'" --paths
    [ ! -s "$OUT" ]
    [ "$(sql "SELECT path FROM samples WHERE unreadable IS NOT NULL")" = dog/f.jpg ]
}

@test "several models are no reason to ask for one, but for a condition that speaks of one" {
    good_project
    cp resnet.csv vit.csv
    "$ASSAY" add predictions pets.assay vit.csv >/dev/null
    assay find unreadable pets.assay --paths
    expect_out dog/f.jpg
    assay find unreadable pets.assay --paths --where "label = 'dog'"
    expect_out dog/f.jpg
    refuse 2 "--where: 'correct' is known only of a model; choose one with --model: resnet, vit" find unreadable pets.assay --where correct
    assay find unreadable pets.assay --paths --where correct --model vit
    expect_out dog/f.jpg
    refuse 2 "pets.assay: there is no model 'vgg'; there are: resnet, vit" find unreadable pets.assay --model vgg
}

@test "wrong use" {
    good_project
    refuse 2 "find needs what to find and a project: assay find outliers pets.assay (--help says more)" find
    refuse 2 "find needs what to find and a project: assay find outliers pets.assay (--help says more)" find outliers
    refuse 2 "find takes what to find and a project; 'b' is one too many" find outliers pets.assay b
    refuse 2 "find knows no 'outlier'; did you mean outliers?" find outlier pets.assay
    refuse 2 "use one of --csv, --json and --paths" find outliers pets.assay --csv --json
    refuse 2 "--zero belongs to --paths" find outliers pets.assay --zero
    refuse 2 "--metric and --severe belong to find outliers" find unreadable pets.assay --severe
    refuse 11 "nope.assay: there is no such project" find outliers nope.assay
    assay find outliers pets.assay --metric nope
    expect_status 2
    grep -q "^assay: there is no metric 'nope'; there are: width, height, area, " "$ERR"
}

@test "nothing found among images that nobody measured is no finding" {
    good_project --no-measure
    for words in "find unreadable" "find outliers" "metrics"; do
        assay $words pets.assay
        expect_status 0
        grep -qx "  6 images are not measured yet: assay measure pets.assay does it." "$OUT"
    done
    "$ASSAY" measure pets.assay >/dev/null 2>&1
    for words in "find unreadable" "find outliers" "metrics"; do
        assay $words pets.assay
        expect_status 0
        refute grep -q "measured yet" "$OUT"
    done
}
