#!/usr/bin/env python3
"""Run the program on every golden case and compare its report with the reference values.

check_golden.py [PROGRAM] [CASE…]; PROGRAM may also be in ASSAY. Standard library only; the report is also checked
against docs/evaluation.schema.json where python3-jsonschema is there. --self-test proves that a wrong value is noticed.
"""
import copy
import json
import math
import sys

from assay_runner import HERE, ROOT, evaluate, program

try:
    import jsonschema
except ImportError:
    jsonschema = None

ABSENT = object()
CURVE_POINTS_MOST = 500


def keyed(at, key):
    """A step down: an object's key, or the element of a list that is called so."""
    if isinstance(at, dict):
        return at.get(key, ABSENT)
    if isinstance(at, list):
        return next((x for x in at if isinstance(x, dict) and x.get("name") == key), ABSENT)
    return ABSENT


def look_up(report, path):
    """The value at a path; '*' gives a list over all elements, a trailing '?' reads what is absent as nothing."""
    optional = path.endswith("?")
    found = walk(report, path.rstrip("?").strip("/").split("/"))
    if not optional:
        return found
    blank = lambda x: None if x is ABSENT else x
    return [blank(x) for x in found] if isinstance(found, list) else blank(found)


def walk(at, steps):
    for i, step in enumerate(steps):
        if step == "*":
            return [walk(x, steps[i + 1:]) for x in at] if isinstance(at, list) else ABSENT
        at = keyed(at, step)
        if at is ABSENT or at is None:
            return at
    return at


def same(found, wanted, tolerance):
    if isinstance(wanted, list):
        return isinstance(found, list) and len(found) == len(wanted) and all(
            same(a, b, tolerance) for a, b in zip(found, wanted))
    if wanted is None or isinstance(wanted, (bool, str)):
        return found == wanted and isinstance(found, type(wanted)) or (wanted is False and found is None)
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        return False
    return math.isclose(found, wanted, rel_tol=tolerance, abs_tol=tolerance * 1e-3)


def short(x):
    text = "absent" if x is ABSENT else json.dumps(x, default=lambda _: "absent")
    return text if len(text) < 160 else text[:157] + "..."


def first_difference(found, wanted, tolerance):
    """Where two values part, for a message that helps."""
    if isinstance(found, list) and isinstance(wanted, list) and len(found) == len(wanted):
        for i, (a, b) in enumerate(zip(found, wanted)):
            if not same(a, b, tolerance):
                return f"[{i}]" + first_difference(a, b, tolerance)
    if isinstance(found, list) and isinstance(wanted, list):
        return f" has {len(found)} elements instead of {len(wanted)}: {short(found)} instead of {short(wanted)}"
    return f" is {short(found)} instead of {short(wanted)}"


def check_curve(found, full, tolerance):
    """Each printed point is one of the full curve, in its order, both ends kept; short curves are whole."""
    if not isinstance(found, list) or not found:
        return "is not a list of points"
    if len(full) <= CURVE_POINTS_MOST and len(found) not in (len(full), len(full) + 1):
        return f"has {len(found)} points, and the full curve {len(full)}"
    if len(found) > CURVE_POINTS_MOST + 1:
        return f"has {len(found)} points, more than {CURVE_POINTS_MOST}"
    at = 0
    for i, point in enumerate(found):
        while at < len(full) and not same(point, full[at], tolerance):
            at += 1
        if at == len(full):
            return f"point {i}, {short(point)}, is not a point of the full curve (or out of order)"
    if not same(found[0], full[0], tolerance) or not same(found[-1], full[-1], tolerance):
        return "does not keep both ends"
    return None


def compare(report, expected):
    """What differs, a line each."""
    out = []
    for path, entry in expected.items():
        found = look_up(report, path)
        if "full_curve" in entry:
            fault = check_curve(found, entry["full_curve"], entry["tolerance"])
            if fault:
                out.append(f"{path} {fault} ({entry['reference']})")
        elif not same(found, entry["value"], entry["tolerance"]):
            out.append(f"{path}{first_difference(found, entry['value'], entry['tolerance'])} ({entry['reference']})")
    return out


def load_schema():
    path = ROOT / "docs" / "evaluation.schema.json"
    if not jsonschema:
        print("skipped: the schema is not checked, because python3-jsonschema is not there")
        return None
    if not path.exists():
        print(f"skipped: the schema is not checked, because {path} is not there")
        return None
    schema = json.loads(path.read_text())
    return jsonschema.validators.validator_for(schema)(schema)


def schema_faults(validator, report):
    if not validator:
        return []
    return [f"schema: /{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator.iter_errors(report)][:10]


def self_test():
    """A comparison that cannot fail would prove nothing: plant faults and see each noticed."""
    report = {"accuracy": {"value": 0.8}, "per_class": [{"f1": {"value": 0.5}}, {"f1": {"value": 0.0, "undefined": True}}],
              "curves": {"pr": {"a": [[0.5, 1.0, 0.9], [1.0, 0.7, 0.2]]}}, "metrics": [{"name": "m", "samples": 3}]}
    entry = lambda value, tolerance: {"value": value, "tolerance": tolerance, "reference": "by hand"}
    expected = {"/accuracy/value": entry(0.8, 1e-9), "/per_class/*/f1/value": entry([0.5, 0.0], 1e-9),
                "/per_class/*/f1/undefined?": entry([False, True], 0), "/metrics/m/samples": entry(3, 0),
                "/curves/pr/a": {"full_curve": [[0.5, 1.0, 0.9], [1.0, 0.7, 0.2]], "tolerance": 1e-9, "reference": "by hand"}}
    faults = [lambda r: r["accuracy"].update(value=0.8 + 2e-9), lambda r: r["accuracy"].update(value=None),
              lambda r: r.pop("accuracy"), lambda r: r["per_class"][1]["f1"].update(value=1e-6),
              lambda r: r["per_class"][1]["f1"].pop("undefined"), lambda r: r["per_class"].pop(),
              lambda r: r["metrics"][0].update(samples=4), lambda r: r["metrics"][0].update(samples="3"),
              lambda r: r["curves"]["pr"]["a"][0].__setitem__(1, 0.99), lambda r: r["curves"]["pr"]["a"].reverse()]
    missed = 1 if compare(report, expected) else 0
    for plant in faults:
        changed = copy.deepcopy(report)
        plant(changed)
        missed += not compare(changed, expected)
    print(f"self-test: {len(faults) + 1 - missed} passed, {missed} failed")
    return missed


def main():
    if "--self-test" in sys.argv:
        return 1 if self_test() else 0
    if self_test():
        return 1
    assay, validator = program(), load_schema()
    wanted = sys.argv[2:]
    passed = failed = 0
    for folder in sorted((HERE / "cases").iterdir()):
        if wanted and folder.name not in wanted:
            continue
        report = evaluate(assay, json.loads((folder / "arguments.json").read_text()), folder)
        expected = json.loads((folder / "expected.json").read_text())
        faults = [report] if isinstance(report, str) else compare(report, expected) + schema_faults(validator, report)
        passed, failed = passed + (not faults), failed + bool(faults)
        for fault in faults:
            print(f"{folder.name}: {fault}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
