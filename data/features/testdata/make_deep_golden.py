"""Writes deep.json: what scikit-image makes of pictures of more than 8 bits a channel.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 scikit-image==0.26.0
    venv/bin/python testdata/make_deep_golden.py        # in the folder data/features/
"""
import json
import pathlib
import warnings

import numpy as np
import skimage
from skimage.feature import graycomatrix, hog, local_binary_pattern

warnings.filterwarnings("ignore")  # that patterns of floating-point pictures are fragile
rng = np.random.default_rng(11)
y, x = np.mgrid[0:24, 0:20]
twelve = (1000 + 90 * y + 25 * x + rng.integers(0, 400, (24, 20))).astype(np.uint16)  # 12 bits in 16
pictures = {
    "12 of 16 bits": (twelve, (0, 65536)),
    "colour of 16 bits": (rng.integers(0, 65536, (24, 20, 3)).astype(np.uint16), (0, 65536)),
    "float": ((np.sin(x / 3) * y - 5 + rng.normal(0, 0.2, (24, 20))).astype(np.float32), (0, 1)),
}
out = dict(source=f"scikit-image {skimage.__version__}, numpy {np.__version__}", pictures={})
for name, (a, kind) in pictures.items():
    colour = a.ndim == 3
    # As float64, so that the float32 picture is computed as the others are.
    real = a.astype(float)
    golden = dict(w=20, h=24, c=3 if colour else 1, range=kind, values=[float(v) for v in a.ravel()])
    golden["hog"] = hog(real, 9, (4, 4), (2, 2), "L2-Hys", channel_axis=-1 if colour else None).tolist()
    if not colour:
        golden["lbp"] = local_binary_pattern(real, 8, 1.5, "uniform").astype(int).ravel().tolist()
        for scale, (low, high) in dict(type=kind, image=(real.min(), real.max()), data=(-40, 4000)).items():
            levels = np.clip(np.floor((real - low) / (high - low) * 8), 0, 7).astype(np.uint8)
            golden["glcm " + scale] = graycomatrix(levels, [1], [0], 8).ravel().tolist()
    out["pictures"][name] = golden
(pathlib.Path(__file__).parent / "deep.json").write_text(json.dumps(out) + "\n")
