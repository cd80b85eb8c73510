#!/usr/bin/python3
"""Write the golden cases: cases/NAME/{labels.csv, probabilities.npy, arguments.json, expected.json}.

Run by hand where scikit-learn, SciPy, NumPy and pandas are (Debian: python3-sklearn); the output is committed.
expected.json maps a path in the report ('/per_class/*/recall/value'; * takes every element; a trailing ? reads a
missing flag as false) to a reference value, its relative tolerance and the call that gave it.
"""
import csv
import json
import math
import pathlib
import shutil
import warnings

import numpy as np
from scipy import stats
from sklearn import metrics as sk
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.feature_selection import mutual_info_classif

import plain

warnings.simplefilter("ignore", UndefinedMetricWarning)
warnings.simplefilter("ignore", RuntimeWarning)
warnings.simplefilter("ignore", UserWarning)
HERE = pathlib.Path(__file__).resolve().parent
CASES = HERE / "cases"
EXACT, DOUBLE, SINGLE = 0, 1e-9, 1e-6
NAMES = ["ant", "bee", "cat", "dog", "eel", "fox", "gnu", "hen", "ibis", "jay"]
MISSING = ""


class Expected:
    def __init__(self, tolerance=DOUBLE):
        self.tolerance = tolerance
        self.values = {}

    def put(self, path, value, reference, tolerance=None):
        self.values[path] = {"value": clean(value), "tolerance": self.tolerance if tolerance is None else tolerance,
                             "reference": reference}

    def interval(self, path, low_high, reference, tolerance=None):
        low, high = low_high if low_high else (None, None)
        self.put(path + "/low", low, reference, tolerance)
        self.put(path + "/high", high, reference, tolerance)


def clean(x):
    if isinstance(x, dict):
        return {k: clean(v) for k, v in x.items()}
    if isinstance(x, (list, tuple, np.ndarray)):
        return [clean(v) for v in x]
    if isinstance(x, (np.bool_, bool)):
        return bool(x)
    if isinstance(x, np.integer):
        return int(x)
    if isinstance(x, (float, np.floating)):
        return float(x) if math.isfinite(x) else None
    return x


