"""Writes real/: text tables with what people's tools put around the numbers, and real/manifest.json that says what each
must be read as: the names of the features, the values, and the labels.

    python make_real_texts.py        (pandas 3.1.1, polars 2.1.0, numpy 2.4.6)
"""
import io
import json
import pathlib
import shutil

import numpy as np
import pandas as pd
import polars as pl

OUT = pathlib.Path(__file__).parent / "real"
shutil.rmtree(OUT, ignore_errors=True)
OUT.mkdir()
N = 12
# Small multiples of 1/8, exact in every float type.
X = (np.arange(N * 3)[::-1].reshape(N, 3) ** 2 % 97 - 11) / 8
LABELS = ["shoe", "coat", "bag"] * 4
NAMES = ["hog_0", "hog_1", "glcm_0"]
manifest = []


def note(name, columns=NAMES, labels=LABELS, ids=None, x=X, **options):
    manifest.append({"file": name, "options": options, "columns": columns, "labels": labels, "ids": ids,
                     "x": [[None if np.isnan(v) else v for v in row] for row in np.asarray(x, float).tolist()]})


def frame():
    out = pd.DataFrame(X, columns=NAMES)
    out.insert(0, "label", LABELS)
    return out


IDS = [f"item{i}" for i in range(N)]
MADE = [str(i + 1) for i in range(N)]  # the ids of items that are numbered
COUNT = [str(i) for i in range(N)]     # pandas' index, where it is the ids

# pandas: once, twice and three times with its index, shuffled, joined of two, with an index of two levels.
frame().to_csv(OUT / "once.csv")
note("once.csv", ids=COUNT)
pd.read_csv(OUT / "once.csv").to_csv(OUT / "twice.csv")
note("twice.csv", ids=COUNT)
pd.read_csv(OUT / "twice.csv").to_csv(OUT / "thrice.csv", index=False)
note("thrice.csv", ids=COUNT)
with_ids = frame()
with_ids.insert(0, "id", IDS)
with_ids.to_csv(OUT / "ids.csv")
pd.read_csv(OUT / "ids.csv").to_csv(OUT / "ids-twice.csv", index=False)
note("ids.csv", ids=IDS)
note("ids-twice.csv", ids=IDS)
shuffled = frame().sample(frac=1, random_state=1)
order = shuffled.index.to_numpy()
shuffled.reset_index().to_csv(OUT / "shuffled.csv", index=False)
note("shuffled.csv", x=X[order], labels=[LABELS[i] for i in order], ids=MADE)
two = pd.concat([with_ids[:6], with_ids[6:].reset_index(drop=True)])
two.reset_index().to_csv(OUT / "concat.csv", index=False)
note("concat.csv", ids=IDS)
frame().reset_index(drop=True).reset_index().reset_index().to_csv(OUT / "level.csv", index=False)
note("level.csv", ids=MADE)
# Without names, and with pandas' own.
frame().to_csv(OUT / "no-header.csv", header=False, index=False)
note("no-header.csv", columns=["c2", "c3", "c4"], ids=MADE)
with_ids.to_csv(OUT / "no-header-ids.tsv", header=False, index=False, sep="\t")
note("no-header-ids.tsv", columns=["c3", "c4", "c5"], ids=IDS)
pd.DataFrame(X).to_csv(OUT / "numbers.csv", index=False)
note("numbers.csv", columns=["0", "1", "2"], labels=None, ids=MADE)
pd.DataFrame(X).to_csv(OUT / "numbers-index.csv")
note("numbers-index.csv", columns=["0", "1", "2"], labels=None, ids=COUNT)
pd.DataFrame(X).to_csv(OUT / "nothing.csv", index=False, header=False)
note("nothing.csv", columns=["c1", "c2", "c3"], labels=None, ids=MADE)
# Words for missing.
gaps = frame()
gaps.loc[[1, 4], "label"] = None
gaps.loc[2, "hog_1"] = None
for word in ["", "NA", "NULL", "<NA>", "n/a", "None", "#N/A", "?", ".", "1.#QNAN", "-1.#IND", "nan", "NaN", "-NaN"]:
    name = f"missing-{word.encode().hex()}.csv"
    gaps.to_csv(OUT / name, na_rep=word, index=False)
    holes = X.copy()
    holes[2, 1] = np.nan
    note(name, x=holes, labels=[("" if i in (1, 4) else label) for i, label in enumerate(LABELS)], ids=MADE,
         missing=True)
