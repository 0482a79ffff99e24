"""Writes texture_more.json.gz: HOG, GLCM and LBP of scikit-image over many parameters and image sizes, and resized
images of Pillow.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 scipy==1.17.1 scikit-image==0.26.0 pillow==13.0.0
    venv/bin/python testdata/make_texture_golden.py        # in the folder data/features/

The versions used are written into the file. The images are made here with a fixed seed or are items of the
built-in dataset; their pixels are stored, so that the test needs nothing else.
"""
import base64
import gzip
import json
import pathlib
import platform

import numpy as np
import PIL
import scipy
import skimage
from PIL import Image
from skimage.feature import graycomatrix, graycoprops, hog, local_binary_pattern

HERE = pathlib.Path(__file__).parent
PROPERTIES = ["contrast", "dissimilarity", "homogeneity", "ASM", "energy", "correlation", "entropy", "mean",
              "variance", "std"]


def builtin(domain, index):
    raw = gzip.decompress((HERE.parent.parent / "builtin" / "files" / f"{domain}-images-idx3-ubyte.gz").read_bytes())
    return np.frombuffer(raw, np.uint8, offset=16).reshape(-1, 28, 28)[index]


def make_images():
    rng = np.random.default_rng(20240607)

    def waves(h, w, c=None):
        y, x = np.mgrid[0:h, 0:w]
        planes = [127 + 60 * np.sin(x / 3 + k) + 50 * np.cos(y / 4 - k) + rng.normal(0, 6, (h, w))
                  for k in range(c or 1)]
        out = np.clip(np.stack(planes, -1), 0, 255).astype(np.uint8)
        return out if c else out[..., 0]

    noise = lambda *shape: rng.integers(0, 256, shape, dtype=np.uint8)
    steps = (np.add.outer(np.arange(40) // 5, np.arange(25) // 4) % 6 * 50).astype(np.uint8)
    return {
        "digit": builtin("digits", 123), "boot": builtin("fashion", 456),
        "noise 17x23": noise(17, 23), "waves 64x48": waves(64, 48), "waves 9x50": waves(9, 50),
        "steps 40x25": steps, "flat 20x20": np.full((20, 20), 77, np.uint8), "black 12x13": np.zeros((12, 13), np.uint8),
        "noise 8x8": noise(8, 8), "noise 3x3": noise(3, 3), "row 1x24": noise(1, 24), "column 24x1": noise(24, 1),
        "pixel 1x1": noise(1, 1), "two 2x2": noise(2, 2), "few levels 31x33": noise(31, 33) // 64 * 64,
        "colour waves 27x35": waves(27, 35, 3), "colour noise 16x16": noise(16, 16, 3),
        "noise 5x7": noise(5, 7), "noise 2x50": noise(2, 50), "white 9x7": np.full((9, 7), 255, np.uint8),
        "waves 201x150": waves(201, 150), "colour waves 131x97": waves(131, 97, 3), "colour noise 4x5": noise(4, 5, 3),
        "colour row 1x9": noise(1, 9, 3), "colour flat 21x19": np.full((21, 19, 3), (200, 30, 90), np.uint8),
        "grey as colour 18x22": np.repeat(noise(18, 22, 1), 3, -1),
    }


def short(values):
    """Nine significant digits: far beyond the agreement that is asked for, and half the file."""
    return [float(f"{v:.9g}") for v in np.asarray(values, float).ravel()]


def hog_cases(name, image):
    colour = image.ndim == 3
    for n, cell, block, norm, root in [
        (9, (4, 4), (2, 2), "L2-Hys", False), (9, (4, 4), (2, 2), "L2", False), (9, (4, 4), (2, 2), "L1", False),
        (9, (4, 4), (2, 2), "L1-sqrt", False), (8, (5, 3), (1, 2), "L2-Hys", False), (12, (8, 8), (1, 1), "L2", False),
        (4, (3, 3), (3, 2), "L2-Hys", False), (6, (7, 5), (2, 1), "L1-sqrt", True), (9, (8, 8), (3, 3), "L2-Hys", True),
        (5, (2, 6), (1, 1), "L1", True), (1, (4, 4), (2, 2), "L2", False), (18, (6, 6), (2, 2), "L2-Hys", False),
        (7, (1, 1), (1, 1), "L2", False), (9, (16, 16), (2, 2), "L1-sqrt", True), (6, (25, 19), (3, 3), "L2-Hys", False),
        (180, (9, 10), (1, 1), "L1", False), (9, (4, 4), (2, 2), "L1-sqrt", True), (3, (2, 2), (2, 2), "L2", True),
    ]:
        rows, cols = image.shape[0] // cell[0] - block[0] + 1, image.shape[1] // cell[1] - block[1] + 1
        if rows < 1 or cols < 1 or rows * cols * block[0] * block[1] * n > 3000:
            continue
        if root and name.startswith("few levels"):
            continue  # √192:√64 is 60 degrees, the edge of a bin: scikit-image goes by the last bit of arctan2 there
        values = hog(image, orientations=n, pixels_per_cell=cell, cells_per_block=block, block_norm=norm,
                     transform_sqrt=root, channel_axis=-1 if colour else None)
        yield dict(image=name, orientations=n, cell=cell, block=block, norm=norm, sqrt=root, values=short(values))


def glcm_cases(name, image):
    pi = np.pi
    for levels, distances, angles, symmetric in [
        (8, [1, 2, 3, 4], [0, pi / 4, pi / 2, 3 * pi / 4], True), (8, [1], [0, pi / 4, pi / 2, 3 * pi / 4], False),
        (2, [1, 3], [0, pi / 2], True), (16, [1, 2.5, 7], [pi / 6, pi / 3, 5 * pi / 6], False),
        (5, [2], [-pi / 4, pi, 3 * pi / 2, 7.0], True), (256, [1, 2], [0, 3 * pi / 4], True), (256, [1], [pi / 2], False),
        (33, [30], [0], True), (64, [1, 5], [pi / 5, 1, 2.2], False),
    ]:
        levelled = (image.astype(int) * levels // 256).astype(np.uint8)
        counts = graycomatrix(levelled, distances, angles, levels, symmetric=symmetric)
        normed = graycomatrix(levelled, distances, angles, levels, symmetric=symmetric, normed=True)
        case = dict(image=name, levels=levels, distances=distances, angles=angles, symmetric=symmetric,
                    properties={p: short(graycoprops(normed, p)) for p in PROPERTIES})
        if levels <= 8:  # [distance, angle, i, j]
            case["counts"] = np.transpose(counts, (2, 3, 0, 1)).ravel().tolist()
        yield case


def lbp_cases(name, image):
    for points, radius, methods in [
        (8, 1, ["default", "ror", "uniform", "nri_uniform"]), (8, 2.5, ["uniform", "nri_uniform"]),
        (16, 2, ["uniform", "ror"]), (24, 3, ["uniform"]), (6, 1.3, ["default", "nri_uniform"]), (4, 5, ["default"]),
        (1, 1, ["default", "uniform"]),
    ]:
        for method in methods:
            codes = local_binary_pattern(image, points, radius, method)
            yield dict(image=name, points=points, radius=radius, method=method, codes=codes.astype(int).ravel().tolist())


def resize_cases(name, image):
    for w, h in [(28, 28), (7, 31), (50, 3), (1, 1)]:
        small = np.asarray(Image.fromarray(image).resize((w, h), Image.Resampling.BILINEAR))
        yield dict(image=name, w=w, h=h, pix=base64.b64encode(small.tobytes()).decode())


def main():
    images = make_images()
    out = dict(
        source=f"scikit-image {skimage.__version__}, Pillow {PIL.__version__}, numpy {np.__version__}, scipy {scipy.__version__}, "
               f"Python {platform.python_version()}",
        images={n: dict(h=i.shape[0], w=i.shape[1], c=i.shape[2] if i.ndim == 3 else 1,
                        pix=base64.b64encode(i.tobytes()).decode()) for n, i in images.items()},
        hog=[c for n, i in images.items() for c in hog_cases(n, i)],
        glcm=[c for n, i in images.items() if i.ndim == 2 for c in glcm_cases(n, i)],
        lbp=[c for n, i in images.items() if i.ndim == 2 and i.size <= 1100 or n == "waves 64x48" for c in lbp_cases(n, i)],
        resize=[c for n, i in images.items() for c in resize_cases(n, i)],
    )
    text = json.dumps(out, separators=(",", ":")).encode()
    (HERE / "texture_more.json.gz").write_bytes(gzip.compress(text, 9, mtime=0))
    print({k: len(out[k]) for k in ("images", "hog", "glcm", "lbp", "resize")}, len(text), "bytes of JSON,", out["source"])


if __name__ == "__main__":
    main()
