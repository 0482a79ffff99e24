"""jupytext: notebooks as text, and back."""

import json
import shutil

import jupytext
import nbformat
import pytest
from conftest import CHECKOUT, read, run

# Cells that jupytext might take for something else.
CELLS = [
    "%%\nfmt.Println(1)",
    "%env A=1\nvar x = 1",
    "!ls -l",
    "!*go version",
    "%%bash\necho hello",
    "func f() {\n}\n\n\n\nfunc g() {\n}",
    "var y = `\n# raw\n---\n`",
    "%% --flag=1 a\nfmt.Println(os.Args)",
    "%main\nfmt.Println(2)",
    "%exec f",
    "// +\nvar z = 1\n// -",
    "",
]
# What a text of comments cannot keep: there such a line begins a cell.
MARKDOWN_ONLY = ["// %% a comment\nvar a = 1"]


@pytest.mark.parametrize("form", ["md", "go:percent"])
def test_round_trip(good, form):
    """Cells, their order, tags and the kernel come back as they were."""
    notebook = read(good)
    cells = CELLS + (MARKDOWN_ONLY if form == "md" else [])
    notebook.cells += [nbformat.v4.new_code_cell(source, metadata={"tags": ["mine"]}) for source in cells]
    notebook.cells.append(nbformat.v4.new_markdown_cell("# Head\n\n```go\nx := 1\n```\n"))
    back = jupytext.reads(jupytext.writes(notebook, form), fmt=form)
    seen = [(c.cell_type, c.source.rstrip("\n"), c.metadata.get("tags")) for c in back.cells]
    assert seen == [(c.cell_type, c.source.rstrip("\n"), c.metadata.get("tags")) for c in notebook.cells]
    assert back.metadata.kernelspec == notebook.metadata.kernelspec


def test_receipts(good):
    """What the lab notes in a notebook stays out of its text, and in the notebook that the text is paired with."""
    folder = good.parent / "notebooks"
    folder.mkdir()
    shutil.copy(CHECKOUT / "notebooks" / "jupytext.toml", folder)
    path = folder / "good.ipynb"
    notebook = read(good)
    for cell in notebook.cells[1:]:
        cell.metadata["siamese"] = {"receipt": {"code": "ab" * 32}}
    notebook.metadata["siamese"] = {"version": "0.1.0"}
    nbformat.write(notebook, path)
    status, said = run("jupytext", "--set-formats", "ipynb,md", path, cwd=folder)
    text = path.with_suffix(".md")
    assert status == 0 and "abab" not in text.read_text("utf-8"), said
    assert 'tags=["parameters"]' in text.read_text("utf-8")
    text.write_text(text.read_text("utf-8").replace("Other runners", "Edited"), "utf-8")
    status, said = run("jupytext", "--sync", text, cwd=folder)
    assert status == 0, said
    back = json.loads(path.read_text("utf-8"))
    assert "Edited" in "".join(back["cells"][0]["source"])
    assert [c["metadata"].get("siamese") for c in back["cells"][1:]] == [{"receipt": {"code": "ab" * 32}}] * 4
    assert [len(c["outputs"]) for c in back["cells"][1:]] == [0, 0, 2, 3]
    assert back["metadata"]["siamese"] == {"version": "0.1.0"}
