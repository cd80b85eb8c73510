#!/usr/bin/env bats
# Files that cannot be evaluated: each is refused with the file, the place, the value and the limit.
load helper

@test "a missing file" {
    refuse 11 "nothing.csv: there is no such file" evaluate nothing.csv
    good_table
    refuse 11 "nothing.npy: there is no such file" evaluate good.csv --probabilities nothing.npy
    refuse 11 "nothing.npy: there is no such file" evaluate nothing.npy --predictions nothing.npy
}

@test "an empty file" {
    : >empty.csv
    refuse 10 "empty.csv: is empty" evaluate empty.csv
}

@test "a header without rows" {
    refuse_table 10 "t.csv: has no rows" "label,prediction"
}

@test "a folder" {
    mkdir folder.csv
    refuse 10 "folder.csv: is a folder; expected a file" evaluate folder.csv
}

@test "a FIFO does not hang" {
    mkfifo pipe.csv
    TIME_LIMIT=10 refuse 10 "pipe.csv: is a pipe; expected a file" evaluate pipe.csv
    good_table
    mkfifo pipe.npy
    TIME_LIMIT=10 refuse 10 "pipe.npy: is a pipe; expected a file" evaluate good.csv --probabilities pipe.npy
}

@test "a device" {
    refuse 10 "/dev/zero: is a device; expected a file" evaluate /dev/zero
}

@test "a file that may not be read" {
    [ "$(id -u)" -ne 0 ] || skip "root may read everything"
    good_table secret.csv
    chmod 000 secret.csv
    refuse 14 "secret.csv: may not be read (permission denied)" evaluate secret.csv
}

@test "a column that is not there names those that are" {
    good_table
    refuse 2 "good.csv: there is no column 'truth'; the columns are: id, label, prediction, confidence, brightness, split" \
        evaluate good.csv --label truth
}

@test "a table without a label column names its columns" {
    refuse_table 10 "t.csv: no column was recognised as the label (--label COLUMN names it); the columns are: a, b" "a,b" "x,y"
}

@test "ragged rows" {
    refuse_table 10 "t.csv: row 2: has 3 columns instead of 2" "label,prediction" "a,a" "b,b,c" "a,b"
    refuse_table 10 "t.csv: row 1: has 1 column instead of 2" "label,prediction" "a" "b,b"
}

@test "text that is not UTF-8" {
    printf 'label,prediction\na,a\nb,\xff\xfe\n' >t.csv
    refuse 10 "t.csv: row 2: column 'prediction' is not UTF-8" evaluate t.csv
}

@test "a zero byte" {
    printf 'label,prediction\na,a\nb,b\0b\n' >t.csv
    refuse 10 "t.csv: row 2: column 'prediction' holds a zero byte" evaluate t.csv
}

@test "a very long line" {
    { echo "label,prediction"; head -c 5000000 /dev/zero | tr '\0' a; echo ",b"; } >t.csv
    refuse 13 "t.csv: row 1: is longer than 4194304 bytes; is a quote never closed?" evaluate t.csv
    { head -c 9000000 /dev/zero | tr '\0' a; echo ",b"; } >t.csv
    refuse 13 "t.csv: a line of more than 4194304 bytes" evaluate t.csv
}

@test "a quote that is never closed, in a long file" {
    { echo "label,prediction,note"; echo 'a,b,c'; echo 'a,b,"c'; yes 'a,b,c' | head -n 900000; } >t.csv
    refuse 13 "t.csv: row 2: is longer than 4194304 bytes; is a quote never closed?" evaluate t.csv
}

@test "a bad byte behind a newline in quotes is in the record's row" {
    printf 'label,prediction,note\na,a,"x\ny"\nb,b,"x\ny\xff"\n' >t.csv
    refuse 10 "t.csv: row 2: column 'note' is not UTF-8" evaluate t.csv
}

@test "a JSON array that is cut at a comma, or has one too many" {
    printf '[{"label":"a","prediction":"a"},{"label":"b","prediction":"a"},' >t.json
    refuse 10 "t.json: is cut off: the array is never closed (2 rows)" evaluate t.json
    printf '[{"label":"a","prediction":"a"},]' >t.json
    refuse 10 "t.json: row 2: is empty" evaluate t.json
}

@test "names in messages cannot act on the terminal" {
    refuse 11 '\x1b[31mred\xff.csv: there is no such file' evaluate $'\x1b[31mred\xff.csv'
    refuse_table 10 't.csv: no column was recognised as the label (--label COLUMN names it); the columns are: \x1b]0;x\x07, \x9b2J' \
        $'\x1b]0;x\x07,\u009b2J' 'a,b'
}

@test "a name that cannot be a class is refused with its file" {
    good_table
    printf 'a\n\xff\n' >classes.txt
    refuse 10 "classes.txt: a class name is not UTF-8 (byte 1 of '')" evaluate good.csv --classes classes.txt
}

