"""Uses the panel of a split in JupyterLab, in a browser without a window.

    pip install selenium==4.51.0            # and: apt-get install chromium chromium-driver
    python kernels/testdata/browser/panel.py [FOLDER]

Settings are moved and refused, runs are made, stopped, named, compared and kept as a file; the page is loaded anew and the panel
is where it was; a run is begun by keys alone; what is saved shows without the kernel; the theme is dark and the window narrow.
FOLDER gets pictures of the page. About two minutes; it installs the lab where `kernels install` does.
"""

import json
import subprocess
import time

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from check import REPO, on_one, wait
from widgets import Page, expect

NAME = "panel.ipynb"


class Panel(Page):
    def script(self, code):
        """Runs JavaScript in which `view` is the panel's part with plots and table, and `cell` the whole output."""
        return self.lab.js(f"const cell = panel.content.widgets[1].outputArea.node, view = cell.querySelector('.siamese-panel'); {code}")

    def states(self):
        return self.script("return view && [...view.querySelectorAll('.runs tbody tr')].map(r => r.cells[5].textContent);") or []

    def button(self, text):
        find = lambda: [b for b in self.cell(1).find_elements(By.CSS_SELECTOR, "button") if b.text.strip() == text]
        return wait(f"the button {text}", find)[0]

    def click(self, text):
        def clicked():
            button = self.button(text)
            if not button.is_enabled():
                return False
            self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'});", button)
            button.click()
            return True

        wait(f"that {text} can be clicked", clicked)

    def control(self, name, css="input"):
        row = f"//div[contains(@class,'widget-inline-hbox') and .//label[normalize-space()='{name}']]"
        return wait(f"the control {name}", lambda: self.cell(1).find_elements(By.XPATH, "." + row))[0].find_element(By.CSS_SELECTOR, css)

    def type(self, name, text):
        """Puts a text in the place of a field's, key by key as a person does."""
        field = self.control(name)
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(text)
        wait(f"{text} in {name}", lambda: field.get_property("value") == text)

    def top(self, css=".siamese-panel"):
        self.script(f"(cell.querySelector('{css}') ?? cell).scrollIntoView({{block: 'start'}}); return true;")
        time.sleep(1)  # for the picture only


# The median time from a move of the slider to what the page shows of it: at once the counts, then the pictures of wrong pairs,
# loaded. Twenty moves, each where no picture of the last one is right any more.
TIMES = """
    const cut = view.querySelector('.cut'), slider = cut.querySelector('input[type=range]'), times = [[], []];
    const low = Number(slider.min), high = Number(slider.max);
    const next = () => new Promise(done => setTimeout(done, 1));
    for (let k = 0; k < 21; k++) {
        const at = (low + (high - low) * (0.2 + 0.6 * ((k * 7) % 21) / 20)).toFixed(3), start = performance.now();
        slider.value = at;
        slider.dispatchEvent(new Event('input', {bubbles: true}));
        const counted = performance.now() - start;
        const there = () => Math.abs(Number(cut.dataset.at) - Number(at)) < 1e-9 && [...cut.querySelectorAll('img')].every(i => i.complete);
        while (!there()) {
            if (performance.now() - start > 20000) throw new Error('no pairs at ' + at + ' but at ' + cut.dataset.at);
            await next();
        }
        if (k) times.forEach((t, i) => t.push(i ? performance.now() - start : counted)); // the first is not counted
    }
    return times.map(t => t.sort((a, b) => a - b)[10].toFixed(1));
"""


