#!/usr/bin/env python3
"""Writes WebP pictures with losses below testdata/webp, and what libwebp reads in them.

Needs numpy and Pillow: python3 make_webp.py
"""

import io
import json
import pathlib

import numpy as np
import PIL
from PIL import Image, features

HERE = pathlib.Path(__file__).parent / "webp"


def main():
    HERE.mkdir(exist_ok=True)
    y, x = np.mgrid[0:20, 0:32]
    grey = (x * 8 + y // 4).astype(np.uint8)  # from black to white
    colour = np.stack([x * 8, 255 - y * 12, np.full_like(x, 90)], -1).astype(np.uint8)
    alpha = np.where(x < 16, 255, y * 12).astype(np.uint8)
    pictures = {
        "grey": Image.fromarray(grey).convert("RGB"),
        "colour": Image.fromarray(colour),
        "alpha": Image.fromarray(np.dstack([np.repeat(grey[..., None], 3, -1), alpha])),
    }
    files = {}
    for name, picture in pictures.items():
        out = io.BytesIO()
        picture.save(out, "WebP", quality=90, alpha_quality=60, exact=True)
        (HERE / f"{name}.webp").write_bytes(out.getvalue())
        read = np.asarray(Image.open(out).convert("RGBA")).astype(float)
        opaque = read[..., 3:] / 255
        values = read[..., :3] * opaque + 255 * (1 - opaque)
        files[f"{name}.webp"] = dict(W=32, H=20, Values=values.round(2).ravel().tolist())
    source = f"Pillow {PIL.__version__}, libwebp {features.version('webp')}"
    (HERE / "want.json").write_text(json.dumps(dict(Source=source, Files=files)) + "\n")


if __name__ == "__main__":
    main()
