"""Writes golden.json: what lir 1.8.0 (PyPI, Apache 2.0) computes from a few lists of log likelihood ratios.

    pip install lir==1.8.0        # Python 3.12 or newer
    python make_golden.py > golden.json

numpy's generator is seeded, so that the same versions write the same file. All LLRs are log10.
"""
import json

import numpy as np
from lir.algorithms.bayeserror import calculate_expected_utility, elub
from lir.algorithms.isotonic_regression import IsotonicCalibrator
from lir.data.models import LLRData
from lir.metrics import cllr, cllr_cal, cllr_min
from lir.plotting.expected_calibration_error import calculate_ece
from lir.util import logodds_to_odds, odds_to_probability

PRIORS = np.array([-2.5, -1.0, -0.3, 0.0, 0.7, 2.0])  # log10 prior odds
THRESHOLDS = np.array([-1.513, -0.607, -0.0511, 0.0313, 0.813, 1.907])  # log10 LR; no LLR lies on one


def sample(rng, same, different, apart, scale, shift, digits):
    llr = np.concatenate([rng.normal(apart, 1, same), rng.normal(-apart, 1, different)]) * scale + shift
    return np.round(llr, digits), np.concatenate([np.ones(same), np.zeros(different)])


def measure(name, llr, y):
    data = LLRData(features=llr.reshape(-1, 1), hypothesis=y)
    pav = IsotonicCalibrator().fit_apply(data)
    prior = odds_to_probability(10**PRIORS)
    neutral = calculate_expected_utility(np.ones(len(llr)), y, 10**THRESHOLDS)
    system = calculate_expected_utility(10**llr, y, 10**THRESHOLDS)
    low, high = elub(LLRData(features=llr.reshape(-1, 1).copy(), hypothesis=y))
    return {
        'name': name, 'llr': llr.tolist(), 'same': [bool(v) for v in y],
        'cllr': cllr(data), 'min_cllr': cllr_min(data), 'calibration_loss': cllr_cal(data),
        'log_prior_odds': PRIORS.tolist(),
        'cross_entropy': calculate_ece(logodds_to_odds(llr), y, prior).tolist(),
        'min_cross_entropy': calculate_ece(logodds_to_odds(pav.llrs), y, prior).tolist(),
        'thresholds': THRESHOLDS.tolist(), 'bayes_error': (system / neutral).tolist(),
        'tippett_same': [float(np.mean(llr[y == 1] >= t)) for t in THRESHOLDS],
        'tippett_different': [float(np.mean(llr[y == 0] >= t)) for t in THRESHOLDS],
        'elub': [float(low), float(high)],
    }


def main():
    rng = np.random.default_rng(20161)
    out = [
        measure('calibrated', *sample(rng, 60, 80, .8, .9, 0, 6)),
        measure('shifted and too bold', *sample(rng, 40, 50, .6, 3, .7, 6)),
        measure('few same', *sample(rng, 12, 190, 1.2, .8, -.3, 6)),
        measure('ties', *sample(rng, 70, 60, .9, .7, .05, 1)),
        measure('reversed', *sample(rng, 40, 40, -.7, 1, 0, 6)),
        measure('separated', *sample(rng, 30, 25, 9, .3, 0, 6)),
        measure('beyond nine', *sample(rng, 30, 25, 2, 6, 0, 6)),
    ]
    print(json.dumps(out, indent=None, separators=(',', ':')).replace('},{', '},\n{'))


main()