def threshold(page):
    """Moves the threshold of the run that is seen, by keys and by figures, keeps it, and looks at what is wrong there."""
    cut = lambda code: page.script(f"const cut = view?.querySelector('.cut'); {code}")
    rates = lambda: cut("return cut.querySelector('.rates')?.textContent;")
    cells = lambda: cut("return [...cut.querySelectorAll('.confusion td')].map(c => Number(c.textContent));")
    place = lambda: cut("const c = cut.querySelector('.point'), l = cut.querySelector('.line'); return [c.getAttribute('cx'), c.getAttribute('cy'), l.getAttribute('x1')];")
    pairs = lambda: cut("return [...cut.querySelectorAll('figure')].map(f => f.textContent + [...f.querySelectorAll('img')].map(i => i.alt + i.complete + i.naturalWidth));")
    settled = lambda: cut("return Number(cut.dataset.at) === Number(cut.querySelector('input[type=text]').value);")
    wait("the threshold", lambda: rates() and len(pairs()) > 0)
    expect("pairs that are counted", cut("return cut.querySelector('.what').textContent;"), "1000 pairs of validation items, on which training chose the threshold")
    expect("counted pairs", sum(cells()), 1000)
    own, before = cells(), place()
    slider = page.find(1, ".cut input[type=range]")
    slider.send_keys(Keys.ARROW_RIGHT * 30)
    wait("the move", lambda: cells()[0] < own[0] and cells()[2] <= own[2])
    wait("what moves with it", lambda: all(a != b for a, b in zip(place(), before)))
    wait("the wrong pairs there", lambda: settled() and pairs() and all("true" in p for p in pairs()))
    page.top(".cut")
    page.picture("panel-9-threshold")
    which = Select(page.find(1, ".cut select", 1))
    far = pairs()
    which.select_by_visible_text("next to the threshold")
    wait("other pairs", lambda: pairs() != far and all("true" in p for p in pairs()))
    near = pairs()
    slider.send_keys(Keys.ARROW_LEFT * 60)
    wait("other pairs next to another threshold", lambda: settled() and pairs() != near and all("true" in p for p in pairs()))
    field = page.find(1, ".cut input[type=text]")
    for text, said in (("one half", "is a number from -1 to 1"), ("1.5", "is a number from -1 to 1"), ("0.45", "")):
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(text, Keys.ENTER)
        wait(f"the answer to {text}", lambda: said in cut("return cut.querySelector('.said').textContent;"))
    wait("the typed threshold", lambda: settled() and abs(float(slider.get_property("value")) - 0.45) < 1e-9)
    at = cells()
    # Of pairs of test items the same threshold; all of them are counted.
    Select(page.find(1, ".cut select", 0)).select_by_visible_text("pairs of test items")
    wait("pairs of test items", lambda: "of test items" in cut("return cut.querySelector('.what').textContent;") and sum(cells()) > 1000)
    expect("the threshold on test items", field.get_property("value"), "0.4500")
    Select(page.find(1, ".cut select", 0)).select_by_visible_text("validation pairs")
    wait("validation pairs again", lambda: cells() == at)
    page.click("Keep this threshold")
    wait("that it is kept", lambda: cut("return cut.querySelector('.kept').textContent;") == "kept: 0.4500")
    wait("it in the table", lambda: page.script("return view.querySelector('.runs tbody').textContent.includes('threshold 0.4500 kept');"))
    counted, shown = page.script(TIMES)
    print(f"median of 20 moves of the threshold: counts, curves {counted} ms, pictures of wrong pairs {shown} ms")
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys("0.45", Keys.ENTER)
    wait("the kept threshold", lambda: settled() and cells() == at)
    return at


