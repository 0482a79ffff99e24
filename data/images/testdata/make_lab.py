"""Writes kinds/lab*.tif and kinds/lab.json: pictures in CIE L*a*b* colours, and their red, green and blue as LittleCMS
converts them (relative colorimetric, from the white D50 of L*a*b* to the D65 of sRGB).

    python testdata/make_lab.py    # in the folder data/images/; numpy 2.4.6, Pillow 13.0.0, tifffile 2026.3.3
"""
import json
import pathlib

import numpy as np
import tifffile
from PIL import Image, ImageCms

HERE = pathlib.Path(__file__).parent / "kinds"
y, x = np.mgrid[0:20, 0:24]
# Most of these colours are within sRGB, some are not and are clipped.
L = np.clip(20 + 3 * y + x, 0, 100)
a = np.clip(4 * x - 45, -128, 127)
b = np.clip(5 * y - 50, -128, 127)
eight = np.stack([np.round(L * 2.55).astype(np.uint8), a.astype(np.int8).view(np.uint8), b.astype(np.int8).view(np.uint8)],
                 -1)
transform = ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB",
                                    renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
                                    flags=ImageCms.Flags.NOOPTIMIZE)  # else by a coarse table
want = {}


def note(name, deep, tolerance):
    rgb = np.asarray(ImageCms.applyTransform(Image.open(HERE / "lab.tif"), transform)).astype(float)
    want[name] = dict(deep=deep, tolerance=tolerance, values=(rgb * (257 if deep else 1)).ravel().tolist())


def write(name, values, photometric, **more):
    tifffile.imwrite(HERE / name, values, photometric=photometric, metadata=None, software=False, **more)


write("lab.tif", eight, "cielab")
note("lab.tif", False, 1)
write("lab-planes.tif", np.moveaxis(eight, -1, 0).copy(), "cielab", planarconfig="separate", compression="zlib",
      byteorder=">")
note("lab-planes.tif", False, 1)
icc = eight.copy()
icc[..., 1:] ^= 128  # a and b have an offset instead of a sign
write("icclab.tif", icc, "icclab", compression="lzw")
note("icclab.tif", False, 1)
L8 = eight[..., 0].astype(float)
sixteen = np.stack([np.round(L8 * 257).astype(np.uint16), (a * 256).astype(np.int16).view(np.uint16),
                    (b * 256).astype(np.int16).view(np.uint16)], -1)
write("lab16.tif", sixteen, "cielab")
note("lab16.tif", True, 257)
sixteen = np.stack([np.round(L8 * 256).astype(np.uint16), ((a + 128) * 256).astype(np.uint16),
                    ((b + 128) * 256).astype(np.uint16)], -1)
write("icclab16.tif", sixteen, "icclab", byteorder=">")
note("icclab16.tif", True, 257)
(HERE / "lab.json").write_text(json.dumps(want) + "\n")
