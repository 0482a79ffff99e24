"""Opens the notebooks of a fresh clone in JupyterLab, in a browser without a window, and sees that saving changes nothing.

    pip install selenium==4.51.0            # and: apt-get install chromium chromium-driver
    python kernels/testdata/browser/check.py

It clones the checkout's last commit, executes a notebook in it, opens each of its notebooks without trusting it, waits for its
kernel, saves it, and fails if `git diff` shows a line. Then it runs all cells of run-all.ipynb: what follows the one that fails
must not run; and has `check` look at the receipts of what JupyterLab saved. About a minute; it changes nothing in the checkout, and installs the lab where `kernels install` does.
"""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException

HERE = pathlib.Path(__file__).resolve().parent
REPO = HERE.parents[2]
TOKEN = "test"
SHOTS = pathlib.Path(os.environ["SHOTS"]) if "SHOTS" in os.environ else None  # a folder for pictures of what is seen


def wait(what, condition, seconds=300):
    """Returns condition's first true value."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if value := condition():
                return value
        except StaleElementReferenceException:
            pass  # the page has drawn it anew
        time.sleep(0.3)
    sys.exit(f"waited {seconds} s for {what}")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def answers(url):
    try:
        return urllib.request.urlopen(url, timeout=2).status == 200
    except OSError:
        return False


def listens(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def browse():
    """A browser without a window."""
    options = webdriver.ChromeOptions()
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.accept_insecure_certs = True
    for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1400,1000"):
        options.add_argument(flag)
    if chromium := shutil.which("chromium"):
        options.binary_location = chromium
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=shutil.which("chromedriver")))


class Lab:
    """A JupyterLab on a folder, with no settings and no trusted notebooks of anybody, and a browser that shows it."""

    def __init__(self, folder, tmp, base="/", proxy=False, checkout=REPO):
        """base is the server's base path; proxy = the browser comes by https and the command proxy; checkout has the code."""
        port = free_port()
        self.url = behind = f"http://127.0.0.1:{port}{base}".rstrip("/")
        # What JupyterLab knows of its user is elsewhere: among it, which notebooks are trusted.
        places = {
            name: str(tmp / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR")
        }
        self.log = open(tmp / "lab.log", "w")
        self.proxy = None
        try:
            self.start(port, behind, folder, base, proxy, checkout, {**os.environ, **places})
        except BaseException:
            self.close()
            raise

    def start(self, port, behind, folder, base, proxy, checkout, env):
        self.server = subprocess.Popen(
            ["go", "run", "./kernels", "lab", f"--port={port}", "--", "--no-browser", f"--ServerApp.root_dir={folder}"]
            + [f"--IdentityProvider.token={TOKEN}", "--LabApp.expose_app_in_browser=True", f"--ServerApp.base_url={base}"],
            cwd=checkout,
            env=env,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )
        wait("JupyterLab", lambda: answers(f"{behind}/api?token={TOKEN}") or self.server.poll() is not None, 600)
        if self.server.poll() is not None:
            sys.exit("JupyterLab did not start")
        if proxy:
            port = free_port()
            command = ["go", "run", "./kernels/testdata/browser/proxy", f"127.0.0.1:{port}", behind.removesuffix(base.rstrip("/")), base]
            self.proxy = subprocess.Popen(command, cwd=REPO, stdout=self.log, stderr=self.log, start_new_session=True)
            # It is built first, which may take longer than the browser's start.
            wait("the proxy", lambda: listens(port) or self.proxy.poll() is not None, 300)
            if self.proxy.poll() is not None:
                sys.exit("the proxy did not start")
            self.url = f"https://localhost:{port}{base}".rstrip("/")
        self.browser = browse()

    def js(self, code):
        """Runs JavaScript, in which `app` is JupyterLab and `panel` the notebook; a promise is waited for."""
        start = "const done = arguments[0], app = window.jupyterapp, panel = app?.shell?.currentWidget;"
        return self.browser.execute_async_script(
            f"{start} (async () => {{ {code} }})().then(done, e => done('error: ' + e))"
        )

    def open(self, name):
        """Opens a notebook and waits for its kernel."""
        self.browser.get(f"{self.url}/lab/tree/{name}?token={TOKEN}&reset")
        self.browser.set_script_timeout(300)
        # The kernel's language is written into the notebook when its information has come. It says no status until then.
        ready = "const k = panel?.sessionContext?.session?.kernel; return k?.connectionStatus === 'connected' && !!(await k.info);"
        wait(f"the kernel of {name}", lambda: self.js(ready) is True)
        time.sleep(1)

    def save(self):
        said = self.js("await panel.context.save(); return 'saved'")
        if said != "saved":
            sys.exit(said)

    def trusted(self):
        return self.js("return panel.content.widgets.some(c => c.model.type === 'code' && c.model.trusted);")

    def close(self):
        if hasattr(self, "browser"):
            self.browser.quit()
        for process in (self.server, self.proxy):
            if process:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGTERM)
                process.wait()
        self.log.close()


