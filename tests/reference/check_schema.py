#!/usr/bin/env python3
"""What a program prints with --json is what its schema says, and the schema would notice if it were not.

check_schema.py SCHEMA[#DEFINITION] PROGRAM
"""
import json
import subprocess
import sys

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is not there")
    sys.exit(77)


def faults(validator, value):
    return [f"/{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator.iter_errors(value)]


def without_each_key(value):
    """The report once without each of its keys, and once with one too many."""
    for key in value:
        yield {k: v for k, v in value.items() if k != key}
    yield {**value, "unheard of": 1}


def main(schema_path, program):
    path, _, definition = schema_path.partition("#")
    schema = json.load(open(path, encoding="utf-8"))
    if definition:
        schema = {"$schema": schema["$schema"], "definitions": schema["definitions"], "$ref": f"#/definitions/{definition}"}
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    validator = kind(schema)
    report = json.loads(subprocess.run([program, "--json"], capture_output=True, check=True).stdout)
    found = faults(validator, report)
    unnoticed = [sorted(planted) for planted in without_each_key(report) if not faults(validator, planted)]
    print(*found, *(f"not noticed: {keys}" for keys in unnoticed), sep="\n")
    return bool(found or unnoticed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
