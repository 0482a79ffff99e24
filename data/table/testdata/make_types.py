"""Writes types/: small tables whose ids, labels and domains have the types and metadata that pandas, polars, pyarrow and
fastparquet give them, and types/manifest.json that says what each file must be read as, in Python's own words.

    python make_types.py        (pandas 3.1.1, polars 2.1.0, pyarrow 26.0.1, fastparquet 2026.9.0, numpy 2.4.6)
"""
import base64
import datetime
import decimal
import json
import pathlib
import shutil
import uuid

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe

OUT = pathlib.Path(__file__).parent / "types"
shutil.rmtree(OUT, ignore_errors=True)
OUT.mkdir()
N = 6
F = [0.5, -1.25, 3.0, 0.0, 8.0, 2.5]
NUMBERED = [str(i + 1) for i in range(N)]
manifest = []


def text(v):
    """What a value is as an id, label or domain."""
    if v is None or v != v:
        return ""
    if isinstance(v, bool):
        return str(v).lower()
    if isinstance(v, (float, decimal.Decimal)):
        assert v == int(v)
        return str(int(v))
    if isinstance(v, bytes):
        return v.decode()
    return str(v)


def note(name, ids=None, labels=None, domains=None, columns=None, ignored=(), **options):
    columns = columns or {"f": F}
    manifest.append({
        "file": name, "options": options, "ids": NUMBERED if ids is None else [text(v) for v in ids],
        "labels": labels and [text(v) for v in labels], "domains": domains and [text(v) for v in domains],
        "columns": list(columns), "ignored": list(ignored),
        "x": [[None if v is None else float(np.float32(v)) for v in row] for row in zip(*columns.values())],
    })


def write(name, table, **read_as):
    """The same table in every container."""
    pq.write_table(table, OUT / f"{name}.parquet")
    note(f"{name}.parquet", **read_as)
    arrow(name, table, **read_as)


def arrow(name, table, **read_as):
    with pa.ipc.new_file(OUT / f"{name}.arrow", table.schema) as w:
        w.write_table(table)
    note(f"{name}.arrow", **read_as)
    for codec in ("zstd", "lz4"):
        options = pa.ipc.IpcWriteOptions(compression=codec)
        with pa.ipc.new_stream(OUT / f"{name}-{codec}.arrows", table.schema, options=options) as w:
            w.write_table(table, max_chunksize=4)
        note(f"{name}-{codec}.arrows", **read_as)


# Types of ids, labels and domains
f = pa.array(F)
doubles = [0.0, 1.0, 2.0, None, 1.0, 0.0]
write("doubles", pa.table({"id": pa.array([float(7 * i) for i in range(N)]), "label": pa.array(doubles),
                           "domain": pa.array(doubles, pa.float32()), "f": f}),
      ids=[float(7 * i) for i in range(N)], labels=doubles, domains=doubles)
halves = pa.array(np.array([2, 0, 1, 1, 2, 0], np.float16))
big = [2**64 - 1 - i for i in range(N)]
write("whole", pa.table({"id": pa.array(big, pa.uint64()), "label": pa.array([True, False, None] * 2),
                         "domain": halves, "f": f}),
      ids=big, labels=[True, False, None] * 2, domains=[2.0, 0.0, 1.0, 1.0, 2.0, 0.0])
days = [datetime.date(1968 + 12 * i, 2, 28 + i % 2) for i in range(N)]
times = [datetime.datetime(1960 + 10 * i, 12, 31, 23, 59, 59, 1000 * i) for i in range(N)]
write("dates", pa.table({"id": pa.array(times, pa.timestamp("us")), "label": pa.array(days),
                         "domain": pa.array(times, pa.timestamp("ns", tz="UTC")), "f": f}),
      ids=times, labels=days,
      domains=[str(pd.Timestamp(t, tz="UTC")) for t in times])
# The instants of Impala, Hive and old Spark, with nanoseconds, before 1970, and with nulls.
nanos = [pd.Timestamp("1923-04-05 06:07:08.123456789"), None, pd.Timestamp("2020-02-29"), None,
         pd.Timestamp("1969-12-31 23:59:59.999999999"), pd.Timestamp("2026-01-01 00:00:00.000001")]
int96 = pa.table({"id": pa.array(times, pa.timestamp("us")), "label": pa.array(nanos, pa.timestamp("ns")),
                  "domain": pa.array(times, pa.timestamp("ns")), "f": f})
