"""Writes items.parquet: 90 items of 3 classes and 2 sources with 12 features, the index "sku" as pandas notes it.

    python make.py   # pandas 2, pyarrow
"""

import pathlib

import numpy as np
import pandas as pd

rng = np.random.default_rng(20)
n = 90
label = np.arange(n) % 3
centres = rng.normal(size=(3, 12)) * 3
values = (centres[label] + rng.normal(size=(n, 12))).astype(np.float32)
frame = pd.DataFrame(values, columns=[f"hog_{i}" for i in range(6)] + [f"glcm_{i}" for i in range(6)])
frame.insert(0, "class", np.array(["mug", "vase", "<b>bowl</b>"])[label])
frame.insert(1, "source", np.where(np.arange(n) % 2 == 0, "shop", "web"))
frame.index = pd.Index([f"a-{i}" for i in range(n)], name="sku")
frame.to_parquet(pathlib.Path(__file__).with_name("items.parquet"))
