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

@test "a file of predictions wins over the table's lists" {
    python3 - <<'END'
import json
with open("t.jsonl", "w") as out:
    for label in "abcd":
        out.write(json.dumps({"label": label, "labels": ["d", "a"]}) + "\n")
names = ["a", "b", "c", "a"]
header = "{'descr': '<U1', 'fortran_order': False, 'shape': (4,), }".ljust(117) + "\n"
with open("p.npy", "wb") as out:
    out.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode())
    out.write("".join(names).encode("utf-32-le"))
END
    assay evaluate t.jsonl --predictions p.npy --json
    expect_status 0
    [ "$(json_value accuracy/value)" = 0.75 ]
    assay evaluate t.jsonl --json
    expect_status 0
    [ "$(json_value accuracy/value)" = 0.25 ]
}

@test "columns of numbers that all turn to texts far below" {
    python3 - <<'END'
with open("t.csv", "w") as out:
    out.write("label,prediction," + ",".join(f"m{i}" for i in range(8)) + "\n")
    out.write(("a,a," + ",".join("1" for _ in range(8)) + "\n") * 40000)
    out.write("a,b," + ",".join("x" for _ in range(4)) + ",1,1,1,1\n" + "b,b,1,1,1,1,y,1,1,1\n")
END
    assay evaluate t.csv --json
    expect_status 0
    [ "$(python3 -c 'import json, sys; print([m["name"] for m in json.load(open(sys.argv[1]))["metrics"]])' "$OUT")" = "['m5', 'm6', 'm7']" ]
}

@test "groups of the long form are those of the same samples in columns" {
    python3 - <<'END'
wide = open("wide.csv", "w")
long = {name: [] for name in ("whole", "lists")}
wide.write("id,label,prob_a,prob_b,prob_c,patient\n")
for i in range(60):
    p = [0.5, 0.25, 0.25]
    p = p[-(i // 7 % 3):] + p[:-(i // 7 % 3)]
    patient = "" if i == 40 else f"p{i // 3}"
    wide.write(f"s{i},{'abc'[i % 3]},{p[0]},{p[1]},{p[2]},{patient}\n")
    for k in range(3):
        line = f"s{i},{'abc'[i % 3]},{'abc'[k]},{p[k]},{patient}\n"
        long["whole"].append(line)
        if i or k:
            long["lists"].append(line)
for name, lines in long.items():
    # Rows in any order: a sample's group is looked up, not counted off.
    open(name + ".csv", "w").write("sample,label,class,probability,patient\n" + "".join(lines[::2] + lines[1::2]))
END
    assay evaluate wide.csv --group patient --json
    expect_status 0
    [ "$(json_value groups)" = 21 ]
    [ "$(json_value accuracy/method)" = '"wilson-effective-n"' ]
    python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); print([r[k] for k in ("accuracy", "macro", "mcc", "groups")])' "$OUT" >wanted
    assay evaluate whole.csv --group patient --json
    expect_status 0
    python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); print([r[k] for k in ("accuracy", "macro", "mcc", "groups")])' "$OUT" >whole
    diff wanted whole
    assay evaluate lists.csv --group patient --json
    expect_status 0
    [ "$(json_value groups)" = 21 ]
}

@test "a group that the long form does not have, or that is not one a sample" {
    printf '%s\n' sample,label,class,probability,patient 1,a,a,0.9,p 1,a,b,0.1,q 2,b,a,0.2,p 2,b,b,0.8,p >t.csv
    refuse 2 "t.csv: there is no column 'doctor'; the columns are: sample, label, class, probability, patient" evaluate t.csv --group doctor
    refuse 10 "t.csv: row 2: its group differs from that in row 1 for sample '1'" evaluate t.csv --group patient
}