def outputs(path):
    """The text of each code cell's outputs, and whether it has an error."""
    cells = [c for c in json.loads(path.read_text())["cells"] if c["cell_type"] == "code"]
    text = lambda o: "".join(o.get("text", [])) + "".join(o.get("traceback", [])) + "".join(o.get("data", {}).get("text/html", []))
    return [("".join(text(o) for o in c["outputs"]), any(o["output_type"] == "error" for o in c["outputs"])) for c in cells]


def check_saving(lab, clone):
    """Every notebook is as it was after it was opened and saved."""
    # One that was executed now is like those that were executed before.
    shutil.copy(HERE.parent / "words.ipynb", clone / "notebooks")
    subprocess.run(["go", "run", "./kernels", "run", "--inplace", clone / "notebooks" / "words.ipynb"], cwd=clone, check=True)
    subprocess.run(["git", "add", "."], cwd=clone, check=True)
    subprocess.run(["git", "-c", "user.name=test", "-c", "user.email=test@localhost", "commit", "-q", "-m", "words"], cwd=clone, check=True)
    names = sorted(p.name for p in (clone / "notebooks").glob("*.ipynb"))
    for name in names:
        lab.open(name)
        # What `run` has executed here is trusted, what came with the clone is not.
        if lab.trusted() != (name == "words.ipynb"):
            sys.exit(f"{name} is trusted: {lab.trusted()}")
        lab.save()
        print("opened and saved:", name)
    diff = subprocess.run(["git", "diff", "--exit-code", "--stat", "-p"], cwd=clone, capture_output=True, text=True)
    if diff.returncode or not names:
        sys.exit(f"saving changes notebooks:\n{diff.stdout[:4000]}")


def check_run_all(lab, clone):
    """What follows a failed cell is not run, also one that Go cannot read; a cell that is chosen at once after that runs."""
    for source, said in (("%%\nos.Exit(3)", "exit status 3"), ("%%\npanic(1)", "Panic"), ("not Go (", "SyntaxError")):
        path = clone / "notebooks" / "run-all.ipynb"
        notebook = json.loads((HERE / "run-all.ipynb").read_text())
        notebook["cells"][2]["source"] = source
        path.write_text(json.dumps(notebook))
        lab.open(path.name)
        lab.js("await app.commands.execute('notebook:run-all-cells'); return true;")
        idle = "return panel.sessionContext.session.kernel.status === 'idle' && !panel.node.querySelector('.jp-InputPrompt')?.textContent.includes('*');"
        busy = "return panel.content.widgets.some(c => c.model.type === 'code' && c.promptNode?.textContent.includes('*'));"
        wait("the cells", lambda: lab.js(idle) is True and lab.js(busy) is False)
        lab.js("panel.content.activeCellIndex = 3; await app.commands.execute('notebook:run-cell'); return true;")
        wait("the chosen cell", lambda: lab.js(idle) is True and lab.js(busy) is False)
        lab.save()
        language = json.loads(path.read_text())["metadata"]["language_info"]
        assert "version" in language, f"saving wrote nothing: {language}"
        first, fails, second, third = outputs(path)
        assert first == ("first\n", False), first
        assert said in fails[0] and fails[1], fails
        assert second == ("second\n", False), second
        assert third == ("", False), third
        print("Run All ends behind a cell that fails:", said)


