#!/usr/bin/env bats
# assay create: a project of images, and what it says where there can be none.
load helper

# What create prints, without how long it took.
untimed() {
    sed -E 's/ in [0-9.]+ s( \([0-9,]+ a second\))?/ in SOME TIME/g' "$OUT"
}

@test "a folder of classes with predictions becomes a project" {
    good_photos
    assay create pets.assay --images photos/ --predictions resnet.csv
    expect_status 0
    [ ! -s "$ERR" ]
    diff - <(untimed) <<'END'
pets.assay: 6 samples, from a folder per class, 2 classes
resnet: predictions added: 6 of 6 samples, joined by id
  id           path
  prediction   prediction
  confidence   confidence
measured 6 images in SOME TIME; 1 could not be read (assay find unreadable pets.assay says why)
visual: 5 images in 2 dimensions, described in SOME TIME, compared in SOME TIME
  ! 1 sample has no vector

next: assay evaluate pets.assay
END
    [ "$(ls pets.assay)" = "$(printf '%s\n' embeddings lock probabilities project.duckdb thumbnails.npy)" ]
}

@test "every example of its help" {
    good_photos
    assay create pets.assay --images photos/ --predictions resnet.csv
    expect_status 0
    mkdir birds
    cp photos/cat/a.png birds/1.png
    cp photos/cat/b.jpg birds/2.jpg
    printf '%s\n' file_name,label 1.png,owl 2.jpg,yak >birds.csv
    assay create birds.assay --images birds/ --labels birds.csv
    expect_status 0
    grep -q '^birds.assay: 2 samples, .*2 classes$' "$OUT"
    printf '\0\0\x08\x03\0\0\0\x02\0\0\0\x02\0\0\0\x02\1\2\3\4\5\6\7\10' | gzip >t10k-images-idx3-ubyte.gz
    assay create digits.assay --images t10k-images-idx3-ubyte.gz
    expect_status 0
    grep -q '^digits.assay: 2 samples, .*; 2 have no label$' "$OUT"
    printf '%s\n' path,label photos/cat/a.png,cat photos/dog/d.png,dog >sheets.csv
    assay create sheets.assay --images sheets.csv --no-measure
    expect_status 0
    refute grep -q measured "$OUT"
}

@test "the same command again goes on, and changes nothing where all is done" {
    good_project
    before=$(sql "FROM measures ORDER BY sample" && sql "FROM predictions ORDER BY sample")
    assay create pets.assay --images photos --predictions resnet.csv
    expect_status 0
    grep -qx 'pets.assay: 6 samples; the project is there already, going on with it' "$OUT"
    grep -q '^nothing to measure: 5 images have their measures; 1 could not be read' "$OUT"
    [ "$before" = "$(sql "FROM measures ORDER BY sample" && sql "FROM predictions ORDER BY sample")" ]
    assay create pets.assay --images photos --no-measure
    expect_status 0
    rm -r pets.assay
    assay create pets.assay --images photos --no-measure
    assay create pets.assay --images ./photos/../photos
    expect_status 0
    [ "$(sql "SELECT count(*) FROM measures")" = 6 ]
}

@test "a project of other images is left alone" {
    good_project
    refuse 12 "pets.assay: is a project already, of the images in $PWD/photos" create pets.assay --images photos/cat
}

@test "what cannot become a project is refused" {
    good_photos
    mkdir empty
    refuse 2 "create needs a project and its images: assay create pets.assay --images photos/ (--help says more)" create
    refuse 2 "create needs a project and its images: assay create pets.assay --images photos/ (--help says more)" create p.assay
    refuse 2 "create makes one project; 'b' is one too many" create a b --images photos
    refuse 11 "nowhere: there is no such file or folder" create p.assay --images nowhere
    refuse 12 "photos: is there already, and is not a project of assay" create photos --images photos
    refuse 11 "no/p.assay: cannot be made: No such file or directory" create no/p.assay --images photos
    before=$(listing | grep -v '^\. ')
    for images in empty resnet.csv; do
        assay create p.assay --images "$images"
        [ "$status" -ge 10 ] || { say; return 1; }
        [ ! -s "$OUT" ]
    done
    assay create p.assay --images photos --predictions nowhere.csv
    expect_status 11
    [ "$before" = "$(listing | grep -v '^\. ')" ] || { listing; return 1; }
}

@test "predictions that do not fit leave no project behind" {
    good_photos
    printf '%s\n' path,prediction cat/a.png,cat cat/z.png,dog >bad.csv
    before=$(listing | grep -v '^\. ')
    assay create p.assay --images photos --predictions bad.csv
    expect_status 10
    printf "assay: bad.csv: row 2: no sample is called 'cat/z.png'; --allow-unmatched leaves such rows out\n" | cmp - "$ERR"
    [ "$before" = "$(listing | grep -v '^\. ')" ] || { listing; return 1; }
}

@test "blanks, quotes and newlines in the project's and the images' names" {
    good_photos
    name=$'my "pets\'\n2.assay'
    mkdir $'pho tos\n'
    mv photos/cat $'pho tos\n/it\'s a cat'
    mv photos/dog $'pho tos\n/dog;\n--'
    mv $'pho tos\n/dog;\n--/d.png' $'pho tos\n/dog;\n--/\xff \n.png'
    assay create "$name" --images $'pho tos\n'
    expect_status 0
    assay sql "$name" "SELECT count(*), count(brightness) FROM samples" --csv
    expect_out 'count_star(),count(brightness)' 6,5
    assay metrics "$name"
    expect_status 0
    assay measure "$name" --again
    expect_status 0
    assay sql "$name" "SELECT DISTINCT label FROM samples ORDER BY label" --json
    [ "$(json_value 0/label)" = '"dog;\n--"' ]
    refuse 12 "$name: is a project already, of the images in $PWD/pho tos"$'\n' create "$name" --images pho*/it*
}

@test "a folder of images that cannot be changed is no matter" {
    good_photos
    before=$(find photos -printf '%p %T@ %s %m\n' | sort)
    chmod -R a-w photos
    assay create pets.assay --images photos
    chmod -R u+w photos
    expect_status 0
    mode=$(find photos -printf '%p %T@ %s\n' | sort)
    [ "$(sed -E 's/ [0-9]+$//' <<<"$before")" = "$mode" ]
}

@test "broken images among good ones are told, and the rest is measured" {
    good_photos
    images="$BATS_TEST_DIRNAME/../images"
    head -c 400 "$images/rgb.png" >photos/cat/half.png
    : >photos/cat/nothing.jpg
    cp "$images/rgb.png" photos/cat/wrong.jpg
    mkfifo photos/cat/pipe.jpg
    ln -s loop.png photos/cat/loop.png
    ln -s nowhere.png photos/cat/dangling.png
    assay create pets.assay --images photos
    expect_status 0
    [ "$(sql "SELECT count(*) FROM measures WHERE brightness IS NOT NULL")" = 6 ]
    assay sql pets.assay "SELECT path FROM images JOIN measures USING (sample) WHERE unreadable IS NOT NULL AND path NOT LIKE '%loop%' AND path NOT LIKE '%dangling%' AND path NOT LIKE '%pipe%' ORDER BY 1" --csv
    expect_out path cat/half.png cat/nothing.jpg dog/f.jpg
}
