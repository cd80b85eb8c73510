"""Print the reference numbers of tests/unit/test_proper.c (scikit-learn 1.2, NumPy 1.24)."""
import numpy as np
from sklearn.metrics import log_loss

rng = np.random.RandomState(3)
logits = rng.randint(-30, 31, (12, 4)) / 16.0
label = np.array([0, 1, 2, 3, 0, 1, 2, 3, 3, 2, 1, 0])
group = np.array([0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 4, 4])
n, groups = len(label), group.max() + 1
p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
print("logits", ", ".join(map(repr, logits.ravel())))

loss = -np.log(p[np.arange(n), label])
brier = ((p - np.eye(4)[label]) ** 2).sum(axis=1)
print("log loss", repr(log_loss(label, p)), "sd", repr(loss.std(ddof=1)))
print("Brier", repr(brier.mean()), "sd", repr(brier.std(ddof=1)))
order = np.argsort(-p, axis=1, kind="stable")
for k in 2, 3:
    print("top", k, (order[:, :k] == label[:, None]).any(axis=1).sum())
for name, term in ("log loss", loss), ("Brier", brier):
    summed = np.bincount(group, (term - term.mean()) / n)
    print("grouped se of", name, repr(np.sqrt(groups / (groups - 1) * (summed**2).sum())))
ranked = np.sort(p, axis=1)
print("margin", (ranked[:, -1] - ranked[:, -2])[:3].tolist())
print("entropy", (-(p * np.log(p)).sum(axis=1))[:3].tolist())
