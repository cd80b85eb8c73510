#!/usr/bin/env python3
"""Mistakes that other tools make, each with a file on which the mistaken formula gives another number.

known_mistakes.py [PROGRAM]. Standard library only. Every test first asserts that right and mistaken differ on its file.
"""
import math
import pathlib
import sys
import tempfile

from assay_runner import evaluate, program
from check_golden import look_up

ASSAY = program()


def report_of(text, *arguments):
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "p.csv").write_text(text)
        report = evaluate(ASSAY, ["p.csv", *arguments], folder)
    assert not isinstance(report, str), report
    return report


def near(a, b):
    return a is not None and math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)


def must_be(found, right, mistaken, what):
    assert not near(right, mistaken), f"{what}: the file does not tell the mistake from the truth"
    assert near(found, right), f"{what}: {found} instead of {right}" + (" (the known mistake)" if near(found, mistaken) else "")


def table(rows, header="label,prediction"):
    return header + "\n" + "".join(",".join(map(str, r)) + "\n" for r in rows)


def f1_has_no_guard_in_its_denominator():
    rows = [("a", "a")] * 2 + [("a", "b")] * 8 + [("b", "a")] * 6 + [("b", "b")] * 4
    p, r = 2 / 8, 2 / 10
    must_be(look_up(report_of(table(rows)), "/per_class/*/f1/value")[0], 2 * p * r / (p + r), 2 * p * r / max(p + r, 1), "F1")


def accuracy_is_not_one_minus_false_negatives_of_a_class():
    rows = [("a", "a")] * 5 + [("a", "b")] * 2 + [("b", "a")] * 3 + [("b", "b")] * 10
    report = report_of(table(rows))
    for false_negatives in (2, 3):
        must_be(report["accuracy"]["value"], 15 / 20, 1 - false_negatives / 20, "accuracy")


def rows_are_paired_by_their_own_row():
    """A row without a prediction must not shift those below it."""
    rows = [("a", "a"), ("b", ""), ("b", "b"), ("a", "a"), ("b", "b"), ("a", "b")]
    labels, predictions = [y for y, _ in rows], [p for _, p in rows if p]
    shifted = sum(y == p for y, p in zip(labels, predictions)) / len(predictions)
    must_be(report_of(table(rows))["accuracy"]["value"], 4 / 5, shifted, "accuracy")


def missing_metrics_are_not_zero():
    rows = [("a", "a" if i % 3 else "b", i + 10 if i % 4 else "") for i in range(40)]
    pairs = [(m, y == p) for y, p, m in rows]

    def pearson(xs, ss):
        n, mx, ms = len(xs), sum(xs) / len(xs), sum(ss) / len(ss)
        cov = sum((x - mx) * (s - ms) for x, s in zip(xs, ss)) / n
        return cov / math.sqrt(sum((x - mx) ** 2 for x in xs) / n * sum((s - ms) ** 2 for s in ss) / n)

    right = pearson([m for m, _ in pairs if m != ""], [s for m, s in pairs if m != ""])
    mistaken = pearson([m or 0 for m, _ in pairs], [s for _, s in pairs])
    report = report_of(table(rows, "label,prediction,brightness"))
    must_be(look_up(report, "/metrics/brightness/correlation/value"), right, mistaken, "correlation")
    assert look_up(report, "/metrics/brightness/samples") == 30
    low = min(look_up(report, "/performance/brightness/bins/*/low"))
    must_be(low, 11, 0, "the smallest value in a bin")


def importance_says_its_unit():
    """A metric that decides everything has H(s) nats, which is a share of 1: two numbers, not one."""
    rows = [("a", "a" if i % 4 else "b", 1 if i % 4 else 0) for i in range(80)]
    h = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    report = report_of(table(rows, "label,prediction,tell"))
    # Miller and Madow: (2 rows + 2 columns - 2 cells - 1)/(2N), clipped to H(s).
    must_be(look_up(report, "/metrics/tell/importance/nats/value"), h, 1.0, "nats")
    must_be(look_up(report, "/metrics/tell/importance/share"), 1.0, h, "share")


