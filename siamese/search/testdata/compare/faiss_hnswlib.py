"""Searches in turns for compare: faiss_hnswlib.py faiss|hnswlib FOLDER WIDTH K THREADS.

Reads how many single queries to answer (0 = all as one batch) and hnswlib's ef, and writes the seconds and what was
found.
"""
import sys
import time

import numpy as np

name, folder, width, k, threads = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
rows = np.memmap(folder + "/rows.f32", np.float32).reshape(-1, width)
queries = np.fromfile(folder + "/queries.f32", np.float32).reshape(-1, width)
start = time.time()
if name == "faiss":
    import faiss

    faiss.omp_set_num_threads(threads)
    index = faiss.IndexFlatIP(width)
    index.add(np.ascontiguousarray(rows))

    def ask(q):
        return index.search(q, k)[1]
else:
    import hnswlib

    index = hnswlib.Index(space="ip", dim=width)
    index.init_index(max_elements=len(rows), ef_construction=200, M=16)
    index.set_num_threads(threads)
    index.add_items(rows)

    def ask(q):
        return index.knn_query(q, k)[0]


print(f"{name}: built in {time.time() - start:.1f} s", flush=True)
for line in sys.stdin:
    n, ef = map(int, line.split())
    if name == "hnswlib":
        index.set_ef(ef or 100)
    start = time.perf_counter()
    found = [ask(queries[i : i + 1])[0] for i in range(n)] if n else ask(queries)
    print(time.perf_counter() - start)
    print(";".join(" ".join(map(str, one)) for one in found), flush=True)
