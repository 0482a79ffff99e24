"""papermill for notebooks in Go: `papermill in.ipynb out.ipynb -p Epochs 3 -k siamese-go`.

papermill finds this module by its entry points for engines, the only ones that it loads, and with it the translator
that writes the cell of parameters. What is written, and which values suit which types, is the lab's business: its
kernel is asked, so that papermill and `go run ./kernels run -p` set the same. The module needs papermill, and a kernel
of the lab where Jupyter finds it.
"""

import json
import math
import os
import subprocess
import sys


def __getattr__(name):
    # papermill asks for the engine while it is being imported itself, and maybe by an import further down.
    if name == "Engine":
        from papermill.engines import NBClientEngine

        return NBClientEngine
    raise AttributeError(f"module {__name__} has no attribute {name}")


from papermill.exceptions import PapermillException  # noqa: E402
from papermill.models import Parameter  # noqa: E402
from papermill.translators import Translator, papermill_translators  # noqa: E402

# Variables of papermill's own flags --inject-input-path and the like, which a notebook need not declare.
OWN = ("PAPERMILL_INPUT_PATH", "PAPERMILL_OUTPUT_PATH")

INSTALL = "run `go run ./kernels install` in the lab's checkout"


class ParameterError(PapermillException):
    """Parameters that a notebook does not have, or values that do not fit: names has which."""

    def __init__(self, message, names=()):
        super().__init__(message)
        self.names = list(names)


class GoTranslator(Translator):
    """Sets the parameters of notebooks in Go. A parameter keeps the type of its default."""

    @classmethod
    def comment(cls, cmt_str):
        return "\n".join(f"// {line}".rstrip() for line in str(cmt_str).splitlines())

    @classmethod
    def codify(cls, parameters, comment="Parameters"):
        """The source of the cell that sets parameters, a dict. Raises a ParameterError for those that do not fit."""
        nb, kernel = asked()
        values = {str(name): plain(value, str(name)) for name, value in parameters.items()}
        lines = [cls.comment(comment)]
        cell = parameters_cell(nb)
        known = ask(kernel, cell, {}).get("parameters") or [] if cell is not None else []
        free = [name for name in OWN if name in values and name not in {p["name"] for p in known}]
        for name in free:
            lines.append(ask(kernel, f"var {name} string", {name: values.pop(name)})["source"].rstrip("\n"))
        if values and cell is None:
            raise ParameterError('the notebook has no cell tagged "parameters", so it takes no parameters', values)
        if values:
            lines.append(ask(kernel, cell, values)["source"].rstrip("\n"))
        return "\n".join(lines) + "\n"

    @classmethod
    def inspect(cls, parameters_cell):
        """The parameters that a cell declares, with types, defaults and comments. None where it is not Go."""
        answer = ask(None, "".join(parameters_cell["source"]), {}, check=False)
        return [
            Parameter(p["name"], p["type"] or "None", " ".join(p["default"].splitlines()), p["help"])
            for p in answer.get("parameters") or []
        ]


def asked():
    """The notebook whose parameters papermill sets, and its kernel's name.

    papermill tells a translator neither, and types are in the notebook: they are taken from the function that calls it.
    """
    frame = sys._getframe(1)
    while frame is not None:
        names = frame.f_locals
        if frame.f_code.co_name == "parameterize_notebook" and "nb" in names:
            return names["nb"], names.get("kernel_name")
        frame = frame.f_back
    raise ParameterError("the notebook tells the types of parameters: use execute_notebook or parameterize_notebook")


def parameters_cell(nb):
    """The source of the first code cell tagged "parameters", or None."""
    for cell in nb.cells:
        if cell.cell_type == "code" and "parameters" in cell.metadata.get("tags", []):
            return cell.source
    return None


def plain(value, name):
    """A value as JSON has it, without loss: papermill keeps no others. name is its parameter's."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    if isinstance(value, (list, tuple)):
        return [plain(v, name) for v in value]
    if isinstance(value, dict):
        out = {}
        for key, v in value.items():
            if isinstance(key, bool) or not isinstance(key, (str, int)) or str(key) in out:
                raise ParameterError(f"parameter {name}: the key {key!r} is no text, or there twice", [name])
            out[str(key)] = plain(v, name)
        return out
    raise ParameterError(f"parameter {name}: {value!r} ({type(value).__name__}) is no value of Go", [name])


def program(kernel):
    """The lab's kernel as Jupyter would start it, program and environment: that of this name, else any."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    manager = KernelSpecManager()
    for name in [kernel, *sorted(manager.find_kernel_specs())]:
        try:
            spec = manager.get_kernel_spec(name) if name else None
        except NoSuchKernel:
            continue
        if spec and spec.argv and os.path.splitext(os.path.basename(spec.argv[0]))[0] == "siamese-kernel":
            return spec.argv[0], {**os.environ, **spec.env}
    raise ParameterError(
        "Jupyter finds no kernel of Siamese Lab, which knows the types: run `go run ./kernels install --user` in its "
        "checkout"
    )


def ask(kernel, cell, values, check=True):
    """What the lab's kernel says about a parameters cell and values for it. check = raise its error."""
    path, environment = program(kernel)
    question = {"cell": cell, "set": [{"name": name, "value": value} for name, value in values.items()]}
    try:
        done = subprocess.run(
            [path, "parameters"], input=json.dumps(question), capture_output=True, encoding="utf-8", env=environment
        )
        answer = json.loads(done.stdout) if done.returncode == 0 else None
    except (OSError, ValueError) as err:
        raise ParameterError(f"{path} cannot be asked about parameters: {err}; {INSTALL}") from err
    if answer is None:
        raise ParameterError(f"{path} does not know of parameters: {done.stderr.strip()[:500]}; {INSTALL}")
    if check and answer["error"]:
        raise ParameterError(answer["error"], answer["names"] or [])
    return answer


for language in ("go", "siamese-go", "siamese-xla"):
    papermill_translators.register(language, GoTranslator)
