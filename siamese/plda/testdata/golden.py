"""Writes golden.json: scores of SpeechBrain's fast_PLDA_scoring and shrinkages of scikit-learn's ledoit_wolf.

    python golden.py PATH/TO/speechbrain/processing/PLDA_LDA.py > golden.json

Covariances between classes are at most some hundred times those within: above, SpeechBrain loses digits.

speechbrain 1.1.2 (pip install --no-deps: that file imports only numpy and scipy), scikit-learn 1.9.1, numpy 2.4.6.
"""
import importlib.util
import json
import sys

import numpy
from sklearn.covariance import ledoit_wolf_shrinkage

spec = importlib.util.spec_from_file_location("PLDA_LDA", sys.argv[1])
sb = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sb)
random = numpy.random.default_rng(5)


def rows(n, k):  # numbers that float32 holds
    return random.normal(size=(n, k)).astype(numpy.float32).astype(float)


def stats(values, prefix):
    names = numpy.array([prefix + str(i) for i in range(len(values))], dtype="|O")
    none = numpy.array([None] * len(values))
    return sb.StatObject_SB(modelset=names, segset=names, start=none, stop=none, stat0=numpy.ones((len(values), 1)),
                            stat1=values.copy()), names


scores = []
for k, rank, scale in [(1, 1, 1), (4, 2, 1), (6, 6, 0.1), (9, 3, 3)]:
    mean, factor = random.normal(size=k), scale * random.normal(size=(k, rank))
    noise = random.normal(size=(k, 2 * k))
    within = noise @ noise.T / (2 * k) + 0.01 * numpy.eye(k)
    left, right = rows(3, k), rows(4, k)
    (enroll, a), (test, b) = stats(left, "e"), stats(right, "t")
    got = sb.fast_PLDA_scoring(enroll, test, sb.Ndx(models=a, testsegs=b), mean, factor, within)
    assert list(got.modelset) == list(a) and list(got.segset) == list(b)
    scores.append({"mean": mean.tolist(), "between": (factor @ factor.T).tolist(), "within": within.tolist(),
                   "left": left.tolist(), "right": right.tolist(), "scores": got.scoremat.tolist()})
shrinkages = []
for n, k, spread in [(5, 3, 1), (40, 6, 3), (8, 20, 1), (6, 1, 1), (500, 4, 5)]:
    x = rows(n, k) * numpy.linspace(1, spread, k)
    shrinkages.append({"rows": x.tolist(), "shrinkage": float(ledoit_wolf_shrinkage(x, assume_centered=True))})
shrinkages = [s for s in shrinkages if len(s["rows"]) < 100]
print(json.dumps({"scores": scores, "shrinkages": shrinkages}))
