#!/usr/bin/env bats
# assay report: one file that opens anywhere.
load helper

# The data that the file holds, as JSON.
data_of() {
    awk '/<script type="application\/json"/ { data = 1; next } /^<\/script>/ { data = 0 } data' "$1"
}

@test "every example of its help" {
    good_project
    assay report pets.assay -o report.html
    expect_status 0
    [ -s report.html ]
    refute grep -q "not there" report.html
    assay report pets.assay --where "label = 'cat'" -o cats.html
    expect_status 0
    [ "$(data_of cats.html | /usr/bin/python3 -c 'import json, sys; f = json.load(sys.stdin); print(f["filter_text"], f["replies"]["/api/evaluation?part=first"]["evaluation"]["samples"])')" = "label = 'cat' 3" ]
}

@test "its numbers are the ones that evaluate prints" {
    good_project
    assay evaluate pets.assay --json
    cp "$OUT" evaluated.json
    assay report pets.assay -o report.html
    data_of report.html >report.json
    SCHEMA="$BATS_TEST_DIRNAME/../../docs/workbench.schema.json" /usr/bin/python3 - <<'PYTHON'
import json
import os
import jsonschema
report, evaluated = json.load(open("report.json")), json.load(open("evaluated.json"))
schema = json.load(open(os.environ["SCHEMA"]))
jsonschema.validate(report, {**schema, "$ref": "#/definitions/ReportFile"})
for part in "first", "rest":
    held = report["replies"][f"/api/evaluation?part={part}"]["evaluation"]
    for key in ("accuracy", "macro", "per_class", "confusion")[: 4 if part == "first" else 2]:
        assert held[key] == evaluated[key], (part, key)
wrong = sum(sum(row) for row in evaluated["confusion"]["counts"])
wrong -= sum(row[i] for i, row in enumerate(evaluated["confusion"]["counts"]))
assert report["worst_count"] == wrong == len(report["worst"]), (report["worst_count"], wrong)
assert all(one["thumbnail"].startswith("data:image/") for one in report["worst"])
names = {metric["name"] for metric in report["project"]["metrics"]}
for name in names:
    assert f"/api/performance?bins=50&metric={name}&of=accuracy" in report["replies"], name
PYTHON
}

@test "of many classes it holds the curves of those that are recognised worst, and says nothing twice" {
    mkdir img
    touch img/0.jpg
    /usr/bin/python3 - <<'PYTHON'
classes = [f"k{i:03d}" for i in range(120)]
with open("images.csv", "w") as images, open("predictions.csv", "w") as predictions:
    images.write("path,label\n")
    predictions.write("path," + ",".join(f"p_{name}" for name in classes) + "\n")
    for i in range(240):
        said = 0 if i >= 236 else i % 120  # the last four classes are half missed
        images.write(f"img/{i}.jpg,{classes[i % 120]}\n")
        predictions.write(f"img/{i}.jpg," + ",".join("0.881" if k == said else "0.001" for k in range(120)) + "\n")
PYTHON
    assay create many.assay --images images.csv --no-measure --predictions predictions.csv
    expect_status 0
    assay report many.assay -o report.html
    expect_status 0
    data_of report.html >report.json
    /usr/bin/python3 - <<'PYTHON'
import json
replies = json.load(open("report.json"))["replies"]
held = [key for key in replies if key.startswith("/api/curves")]
assert len(held) == 100, len(held)
for name in "k000", "k116", "k117", "k118", "k119":
    assert f"/api/curves?class={name}" in held, name
rest = replies["/api/evaluation?part=rest"]["evaluation"]
assert "auroc" in rest and "calibration" in rest and "confusion" not in rest and "curves" not in rest, list(rest)
PYTHON
}

@test "nothing in it asks another address, and no text of the data ends a script" {
    good_project
    assay tag pets.assay '</script><b>' --where "label = 'cat'"
    assay report pets.assay -o report.html
    expect_status 0
    [ "$(grep -c '</script' report.html)" = "$(grep -c '^</script>$' report.html)" ]
    grep -q "default-src 'none'" report.html
    refute grep -qE '(src|href)="?https?:' report.html
}

@test "an existing file stays, unless it may be replaced" {
    good_project
    echo mine >report.html
    assay report pets.assay -o report.html
    expect_status 12
    [ "$(cat report.html)" = mine ]
    assay report pets.assay -o report.html --force
    expect_status 0
    [ "$(wc -c <report.html)" -gt 100000 ]
}

@test "wrong words are told, and nothing is written" {
    good_project
    assay report
    expect_status 2
    expect_err "report needs a project: assay report pets.assay -o report.html"
    assay report pets.assay
    expect_status 2
    expect_err "report needs a file to write: -o report.html"
    assay report pets.assay twice -o report.html
    expect_err "report takes one project; 'twice' is one too many"
    assay report pets.assay -o report.html --model none
    expect_status 2
    assay report pets.assay -o report.html --where "nothing > 1"
    expect_status 2
    assay report pets.assay -o report.html --worst 201
    expect_status 2
    [ ! -e report.html ]
}

@test "pictures that are gone are told, and no reason to have no report" {
    good_project
    mv photos moved
    assay report pets.assay -o report.html
    expect_status 0
    expect_out "report.html: $(awk '{ printf "%.1f", $1 / 1e6 }' <<<"$(wc -c <report.html)") MB; open it in a browser" \
        "  ! 2 of 2 pictures could not be read and are left out; the first: the image cannot be shown: there is no such file"
    mv moved photos
    assay report pets.assay -o report.html --force
    expect_status 0
    refute grep -q "left out" "$OUT"
}

@test "a project without predictions says what it needs" {
    good_project
    assay create bare.assay --images photos
    assay report bare.assay -o report.html
    expect_status 10
    expect_err "bare.assay: has no predictions to report on; assay add predictions brings some"
    [ ! -e report.html ]
}
