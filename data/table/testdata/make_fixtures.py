"""Writes fixtures/: the same small table in every format, by the tools that people use, and fixtures/manifest.json
that says what each file must be read as.

    python make_fixtures.py        (pandas 3.1.1, polars 2.1.0, pyarrow 26.0.1, numpy 2.4.6)
"""
import json
import pathlib
import shutil

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq

OUT = pathlib.Path(__file__).parent / "fixtures"
shutil.rmtree(OUT, ignore_errors=True)
OUT.mkdir()
N = 7
IDS = [f"item-{i}" for i in range(N - 1)] + ["ünï,\"6\""]
LABELS = ["shoe", "coat", "shoe", "", "bag", "coat", "shoe"]
DOMAINS = ["a", "a", "b", "b", "a", "b", "a"]
HOG, GLCM = [f"hog/{j}" for j in range(3)], [f"glcm/{j}" for j in range(2)]
# Small multiples of 1/8, exact in every float type.
X = (np.arange(N * 5).reshape(N, 5) - 11) / 8
WHOLE = np.arange(N * 5).reshape(N, 5) * 3
manifest = []


def note(name, x=X, ids=IDS, labels=LABELS, domains=DOMAINS, columns=HOG + GLCM, blocks=None, **options):
    x = np.asarray(x, np.float64)
    manifest.append({
        "file": name, "options": options, "ids": ids, "labels": labels, "domains": domains, "columns": columns,
        "blocks": blocks or [["hog", 3], ["glcm", 2]],
        "x": [[None if np.isnan(v) else v for v in row] for row in x.tolist()],
    })


def pandas_frame(x=X, dtype=np.float32):
    frame = pd.DataFrame(np.asarray(x).astype(dtype), columns=HOG + GLCM)
    frame.insert(0, "id", IDS)
    frame.insert(1, "label", LABELS)
    frame["domain"] = DOMAINS
    return frame


def polars_frame(x=X, dtype=np.float32):
    return pl.from_pandas(pandas_frame(x, dtype))


# Parquet by pandas (pyarrow)
for dtype in (np.float16, np.float32, np.float64):
    name = f"pandas-{np.dtype(dtype).name}.parquet"
    pandas_frame(dtype=dtype).to_parquet(OUT / name)
    note(name)
for dtype in (np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64):
    name = f"pandas-{np.dtype(dtype).name}.parquet"
    pandas_frame(WHOLE, dtype).to_parquet(OUT / name)
    note(name, WHOLE)
for compression in (None, "snappy", "gzip", "brotli", "zstd", "lz4"):
    name = f"pandas-{compression}.parquet"
    pandas_frame().to_parquet(OUT / name, compression=compression, row_group_size=3)
    note(name)
table = pa.Table.from_pandas(pandas_frame(), preserve_index=False)
features = HOG + GLCM
pq.write_table(table, OUT / "pyarrow-split.parquet", use_dictionary=["label"], use_byte_stream_split=features)
note("pyarrow-split.parquet")
pq.write_table(table, OUT / "pyarrow-pages2.parquet", data_page_version="2.0", version="2.6", compression="zstd", write_page_index=True)
note("pyarrow-pages2.parquet")
whole = pa.Table.from_pandas(pandas_frame(WHOLE, np.int32), preserve_index=False)
pq.write_table(whole, OUT / "pyarrow-delta.parquet", use_dictionary=False,
               column_encoding={c: "DELTA_BINARY_PACKED" for c in features} | {"id": "DELTA_BYTE_ARRAY", "label": "DELTA_LENGTH_BYTE_ARRAY"})
