"""Writes kinds/: small files of kinds that people have and decoders often lack, and what tifffile and Pillow read in them.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 pillow==13.0.0 tifffile==2026.3.3 imagecodecs==2026.3.6
    CJPEG=cjpeg venv/bin/python testdata/make_kinds.py     # in the folder data/images/; cjpeg of libjpeg-turbo 2.1.5

want.json holds for every file the size and the values, as floating-point numbers where they are kept as they are.
"""
import json
import os
import pathlib
import subprocess

import numpy as np
import tifffile
from PIL import Image

HERE = pathlib.Path(__file__).parent / "kinds"
HERE.mkdir(exist_ok=True)
want = {}
y, x = np.mgrid[0:20, 0:24]
rgb = np.stack([x * 10, y * 12, (x + y) * 5], -1).astype(np.uint8)
grey = rgb[..., 2]
real = (grey / 7.0 - 3).astype(np.float32)


def expect(name, values, deep, tolerance=0, frames=0):
    values = np.asarray(values)
    want[name] = dict(h=values.shape[0], w=values.shape[1], c=values.shape[2] if values.ndim == 3 else 1, deep=deep,
                      tolerance=tolerance, frames=frames, values=[float(v) for v in values.ravel()])


def tif(name, a, shown=None, deep=True, tolerance=0, frames=0, **options):
    tifffile.imwrite(HERE / name, a, metadata=None, software=False, **options)
    back = tifffile.imread(HERE / name)
    assert np.array_equal(back, a) or "jpeg" in name
    if "jpeg" in name:  # what tifffile reads back, not what went in
        shown = back
    expect(name, a if shown is None else shown, deep, tolerance, frames)


