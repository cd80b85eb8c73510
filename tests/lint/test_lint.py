"""Each check catches what it is there for: a fault is planted in a small tree of its own."""
import contextlib
import io
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent / "tools")]

import check_clean
import check_exports
import check_layers
import check_lock
import check_names
import check_page_layers
import count_tests


class SmallTree(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path


class Layers(SmallTree):
    def test_an_include_of_a_room_below_is_fine(self):
        self.write("src/eval/a.c", '#include "stats/b.h"\n#include "base/c.h"\n#include <math.h>\n')
        self.assertEqual(list(check_layers.complaints(self.root)), [])

    def test_an_include_of_a_room_above_is_caught_with_its_line(self):
        self.write("src/stats/a.c", '#include "base/b.h"\n#include "eval/c.h"\n')
        self.assertEqual(list(check_layers.complaints(self.root)),
                         ["src/stats/a.c:2: stats may not include eval/c.h"])

    def test_an_include_of_a_sibling_is_caught(self):
        self.write("src/eval/a.h", '#  include "store/b.h"\n')
        self.assertEqual(len(list(check_layers.complaints(self.root))), 1)

    def test_a_foreign_header_in_the_wrong_room_is_caught(self):
        self.write("src/store/a.c", "#include <duckdb.h>\n")
        self.write("src/cli/b.c", "#include <duckdb.h>\n#include <jansson.h>\n")
        self.assertEqual(list(check_layers.complaints(self.root)),
                         ["src/cli/b.c:1: only store may include duckdb.h",
                          "src/cli/b.c:2: only base may include jansson.h"])

    def test_a_room_that_nobody_named_is_caught(self):
        self.write("src/utils/a.c", "\n")
        self.assertEqual(len(list(check_layers.complaints(self.root))), 1)

    def test_a_public_header_that_leans_on_a_private_one_is_caught(self):
        self.write("include/assay/a.h", '#include "assay/err.h"\n#include "base/try.h"\n')
        self.assertEqual(list(check_layers.complaints(self.root)),
                         ["include/assay/a.h:2: a public header may not include base/try.h"])

    def test_an_import_of_a_folder_below_is_fine(self):
        self.write("web/src/pages/overview/a.tsx", 'import { b } from "../../parts/b";\nimport "./a.css";\nimport c from "react";\n')
        self.write("web/src/app.tsx", 'const a = lazy(() => import("./pages/overview/a"));\n')
        self.assertEqual(list(check_page_layers.complaints(self.root)), [])

    def test_an_import_of_a_folder_above_or_beside_is_caught_with_its_line(self):
        self.write("web/src/parts/a.tsx", 'import { b } from "./b";\nimport { c } from "../imports/c";\n')
        self.write("web/src/pages/compare/d.tsx", 'const e = import("../explorer/e");\n')
        self.assertEqual(list(check_page_layers.complaints(self.root)),
                         ["web/src/pages/compare/d.tsx:1: pages/compare may not import ../explorer/e",
                          "web/src/parts/a.tsx:2: parts may not import ../imports/c"])

    def test_a_folder_that_nobody_named_is_caught(self):
        self.write("web/src/helpers/a.ts", "\n")
        self.assertEqual(len(list(check_page_layers.complaints(self.root))), 1)


class Exports(SmallTree):
    def library(self, source):
        path = self.write("library.c", source)
        built = self.root / "library.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-o", built, path], check=True)
        return str(built)

    def test_what_is_promised_and_exported_is_fine(self):
        self.write("include/assay/a.h", "ASSAY_API int assay_a(int (*f)(void));\n")
        library = self.library("int assay_a(int (*f)(void)) { return f(); }")
        self.assertEqual(list(check_exports.complaints(library, self.root)), [])

    def test_a_name_without_the_prefix_is_caught(self):
        self.write("include/assay/a.h", "ASSAY_API ASSAY_MUST_USE const int *assay_a(void);\n")
        library = self.library("int *assay_a(void) { return 0; } int stray;")
        self.assertEqual(list(check_exports.complaints(library, self.root)),
                         ["stray: an exported name starts with assay_",
                          "stray: exported, but no public header promises it"])

    def test_a_promise_that_is_not_kept_is_caught(self):
        self.write("include/assay/a.h", "ASSAY_API int assay_a(void);\nASSAY_API int assay_b(void);\n")
        library = self.library("int assay_a(void) { return 0; }")
        self.assertEqual(list(check_exports.complaints(library, self.root)),
                         ["assay_b: promised by a public header, but not exported"])


