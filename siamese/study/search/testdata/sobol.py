"""Writes sobol_table.go and sobol.json: the direction numbers of Joe and Kuo 2008 as scipy has them, and its points.

    python siamese/study/search/testdata/sobol.py      # scipy 1.17.1
"""
import json
import os

import numpy as np
import scipy
from scipy.stats import _sobol, qmc

here = os.path.dirname(os.path.abspath(__file__))
table = np.load(os.path.join(os.path.dirname(_sobol.__file__), "_sobol_direction_numbers.npz"))
DIMENSIONS = 64
lines = ["package search", "",
         "// directions are the primitive polynomials, as bits, and the first direction numbers of the dimensions after the",
         "// first: those of Joe and Kuo 2008, \"Constructing Sobol sequences with better two-dimensional projections\"",
         "// (new-joe-kuo-6.21201). testdata/sobol.py writes this file.", "var directions = []direction{"]
row = "\t"
for d in range(1, DIMENSIONS):
    poly = int(table["poly"][d])
    degree = poly.bit_length() - 1
    cell = "{%d, []uint32{%s}}," % (poly, ", ".join(str(int(v)) for v in table["vinit"][d][:degree]))
    if len(row) + len(cell) > 105:
        lines.append(row.rstrip())
        row = "\t"
    row += cell + " "
lines += [row.rstrip(), "}", ""]
open(os.path.join(here, "..", "sobol_table.go"), "w").write("\n".join(lines))
points = qmc.Sobol(DIMENSIONS, scramble=False, bits=30).random(64)
json.dump({"scipy": scipy.__version__, "points": points.tolist()}, open(os.path.join(here, "sobol.json"), "w"))
