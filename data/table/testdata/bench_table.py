"""Compares loading a table with pandas (pyarrow) and polars, in one alternating run: every round loads every file once with
every tool, each time in a process of its own, whose imports do not count. Needs Go, pandas, polars and pyarrow
(see make_fixtures.py for versions that were tried); takes some minutes and 2 GB of temporary files.

    venv/bin/python testdata/bench_table.py [rounds] [rows] [columns] [threads]   # in data/table/; default 5 20000 2000 2
    venv/bin/python testdata/bench_table.py long [rows] [columns]                 # default 10000000 8: Scan at constant memory
"""
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
PYTHON = {
    ("pandas", "csv"): "import pandas as pd, pyarrow; pyarrow.set_cpu_count(threads); load = lambda: pd.read_csv(path, engine='pyarrow')",
    ("pandas", "parquet"): "import pandas as pd, pyarrow; pyarrow.set_cpu_count(threads); load = lambda: pd.read_parquet(path)",
    ("polars", "csv"): "import polars as pl; load = lambda: pl.read_csv(path)",
    ("polars", "parquet"): "import polars as pl; load = lambda: pl.read_parquet(path)",
}


def python(tool, path, threads):
    """Seconds to load path, and to have its numbers as one float32 array, row by row, as ours come."""
    code = f"""
import sys, time, json
path, threads = sys.argv[1], int(sys.argv[2])
{PYTHON[tool, path.suffix[1:]]}
start = time.perf_counter()
frame = load()
loaded = time.perf_counter() - start
import numpy as np
names = [c for c in frame.columns if c.startswith("f/")]
x = np.ascontiguousarray(frame[names].to_numpy().astype(np.float32, copy=False))
print(json.dumps({{"seconds": loaded, "matrix": time.perf_counter() - start, "sum": float(x[:, 0].astype(float).sum() + x[:, -1].astype(float).sum()), "shape": x.shape}}))
"""
    env = os.environ | {"POLARS_MAX_THREADS": str(threads)}
    out = subprocess.run([sys.executable, "-c", code, str(path), str(threads)], env=env, capture_output=True, text=True, check=True)
    return json.loads(out.stdout)


def go(binary, how, path, threads=0):
    """What bench/main.go prints."""
    env = os.environ | ({"GOMAXPROCS": str(threads)} if threads else {})
    out = subprocess.run([binary, how, str(path)], env=env, stdout=subprocess.PIPE, check=True)
    return json.loads(out.stdout)


def short(binary, folder, rounds, rows, columns, threads):
    import pandas as pd
    import polars as pl
    import pyarrow

    print(f"pandas {pd.__version__}, pyarrow {pyarrow.__version__}, polars {pl.__version__}, Python {platform.python_version()}, "
          f"{threads} threads, {rows} x {columns}, medians of {rounds} rounds")
    subprocess.run([binary, "make", folder / "all.parquet", str(rows), str(columns)], check=True)
    table = pl.read_parquet(folder / "all.parquet")
    files = {"CSV": folder / "polars.csv", "Parquet by pandas": folder / "pandas.parquet", "Parquet by polars": folder / "polars.parquet",
             "Parquet by Save": folder / "all.parquet"}
    table.write_csv(files["CSV"])
    table.write_parquet(files["Parquet by polars"])
    table.to_pandas().to_parquet(files["Parquet by pandas"])
    del table
    times = {}
    note = lambda *key, s: times.setdefault(key, []).append(s)
    for _ in range(rounds):
        for name, path in files.items():
            path.read_bytes()  # into the memory of the system, for all alike
            ours = go(binary, "open", path, threads)
            assert (ours["rows"], ours["columns"]) == (rows, columns), ours
            note(name, "this package", s=ours["seconds"])
            for tool in ("pandas", "polars"):
                theirs = python(tool, path, threads)
                assert abs(theirs["sum"] - ours["sum"]) < 1e-3 and theirs["shape"] == [rows, columns], (ours, theirs)
                note(name, tool, s=theirs["seconds"])
                note(name, tool + " to a matrix", s=theirs["matrix"])
        os.utime(files["CSV"], (time.time() - 60, time.time() - 60))
        go(binary, "cached", files["CSV"], threads)
        again = go(binary, "cached", files["CSV"], threads)
        assert again["cached"], again
        note("CSV", "this package, second time", s=again["seconds"])
    print(f"{'seconds':45} {'median':>7} {'fastest':>8}")
    for (name, tool), s in sorted(times.items()):
        print(f"{name:18} {tool:26} {statistics.median(s):7.3f} {min(s):8.3f}")


def long(binary, folder, rows, columns):
    """A long table, read by Scan: text, and Parquet in row groups of half a million."""
    import numpy as np
    import polars as pl

    rng = np.random.default_rng(1)
    part = 500_000
    paths = {"csv": folder / "long.csv", "parquet": folder / "long.parquet"}
    with open(paths["csv"], "wb") as out:
        for start in range(0, rows, part):
            n = min(part, rows - start)
            frame = pl.DataFrame({"id": np.arange(start, start + n)} | {f"f/{j}": rng.standard_normal(n, np.float32) for j in range(columns)})
            out.write(frame.write_csv(include_header=start == 0).encode())
    pl.scan_csv(paths["csv"], schema_overrides={f"f/{j}": pl.Float32 for j in range(columns)}).sink_parquet(paths["parquet"], row_group_size=part)
    for path in paths.values():
        r = go(binary, "scan", path)
        assert (r["rows"], r["columns"]) == (rows, columns), r
        print(f"{path.name}: {path.stat().st_size / 1e6:.0f} MB, {rows} x {columns} in {r['seconds']:.1f} s, {rows / r['seconds']:.0f} rows/s, "
              f"{r['memory'] / 2**20:.0f} MiB taken from the system")


def main():
    numbers = [int(a) for a in sys.argv[1:] if a != "long"]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        binary = str(folder / "bench")
        subprocess.run(["go", "build", "-o", binary, "./testdata/bench"], cwd=HERE.parent, check=True)
        if "long" in sys.argv:
            long(binary, folder, *(numbers + [10_000_000, 8][len(numbers):]))
        else:
            short(binary, folder, *(numbers + [5, 20_000, 2_000, 2][len(numbers):]))


if __name__ == "__main__":
    main()
