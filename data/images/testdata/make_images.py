"""Writes images/: small image files of Pillow of kinds that Go cannot write, and what Pillow reads in them.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 pillow==13.0.0
    venv/bin/python testdata/make_images.py        # in the folder data/images/

want.json holds for every file the size and pixels, upright (ImageOps.exif_transpose) and as grey or RGB, and how far
another decoder may be from them; the versions used are in it.
"""
import base64
import json
import pathlib

import numpy as np
import PIL
from PIL import Image, ImageOps, features

HERE = pathlib.Path(__file__).parent / "images"
want = {}


def save(name, image, tolerance=0, **options):
    image.save(HERE / name, **options)
    with Image.open(HERE / name) as back:
        back = ImageOps.exif_transpose(back)
        if back.mode.startswith("I;16"):
            pixels = (np.asarray(back).astype(int) >> 8).astype(np.uint8)
        elif back.mode in ("L", "1"):
            pixels = np.asarray(back.convert("L"))
        elif back.mode == "RGBA":  # laid over black
            values = np.asarray(back).astype(int)
            pixels = (values[..., :3] * values[..., 3:] // 255).astype(np.uint8)
        else:
            pixels = np.asarray(back.convert("RGB"))
    want[name] = dict(h=pixels.shape[0], w=pixels.shape[1], c=pixels.shape[2] if pixels.ndim == 3 else 1,
                      tolerance=tolerance, pix=base64.b64encode(pixels.tobytes()).decode())


def main():
    HERE.mkdir(exist_ok=True)
    rng = np.random.default_rng(5)
    y, x = np.mgrid[0:12, 0:17]
    smooth = np.stack([x * 14, y * 20, (x + y) * 8], -1).astype(np.uint8)
    colour, grey = Image.fromarray(smooth), Image.fromarray(smooth[..., 2])
    small = Image.fromarray(rng.integers(0, 256, (3, 5, 3), dtype=np.uint8))
    for k in range(1, 9):
        exif = Image.Exif()
        exif[274] = k
        save(f"orientation{k}.png", small, exif=exif)
    exif = Image.Exif()
    exif[271], exif[274] = "maker", 6
    save("turned.jpg", colour, 6, quality=95, subsampling=0, exif=exif)
    save("turned.tif", small, tiffinfo={274: 8})
    save("turned.webp", small, lossless=True, exif=exif)
    save("cmyk.jpg", colour.convert("CMYK"), 6, quality=95)
    save("progressive.jpg", colour, 6, quality=95, progressive=True, subsampling=0)
    save("grey.jpg", grey, 3, quality=95)
    save("palette.png", colour.quantize(7))
    save("grey16.png", Image.fromarray((smooth[..., 0].astype(np.uint16) * 257 + 3)))
    save("bits1.png", grey.convert("1"))
    save("interlaced.gif", colour.quantize(16), interlace=1)
    save("alpha.png", Image.fromarray(np.dstack([smooth, (x * 15).astype(np.uint8)])), 1)
    for compression in ("tiff_lzw", "tiff_deflate", "packbits", None):
        save(f"rgb-{compression or 'raw'}.tif", small, compression=compression)
    save("grey16.tif", Image.fromarray((smooth[..., 0].astype(np.uint16) * 257 + 3)))
    save("fax.tif", grey.convert("1"), compression="group4")
    save("rgb.bmp", small)
    save("palette.bmp", grey.convert("P"))
    save("lossy.webp", colour, 24, quality=95)
    source = f"Pillow {PIL.__version__}, numpy {np.__version__}, " + ", ".join(
        f"{name} {features.version(name)}" for name in ("libtiff", "webp", "jpg"))
    (HERE / "want.json").write_text(json.dumps(dict(source=source, files=want), indent=1) + "\n")
    print(len(want), "files,", source)


if __name__ == "__main__":
    main()
