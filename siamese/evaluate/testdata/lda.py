"""Writes lda.json: directions of scikit-learn's LinearDiscriminantAnalysis, for the tests of discriminants.

    python lda.py > lda.json      (scikit-learn 1.9.1, numpy)
"""
import json

import numpy
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

random = numpy.random.default_rng(7)
cases = []
for n, k, classes, shrinkage in [(40, 5, 3, 0.1), (30, 4, 6, 0.0), (12, 8, 2, 0.5)]:
    labels = numpy.arange(n) ** 2 % (classes + 2) % classes
    labels[:classes] = numpy.arange(classes)
    rows = random.normal(size=(n, k)) @ random.normal(size=(k, k)) + random.normal(size=(classes, k))[labels]
    rows = numpy.round(rows, 3)
    lda = LinearDiscriminantAnalysis(solver="eigen", shrinkage=shrinkage).fit(rows, labels)
    d = min(classes - 1, k)
    cases.append({"rows": rows.tolist(), "class": labels.tolist(), "classes": classes, "shrinkage": shrinkage, "directions": lda.scalings_[:, :d].tolist()})
print(json.dumps(cases))
