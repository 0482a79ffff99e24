"""Writes MAP@R of ways to adapt PLDA to another population, on held-out classes and on the other domain.

    go run ./siamese/testdata/plda --components DIR  # the built-in images without label 7, 8 and 9, some 40 MB
    python siamese/testdata/plda/adapt.py DIR

The table is DIR/table.txt. Half of the items of the new population, drawn at random, adapt; 1,000 others are evaluated.
Needs numpy and scipy.
"""
import sys

import numpy as np
import scipy.linalg as sl

FOLDS = ["456", "123", "012", "fashion", "digits"]


def load(fold, side):
    stem = f"{sys.argv[1]}/{fold}.{side}"
    with open(stem + ".txt") as f:
        labels = np.array(f.read().split("\n"))
    return np.fromfile(stem + ".f32", dtype="<f4").reshape(len(labels), -1).astype(float), labels


def unit(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def map_at_r(z, labels):
    z = z.astype(np.float32)
    _, of = np.unique(labels, return_inverse=True)
    r = np.bincount(of)[of] - 1
    s = z @ z.T
    np.fill_diagonal(s, -9)
    top = np.argsort(-s, axis=1, kind="stable")[:, : r.max()]
    hit = (of[top] == of[:, None]) & (np.arange(r.max())[None] < r[:, None])
    return ((hit * np.cumsum(hit, 1) / np.arange(1, r.max() + 1)).sum(1) / r).mean()


def fit(x, labels, share):  # as plda.Fit, without shrinkage of W
    m, (n, k) = x.mean(0), x.shape
    between, rest = np.zeros((k, k)), np.empty_like(x)
    for c in np.unique(labels):
        own = labels == c
        apart = x[own].mean(0) - m
        between += own.mean() * np.outer(apart, apart)
        rest[own] = x[own] - x[own].mean(0)
    return m, (1 - share) * between + share * np.trace(between) / k * np.eye(k), rest.T @ rest / n


def project(model, x):  # as plda.Model.Project
    m, between, within = model
    psi, axes = sl.eigh(between, within)
    psi = np.maximum(psi, 0)
    u, p = (x - m) @ axes, psi / (1 + 2 * psi)
    u *= np.sqrt(p.sum() / (p / (1 + psi) * u * u).sum(1))[:, None]
    return unit(np.c_[u * np.sqrt(p), np.full(len(u), np.sqrt((p * (1 + psi)).sum()))])


def power(a, e):
    w, v = np.linalg.eigh(a)
    return v * np.maximum(w, 1e-12) ** e @ v.T


def excess(new, old):  # what new has more than old, by the directions that both are diagonal in
    e, p = sl.eigh(new, old)
    inverse = np.linalg.inv(p)
    return inverse.T * np.maximum(e - 1, 0) @ inverse


def kaldi(model, mean, s, apart, within, between):  # PldaUnsupervisedAdaptor
    m, b, w = model
    more = excess(s + apart * np.outer(mean - m, mean - m), b + w)
    return mean, b + between * more, w + within * more


def align(model, mean, s):
    m, b, w = model
    turn = power(s, 0.5) @ power(b + w, -0.5)
    return mean, turn @ b @ turn.T, turn @ w @ turn.T


def coral_plus(model, mean, s, within, between):  # Lee, Wang and Koshinaka 2019
    m, b, w = model
    _, to_b, to_w = align(model, mean, s)
    return mean, b + between * excess(to_b, b), w + within * excess(to_w, w)


def chosen(model, mean, s):  # as plda.Model.Adapt
    return mean, align(model, mean, s)[1], model[2]


rows = {}
for fold in FOLDS:
    (train, classes), (new, labels) = load(fold, "train"), load(fold, "new")
    order = np.random.default_rng(7).permutation(len(new))
    half = len(new) // 2
    u, x, y = new[order[:half]], new[order[half : half + 1000]], labels[order[half : half + 1000]]

    def row(name, z):
        rows.setdefault(name, []).append(map_at_r(z, y))

    row("cosine of the components", unit(x))
    row("its mean, new", unit(x - u.mean(0)))
    row("whitened by the new items, power .25", unit((x - u.mean(0)) @ power(np.cov(u.T), -0.25)))
    row("and power .5", unit((x - u.mean(0)) @ power(np.cov(u.T), -0.5)))
    z, e = unit(u), unit(x)
    mean, s, few = z.mean(0), np.cov(z.T, bias=True), z[:50]
    for share in (0.2, 0.02):
        model = fit(unit(train), classes, share)
        tag = f"isotropic share {share}: "
        row(tag + "PLDA", project(model, e))
        if share == 0.2:
            row("mean alone", project((mean,) + model[1:], e))
            row("Kaldi: within .3, between .7", project(kaldi(model, mean, s, 1, 0.3, 0.7), e))
            row("Kaldi: between 1", project(kaldi(model, mean, s, 0, 0, 1), e))
            row("CORAL: B and W", project(align(model, mean, s), e))
            row("CORAL+: within .8, between .8", project(coral_plus(model, mean, s, 0.8, 0.8), e))
            row("CORAL+: between .8", project(coral_plus(model, mean, s, 0, 0.8), e))
            row("CORAL: B, by 50 items", project(chosen(model, few.mean(0), np.cov(few.T, bias=True)), e))
        row(tag + "CORAL: B (chosen)", project(chosen(model, mean, s), e))
    print(fold, flush=True, file=sys.stderr)
    with open(sys.argv[1] + "/table.txt", "w") as f:
        print("| | " + " | ".join(FOLDS) + " |", file=f)
        for name, values in rows.items():
            print(f"| {name} | " + " | ".join(f"{v:.3f}" for v in values) + " |", file=f)
