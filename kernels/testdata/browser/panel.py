"""Uses the panel of a split in JupyterLab, in a browser without a window.

    pip install selenium==4.51.0            # and: apt-get install chromium chromium-driver
    python kernels/testdata/browser/panel.py [FOLDER]

Settings are moved and refused, runs are made, stopped, named, compared and kept as a file; the threshold is moved, typed and kept;
the page is loaded anew and the panel is where it was; a run is begun and a threshold kept by keys alone; what is saved shows without
the kernel; the theme is dark and the window narrow. FOLDER gets pictures of the page. About three minutes; it installs the lab where
`kernels install` does. It prints the times from a move of the threshold to what is seen of it, and from Run to the first step.
"""

import json
import os
import pathlib
import random
import subprocess
import time

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from check import REPO, on_one, wait
from widgets import Page, expect

NAME = "panel.ipynb"
LAB = pathlib.Path(os.environ.get("SIAMESE_LAB_DIR") or pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "siamese-lab")


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
    const cut = view.querySelector('.cut'), slider = cut.querySelector('input[type=range]'), times = [[], [], []];
    const low = Number(slider.min), high = Number(slider.max);
    const next = () => new Promise(done => setTimeout(done, 1));
    for (let k = 0; k < 21; k++) {
        const at = (low + (high - low) * (0.2 + 0.6 * ((k * 7) % 21) / 20)).toFixed(3), start = performance.now();
        slider.value = at;
        slider.dispatchEvent(new Event('input', {bubbles: true}));
        const counted = performance.now() - start;
        const until = async condition => {
            while (!condition()) {
                if (performance.now() - start > 60000) throw new Error('no pairs at ' + at + ' but at ' + cut.dataset.at);
                await next();
            }
            return performance.now() - start;
        };
        const named = await until(() => Math.abs(Number(cut.dataset.at) - Number(at)) < 1e-9);
        const seen = await until(() => [...cut.querySelectorAll('img')].every(i => i.complete));
        if (k) times.forEach((t, i) => t.push([counted, named, seen][i])); // the first is not counted
    }
    return times.map(t => t.sort((a, b) => a - b)[10].toFixed(1));
"""


# Runs the panel's cell again, and returns after how many ms its new table has so many rows.
REOPEN = """
    const cell = panel.content.widgets[1].outputArea.node, old = cell.querySelector('.siamese-panel');
    async function reopen(rows) {
        panel.content.activeCellIndex = 1;
        const start = performance.now();
        app.commands.execute('notebook:run-cell');
        const there = () => [...cell.querySelectorAll('.siamese-panel')].some(v => v !== old && v.querySelectorAll('.runs tbody tr').length === rows);
        while (!there()) {
            if (performance.now() - start > 280000) throw new Error('no table of ' + rows + ' runs');
            await new Promise(done => setTimeout(done, 5));
        }
        return Math.round(performance.now() - start);
    }
"""

# Notes when Run is clicked, and when a loss or an epoch is seen after that.
FIRST_STEP = """
    const run = [...cell.querySelectorAll('button')].find(b => b.textContent.trim() === 'Run');
    window.firstStep = null;
    run.addEventListener('click', () => {
        const start = performance.now(), plots = view.querySelector(':scope > .plots');
        const seen = () => { if (plots.children.length === 0) return; window.firstStep = Math.round(performance.now() - start); watch.disconnect(); };
        const watch = new MutationObserver(seen);
        setTimeout(() => watch.observe(plots, {childList: true, subtree: true}), 0);
    }, {once: true});
    return true;
"""

# Texts of the panel whose colour is too near to that behind them (WCAG 2's ratio, 3 to 1), and parts of plots.
CONTRAST = """
    const rgb = c => c.match(/[\\d.]+/g).map(Number);
    const light = c => { const [r, g, b] = rgb(c).map(v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if ((rgb(c)[3] ?? 1) > 0.5) return c; } return 'rgb(255, 255, 255)'; };
    const texts = [...view.querySelectorAll('*')].filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) && e.getBoundingClientRect().width > 0
        && !e.closest('[disabled], img, style'));
    return texts.map(e => { const s = getComputedStyle(e), a = light(e.ownerSVGElement ? s.fill : s.color), b = light(behind(e));
        return [e.textContent.trim().slice(0, 40), (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)]; }).filter(([, r]) => r < 3).map(([t, r]) => t + ' ' + r.toFixed(2));
