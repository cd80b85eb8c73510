"""C sources and headers have unique names, so that a name alone says which file is meant.

    check_names.py ROOT
"""
import sys

import tree


def complaints(root):
    seen = {}
    for path in tree.files(root, ".c", ".h"):
        if "include" in path.relative_to(root).parts[:1]:
            continue  # a public header and the module behind it share their noun
        if path.name in seen:
            yield f"{path}: {seen[path.name]} has the same name"
        seen[path.name] = path


if __name__ == "__main__":
    tree.finish(complaints(sys.argv[1]))
