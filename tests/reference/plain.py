"""Plain, slow, obvious implementations of docs/numerics.md, independent of the C sources.

NumPy and SciPy only for arrays, the normal quantile and chi-square. Nothing here is tuned: loops stay loops.
"""
import math

import numpy as np
from scipy import stats

LEVEL = 0.95
Z = float(stats.norm.ppf(0.5 + LEVEL / 2))


# ---- intervals -------------------------------------------------------------------------------

def wilson(successes, n, z=Z):
    if n <= 0:
        return None
    p = successes / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def clopper_pearson(successes, n, level=LEVEL):
    if n <= 0:
        return None
    a = (1 - level) / 2
    low = 0.0 if successes == 0 else float(stats.beta.ppf(a, successes, n - successes + 1))
    high = 1.0 if successes == n else float(stats.beta.ppf(1 - a, successes + 1, n - successes))
    return low, high


def f1_of_union(j):
    return 2 * j / (1 + j)


def f1_interval(tp, in_union, z=Z):
    i = wilson(tp, in_union, z)
    return None if i is None else (f1_of_union(i[0]), f1_of_union(i[1]))


def logistic(x):
    return 1 / (1 + math.exp(-x))


def logit_interval(value, se, z=Z):
    """se is on the scale of the value."""
    if not 0 < value < 1:
        return None
    return logit_scale_interval(value, se / (value * (1 - value)), z)


def logit_scale_interval(value, se, z=Z):
    if not 0 < value < 1 or not math.isfinite(se) or se < 1e-12:  # nothing varied
        return None
    at = math.log(value / (1 - value))
    return logistic(at - z * se), logistic(at + z * se)


def fisher_interval(value, se_on_fisher, z=Z):
    if not abs(value) < 1 or not math.isfinite(se_on_fisher) or se_on_fisher < 1e-12:
        return None
    return math.tanh(math.atanh(value) - z * se_on_fisher), math.tanh(math.atanh(value) + z * se_on_fisher)


def cluster_se(psi, group=None):
    """The standard error from influences, alone or summed within groups."""
    if group is None:
        return math.sqrt(math.fsum(x * x for x in psi))
    sums = {}
    for x, g in zip(psi, group):
        sums.setdefault(g, []).append(x)
    count = len(sums)
    if count < 2:
        return math.nan
    return math.sqrt(count / (count - 1) * math.fsum(math.fsum(v) ** 2 for v in sums.values()))


# ---- functions of the matrix: of its margins n (support), m (predicted) and tp, complex or not -----

def safe(over, under):
    return over / under if under.real > 0 else 0.0


def occurring(n, m, which):
    return [k for k in which if (n[k] + m[k]).real > 0]


def macro_precision(n, m, tp, which):
    kept = occurring(n, m, which)
    return sum(safe(tp[k], m[k]) for k in kept) / len(kept)


def macro_recall(n, m, tp, which):
    kept = occurring(n, m, which)
    return sum(safe(tp[k], n[k]) for k in kept) / len(kept)


def macro_f1(n, m, tp, which):
    kept = occurring(n, m, which)
    return sum(2 * tp[k] / (n[k] + m[k]) for k in kept) / len(kept)


def weighted_precision(n, m, tp, which):
    return sum(n[k] * safe(tp[k], m[k]) for k in which) / sum(n[k] for k in which)


def weighted_f1(n, m, tp, which):
    return sum(n[k] * safe(2 * tp[k], n[k] + m[k]) for k in which) / sum(n[k] for k in which)


def balanced_accuracy(n, m, tp, which):
    kept = [k for k in which if n[k].real > 0]
    return sum(tp[k] / n[k] for k in kept) / len(kept)


def mcc(n, m, tp, which):
    total = n.sum()
    under = (total * total - (n * n).sum()) * (total * total - (m * m).sum())
    return (tp.sum() * total - (n * m).sum()) / np.sqrt(under)


def kappa(n, m, tp, which):
    total = n.sum()
    chance = (n * m).sum() / (total * total)
    return (tp.sum() / total - chance) / (1 - chance)


def margins(c):
    return c.sum(axis=1), c.sum(axis=0), np.diag(c)


def margin_gradient(function, c, which):
    """Derivatives by each margin, by a complex step: exact to rounding. A sample in cell (i, j) adds to n_i, m_j
    and, where i = j, to tp_i."""
    h = 1e-100
    out = []
    for which_margin in range(3):
        derivative = np.zeros(len(c))
        for k in range(len(c)):
            moved = [x.astype(complex) for x in margins(c)]
            moved[which_margin][k] += 1j * h
            derivative[k] = np.imag(function(*moved, which)) / h
        out.append(derivative)
    return out


