"""Uses the panel of a split in JupyterLab, in a browser without a window.

    pip install selenium==4.51.0            # and: apt-get install chromium chromium-driver
    python kernels/testdata/browser/panel.py [FOLDER]

Settings are moved and refused, runs are made, stopped, named, compared and kept as a file; the threshold is moved, typed and kept;
the page is loaded anew and the panel is where it was; a run is begun and a threshold kept by keys alone; what is saved shows without
the kernel; the theme is dark and the window narrow. FOLDER gets pictures of the page. About two minutes; it installs the lab where
`kernels install` does. It prints the times from a move of the threshold to what is seen of it, and from Run to the first step.
notebook7.py does most of these steps in another page.

Nothing is awaited by the clock. What is typed has arrived when the form's code has it: a click may overtake it, since a control
sends what it has only when its last message has been heard.
"""

import json
import os
import pathlib
import random
import subprocess

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from check import REPO, expect, on_one, settles, wait
from widgets import Page

NAME = "panel.ipynb"
LAB = pathlib.Path(os.environ.get("SIAMESE_LAB_DIR") or pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "siamese-lab")


class Panel(Page):
    old = ()  # ids of runs that were kept before

    def script(self, code):
        """Runs JavaScript in which `view` is the panel's part with plots and table, and `cell` the whole output."""
        return self.lab.js(f"const cell = panel.content.widgets[1].outputArea.node, view = cell.querySelector('.siamese-panel'); {code}")

    def cut(self, code):
        """The same with `cut`, the part with the threshold."""
        return self.script(f"const cut = view.querySelector('.cut'); {code}")

    def states(self):
        return self.script("return [...view.querySelectorAll('.runs tbody tr')].map(r => r.cells[5].textContent);")

    def runs(self, made, state):
        """Whether so many runs were made here, the newest of which is in a state."""
        states = self.states()
        return len(states) == len(self.old) + made and states[0] == state

    def ids(self):
        return self.script("return [...view.querySelectorAll('.runs tbody input[type=checkbox]')].map(b => b.dataset.key.slice(4));")

    def settled(self):
        """Whether the threshold of the run that is seen can be moved, and the wrong pairs are those at it, with their pictures."""
        return self.cut("""
            if (cut.hidden || cut.lastChild.hidden || cut.dataset.at === undefined) return false;
            const images = [...cut.querySelectorAll('img')];
            return Math.abs(Number(cut.dataset.at) - Number(cut.querySelector('input[type=range]').value)) < 1e-9
                && images.length > 0 && images.every(i => i.complete && i.naturalWidth > 0);""")

    def of(self, words):
        """Whether the pairs of the threshold are these, and it is settled."""
        return words in self.cut("return cut.querySelector('.what').textContent;") and self.settled()

    def pairs(self):
        return self.cut("return [...cut.querySelectorAll('figure')].map(f => f.textContent + [...f.querySelectorAll('img')].map(i => i.alt));")

    def kept(self):
        return self.cut("return cut.querySelector('.kept').textContent;")

    def button(self, text):
        return next((b for b in self.cell(1).find_elements(By.CSS_SELECTOR, "button") if b.text.strip() == text), None)

    def enabled(self, text):
        button = self.button(text)
        return button is not None and button.is_enabled()

    def click(self, text):
        def clicked():
            if not self.enabled(text):
                return False
            button = self.button(text)
            self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'});", button)
            button.click()
            return True

        wait(f"that {text} can be clicked", clicked)

    def control(self, name, css="input"):
        row = f".//div[contains(@class,'widget-inline-hbox') and .//label[normalize-space()='{name}']]"
        return wait(f"the control {name}", lambda: self.cell(1).find_element(By.XPATH, row).find_element(By.CSS_SELECTOR, css))

    def type(self, name, text):
        """Puts a text in the place of a field's, key by key as a person does."""
        field = self.control(name)
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(text)
        wait(f"{text} in {name}", lambda: field.get_property("value") == text)

    def set(self, name, text, as_json=None):
        """Types a setting, leaves its field, and waits until the kernel has it, and the run can begin."""
        self.type(name, text)
        self.control(name).send_keys(Keys.TAB)  # a number is sent then
        want = f'"{name}":{as_json or text}'
        code = lambda: self.script("return cell.textContent.replace(/\\s/g, '');")
        wait(f"{want} in the code", lambda: want + "," in code() and self.enabled("Run"))

    def top(self, css=".siamese-panel"):
        self.script(f"(cell.querySelector('{css}') ?? cell).scrollIntoView({{block: 'start'}}); return true;")

    def static(self):
        """What stays in the notebook, as it is saved now."""
        self.lab.save()
        return json.dumps([o.get("data", {}) for o in json.loads(self.notebook.read_text())["cells"][1]["outputs"]])

    def shown(self):
        """How what stays is displayed."""
        return self.script("return [...cell.querySelectorAll('.siamese-panel-static')].map(e => getComputedStyle(e).display);")


