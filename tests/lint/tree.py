"""The files of the source tree, for the checks beside this file."""
import pathlib
import subprocess

BUILT = ("build", ".git", "duckdb", "node_modules", "__pycache__", "dist", "generated")


def files(root, *suffixes):
    """Every file of the tree that git knows or would add; without git, all that was not built."""
    root = pathlib.Path(root)
    listing = None
    if (root / ".git").exists():
        listing = subprocess.run(["git", "-c", "safe.directory=*", "-C", str(root), "ls-files", "-co",
                                  "--exclude-standard", "-z"],
                                 capture_output=True, check=True)
        paths = [root / name for name in listing.stdout.decode().split("\0") if name]
    else:
        paths = [path for path in root.rglob("*")
                 if not any(part.startswith(BUILT) for part in path.relative_to(root).parts)]
    return sorted(path for path in paths
                  if path.is_file() and (not suffixes or path.suffix in suffixes))


def finish(complaints):
    """Print every complaint; the exit status says whether there was one."""
    found = list(complaints)
    print(*found, sep="\n")
    raise SystemExit(bool(found))
