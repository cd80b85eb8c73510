#!/usr/bin/env bats
# assay add: predictions, labels, metrics and the root of the images, joined by what their rows name.
load helper

# Six rows of two probabilities, in float64.
six_rows() {
    local row
    npy '<f8' '6, 2'
    for row in 1 2 3 4 5 6; do
        printf '\0\0\0\0\0\0\xe8\x3f\0\0\0\0\0\0\xd0\x3f' # 0.75, 0.25
    done
}

@test "every example of its help" {
    good_project
    mkdir data
    assay add predictions pets.assay resnet.csv
    expect_status 0
    expect_out 'resnet: predictions replaced: 6 of 6 samples, joined by id' '  id           path' \
        '  prediction   prediction' '  confidence   confidence'
    cut -d, -f1 resnet.csv >names.csv
    six_rows >vit.npy
    assay add predictions pets.assay names.csv --probabilities vit.npy --model vit
    expect_status 0
    grep -qx 'vit: predictions added: 6 of 6 samples, joined by id' "$OUT"
    printf '%s\n' path,label cat/a.png,dog cat/z.png,cat >labels.csv
    assay add labels pets.assay labels.csv --allow-unmatched
    expect_status 0
    grep -qx '  1 sample has a label from it' "$OUT"
    grep -qx '  ! 1 row was left out: no sample of the project' "$OUT"
    printf '%s\n' image,rain cat/a.png,1.5 dog/f.jpg,2 >weather.csv
    assay add metrics pets.assay weather.csv --id image
    expect_status 0
    grep -qx 'added: 2 of 6 samples, joined by id' "$OUT"
    mv photos data/photos
    assay add root pets.assay data/photos
    expect_status 0
    expect_out "the images are looked for in $PWD/data/photos"
    assay sql pets.assay "SELECT path, label, rain FROM samples WHERE rain > 0 ORDER BY row" --csv --model vit
    expect_out path,label,rain cat/a.png,dog,1.5 dog/f.jpg,dog,2.0
}

@test "columns are told with what they were taken for" {
    good_project
    printf '%s\n' path,prob_cat,prob_dog cat/a.png,0.75,0.25 >wide.csv
    assay add predictions pets.assay wide.csv
    expect_out 'wide: predictions added: 1 of 6 samples, joined by id' '  id           path' \
        '  probabilities prob_cat, prob_dog'
}

@test "rows are joined by the whole path, below the root, or by the file's name" {
    good_project
    printf '%s\n' path,x "$PWD/photos/cat/a.png,1" "$PWD/photos/./dog//d.png,2" >whole.csv
    printf '%s\n' path,y photos/cat/a.png,1 ./photos/dog/d.png,2 >working.csv
    printf '%s\n' path,z a.png,1 d.png,2 >names.csv
    assay add metrics pets.assay whole.csv
    grep -qx 'added: 2 of 6 samples, joined by path' "$OUT"
    assay add metrics pets.assay working.csv
    grep -qx 'added: 2 of 6 samples, joined by path' "$OUT"
    assay add metrics pets.assay names.csv
    grep -qx 'added: 2 of 6 samples, joined by file name' "$OUT"
    assay sql pets.assay "SELECT path, x, y, z FROM samples WHERE x > 0 ORDER BY row" --csv
    expect_out path,x,y,z cat/a.png,1.0,1.0,1.0 dog/d.png,2.0,2.0,2.0
}

@test "tables that do not fit are refused, and the project stays as it is" {
    good_project
    printf '%s\n' path,prediction cat/a.png,cat nope.png,dog >unmatched.csv
    printf '%s\n' path,prediction cat/a.png,cat cat/a.png,dog >twice.csv
    printf '%s\n' path,x zzz,1 >none.csv
    printf '%s\n' prediction,confidence cat,0.5 >no_id.csv
    before=$(sql "FROM predictions ORDER BY ALL")
    rest='--allow-unmatched leaves such rows out'
    refuse_add() {
        local code=$1 message=$2
        shift 2
        assay add "$@"
        expect_status "$code" && [ ! -s "$OUT" ] && printf 'assay: %s\n' "$message" | diff - "$ERR"
    }
    refuse_add 10 "unmatched.csv: row 2: no sample is called 'nope.png'; $rest" predictions pets.assay unmatched.csv
    refuse_add 10 "twice.csv: row 2: an earlier row is of the same sample as 'cat/a.png'; $rest" predictions pets.assay twice.csv
    refuse_add 10 "none.csv: no row is of a sample of the project (no sample is called 'zzz'); the project has 'cat/a.png' and so on" \
        metrics pets.assay none.csv
    refuse_add 10 "no_id.csv: no column was recognised as the samples' id or path (--id COLUMN names it); the columns are: prediction, confidence" \
        predictions pets.assay no_id.csv
    refuse_add 10 "resnet.csv: no column was recognised as the label (--label COLUMN names it); the columns are: path, prediction, confidence" \
        labels pets.assay resnet.csv
    refuse_add 11 "nowhere.csv: there is no such file" metrics pets.assay nowhere.csv
    [ "$before" = "$(sql "FROM predictions ORDER BY ALL")" ]
    [ "$(sql "SELECT count(*) FROM models")" = 1 ]
}

