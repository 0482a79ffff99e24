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
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

from selenium import webdriver
from selenium.common.exceptions import ElementNotInteractableException, ElementClickInterceptedException, JavascriptException
from selenium.common.exceptions import NoSuchElementException, SessionNotCreatedException, StaleElementReferenceException

HERE = pathlib.Path(__file__).resolve().parent
REPO = HERE.parents[2]
TOKEN = "test"
SHOTS = pathlib.Path(os.environ["SHOTS"]) if "SHOTS" in os.environ else None  # a folder for pictures of what is seen


class PageError(Exception):
    """An error of a script in the page."""


# What happens while a page is being drawn: it is looked at again.
DRAWN = (PageError, JavascriptException, StaleElementReferenceException, NoSuchElementException, ElementClickInterceptedException, ElementNotInteractableException)


def wait(what, condition, seconds=600):
    """Returns condition's first true value."""
    end, last = time.monotonic() + seconds, None
    while time.monotonic() < end:
        try:
            if value := condition():
                return value
            last = None
        except DRAWN as e:
            last = e
        time.sleep(0.2)
    raise AssertionError(f"waited {seconds} s for {what}" + (f": {last}" if last else ""))


def expect(what, got, want):
    if got != want:
        raise AssertionError(f"{what}: {got!r}, not {want!r}")
    print(f"{what}: {got}", flush=True)


def settles(what, get, want):
    """Waits until what is got is what is wanted."""
    got = []
    try:
        wait(what, lambda: (got.append(get()), got[-1] == want)[1])
    except AssertionError as e:
        raise AssertionError(f"{e}: {got[-1:]}, not {want!r}") from e
    print(f"{what}: {want}", flush=True)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def answers(url):
    try:
        return urllib.request.urlopen(url, timeout=2).status == 200
    except OSError:
        return False


def browse():
    """A browser without a window."""
    options = webdriver.ChromeOptions()
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.accept_insecure_certs = True
    for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1400,1000"):
        options.add_argument(flag)
    if chromium := shutil.which("chromium"):
        options.binary_location = chromium
    for left in (2, 1, 0):
        try:
            return webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=shutil.which("chromedriver")))
        except (SessionNotCreatedException, OSError):  # another program has taken the driver's port
            if not left:
                raise