class Case:
    """One data set: codes y and yhat (-1 is missing), names, and what else the file holds."""

    def __init__(self, name, names, y, yhat, p=None, confidence=None, metrics=None, extra=None, tolerance=DOUBLE,
                 epsilon=None, shown=None, kept=None, group=None, arguments=(), nearest=False, full_curves=(),
                 with_prediction=True):
        self.name, self.names = name, list(names)
        self.y, self.yhat = np.asarray(y), np.asarray(yhat)
        self.p, self.confidence = p, confidence
        self.metrics, self.extra, self.group = metrics or {}, extra or {}, group
        self.tolerance, self.epsilon, self.shown = tolerance, epsilon, shown
        self.kept = np.ones(len(self.y), bool) if kept is None else np.asarray(kept)
        self.arguments, self.nearest, self.full_curves = list(arguments), nearest, full_curves
        self.with_prediction = with_prediction

    # -- files

    def columns(self):
        text = [MISSING if k < 0 else self.names[k] for k in self.y]
        out = {"id": [f"s{i:05d}" for i in range(len(self.y))], "label": text}
        if self.with_prediction:
            out["prediction"] = [MISSING if k < 0 else self.names[k] for k in self.yhat]
        if self.confidence is not None:
            out["confidence"] = [MISSING if math.isnan(c) else repr(float(c)) for c in self.confidence]
        for name, values in self.metrics.items():
            out[name] = [MISSING if math.isnan(v) else repr(float(v)) for v in values]
        out.update(self.extra)
        return out

    def write(self, folder, matrix=None):
        folder.mkdir(parents=True)
        columns = self.columns()
        with open(folder / "labels.csv", "w", newline="") as f:
            w = csv.writer(f, lineterminator="\n")
            w.writerow(columns)
            w.writerows(zip(*columns.values()))
        arguments = ["labels.csv"]
        if matrix is not None:
            np.save(folder / "probabilities.npy", matrix)
            arguments += ["--probabilities", "probabilities.npy", "--classes", "classes.txt"]
            (folder / "classes.txt").write_text("".join(n + "\n" for n in self.names))
        with open(folder / "arguments.json", "w") as f:
            json.dump(arguments + self.arguments, f)
            f.write("\n")
        expected = self.expected()
        with open(folder / "expected.json", "w") as f:
            f.write("{\n")
            f.write(",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in expected.values.items()))
            f.write("\n}\n")

    # -- reference values

    def expected(self):
        e = Expected(self.tolerance)
        both = self.kept & (self.y >= 0) & (self.yhat >= 0)
        in_scope = both if self.shown is None else both & np.isin(self.y, self.shown)
        e.put("/samples", self.kept.sum(), "len", EXACT)
        e.put("/missing/label", (self.kept & (self.y < 0)).sum(), "count", EXACT)
        e.put("/missing/prediction", (self.kept & (self.yhat < 0)).sum(), "count", EXACT)
        e.put("/classes", self.names, "sorted, or as given", EXACT)
        c = np.zeros((len(self.names), len(self.names)), int)
        np.add.at(c, (self.y[both], self.yhat[both]), 1)
        self.put_matrix(e, c)
        self.put_per_class(e, c)
        self.put_macro(e, self.y[both], self.yhat[both], c)
        self.put_matrix_intervals(e, self.y[both], self.yhat[both], c)
        if self.p is not None:
            self.put_probabilities(e, in_scope)
            self.put_ranking(e, both)
        if self.confidence is not None:
            self.put_confidence(e, in_scope)
        if self.metrics or self.confidence is not None or self.p is not None:
            self.put_metrics(e, in_scope)
        return e

    def put_matrix(self, e, c):
        if len(self.names) <= 64:
            if self.shown is None:
                e.put("/confusion/counts", c, "sklearn.metrics.confusion_matrix", EXACT)
        pairs = []
        for i in range(len(c)):
            for j in range(len(c)):
                hidden = self.shown is not None and not (i in self.shown and j in self.shown)
                if i != j and c[i, j] and not hidden:
                    pairs.append((-c[i, j], -c[i, j] / c[i].sum(), i, j))
        top = sorted(pairs)[:20]
        for key, values in (("true", [self.names[i] for _, _, i, _ in top]),
                            ("predicted", [self.names[j] for _, _, _, j in top]),
                            ("count", [-n for n, _, _, _ in top])):
            e.put(f"/confusion/top_pairs/*/{key}", values, "sorted counts", EXACT)
        e.put("/confusion/top_pairs/*/share", [-s for _, s, _, _ in top], "count / support", DOUBLE)

    def put_per_class(self, e, c):
        which = range(len(c)) if self.shown is None else self.shown
        tp, t, p = np.diag(c), c.sum(axis=1), c.sum(axis=0)
        e.put("/per_class/*/class", [self.names[k] for k in which], "names", EXACT)
        e.put("/per_class/*/support", [t[k] for k in which], "confusion_matrix row sums", EXACT)
        e.put("/per_class/*/predicted", [p[k] for k in which], "confusion_matrix column sums", EXACT)
        y, yhat = np.repeat(np.indices(c.shape).reshape(2, -1), c.ravel(), axis=1)
        scores = sk.precision_recall_fscore_support(y, yhat, labels=list(which), zero_division=0) if len(y) else \
            [[0.0] * len(list(which))] * 3
        for name, values in zip(("precision", "recall", "f1"), scores):
            e.put(f"/per_class/*/{name}/value", values, "sklearn.metrics.precision_recall_fscore_support(zero_division=0)",
                  DOUBLE)
        under = {"precision": p, "recall": t, "f1": t + p - tp}
        for name, n in under.items():
            e.put(f"/per_class/*/{name}/undefined?", [n[k] == 0 for k in which], "no denominator", EXACT)
            make = plain.f1_interval if name == "f1" else plain.wilson
            intervals = [make(tp[k], n[k]) or (None, None) for k in which]
            if self.group is not None:
                intervals = [self.grouped_interval(name, k) for k in which]
            for side, label in enumerate(("low", "high")):
                e.put(f"/per_class/*/{name}/{label}", [i[side] for i in intervals],
                      "Wilson" if name != "f1" else "Wilson of J mapped by 2J/(1+J)", DOUBLE)

    def grouped_interval(self, name, k):
        true, said = self.y == k, self.yhat == k
        inside = {"precision": said, "recall": true, "f1": true | said}[name]
        i = plain.grouped_proportion(true & said, inside, self.group)
        return [plain.f1_of_union(b) for b in i] if name == "f1" else i

    def put_matrix_intervals(self, e, y, yhat, c):
        which = list(range(len(c))) if self.shown is None else self.shown
        if len(c) > 64 or sum(c.sum(axis=1)[which]) == 0:
            return
        functions = {"macro/precision": plain.macro_precision, "macro/recall": plain.macro_recall, "macro/f1": plain.macro_f1,
                     "weighted/precision": plain.weighted_precision, "weighted/f1": plain.weighted_f1,
                     "balanced_accuracy": plain.balanced_accuracy}
        if self.shown is None and (c.sum(axis=0) > 0).sum() > 1 and (c.sum(axis=1) > 0).sum() > 1:
            functions.update({"mcc": plain.mcc, "kappa": plain.kappa})
        for path, function in functions.items():
            value = float(function(*plain.margins(c), which))
            if f"/{path}/value" in e.values:
                assert abs(value - e.values[f"/{path}/value"]["value"]) < 1e-12
            if self.group is None:
                se = plain.delta_se(function, c, which)
            else:
                se = plain.grouped_se(function, c, which, y, yhat, self.group)
            e.interval(f"/{path}", plain.matrix_interval(function, value, c, which, se), "delta method, plain.matrix_interval",
                       1e-8)

    def put_macro(self, e, y, yhat, c):
        if len(y) == 0:
            for path in ("accuracy", "macro/f1", "weighted/f1", "balanced_accuracy"):
                e.put(f"/{path}/value", None, "no samples")
            return
        t, p = c.sum(axis=1), c.sum(axis=0)
        if self.shown is None:
            e.put("/accuracy/value", sk.accuracy_score(y, yhat), "sklearn.metrics.accuracy_score")
            e.interval("/accuracy", plain.wilson(np.trace(c), c.sum()) if self.group is None else
                       plain.grouped_proportion(self.y == self.yhat, np.ones(len(self.y), bool), self.group), "Wilson")
            for average in ("macro", "weighted"):
                s = sk.precision_recall_fscore_support(y, yhat, average=average, zero_division=0)
                for name, value in zip(("precision", "recall", "f1"), s):
                    e.put(f"/{average}/{name}/value", value,
                          f"sklearn.metrics.precision_recall_fscore_support(average='{average}', zero_division=0)", DOUBLE)
            e.put("/balanced_accuracy/value", sk.balanced_accuracy_score(y, yhat), "sklearn.metrics.balanced_accuracy_score",
                  DOUBLE)
            e.put("/mcc/value", sk.matthews_corrcoef(y, yhat), "sklearn.metrics.matthews_corrcoef", DOUBLE)
            value = sk.cohen_kappa_score(y, yhat) if len(set(y) | set(yhat)) > 1 else None
            e.put("/kappa/value", value, "sklearn.metrics.cohen_kappa_score", DOUBLE)
            return
        kept = np.isin(y, self.shown)
        e.put("/accuracy/value", sk.accuracy_score(y[kept], yhat[kept]), "accuracy_score over the shown true classes")
        for average in ("macro", "weighted"):
            labels = [k for k in self.shown if t[k] + p[k]]
            s = sk.precision_recall_fscore_support(y, yhat, labels=labels, average=average, zero_division=0)
            for name, value in zip(("precision", "recall", "f1"), s):
                e.put(f"/{average}/{name}/value", value,
                      f"precision_recall_fscore_support(labels=shown, average='{average}')", DOUBLE)
        recalls = sk.recall_score(y, yhat, labels=[k for k in self.shown if t[k]], average="macro")
        e.put("/balanced_accuracy/value", recalls, "recall_score(labels=shown, average='macro')", DOUBLE)
        e.put("/mcc/value", None, "not given with a class filter", EXACT)
        e.put("/kappa/value", None, "not given with a class filter", EXACT)

    def put_probabilities(self, e, rows):
        p, y = self.p[rows], self.y[rows]
        losses, terms = plain.log_losses(p, y, self.epsilon), plain.brier_terms(p, y)
        e.put("/log_loss/value", math.fsum(losses) / len(y), "plain.log_losses")
        if len(self.names) > 2 and (p > self.epsilon).all():
            reference = sk.log_loss(y, p, labels=range(len(self.names)))
            assert abs(reference - losses.mean()) < 1e-6, (reference, losses.mean())
        e.put("/brier/value", math.fsum(terms) / len(y), "plain.brier_terms")
        if self.group is None:
            for name, x in (("log_loss", losses), ("brier", terms)):
                se = x.std(ddof=1) / math.sqrt(len(x))
                e.put(f"/{name}/high", x.mean() + plain.Z * se, "mean + z sd/sqrt(N)", max(self.tolerance, 1e-9))
        for k in (2, 3, 5):
            if k < len(self.names):
                hits = plain.top_k_hits(p, y, k)
                e.put(f"/top_k/{k}/value", hits / len(y), "plain.top_k_hits")
                if self.group is None:
                    e.interval(f"/top_k/{k}", plain.wilson(hits, len(y)), "Wilson")
        e.put("/calibration/classwise_ece/value", plain.classwise_ece(p, y), "plain.classwise_ece")

    def put_ranking(self, e, rows):
        p, y = self.p[rows], self.y[rows]
        which = range(len(self.names)) if self.shown is None else self.shown
        auroc, ap, low, high, ap_low, ap_high, terms, ap_terms = [], [], [], [], [], [], [], []
        for k in which:
            positive = y == k
            n1, n0 = positive.sum(), (~positive).sum()
            auroc.append(sk.roc_auc_score(positive, p[:, k]) if n1 and n0 else None)
            ap.append(sk.average_precision_score(positive, p[:, k]) if n1 else None)
            if len(self.names) > 20:
                continue
            i = None
            if n1 and n0:
                terms.append(plain.auroc_mean_influence(p[:, k], positive))
                value, psi = plain.auroc_influence(p[:, k], positive)
                i = plain.auroc_interval(float(value), psi, n1, n0)
            low.append(i[0] if i else None)
            high.append(i[1] if i else None)
            if n1:
                ap_terms.append(plain.average_precision_influence(p[:, k], positive))
            i = plain.average_precision_interval(ap[-1], n1) if n1 else None
            ap_low.append(i[0] if i else None)
            ap_high.append(i[1] if i else None)
        e.put("/per_class/*/auroc/value", auroc, "sklearn.metrics.roc_auc_score")
        e.put("/per_class/*/average_precision/value", ap, "sklearn.metrics.average_precision_score")
        for path, values in (("auroc", auroc), ("average_precision", ap)):
            known = [v for v in values if v is not None]
            e.put(f"/{path}/macro/value", math.fsum(known) / len(known) if known else None, "mean of the defined")
        if low and self.group is None:
            e.put("/per_class/*/auroc/low", low, "DeLong in O(n^2), logit", max(self.tolerance, 1e-9))
            e.put("/per_class/*/auroc/high", high, "DeLong in O(n^2), logit", max(self.tolerance, 1e-9))
            e.put("/per_class/*/average_precision/low", ap_low, "logit scale, 1/sqrt(n AP (1 - AP))", max(self.tolerance, 1e-9))
            e.put("/per_class/*/average_precision/high", ap_high, "logit scale, 1/sqrt(n AP (1 - AP))", max(self.tolerance, 1e-9))
            macro = e.values["/auroc/macro/value"]["value"]
            if macro is not None and 0 < macro < 1:
                se = plain.cluster_se(np.mean(terms, axis=0))
                e.interval("/auroc/macro", plain.logit_interval(macro, se), "mean of the influences, logit scale", 1e-6)
            macro = e.values["/average_precision/macro/value"]["value"]
            if macro is not None and 0 < macro < 1:
                se = math.hypot(plain.cluster_se(np.mean([psi for psi, _ in ap_terms], axis=0)), np.mean([b for _, b in ap_terms]))
                e.interval("/average_precision/macro", plain.logit_interval(macro, se),
                           "mean of the influences and of the bias, logit scale", 1e-6)
        for k in self.full_curves:
            self.put_curves(e, self.names[k], y == k, p[:, k])

    def put_curves(self, e, name, positive, score):
        fpr, tpr, threshold = sk.roc_curve(positive, score, drop_intermediate=False)
        roc = [[float(a), float(b), float(t)] for a, b, t in zip(fpr, tpr, threshold)]
        roc[0][2] = None  # sklearn writes max + 1 or infinity here
        e.values[f"/curves/roc/{name}"] = {"full_curve": clean(roc), "tolerance": self.tolerance,
                                            "reference": "sklearn.metrics.roc_curve(drop_intermediate=False)"}
        precision, recall, threshold = sk.precision_recall_curve(positive, score)
        pr = [[float(r), float(q), float(t)] for q, r, t in zip(precision[:-1], recall[:-1], threshold)][::-1]
        e.values[f"/curves/pr/{name}"] = {"full_curve": clean(pr), "tolerance": self.tolerance,
                                           "reference": "sklearn.metrics.precision_recall_curve"}

    def put_confidence(self, e, rows):
        rows = rows & np.isfinite(self.confidence)
        c, right = self.confidence[rows], (self.y == self.yhat)[rows]
        points, area = plain.risk_coverage(c, right)
        e.put("/aurc/value", area, "plain.risk_coverage")
        group = None if self.group is None else [g for g, kept in zip(self.group, rows) if kept]
        e.interval("/aurc", plain.aurc_interval(c, right, group), "influences, logit scale", max(self.tolerance, 1e-9))
        e.values["/curves/risk_coverage"] = {"full_curve": clean(points), "tolerance": self.tolerance,
                                              "reference": "plain.risk_coverage"}
        if len(points) > 700:
            del e.values["/curves/risk_coverage"]
        if c.min() < 0 or c.max() > 1:
            e.put("/calibration?", None, "confidences outside [0, 1]", EXACT)
            return
        ece, mce, adaptive, bins = plain.calibration_errors(c, right)
        e.put("/calibration/ece/value", ece, "plain.calibration_errors")
        e.put("/calibration/mce/value", mce, "plain.calibration_errors")
        e.put("/calibration/adaptive_ece/value", adaptive, "plain.calibration_errors")
        e.put("/calibration/bins/*/count", [bins[b][0] if b in bins else 0 for b in range(15)], "bins (l, u]", EXACT)
        e.put("/calibration/bins/*/confidence", [bins[b][1] if b in bins else None for b in range(15)], "mean")
        e.put("/calibration/bins/*/accuracy/value", [bins[b][2] if b in bins else None for b in range(15)], "share right")
        if self.p is None:
            e.put("/calibration/classwise_ece/value?", None, "no probabilities", EXACT)

    def all_metrics(self):
        """The metrics of the table in its order, then those of the predictions."""
        out = dict(self.metrics)
        if self.confidence is not None:
            out["confidence"] = self.confidence
        if self.p is not None:
            best = np.sort(self.p, axis=1)
            out["margin"] = best[:, -1] - best[:, -2]
            out["prediction_entropy"] = np.array([plain.entropy(row) for row in self.p])
        return out

    def put_metrics(self, e, rows):
        right = self.y == self.yhat
        every, known_p = self.all_metrics(), []
        for name, values in every.items():
            # Differences of float32 tie or not by rounding: bins and ranks of derived metrics are not compared then.
            derived = name in ("margin", "prediction_entropy")
            known_p.append(self.put_metric(e, name, values, rows & np.isfinite(values), right, derived))
        adjusted = plain.benjamini_hochberg([p for p in known_p]) if "unknown" not in known_p else None
        if adjusted and self.group is None:
            for name, p in zip(every, adjusted):
                e.put(f"/metrics/{name}/importance/p_adjusted", p, "plain.benjamini_hochberg", max(self.tolerance, 1e-7))

    def put_metric(self, e, name, values, rows, right, derived):
        x, s = values[rows], right[rows]
        at = f"/metrics/{name}"
        e.put(f"{at}/samples", rows.sum(), "count", EXACT)
        constant = len(x) < 2 or x.min() == x.max() or s.min() == s.max()
        loose = max(self.tolerance, 1e-9 if not derived else 1e-6)
        e.put(f"{at}/correlation/value", None if constant else stats.pearsonr(x, s.astype(float))[0], "scipy.stats.pearsonr",
              loose)
        group = None if self.group is None else [g for g, kept in zip(self.group, rows) if kept]
        if not constant:
            e.interval(f"{at}/correlation", plain.correlation_interval(x, s, group), "u_i on Fisher's scale", max(loose, 1e-8))
        if not derived:
            e.put(f"{at}/spearman/value", None if constant else stats.spearmanr(x, s)[0], "scipy.stats.spearmanr", loose)
            if not constant:
                e.interval(f"{at}/spearman", plain.correlation_interval(plain.mid_ranks(x), s, group), "u_i on mid-ranks",
                           max(loose, 1e-8))
        # Entropies of the same probabilities in another order tie on paper only.
        if derived and (self.tolerance > 1e-9 or len(set(self.confidence)) < len(x) / 2):
            return "unknown"
        if len(x) == 0:
            return None
        which = plain.distinct_bin_of(x) if len(set(x)) <= 64 else plain.quantile_bin_of(x, 32)
        i = plain.binned_information(which, s)
        if not self.nearest:
            e.put(f"{at}/importance/nats/value", i["corrected"] if i["entropy"] else None, "plain.binned_information", loose)
            e.put(f"{at}/importance/share", i["corrected"] / i["entropy"] if i["entropy"] else None, "of H(s)", loose)
            if self.group is None:
                e.interval(f"{at}/importance/nats", plain.information_interval(i, len(x)), "plain.information_interval",
                           max(loose, 1e-8))
        elif len(set(x)) == len(x):
            value = mutual_info_classif(x[:, None], s, n_neighbors=3, random_state=0)[0]
            e.put(f"{at}/importance/nats/value", value, "sklearn mutual_info_classif(n_neighbors=3)", 1e-9)
        self.put_performance(e, name, x, s)
        if self.group is not None:
            return "unknown"
        p = plain.g_test(x, s)
        test = plain.binned_information(plain.quantile_bin_of(x, 10), s)
        if p is None:
            alone = test["rows"] < 2 or test["entropy"] == 0
            if alone:
                e.put(f"{at}/importance/p_value", None, "one bin or one outcome", EXACT)
            return None if alone else "unknown"
        e.put(f"{at}/importance/p_value", p, "scipy.stats.chi2.sf(2 N I, bins - 1)", max(loose, 1e-7))
        return p

    def put_performance(self, e, name, x, s):
        v, starts = plain.quantile_starts(list(x), 50)
        order = np.argsort(x, kind="stable")
        bins = []
        for a, b in zip(starts, starts[1:]):
            inside = v[a:b]
            right = int(s[order[a:b]].sum())
            bins.append({"low": inside[0], "high": inside[-1], "median": float(np.median(inside)), "count": b - a,
                         "correct": right, "rate": right / (b - a)})
        at = f"/performance/{name}/bins/*"
        for key in ("low", "high", "median"):
            e.put(f"{at}/{key}", [b[key] for b in bins], "quantile bins", self.tolerance)
        for key in ("count", "correct"):
            e.put(f"{at}/{key}", [b[key] for b in bins], "quantile bins", EXACT)
        e.put(f"{at}/rate/value", [b["rate"] for b in bins], "share right", DOUBLE)
        if self.group is None:
            e.put(f"{at}/rate/low", [plain.wilson(b["correct"], b["count"])[0] for b in bins], "Wilson", DOUBLE)


# ---- data --------------------------------------------------------------------------------------

def draw(rng, n, k, accuracy, weights=None):
    y = rng.choice(k, n, p=weights)
    wrong = rng.random(n) >= accuracy
    yhat = np.where(wrong, (y + 1 + rng.integers(0, max(k - 1, 1), n) * (rng.random(n) < 0.6)) % k, y)
    return y, yhat


def draw_probabilities(rng, y, k, sharpness=2.0):
    logits = rng.normal(size=(len(y), k))
    logits[np.arange(len(y)), y] += sharpness
    return logits


def geometric(k, ratio=0.6):
    w = ratio ** np.arange(k)
    return w / w.sum()


def from_probabilities(name, names, y, p, matrix, **more):
    """A case whose predictions are the argmax of its probabilities."""
    return Case(name, names, y, p.argmax(axis=1), p=p, confidence=p.max(axis=1), with_prediction=False, **more), matrix


class ProbabilityCase(Case):
    """Confidence comes from the matrix, so it is not a column."""

    def columns(self):
        kept, self.confidence = self.confidence, None
        out = super().columns()
        self.confidence = kept
        return out


def label_cases(rng):
    y, yhat = draw(rng, 400, 4, 0.8)
    yield Case("balanced", NAMES[:4], y, yhat)
    y, yhat = draw(rng, 900, 10, 0.85, geometric(10))
    yield Case("imbalanced", NAMES, y, yhat)
    y, yhat = draw(rng, 200, 3, 0.7)
    yield Case("never_predicted", NAMES[:3], y, np.where(yhat == 1, 0, yhat))
    y, yhat = draw(rng, 200, 3, 0.7)
    yield Case("never_true", NAMES[:3], np.where(y == 2, 0, y), yhat)
    yield Case("one_class", NAMES[:1], np.zeros(30, int), np.zeros(30, int))
    yield Case("one_sample_right", NAMES[:1], [0], [0])
    yield Case("one_sample_wrong", NAMES[:2], [0], [1])
    y = np.arange(90) % 3
    yield Case("perfect", NAMES[:3], y, y)
    yield Case("all_wrong", NAMES[:3], y, (y + 1) % 3)
    y, yhat = draw(rng, 300, 3, 0.75)
    y[rng.random(300) < 0.05] = -1
    yhat[rng.random(300) < 0.08] = -1
    y[7] = yhat[7] = -1
    yield Case("missing", NAMES[:3], y, yhat)
    y, yhat = draw(rng, 6000, 1000, 0.7)
    names = [f"c{k:04d}" for k in range(1000)]
    y[:1000] = np.arange(1000)
    yield Case("thousand_classes", names, y, yhat)
    y, yhat = draw(rng, 500, 5, 0.8)
    yield Case("class_filter", NAMES[:5], y, yhat, shown=[1, 3], arguments=["--classes-shown", "bee,dog"])


def confidence_cases(rng):
    y, yhat = draw(rng, 500, 3, 0.75)
    c = np.clip(rng.beta(5, 2, 500) * np.where(y == yhat, 1, 0.8), 0, 1)
    c[:6] = [0, 1, 1, 1 / 15, 2 / 15, 0.6]
    yield Case("confidence", NAMES[:3], y, yhat, confidence=c)
    yield Case("confidence_tied", NAMES[:3], y, yhat, confidence=np.round(c, 1))
    missing = c.copy()
    missing[rng.random(500) < 0.1] = np.nan
    yield Case("confidence_missing", NAMES[:3], y, yhat, confidence=missing)
    yield Case("confidence_outside_unit", NAMES[:3], y, yhat, confidence=np.round(rng.normal(3, 4, 500), 3))


def metric_table(rng, y, yhat):
    n, right = len(y), y == yhat
    sharpness = rng.normal(size=n) + 0.8 * right
    brightness = rng.random(n)
    brightness[rng.random(n) < 0.12] = np.nan
    return {"sharpness": sharpness, "brightness": brightness, "objects": rng.poisson(3, n) + 2.0 * ~right,
            "level": np.round(rng.normal(size=n) - 0.5 * right, 2), "flat": np.full(n, 0.25)}


def metric_cases(rng):
    y, yhat = draw(rng, 800, 4, 0.75)
    table = metric_table(rng, y, yhat)
    yield Case("metrics", NAMES[:4], y, yhat, metrics=table)
    untied = {"sharpness": table["sharpness"], "noise": rng.normal(size=800)}
    yield Case("metrics_nearest", NAMES[:4], y, yhat, metrics=untied, nearest=True, arguments=["--importance", "nearest"])
    all_right = {"sharpness": table["sharpness"][:60]}
    yield Case("metrics_all_right", NAMES[:4], y[:60], y[:60], metrics=all_right)
    group = [f"p{g:03d}" for g in rng.integers(0, 40, 800)]
    yield Case("group", NAMES[:4], y, yhat, metrics={"sharpness": table["sharpness"]}, extra={"patient": group}, group=group,
               arguments=["--group", "patient"])
    split = rng.choice(["train", "test"], 800)
    kept = (split == "test") & (table["sharpness"] > -1)
    yield Case("where", NAMES[:4], y, yhat, metrics={"sharpness": table["sharpness"]}, extra={"split": list(split)},
               kept=kept, arguments=["--where", "split = 'test' AND sharpness > -1"])


def probability_case(name, names, y, p, **more):
    return ProbabilityCase(name, names, y, p.argmax(axis=1), p=p, confidence=p.max(axis=1), with_prediction=False, **more)


def probability_cases(rng):
    """(case, matrix as stored)."""
    y = rng.integers(0, 4, 450)
    logits = draw_probabilities(rng, y, 4)
    p64 = plain.softmax(logits)
    eps64, eps32, eps16 = 2.0 ** -52, 2.0 ** -23, 2.0 ** -10
    yield probability_case("probabilities_f64", NAMES[:4], y, plain.normalise(p64, 1e-12), epsilon=eps64,
                           full_curves=(0, 3)), p64
    p32 = p64.astype(np.float32)
    read32 = plain.normalise(p32, 1e-6)
    yield probability_case("probabilities_f32", NAMES[:4], y, read32, epsilon=eps32, tolerance=SINGLE), p32
    yield probability_case("probabilities_fortran", NAMES[:4], y, plain.normalise(p64, 1e-12), epsilon=eps64), \
        np.asfortranarray(p64)
    yield probability_case("logits", NAMES[:4], y, p64, epsilon=eps64, arguments=["--logits"]), logits
    logits32 = (30 * logits).astype(np.float32)
    yield probability_case("logits_f32_large", NAMES[:4], y, plain.softmax(logits32.astype(float)), epsilon=eps32,
                           tolerance=SINGLE, arguments=["--logits"]), logits32
    counts = rng.multinomial(8, np.full(3, 1 / 3), size=300)
    tied = counts / 8.0
    yt = np.array([rng.choice(3, p=row) for row in tied])
    yield probability_case("ties_everywhere", NAMES[:3], yt, tied, epsilon=eps64, full_curves=(0, 1, 2)), tied
    uniform = np.full((40, 4), 0.25)
    yield probability_case("ties_only", NAMES[:4], np.arange(40) % 4, uniform, epsilon=eps64, full_curves=(0,)), uniform
    y2 = (rng.random(900) < 0.3).astype(int)
    p2 = plain.softmax(draw_probabilities(rng, y2, 2, 1.0))
    yield probability_case("binary_long_curves", NAMES[:2], y2, plain.normalise(p2, 1e-12), epsilon=eps64,
                           full_curves=(1,)), p2
    certain = np.eye(3)[np.arange(60) % 3]
    yc = np.arange(60) % 3
    yc[:5] = (yc[:5] + 1) % 3
    yield probability_case("certain", NAMES[:3], yc, certain, epsilon=eps64, full_curves=(0,)), certain
    perfect = np.full((60, 3), 0.1)
    perfect[np.arange(60), np.arange(60) % 3] = 0.8
    perfect += rng.random((60, 3)) * 0.01
    perfect /= perfect.sum(axis=1, keepdims=True)
    yield probability_case("perfect_ranking", NAMES[:3], np.arange(60) % 3, plain.normalise(perfect, 1e-12),
                           epsilon=eps64), perfect
    y3 = rng.integers(0, 3, 200)
    p3 = plain.normalise(plain.softmax(draw_probabilities(rng, y3, 4)), 1e-12)
    yield probability_case("probabilities_never_true", NAMES[:4], y3, p3, epsilon=eps64), p3
    y4 = rng.integers(0, 5, 400)
    p4 = plain.normalise(plain.softmax(draw_probabilities(rng, y4, 5)), 1e-12)
    yield probability_case("probabilities_class_filter", NAMES[:5], y4, p4, epsilon=eps64, shown=[0, 4],
                           arguments=["--classes-shown", "ant,eel"]), p4
    y1000 = rng.integers(0, 1000, 400)
    l1000 = draw_probabilities(rng, y1000, 1000, 4.0)
    p16 = plain.softmax(1.5 * l1000).astype(np.float16)
    names = [f"c{k:04d}" for k in range(1000)]
    yield probability_case("thousand_classes_f16", names, y1000, plain.normalise(p16, 1e-6), epsilon=eps16,
                           tolerance=SINGLE), p16


def write_column_case(rng):
    """Probabilities as columns of the table, beside a prediction column."""
    y = rng.integers(0, 3, 250)
    p = plain.softmax(draw_probabilities(rng, y, 3))
    p = plain.normalise(p, 1e-12)
    extra = {f"prob_{n}": [repr(float(v)) for v in p[:, k]] for k, n in enumerate(NAMES[:3])}
    probability_case("probability_columns", NAMES[:3], y, p, epsilon=2.0 ** -52, extra=extra).write(
        CASES / "probability_columns")


def main():
    if CASES.exists():
        shutil.rmtree(CASES)
    rng = np.random.default_rng(20240601)
    for make in (label_cases, confidence_cases, metric_cases):
        for case in make(rng):
            case.write(CASES / case.name)
    for case, matrix in probability_cases(rng):
        case.write(CASES / case.name, matrix)
    write_column_case(rng)


if __name__ == "__main__":
    main()