# The median time from a move of the slider to what the page shows of it: at once the counts, then the pictures of wrong pairs,
# loaded. Twenty moves, each where no picture of the last one is right any more.
TIMES = """
    const slider = cut.querySelector('input[type=range]'), times = [[], [], []];
    const low = Number(slider.min), high = Number(slider.max);
    const next = () => new Promise(done => setTimeout(done, 1));
    async function move() { for (let k = 0; k < 21; k++) {
        const at = (low + (high - low) * (0.2 + 0.6 * ((k * 7) % 21) / 20)).toFixed(3), start = performance.now();
        slider.value = at;
        slider.dispatchEvent(new Event('input', {bubbles: true}));
        const counted = performance.now() - start;
        const until = async condition => {
            while (!condition()) {
                if (performance.now() - start > 250000) throw new Error('no pairs at ' + at + ' but at ' + cut.dataset.at);
                await next();
            }
            return performance.now() - start;
        };
        const named = await until(() => Math.abs(Number(cut.dataset.at) - Number(at)) < 1e-9);
        const seen = await until(() => [...cut.querySelectorAll('img')].every(i => i.complete));
        if (k) times.forEach((t, i) => t.push([counted, named, seen][i])); // the first is not counted
    } return times.map(t => t.sort((a, b) => a - b)[10].toFixed(1)); }
    window.moves = null;
    move().then(t => { window.moves = t; }, e => { window.moves = [String(e)]; });
"""


