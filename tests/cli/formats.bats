#!/usr/bin/env bats
# The same samples in every format and shape give the same numbers.
load helper

# The report without what names the file and its format.
numbers() {
    python3 -c 'import json, sys
report = json.load(open(sys.argv[1]))
for key in ("input", "model", "warnings", "options"):
    report.pop(key, None)
print(json.dumps(report, indent=1))' "$OUT"
}

same_numbers_as_csv() {
    assay evaluate "$@" --json
    expect_status 0
    numbers >other
    diff wanted other || { echo "differs: $*"; return 1; }
}

@test "CSV, TSV, JSON, JSON lines, other separators, and gzip" {
    good_table
    assay evaluate good.csv --json
    expect_status 0
    numbers >wanted
    python3 - <<'END'
import csv, gzip, json
rows = list(csv.DictReader(open("good.csv")))
for row in rows:
    row["confidence"], row["brightness"] = float(row["confidence"]), float(row["brightness"])
json.dump(rows, open("t.json", "w"))
open("t.jsonl", "w").write("".join(json.dumps(r) + "\n" for r in rows))
text = open("good.csv").read()
open("t.tsv", "w").write(text.replace(",", "\t"))
open("semicolon.csv", "w").write(text.replace(",", ";"))
open("crlf.csv", "w", newline="").write(text.replace("\n", "\r\n"))
open("bom.csv", "w").write("\ufeff" + text)
open("noend.csv", "w").write(text.rstrip("\n"))
open("quoted.csv", "w").write("\n".join(",".join(f'"{c}"' for c in line.split(",")) for line in text.splitlines()) + "\n")
for name in ("good.csv", "t.json", "t.jsonl", "t.tsv"):
    gzip.open(name + ".gz", "wb").write(open(name, "rb").read())
END
    for file in t.json t.jsonl t.tsv semicolon.csv crlf.csv bom.csv noend.csv quoted.csv good.csv.gz t.json.gz t.jsonl.gz t.tsv.gz; do
        same_numbers_as_csv "$file"
    done
}

@test "Parquet" {
    cp "$BATS_TEST_DIRNAME/data/tiny.parquet" .
    printf '%s\n' id,label,prediction,confidence,brightness s1,a,a,0.9,1.5 s2,b,b,0.8,2.5 s3,a,b,0.6,3.5 s4,b,b,0.7, s5,a,a,0.95,0.5 \
        s6,b,a,0.55,2.0 >t.csv
    assay evaluate t.csv --json
    expect_status 0
    numbers >wanted
    same_numbers_as_csv tiny.parquet
}

@test "probability columns and one row a (sample, class)" {
    printf '%s\n' id,label,prob_a,prob_b,prob_c s1,a,0.5,0.25,0.25 s2,b,0.125,0.75,0.125 s3,c,0.5,0.25,0.25 s4,c,0,0,1 >wide.csv
    assay evaluate wide.csv --json
    expect_status 0
    numbers >wanted
    python3 - <<'END'
import csv
with open("long.csv", "w") as f:
    f.write("id,label,class,probability\n")
    for row in csv.DictReader(open("wide.csv")):
        for name in "abc":
            f.write(f"{row['id']},{row['label']},{name},{row['prob_' + name]}\n")
END
    same_numbers_as_csv long.csv
}

@test "labels and predictions as arrays" {
    printf '%s\n' label,prediction 0,0 1,1 2,1 1,1 >t.csv
    assay evaluate t.csv --json
    expect_status 0
    numbers >wanted
    npy '|u1' '4,' '\x00\x01\x02\x01' >y.npy
    npy '|u1' '4,' '\x00\x01\x01\x01' >p.npy
    same_numbers_as_csv y.npy --predictions p.npy
}
