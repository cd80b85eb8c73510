#!/usr/bin/env bats
# What predictions say of each sample, in every command that takes metrics or conditions.
load helper

# Probabilities of a model called $1 for the six samples, the first one $2 : 1 - $2.
add_model() {
    /usr/bin/python3 - "$1" "$2" <<'END'
import sys
import numpy
p = numpy.array([.9, .4, .8, .3, .55, .05])
p[0] = sys.argv[2]
numpy.save(sys.argv[1] + ".npy", numpy.stack([p, 1 - p], 1))
END
    "$ASSAY" add predictions pets.assay --probabilities "$1.npy" --rows-in-order --model "$1" >/dev/null
}

one_model() {
    good_photos
    "$ASSAY" create pets.assay --images photos >/dev/null 2>&1 </dev/null
    add_model cnn .9
}

@test "metrics: confidence, margin and entropy without a word, the others where they are named" {
    one_model
    assay metrics pets.assay --json
    expect_status 0
    names=$(/usr/bin/python3 -c 'import json, sys; print(*(m["name"] for m in json.load(open(sys.argv[1]))["metrics"]))' "$OUT")
    for name in brightness confidence margin prediction_entropy; do
        [[ " $names " == *" $name "* ]] || { echo "$name is not among $names"; return 1; }
    done
    [[ " $names " != *_confidence* && " $names " != *normalised* ]]
    assay metrics pets.assay --metric self_confidence,margin --json
    [ "$(json_value metrics/0/name)" = '"self_confidence"' ]
    [ "$(json_value metrics/0/min)" = 0.4 ]
    [ "$(json_value metrics/1/name)" = '"margin"' ]
    assay metrics pets.assay --metric brightness --where "normalised_margin < 0.5" --json
    [ "$(json_value samples)" = 2 ]
}

@test "find outliers: by a metric of predictions, and by conditions on them" {
    one_model
    assay find outliers pets.assay --metric least_confidence --csv
    expect_status 0
    [ "$(head -n 1 "$OUT")" = id,path,label,score,metric,value,side,severity ]
    assay find outliers pets.assay --csv
    refute grep -E "margin|confidence|prediction_entropy" "$OUT"
    assay find unreadable pets.assay --where "self_confidence > 0.9" --paths
    expect_out dog/f.jpg
    assay find unreadable pets.assay --where "SELF_CONFIDENCE < 0.9" --paths
    expect_status 0
    [ ! -s "$OUT" ]
}

@test "export: columns, and what a condition names is one of them" {
    one_model
    assay export pets.assay predictions -o p.csv
    expect_status 0
    [ "$(head -n 1 p.csv)" = id,path,label,prediction,confidence,margin,prediction_entropy,prob_cat,prob_dog ]
    assay export pets.assay metrics --where "least_confidence > 0.3" -o m.csv
    expect_out "3 rows of $(head -n 1 m.csv | tr , '\n' | wc -l) columns in m.csv"
    head -n 1 m.csv | grep -q ',confidence,margin,prediction_entropy,least_confidence$' || { head -n 1 m.csv; return 1; }
    assay export pets.assay metrics --metric normalised_margin,brightness -o n.csv
    [ "$(head -n 1 n.csv)" = id,path,normalised_margin,brightness ]
    [ "$(sed -n 2p n.csv | cut -d, -f3)" = 0.9 ]
    assay export pets.assay samples -o s.csv
    head -n 1 s.csv | grep -q ',margin,prediction_entropy$'
    refuse 2 "--metric belongs to export metrics" export pets.assay samples --metric margin -o x.csv
    # What was exported reads back, and its margin is the model's again.
    assay add predictions pets.assay p.csv --model again
    expect_status 0
    assay export pets.assay predictions --model again -o again.csv
    expect_status 0
    cmp p.csv again.csv
    assay find outliers pets.assay --model again --csv
    refute grep -E "margin|prediction_entropy" "$OUT"
}

@test "tag: by what a model says" {
    one_model
    assay tag pets.assay doubtful --where "margin < 0.3"
    expect_out "doubtful: 2 samples, new to 2 of them"
    assay tag pets.assay odd --where "self_confidence < 0.5"
    expect_out "odd: 2 samples, new to 2 of them"
    [ "$(sql "SELECT string_agg(path, ' ' ORDER BY row) FROM samples WHERE tag_doubtful")" = "cat/b.jpg dog/e.jpg" ]
}

@test "sql: where the statement names them" {
    one_model
    [ "$(sql "SELECT path FROM samples WHERE margin < 0.15 ORDER BY row")" = dog/e.jpg ]
    [ "$(sql "SELECT round(min(self_confidence), 3) FROM samples")" = 0.4 ]
}

@test "of several models one is needed only where something speaks of it" {
    one_model
    add_model vit .6
    assay metrics pets.assay --where "label = 'cat'" --metric brightness --json
    [ "$(json_value samples)" = 3 ]
    assay tag pets.assay dark --where "brightness < 0.2"
    expect_status 0
    assay export pets.assay metrics --where "brightness > 0.2" -o m.csv
    expect_status 0
    refute grep margin m.csv
    assay find duplicates pets.assay --where "label = 'cat'"
    expect_status 0
    assay find outliers pets.assay --where "label = 'cat'"
    expect_status 0
    refuse 2 "--where: 'margin' is known only of a model; choose one with --model: cnn, vit" metrics pets.assay --where "margin < 1"
    refuse 2 "metric 'margin' is known only of a model; choose one with --model: cnn, vit" metrics pets.assay --metric margin
    refuse 2 "metric 'margin' is known only of a model; choose one with --model: cnn, vit" find outliers pets.assay --metric margin
    refuse 2 "--where: 'correct' is known only of a model; choose one with --model: cnn, vit" find duplicates pets.assay --where "NOT correct"
    refuse 2 "--where: 'prediction' is known only of a model; choose one with --model: cnn, vit" export pets.assay metrics --where "prediction = 'cat'" -o x.csv
    assay tag pets.assay x --where "self_confidence < 0.5"
    expect_status 2
    grep -qx "assay: --where: 'self_confidence' is known only of a model; choose one with --model: cnn, vit" "$ERR" || { say; return 1; }
    assay metrics pets.assay --where "rain > 1"
    grep -q "with --model also those of one of: cnn, vit)$" "$ERR"
    assay tag pets.assay sure --where "self_confidence > 0.7" --model vit
    expect_out "sure: 2 samples, new to 2 of them"
    assay metrics pets.assay --metric margin --model vit --json
    [ "$(json_value metrics/0/count)" = 6 ]
}