# Runs the panel's cell again, and returns after how many ms its new table has so many rows.
REOPEN = """
    const cell = panel.content.widgets[1].outputArea.node, old = cell.querySelector('.siamese-panel');
    async function reopen(rows) {
        panel.content.activeCellIndex = 1;
        const start = performance.now();
        const ran = app.commands.execute('notebook:run-cell');
        const there = () => [...cell.querySelectorAll('.siamese-panel')].some(v => v !== old && v.querySelectorAll('.runs tbody tr').length === rows);
        while (!there()) {
            if (performance.now() - start > 500000) throw new Error('no table of ' + rows + ' runs');
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
        const start = performance.now(), plots = view.querySelector(':scope > .plots'), title = view.querySelector('.head b'), was = title.textContent;
        const seen = () => { if (plots.children.length === 0 || title.textContent === was) return; window.firstStep = Math.round(performance.now() - start); watch.disconnect(); };
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


def opened(page):
    page.lab.open(NAME)
    page.run(0)
    page.run(1)
    wait("the panel", lambda: page.script("return !!view;"))
    page.browser.set_window_size(1400, 1500)
    page.old = page.ids()


def form(page):
    """A setting is moved, another refused at its field."""
    # In the notebook's command mode keys are for what has the focus in the panel, too.
    page.lab.js("await app.commands.execute('notebook:enter-command-mode'); return true;")
    page.control("learning_rate", ".noUi-handle").send_keys(Keys.ARROW_RIGHT * 2)
    wait("the code of what was moved", lambda: page.script("return cell.textContent.includes('cfg.LearningRate = 0.00126');"))
    expect("the active cell", page.lab.js("return panel.content.activeCellIndex;"), 1)
    page.type("layers", "64,no")
    wait("the message at the field", lambda: page.script("return cell.textContent.includes('is not a whole number');"))
    wait("that nothing can run", lambda: page.button("Run") is not None and not page.enabled("Run"))
    page.top(".widget-vbox")
    page.picture("panel-1-form")


def run(page):
    page.set("layers", "48,24", "[48,24]")
    # Else the session knows the model. No such patience ends a training: what is seen is the same in every run of this.
    wait("More settings", lambda: [e.click() for e in page.cell(1).find_elements(By.CSS_SELECTOR, ".jupyter-widget-Collapse-header, .lm-Collapse-header")[:1]])
    page.set("patience", str(random.randrange(10_000, 1_000_000)))
    page.script(FIRST_STEP)
    page.click("Run")
    wait("the first run", lambda: page.runs(1, "done"))
    print(f"from Run to the first step that is seen: {page.script('return window.firstStep;')} ms (it is compiled)")
    settles("plots", lambda: page.script("return view.querySelectorAll(':scope > .plots svg').length;"), 4)
    page.top()
    page.picture("panel-2-run")


def threshold(page):
    """Moves the threshold of the run that is seen, by keys and by figures, keeps it, and looks at what is wrong there."""
    cells = lambda: page.cut("return [...cut.querySelectorAll('.confusion td')].map(c => Number(c.textContent));")
    place = lambda: page.cut("const c = cut.querySelector('.point'), l = cut.querySelector('.line'); return [c.getAttribute('cx'), c.getAttribute('cy'), l.getAttribute('x1')];")
    # That of an earlier run may still be in the page, hidden.
    validation = "1000 pairs of validation items, on which training chose the threshold"
    loaded = "return cut.dataset.at !== undefined && !cut.lastChild.hidden && cut.querySelectorAll('figure').length > 0 && cut.querySelector('.what').textContent;"
    wait("the threshold", lambda: page.cut(loaded) == validation)
    expect("counted pairs", sum(cells()), 1000)
    own, before = cells(), place()
    slider = page.find(1, ".cut input[type=range]")
    slider.send_keys(Keys.ARROW_RIGHT * 60)
    # No different pair need be between the two thresholds.
    wait("the move", lambda: cells()[0] < own[0] and cells()[2] <= own[2])
    wait("what moves with it", lambda: [a != b for a, b in zip(place(), before)][1:] == [True, True])
    wait("the wrong pairs there", page.settled)
    page.top(".cut")
    page.picture("panel-9-threshold")
    which = Select(page.find(1, ".cut select", 1))
    far = page.pairs()
    which.select_by_visible_text("next to the threshold")
    wait("other pairs", lambda: page.pairs() != far and page.settled())
    near = page.pairs()
    slider.send_keys(Keys.ARROW_LEFT * 120)
    wait("other pairs next to another threshold", lambda: page.settled() and page.pairs() != near)
    field = page.find(1, ".cut input[type=text]")
    for text in ("one half", "1.5"):
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(text, Keys.ENTER)
        wait(f"the answer to {text}", lambda: page.cut("return cut.querySelector('.said').textContent;").startswith("the threshold is a number from -1 to 1"))
    at_figures(page, "0.45")
    at = cells()
    # Of pairs of test items the same threshold; all of them are counted.
    Select(page.find(1, ".cut select", 0)).select_by_visible_text("pairs of test items")
    wait("pairs of test items", lambda: page.of("of test items"))
    expect("more pairs are counted", sum(cells()) > 1000, True)
    expect("the threshold on test items", field.get_property("value"), "0.4500")
    Select(page.find(1, ".cut select", 0)).select_by_visible_text("validation pairs")
    wait("validation pairs again", lambda: page.of("of validation items"))
    expect("their counts", cells(), at)
    page.click("Keep this threshold")
    wait("that it is kept", lambda: page.kept() == "kept: 0.4500")
    wait("it in the table", lambda: page.script("return view.querySelector('.runs tbody').textContent.includes('threshold 0.4500 kept');"))


def moves(page):
    """How long moves of the threshold take to be seen. It is where it was after them."""
    page.cut(TIMES)
    times = wait("the moves", lambda: page.script("return window.moves;"))
    expect("times", len(times), 3)
    print("median of 20 moves of the threshold: counts and curves {} ms, wrong pairs {} ms, with their pictures {} ms".format(*times))
    at_figures(page, "0.45")


def at_figures(page, text):
    """Types the threshold."""
    field = page.find(1, ".cut input[type=text]")
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys(text, Keys.ENTER)
    wait("the typed threshold", lambda: page.cut("return cut.querySelector('input[type=range]').value;") == text and page.settled())


def stop(page):
    """A long run is stopped."""
    page.set("epochs", "30000")
    page.click("Run")
    wait("its curves", lambda: page.runs(2, "running") and page.script("return view.querySelectorAll(':scope > .plots svg').length > 1;"))
    page.picture("panel-3-running")
    page.click("Pause / resume")
    wait("the pause", lambda: page.runs(2, "paused"))
    page.click("Pause / resume")
    wait("the end of the pause", lambda: page.runs(2, "running"))
    page.click("Stop")
    wait("the stop", lambda: page.runs(2, "stopped"))


def keys(page):
    """By keys alone: a third run, whose seed is another, and its threshold."""
    page.set("epochs", "4")
    page.set("seed", "8")
    active = lambda: page.browser.switch_to.active_element

    def reach(what, is_there):
        """Goes forward by the tab key to an element."""
        for _ in range(80):
            active().send_keys(Keys.TAB)
            if wait("what has the keys", lambda: [is_there(active())])[0]:
                return active()
        raise AssertionError(f"the tab key does not lead to {what}")

    labelled = lambda name: lambda e: e.get_attribute("aria-label") == name
    reach("Run", lambda e: e.text.strip() == "Run").send_keys(Keys.ENTER)
    wait("the run by keys", lambda: page.runs(3, "done"))
    wait("its threshold", lambda: page.cut("return cut.dataset.at !== undefined && !cut.lastChild.hidden;"))
    said = lambda: page.cut("return cut.querySelector('input[type=range]').getAttribute('aria-valuetext');")
    first = said()
    reach("the threshold", labelled("threshold")).send_keys(Keys.ARROW_LEFT * 3)
    wait("the move by keys", lambda: said() != first and "balanced accuracy" in said())
    expect("controls that keys do not reach", page.script("return [...view.querySelectorAll('button, input, select')].filter(e => e.tabIndex < 0).length;"), 0)
    field = reach("the threshold in figures", labelled("threshold in figures"))
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys("0.6", Keys.ENTER)
    wait("the figures", lambda: said().startswith("0.6000"))
    reach("the pairs", labelled("pairs that are counted")).send_keys(Keys.ARROW_DOWN)
    wait("pairs of test items by keys", lambda: page.of("of test items"))
    expect("what has the keys", active().get_attribute("aria-label"), "pairs that are counted")
    reach("Keep this threshold", lambda e: e.text.strip() == "Keep this threshold").send_keys(Keys.SPACE)
    wait("that it is kept", lambda: page.kept() == "kept: 0.6000")
    settles("what is said of test items", lambda: page.script("return view.querySelector(':scope > .said').textContent.includes('chosen on test items');"), True)


def compare(page, ticked=(0, 2)):
    """Names, a comparison and a file."""

    def tick(at):
        box = page.cell(1).find_elements(By.CSS_SELECTOR, ".siamese-panel .runs input[type=checkbox]")[at]
        if not box.is_selected():
            page.browser.execute_script("arguments[0].scrollIntoView({block: 'center'});", box)
            box.send_keys(Keys.SPACE)
        return box.is_selected()

    def name():
        field = page.cell(1).find_element(By.CSS_SELECTOR, ".siamese-panel .runs input[type=text]")
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys("<b>kept</b>", Keys.ENTER)
        return True

    for at in ticked:
        wait(f"that run {at} is ticked", lambda: tick(at))
    page.click("Compare")
    wait("the comparison", lambda: page.script("return view.querySelector('.compared').textContent.includes('MAP@R');"))
    expect("differences of settings", page.script("return view.querySelector('.compared').textContent.includes('seed');"), True)
    page.top(".tools")
    page.picture("panel-4-compared")
    wait("that it is named", name)
    named = "return view.querySelector('.runs input[type=text]').value === '<b>kept</b>' && !view.querySelector('.runs b');"
    wait("the name", lambda: page.script(named))
    page.click("Keep this model")
    wait("the model's file", lambda: (page.notebook.parent / "model.safetensors").exists())


def saved(page):
    """What stays, with a receipt of it: what the panel shows since its cell has ended is proven too."""
    stays = ("settings that differ", "&lt;b&gt;kept", "threshold 0.6000: balanced accuracy", "called different")
    settles("what stays and is not there", lambda: (static := page.static(), [s for s in stays if s not in static])[1], [])

    def unproven():
        page.lab.save()
        said = subprocess.run(["go", "run", "./kernels", "check", page.notebook], cwd=REPO, capture_output=True, text=True).stdout
        return [line for line in said.splitlines() if "cell 2" in line and ("receipt" in line or "not those" in line)]

    settles("what has no receipt", unproven, [])
    settles("what stays is hidden while the panel lives", page.shown, ["none"])


def reopened(page):
    """The page that is loaded anew."""
    made = len(page.states())
    page.lab.open(NAME)
    wait("the panel of the page that was loaded anew", lambda: len(page.states()) == made)
    wait("its threshold", page.settled)
    page.run(2)
    expect("a later cell", "<b>kept</b>" in page.text(2) and "stopped" in page.text(2), True)


def looks(page):
    """A dark theme and a narrow window."""
    page.lab.theme("JupyterLab Dark")
    page.top(".widget-vbox")
    page.picture("panel-5-dark")
    page.top(".cut")
    page.picture("panel-11-dark-threshold")
    # Text of the dark page can be read: its contrast with what is behind it.
    settles("texts that cannot be read in the dark", lambda: page.script(CONTRAST), [])
    page.browser.set_window_size(560, 1500)
    # There is room to move a slider, beside the file browser too.
    slim = "return window.innerWidth > 600 || [...cell.querySelectorAll('.noUi-target')].filter(e => e.offsetParent && e.getBoundingClientRect().width < 50).length;"
    settles("sliders of the narrow form that are too short", lambda: page.script(slim), 0)
    page.top(".widget-vbox")
    page.picture("panel-6-narrow-form")
    page.top()
    page.picture("panel-7-narrow")
    # Nothing stands out of the narrow page but tables, which scroll in their own frames.
    wide = "const w = view.getBoundingClientRect().right + 1; return [...view.querySelectorAll('*')].filter(e => !e.closest('.runs, .compared, .pairs, .counts, svg')"
    wide += " && e.getBoundingClientRect().right > w).map(e => e.tagName + '.' + (e.className.baseVal ?? e.className));"
    narrow = "if (window.innerWidth > 600 || view.getBoundingClientRect().width > 600) return 'it is not narrow yet'; "
    settles("what stands out of the narrow page", lambda: page.script(narrow + wide), [])
    page.top(".cut")
    page.picture("panel-10-narrow-threshold")
    page.browser.set_window_size(1400, 1500)


def many(page):
    """A hundred runs more, which another kernel might have kept."""

    def reopen(rows):
        """How long the cell takes to show a table of so many runs; asked for again and again, as the driver waits two minutes."""
        page.lab.js(REOPEN + f"window.reopened = null; reopen({rows}).then(t => {{ window.reopened = t; }}, e => {{ window.reopened = String(e); }}); return true;")
        took = wait(f"the table of {rows} runs", lambda: page.lab.js("return window.reopened;"))
        expect("the table is there", isinstance(took, int), True)
        return took

    before = len(page.old)
    few = reopen(before + 3)
    page.lab.save()
    (one,) = [p for p in LAB.glob(f"**/runs/*/{page.ids()[0]}.json")]
    record = json.loads(one.read_text())
    for k in range(100):
        record.update(id=f"{random.getrandbits(64):016x}", number=1000 + k, name=f"copy {k}")
        (one.parent / f"{record['id']}.json").write_text(json.dumps(record))
    ended(page)
    again(page)
    wait("the panel with all runs", lambda: len(page.states()) == before + 103)
    took = reopen(before + 103)
    print(f"from the cell's execution to the table: {took} ms with {before + 103} runs, {few} ms with {before + 3}")
    page.top(".tools")
    page.picture("panel-12-many")
    deleted(page)
    expect("files of runs", sorted(p.stem for p in one.parent.glob("*.json") if len(p.stem) == 16), sorted(page.old))


def ended(page):
    """The kernel is gone: what was saved is seen, and nothing looks alive."""
    page.lab.js("await panel.sessionContext.session.kernel.restart(); return true;")
    wait("that the panel says its end", lambda: page.script("return !view || !!view.querySelector('.banner').textContent;"))
    settles("what stays", page.shown, ["block"])
    page.top()
    page.picture("panel-8-ended")


def again(page):
    page.run(0)
    page.run(1)


def deleted(page):
    """What was made here is deleted."""
    made = "const made = [...view.querySelectorAll('.runs tbody input[type=checkbox]')].filter(b => !old.includes(b.dataset.key.slice(4)));"
    tick = f"const old = {json.dumps(page.old)}; {made} made.forEach(b => b.checked || b.click()); return made.length > 0;"
    wait("the runs that were made here", lambda: page.script(tick))
    page.click("Delete")
    wait("the deletion", lambda: sorted(page.ids()) == sorted(page.old))


def check(lab, notebook, pictures, steps=(opened, form, run, threshold, moves, stop, keys, compare, saved, reopened, looks, many)):
    page = Panel(lab, pictures, notebook)
    for step in steps:
        page.step(step)
    expect("errors of the page", lab.errors(), [])


if __name__ == "__main__":
    on_one(NAME, check)