def cell_gradient(function, c, which):
    row, column, diagonal = margin_gradient(function, c, which)
    return row[:, None] + column[None, :] + np.diag(diagonal)


def delta_se(function, c, which):
    """The delta method on the counts. Within a row the share of right predictions is shrunk to (TP + 1)/(n + 2);
    the errors of a row without errors have the mean derivative of a sample's column."""
    row, column, diagonal = margin_gradient(function, c, which)
    total = c.sum()
    elsewhere = sum(column[j] * c[:, j].sum() for j in range(len(c))) / total
    within, means, sizes = 0.0, [], []
    for i in range(len(c)):
        n, tp = c[i].sum(), c[i, i]
        if n == 0:
            continue
        right = row[i] + column[i] + diagonal[i]
        errors = [(c[i, j], row[i] + column[j]) for j in range(len(c)) if j != i and c[i, j]]
        if not errors:
            errors = [(1, row[i] + elsewhere)]
        count = sum(k for k, _ in errors)
        mean_wrong = math.fsum(k * g for k, g in errors) / count
        spread_wrong = math.fsum(k * (g - mean_wrong) ** 2 for k, g in errors) / count
        recall = (tp + 1) / (n + 2)
        within += n * (recall * (1 - recall) * (right - mean_wrong) ** 2 + (1 - recall) * spread_wrong)
        means.append((tp * right + (n - tp) * mean_wrong) / n)
        sizes.append(n)
    middle = math.fsum(n * g for n, g in zip(sizes, means)) / total
    return math.sqrt(within + math.fsum(n * (g - middle) ** 2 for n, g in zip(sizes, means)))


def grouped_se(function, c, which, y, yhat, group):
    g = cell_gradient(function, c, which)[y, yhat]
    return cluster_se(g - g.mean(), group)


def matrix_interval(function, value, c, which, se):
    if function in (mcc, kappa):
        if abs(value) >= 1:
            smallest = min(n for n in c.sum(axis=1)[list(which)] if n)
            low, high = wilson(smallest, smallest)
            return (low, high) if value > 0 else (-high, -low)
        return fisher_interval(value, se / (1 - value * value))
    if value in (0.0, 1.0):
        smallest = min(n for n in c.sum(axis=1)[list(which)] if n)
        return wilson(smallest if value == 1.0 else 0, smallest)
    return logit_interval(value, se)


def grouped_proportion(hit, inside, group):
    """Wilson at the effective number of samples p(1-p)/se², groups counted where they have a sample inside."""
    kept = [i for i in range(len(inside)) if inside[i]]
    n = len(kept)
    if n == 0:
        return None
    p = sum(bool(hit[i]) for i in kept) / n
    names = [group[i] for i in kept]
    if p in (0.0, 1.0):
        effective = len(set(names))
    else:
        effective = min(n, p * (1 - p) / cluster_se([(hit[i] - p) / n for i in kept], names) ** 2)
    return wilson(p * effective, effective)


# ---- probabilities ----------------------------------------------------------------------------

def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def normalise(p, exact_within):
    """Rows that do not add up to 1 within the rounding of their type are divided by their sum."""
    p = p.astype(np.float64).copy()
    for row in p:
        total = math.fsum(row)
        if abs(total - 1) > exact_within:
            row /= total
    return p


def log_losses(p, y, epsilon):
    return np.array([-math.log(max(p[i, y[i]], epsilon)) for i in range(len(y))])


def brier_terms(p, y):
    return np.array([math.fsum((p[i, k] - (k == y[i])) ** 2 for k in range(p.shape[1])) for i in range(len(y))])


def top_k_hits(p, y, k):
    """Equal probabilities rank by index: the lower one first."""
    hits = 0
    for i in range(len(y)):
        own = p[i, y[i]]
        ahead = sum(1 for j in range(p.shape[1]) if p[i, j] > own or (p[i, j] == own and j < y[i]))
        hits += ahead < k
    return hits


# ---- ranking ---------------------------------------------------------------------------------

def delong_terms(positive, negative):
    """V10 and V01 of DeLong by comparing each pair."""
    positive, negative = np.asarray(positive), np.asarray(negative)
    v10 = np.array([((x > negative) + 0.5 * (x == negative)).mean() for x in positive])
    v01 = np.array([((positive > y) + 0.5 * (positive == y)).mean() for y in negative])
    return v10, v01


