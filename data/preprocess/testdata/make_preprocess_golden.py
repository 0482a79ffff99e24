"""Writes preprocess.json: what scikit-learn makes of the same training and test items.

    python make_preprocess_golden.py        (numpy 2.4.6, scikit-learn 1.9.1)
"""
import json
import pathlib

import numpy as np
import sklearn
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, RobustScaler, StandardScaler

rng = np.random.default_rng(11)


def items(n, f):
    """Correlated columns of different places and widths, in float32 as the lab keeps them."""
    x = rng.normal(size=(n, 3)) @ rng.normal(size=(3, f)) + 0.3 * rng.normal(size=(n, f))
    return (x * 10.0 ** rng.integers(-2, 3, f) + rng.normal(size=f) * 5).astype(np.float32)


def holes(x):
    x = x.copy()
    x[rng.random(x.shape) < 0.1] = np.nan
    return x


def root():
    return FunctionTransformer(lambda x: np.sign(x) * np.sqrt(np.abs(x)))


def rows(x):
    """In as few digits as say the same number."""
    return [[None if np.isnan(v) else float(str(v)) for v in row] for row in x]


cases = []


def case(name, spec, steps, x):
    train, test = x[:-8], x[-8:]
    pipe = make_pipeline(*steps).fit(train.astype(np.float64))
    out = {"name": name, "spec": spec, "train": rows(train), "test": rows(test), "want": rows(pipe.transform(test.astype(np.float64)))}
    last = pipe[-1]
    if isinstance(last, PCA):
        out["variance"] = last.explained_variance_.tolist()
        out["kept"] = float(last.explained_variance_ratio_.sum())
    cases.append(out)


tall, wide = items(60, 9), items(20, 30)
full = {"svd_solver": "full"}
case("standard", {}, [StandardScaler()], tall)
case("robust", {"scale": "robust"}, [RobustScaler()], tall)
case("mean for missing", {"impute": "mean"}, [SimpleImputer(strategy="mean"), StandardScaler()], holes(tall))
case("median for missing, robust", {"impute": "median", "scale": "robust"}, [SimpleImputer(strategy="median"), RobustScaler()], holes(tall))
case("median alone", {"impute": "median", "scale": "none"}, [SimpleImputer(strategy="median")], holes(tall))
case("signed square root", {"signed_sqrt": True}, [root(), StandardScaler()], tall)
case("components", {"components": 4}, [StandardScaler(), PCA(4, **full)], tall)
case("all components", {"components": 9}, [StandardScaler(), PCA(9, **full)], tall)
case("components as they are", {"scale": "none", "components": 3}, [PCA(3, **full)], tall)
case("whitened", {"components": 4, "whiten": True}, [StandardScaler(), PCA(4, whiten=True, **full)], tall)
case("by variance", {"variance": 0.9}, [StandardScaler(), PCA(0.9, **full)], tall)
case("fewer items than columns", {"components": 5}, [StandardScaler(), PCA(5, **full)], wide)
case("fewer items, whitened", {"components": 11, "whiten": True}, [StandardScaler(), PCA(11, whiten=True, **full)], wide)
case("everything", {"impute": "mean", "signed_sqrt": True, "scale": "robust", "variance": 0.95, "whiten": True},
     [SimpleImputer(strategy="mean"), root(), RobustScaler(), PCA(0.95, whiten=True, **full)], holes(tall))

path = pathlib.Path(__file__).parent / "preprocess.json"
head = {"numpy": np.__version__, "scikit-learn": sklearn.__version__}
text = json.dumps({"versions": head, "cases": cases}, allow_nan=False)
path.write_text(text.replace('{"name"', '\n{"name"') + "\n")
