"""Does the steps of panel.py and explore.py in Notebook 7, which is JupyterLab's parts in another frame.

    python -m venv venv && venv/bin/pip install notebook==7.6.5 ipywidgets==8.1.9 anywidget==0.11.0 selenium==4.51.0
    venv/bin/python kernels/testdata/browser/notebook7.py [FOLDER]      # FOLDER: for pictures

The kernels are registered in that environment by `kernels install --sys-prefix`. What is a matter of the panel or the explorer
alone is left out: times, the table of a hundred runs, themes, what items are compared by, training on judged pairs. About two
minutes.
"""

import os
import subprocess
import sys

import explore
import panel
from check import TOKEN, Lab, expect, free_port, on_one, browse


class Notebook7(Lab):
    """Notebook 7 on a folder, and a browser that shows it."""

    def start(self, folder, base, proxy, checkout, env):
        env |= {"VIRTUAL_ENV": sys.prefix, "PATH": os.path.join(sys.prefix, "bin") + os.pathsep + env["PATH"]}
        # Where nothing else says it, the environment's own kernels are found.
        subprocess.run(["go", "run", "./kernels", "install", "--sys-prefix"], cwd=checkout, env=env, check=True, stdout=self.log, stderr=self.log)
        command = [sys.executable, "-m", "notebook", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={free_port()}"]
        command += [f"--ServerApp.root_dir={folder}", f"--IdentityProvider.token={TOKEN}", "--JupyterNotebookApp.expose_app_in_browser=True"]
        self.serve(command, folder, env)
        self.browser = browse()
        self.browser.set_window_size(1400, 1500)

    def open(self, name):
        self.browser.get(f"{self.url}/notebooks/{name}?token={TOKEN}")
        self.browser.set_script_timeout(100)
        self.ready(name)
        expect("the page is Notebook 7's", "/notebooks/" in self.browser.current_url, True)

    def errors(self):
        """But for what Notebook 7.6.5's own program says: that a plugin has no settings."""
        return [e for e in super().errors() if not ("notebook_core" in e and "reading 'schema'" in e)]


def panel_steps(lab, notebook, pictures):
    p = panel
    steps = (p.opened, p.form, p.run, p.threshold, p.stop, p.keys, p.compare, p.saved, p.reopened, p.ended, p.again, p.deleted)
    p.check(lab, notebook, pictures and pictures / "notebook7", steps)


def explore_steps(lab, notebook, pictures):
    e = explore
    e.check(lab, notebook, pictures and pictures / "notebook7", (e.opened, e.typed, e.judge, e.reopened, e.ended))


if __name__ == "__main__":
    on_one(panel.NAME, panel_steps, Notebook7)
    on_one(explore.NAME, explore_steps, Notebook7)