@test "unmatched and second rows are left out where that is allowed" {
    good_project
    printf '%s\n' path,prediction cat/a.png,dog nope.png,dog cat/a.png,cat >odd.csv
    assay add predictions pets.assay odd.csv --allow-unmatched
    expect_status 0
    expect_out 'odd: predictions added: 1 of 6 samples, joined by id' '  id           path' '  prediction   prediction' \
        '  ! 1 row was left out: no sample of the project' '  ! 1 row was left out: a second row of a sample'
    assay sql pets.assay "SELECT path, prediction FROM samples WHERE prediction IS NOT NULL" --model odd --csv
    expect_out path,prediction cat/a.png,dog
}

@test "a matrix without a table is taken only in order, and with as many rows" {
    good_project
    six_rows >six.npy
    { npy '<f8' '2, 2'; printf '\0\0\0\0\0\0\xe8\x3f\0\0\0\0\0\0\xd0\x3f\0\0\0\0\0\0\xe8\x3f\0\0\0\0\0\0\xd0\x3f'; } >two.npy
    assay add predictions pets.assay --probabilities six.npy
    expect_status 2
    printf '%s\n' "assay: six.npy: nothing says which sample a row is of; give the table that its rows belong to, or --rows-in-order where they are the project's samples in their order" |
        diff - "$ERR"
    assay add predictions pets.assay --probabilities two.npy --rows-in-order
    expect_status 10
    printf '%s\n' "assay: two.npy: has 2 rows and the project 6 samples; rows in order need as many" | diff - "$ERR"
    assay add predictions pets.assay --probabilities six.npy --rows-in-order
    expect_status 0
    grep -qx 'six: predictions added: 6 of 6 samples, joined by order' "$OUT"
    assay sql pets.assay "SELECT DISTINCT prediction, confidence FROM samples" --model six --csv
    expect_out prediction,confidence cat,0.75
    assay add predictions pets.assay --probabilities six.npy --rows-in-order --classes dog,cat
    expect_status 0
    assay sql pets.assay "SELECT DISTINCT prediction, confidence FROM samples" --model six --csv
    expect_out prediction,confidence dog,0.75
    [ "$(ls pets.assay/probabilities | wc -l)" = 1 ]
}

@test "classes that the project does not have come behind its own, unless the list says otherwise" {
    good_project
    printf '%s\n' path,prediction cat/a.png,yak >yak.csv
    assay add predictions pets.assay yak.csv
    expect_status 0
    grep -qx '  ! 1 class is new: yak; the project now has 3' "$OUT"
    [ "$(sql "SELECT string_agg(name, ' ' ORDER BY class) FROM classes")" = "cat dog yak" ]
    printf '%s\n' path,prediction cat/a.png,emu >emu.csv
    assay add predictions pets.assay emu.csv --classes cat,dog
    expect_status 10
    grep -q "emu" "$ERR"
    [ "$(sql "SELECT count(*) FROM classes")" = 3 ]
}

@test "a number that is no index is not taken for a new class" {
    good_project
    printf '%s\n' path,prediction cat/a.png,1 cat/b.jpg,2 dog/d.png,2 >from_one.csv
    assay add predictions pets.assay from_one.csv
    expect_status 10
    printf '%s\n' "assay: from_one.csv: 2 rows have a prediction that is not one of the 2 classes; --allow-unknown-classes counts it as missing" \
        "  row 2: prediction '2' is not one of the 2 classes" "  row 3: prediction '2' is not one of the 2 classes" | diff - "$ERR"
    printf '%s\n' path,label cat/a.png,0.0 cat/b.jpg, dog/d.png,2.0 >floats.csv
    assay add labels pets.assay floats.csv
    expect_status 10
    [ "$(sql "SELECT string_agg(name, ' ' ORDER BY class) FROM classes")" = "cat dog" ]
    printf '%s\n' path,prediction cat/a.png,1 cat/b.jpg,2 dog/d.png,yak >beside.csv
    assay add predictions pets.assay beside.csv --allow-unknown-classes
    expect_status 0
    [ "$(sql "SELECT string_agg(name, ' ' ORDER BY class) FROM classes")" = "cat dog yak" ]
    assay sql pets.assay "SELECT path, prediction FROM samples WHERE prediction IS NOT NULL ORDER BY path" --model beside --csv
    expect_out path,prediction cat/a.png,dog dog/d.png,yak
    printf '%s\n' path,prob_0,prob_1,prob_2 cat/a.png,0.5,0.25,0.25 >columns.csv
    assay add predictions pets.assay columns.csv
    expect_status 0
    printf '%s\n' path,prob_0,prob_1,prob_2,prob_3 cat/a.png,0.5,0.25,0.25,0 >columns.csv
    assay add predictions pets.assay columns.csv
    expect_status 10
}

