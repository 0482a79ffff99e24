"""Has the panel in Notebook 7, which is JupyterLab's parts in another frame.

    python -m venv venv && venv/bin/pip install notebook==7.6.5 ipywidgets anywidget selenium==4.51.0
    venv/bin/python kernels/testdata/browser/notebook7.py [FOLDER]      # FOLDER: for pictures

The kernels are registered in that environment by `kernels install --sys-prefix`. A run is made in the panel, its threshold moved
and kept; the notebook is saved, opened again, and shows it; the kernel is ended, and what stays in the notebook is seen instead.
About a minute.
"""

import json
import os
import subprocess
import sys

import check
from check import TOKEN, Lab, answers, browse, on_one, wait
from panel import Panel
from selenium.webdriver.common.keys import Keys
from widgets import expect


class Notebook7(Lab):
    """Notebook 7 on a folder, and a browser that shows it."""

    def start(self, port, behind, folder, base, proxy, checkout, env):
        env |= {"VIRTUAL_ENV": sys.prefix, "PATH": os.path.join(sys.prefix, "bin") + os.pathsep + env["PATH"]}
        done = subprocess.run(["go", "run", "./kernels", "install", "--sys-prefix"], cwd=checkout, env=env, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(done.stdout + done.stderr)
        command = [sys.executable, "-m", "notebook", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"]
        command += [f"--ServerApp.root_dir={folder}", f"--IdentityProvider.token={TOKEN}", "--JupyterNotebookApp.expose_app_in_browser=True"]
        self.server = subprocess.Popen(command, cwd=folder, env=env, stdout=self.log, stderr=self.log, start_new_session=True)
        wait("Notebook 7", lambda: answers(f"{behind}/api?token={TOKEN}") or self.server.poll() is not None)
        if self.server.poll() is not None:
            sys.exit("Notebook 7 did not start")
        self.browser = browse()
        self.browser.set_window_size(1400, 1500)

    def open(self, name):
        self.browser.get(f"{self.url}/notebooks/{name}?token={TOKEN}")
        self.browser.set_script_timeout(300)
        ready = "const k = panel?.sessionContext?.session?.kernel; return k?.connectionStatus === 'connected' && !!(await k.info);"
        wait(f"the kernel of {name}", lambda: self.js(ready) is True)


def steps(lab, notebook, pictures):
    lab.open(notebook.name)
    page = Panel(lab, pictures)
    page.run(0)
    page.run(1)
    wait("the panel", lambda: page.script("return !!view;"))
    before = len(page.states())
    page.type("layers", "48,24")
    page.click("Run")
    wait("the run", lambda: len(page.states()) == before + 1 and page.states()[0] == "done")
    shown = "return view.querySelectorAll('.cut figure img').length > 0;"
    wait("its threshold", lambda: page.script(shown) is True)
    page.top(".cut")
    page.picture("notebook7-1-threshold")
    page.find(1, ".cut input[type=range]").send_keys(Keys.ARROW_LEFT * 50)
    page.click("Keep this threshold")
    wait("that it is kept", lambda: "kept: 0." in page.script("return view.querySelector('.kept').textContent;"))
    saved = lambda: json.dumps([o.get("data", {}) for o in json.loads(notebook.read_text())["cells"][1]["outputs"]])
    wait("what stays in the file", lambda: (lab.save(), "balanced accuracy" in saved())[1])

    lab.open(notebook.name)
    wait("the panel, opened again", lambda: len(page.states()) == before + 1)
    wait("the threshold, opened again", lambda: page.script(shown) is True)
    page.picture("notebook7-2-again")
    lab.save()
    lab.js("await panel.sessionContext.session.kernel.restart(); return true;")
    wait("its end", lambda: page.script("return !view || !!view.querySelector('.banner').textContent;"))
    seen = "return [...cell.querySelectorAll('.siamese-panel-static')].map(e => getComputedStyle(e).display);"
    wait("what stays", lambda: page.script(seen) == ["block"])
    page.picture("notebook7-3-ended")
    expect("the page is Notebook 7's", "/notebooks/" in lab.browser.current_url, True)


if __name__ == "__main__":
    check.Lab = Notebook7
    on_one("panel.ipynb", steps)
