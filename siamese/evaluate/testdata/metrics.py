"""Writes metrics.json: what metric-learn learns, for the tests of localDiscriminants and nearestComponents.

    python metrics.py > metrics.json      (metric-learn 0.7.0, scikit-learn 1.7.2, as metric-learn does not run with 1.8 and later; numpy 2.4.6)

Two lines of metric-learn's LFDA are not Sugiyama (2007), and neither the lab's. It takes the scales of items from a
column of partitioned distances where they stand in a row ("np.partition(dist, k, axis=0)[:, k]"), which is mended here;
and it adds the scatter within classes where he subtracts it ("tSb -= _sum_outer(X) / n - tSw"), so that its eigenvalues
are larger by 2, with the same eigenvectors.
"""
import json

import numpy
from metric_learn import LFDA, NCA

random = numpy.random.default_rng(7)
lfda, nca = [], []
for n, k, classes in [(40, 3, 4), (60, 5, 3), (90, 9, 5)]:
    labels = numpy.arange(n) % classes
    rows = random.normal(size=(n, k)) @ random.normal(size=(k, k)) + random.normal(size=(classes, k))[labels]
    rows = numpy.round(rows, 3)
    partition = numpy.partition
    numpy.partition = lambda *a, **b: partition(*a, **b).T
    components = LFDA(k=k - 1).fit(rows, labels).components_
    numpy.partition = partition
    lfda.append({"rows": rows.tolist(), "class": labels.tolist(), "classes": classes, "near": k - 1,
                 "components": components.tolist()})
    start = numpy.eye(k) / 4
    one = NCA(init=start, max_iter=200, tol=1e-10)
    mask = labels[:, None] == labels[None]
    one.n_iter_ = 1
    turned = random.normal(size=(k, k)) / 4
    loss, gradient = one._loss_grad_lbfgs(turned.ravel(), rows, mask, 1.0)
    one.fit(rows, labels)
    last, _ = one._loss_grad_lbfgs(one.components_.ravel(), rows, mask, 1.0)
    nca.append({"rows": rows.tolist(), "class": labels.tolist(), "components": turned.tolist(), "value": float(loss),
                "gradient": gradient.reshape(k, k).tolist(), "start": start.tolist(), "best": float(last)})
print(json.dumps({"lfda": lfda, "nca": nca}))
