"""Writes golden.json: views of a small picture as scikit-image and scipy make them.

python golden.py > golden.json, with scikit-image 0.26.0, scipy 1.17.1 and numpy
"""
import json
import numpy as np
from scipy.ndimage import map_coordinates
from skimage.transform import warp

rng = np.random.default_rng(7)
W, H, C = 9, 7, 3
picture = rng.integers(0, 256, (H, W, C)).astype(float)
out = {"w": W, "h": H, "c": C, "picture": picture.ravel().tolist(), "affine": [], "bend": {}}
for a in [[1, 0, 0, 0, 1, 0], [1, 0, 2, 0, 1, -1], [1, 0, 0.25, 0, 1, 0.5], [0.9, -0.2, 1.3, 0.25, 1.1, -0.7],
          [-1, 0, 8, 0, 1, 0], [1.4, 0.3, -2.5, 0, 0.8, 0.1]]:
    m = np.array([a[:3], a[3:], [0, 0, 1]], float)
    v = warp(picture, m, order=1, mode="edge", preserve_range=True)
    out["affine"].append({"map": a, "values": v.ravel().tolist()})
grid = rng.uniform(-1.5, 1.5, (7, 7, 2))
# Uniform cubic B-splines of control points: order 3 without the prefilter. Pixel 0 lies at control point 1.
y, x = np.mgrid[0:H, 0:W].astype(float)
gy, gx = 1 + y / (H - 1) * 4, 1 + x / (W - 1) * 4
dx, dy = (map_coordinates(grid[..., k], [gy, gx], order=3, prefilter=False) for k in (0, 1))
bent = [map_coordinates(picture[..., k], [y + dy, x + dx], order=1, mode="nearest") for k in range(C)]
out["bend"] = {"grid": grid.ravel().tolist(), "values": np.stack(bent, -1).ravel().tolist()}
print(json.dumps(out))
