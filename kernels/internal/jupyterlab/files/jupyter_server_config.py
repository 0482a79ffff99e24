# Written by `go run ./kernels install`. What JupyterLab saves says how its outputs were made, as far as the lab's kernel has
# executed them. Where that cannot be found out the notebook is saved as it is, and the server's log says why.
import json
import subprocess
import sys
import types

COMMAND = @COMMAND@


WIDGETS = "application/vnd.jupyter.widget-state+json"


def keep_widgets(notebook):
    """JupyterLab saves the state of widgets, so that they show when no kernel has them any more: also where there are none, and
    with passwords."""
    widgets = notebook.get("metadata", {}).get("widgets", {})
    models = widgets.get(WIDGETS, {}).get("state")
    for model in (models or {}).values():
        if model.get("model_name") == "PasswordModel":
            model.get("state", {}).pop("value", None)
    if models == {}:
        del widgets[WIDGETS]
        if not widgets:
            del notebook["metadata"]["widgets"]


def before_saving(model, path, contents_manager, **_):
    if model.get("type") != "notebook" or model.get("content") is None:
        return
    notebook = model["content"]
    keep_widgets(notebook)
    try:
        full = contents_manager._get_os_path(path.strip("/")) if hasattr(contents_manager, "_get_os_path") else path
        done = subprocess.run([*COMMAND, "-stamp", full], input=json.dumps(notebook).encode(), capture_output=True, timeout=10)
        if done.returncode:
            raise RuntimeError(done.stderr.decode(errors="replace").strip())
        receipts = json.loads(done.stdout)
        for part, siamese in zip([notebook, *notebook["cells"]], [receipts["notebook"], *receipts["cells"]], strict=True):
            metadata = part.setdefault("metadata", {})
            metadata.pop("siamese", None)
            if siamese is not None:
                metadata["siamese"] = siamese
    except Exception as e:  # a save must not fail by it
        contents_manager.log.warning("%s is saved without new receipts: %s", path, e)


# The hook is registered by an extension of the server, a module that is made here: it runs beside a pre_save_hook of the
# user's own settings, and Jupyter warns of that trait at every start, since it checks it twice.
EXTENSION = "siamese_receipts"


def load(app):
    app.contents_manager.register_pre_save_hook(before_saving)


module = types.ModuleType(EXTENSION)
module._jupyter_server_extension_points = lambda: [{"module": EXTENSION}]
module._load_jupyter_server_extension = load
sys.modules[EXTENSION] = module
c.ServerApp.jpserver_extensions.update({EXTENSION: True})  # noqa: F821: Jupyter's
