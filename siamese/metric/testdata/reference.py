"""Write reference.json: figures of scikit-learn for the tests of this package.

    python reference.py            (scikit-learn 1.9.1, numpy 2.4.6)
"""

import json

import numpy as np
import sklearn
from sklearn import metrics

rng = np.random.default_rng(20)
groupings = []
for n, ka, kb, noise in [(1, 1, 1, 0), (2, 1, 2, 0), (6, 2, 3, 0.5), (40, 1, 5, 1), (60, 4, 4, 0), (60, 4, 4, 0.3),
                         (200, 7, 5, 0.5), (200, 200, 200, 0), (200, 50, 60, 1), (3000, 20, 20, 0.2), (3000, 20, 7, 1)]:
    a = np.arange(n) % ka
    b = np.where(rng.random(n) < noise, rng.integers(0, kb, n), (a * 3 + 1) % kb)
    groupings.append({
        "a": a.tolist(), "b": b.tolist(),
        "ami": metrics.adjusted_mutual_info_score(a, b), "nmi": metrics.normalized_mutual_info_score(a, b)})

pairs = []
for n, levels, share in [(50, 7, 0.5), (400, 1000, 0.1), (400, 20, 0.9), (2000, 100000, 0.02)]:
    same = rng.random(n) < share
    same[:2] = [True, False]
    score = np.round(rng.normal(same * 1.0, 1.0) * levels / 4) / levels
    weight = rng.integers(1, 6, n).astype(float)
    pairs.append({
        "score": score.tolist(), "same": same.tolist(), "weight": weight.tolist(),
        "roc_auc": metrics.roc_auc_score(same, score),
        "average_precision": metrics.average_precision_score(same, score),
        "weighted_roc_auc": metrics.roc_auc_score(same, score, sample_weight=weight),
        "weighted_average_precision": metrics.average_precision_score(same, score, sample_weight=weight)})

json.dump({"source": f"reference.py, scikit-learn {sklearn.__version__}, numpy {np.__version__}",
           "groupings": groupings, "pairs": pairs}, open("reference.json", "w"), separators=(",", ":"))
