"""Opens what `siamese sweep` writes in optuna-dashboard and in TensorBoard, in a browser without a window.

    pip install selenium==4.51.0 optuna==5.0.0 optuna-dashboard==0.21.0 tensorboard==2.21.0 "setuptools<81"
    apt-get install chromium chromium-driver
    python kernels/testdata/browser/dashboards.py [FOLDER]

The journal's study has all trials and the winner's score, and its pages draw; TensorBoard lists the trials with their settings and
has their curves. FOLDER gets pictures of the pages. Half a minute. Where a package or the browser is
not there it says so and does nothing; with SIAMESE_DASHBOARDS=1, as continuous integration has it, that is a failure.
"""

import importlib.util
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

REPO = pathlib.Path(__file__).resolve().parents[3]
TRIALS = 6


def missing():
    packages = [p for p in ("selenium", "optuna_dashboard", "tensorboard") if importlib.util.find_spec(p) is None]
    return packages + [p for p in ("chromedriver",) if shutil.which(p) is None]


def sweep(folder):
    """Searches, and returns what was found as the command's JSON has it."""
    settings = ["--layers=8", "--epochs=3", "--pairs-per-epoch=64", "--batch-pairs=16", "--val-pairs=20", "--monitor=val_map", "--patience=0"]
    space = [
        {"name": "learning_rate", "kind": "float", "low": 1e-4, "high": 1e-1, "log": True},
        {"name": "optimizer", "kind": "choice", "choices": ["adam", "sgd"]},
        {"name": "dropout", "kind": "float", "low": 0, "high": 0.5},
    ]
    (folder / "space.json").write_text(json.dumps(space))
    command = ["go", "run", "./siamese/cmd/siamese", "sweep", "--backend=go", "--same-classes", "--sampler=random", f"--trials={TRIALS}"]
    command += [f"--space={folder / 'space.json'}", f"--journal={folder / 'study.journal'}", f"--tensorboard={folder / 'tb'}"]
    subprocess.run(command + [f"--json={folder / 'found.json'}", *settings, "builtin:10"], cwd=REPO, check=True, stdout=subprocess.DEVNULL)
    return json.loads((folder / "found.json").read_text())


# The text of a page with that of its components, and the numbers of drawings and of rows of tables in it.
DEEP = """
    const out = {text: '', drawings: 0, rows: 0}, names = {SVG: 'drawings', CANVAS: 'drawings', TR: 'rows'};
    const walk = (node) => {
        if (node.nodeType === Node.TEXT_NODE) out.text += node.textContent + ' ';
        const tag = (node.tagName || '').toUpperCase();
        if (tag === 'SCRIPT' || tag === 'STYLE') return;
        if (names[tag] && node.getBoundingClientRect().width > 0) out[names[tag]] += 1;
        if (node.shadowRoot) walk(node.shadowRoot);
        node.childNodes.forEach(walk);
    };
    walk(document.body);
    return out;
"""


class Program:
    """A server on a free port of this machine, which ends with the block."""

    def __init__(self, folder, name, command):
        self.folder, self.command, self.log = folder, command, folder / f"{name}.log"

    def __enter__(self):
        from check import answers, free_port, wait

        for _ in range(3):  # another program may take the port first
            port = free_port()
            with open(self.log, "w") as log:
                self.process = subprocess.Popen(self.command(port), cwd=self.folder, stdout=log, stderr=log, start_new_session=True)
            url = f"http://127.0.0.1:{port}"
            wait(url, lambda: answers(url + "/") or self.process.poll() is not None)
            if self.process.poll() is None:
                return url
        sys.exit(self.log.read_text()[-3000:])

    def __exit__(self, *_):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait()


def check(browser, folder, found, pictures):
    from check import expect, wait

    def picture(name):
        if pictures:
            time.sleep(1)  # charts are drawn in steps
            browser.save_screenshot(str(pictures / f"{name}.png"))

    deep = lambda: browser.execute_script(DEEP)
    words = lambda: " ".join(deep()["text"].split())
    winner = found["runs"][found["honest"]["winner"]]
    dashboard = "import sys; from optuna_dashboard._cli import main; main()"
    start = lambda port: [sys.executable, "-c", dashboard, "study.journal", "--host=127.0.0.1", f"--port={port}"]
    with Program(folder, "optuna-dashboard", start) as url:
        browser.get(url + "/dashboard")
        wait("the study", lambda: "siamese sweep" in deep()["text"])
        browser.get(url + "/dashboard/studies/0")
        score = str(winner["score"])[:5]  # as JavaScript prints it too
        wait("the winner's score", lambda: score in deep()["text"])
        wait("its plots", lambda: deep()["drawings"] > 3)
        wait("the metric's name", lambda: found["monitor"] in deep()["text"])
        expect("the name of a value without one", "Objective 0" in deep()["text"], False)
        picture("dashboard-1-study")
        browser.get(url + "/dashboard/studies/0/trials")
        names = [p["name"] for p in found["space"]]
        wait("the trials", lambda: f"{TRIALS} Trials" in words() and all(name in words() for name in names))
        expect("the best", f"Trial {winner['number']} Complete Best Trial" in words(), True)
        picture("dashboard-2-trials")
    start = lambda port: [sys.executable, "-m", "tensorboard.main", "--logdir=tb", "--host=127.0.0.1", f"--port={port}"]
    with Program(folder, "tensorboard", start) as url:
        browser.get(url + "/#scalars")
        curves = ["tag: score", "tag: score/best", "tag: held_out"] + [f"trial-{k:04}" for k in range(TRIALS)]
        wait("the curves", lambda: all(c in words() for c in curves) and deep()["drawings"] > len(curves))
        picture("tensorboard-1-curves")
        browser.get(url + "/#hparams")
        browser.refresh()
        wait("the trials with their settings", lambda: all(name in words() for name in names) and deep()["rows"] > 1)
        expect("rows", deep()["rows"], TRIALS + 1)
        rate, best = f"{winner['config']['learning_rate']:.5g}", f"{winner['score']:.5g}"
        expect("the winner's values and the choices that are missing", [w for w in (rate, best, "adam", "sgd") if w not in words()], [])
        picture("tensorboard-2-settings")


def main():
    if none := missing():
        said = f"dashboards are not opened: {', '.join(none)} not there"
        sys.exit(said) if os.environ.get("SIAMESE_DASHBOARDS") else print(said)
        return
    from check import browse

    pictures = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else None
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as tmp:
        folder = pathlib.Path(tmp)
        found = sweep(folder)
        browser = browse()
        try:
            check(browser, folder, found, pictures)
        except BaseException:
            if pictures:
                browser.save_screenshot(str(pictures / "failed.png"))
            raise
        finally:
            browser.quit()
    print(f"{time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