@test "7.0 is the class 7, as pandas writes whole numbers beside missing ones" {
    good_photos
    mv photos/cat photos/3
    mv photos/dog photos/7
    "$ASSAY" create pets.assay --images photos --no-measure >/dev/null 2>&1
    printf '%s\n' path,prediction 3/a.png,3.0 3/b.jpg,7.0 3/c.webp, 7/d.png,7 >floats.csv
    assay add predictions pets.assay floats.csv
    expect_status 0
    refute grep -q new "$OUT"
    [ "$(sql "SELECT string_agg(coalesce(CAST(prediction AS VARCHAR), '-'), ' ' ORDER BY path) FROM samples")" = "3 7 - 7 - -" ]
}

@test "wrong use" {
    good_project
    refuse 2 "add needs what to add: predictions, labels, metrics or root (--help says more)" add
    refuse 2 "add knows no 'frogs'; there are: predictions, labels, metrics, root" add frogs pets.assay x
    refuse 2 "add knows no 'label'; did you mean labels?" add label pets.assay x
    refuse 2 "add predictions needs a project and a table: assay add predictions pets.assay table.csv (--help says more)" \
        add predictions pets.assay
    refuse 2 "add takes one table; 'b.csv' is one too many" add labels pets.assay resnet.csv b.csv
    refuse 2 "add root needs a project and a folder: assay add root pets.assay /data/photos" add root pets.assay
    refuse 11 "nope.assay: there is no such project" add labels nope.assay resnet.csv
    refuse 10 "photos: is not a project of assay (assay create makes one)" add labels photos resnet.csv
}

@test "a root that does not hold the images is refused" {
    good_project
    mkdir other
    refuse_root() {
        assay add root pets.assay "$3"
        expect_status "$1" && printf 'assay: %s\n' "$2" | diff - "$ERR"
    }
    refuse_root 11 "/no/where: cannot be opened: No such file or directory" /no/where
    refuse_root 10 "resnet.csv: is not a folder" resnet.csv
    refuse_root 11 "other: does not hold the project's images: there is no cat/a.png" other
    [ "$(sql "SELECT CAST(root AS VARCHAR) FROM project")" = "$PWD/photos" ]
}


@test "another program is told how far it is, and the terminal nothing of a short table" {
    good_project
    "$ASSAY" add predictions pets.assay resnet.csv --progress-fd 3 3>steps >"$OUT" 2>"$ERR" </dev/null
    [ ! -s "$ERR" ]
    grep -qx 'resnet: predictions replaced: 6 of 6 samples, joined by id' "$OUT"
    [ "$(head -1 steps)" = '{"what":"reading rows","done":6,"total":6}' ]
    refute grep -vqE '^\{"what":"[a-z ]+","done":[0-9]+,"total":6\}$' steps
    script -qec "$(printf '%q' "$ASSAY") add predictions pets.assay resnet.csv" /dev/null >"$OUT" </dev/null
    grep -q '^resnet: predictions replaced' "$OUT"
    refute grep -q 'rows' "$OUT"
    assay add --help
    refute grep -q progress-fd "$OUT"
}

@test "asked to end it adds nothing, and the project is as it was" {
    good_project
    # Of 64 MB, of which the first 16 have been read when it tells for the first time.
    awk 'BEGIN { print "path,x"; print "cat/a.png,1"; for (i = 0; i < 2500000; i++) printf "none/%020d,%d\n", i, i % 7 }' >long.csv
    assay sql pets.assay "SELECT * FROM samples" --csv
    cp "$OUT" before
    mkfifo steps
    for signal in TERM INT; do
        # Without env it would ignore ^C, as all that bash starts in the background.
        env --default-signal=INT "$ASSAY" add metrics pets.assay long.csv --allow-unmatched --progress-fd 3 \
            3>steps >"$OUT" 2>"$ERR" </dev/null &
        exec 4<steps
        read -r step <&4
        kill -$signal $!
        status=0
        wait $! || status=$?
        exec 4<&-
        [[ "$step" == '{"what":"reading rows",'* ]]
        expect_status 16
        [ "$(cat "$ERR")" = 'assay: interrupted: nothing of long.csv was added' ]
        [ ! -s "$OUT" ]
    done
    assay sql pets.assay "SELECT * FROM samples" --csv
    cmp "$OUT" before
}
