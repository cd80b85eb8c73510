"""Print the reference numbers of tests/unit/test_calibration.c and test_temperature.c (NumPy 1.24, SciPy 1.10)."""
import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import log_softmax

EDGES = np.arange(16) / 15.0


def mix(x):
    x = int(x) & (2**64 - 1)
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & (2**64 - 1)
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & (2**64 - 1)
    return x ^ (x >> 31)


def binned(p, hit):
    """Count, mean and hits of each bin (l, u], the first [0, 1/15]."""
    bins = np.clip(np.digitize(p, EDGES, right=True) - 1, 0, 14)
    return [(p[bins == b], hit[bins == b]) for b in range(15)]


def ece(p, hit):
    return sum(abs(h.sum() - q.sum()) for q, h in binned(p, hit)) / len(p)


def unit(x):
    return (mix(x) >> 11) * 2.0**-53


# The data of the tests: hashes, the same in C.
n, k = 400, 5
logits = np.array([4.0 * unit(i + 1) + 3.0 * (i % k == (i // k * 3) % k) for i in range(n * k)]).reshape(n, k)
label = np.array([(r * 3 % k + (unit(r + 1000000) < 0.35)) % k for r in range(n)])
p = np.exp(log_softmax(logits, axis=1))
predicted = p.argmax(axis=1)
confidence = p[np.arange(n), predicted]
right = (predicted == label).astype(float)
print("ece", repr(ece(confidence, right)))
print("mce", repr(max(abs(h.mean() - q.mean()) for q, h in binned(confidence, right) if len(q))))
order = np.argsort(confidence, kind="stable")
parts = np.split(order, [b * n // 15 for b in range(1, 15)])
print("adaptive", repr(sum(abs(right[a].sum() - confidence[a].sum()) for a in parts) / n))
print("classwise", repr(np.mean([ece(p[:, c], (label == c).astype(float)) for c in range(k)])))
print("counts", [len(q) for q, _ in binned(confidence, right)])
print("correct", [int(h.sum()) for _, h in binned(confidence, right)])
full = [q.mean() for q, _ in binned(confidence, right) if len(q)]
print("first mean confidence", repr(full[0]), "last", repr(full[-1]))

SALT, SEED = 0x7E3A9C51D2B64F08, 11
fit = np.array([mix(mix(SEED ^ SALT) + r) >> 63 for r in range(n)]) == 1
logs = np.log(np.maximum(p, 2.0**-52))


def loss(t, rows):
    return -log_softmax(logs[rows] / t, axis=1)[np.arange(rows.sum()), label[rows]].mean()


def slope(b):
    w = np.exp(b * logs[fit])
    w /= w.sum(axis=1, keepdims=True)
    return ((w * logs[fit]).sum(axis=1) - logs[fit][np.arange(fit.sum()), label[fit]]).sum()


# A minimiser stops at the square root of the rounding; the root of the slope is sharper.
best = minimize_scalar(lambda b: loss(1 / b, fit), bounds=(0.05, 20), method="bounded", options={"xatol": 1e-13})
b = brentq(slope, 0.05, 20, xtol=1e-15, rtol=1e-15)
assert abs(b - best.x) < 1e-5
after = np.exp(log_softmax(logs * b, axis=1))[np.arange(n), predicted]
print("fit on", fit.sum(), "T", repr(1 / b))
print("log loss", repr(loss(1, ~fit)), repr(loss(1 / b, ~fit)))
print("ece", repr(ece(confidence[~fit], right[~fit])), repr(ece(after[~fit], right[~fit])))
