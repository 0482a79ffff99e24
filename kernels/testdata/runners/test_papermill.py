"""papermill with the lab's translator: the injected cell is what `go run ./kernels run -p` writes."""

import copy
import pathlib

import nbformat
import papermill
import pytest
from conftest import CHECKOUT, outputs, read
from papermill.exceptions import PapermillExecutionError
from papermill.parameterize import parameterize_notebook
from papermill.translators import PythonTranslator, papermill_translators, translate_parameters
from siamese_lab.papermill import ParameterError


def prepare(path, parameters, **more):
    """The source of the injected cell, without its comment."""
    notebook = papermill.execute_notebook(path, None, parameters, prepare_only=True, progress_bar=False, **more)
    return injected(notebook)


def injected(notebook):
    cells = [c.source for c in notebook.cells if "injected-parameters" in c.metadata.get("tags", [])]
    assert len(cells) == 1, cells
    comment, _, source = cells[0].partition("\n")
    assert comment == "// Parameters"
    return source


def test_inspect(good):
    assert papermill.inspect_notebook(good) == {
        p[0]: dict(zip(("name", "inferred_type_name", "default", "help"), p))
        for p in [
            ("Word", "string", '"hello"', "what to say"),
            ("Epochs", "int", "2", ""),
            ("Share", "float64", "0.5", "of what; 1 = all"),
            ("Layers", "[]int", "[]int{2, 1}", ""),
            ("Wait", "time.Duration", "90 * time.Second", ""),
        ]
    }


@pytest.mark.parametrize(
    "parameters, want",
    [
        ({"Epochs": 3, "Share": 1}, "var Epochs int = 3\nvar Share float64 = 1\n"),
        ({"Word": 'a"b\\ \n`é'}, 'var Word string = "a\\"b\\\\ \\n`é"\n'),
        ({"Layers": [3, 4]}, "var Layers []int = []int{3, 4}\n"),
        ({"Layers": (3,)}, "var Layers []int = []int{3}\n"),
        ({"Layers": "3,4"}, "var Layers []int = []int{3, 4}\n"),
        ({"Wait": "5m"}, "var Wait time.Duration = time.Duration(300000000000) /* 5m0s */\n"),
        ({"Epochs": "3"}, "var Epochs int = 3\n"),  # papermill -r
        ({"Share": 1e22}, "var Share float64 = 1e+22\n"),
        ({"PAPERMILL_INPUT_PATH": 'in".ipynb'}, 'var PAPERMILL_INPUT_PATH string = "in\\".ipynb"\n'),
        ({"PAPERMILL_OUTPUT_PATH": "-", "Epochs": 1}, 'var PAPERMILL_OUTPUT_PATH string = "-"\nvar Epochs int = 1\n'),
    ],
)
def test_values(good, parameters, want):
    assert prepare(good, parameters) == want


@pytest.mark.parametrize(
    "parameters, names",
    [
        ({"Epochs": 1.5}, ["Epochs"]),
        ({"Epochs": 3.0}, ["Epochs"]),
        ({"Epochs": True}, ["Epochs"]),
        ({"Epochs": "x"}, ["Epochs"]),
        ({"Epochs": [1]}, ["Epochs"]),
        ({"Word": 7}, ["Word"]),  # papermill made it of 7, 007 or 7_
        ({"Word": None}, ["Word"]),
        ({"Share": float("nan")}, ["Share"]),
        ({"Share": float("inf")}, ["Share"]),
        ({"Layers": {"a": 1}}, ["Layers"]),
        ({"Layers": {1: 1, "1": 2}}, ["Layers"]),
        ({"Layers": [1, object()]}, ["Layers"]),
        ({"Wait": 90}, ["Wait"]),
        ({"Word": pathlib.PurePosixPath("a/b")}, ["Word"]),
        ({"epochs": 3}, ["epochs"]),
        ({"Epochs": "x", "Share": "y", "Nope": 1, "Word": "fine"}, ["Epochs", "Share", "Nope"]),
    ],
)
def test_faults(good, parameters, names):
    """What does not fit is an error that names it, before anything is written or run."""
    out = good.with_name("out.ipynb")
    with pytest.raises(ParameterError) as e:
        papermill.execute_notebook(good, out, parameters, progress_bar=False)
    assert e.value.names == names
    assert all(name in str(e.value) for name in names)
    assert not out.exists()


def test_execution(good):
    """Parameters reach the cells that follow, whatever the kernel; the notebook that was given stays as it was."""
    before = good.read_bytes()
    out = good.with_name("out.ipynb")
    parameters = {"Epochs": 3, "Share": 1, "Word": "a b", "Layers": [5], "Wait": "5m"}
    papermill.execute_notebook(good, out, parameters, kernel_name="siamese-go", progress_bar=False)
    done = read(out)
    assert outputs(done)[3] == [("stdout", "a b a b a b  0.5 [5] 5m0s\n"), ("stderr", "beside it\n")]
    assert [c.execution_count for c in done.cells if c.cell_type == "code"] == [1, 2, 3, 4, 5]
    assert good.read_bytes() == before


def test_panic(panics):
    out = panics.with_name("out.ipynb")
    with pytest.raises(PapermillExecutionError) as e:
        papermill.execute_notebook(panics, out, {"N": 5}, progress_bar=False)
    assert (e.value.ename, e.value.exec_count) == ("Panic", 3)
    assert "index out of range [5] with length 0" in e.value.evalue
    assert [o for o in outputs(read(out))[2] if o[0] == "error"], "the failed cell's output is lost"
    assert outputs(read(out))[3] == []


def test_again(good):
    """A second run's cell replaces that of the first."""
    first = papermill.execute_notebook(good, None, {"Epochs": 3}, prepare_only=True, progress_bar=False)
    again = parameterize_notebook(copy.deepcopy(first), {"Epochs": 4})
    assert injected(again) == "var Epochs int = 4\n"


def test_runs():
    """Files of a run with other parameters go to a folder of their own, as with `run -p`."""
    source = prepare(CHECKOUT / "notebooks" / "quickstart.ipynb", {"PerClass": 30, "Epochs": 2})
    assert source == 'var PerClass int = 30\nvar Epochs int = 2\nvar Runs string = "runs/quickstart/PerClass=30,Epochs=2"\n'


def test_no_cell(good):
    notebook = read(good)
    for cell in notebook.cells:
        cell.metadata.pop("tags", None)
    nbformat.write(notebook, good)
    with pytest.raises(ParameterError) as e:
        prepare(good, {"Epochs": 3})
    assert e.value.names == ["Epochs"]
    assert prepare(good, {"PAPERMILL_INPUT_PATH": "x"}) == 'var PAPERMILL_INPUT_PATH string = "x"\n'


def test_other_doors(good, monkeypatch, tmp_path):
    """Without a notebook there are no types, and without a kernel nobody knows them: nothing is guessed."""
    with pytest.raises(ParameterError):
        translate_parameters("siamese-go", "go", {"Epochs": 3})
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    with pytest.raises(ParameterError, match="go run ./kernels install"):
        prepare(good, {"Epochs": 3})
    assert papermill_translators.find_translator("python3", "python") is PythonTranslator


def test_not_go(good):
    """A parameters cell that cannot be read tells of no parameters, and takes none."""
    notebook = read(good)
    notebook.cells[2].source = "var Epochs int = ("
    nbformat.write(notebook, good)
    assert papermill.inspect_notebook(good) == {}
    with pytest.raises(ParameterError):
        prepare(good, {"Epochs": 3})