class Lab:
    """A JupyterLab on a folder, with no settings and no trusted notebooks of anybody, and a browser that shows it."""

    def __init__(self, folder, tmp, base="/", proxy=False, checkout=REPO):
        """base is the server's base path; proxy = the browser comes by https and the command proxy; checkout has the code."""
        # What JupyterLab knows of its user is elsewhere: among it, which notebooks are trusted.
        places = {
            name: str(tmp / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR")
        }
        self.log = open(tmp / "lab.log", "w")
        self.server = self.proxy = None
        try:
            self.start(folder, base, proxy, checkout, {**os.environ, **places})
        except BaseException:
            self.close()
            raise

    def start(self, folder, base, proxy, checkout, env):
        command = ["go", "run", "./kernels", "lab", f"--port={free_port()}", "--", "--no-browser", f"--ServerApp.root_dir={folder}"]
        command += [f"--IdentityProvider.token={TOKEN}", "--LabApp.expose_app_in_browser=True", f"--ServerApp.base_url={base}"]
        self.serve(command, checkout, env)
        if proxy:
            behind = self.url.removesuffix(base.rstrip("/"))
            command = ["go", "run", "./kernels/testdata/browser/proxy", "127.0.0.1:0", behind, base]
            self.proxy = subprocess.Popen(command, cwd=REPO, stdout=subprocess.PIPE, stderr=self.log, text=True, start_new_session=True)
            at = self.proxy.stdout.readline().strip()  # it is built first, which may take longer than the browser's start
            if not at:
                raise AssertionError("the proxy did not start")
            self.url = f"https://localhost:{at.rpartition(':')[2]}{base}".rstrip("/")
        self.browser = browse()

    def serve(self, command, cwd, env):
        """Starts a server, and waits for it where it says it is: another program may have taken the port that it was told."""
        self.server = subprocess.Popen(command, cwd=cwd, env=env, stdout=self.log, stderr=self.log, start_new_session=True)

        def there():
            if at := re.search(r"is running at:\n.* (http://\S+)/(?:lab|tree)\?", pathlib.Path(self.log.name).read_text()):
                self.url = at[1]
            return self.server.poll() is not None or at and answers(f"{self.url}/api?token={TOKEN}")

        wait("the server", there)
        if self.server.poll() is not None:
            raise AssertionError("the server did not start")

    def js(self, code):
        """Runs JavaScript, in which `app` is JupyterLab and `panel` the notebook; a promise is waited for."""
        start = "const done = arguments[0], app = window.jupyterapp, panel = app?.shell?.currentWidget;"
        end = "then(value => done({value}), e => done({error: String(e)}))"
        got = self.browser.execute_async_script(f"{start} (async () => {{ {code} }})().{end}")
        if "error" in got:
            raise PageError(got["error"])
        return got.get("value")

    def open(self, name):
        """Opens a notebook and waits for its kernel."""
        self.browser.get(f"{self.url}/lab/tree/{name}?token={TOKEN}&reset")
        self.browser.set_script_timeout(100)
        self.ready(name)

    def ready(self, name):
        """Waits until the page has the notebook and its kernel's language and name, which it writes into it."""
        there = "const k = panel?.sessionContext?.session?.kernel; if (k?.connectionStatus !== 'connected') return false;"
        there += " await panel.context.ready; await panel.revealed; await k.info; await k.spec; return panel.context.path;"
        wait(f"the kernel of {name}", lambda: self.js(there) == name)

    def errors(self):
        """What scripts of the page said was wrong. That the server is gone while it is restarted is no script's error."""
        log = self.browser.get_log("browser")
        return [e["message"] for e in log if e["level"] == "SEVERE" and e["source"] != "network" and "WebSocket connection" not in e["message"]]

    def theme(self, name):
        """Has the page in another theme, and waits for its style sheets."""
        self.js(f"await app.commands.execute('apputils:change-theme', {{theme: {json.dumps(name)}}}); return true;")
        wait(f"the theme {name}", lambda: self.js("return document.body.dataset.jpThemeName;") == name)

    def execute(self, command, what, cell=None, until=None):
        """Executes a command of the notebook, on a cell if one is named, and waits until no cell runs or waits any more, or for
        a condition while one runs."""
        # The driver waits two minutes for an answer, and a busy machine may take longer to build a cell.
        choose = "" if cell is None else f"panel.content.activeCellIndex = {cell};"
        ended = "() => { window.ended = true; }, e => { window.ended = 'error: ' + e; }"
        self.js(f"{choose} window.ended = false; app.commands.execute('{command}').then({ended});")
        busy = "panel.content.widgets.some(c => c.model.type === 'code' && c.promptNode?.textContent.includes('*'))"
        idle = f"return window.ended && panel.sessionContext.session.kernel.status === 'idle' && !{busy};"
        wait(what, until or (lambda: self.js(idle)))

    def run_all(self):
        self.execute("notebook:run-all-cells", "the cells")

    def save(self):
        self.js("await panel.context.save();")

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
    # A lab in which these were executed trusts them: as here they are nobody's.
    for path in (clone / "notebooks").glob("*.ipynb"):
        content = json.loads(path.read_text())
        content["metadata"]["copy"] = True
        path.write_text(json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
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
        lab.run_all()
        lab.execute("notebook:run-cell", "the chosen cell", 3)
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
    lab.run_all()

    def without():
        """The code cells that have no receipt, and what check says of receipts."""
        cells = json.loads(path.read_text())["cells"]
        said = subprocess.run(["go", "run", "./kernels", "check", path], cwd=REPO, capture_output=True, text=True).stdout
        none = [i + 1 for i, c in enumerate(cells) if c["cell_type"] == "code" and "siamese" not in c["metadata"]]
        return none, [line for line in said.splitlines() if "receipt" in line or "digest" in line]

    # What widgets show when their cell has ended is told to the page after that.
    settles("cells without receipts", lambda: (lab.save(), without())[1], ([], []))
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
    lab.browser.set_script_timeout(100)
    wait("the launcher", lambda: lab.js("return !!document.querySelector('.jp-Launcher');") is True)
    card = "[...document.querySelectorAll('.jp-LauncherCard')].find(c => c.textContent.includes('Similarity of a table'))"
    wait("the starter's card", lambda: lab.js(f"return !!{card};") is True)
    if SHOTS:
        lab.browser.save_screenshot(str(SHOTS / "launcher.png"))
    lab.js(f"{card}.click(); return true;")
    lab.ready("similarity.ipynb")
    less = "const m = c => c.model.sharedModel; for (const c of panel.content.widgets)"
    less += " m(c).setSource(m(c).getSource().replace('Epochs = 12', 'Epochs = 1').replace('builtin:100', 'builtin:20')); return true;"
    lab.js(less)
    lab.run_all()
    if SHOTS:
        lab.browser.save_screenshot(str(SHOTS / "starter.png"))
    lab.save()
    path = clone / "notebooks" / "similarity.ipynb"
    ran = outputs(path)
    assert ran and not any(failed for _, failed in ran), ran
    assert json.loads(path.read_text())["metadata"]["kernelspec"]["name"].startswith("siamese-"), path.read_text()[-400:]
    print("the launcher's starter notebook runs")


def on_one(name, check, page=Lab, **lab):
    """Runs a check on a page with a copy of one notebook of this folder. The command's argument is a folder for pictures."""
    pictures = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory() as tmp:
        tmp = pathlib.Path(tmp)
        (tmp / "notebooks").mkdir()
        shutil.copy(HERE / name, tmp / "notebooks")
        opened = None
        start = time.monotonic()
        try:
            opened = page(tmp / "notebooks", tmp, **lab)
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