pq.write_table(int96, OUT / "int96.parquet", use_deprecated_int96_timestamps=True)
note("int96.parquet", ids=times, labels=nanos, domains=times)
money = [decimal.Decimal(v) for v in ("1.25", "-3.50", "0.01", "99999.99", "7.00", "-0.75")]
wide = [decimal.Decimal(v) / 10**20 for v in (1, -1, 3 * 10**19, 0, 10**22, 7)]
classes = [decimal.Decimal(i % 2) for i in range(N)]
decimals = pa.table({"label": pa.array(classes, pa.decimal128(12, 3)), "f": pa.array(money, pa.decimal128(9, 2)),
                     "g": pa.array(wide, pa.decimal256(50, 20)), "h": pa.array(money, pa.decimal128(18, 2))})
write("decimals", decimals, labels=classes, columns={"f": money, "g": wide, "h": money})
pq.write_table(decimals, OUT / "decimals-whole.parquet", store_decimal_as_integer=True)
note("decimals-whole.parquet", labels=classes, columns={"f": money, "g": wide, "h": money})
uuids = [uuid.UUID(int=(i * 7919) << 60 | i) for i in range(N)]
write("uuids", pa.table({"id": pa.array([u.bytes for u in uuids], pa.uuid()), "f": f}), ids=uuids)
words = [f"wörd-{i}" for i in range(N)]
write("binary", pa.table({"id": pa.array([w.encode() for w in words], pa.large_binary()),
                          "label": pa.array([b"a", b"b"] * 3, pa.binary()), "f": f}),
      ids=words, labels=["a", "b"] * 3)

# Nothing but nulls: left out, or no labels.
write("nulls", pa.table({"label": pa.nulls(N), "n": pa.nulls(N), "f": f, "m": pa.array([None] * N, pa.float32()),
                         "t": pa.array([None] * N, pa.string())}), ignored=["m", "n", "t"])

# Containers of Arrow that Parquet lacks
hog, glcm = [[v, v / 2] for v in F], [[v * 3] for v in F]
views = pa.table({
    "id": pa.array(words, pa.string_view()),
    "label": pa.array([b"a", None] * 3, pa.binary_view()),
    "domain": pa.RunEndEncodedArray.from_arrays([2, 5, 6], pa.array(["x", "y", "x"])),
    "hog": pa.array(hog, pa.list_view(pa.float32())), "glcm": pa.array(glcm, pa.large_list_view(pa.float64())),
    "run": pa.RunEndEncodedArray.from_arrays(pa.array([1, 6], pa.int64()), pa.array([2.5, -1.0])),
    "many": pa.RunEndEncodedArray.from_arrays(pa.array([3, 4, 6], pa.int16()), pa.array([7, 8, 9])),
})
arrow("views", views, ids=words, labels=["a", None] * 3, domains=list("xxyyyx"), columns={
    "hog/0": F, "hog/1": [v / 2 for v in F], "glcm/0": [v * 3 for v in F], "run": [2.5] + [-1.0] * 5,
    "many": [7, 7, 7, 8, 9, 9]})

# The index of pandas
frame = pd.DataFrame({"label": list("abcabc"), "f": F}, index=pd.Index([101, 7, 33, 4, 5, 6], name="img"))
keys = list(frame.index)
frame.to_parquet(OUT / "index.parquet")
note("index.parquet", ids=keys, labels=list("abcabc"))
arrow("index", pa.Table.from_pandas(frame), ids=keys, labels=list("abcabc"))
frame.to_parquet(OUT / "index-fastparquet.parquet", engine="fastparquet")
note("index-fastparquet.parquet", ids=keys, labels=list("abcabc"))
pl.read_parquet(OUT / "index.parquet").write_parquet(OUT / "index-polars.parquet")
two = frame.reset_index().set_index(["img", "label"])
two.to_parquet(OUT / "index-two.parquet")
note("index-two.parquet", labels=list("abcabc"), ignored=["img"])
frame.assign(id=words).to_parquet(OUT / "index-id.parquet")
note("index-id.parquet", ids=words, labels=list("abcabc"), ignored=["img"])
frame.reset_index(drop=True).iloc[::-1].reset_index(drop=True).iloc[::-1].to_parquet(OUT / "index-range.parquet")
note("index-range.parquet", labels=list("abcabc"))
frame.assign(e=None, n=np.nan, d=[0.0, 1.0, 2.0, np.nan, 1.0, 0.0]).drop(columns="label").rename(
    columns={"d": "class"}).to_parquet(OUT / "index-empty.parquet")