"""


def threshold(page):
    """Moves the threshold of the run that is seen, by keys and by figures, keeps it, and looks at what is wrong there."""
    cut = lambda code: page.script(f"const cut = view?.querySelector('.cut'); {code}")
    rates = lambda: cut("return cut.querySelector('.rates')?.textContent;")
    cells = lambda: cut("return [...cut.querySelectorAll('.confusion td')].map(c => Number(c.textContent));")
    place = lambda: cut("const c = cut.querySelector('.point'), l = cut.querySelector('.line'); return [c.getAttribute('cx'), c.getAttribute('cy'), l.getAttribute('x1')];")
    pairs = lambda: cut("return [...cut.querySelectorAll('figure')].map(f => f.textContent + [...f.querySelectorAll('img')].map(i => i.alt + i.complete + i.naturalWidth));")
    settled = lambda: cut("return Number(cut.dataset.at) === Number(cut.querySelector('input[type=text]').value);")
    # That of an earlier run may still be in the page, hidden.
    what = lambda: cut("return cut.querySelector('.what').textContent;")
    wait("the threshold", lambda: what() == "1000 pairs of validation items, on which training chose the threshold" and cut("return !!cut.dataset.at;") and len(pairs()) > 0)
    expect("counted pairs", sum(cells()), 1000)
    own, before = cells(), place()
    slider = page.find(1, ".cut input[type=range]")
    slider.send_keys(Keys.ARROW_RIGHT * 60)
    wait("the move", lambda: cells()[0] < own[0] and cells()[2] <= own[2])
    # No different pair need be between the two thresholds.
    wait("what moves with it", lambda: [a != b for a, b in zip(place(), before)][1:] == [True, True])
    wait("the wrong pairs there", lambda: settled() and pairs() and all("true" in p for p in pairs()))
    page.top(".cut")
    page.picture("panel-9-threshold")
    which = Select(page.find(1, ".cut select", 1))
    far = pairs()
    which.select_by_visible_text("next to the threshold")
    wait("other pairs", lambda: pairs() != far and all("true" in p for p in pairs()))
    near = pairs()
    slider.send_keys(Keys.ARROW_LEFT * 120)
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
    counted, named, shown = page.script(TIMES)
    print(f"median of 20 moves of the threshold: counts and curves {counted} ms, wrong pairs {named} ms, with their pictures {shown} ms")
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
    page.type("seed", str(random.randrange(1, 1 << 31)))  # else the session knows the model
    page.script(FIRST_STEP)
    page.click("Run")
    wait("the first run", lambda: len(page.states()) == before + 1 and page.states()[0] == "done")
    print(f"from Run to the first step that is seen: {page.script('return window.firstStep;')} ms (it is compiled)")
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

    # By keys alone: a third run, whose seed is another, and its threshold.
    page.type("epochs", "4")
    page.type("seed", "8")

    def reach(what, is_there):
        """Goes forward by the tab key to an element."""
        for _ in range(80):
            lab.browser.switch_to.active_element.send_keys(Keys.TAB)
            if is_there(lab.browser.switch_to.active_element):
                return lab.browser.switch_to.active_element
        raise AssertionError(f"the tab key does not lead to {what}")

    labelled = lambda name: lambda e: e.get_attribute("aria-label") == name
    reach("Run", lambda e: e.text.strip() == "Run").send_keys(Keys.ENTER)
    wait("the run by keys", lambda: len(page.states()) == before + 3 and page.states()[0] == "done")
    wait("its threshold", lambda: page.script("return !view.querySelector('.cut').hidden && !!view.querySelector('.rates')?.textContent;"))
    said = lambda: page.script("return view.querySelector('.cut input[type=range]').getAttribute('aria-valuetext');")
    first = said()
    reach("the threshold", labelled("threshold")).send_keys(Keys.ARROW_LEFT * 3)
    wait("the move by keys", lambda: said() != first and "balanced accuracy" in said())
    page.script("window.outlines = [...view.querySelectorAll('button, input, select')].filter(e => e.tabIndex < 0).length; return true;")
    expect("controls that keys do not reach", page.script("return window.outlines;"), 0)
    field = reach("the threshold in figures", labelled("threshold in figures"))
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys("0.6", Keys.ENTER)
    wait("the figures", lambda: said().startswith("0.6000"))
    reach("the pairs", labelled("pairs that are counted")).send_keys(Keys.ARROW_DOWN)
    wait("pairs of test items by keys", lambda: page.script("return view.querySelector('.what').textContent.includes('of test items');"))
    reach("Keep this threshold", lambda e: e.text.strip() == "Keep this threshold").send_keys(Keys.SPACE)
    wait("that it is kept", lambda: page.script("return view.querySelector('.kept').textContent;") == "kept: 0.6000")
    expect("what is said of test items", page.script("return view.querySelector(':scope > .said').textContent.includes('chosen on test items');"), True)

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
    stays = ("settings that differ", "&lt;b&gt;kept", "threshold 0.6000: balanced accuracy", "called different")
    wait("what stays", lambda: (lab.save(), all(s in static() for s in stays))[1])
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
    wait("the threshold of the page that was loaded anew", lambda: page.script("return !!view.querySelector('.cut figure img')?.complete;"))
    page.top(".cut")
    page.picture("panel-11-dark-threshold")
    # Text of the dark page can be read: its contrast with what is behind it.
    expect("texts that cannot be read in the dark", page.script(CONTRAST), [])
    lab.browser.set_window_size(560, 1500)
    page.top(".widget-vbox")
    page.picture("panel-6-narrow-form")
    page.top()
    page.picture("panel-7-narrow")
    # Nothing stands out of the narrow page but tables, which scroll in their own frames.
    wide = "const w = view.getBoundingClientRect().right + 1; return [...view.querySelectorAll('*')].filter(e => !e.closest('.runs, .compared, .pairs, .counts, svg')"
    wide += " && e.getBoundingClientRect().right > w).map(e => e.tagName + '.' + (e.className.baseVal ?? e.className));"
    wait("the threshold of the narrow page", lambda: page.script("return !!view.querySelector('.cut .rates')?.textContent;"))
    expect("what stands out of the narrow page", page.script(wide), [])
    page.top(".cut")
    page.picture("panel-10-narrow-threshold")
    lab.browser.set_window_size(1400, 1500)
    lab.save()


    def reopen(rows):
        """How long the cell takes to show a table of so many runs; asked for again and again, as the driver waits two minutes."""
        lab.js(REOPEN + f"window.reopened = null; reopen({rows}).then(t => {{ window.reopened = t; }}, e => {{ window.reopened = String(e); }}); return true;")
        return wait(f"the table of {rows} runs", lambda: lab.js("return window.reopened;"))

    few = reopen(before + 3)

    # A hundred runs more, which another kernel might have kept.
    ids = page.script("return [...view.querySelectorAll('.runs tbody input[type=checkbox]')].map(b => b.dataset.key.slice(4));")
    (one,) = [p for p in LAB.glob(f"**/runs/*/{ids[0]}.json")]
    record = json.loads(one.read_text())
    for k in range(100):
        record.update(id=f"{random.getrandbits(64):016x}", number=1000 + k, name=f"copy {k}")
        (one.parent / f"{record['id']}.json").write_text(json.dumps(record))

    # The kernel is gone: what was saved is seen, and nothing looks alive.
    lab.js("await panel.sessionContext.session.kernel.restart(); return true;")
    ended = "return !view || !!view.querySelector('.banner').textContent;"
    wait("that the panel says its end", lambda: page.script(ended))
    wait("what stays", lambda: page.script(shown) == ["block"])
    page.top()
    page.picture("panel-8-ended")
    page.run(0)
    page.run(1)
    wait("the panel with all runs", lambda: len(page.states()) == before + 103)
    many = reopen(before + 103)
    print(f"from the cell's execution to the table: {many} ms with {before + 103} runs, {few} ms with {before + 3}")
    page.top(".tools")
    page.picture("panel-12-many")

    # What was made here is deleted.
    made = "[...view.querySelectorAll('.runs tbody tr')].filter(r => r.cells[2].firstChild.value.startsWith('copy ') || ids.includes(r.querySelector('[type=checkbox]').dataset.key.slice(4)))"
    page.script(f"const ids = {json.dumps(ids[:3])}; {made}.forEach(r => r.querySelector('[type=checkbox]').click()); return true;")
    page.click("Delete")
    wait("the deletion", lambda: len(page.states()) == before)
    expect("files of what was deleted", [p.name for p in one.parent.glob("*.json") if p.stem in ids[:3]], [])
    errors = [e["message"] for e in lab.browser.get_log("browser") if e["level"] == "SEVERE" and "favicon" not in e["message"]]
    expect("errors of the page", errors, [])


if __name__ == "__main__":
    on_one(NAME, check)
