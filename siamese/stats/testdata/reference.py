"""Write reference.json: calibrations and their quality by scikit-learn, and tests by SciPy, for the tests of this package.

    python reference.py            (scikit-learn 1.9.1)
"""

import json

import numpy as np
import scipy
import sklearn
from scipy import optimize, stats
from sklearn import calibration, isotonic, metrics

rng = np.random.default_rng(6)


def exact_platt(f, y, w):
    """The minimum of Platt's loss to full precision; _sigmoid_calibration stops earlier."""
    pos, neg = w[y].sum(), w[~y].sum()
    t = np.where(y, (pos + 1) / (pos + 2), 1 / (neg + 2))
    def loss(p):
        x = p[0] * f + p[1]
        q = 1 / (1 + np.exp(-x))
        d = w * (q - t)
        h = w * q * (1 - q)
        return ((w * (np.logaddexp(0, x) - x * t)).sum(), np.array([(d * f).sum(), d.sum()]),
                np.array([[(h * f * f).sum(), (h * f).sum()], [(h * f).sum(), h.sum()]]))
    r = optimize.minimize(lambda p: loss(p)[0], [0.0, np.log((pos + 1) / (neg + 1))], jac=lambda p: loss(p)[1],
                          hess=lambda p: loss(p)[2], method="trust-exact", options={"gtol": 1e-9 * w.sum()})
    return r.x


fits = []
for n, levels, gap, weighted in [(40, 5, 1.5, False), (300, 1000, 2.0, False), (300, 12, 1.0, True), (2000, 10**6, 1.5, True),
                                 (60, 1000, 20.0, False)]:
    y = rng.random(n) < 0.4
    y[:2] = [True, False]
    f = np.round((rng.normal(y * gap, 1.0) / (3 + gap)) * levels) / levels
    w = rng.integers(1, 6, n).astype(float) if weighted else np.ones(n)
    iso = isotonic.IsotonicRegression(out_of_bounds="clip", y_min=0, y_max=1).fit(f, y.astype(float), sample_weight=w)
    a, b = calibration._sigmoid_calibration(f, y.astype(float), w)
    slope, offset = exact_platt(f, y, w)
    at = np.unique(np.round(np.concatenate([f, np.linspace(-1.5, 1.5, 41)]), 9))[::max(1, n // 100)]
    fits.append({
        "score": f.tolist(), "same": y.tolist(), "weight": w.tolist(), "at": at.tolist(),
        "isotonic": iso.predict(at).tolist(), "sigmoid": (1 / (1 + np.exp(a * at + b))).tolist(),
        "slope": slope, "offset": offset})

probabilities = []
for n, levels in [(50, 10), (400, 1000), (1000, 7)]:
    p = np.round(rng.random(n) ** 2 * levels) / levels
    y = rng.random(n) < p ** 1.3
    y[:2] = [True, False]
    w = rng.integers(1, 6, n).astype(float)
    share, mean = calibration.calibration_curve(y, p, n_bins=8, strategy="uniform")
    probabilities.append({
        "probability": p.tolist(), "same": y.tolist(), "weight": w.tolist(),
        "brier": metrics.brier_score_loss(y, p), "weighted_brier": metrics.brier_score_loss(y, p, sample_weight=w),
        "share": share.tolist(), "mean": mean.tolist()})

wilson = []
for k, n, level in [(0, 10, 0.95), (3, 10, 0.9), (10, 10, 0.95), (712, 1000, 0.99)]:
    ci = stats.binomtest(k, n).proportion_ci(level, method="wilson")
    wilson.append({"k": k, "n": n, "confidence": level, "low": ci.low, "high": ci.high})

values = [0.812, 0.794, 0.806, 0.79, 0.801]
low, high = stats.t.interval(0.9, len(values) - 1, np.mean(values), stats.sem(values))
spread = {"values": values, "confidence": 0.9, "mean": np.mean(values), "sd": np.std(values, ddof=1), "low": low, "high": high}

# BCa of the mean of skewed values: SciPy's acceleration is the jackknife's, which for a mean is the influence values'.
skewed = np.exp(rng.normal(0, 1, 60)) / 40
res = stats.bootstrap((skewed,), np.mean, n_resamples=200000, confidence_level=0.9, method="BCa", rng=np.random.default_rng(1))
bca = {"values": skewed.tolist(), "confidence": 0.9, "low": res.confidence_interval.low, "high": res.confidence_interval.high}

# The sign-flipping test by all 2^12 swaps, and by SciPy's sampling for more values.
flips = []
for n, shift in [(10, 0.5), (12, 0.1), (40, 0.3)]:
    a = np.round(rng.normal(0, 1, n), 2)
    b = np.round(a + rng.normal(shift, 1, n), 2)
    r = stats.permutation_test((b, a), lambda x, y, axis: np.mean(x - y, axis=axis), permutation_type="samples",
                               vectorized=True, n_resamples=200000 if n > 12 else np.inf, rng=np.random.default_rng(2))
    flips.append({"a": a.tolist(), "b": b.tolist(), "p": r.pvalue, "exact": n <= 12})

json.dump({"source": f"reference.py, scikit-learn {sklearn.__version__}, scipy {scipy.__version__}, numpy {np.__version__}",
           "fits": fits, "probabilities": probabilities, "wilson": wilson, "spread": spread, "bca": bca, "flips": flips},
          open("reference.json", "w"), separators=(",", ":"))