note("index-empty.parquet", ids=keys, labels=[0.0, 1.0, 2.0, None, 1.0, 0.0], ignored=["e", "n"])
(OUT / "index-polars.parquet").unlink()  # polars drops the note of pandas: nothing tells an index from a feature

# Structured arrays of NumPy: a field is a column.
for align in (False, True):
    kinds = np.dtype([("id", "U6"), ("y", "i2", (1,)), ("hog", "f4", (2,)), ("domain", "S1"), ("f", ">f8"),
                      ("group", "u1")], align=align)
    records = np.zeros(N, kinds)
    for i in range(N):
        records[i] = (words[i], i % 2, hog[i], b"ab"[i % 2:i % 2 + 1], F[i], i)
    name = f"structured-{'aligned' if align else 'packed'}.npy"
    np.save(OUT / name, records.reshape(-1, 1) if align else records)
    note(name, ids=words, labels=[i % 2 for i in range(N)], domains=["a", "b"] * 3, ignored=["group"], columns={
        "hog/0": F, "hog/1": [v / 2 for v in F], "f": F})

# Refused: not in the manifest
span = pa.table({"f": f, "d": pa.array(range(N), pa.duration("s"))})
pq.write_table(span, OUT / "refused-duration.parquet")
pl.DataFrame({"f": F, "d": [datetime.timedelta(seconds=i) for i in range(N)]}).write_parquet(
    OUT / "refused-duration-polars.parquet")
with pa.ipc.new_file(OUT / "refused-duration.arrow", span.schema) as w:
    w.write_table(span)
period = pd.DataFrame({"f": F, "p": pd.period_range("2020-01", periods=N, freq="M")})
period.to_parquet(OUT / "refused-period.parquet")
period.to_feather(OUT / "refused-period.feather")
ids = pa.array(words)
plain = pa.table({"id": ids, "f": f})
pq.write_metadata(plain.schema, OUT / "_common_metadata")
collected = []
pq.write_table(plain, OUT / "part.parquet", metadata_collector=collected)
collected[0].set_file_path("part.parquet")
pq.write_metadata(plain.schema, OUT / "_metadata", metadata_collector=collected)
(OUT / "part.parquet").unlink()


class Keys(pe.KmsClient):
    def __init__(self, _):
        super().__init__()

    def wrap_key(self, key, _):
        return base64.b64encode(key)

    def unwrap_key(self, key, _):
        return base64.b64decode(key)


factory = pe.CryptoFactory(Keys)
for name, plain_footer in (("refused-encrypted.parquet", False), ("refused-encrypted-column.parquet", True)):
    how = pe.EncryptionConfiguration(footer_key="k", column_keys={"c": ["f"]}, plaintext_footer=plain_footer)
    with pq.ParquetWriter(OUT / name, plain.schema, encryption_properties=factory.file_encryption_properties(
            pe.KmsConnectionConfig(), how)) as w:
        w.write_table(plain)
latin = pa.table({"id": pa.array([b"a", b"\xfcn"], pa.binary()), "f": pa.array([1.0, 2.0])})
pq.write_table(latin, OUT / "refused-latin.parquet")
with pa.ipc.new_file(OUT / "refused-latin.arrow", latin.schema) as w:
    w.write_table(latin)
half = pa.table({"label": pa.array([1.0, 0.5]), "f": pa.array([1.0, 2.0])})
pq.write_table(half, OUT / "refused-half.parquet")
with pa.ipc.new_file(OUT / "refused-half.arrow", half.schema) as w:
    w.write_table(half)

# Checksums of pages, in both versions; the test damages them.
for version in ("1.0", "2.0"):
    name = f"checksum-{version[0]}.parquet"
    pq.write_table(plain, OUT / name, write_page_checksum=True, data_page_version=version, compression="none")
    note(name, ids=words)

# A folder as pandas writes it; TestHive has what it holds.
pd.DataFrame({"domain": ["a b/c", None] * 3, "fold": [1, 2] * 3, "label": list("abcabc"), "f": F}).to_parquet(
    OUT / "hive", partition_cols=["fold", "domain"], index=False)
for k, path in enumerate(sorted((OUT / "hive").rglob("*.parquet"))):
    path.rename(path.with_name(f"part-{k}.parquet"))  # the name is random

(OUT / "manifest.json").write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