def confidence_of_one_and_of_zero_have_a_bin():
    rows = [("a", "a", 1.0)] * 4 + [("a", "b", 1.0)] + [("a", "b", 0.0)] * 3 + [("a", "a", 0.5)] * 2
    report = report_of(table(rows, "label,prediction,confidence"))
    bins = report["calibration"]["bins"]
    assert len(bins) == 15, f"{len(bins)} bins"
    assert [bins[0]["count"], bins[-1]["count"]] == [3, 5], [b["count"] for b in bins]
    assert sum(b["count"] for b in bins) == 10
    right = 0.5 * abs(4 / 5 - 1) + 0.3 * abs(0 - 0) + 0.2 * abs(1 - 0.5)
    must_be(report["calibration"]["ece"]["value"], right, 0.2 * 0.5, "ECE without the ends")


def a_confidence_on_an_edge_belongs_to_the_bin_below():
    rows = [("a", "a", 0.2)] * 3 + [("a", "b", 0.2)] * 3 + [("a", "a", 0.9)] * 2
    bins = report_of(table(rows, "label,prediction,confidence"))["calibration"]["bins"]
    assert [b["count"] for b in bins][2] == 6, [b["count"] for b in bins]


def benjamini_and_hochberg_invert_the_order():
    """Ranks taken from argsort itself are the inverse of the ranks: columns are put where the two differ."""
    n, rows = 1000, []
    for i in range(n):
        wrong = i % 5 == 0
        noises = [(i * prime) % n for prime in (389, 619, 773, 127)]
        rows.append(("a", "b" if wrong else "a", *(m + wrong * more for m, more in zip(noises, (120, 400, 0, 180)))))
    report = report_of(table(rows, "label,prediction,m0,m1,m2,m3"))
    p = [look_up(report, f"/metrics/m{i}/importance/p_value") for i in range(4)]
    found = [look_up(report, f"/metrics/m{i}/importance/p_adjusted") for i in range(4)]
    order = sorted(range(4), key=lambda i: p[i])
    right = [min(1, min(p[j] * 4 / (order.index(j) + 1) for j in range(4) if p[j] >= p[i])) for i in range(4)]
    mistaken = [min(1, p[i] * 4 / (order[i] + 1)) for i in range(4)]
    assert any(not near(a, b) for a, b in zip(right, mistaken)), f"the file does not tell the mistake from the truth: p {p}"
    for i in range(4):
        assert near(found[i], right[i]), f"{found} instead of {right} (p {p})"


def hidden_classes_stay_false_positives():
    rows = [("a", "a")] * 6 + [("b", "b")] * 5 + [("c", "a")] * 4 + [("c", "c")] * 5
    report = report_of(table(rows), "--classes-shown", "a,b")
    must_be(look_up(report, "/per_class/*/precision/value")[0], 6 / 10, 1.0, "precision of a shown class")


def the_other_row_is_no_class_in_means():
    rows = [("a", "a")] * 6 + [("a", "b")] * 2 + [("b", "b")] * 5 + [("c", "d")] * 4 + [("d", "d")] * 5
    report = report_of(table(rows), "--classes-shown", "a,b")
    right = (6 / 8 + 5 / 5) / 2
    must_be(report["balanced_accuracy"]["value"], right, (6 / 8 + 5 / 5 + 9 / 9) / 3, "mean recall")
    must_be(report["accuracy"]["value"], 11 / 13, 20 / 22, "accuracy")


TESTS = [f1_has_no_guard_in_its_denominator, accuracy_is_not_one_minus_false_negatives_of_a_class,
         rows_are_paired_by_their_own_row, missing_metrics_are_not_zero, importance_says_its_unit,
         confidence_of_one_and_of_zero_have_a_bin, a_confidence_on_an_edge_belongs_to_the_bin_below,
         benjamini_and_hochberg_invert_the_order, hidden_classes_stay_false_positives, the_other_row_is_no_class_in_means]


def main():
    failed = 0
    for test in TESTS:
        try:
            test()
        except Exception as e:  # a report of another shape is a failure of this one test, not the end
            failed += 1
            print(f"{test.__name__}: {type(e).__name__}: {e}")
    print(f"{len(TESTS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