# The header and the zeros of a float32 array: zero_array FILE ROWS COLUMNS.
zero_array() {
    printf '\x93NUMPY\x01\x00\x76\x00%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': ($2, $3), }" >"$1"
    head -c $(($2 * $3 * 4)) /dev/zero >>"$1"
}

@test "an array that becomes shorter while it is read" {
    # Truncating at the right moment cannot be arranged; the signal that it raises can, once the array is mapped.
    { echo "label"; seq 20000 | awk '{print "c" $1 % 100}'; } >t.csv
    zero_array p.npy 20000 100
    "$ASSAY" evaluate t.csv --probabilities p.npy --logits --bootstrap 100000 >"$OUT" 2>"$ERR" &
    local program=$! tries=0
    until grep -q '/p\.npy$' "/proc/$program/maps" 2>/dev/null; do
        [ $((tries += 1)) -le 600 ] || { kill "$program"; echo "the array was never mapped"; return 1; }
        sleep 0.05
    done
    kill -s BUS "$program"
    status=0
    wait "$program" || status=$?
    expect_status 12
    [ "$(cat "$ERR")" = "assay: a file became shorter while it was read" ]
}

@test "a confidence that is not finite" {
    refuse_table 10 "t.csv: row 2: confidence is 'nan'; --allow-nan counts such rows as missing" \
        "label,prediction,confidence" "a,a,0.5" "b,b,nan"
    refuse_table 10 "t.csv: row 1: confidence is 'inf'; --allow-nan counts such rows as missing" \
        "label,prediction,confidence" "a,a,inf" "b,b,0.5"
}

@test "a confidence that is no number" {
    refuse_table 10 "t.csv: row 2: 'high' in column 'confidence' is not a number" \
        "label,prediction,confidence" "a,a,0.5" "b,b,high"
}

@test "a duplicate id" {
    refuse_table 10 "t.csv: row 3: id 's1' is already in row 1; --allow-duplicates keeps both" \
        "id,label,prediction" "s1,a,a" "s2,b,b" "s1,a,b"
    assay evaluate t.csv --allow-duplicates
    expect_status 0
}

@test "a class that is not in the list" {
    printf '%s\n' "label,prediction" "a,a" "b,dgo" >t.csv
    refuse 10 "t.csv: row 2: prediction 'dgo' is not one of the 2 classes; --allow-unknown-classes counts it as missing" \
        evaluate t.csv --classes a,b
    assay evaluate t.csv --classes a,b --allow-unknown-classes --json
    expect_status 0
    [ "$(json_value missing/prediction)" = 1 ]
}

@test "at most five bad rows are listed, and how many there are" {
    { echo "label,prediction"; for i in 1 2 3 4 5 6 7 8; do echo "a,x$i"; done; } >t.csv
    assay evaluate t.csv --classes a,b
    expect_status 10
    [ "$(grep -c 'x[1-8]' "$ERR")" -le 5 ]
    grep -q "'x1'" "$ERR"
    grep -q "'x5'" "$ERR"
    refute grep -q "'x6'" "$ERR"
    grep -q '8' "$ERR"
}

@test "more classes than are allowed" {
    { echo "label,prediction"; seq 1 65535 | sed 's/.*/c&,c&/'; } >t.csv
    assay evaluate t.csv
    expect_status 13
    grep -q '65534' "$ERR"
}

@test "a Parquet file that is cut in the middle" {
    head -c 200 "$BATS_TEST_DIRNAME/data/tiny.parquet" >cut.parquet
    assay evaluate cut.parquet
    expect_status 10
    [ ! -s "$OUT" ]
    grep -q '^assay: cut.parquet: ' "$ERR"
}

@test "a whole Parquet file is read" {
    cp "$BATS_TEST_DIRNAME/data/tiny.parquet" .
    assay evaluate tiny.parquet --json
    expect_status 0
    [ "$(json_value samples)" = 6 ]
}

@test "JSON that is cut, and JSON that is no table" {
    echo '[{"label": "a", "prediction": "a"}, {"label": ' >t.json
    assay evaluate t.json
    expect_status 10
    grep -q '^assay: t.json: ' "$ERR"
    echo '42' >t.json
    assay evaluate t.json
    expect_status 10
    grep -q '^assay: t.json: ' "$ERR"
}

@test "one long list among many short ones" {
    python3 - <<'END'
import json
with open("t.jsonl", "w") as out:
    out.write(json.dumps({"label": "c1", "labels": [f"c{i}" for i in range(60000)]}) + "\n")
    out.write(json.dumps({"label": "c1", "labels": ["c1"]}) + "\n" + '{"label": "c1", "labels": ["c1"]}\n' * 18000)
END
    assay evaluate t.jsonl
    expect_status 13
    [ ! -s "$OUT" ]
    grep -q '^assay: t.jsonl: has [0-9]* lists and one of 60000: together more than 1073741824 places' "$ERR"
}
