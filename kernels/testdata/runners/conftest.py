"""What the tests of other runners share. `SIAMESE_RUNNERS=1 go test ./kernels -run TestRunners` runs them, in their environment."""

import json
import os
import pathlib
import subprocess
import sys

import nbformat
import pytest

HERE = pathlib.Path(__file__).parent
CHECKOUT = HERE.parent.parent.parent


@pytest.fixture
def good(tmp_path):
    """A copy of the notebook that works, with outputs."""
    return copy(HERE / "good.ipynb", tmp_path)


@pytest.fixture
def panics(tmp_path):
    """A copy of a notebook whose second code cell panics; the third never runs."""
    return copy(HERE.parent / "panic.ipynb", tmp_path)


def copy(source, folder):
    """Copies a notebook, to be executed by the pure-Go kernel, which is on every machine."""
    notebook = json.loads(source.read_text("utf-8"))
    notebook["metadata"]["kernelspec"] |= {"name": "siamese-go", "display_name": "Siamese Lab (Go)"}
    path = folder / source.name
    path.write_text(json.dumps(notebook), "utf-8")
    return path


def read(path):
    return nbformat.read(path, as_version=4)


def outputs(notebook):
    """Of each code cell its outputs as they count: kind or stream, and text."""
    return [
        [
            (o.get("name", o.output_type), o.get("text") or o.get("evalue") or o.get("data", {}).get("text/html"))
            for o in cell.outputs
        ]
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def run(*words, cwd):
    """Runs a module of Python; returns exit status and all that it printed. pytest prints more where CI is set."""
    command = [sys.executable, "-m", *map(str, words)]
    env = {name: value for name, value in os.environ.items() if name not in ("CI", "BUILD_NUMBER")}
    done = subprocess.run(
        command, cwd=cwd, env=env, encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    return done.returncode, done.stdout
