"""nbmake and nbval, plugins of pytest."""

import nbformat
from conftest import CHECKOUT, read, run

NBVAL = ["--nbval", "--nbval-sanitize-with", CHECKOUT / "kernels" / "python" / "nbval.cfg"]


def check(*words, cwd):
    return run("pytest", "-p", "no:cacheprovider", "-q", "--color=no", *words, cwd=cwd)


def test_nbmake(panics):
    """It fails at the cell that panics, and says where and why."""
    status, said = check("--nbmake", panics.name, cwd=panics.parent)
    assert status == 1 and "1 failed" in said, said
    assert "index out of range [3] with length 0" in said and "---->  4 list[N] = 1" in said, said


def test_nbval_panic(panics):
    status, said = check(*NBVAL, panics.name, cwd=panics.parent)
    assert status == 1 and "Cell execution caused an exception" in said and "index out of range" in said, said


def test_nbval_edited(good):
    """Outputs that were edited are found, texts and displays; the line of a training alone is left out."""
    notebook = read(good)
    edited = 0
    for old, new in [("beside", "before"), ("<b>rich", "<b>poor")]:
        for output in (o for cell in notebook.cells for o in cell.get("outputs", [])):
            for where, key in [(output, "text"), (output.get("data", {}), "text/html")]:
                if old in where.get(key, ""):
                    where[key], edited = where[key].replace(old, new), edited + 1
    assert edited == 2
    nbformat.write(notebook, good)
    status, said = check(*NBVAL, good.name, cwd=good.parent)
    assert status == 1 and "2 failed, 2 passed" in said and said.count("Cell outputs differ") == 2, said
    assert "mismatch 'stderr'" in said and "mismatch 'text/html'" in said, said


def test_nbval_line(good):
    """Without the file of what to leave out, the line of a training differs: the file is needed."""
    status, said = check("--nbval", good.name, cwd=good.parent)
    assert status == 1 and "1 failed, 3 passed" in said and "pairs/s" in said, said
