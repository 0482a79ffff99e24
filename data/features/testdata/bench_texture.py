"""Compares images/s of this package with scikit-image's, on the same 2,000 images (every tenth built-in one), the same
1,776 features, and the cost of a pixel in square images of 28 to 448 pixels a side, all in one alternating run. Needs Go
and what make_texture_golden.py names.

    venv/bin/python testdata/bench_texture.py [rounds] [processes]        # in the folder data/features/; default 3 and 2
"""
import gzip
import multiprocessing
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

import numpy as np
from skimage.feature import graycomatrix, graycoprops, hog

HERE = pathlib.Path(__file__).parent
ANGLES = [0, np.pi / 4, np.pi / 2, 3 * np.pi / 4]
PROPERTIES = ["contrast", "dissimilarity", "homogeneity", "ASM", "energy", "correlation"]


def load():
    parts = []
    for domain in ("digits", "fashion"):
        raw = gzip.decompress((HERE.parent.parent / "builtin" / "files" / f"{domain}-images-idx3-ubyte.gz").read_bytes())
        parts.append(np.frombuffer(raw, np.uint8, offset=16).reshape(-1, 28, 28))
    return np.concatenate(parts)[::10]


def features(image):
    """The features of features.Default; in larger images the cells grow, so that their number stays."""
    half = len(image) // 2
    out = [hog(image, 9, (len(image) // 7, len(image) // 7), (2, 2), "L2-Hys")]
    levels = image // 32
    for tile in (levels, levels[:half, :half], levels[:half, half:], levels[half:, :half], levels[half:, half:]):
        matrix = graycomatrix(tile, [1, 2, 3, 4], ANGLES, 8, symmetric=True, normed=True)
        out += [graycoprops(matrix, p).ravel() for p in PROPERTIES]
    return np.concatenate(out).astype(np.float32)


def go(pattern, seconds, processes):
    return subprocess.run(["go", "test", ".", "-run", "^$", "-bench", pattern, "-benchtime", f"{seconds}s", "-cpu",
                           str(processes)], cwd=HERE.parent, capture_output=True, text=True, check=True).stdout


def ours_a_second(processes):
    return float(re.search(r"([\d.e+]+) images/s", go("^BenchmarkExtract$/^Default$", 3, processes)).group(1))


def ours_a_pixel(processes):
    text = go("^BenchmarkExtractBySize$", 0.5, processes)
    return {int(side): float(ns) for side, ns in re.findall(r"Side=(\d+)\S*.*?([\d.e+]+) ns/pixel", text)}


def theirs_a_pixel(pool, sides):
    out = {}
    for side in sides:
        images = np.random.default_rng(1).integers(0, 256, (8 * (max(sides) // side) ** 2, side, side), dtype=np.uint8)
        start = time.perf_counter()
        pool.map(features, images, chunksize=max(1, len(images) // 64))
        out[side] = (time.perf_counter() - start) * 1e9 / images.size
    return out


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    processes = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    images = load()
    sides = list(ours_a_pixel(processes))  # builds the test
    ours, theirs, our_pixel, their_pixel = [], [], [], []
    with multiprocessing.Pool(processes) as pool:
        pool.map(features, images[:100])  # warms up
        for _ in range(rounds):
            ours.append(ours_a_second(processes))
            start = time.perf_counter()
            width = {len(f) for f in pool.map(features, images, chunksize=50)}
            theirs.append(len(images) / (time.perf_counter() - start))
            assert width == {1776}, width
            our_pixel.append(ours_a_pixel(processes))
            their_pixel.append(theirs_a_pixel(pool, sides))
            print(f"this package {ours[-1]:.0f} images/s, scikit-image {theirs[-1]:.0f} images/s", flush=True)
    median = statistics.median
    print(f"medians of {rounds} rounds, {processes} processes of {os.cpu_count()} cores: {median(ours):.0f} and "
          f"{median(theirs):.0f} images/s, {median(ours) / median(theirs):.0f} times")
    for side in sides:
        print(f"side {side:3}: {median(r[side] for r in our_pixel):.0f} and {median(r[side] for r in their_pixel):.0f} ns a pixel")


if __name__ == "__main__":
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"
    main()