def auroc_influence(score, is_positive):
    """AUROC and the influence of each sample such that the sum of squares is DeLong's variance."""
    v10, v01 = delong_terms(score[is_positive], score[~is_positive])
    auc = v10.mean()
    psi = np.zeros(len(score))
    m, n = len(v10), len(v01)
    if m > 1:
        psi[is_positive] = (v10 - auc) / math.sqrt(m * (m - 1))
    if n > 1:
        psi[~is_positive] = (v01 - auc) / math.sqrt(n * (n - 1))
    return auc, psi


def auroc_interval(auc, psi, positives, negatives, group=None):
    if min(positives, negatives) < 2:
        return None
    if auc in (0.0, 1.0):
        far = (0.5 - LEVEL / 2) ** (1 / min(positives, negatives))
        return (far, 1.0) if auc == 1 else (0.0, 1 - far)
    return logit_interval(auc, cluster_se(psi, group))


def auroc_mean_influence(score, is_positive):
    """The influences whose means over classes are those of a macro mean: divided by n, not sqrt(n(n - 1))."""
    v10, v01 = delong_terms(score[is_positive], score[~is_positive])
    psi = np.zeros(len(score))
    psi[is_positive] = (v10 - v10.mean()) / len(v10)
    psi[~is_positive] = (v01 - v01.mean()) / len(v01)
    return psi


def average_precision_interval(value, positives):
    if value > 1 - 1e-12:  # a sum of shares that is 1 but for rounding
        return (0.5 - LEVEL / 2) ** (1 / positives), 1.0
    return logit_scale_interval(value, 1 / math.sqrt(positives * value * (1 - value)))


def share_derivatives(score, counted):
    """Of each sample's share of `counted` among those that score at least as much: the shares, and their derivatives
    by the weight of every sample (a row a share), by the rule for quotients."""
    at_least = (score[None, :] >= score[:, None]).astype(float)
    found, kept = at_least @ counted, at_least.sum(axis=1)
    by_weight = (at_least * counted * kept[:, None] - found[:, None] * at_least) / kept[:, None] ** 2
    return found / kept, kept, by_weight


def average_precision_influence(score, is_positive):
    """The derivatives of AP by each sample's weight, and how far AP lies above that of endless samples: each positive
    counts itself among those at or above it."""
    precision, kept, by_weight = share_derivatives(score, is_positive.astype(float))
    n = is_positive.sum()
    value = precision[is_positive].mean()
    psi = (by_weight[is_positive].sum(axis=0) + np.where(is_positive, precision - value, 0.0)) / n
    return psi, ((1 - precision) / kept)[is_positive].mean()


def aurc_interval(confidence, right, group=None):
    """The area is the mean over samples of the risk at their own threshold."""
    n, wrong = len(right), (~right).sum()
    if wrong in (0, n):  # the bound of the rate itself
        independent = n if group is None else len(set(group))
        low, high = wilson(independent if wrong else 0, independent)
        return (low, 1.0) if wrong else (0.0, high)
    risk, _, by_weight = share_derivatives(confidence, (~right).astype(float))
    psi = (by_weight.sum(axis=0) + risk - risk.mean()) / n
    return logit_interval(risk.mean(), cluster_se(psi, group))


def risk_coverage(confidence, right):
    """Points (coverage, risk, threshold) of every distinct confidence, descending, and the area."""
    order = np.argsort(-confidence, kind="stable")
    n, points, wrong, area, before = len(order), [], 0, 0.0, 0.0
    for position, i in enumerate(order):
        wrong += not right[i]
        last = position + 1 == n or confidence[order[position + 1]] != confidence[i]
        if last:
            coverage, risk = (position + 1) / n, wrong / (position + 1)
            area += (coverage - before) * risk
            before = coverage
            points.append([coverage, risk, float(confidence[i])])
    return points, area


# ---- calibration -----------------------------------------------------------------------------

def bin_of(c, bins=15):
    """(l, u], the first closed at 0: the smallest b with c <= (b + 1)/bins."""
    for b in range(bins):
        if c <= (b + 1) / bins:
            return b
    return bins - 1


def gaps(confidence, right, which):
    out = {}
    for b in sorted(set(which)):
        inside = [i for i in range(len(which)) if which[i] == b]
        mean = math.fsum(confidence[i] for i in inside) / len(inside)
        share = sum(bool(right[i]) for i in inside) / len(inside)
        out[b] = (len(inside), mean, share)
    return out


def calibration_errors(confidence, right):
    confidence = np.asarray(confidence, float)
    n = len(confidence)
    wide = gaps(confidence, right, [bin_of(c) for c in confidence])
    ece = math.fsum(count / n * abs(share - mean) for count, mean, share in wide.values())
    mce = max(abs(share - mean) for _, mean, share in wide.values())
    even = gaps(confidence, right, quantile_bin_of(confidence, 15))
    adaptive = math.fsum(count / n * abs(share - mean) for count, mean, share in even.values())
    return ece, mce, adaptive, wide


