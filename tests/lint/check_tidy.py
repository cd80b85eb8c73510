"""clang-tidy has nothing to say about the sources, read as the build compiles them.

    check_tidy.py CLANG_TIDY BUILD ROOT
"""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys


def run(tidy, build, path):
    return subprocess.run([tidy, "--quiet", "-p", build, path], capture_output=True, text=True, check=False)


def sources(build, root):
    """The files that the build compiles, each once, below the source tree."""
    commands = json.loads(pathlib.Path(build, "compile_commands.json").read_text())
    paths = {(pathlib.Path(entry["directory"]) / entry["file"]).resolve() for entry in commands}
    root = pathlib.Path(root).resolve()
    planted = root / "tests" / "net"  # faults on purpose
    return sorted(str(path) for path in paths if root in path.parents and planted not in path.parents)


def main(tidy, build, root):
    paths = sources(build, root)
    workers = len(os.sched_getaffinity(0))
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        runs = list(pool.map(lambda path: run(tidy, build, path), paths))
    for path, result in zip(paths, runs):
        if result.returncode:
            print(path, result.stdout, result.stderr, sep="\n")
    print(f"{len(paths)} files read")
    return not paths or any(result.returncode for result in runs)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
