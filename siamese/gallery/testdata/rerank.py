"""Writes rerank.json: similarities re-ranked by k-reciprocal encoding, with dense matrices and plain loops.

    python rerank.py > rerank.json

This is the algorithm of Zhong et al. 2017 as the authors' code has it (github.com/zhunzhong07/person-re-ranking), with
1 - cosine as the distance; an item comes first in its own ranking, and zero rows are nobody's neighbours. numpy 2.4.6.
"""
import json

import numpy as np


def rerank(rows, k1, k2, lam):
    n = len(rows)
    norm = np.linalg.norm(rows, axis=1)
    zero = norm == 0
    cosine = rows @ rows.T
    rank = []
    for i in range(n):
        order = [i]
        if not zero[i]:
            order += [j for j in np.argsort(-cosine[i], kind="stable") if j != i and not zero[j]]
        rank.append(order)

    def mutual(i, k):
        return [j for j in rank[i][:k + 1] if i in rank[j][:k + 1]]

    half = int(np.around(k1 / 2.0))
    v = np.zeros((n, n))
    for i in range(n):
        own = mutual(i, k1)
        grown = set(own)
        for c in own:
            theirs = mutual(c, half)
            if len(set(theirs) & set(own)) > 2.0 / 3 * len(theirs):
                grown |= set(theirs)
        grown = sorted(grown)
        distance = 1 - np.array([1.0 if j == i else cosine[i, j] for j in grown])
        weight = np.exp(-distance)
        v[i, grown] = weight / weight.sum()
    v = np.array([v[rank[i][:k2]].mean(axis=0) for i in range(n)])
    out = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            j_ij = np.minimum(v[i], v[j]).sum() / np.maximum(v[i], v[j]).sum()
            out[i, j] = (1 - lam) * j_ij + lam * (cosine[i, j] if i != j or zero[i] else 1)
    return out


def units(random, n, e, classes, spread):
    centres = random.normal(size=(classes, e))
    rows = centres[random.integers(classes, size=n)] + spread * random.normal(size=(n, e))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def short(values, kind=np.float64):
    # As few digits as the kind needs; of results ten.
    return [float(str(kind(x))) if kind is np.float32 else round(float(x), 10) for x in np.ravel(values)]


random = np.random.default_rng(7)
cases = []
for n, e, q, classes, spread, k1, k2, lam, zeros in [
    (40, 6, 4, 4, 0.6, 6, 3, 0.3, []),
    (40, 6, 4, 4, 0.6, 20, 6, 0.3, []),
    (35, 5, 3, 3, 0.9, 5, 1, 0.5, []),
    (35, 5, 3, 3, 0.9, 7, 2, 1.0, []),
    (12, 3, 2, 2, 0.4, 20, 6, 0.3, []),  # fewer items than neighbours
    (30, 4, 3, 3, 0.5, 6, 3, 0.3, [0, 17]),
    (1, 4, 2, 1, 0.5, 6, 3, 0.3, []),
]:
    rows = units(random, n, e, classes, spread)
    queries = units(random, q, e, classes, spread)
    rows[zeros] = 0
    # Numbers that float32 holds.
    rows, queries = (x.astype(np.float32).astype(float) for x in (rows, queries))
    cases.append({
        "n": n, "e": e, "k1": k1, "k2": k2, "lambda": lam, "rows": short(rows, np.float32),
        "queries": short(queries, np.float32), "all": short(rerank(rows, k1, k2, lam)),
        # Each query alone is one more item.
        "asked": [short(rerank(np.vstack([rows, one]), k1, k2, lam)[-1, :-1]) for one in queries],
    })
print(json.dumps(cases))