class Names(SmallTree):
    def test_two_files_of_one_name_are_caught(self):
        self.write("src/base/a.c", "")
        self.write("src/stats/a.c", "")
        self.write("include/assay/b.h", "")
        self.write("src/eval/b.h", "")
        self.assertEqual(len(list(check_names.complaints(self.root))), 1)


class Clean(SmallTree):
    def test_a_machine_folder_and_a_registry_host_are_caught(self):
        self.write("a.txt", "fine: build/wo" "rk/x, homework/x\nsee /wo" "rk/x\n")
        self.write("b.txt", "from registry.npm" "js.org\n")
        self.assertEqual(len(list(check_clean.complaints(self.root))), 2)


class Lock(SmallTree):
    def test_ranges_of_node_versions_are_read_as_npm_reads_them(self):
        for engines, expected in {
                "*": True, ">=18": True, ">= 20": False, "^18.17.0 || >=20.5.0": True, "^20 || ^22": False,
                "18.x": True, "~18.20": True, "~18.19.0": False, ">=14 <18": False, "18.20.0": True,
                ">18": False, "<=18": True, "^18.21": False}.items():
            self.assertEqual(check_lock.admits(engines), expected, engines)

    def complaints(self, **changes):
        entry = {"integrity": "sha512-x"}
        packages = {name: dict(entry) for name in check_lock.WANTED} | {"": {}}
        packages["node_modules/duckdb"] |= changes.pop("duckdb", {})
        path = self.write("package-lock.json", json.dumps({"name": "assay-deps", "packages": packages | changes}))
        return list(check_lock.complaints(path))

    def test_an_address_a_weak_hash_and_a_newer_node_are_caught(self):
        self.assertEqual(self.complaints(), [])
        self.assertEqual(self.complaints(duckdb={"resolved": "https://example.org"}),
                         ["node_modules/duckdb: names where it came from"])
        self.assertEqual(self.complaints(duckdb={"integrity": "sha1-x"}),
                         ["node_modules/duckdb: is not pinned by a hash"])
        self.assertEqual(self.complaints(duckdb={"engines": {"node": ">=20"}}),
                         ["node_modules/duckdb: does not run on Node.js 18.20.0"])

    def test_a_package_too_many_is_caught(self):
        self.assertEqual(self.complaints(more={"integrity": "sha512-x"}), ["more: is not wanted"])


class Count(SmallTree):
    LOG = """<testsuites tests="4" errors="0" failures="1">
        <testsuite name="a" tests="4" errors="0" failures="1" skipped="1">
        <testcase name="1"/><testcase name="2"/><testcase name="3"><failure/></testcase>
        <testcase name="4"><skipped/></testcase></testsuite></testsuites>"""

    def count(self, *paths):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            status = count_tests.main(paths)
        return out.getvalue(), status

    def test_passed_failed_and_skipped_are_told_apart(self):
        log = self.write("log.xml", self.LOG)
        self.assertEqual(self.count(log, log), ("4 passed, 2 failed, 2 skipped\n", 1))

    def test_no_test_at_all_is_a_failure(self):
        log = self.write("log.xml", '<testsuites tests="0" errors="0" failures="0"></testsuites>')
        self.assertEqual(self.count(log), ("0 passed, 0 failed\n", 1))


if __name__ == "__main__":
    unittest.main()