def main():
    tif("f32.tif", real)
    tif("f64.tif", real.astype(float))
    tif("f16.tif", real.astype(np.float16))
    tif("f32rgb.tif", (rgb / 255).astype(np.float32), photometric="rgb")
    tif("f32tiled.tif", real, tile=(16, 16))
    tif("f32predictor.tif", real, compression="zlib", predictor=True)
    tif("f32lzw.tif", real, compression="lzw")
    tif("f32bigendian.tif", real, byteorder=">")
    tif("f32predictor-be.tif", real, byteorder=">", compression="zlib", predictor=True)
    tif("i32.tif", (grey.astype(np.int32) - 100) * 1000)
    tif("i32predictor.tif", (grey.astype(np.int32) - 100) * 1000, compression="zlib", predictor=2)
    tif("i16.tif", (grey.astype(np.int16) - 100) * 100)
    tif("i8.tif", (grey.astype(np.int16) - 100).astype(np.int8))
    tif("u32.tif", grey.astype(np.uint32) * 1000)
    tif("u16tiled.tif", grey.astype(np.uint16) * 257, tile=(16, 16))
    tif("u16white.tif", grey.astype(np.uint16) * 257, shown=65535 - grey.astype(int) * 257, photometric="miniswhite")
    tif("planes.tif", np.moveaxis(rgb, -1, 0).copy(), shown=rgb, deep=False, photometric="rgb", planarconfig="separate")
    tif("zstd.tif", rgb, deep=False, photometric="rgb", compression="zstd")
    tif("big.tif", grey, deep=False, bigtiff=True)
    tif("pages.tif", np.stack([grey, grey[::-1]]), shown=grey, deep=False, frames=2, photometric="minisblack")
    tif("jpeg.tif", rgb, deep=False, tolerance=12, photometric="rgb", compression="jpeg")
    tif("jpegtiled.tif", rgb, deep=False, tolerance=40, photometric="rgb", compression="jpeg", tile=(16, 16))
    half = np.dstack([grey, np.full_like(grey, 51)])
    tif("greyalpha.tif", half, shown=np.round(grey * 0.2 + 255 * 0.8), deep=False, tolerance=1, photometric="minisblack",
        extrasamples=["unassalpha"])
    colour = Image.fromarray(rgb)
    colour.convert("CMYK").save(HERE / "cmyk.tif")
    expect("cmyk.tif", rgb, False, 2)
    colour.save(HERE / "jpegtables.tif", compression="jpeg")
    expect("jpegtables.tif", np.asarray(Image.open(HERE / "jpegtables.tif").convert("RGB")), False, 4)
    for name, ratio in {"410": "4x2", "411": "4x1", "440": "1x2"}.items():
        ppm = HERE / "colour.ppm"
        colour.save(ppm)
        subprocess.run([os.environ["CJPEG"], "-quality", "95", "-sample", ratio, "-outfile", HERE / f"{name}.jpg", ppm],
                       check=True)
        # Decoders smooth the colours of blocks differently.
        expect(f"{name}.jpg", np.asarray(Image.open(HERE / f"{name}.jpg").convert("RGB")), False, 40)
    expect("colour.ppm", rgb, False)
    for name, more in {"arithmetic": ["-arithmetic"], "odd": ["-sample", "2x1,1x2,1x1"]}.items():
        subprocess.run([os.environ["CJPEG"], "-quality", "95", *more, "-outfile", HERE / f"{name}.jpg", ppm], check=True)
    Image.fromarray(rgb).convert("LAB").save(HERE / "lab.tif")
    Image.fromarray(grey.astype(np.uint16) * 257).save(HERE / "g16.pgm")
    expect("g16.pgm", grey.astype(int) * 257, True)
    Image.fromarray(grey).save(HERE / "g8.pgm")
    expect("g8.pgm", grey, False)
    bits = Image.fromarray(grey).convert("1")
    bits.save(HERE / "b.pbm")
    expect("b.pbm", np.asarray(bits.convert("L")), False)
    Image.fromarray(real).save(HERE / "f.pfm")
    expect("f.pfm", real, True)
    (HERE / "ascii.pgm").write_text("P2 # a comment\n3 2\n4095\n0 1 2\n# and one\n3 4 4095\n")
    expect("ascii.pgm", [[0, 1, 2], [3, 4, 4095]], True)
    bits.save(HERE / "b1.bmp")
    expect("b1.bmp", np.asarray(bits.convert("RGB")), False)
    four = colour.quantize(12)
    four.save(HERE / "b4.bmp", bits=4)
    expect("b4.bmp", np.asarray(Image.open(HERE / "b4.bmp").convert("RGB")), False)
    for n in (1, 2, 4):
        palette = colour.quantize(2**n)
        palette.save(HERE / f"palette{n}.png", bits=n)
        expect(f"palette{n}.png", np.asarray(palette.convert("RGB")), False)
    frames = [Image.fromarray(np.roll(rgb, 3 * k, 1)) for k in range(3)]
    frames[0].save(HERE / "lossless.webp", save_all=True, append_images=frames[1:], lossless=True)
    expect("lossless.webp", rgb, False, 0, 3)
    clear = [f.convert("RGBA") for f in frames]
    for k, f in enumerate(clear):
        f.putalpha(Image.fromarray(np.where(x < 12 + k, 255, 0).astype(np.uint8)))
    over = np.where((x < 12)[..., None], rgb, 255)
    clear[0].save(HERE / "alpha.webp", save_all=True, append_images=clear[1:], quality=95)
    expect("alpha.webp", over, False, 40, 3)
    palettes = [f.quantize(16) for f in frames]
    palettes[0].save(HERE / "anim.gif", save_all=True, append_images=palettes[1:])
    expect("anim.gif", np.asarray(Image.open(HERE / "anim.gif").convert("RGB")), False, 0, 3)
    frames[0].save(HERE / "anim.png", save_all=True, append_images=frames[1:])
    expect("anim.png", rgb, False, 0, 3)
    source = f"numpy {np.__version__}, tifffile {tifffile.__version__}, Pillow {Image.__version__}"
    (HERE / "want.json").write_text(json.dumps(dict(source=source, files=want)) + "\n")


main()
