#!/usr/bin/env python3
"""What handlers reply is what the schema says of them, and the schema would notice if it were not.

check_replies.py SCHEMA PROGRAM: the program prints {"definition": NAME, "reply": …} lines with --json.
"""
import json
import subprocess
import sys

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is not there")
    sys.exit(77)

import check_schema


def complaints(schema, definition, reply):
    whole = {"$schema": schema["$schema"], "definitions": schema["definitions"], "$ref": f"#/definitions/{definition}"}
    validator = jsonschema.validators.validator_for(schema)(whole)
    yield from check_schema.faults(validator, reply)
    for planted in check_schema.without_each_key(reply):
        if not check_schema.faults(validator, planted):
            yield f"not noticed: {sorted(planted)}"


def main(schema_path, program):
    schema = json.load(open(schema_path, encoding="utf-8"))
    lines = subprocess.run([program, "--json"], capture_output=True, check=True).stdout.splitlines()
    found = [f"{told['definition']}: {c}" for told in map(json.loads, lines)
             for c in complaints(schema, told["definition"], told["reply"])]
    print(*found, f"{len(lines)} replies", sep="\n")
    return bool(found) or not lines


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
