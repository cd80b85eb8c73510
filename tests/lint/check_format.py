"""Every C file is laid out as .clang-format says (`make format` does it).

    check_format.py CLANG_FORMAT ROOT
"""
import subprocess
import sys

import tree

paths = tree.files(sys.argv[2], ".c", ".h")
if not paths:
    sys.exit("no C files were found")
sys.exit(subprocess.run([sys.argv[1], "--dry-run", "--Werror", *map(str, paths)], check=False).returncode)
