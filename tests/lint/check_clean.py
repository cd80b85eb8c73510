"""No committed file names a folder of somebody's machine or the host of a package registry.

    check_clean.py ROOT
"""
import re
import sys

import tree

# Written in pieces, so that this file does not complain about itself.
FOLDERS = ["/wo" "rk/", "/ro" "ot/", "/tmp" "/w/", "/ho" "me/[a-z]+/"]
HOSTS = [r"registry\.npm" r"js\.org", r"registry\.yarn" r"pkg\.com", r"deb\.deb" r"ian\.org",
         r"security\.deb" r"ian\.org", r"py" r"pi\.org", r"files\.python" r"hosted\.org",
         r"npm" r"mirror\.com"]
FORBIDDEN = re.compile("|".join([r"(?<![\w.~)}-])(?:" + "|".join(FOLDERS) + ")", *HOSTS]).encode())


def complaints(root):
    for path in tree.files(root):
        content = path.read_bytes()
        if b"\0" in content[:8000]:
            continue
        for number, line in enumerate(content.splitlines(), 1):
            match = FORBIDDEN.search(line)
            if match:
                yield f"{path}:{number}: names {match[0].decode()}"


if __name__ == "__main__":
    tree.finish(complaints(sys.argv[1]))