def classwise_ece(p, y):
    return math.fsum(calibration_errors(p[:, k], y == k)[0] for k in range(p.shape[1])) / p.shape[1]


# ---- metrics ---------------------------------------------------------------------------------

def quantile_starts(values, bins):
    """First positions of the bins of sorted values: equal values share a bin and none is empty."""
    v = sorted(values)
    n, starts = len(v), [0]
    for b in range(1, bins):
        at = b * n // bins
        if at >= n:
            break
        while at > 0 and v[at - 1] == v[at]:
            at -= 1
        if at <= starts[-1]:
            at = b * n // bins
            while at < n and at > 0 and v[at - 1] == v[at]:
                at += 1
        if starts[-1] < at < n:
            starts.append(at)
    return v, starts + [n]


def quantile_bin_of(values, bins):
    v, starts = quantile_starts(values, bins)
    first = [v[s] for s in starts[:-1]]
    return [max(b for b in range(len(first)) if x >= first[b]) for x in values]


def distinct_bin_of(values):
    names = {v: i for i, v in enumerate(sorted(set(values)))}
    return [names[v] for v in values]


def entropy(shares):
    return -math.fsum(s * math.log(s) for s in shares if s > 0)


def binned_information(which, right):
    """Plug-in and Miller-Madow information of bins with right/wrong, and the sd of the terms."""
    n = len(which)
    cell, row, column = {}, {}, {}
    for b, s in zip(which, right):
        cell[b, bool(s)] = cell.get((b, bool(s)), 0) + 1
        row[b] = row.get(b, 0) + 1
        column[bool(s)] = column.get(bool(s), 0) + 1
    h = entropy(c / n for c in column.values())
    terms = {bs: math.log(c * n / (row[bs[0]] * column[bs[1]])) for bs, c in cell.items()}
    plug_in = math.fsum(c / n * terms[bs] for bs, c in cell.items())
    sd = math.sqrt(max(0.0, math.fsum(c / n * (terms[bs] - plug_in) ** 2 for bs, c in cell.items())))
    corrected = plug_in + (len(row) + len(column) - len(cell) - 1) / (2 * n)
    least = min(r * c / n for r in row.values() for c in column.values())
    return {"plug_in": plug_in, "corrected": min(max(corrected, 0.0), h), "entropy": h, "sd": sd,
            "rows": len(row), "least_expected": least}


def information_interval(i, n):
    """Plug-in +- z sd(terms)/sqrt(N), clipped to what is possible; it always holds the corrected value."""
    if i["entropy"] == 0:
        return None
    half = Z * i["sd"] / math.sqrt(n)
    low, high = max(0.0, i["plug_in"] - half), min(i["entropy"], i["plug_in"] + half)
    return min(low, i["corrected"]), max(high, i["corrected"])


def g_test(values, right):
    """p-value of the G-test over 10 quantile bins, None where an expected count is under 5."""
    i = binned_information(quantile_bin_of(values, 10), right)
    if i["entropy"] == 0 or i["least_expected"] < 5 or i["rows"] < 2:
        return None
    return float(stats.chi2.sf(2 * len(values) * i["plug_in"], i["rows"] - 1))


def benjamini_hochberg(p):
    known = [i for i in range(len(p)) if p[i] is not None]
    ordered = sorted(known, key=lambda i: p[i])
    out, least = [None] * len(p), 1.0
    for rank in range(len(ordered), 0, -1):
        i = ordered[rank - 1]
        least = min(least, p[i] * len(ordered) / rank)
        out[i] = least
    return out


def mid_ranks(x):
    x = np.asarray(x, float)
    return np.array([(x < v).sum() + ((x == v).sum() + 1) / 2 for v in x])


def correlation_interval(x, s, group=None):
    """Pearson's r with se(z) = sd(u)/(sqrt(N)(1 - r²)), or from the sums of u within groups."""
    x, s = np.asarray(x, float), np.asarray(s, float)
    if len(x) < 2 or x.std() == 0 or s.std() == 0:
        return None
    a, b = (x - x.mean()) / x.std(), (s - s.mean()) / s.std()
    r = float((a * b).mean())
    if abs(r) >= 1:
        return None
    u = a * b - r * (a * a + b * b) / 2
    return fisher_interval(r, cluster_se(u, group) / (len(x) * (1 - r * r)))
