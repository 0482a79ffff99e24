"""Writes large/: pictures of 1200 x 1200 pixels and few bytes, of kinds whose decoders take much memory.

    python testdata/make_large.py    # in the folder data/images/; numpy 2.4.6, Pillow 13.0.0, tifffile 2026.3.3
"""
import pathlib

import numpy as np
import tifffile
from PIL import Image

HERE = pathlib.Path(__file__).parent / "large"
HERE.mkdir(exist_ok=True)
y, x = np.mgrid[0:1200, 0:1200] // 300
rgb = np.stack([x * 60, y * 60, (x + y) * 30], -1).astype(np.uint8)
colour = Image.fromarray(rgb)
colour.save(HERE / "progressive.jpg", progressive=True, subsampling=0, quality=50)
colour.convert("L").save(HERE / "greyprogressive.jpg", progressive=True, quality=50)
colour.convert("CMYK").save(HERE / "cmyk.jpg", quality=50)
colour.save(HERE / "lossless.webp", lossless=True)
colour.save(HERE / "lossy.webp", quality=50)
tifffile.imwrite(HERE / "lab.tif", rgb // 2, photometric="cielab", compression="zlib", metadata=None)
tifffile.imwrite(HERE / "float.tif", rgb[..., 0].astype("f4") / 255, compression="zlib", metadata=None)
