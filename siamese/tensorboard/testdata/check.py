"""Reads golden/ with TensorBoard itself and compares it with golden.json; writes down what was read in checked.json,
which TestGolden compares with the files. Run it again when the files change:

    UPDATE_GOLDEN=1 go test ./siamese/tensorboard -run TestGolden
    python check.py [--screenshot DIR]        (tensorboard 2.21.0; a picture needs chromium)

Two readers are asked: the event accumulator of the Python package, and the server's HTTP interface, both with the
loader in Python and with the fast one in Rust.
"""
import argparse
import hashlib
import html.parser
import importlib.metadata
import json
import math
import pathlib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import numpy as np
from tensorboard.backend.event_processing import event_accumulator
from tensorboard.util import tensor_util

HERE = pathlib.Path(__file__).parent
RUN = "golden"


def expected():
    """What counts after both sessions: the second takes back the first from its first step on."""
    scalars, histograms, texts = {}, {}, {}
    for session in json.loads((HERE / "golden.json").read_text())["sessions"]:
        first = session["calls"][0]["step"]
        for table in (scalars, histograms, texts):
            for points in table.values():
                for step in [s for s in points if s >= first]:
                    del points[step]
        for call in session["calls"]:
            tag, step = call["tag"], call["step"]
            if call["kind"] == "scalar":
                with np.errstate(over="ignore"):
                    scalars.setdefault(tag, {})[step] = float(np.float32(float(call["value"])))
            elif call["kind"] == "histogram":
                histograms.setdefault(tag, {})[step] = [float(v) for v in call["values"]]
            else:
                texts.setdefault(tag, {})[step] = call["text"]
    return scalars, histograms, texts


def equal(what, got, want):
    same = got == want or (isinstance(want, float) and math.isnan(want) and math.isnan(got))
    if not same:
        sys.exit(f"{what}: TensorBoard reads {got!r}, golden.json says {want!r}")


def compare(reader, points, want):
    for tag in want:
        got = points(tag)
        equal(f"{reader}: steps of {tag}", [s for s, _ in got], sorted(want[tag]))
        for step, value in got:
            yield f"{reader}: {tag}, step {step}", value, want[tag][step]


def check_buckets(what, buckets, values):
    """buckets are rows of left, right and count, in float32."""
    equal(what + ": count", sum(b[2] for b in buckets), float(len(values)))
    equal(what + ": ends", (buckets[0][0], buckets[-1][1]), (min(values), max(values)))
    for left, right, count in buckets:
        last = right == buckets[-1][1]
        inside = sum(left - 1e-6 <= v < right - 1e-6 or (last and v == right) for v in values)
        equal(f"{what}: bucket [{left}, {right})", count, float(inside))


def by_accumulator(scalars, histograms, texts):
    run = event_accumulator.EventAccumulator(str(HERE / RUN), size_guidance={"scalars": 0, "histograms": 0, "tensors": 0})
    run.Reload()
    equal("tags", sorted(run.Tags()["scalars"]), sorted(scalars))
    for what, got, want in compare("accumulator", lambda t: [(e.step, e.value) for e in run.Scalars(t)], scalars):
        equal(what, got, want)
    for what, got, want in compare("accumulator", lambda t: [(e.step, e.histogram_value) for e in run.Histograms(t)], histograms):
        equal(what, (got.min, got.max, got.num, got.sum), (min(want), max(want), len(want), sum(want)))
        equal(what, got.sum_squares, sum(v * v for v in want))
        equal(what, sum(got.bucket), float(len(want)))
    for what, got, want in compare("accumulator", lambda t: [(e.step, e.tensor_proto) for e in run.Tensors(t)], texts):
        equal(what, tensor_util.make_ndarray(got)[0].decode(), want)


class Text(html.parser.HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.text = ""
        self.feed(page)

    def handle_data(self, data):
        self.text += data


def by_server(load_fast, scalars, histograms, texts, screenshots):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    base = f"http://127.0.0.1:{port}/"
    server = subprocess.Popen([sys.executable, "-m", "tensorboard.main", "--logdir", str(HERE), "--host", "127.0.0.1", "--port", str(port),
                               f"--load_fast={load_fast}", "--samples_per_plugin=scalars=1000,histograms=1000,text=1000"],
                              stderr=subprocess.DEVNULL)

    def get(plugin, **query):
        with urllib.request.urlopen(f"{base}data/{plugin}?{urllib.parse.urlencode(query)}") as answer:
            return json.load(answer)

    try:
        for _ in range(240):
            try:
                if len(get("plugin/scalars/tags").get(RUN, {})) == len(scalars) and get("plugin/text/tags").get(RUN):
                    break
            except (urllib.error.URLError, ConnectionError):
                pass
            time.sleep(0.5)
        else:
            sys.exit(f"the server (load_fast={load_fast}) does not show the run")
        reader = f"server, load_fast={load_fast}"
        for what, got, want in compare(reader, lambda t: [(e[1], e[2]) for e in get("plugin/scalars/scalars", tag=t, run=RUN)], scalars):
            equal(what, float(got), want)
        for what, got, want in compare(reader, lambda t: [(e[1], e[2]) for e in get("plugin/histograms/histograms", tag=t, run=RUN)], histograms):
            check_buckets(what, got, want)
        for what, got, want in compare(reader, lambda t: [(e["step"], e["text"]) for e in get("plugin/text/text", tag=t, run=RUN)], texts):
            equal(what, Text(got).text.strip(), want.replace("*", ""))
        if screenshots:
            for page in ("timeseries", "histograms", "text"):
                subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1500,1100", "--virtual-time-budget=20000",
                                f"--screenshot={screenshots / (page + '.png')}", f"{base}?darkMode=false#{page}"],
                               check=True, stderr=subprocess.DEVNULL, timeout=120)
    finally:
        server.terminate()
        server.wait()


parser = argparse.ArgumentParser()
parser.add_argument("--screenshot", type=pathlib.Path, help="a directory for pictures of the served pages")
options = parser.parse_args()
want = expected()
by_accumulator(*want)
by_server("false", *want, None)
by_server("true", *want, options.screenshot)
record = {
    "read_by": {name: importlib.metadata.version(name) for name in ("tensorboard", "tensorboard-data-server")},
    "sha256": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted((HERE / RUN).iterdir())},
}
(HERE / "checked.json").write_text(json.dumps(record, indent=2) + "\n")
print("TensorBoard", record["read_by"]["tensorboard"], "reads what was written:", {tag: len(points) for t in want for tag, points in t.items()})