def check_receipts(lab, clone):
    """What is executed in JupyterLab and saved says how, also of progress and widgets; what is edited by hand does not."""
    folder = clone / "notebooks"
    (folder / "in.csv").write_text("a,b\n1,2\n")
    path = folder / "proven.ipynb"
    notebook = json.loads((HERE.parent / "receipts.ipynb").read_text())
    words = json.loads((HERE.parent / "words.ipynb").read_text())["cells"]
    widgets = json.loads((HERE / "widgets.ipynb").read_text())["cells"][:3]
    notebook["cells"] += [c for c in words if c["cell_type"] == "code"] + widgets
    for i, c in enumerate(notebook["cells"]):
        c["id"] = f"cell-{i}"
    path.write_text(json.dumps(notebook))
    lab.open(path.name)
    lab.js("await app.commands.execute('notebook:run-all-cells'); return true;")
    busy = "return panel.content.widgets.some(c => c.model.type === 'code' && c.promptNode?.textContent.includes('*'));"
    wait("the cells", lambda: lab.js(busy) is False, 300)
    time.sleep(1)
    lab.save()

    def without():
        """The code cells that have no receipt, and what check says of receipts."""
        cells = json.loads(path.read_text())["cells"]
        said = subprocess.run(["go", "run", "./kernels", "check", path], cwd=REPO, capture_output=True, text=True).stdout
        none = [i + 1 for i, c in enumerate(cells) if c["cell_type"] == "code" and "siamese" not in c["metadata"]]
        return none, [line for line in said.splitlines() if "receipt" in line or "digest" in line]

    assert without() == ([], []), without()
    receipt = json.loads(path.read_text())["cells"][2]["metadata"]["siamese"]["receipt"]
    assert receipt["facts"] == {"seed": ["7"]} and receipt["read"][0]["name"] == "in.csv", receipt
    # A widget shows without its kernel.
    kernel = lab.js("const id = panel.sessionContext.session.kernel.id; await panel.sessionContext.shutdown(); return id;")
    states = json.loads(path.read_text())["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    assert any(s["model_name"] == "IntSliderModel" for s in states.values()), states
    lab.open(path.name)
    assert lab.js("return panel.sessionContext.session.kernel.id;") != kernel
    slider = "return !!panel.node.querySelector('.widget-slider .noUi-handle') && panel.node.textContent.includes('epochs');"
    wait("a slider of a kernel that has ended", lambda: lab.js(slider) is True)
    print("widgets show when their kernel has ended")

    text = path.read_text()
    assert "MAP@R .820 in" in text
    path.write_text(text.replace("MAP@R .820 in", "MAP@R .999 in", 1))
    none, said = without()
    assert none == [] and len(said) == 1 and "cell 3: its outputs are not those" in said[0], said
    lab.open(path.name)
    lab.save()
    none, said = without()
    assert none == [3] and len(said) == 1 and "cell 3: it has no receipt" in said[0], (none, said)
    print("what JupyterLab saves has receipts")


def check_starter(lab, clone):
    """The launcher's starter notebook is made, opens, and runs to its end, on less than what it is made for."""
    lab.browser.get(f"{lab.url}/lab?token={TOKEN}&reset")
    lab.browser.set_script_timeout(300)
    wait("the launcher", lambda: lab.js("return !!document.querySelector('.jp-Launcher');") is True)
    card = "[...document.querySelectorAll('.jp-LauncherCard')].find(c => c.textContent.includes('Similarity of a table'))"
    wait("the starter's card", lambda: lab.js(f"return !!{card};") is True)
    if SHOTS:
        time.sleep(1)
        lab.browser.save_screenshot(str(SHOTS / "launcher.png"))
    lab.js(f"{card}.click(); return true;")
    ready = "const k = panel?.sessionContext?.session?.kernel; return k?.connectionStatus === 'connected' && !!(await k.info);"
    wait("the starter's kernel", lambda: lab.js(ready) is True)
    less = "const m = c => c.model.sharedModel; for (const c of panel.content.widgets)"
    less += " m(c).setSource(m(c).getSource().replace('Epochs = 12', 'Epochs = 1').replace('builtin:100', 'builtin:20')); return true;"
    lab.js(less)
    lab.js("await app.commands.execute('notebook:run-all-cells'); return true;")
    busy = "return panel.content.widgets.some(c => c.model.type === 'code' && c.promptNode?.textContent.includes('*'));"
    wait("the starter's cells", lambda: lab.js(busy) is False, 300)
    time.sleep(1)
    if SHOTS:
        lab.browser.save_screenshot(str(SHOTS / "starter.png"))
    lab.save()
    path = clone / "notebooks" / "similarity.ipynb"
    ran = outputs(path)
    assert ran and not any(failed for _, failed in ran), ran
    assert json.loads(path.read_text())["metadata"]["kernelspec"]["name"].startswith("siamese-"), path.read_text()[-400:]
    print("the launcher's starter notebook runs")


def on_one(name, check, **lab):
    """Runs a check with a JupyterLab on a copy of one notebook of this folder. The command's argument is a folder for pictures."""
    pictures = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory() as tmp:
        tmp = pathlib.Path(tmp)
        (tmp / "notebooks").mkdir()
        shutil.copy(HERE / name, tmp / "notebooks")
        opened = None
        start = time.monotonic()
        try:
            opened = Lab(tmp / "notebooks", tmp, **lab)
            check(opened, tmp / "notebooks" / name, pictures)
        except BaseException:
            if opened and pictures:
                opened.browser.save_screenshot(str(pictures / "failed.png"))
                for e in opened.browser.get_log("browser"):
                    print(e["level"], e["message"][:300], file=sys.stderr)
            if (tmp / "lab.log").exists():
                print((tmp / "lab.log").read_text()[-3000:], file=sys.stderr)
            raise
        finally:
            if opened:
                opened.close()
        print(f"{time.monotonic() - start:.0f} s")


def main():
    with tempfile.TemporaryDirectory() as tmp:
        tmp = pathlib.Path(tmp)
        clone = tmp / "clone"
        subprocess.run(["git", "clone", "-q", REPO, clone], check=True)
        lab = None
        try:
            lab = Lab(clone / "notebooks", tmp, checkout=clone)
            check_saving(lab, clone)
            check_run_all(lab, clone)
            check_receipts(lab, clone)
            check_starter(lab, clone)
        except BaseException:
            if (tmp / "lab.log").exists():
                print((tmp / "lab.log").read_text()[-3000:], file=sys.stderr)
            raise
        finally:
            if lab:
                lab.close()


if __name__ == "__main__":
    main()