note("pyarrow-delta.parquet", WHOLE)
indexed = pandas_frame().drop(columns="id")
indexed.index = IDS
indexed.to_parquet(OUT / "pandas-index.parquet")
note("pandas-index.parquet")
category = pandas_frame()
category["label"] = category["label"].astype("category")
category.to_parquet(OUT / "pandas-category.parquet")
note("pandas-category.parquet")
numbered = pandas_frame()
numbered["id"] = np.arange(N) * 1000 - 5
numbered["label"] = np.arange(N, dtype=np.int8) % 3
numbered["domain"] = np.arange(N) % 2 == 0
numbered.to_parquet(OUT / "pandas-number-labels.parquet")
NUMBERED = {"ids": [str(i * 1000 - 5) for i in range(N)], "labels": [str(i % 3) for i in range(N)], "domains": ["true" if i % 2 == 0 else "false" for i in range(N)]}
note("pandas-number-labels.parquet", **NUMBERED)
holes = X.copy()
holes[1, 2] = holes[4, 0] = holes[6, 4] = np.nan
polars_holes = polars_frame(holes).with_columns(pl.col(features).fill_nan(None))
polars_holes.write_parquet(OUT / "polars-nulls.parquet")
note("polars-nulls.parquet", holes, AllowMissing=True)
no_labels = polars_frame().with_columns(pl.when(pl.col("label") == "").then(None).otherwise(pl.col("label")).alias("label"))
no_labels.write_parquet(OUT / "polars-null-labels.parquet")
note("polars-null-labels.parquet")


def lists(kind):
    hog = pa.array(X[:, :3].astype(np.float32).tolist(), kind)
    glcm = pa.array(X[:, 3:].astype(np.float64).tolist(), pa.list_(pa.float64()))
    return pa.table({"id": IDS, "label": LABELS, "hog": hog, "glcm": glcm, "domain": DOMAINS})


for name, kind in {"list": pa.list_(pa.float32()), "fixed-list": pa.list_(pa.float32(), 3), "large-list": pa.large_list(pa.float32())}.items():
    t = lists(kind)
    pq.write_table(t, OUT / f"pyarrow-{name}.parquet", row_group_size=4)
    note(f"pyarrow-{name}.parquet")
    pyarrow.feather.write_feather(t, OUT / f"pyarrow-{name}.feather", compression="uncompressed")
    note(f"pyarrow-{name}.feather")
half = pa.list_(pa.float16())
pq.write_table(pa.table({"id": IDS, "hog": pa.array(X[:, :3].astype(np.float16).tolist(), half)}), OUT / "pyarrow-half-list.parquet")
note("pyarrow-half-list.parquet", X[:, :3], labels=None, domains=None, columns=HOG, blocks=[["hog", 3]])

# Parquet and Arrow by polars
for compression in ("zstd", "uncompressed", "snappy"):
    polars_frame().write_parquet(OUT / f"polars-{compression}.parquet", compression=compression, row_group_size=4)
    note(f"polars-{compression}.parquet")
arrays = pl.DataFrame({
    "id": IDS, "label": pl.Series(LABELS, dtype=pl.Categorical), "hog": pl.Series(X[:, :3].astype(np.float32).tolist(), dtype=pl.Array(pl.Float32, 3)),
    "glcm": pl.Series(X[:, 3:].tolist(), dtype=pl.List(pl.Float64)), "domain": pl.Series(DOMAINS, dtype=pl.Enum(["a", "b"]))})
arrays.write_parquet(OUT / "polars-arrays.parquet")
note("polars-arrays.parquet")
arrays.write_ipc(OUT / "polars-arrays.arrow")
note("polars-arrays.arrow")
for compression in ("uncompressed", "lz4", "zstd"):
    polars_frame().write_ipc(OUT / f"polars-{compression}.arrow", compression=compression)
    note(f"polars-{compression}.arrow")
polars_frame(dtype=np.float64).write_ipc_stream(OUT / "polars.arrows")
note("polars.arrows")
polars_holes.write_ipc(OUT / "polars-nulls.arrow")
note("polars-nulls.arrow", holes, AllowMissing=True)

# Feather and Arrow by pandas and pyarrow
for compression in ("uncompressed", "lz4", "zstd"):
    pandas_frame().to_feather(OUT / f"pandas-{compression}.feather", compression=compression)
    note(f"pandas-{compression}.feather")
category.to_feather(OUT / "pandas-category.feather")
note("pandas-category.feather")
for dtype in (np.float16, np.float64):
    name = f"pandas-{np.dtype(dtype).name}.feather"
    pandas_frame(dtype=dtype).to_feather(OUT / name)
    note(name)
for dtype in (np.int8, np.uint16, np.int32, np.uint64):
    name = f"pandas-{np.dtype(dtype).name}.feather"
    pandas_frame(WHOLE, dtype).to_feather(OUT / name)
    note(name, WHOLE)