def check(lab, notebook, pictures):
    folder = notebook.parent
    lab.open(NAME)
    page = Panel(lab, pictures)
    page.run(0)
    page.run(1)
    wait("the panel", lambda: page.script("return !!view;"))
    lab.browser.set_window_size(1400, 1500)
    before = len(page.states())

    # A setting is moved, another refused at its field.
    slider = page.control("learning_rate", ".noUi-handle")
    slider.send_keys(Keys.ARROW_RIGHT * 2)
    code = "return cell.textContent.includes('cfg.LearningRate = 0.00126');"
    wait("the code of what was moved", lambda: page.script(code))
    page.type("layers", "64,no")
    wait("the message at the field", lambda: page.script("return cell.textContent.includes('is not a whole number');"))
    wait("that nothing can run", lambda: not page.button("Run").is_enabled())
    page.top(".widget-vbox")
    page.picture("panel-1-form")
    page.type("layers", "48,24")
    page.click("Run")
    wait("the first run", lambda: len(page.states()) == before + 1 and page.states()[0] == "done")
    expect("plots", page.script("return view.querySelectorAll(':scope > .plots svg').length;"), 4)
    page.top()
    page.picture("panel-2-run")

    threshold(page)

    # A long run is stopped.
    page.type("epochs", "3000")
    page.click("Run")
    wait("its curves", lambda: page.states()[0] == "running" and page.script("return view.querySelectorAll(':scope > .plots svg').length > 1;"))
    page.picture("panel-3-running")
    page.click("Pause / resume")
    wait("the pause", lambda: page.states()[0] == "paused")
    page.click("Pause / resume")
    wait("the end of the pause", lambda: page.states()[0] == "running")
    page.click("Stop")
    wait("the stop", lambda: page.states()[0] == "stopped")

    # By keys alone: a third run, whose seed is another.
    page.type("epochs", "4")
    page.type("seed", "8")
    for _ in range(60):
        lab.browser.switch_to.active_element.send_keys(Keys.TAB)
        if lab.browser.switch_to.active_element.text.strip() == "Run":
            break
    lab.browser.switch_to.active_element.send_keys(Keys.ENTER)
    wait("the run by keys", lambda: len(page.states()) == before + 3 and page.states()[0] == "done")

    # Names, a comparison and a file.
    def tick(at):
        box = page.cell(1).find_elements(By.CSS_SELECTOR, ".siamese-panel .runs input[type=checkbox]")[at]
        if not box.is_selected():
            lab.browser.execute_script("arguments[0].scrollIntoView({block: 'center'});", box)
            box.send_keys(Keys.SPACE)
        return box.is_selected()

    for at in (0, 2):
        wait(f"that run {at} is ticked", lambda: tick(at))
    page.click("Compare")
    wait("the comparison", lambda: page.script("return view.querySelector('.compared').textContent.includes('MAP@R');"))
    expect("differences of settings", page.script("return view.querySelector('.compared').textContent.includes('seed');"), True)
    page.top(".tools")
    page.picture("panel-4-compared")
    name = page.cell(1).find_elements(By.CSS_SELECTOR, ".siamese-panel .runs input[type=text]")[0]
    name.send_keys("<b>kept</b>", Keys.ENTER)
    named = "return view.querySelector('.runs input[type=text]').value === '<b>kept</b>' && !view.querySelector('.runs b');"
    wait("the name", lambda: page.script(named))
    page.click("Keep this model")
    wait("the model's file", lambda: (folder / "model.safetensors").exists())

    # What is saved, and the page that is loaded anew.
    static = lambda: json.dumps([o.get("data", {}) for o in json.loads(notebook.read_text())["cells"][1]["outputs"]])
    wait("what stays", lambda: (lab.save(), "settings that differ" in static() and "&lt;b&gt;kept" in static())[1])
    # What the panel shows since its cell has ended is proven too.
    def unproven():
        lab.save()
        said = subprocess.run(["go", "run", "./kernels", "check", notebook], cwd=REPO, capture_output=True, text=True).stdout
        return [line for line in said.splitlines() if "cell 2" in line and ("receipt" in line or "not those" in line)]

    wait("the receipt of what stays", lambda: not unproven())
    shown = "return [...cell.querySelectorAll('.siamese-panel-static')].map(e => getComputedStyle(e).display);"
    expect("what stays is hidden while the panel lives", page.script(shown), ["none"])
    lab.open(NAME)
    wait("the panel of the page that was loaded anew", lambda: len(page.states()) == before + 3)
    page.run(2)
    expect("a later cell", "<b>kept</b>" in page.text(2) and "stopped" in page.text(2), True)
    lab.js("await app.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'}); return true;")
    time.sleep(2)  # for the picture only
    page.top(".widget-vbox")
    page.picture("panel-5-dark")
    lab.browser.set_window_size(560, 1500)
    page.top(".widget-vbox")
    page.picture("panel-6-narrow-form")
    page.top()
    page.picture("panel-7-narrow")
    lab.browser.set_window_size(1400, 1500)
    lab.save()

    # The kernel is gone: what was saved is seen, and nothing looks alive.
    lab.js("await panel.sessionContext.session.kernel.restart(); return true;")
    ended = "return !view || !!view.querySelector('.banner').textContent;"
    wait("that the panel says its end", lambda: page.script(ended))
    wait("what stays", lambda: page.script(shown) == ["block"])
    page.top()
    page.picture("panel-8-ended")
    page.run(0)
    page.run(1)
    wait("the panel with its runs", lambda: len(page.states()) == before + 3)
    errors = [e["message"] for e in lab.browser.get_log("browser") if e["level"] == "SEVERE" and "favicon" not in e["message"]]
    expect("errors of the page", errors, [])


if __name__ == "__main__":
    on_one(NAME, check)
