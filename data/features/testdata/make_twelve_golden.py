"""Writes twelve.png and twelve.json: 40 pictures of two textures, of 12 bits in 16 and of small contrast, one below the
other, and what the HOG of scikit-image makes of them: the features of the first four, and the ROC-AUC of cosines of all
pairs; beside it that of the same pictures cut to their upper 8 bits, in which next to nothing is left.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 scikit-image==0.26.0 pillow==13.0.0
    venv/bin/python testdata/make_twelve_golden.py        # in the folder data/features/
"""
import json
import pathlib

import numpy as np
import skimage
from PIL import Image
from skimage.feature import hog

HERE = pathlib.Path(__file__).parent
rng = np.random.default_rng(1209)
side, n = 24, 40
y, x = np.mgrid[0:side, 0:side]
pictures = []
for i in range(n):
    angle = np.deg2rad([25, 70][i % 2] + rng.normal(0, 6))
    wave = np.sin((x * np.cos(angle) + y * np.sin(angle)) * 2 * np.pi / 6 + rng.uniform(0, 2 * np.pi))
    a = rng.uniform(600, 3200) + 30 * wave + rng.normal(0, 16, (side, side))
    pictures.append(np.clip(np.round(a), 0, 4095).astype(np.uint16))
Image.fromarray(np.concatenate(pictures)).save(HERE / "twelve.png", optimize=True)


def features(pictures):
    return np.array([hog(p.astype(float), 9, (8, 8), (2, 2), "L2-Hys") for p in pictures])


def auc(f):
    f = f / np.maximum(np.linalg.norm(f, axis=1, keepdims=True), 1e-12)
    cosines = f @ f.T
    i, j = np.triu_indices(n, 1)
    same = (i - j) % 2 == 0
    positive, negative = cosines[i, j][same], cosines[i, j][~same]
    d = positive[:, None] - negative
    return float(((d > 0) + 0.5 * (d == 0)).mean())


f = features(pictures)
cut = [(p >> 8).astype(np.uint8) for p in pictures]  # what a decoder of 8 bits leaves
out = dict(source=f"scikit-image {skimage.__version__}, numpy {np.__version__}", n=n, side=side, hog=f[:4].tolist(),
           auc=auc(f), auc8=auc(features(cut)))
print(out["auc"], out["auc8"], [len(np.unique(c)) for c in cut[:5]])
(HERE / "twelve.json").write_text(json.dumps(out) + "\n")
