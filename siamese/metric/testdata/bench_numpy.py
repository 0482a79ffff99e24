"""The metrics of AllPairs with numpy and scikit-learn, timed.

    python bench_numpy.py FILE N E CLASSES

FILE holds N x E little-endian float32; the label of item i is i % CLASSES. One JSON line goes to stdout. scikit-learn sorts
the pairs twice only: ROC-AUC, EER, FNR at FPR and the best accuracy all come from one roc_curve.
"""

import json
import resource
import sys
import time

import numpy as np
from sklearn.metrics import auc, average_precision_score, roc_curve

path, n, e, classes = sys.argv[1], *map(int, sys.argv[2:5])
x = np.fromfile(path, dtype="<f4").reshape(n, e)
labels = (np.arange(n) % classes).astype(np.int32)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
start = time.perf_counter()

x /= np.linalg.norm(x, axis=1, keepdims=True)
scores, same = np.empty(n * (n - 1) // 2, np.float32), np.empty(n * (n - 1) // 2, bool)
at = 0
for a in range(0, n, 500):  # in blocks of rows, so that the whole matrix is never held
    block = x[a:a + 500] @ x[a:].T
    for i in range(len(block)):
        m = n - a - i - 1
        scores[at:at + m] = block[i, i + 1:]
        same[at:at + m] = labels[a + i + 1:] == labels[a + i]
        at += m
fpr, tpr, threshold = roc_curve(same, scores)
area = auc(fpr, tpr)
fnr = 1 - tpr
k = int(np.argmax(fnr <= fpr))
d0, d1 = fnr[k - 1] - fpr[k - 1], fnr[k] - fpr[k]
eer = fpr[k - 1] + d0 / (d0 - d1) * (fpr[k] - fpr[k - 1])
at_fpr = [float(fnr[fpr <= f].min()) for f in (1e-1, 1e-2, 1e-3, 1e-4)]
pos = int(same.sum())
neg = len(same) - pos
accuracy = float(((tpr * pos + (1 - fpr) * neg) / (pos + neg)).max())
del fpr, tpr, threshold, fnr
ap = average_precision_score(same, scores)
verified = time.perf_counter()
del scores, same

ap_at_r, rp, mrr, recall = [], [], [], {1: 0, 5: 0, 10: 0}
ndcg = {k: 0.0 for k in recall}
gain = 1 / np.log2(np.arange(2, 12))
for a in range(0, n, 500):
    block = x[a:a + 500] @ x.T
    own = np.arange(len(block))
    block[own, a + own] = -np.inf
    order = np.argsort(-block, axis=1, kind="stable")[:, :-1]
    hits = labels[order] == labels[a:a + 500, None]
    for h in hits:
        r = int(h.sum())
        top = h[:r]
        ap_at_r.append(float((np.cumsum(top) / np.arange(1, r + 1) * top).sum() / r))
        rp.append(top.mean())
        mrr.append(1 / (1 + int(np.argmax(h))))
        for k in recall:
            recall[k] += bool(h[:k].any())
            ndcg[k] += (h[:k] * gain[:k]).sum() / gain[:min(k, r)].sum()
done = time.perf_counter()
print(json.dumps({
    "verify_s": verified - start, "both_s": done - start, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    "before_mb": before, "roc_auc": area, "eer": float(eer), "average_precision": ap, "best_accuracy": accuracy,
    "fnr_at_1e-4": at_fpr[3], "map_at_r": float(np.mean(ap_at_r)), "r_precision": float(np.mean(rp)), "mrr": float(np.mean(mrr)),
    "recall_at_1": recall[1] / n, "ndcg_at_10": ndcg[10] / n}))
