"""Find the program and run it; used by the checks beside it. Python's standard library only."""
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def program():
    """The path in the first argument, else in ASSAY, else build/assay."""
    given = sys.argv[1] if len(sys.argv) > 1 and not sys.argv[1].startswith("-") else os.environ.get("ASSAY")
    path = pathlib.Path(given or ROOT / "build" / "assay").resolve()
    if not path.is_file():
        sys.exit(f"{path}: there is no program; give its path, or set ASSAY")
    return str(path)


def run(assay, arguments, folder):
    return subprocess.run([assay, "evaluate", *arguments], cwd=folder, capture_output=True, timeout=300)


def evaluate(assay, arguments, folder):
    """The report as an object, or a text that says what went wrong."""
    done = run(assay, [*arguments, "--json"], folder)
    if done.returncode:
        return f"exit status {done.returncode}: {done.stderr.decode(errors='replace').strip()}"
    try:
        return json.loads(done.stdout)
    except ValueError as e:
        return f"standard output is not JSON: {e}"
