# Written by `go run ./kernels install`. What JupyterLab saves says how its outputs were made, as far as the lab's kernel has
# executed them. Where that cannot be found out the notebook is saved as it is, and the server's log says why.
import json
import subprocess

COMMAND = @COMMAND@


def add_receipts(model, path, contents_manager, **_):
    if model.get("type") != "notebook" or model.get("content") is None:
        return
    try:
        notebook = model["content"]
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


c.ContentsManager.pre_save_hook = add_receipts  # noqa: F821: Jupyter's
