"""nbclient by its API, which nbmake, nbconvert, jupyter execute and papermill use."""

import pytest
from conftest import outputs, read
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError


def test_outputs(good):
    """The same outputs as those that are saved, but for the rate of the training; it shows the last state."""
    saved = read(good)
    done = NotebookClient(read(good)).execute(cwd=good.parent)
    assert outputs(done)[:3] == outputs(saved)[:3]
    (first, second, (kind, line)), want = outputs(done)[3], outputs(saved)[3]
    assert [first, second] == want[:2] and kind == "display_data"
    assert "trained 2 epochs" in line and "validation after epoch 2: ROC-AUC 0.7500, MAP@R 0.5000" in line
    assert done.metadata.language_info.name == "go"


def test_panic(panics):
    notebook = read(panics)
    with pytest.raises(CellExecutionError) as e:
        NotebookClient(notebook).execute(cwd=panics.parent)
    assert e.value.ename == "Panic"
    assert "index out of range [3] with length 0" in e.value.evalue
    assert "list[N] = 1" in e.value.traceback
    stream, error = outputs(notebook)[1]
    assert stream == ("stderr", "before\n") and error[0] == "error"
    assert outputs(notebook)[2] == [] and notebook.cells[3].execution_count is None


def test_expected(panics):
    """A cell that is tagged as one that raises does not end the run."""
    notebook = read(panics)
    notebook.cells[2].metadata.tags = ["raises-exception"]
    NotebookClient(notebook).execute(cwd=panics.parent)
    assert outputs(notebook)[2] == [("stderr", "never\n")]
