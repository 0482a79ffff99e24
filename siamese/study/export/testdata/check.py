"""Reads what TestGolden writes with other programs, and writes what they read into checked.json.

    SIAMESE_EXPORT=/tmp/export go test ./siamese/study/export -run TestGolden
    python siamese/study/export/testdata/check.py /tmp/export     # optuna 5.0.0, pandas 3.0, pyarrow, tensorboard
"""
import hashlib
import json
import os
import sys

import optuna
import pandas
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

folder, here = sys.argv[1], os.path.dirname(os.path.abspath(__file__))
path = os.path.join(folder, "study.journal")
sums = {n: hashlib.sha256(open(os.path.join(folder, n), "rb").read()).hexdigest()
        for n in ("study.journal", "runs.csv", "runs.parquet")}
study = optuna.load_study(study_name="a study", storage=JournalStorage(JournalFileBackend(path)))
trials = [{"number": t.number, "state": t.state.name, "value": t.value, "params": t.params, "attrs": t.user_attrs,
           "steps": {str(k): v for k, v in t.intermediate_values.items()}, "seconds": t.duration.total_seconds()}
          for t in study.trials]
csv, parquet = pandas.read_csv(os.path.join(folder, "runs.csv")), pandas.read_parquet(os.path.join(folder, "runs.parquet"))
for a, b in ((csv, "csv"), (parquet, "parquet")):
    assert list(a["score"].round(9).fillna(-1)) == [-1 if t["value"] is None else round(t["value"], 9) for t in trials], b
json.dump({"optuna": optuna.__version__, "pandas": pandas.__version__, "direction": study.direction.name, "metrics": study.metric_names, "best": study.best_trial.number,
           "importance": optuna.importance.get_param_importances(study), "trials": trials, "sums": sums,
           "csv": list(csv.columns), "parquet": {c: str(parquet[c].dtype) for c in parquet},
           "nulls": {c: int(parquet[c].isna().sum()) for c in parquet}},
          open(os.path.join(here, "checked.json"), "w"), indent=1)