with pa.OSFile(str(OUT / "pyarrow.arrows"), "wb") as f, pa.ipc.new_stream(f, table.schema) as w:
    for batch in table.to_batches(max_chunksize=3):
        w.write_batch(batch)
note("pyarrow.arrows")

# NPY and NPZ by numpy
PLAIN = {"ids": [str(i + 1) for i in range(N)], "labels": None, "domains": None, "columns": [f"features/{j}" for j in range(5)], "blocks": [["features", 5]]}
for code in ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"):
    x = X if code[0] == "f" else WHOLE
    for order in "<>":
        for layout in "CF":
            name = f"numpy-{'little' if order == '<' else 'big'}-{code}-{layout}.npy"
            np.save(OUT / name, np.array(x, dtype=order + code, order=layout))
            note(name, x, **PLAIN)
np.save(OUT / "numpy-bool.npy", WHOLE % 2 == 0)
note("numpy-bool.npy", WHOLE % 2 == 0, **PLAIN)
hog, glcm = X[:, :3].astype(np.float32), np.asfortranarray(X[:, 3:])
np.savez(OUT / "numpy-blocks.npz", hog=hog, glcm=glcm, labels=LABELS, ids=IDS, domains=DOMAINS)
note("numpy-blocks.npz")
np.savez_compressed(OUT / "numpy-packed.npz", hog=hog, glcm=glcm.astype(">f2"), label=LABELS, id=IDS, domain=np.array(DOMAINS, dtype="S1"))
note("numpy-packed.npz")
np.savez(OUT / "numpy-x.npz", X=X.astype(np.float16), y=np.arange(N) % 3, extra=np.arange(4), names=np.array(IDS))
note("numpy-x.npz", ids=IDS, labels=[str(i % 3) for i in range(N)], domains=None, columns=[f"X/{j}" for j in range(5)], blocks=[["X", 5]], X="X", ID="names")
np.savez(OUT / "numpy-names.npz", X=X, feature_names=np.array(HOG + GLCM), version=3)
note("numpy-names.npz", **(PLAIN | {"columns": HOG + GLCM, "blocks": [["hog", 3], ["glcm", 2]]}))
np.save(OUT / "pickled.npy", np.array([[1, "a"], [2, None]], dtype=object), allow_pickle=True)
np.savez(OUT / "pickled.npz", X=X, labels=np.array(LABELS, dtype=object))
np.save(OUT / "structured.npy", np.zeros(3, dtype=[("a", "f4"), ("b", "U3", (2,))]))

# What is wrong in tables that are sound files, by pyarrow
wrong = {
    "integers": {"a": pa.array([-2**53, None, -2**53 - 1], pa.int64()), "b": pa.array([2**53, 2**63, 1], pa.uint64())},
    "lists": {"id": ["a", "b"], "hog": pa.array([[1, 2], [1]], pa.list_(pa.float32()))},
    "ids": {"id": ["x", "y", "x"], "hog": pa.array([1, 2, 3], pa.int8())},
    "empty": {"id": pa.array([], pa.string()), "hog": pa.array([], pa.float32())},
    "infinite": {"id": ["x", "y"], "hog": pa.array([1, -1e300], pa.float64())},
}
for name, columns in wrong.items():
    pq.write_table(pa.table(columns), OUT / f"wrong-{name}.parquet")
pq.write_table(pa.Table.from_arrays([pa.array([1.0]), pa.array([2.0])], names=["hog", "hog"]), OUT / "wrong-columns.parquet")

# Text by pandas and polars
pandas_frame().to_csv(OUT / "pandas.csv", index=False)
note("pandas.csv")
pandas_frame().to_csv(OUT / "pandas.csv.gz", index=False)
note("pandas.csv.gz")
polars_frame().write_csv(OUT / "polars.tsv", separator="\t")
note("polars.tsv")
(OUT / "polars.csv.zst").write_bytes(pa.compress(polars_frame().write_csv().encode(), codec="zstd", asbytes=True))
note("polars.csv.zst")

(OUT / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, separators=(",", ":")).replace('{"file"', '\n{"file"') + "\n")
print(len(manifest), "files,", sum(p.stat().st_size for p in OUT.iterdir()), "bytes")
