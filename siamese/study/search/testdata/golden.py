"""Writes optuna.json: what Optuna 5.0.0 does, for the tests of this package.

    python siamese/study/search/testdata/golden.py [PART ...]   # optuna 5.0.0, cmaes 0.13.1; minutes

densities: log densities of its Parzen estimators for observed points, at others.
importance: its importances (PED-ANOVA) of the settings of a study.
curves: mean and standard deviation, over seeds, of its best value so far on known functions.
cma: distributions of the package cmaes after generations of given points.
"""
import json
import math
import os
import sys
import warnings

import numpy as np
import optuna
from cmaes import CMA
from optuna.samplers._tpe.parzen_estimator import _ParzenEstimator, _ParzenEstimatorParameters
from optuna.samplers._tpe.sampler import default_weights

warnings.simplefilter("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)
here = os.path.dirname(os.path.abspath(__file__))
SEEDS = 60
KINDS, CS = ["a", "b"], ["p", "q", "r", "s"]


def sphere(t):
    return math.log10(sum((t.suggest_float(f"x{i}", -5, 5) - 1) ** 2 for i in range(3)))


def branin(t):
    x, y = t.suggest_float("x", -5, 10), t.suggest_float("y", 0, 15)
    v = (y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6) ** 2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10
    return math.log10(v - 0.397887)


A = np.array([[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]])
P = 1e-4 * np.array([[1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991],
                     [2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381]])


def hartmann6(t):
    x = np.array([t.suggest_float(f"x{i}", 0, 1) for i in range(6)])
    return float(-(np.array([1, 1.2, 3, 3.2]) @ np.exp(-(A * (x - P) ** 2).sum(axis=1))))


def mixed(t):
    kind = t.suggest_categorical("kind", KINDS)
    x = t.suggest_float("x", 1e-3, 1, log=True)
    n = t.suggest_int("n", 1, 20)
    m = t.suggest_int("m", 1, 1000, log=True)
    c = t.suggest_categorical("c", CS)
    v = (math.log10(x) + 1.7) ** 2 + 0.1 * abs(n - 7) + abs(math.log10(m) - 2) + {"p": .3, "q": 0, "r": .6, "s": .2}[c]
    if kind == "b":
        return v + 4 * (t.suggest_float("y", 0, 1) - 0.3) ** 2 + 0.1
    return v + 0.5


def curves():
    out = []
    for f, samplers, trials in [(sphere, "tpe cmaes random", 60), (branin, "tpe random", 60), (hartmann6, "tpe cmaes", 90),
                                (mixed, "tpe random", 60)]:
        for name in samplers.split():
            best = []
            for seed in range(SEEDS):
                make = {"tpe": optuna.samplers.TPESampler, "random": optuna.samplers.RandomSampler,
                        "cmaes": optuna.samplers.CmaEsSampler}[name]
                study = optuna.create_study(sampler=make(seed=seed))
                study.optimize(f, n_trials=trials)
                best.append(np.minimum.accumulate([t.value for t in study.trials]))
            best = np.array(best)
            at = [n for n in (20, 40, 60, 90) if n <= trials]
            out.append({"function": f.__name__, "sampler": name, "seeds": SEEDS, "trials": at,
                        "mean": [float(best[:, n - 1].mean()) for n in at],
                        "sd": [float(best[:, n - 1].std(ddof=1)) for n in at]})
            print(out[-1], flush=True)
    return out


def densities():
    rng = np.random.RandomState(1)
    space = {"x": optuna.distributions.FloatDistribution(-5, 5), "l": optuna.distributions.FloatDistribution(1e-3, 1, log=True),
             "n": optuna.distributions.IntDistribution(1, 200), "m": optuna.distributions.IntDistribution(1, 1000, log=True),
             "c": optuna.distributions.CategoricalDistribution(CS)}

    def draw(n):  # without equal numbers, which numpy does not sort in any certain order
        return {"x": rng.uniform(-5, 5, n), "l": np.exp(rng.uniform(math.log(1e-3), 0, n)), "n": rng.choice(np.arange(1.0, 201), n, replace=False),
                "m": rng.choice(np.arange(1.0, 1001), n, replace=False), "c": rng.randint(0, 4, n).astype(float)}

    def rows(d):
        return [{k: float(d[k][i]) for k in d} for i in range(len(d["x"]))]

    out = []
    for n in (0, 1, 2, 5, 30, 120):
        observed, at = draw(n), draw(20)
        for names in (["x", "l", "n", "m", "c"], ["x"], ["m"], ["c"]):
            sub = {k: space[k] for k in names}
            e = _ParzenEstimator({k: observed[k] for k in names}, sub,
                                 _ParzenEstimatorParameters(1.0, True, False, default_weights, True))
            out.append({"settings": names, "observed": rows(observed), "at": rows(at),
                        "log": e.log_pdf({k: at[k] for k in names}).tolist()})
    return out


def importance():
    out = []
    for f, seed, n in [(mixed, 0, 100), (mixed, 1, 25), (branin, 2, 60), (hartmann6, 3, 200)]:
        study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
        study.optimize(f, n_trials=n)
        trials = [{"point": {k: float(t.distributions[k].to_internal_repr(v)) for k, v in t.params.items()},
                   "score": -t.value} for t in study.trials]
        out.append({"function": f.__name__, "trials": trials, "shares": optuna.importance.get_param_importances(study)})
    return out


def cma():
    rng = np.random.RandomState(5)
    out = []
    for d in (1, 2, 6):
        c = CMA(mean=np.full(d, .5), sigma=1 / 6)
        generations = []
        for _ in range(5):
            points, losses = rng.uniform(0, 1, (c.population_size, d)), rng.uniform(0, 1, c.population_size)
            c.tell([(p, v) for p, v in zip(points, losses)])
            generations.append({"points": points.tolist(), "losses": losses.tolist(), "mean": c.mean.tolist(),
                                "sigma": float(c._sigma), "covariance": c._C.tolist()})
        out.append({"dimensions": d, "size": c.population_size, "generations": generations})
    return out


PARTS = {"densities": densities, "importance": importance, "cma": cma, "curves": curves}
path = os.path.join(here, "optuna.json")
out = json.load(open(path)) if os.path.exists(path) else {}
for part in sys.argv[1:] or PARTS:
    out[part] = PARTS[part]()
out["optuna"] = optuna.__version__
json.dump(out, open(path, "w"))
