"""Writes narrow/: tables of numbers that float32 cannot hold, and narrow/manifest.json: how many are so near to 0 that
they vanish (or are off by more than 1 in 4096) and how many whole numbers past 2^24 float32 does not have, by numpy, with
the row and the column of the first of each.

    python make_narrow.py       (pandas 3.1.1, pyarrow 26.0.1, numpy 2.4.6)
"""
import decimal
import json
import pathlib
import shutil

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq

OUT = pathlib.Path(__file__).parent / "narrow"
shutil.rmtree(OUT, ignore_errors=True)
OUT.mkdir()
manifest = []


def note(name, columns):
    """columns: names and float64 values, NaN where there is none. In text, the shortest digits of a float32 are that."""
    x = np.array(list(columns.values()), np.float64).T
    with np.errstate(over="ignore", under="ignore"):
        f = x.astype(np.float32).astype(np.float64)
    kinds = {"faint": (x != 0) & (abs(x) < 1) & (abs(f - x) * 4096 > abs(x)),
             "rounded": (x == np.trunc(x)) & (abs(x) > 2**24) & (abs(x) <= 2**53) & (f != x)}
    if name.endswith(".csv"):
        kinds["faint"] &= np.vectorize(lambda v: float(str(np.float32(v))) != v)(x)
    entry = {"file": name, "missing": bool(np.isnan(x).any())}
    for kind, lost in kinds.items():
        rows, cols = np.nonzero(lost)
        entry[kind] = {"count": len(rows)} if len(rows) == 0 else {
            "count": len(rows), "row": int(rows[0]) + 1, "column": list(columns)[cols[0]]}
    manifest.append(entry)


D = [1.0, 1e-60, 0.0, -1e-60, 1e-43, 1e-40]
B = [0.5, 3.25, 16777217.5, 1e30, -16777219.0, 16777217.0]
I = [1, 16777216, 16777217, -16777219, 2**53, 3]
U = [1, 4294967295, 16777216, 16777217, 7, 3]
columns = {"d": D, "b": B, "i": I, "u": U}


def tables(name, table, columns):
    pq.write_table(table, OUT / f"{name}.parquet")
    feather.write_feather(table, OUT / f"{name}.arrow", compression="uncompressed")
    for end in "parquet", "arrow":
        note(f"{name}.{end}", columns)


def typed(valid):
    mask = None if valid is None else ~np.array(valid)
    return pa.table({"d": pa.array(D, pa.float64(), mask=mask), "b": pa.array(B, pa.float64()),
                     "i": pa.array(I, pa.int64(), mask=mask), "u": pa.array(U, pa.uint32())})


tables("plain", typed(None), columns)
valid = [True, False, False, True, True, True]
nulls = {k: [v if k in "bu" or valid[i] else np.nan for i, v in enumerate(c)] for k, c in columns.items()}
tables("nulls", typed(valid), nulls)
tables("list", pa.table({"e": pa.array([[a, b] for a, b in zip(D, B)], pa.list_(pa.float64()))}), {"e/0": D, "e/1": B})
tables("decimal", pa.table({
    "d": pa.array([decimal.Decimal(v) for v in ("16777217.00", "16777217.25", "5")], pa.decimal128(20, 2)),
    "s": pa.array([decimal.Decimal(v) for v in ("1e-50", "0", "1")], pa.decimal256(70, 60))}),
    {"d": [16777217, 16777217.25, 5], "s": [1e-50, 0, 1]})
tables("int32", pa.table({"i": pa.array([2147483647, -2147483647, 5], pa.int32()),
                          "j": pa.array([2**40, 2**40 + 1, 3], pa.uint64())}),
       {"i": [2147483647, -2147483647, 5], "j": [2**40, 2**40 + 1, 3]})
frame = pd.DataFrame(columns)
frame.to_csv(OUT / "pandas.csv", index=False)
note("pandas.csv", columns)
x = frame.to_numpy(np.float64)
np.savetxt(OUT / "savetxt.csv", x, delimiter=",", header=",".join(columns), comments="")
note("savetxt.csv", columns)
features = {f"features/{k}": c for k, c in enumerate(columns.values())}
for name, array in ("c.npy", x), ("fortran.npy", np.asfortranarray(x)), ("big.npy", x.astype(">f8")):
    np.save(OUT / name, array)
    note(name, features)
whole = {"features/0": I, "features/1": U}
np.save(OUT / "int64.npy", np.array([I, U], np.int64).T)
note("int64.npy", whole)
records = np.zeros(len(D), [("d", "f8"), ("i", ">i8"), ("u", "u4")])
records["d"], records["i"], records["u"] = D, I, U
np.save(OUT / "records.npy", records)
note("records.npy", {"d": D, "i": I, "u": U})
np.savez_compressed(OUT / "two.npz", a=x[:, :2], b=np.array([I, U], np.int64).T)
note("two.npz", {"a/0": D, "a/1": B, "b/0": I, "b/1": U})
json.dump(manifest, open(OUT / "manifest.json", "w"), indent=1)
