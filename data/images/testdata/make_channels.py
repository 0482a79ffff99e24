"""Writes kinds/channels-*.tif: pictures of more numbers a pixel than colours.

    python testdata/make_channels.py    # in the folder data/images/; numpy 2.4.6, tifffile 2026.3.3
"""
import pathlib

import numpy as np
import tifffile

HERE = pathlib.Path(__file__).parent / "kinds"
five = np.arange(8 * 6 * 5, dtype=np.uint8).reshape(8, 6, 5)
tifffile.imwrite(HERE / "channels-five.tif", five, photometric="minisblack", planarconfig="contig", metadata=None)
tifffile.imwrite(HERE / "channels-five-planes.tif", np.moveaxis(five, -1, 0).copy(), photometric="minisblack",
                 planarconfig="separate", metadata=None)
tifffile.imwrite(HERE / "channels-rgbx.tif", five[..., :4].copy(), photometric="rgb", extrasamples=["unspecified"],
                 metadata=None)