# Spreadsheets: Unicode text, sep=.
text = with_ids.to_csv(index=False, sep="\t", lineterminator="\r\n")
(OUT / "unicode.txt").write_bytes(text.encode("utf-16"))
note("unicode.txt", ids=IDS)
(OUT / "unicode-big.txt").write_bytes(b"\xfe\xff" + text.encode("utf-16-be"))
note("unicode-big.txt", ids=IDS)
(OUT / "sep.csv").write_text("sep=;\n" + with_ids.to_csv(index=False, sep=";"))
note("sep.csv", ids=IDS)
# Fixed width.
(OUT / "fixed.txt").write_text(with_ids.to_string(index=False) + "\n")
note("fixed.txt", ids=IDS)
(OUT / "fixed-index.txt").write_text(with_ids.to_string() + "\n")
note("fixed-index.txt", ids=IDS)
# numpy.
np.savetxt(OUT / "plain.txt", X)
note("plain.txt", columns=["c1", "c2", "c3"], labels=None, ids=MADE)
np.savetxt(OUT / "header.txt", X, header="hog_0 hog_1 glcm_0")
note("header.txt", labels=None, ids=MADE)
np.savetxt(OUT / "header.csv", X, header="hog_0,hog_1,glcm_0", delimiter=",")
note("header.csv", labels=None, ids=MADE)
np.savetxt(OUT / "header-mixed.txt", X, header="made by us, today\nhog_0,hog_1,glcm_0")
note("header-mixed.txt", labels=None, ids=MADE)
table = np.array([[i, l, *map(str, row)] for i, l, row in zip(IDS, LABELS, X)])
np.savetxt(OUT / "header-ids.csv", table, header="id,label,hog_0,hog_1,glcm_0", delimiter=",", fmt="%s")
note("header-ids.csv", ids=IDS)
classes = np.array([0, 1, 2] * 4, float)
np.savetxt(OUT / "class.csv", np.column_stack([classes, X]), delimiter=",", fmt="%g")
note("class.csv", columns=["c2", "c3", "c4"], labels=["0", "1", "2"] * 4, ids=MADE, label="c1")
# polars.
polars = pl.DataFrame(with_ids)
polars.with_row_index().write_csv(OUT / "polars.csv")
note("polars.csv", ids=IDS)
polars.with_row_index("row_nr", offset=1).write_csv(OUT / "polars-nr.csv")
note("polars-nr.csv", ids=IDS)
# R: write.table and write.csv quote texts and row names; write.table has no name above the latter.
quoted = with_ids.copy()
quoted.index = [f'"{i + 1}"' for i in range(N)]
body = "\n".join(" ".join([i, f'"{r.id}"', f'"{r.label}"', *(f"{v:g}" for v in r[2:])]) for i, r in quoted.iterrows())
(OUT / "r-table.txt").write_text('"id" "label" "hog_0" "hog_1" "glcm_0"\n' + body + "\n")
note("r-table.txt", ids=IDS)
body = "\n".join(",".join([i, f'"{r.id}"', f'"{r.label}"', *(f"{v:g}" for v in r[2:])]) for i, r in quoted.iterrows())
(OUT / "r-csv.csv").write_text('"","id","label","hog_0","hog_1","glcm_0"\n' + body + "\n")
note("r-csv.csv", ids=IDS)
names = with_ids.drop(columns="id")
names.index = [f"Mazda RX{i}" for i in range(N)]
names.index.name = "rownames"
names.to_csv(OUT / "r-rownames.csv")
note("r-rownames.csv", ids=list(names.index))
(OUT / "manifest.json").write_text(json.dumps(manifest, indent=0))
