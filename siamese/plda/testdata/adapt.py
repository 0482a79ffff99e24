"""Writes adapt.json: PLDA adapted to another population, by scipy's matrix roots.

    python adapt.py > adapt.json

numpy 2.4.6, scipy 1.17.1.
"""
import json

import numpy
from scipy.linalg import fractional_matrix_power

random = numpy.random.default_rng(7)
cases = []
for k, rank, n in [(1, 1, 5), (3, 1, 40), (5, 5, 12), (6, 4, 4)]:
    mean, factor, noise = random.normal(size=k), random.normal(size=(k, rank)), random.normal(size=(k, 2 * k))
    between, within = factor @ factor.T, noise @ noise.T / (2 * k) + 0.01 * numpy.eye(k)
    z = (random.normal(size=(n, k)) * numpy.linspace(1, 3, k) + 1).astype(numpy.float32).astype(float)
    values, vectors = numpy.linalg.eigh(numpy.cov(z.T, bias=True).reshape(k, k))
    root = (vectors * numpy.sqrt(numpy.where(values > 1e-13 * values[-1], values, 0))) @ vectors.T  # with few rows
    turn = root @ fractional_matrix_power(between + within, -0.5)
    cases.append({"mean": mean.tolist(), "between": between.tolist(), "within": within.tolist(), "rows": z.tolist(),
                  "adapted_mean": z.mean(0).tolist(), "adapted_between": (turn @ between @ turn.T).tolist()})
print(json.dumps(cases))
