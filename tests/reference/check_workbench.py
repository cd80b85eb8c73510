#!/usr/bin/env python3
"""What the workbench's handlers answer is what docs/workbench.schema.json says, and the numbers of a filter are those
that the program prints for the same samples.

check_workbench.py SCHEMA ANSWER_REQUESTS ASSAY
"""
import json
import pathlib
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is not there")
    sys.exit(77)

# A filter, and the options of `assay evaluate` that choose the same.
FILTERS = [
    ({}, []),
    ({"model": "tiny"}, ["--model", "tiny"]),
    ({"classes": ["cat", "hen, red"]}, ["--classes-shown", "cat,hen, red"]),
    ({"where": "grain < 4"}, ["--where", "grain < 4"]),
    ({"ranges": [{"metric": "glow", "low": 0.2, "high": 0.7}], "splits": ["train"]},
     ["--where", "glow BETWEEN 0.2 AND 0.7 AND split = 'train'"]),
    ({"tags": ["night", "odd"], "attributes": [{"name": "camera", "values": ["top", "left"]}]},
     ["--where", "(tag_night OR tag_odd) AND camera IN ('top', 'left')"]),
    ({"classes": ["dog"], "ranges": [{"metric": "depth", "low": None, "high": 30}]},
     ["--classes-shown", "dog", "--where", "depth <= 30"]),
]
# Nobody is in it.
NOBODY = {"ranges": [{"metric": "glow", "low": 7, "high": None}]}
LEFT_OUT_OF_FIRST = {"auroc", "average_precision", "aurc", "calibration", "curves", "performance"}
# What a filter was made of is said in other words.
WORDED = {"where", "classes", "model"}
CLOSE = 1e-9


def requests():
    """(path, parameters, the definition that the reply must meet)."""
    yield "/api/project", [], "Project"
    for chosen in [f for f, _ in FILTERS] + [NOBODY, {"model": None}]:
        words = ["filter", json.dumps(chosen)]
        yield "/api/selection", [words], "Selection"
        yield "/api/metrics", [words], "Metrics"
        if chosen.get("model", "") is None:
            yield "/api/evaluation", [words], "Failure"
            continue
        for part in ("first", "rest"):
            yield "/api/evaluation", [words, ["part", part]], "Evaluation"
        for more in ([], [["bins", "7"]], [["of", "recall"], ["class", "dog"]], [["of", "precision"], ["class", "cat"]]):
            yield "/api/performance", [words, ["metric", "glow"], *more], "Performance"
        if chosen.get("model") != "tiny":
            yield "/api/curves", [words, ["class", "dog"], ["class", "cat"]], "Curves"
    yield "/api/curves", [["filter", '{"model": "tiny"}'], ["class", "dog"]], "Failure"
    yield "/api/curves", [["class", "cow"]], "Failure"
    yield "/api/evaluation", [["part", "last"]], "Failure"
    yield "/api/performance", [], "Failure"
    yield "/api/performance", [["metric", "grain"], ["of", "recall"]], "Failure"
    yield "/api/performance", [["metric", "grain"], ["bins", "3"]], "Failure"
    yield "/api/selection", [["filter", '{"where": "grain > > 3"}']], "Failure"
    yield "/api/nothing", [], "Failure"


def ask(program, folder, asked):
    lines = "".join(json.dumps([path, *parameters]) + "\n" for path, parameters, _ in asked)
    done = subprocess.run([program, folder], input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def schema_faults(schema, asked, replies):
    documents = pathlib.Path(schema).parent
    whole = json.load(open(schema, encoding="utf-8"))
    kind = jsonschema.validators.validator_for(whole)
    parts = {name: kind(json.load(open(documents / f"{name}.schema.json", encoding="utf-8")))
             for name in ("evaluation", "metrics")}
    for (path, parameters, definition), reply in zip(asked, replies):
        where = f"{path} {parameters}"
        validator = kind({**whole, "$ref": f"#/definitions/{definition}"})
        for e in validator.iter_errors(reply["body"]):
            yield f"{where}: /{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}"
        if (reply["status"] == 200) == (definition == "Failure"):
            yield f"{where}: status {reply['status']}"
        if definition == "Metrics":
            yield from (f"{where}: {e.message[:200]}" for e in parts["metrics"].iter_errors(reply["body"]["metrics"]))
        if definition == "Evaluation" and reply["body"]["parts"] == "rest":
            yield from (f"{where}: {e.message[:200]}" for e in parts["evaluation"].iter_errors(reply["body"]["evaluation"]))


def without(value, keys):
    if isinstance(value, dict):
        return {k: without(v, keys) for k, v in value.items() if k not in keys}
    return [without(v, keys) for v in value] if isinstance(value, list) else value


def differences(ours, printed, where=""):
    if isinstance(ours, dict) and isinstance(printed, dict):
        for key in sorted(ours.keys() | printed.keys()):
            if key not in ours or key not in printed:
                yield f"{where}/{key}: only one has it"
            else:
                yield from differences(ours[key], printed[key], f"{where}/{key}")
    elif isinstance(ours, list) and isinstance(printed, list) and len(ours) == len(printed):
        for i, (a, b) in enumerate(zip(ours, printed)):
            yield from differences(a, b, f"{where}/{i}")
    elif isinstance(ours, float) and isinstance(printed, float):
        if abs(ours - printed) > CLOSE * max(1e-3, abs(printed)):
            yield f"{where}: {ours!r}, printed {printed!r}"
    elif ours != printed or type(ours) is not type(printed):
        yield f"{where}: {ours!r}, printed {printed!r}"


def number_faults(assay, folder, asked, replies):
    by_question = {(path, json.dumps(parameters)): reply for (path, parameters, _), reply in zip(asked, replies)}
    for chosen, options in FILTERS:
        done = subprocess.run([assay, "evaluate", "served.assay", "--json", *(options if "--model" in options
                               else [*options, "--model", "resnet"])], cwd=folder, capture_output=True, check=True)
        printed = json.loads(done.stdout)
        for part in ("first", "rest"):
            question = json.dumps([["filter", json.dumps(chosen)], ["part", part]])
            ours = by_question["/api/evaluation", question]["body"]["evaluation"]
            theirs = json.loads(json.dumps(printed))
            for report in (ours, theirs):
                report["options"] = without(report["options"], WORDED)
                report["input"] = without(report["input"], {"columns"})
            if part == "first":
                theirs = without(theirs, LEFT_OUT_OF_FIRST)
                for metric in theirs.get("metrics", []):
                    del metric["spearman"]
                # A warning may be about what comes later.
                theirs["warnings"] = [w for w in theirs["warnings"] if w in ours["warnings"]]
            yield from (f"{chosen} {part}: {d}" for d in differences(ours, theirs))


def main(schema, program, assay):
    asked = list(requests())
    with tempfile.TemporaryDirectory() as folder:
        replies = ask(program, folder, asked)
        found = [*schema_faults(schema, asked, replies), *number_faults(assay, folder, asked, replies)]
    print(*found[:40], sep="\n")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
