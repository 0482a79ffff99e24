"""Uses the explorer of a model's items in JupyterLab, in a browser without a window.

    pip install selenium==4.51.0            # and: apt-get install chromium chromium-driver
    python kernels/testdata/browser/explore.py [FOLDER]

An item is typed, clicked on, drawn by chance and gone back from; the share of features, the similarity and what is looked among
change the order, which says where items stood; pairs are judged by clicks and by keys alone, taken back, and train; the page is
loaded anew; what is saved shows without the kernel; the theme is dark and the window narrow. FOLDER gets pictures of the page.
About two minutes; it installs the lab where `kernels install` does. notebook7.py does some of these steps in another page.

    TIMES=1 python kernels/testdata/browser/explore.py

does the first part on all 20,000 built-in pictures, and prints how long a movement of the share takes until it is seen.
"""

import csv
import json
import os

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from check import expect, on_one, settles, wait
from widgets import Page

NAME = "explore.ipynb"
TIMES = "TIMES" in os.environ
MANY = 25  # judgements of an item's pairs

# The median time of twenty movements of the share, each until its order and all of its pictures are seen.
MOVES = """
    const share = view.querySelector('input[type=range][aria-label="feature share"]'), times = [];
    async function move() { for (let i = 0; i < 21; i++) {
        const start = performance.now(), was = view.dataset.drawn;
        share.value = (i * 7 % 20) / 20;
        share.dispatchEvent(new Event('input', {bubbles: true}));
        share.dispatchEvent(new Event('change', {bubbles: true}));
        while (view.dataset.drawn === was || view.querySelector('.items .picture .none')) {
            await new Promise(done => setTimeout(done, 1));
            if (performance.now() - start > 60000) throw new Error('no answer');
        }
        await new Promise(requestAnimationFrame);
        if (i) times.push(performance.now() - start);
    }
    times.sort((a, b) => a - b);
    return [Math.round(times[10]), Math.round(times[19])]; }
    window.moves = null;
    move().then(t => { window.moves = t; }, e => { window.moves = [String(e)]; });
"""


class Explorer(Page):
    def script(self, code):
        """Runs JavaScript in which `view` is the explorer, and `cell` the whole output."""
        return self.lab.js(f"const cell = panel.content.widgets[1].outputArea.node, view = cell.querySelector('.siamese-explore'); {code}")

    def ids(self):
        return self.script("return [...view.querySelectorAll('ol.items li')].map(li => li.dataset.id);")

    def query(self):
        return self.script("return view.querySelector('.query .id').textContent;")

    def find(self, css, nth=0):
        found = lambda: self.cell(1).find_elements(By.CSS_SELECTOR, ".siamese-explore " + css)
        wait(css, lambda: len(found()) > nth)
        return found()[nth]

    def button(self, text):
        """The first button with a text."""
        return next(b for b in self.cell(1).find_elements(By.CSS_SELECTOR, ".siamese-explore button") if b.text.strip() == text)

    def click(self, find):
        """Clicks on what is found, which the page may draw anew meanwhile."""

        def clicked():
            element = find()
            self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'});", element)
            element.click()
            return True

        wait("a click", clicked)

    def focus(self, css):
        """Gives the keys to an element of the explorer."""
        self.script(f"view.querySelector({json.dumps(css)}).focus({{preventScroll: true}}); return true;")

    def changed(self, what, act):
        """Does something and waits until the order is another one; returns the one before."""
        before = self.ids(), self.query()
        act()
        wait(what, lambda: (self.ids(), self.query()) != before and self.ids())
        return before

    def answered(self, what, act):
        """Does something and waits until the page has drawn the answer."""
        before = self.script("return view.dataset.drawn;")
        act()
        wait(what, lambda: self.script("return view.dataset.drawn;") != before)

    def judged(self):
        return self.script("return [...view.querySelectorAll('.judged tr')].map(r => [...r.cells].slice(0, 4).map(c => c.textContent));")

    def verdicts(self):
        """The keys by which the first items are judged as their labels are."""
        return self.script(f"return [...view.querySelectorAll('ol.items li')].slice(0, {MANY}).map(li => li.classList.contains('same') ? 's' : 'd');")

    def painted(self):
        """Waits until all pictures are seen."""
        drawn = "const all = [...view.querySelectorAll('.picture img')]; return all.length > 1 && !view.querySelector('.picture .none') && all.every(i => i.complete && i.naturalWidth > 0);"
        wait("the pictures", lambda: self.script(drawn) is True)

    def key(self, *keys):
        self.browser.switch_to.active_element.send_keys(*keys)

    def focused(self):
        return self.lab.js("return document.activeElement.dataset.id ?? document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent;")

    def top(self, css=".siamese-explore"):
        self.script(f"(cell.querySelector('{css}') ?? cell).scrollIntoView({{block: 'start'}}); return true;")

    def shown(self):
        """How what stays is displayed."""
        return self.script("return [...cell.querySelectorAll('.siamese-explore-static')].map(e => getComputedStyle(e).display);")


def times(page):
    page.script(MOVES)
    seen = wait("the moves", lambda: page.script("return window.moves;"))
    expect("times", len(seen), 2)
    print(f"a movement of the share: {seen[0]} ms, of twenty at most {seen[1]}")
    page.picture("explore-times")


def opened(page):
    if TIMES:
        page.notebook.write_text(page.notebook.read_text().replace("lab.Builtin(30)", "lab.Builtin(0)"))
    page.lab.open(NAME)
    page.run(0)
    page.run(1)
    wait("the explorer", lambda: len(page.ids()) == 10)
    page.browser.set_window_size(1400, 1300)
    page.painted()
    page.first, page.all_ids = page.query(), page.ids()
    page.top()
    page.picture("explore-1-opened")


def typed(page):
    """An item is typed: what is offered follows, and is chosen by keys; others are clicked on, or drawn by chance."""
    first, all_ids = page.first, page.all_ids
    field = page.find("input[role=combobox]")
    field.send_keys(all_ids[4][:3])
    wait("what is offered", lambda: page.script("return view.querySelectorAll('.offers [role=option]').length === 20;"))
    page.picture("explore-2-typed")
    field.send_keys(all_ids[4][3:])
    wait("the one", lambda: page.script(f"return view.querySelector('.offers [role=option]')?.dataset.id === {json.dumps(all_ids[4])};"))
    page.changed("the item that was typed", lambda: field.send_keys(Keys.ARROW_DOWN, Keys.ENTER))
    expect("the query that was typed", page.query(), all_ids[4])
    field.send_keys("<b>nobody</b>", Keys.ENTER)
    wait("that there is none", lambda: page.script("return view.querySelector('.said').textContent.includes('<b>nobody</b>') && !view.querySelector('.said b');"))
    expect("what was typed", field.get_property("value"), "<b>nobody</b>")
    near = page.ids()[0]
    page.changed("the item that was clicked on", lambda: page.click(lambda: page.find("ol.items li .picture")))
    expect("the query that was clicked on", page.query(), near)
    page.changed("one by chance", lambda: page.click(lambda: page.button("Random")))
    for want in (near, all_ids[4], first):
        page.changed("the way back", lambda: page.click(lambda: page.button("Back")))
        expect("back at", page.query(), want)
    expect("as it was", page.ids(), all_ids)


def moved(page):
    """What it looks by, and among."""
    all_ids = page.all_ids
    share = page.find("input[aria-label='feature share']")
    for _ in range(3):
        page.answered("a step of the share", lambda: share.send_keys(Keys.ARROW_RIGHT))
    expect("the share", page.script("return view.querySelector('.share output').textContent;"), "0.33")
    page.changed("plain features", lambda: Select(page.find("select")).select_by_value("plain"))
    moved = "return view.querySelectorAll('.move.up, .move.down').length > 0 && view.querySelector('.words').textContent.includes('moves: from the model with a feature share of 0.33');"
    wait("where they stood", lambda: page.script(moved))
    page.painted()
    page.picture("explore-3-moved")
    own = page.script("return view.querySelector('.query .label').textContent;")
    page.changed("another label", lambda: Select(page.find("select", 1)).select_by_value("other"))
    labels = "return [...view.querySelectorAll('ol.items li .label')].map(e => e.textContent);"
    expect("none has the item's label", own in page.script(labels), False)
    page.changed("one label", lambda: Select(page.find("select", 1)).select_by_value("=" + own))
    expect("all have the item's label", set(page.script(labels)), {own})
    page.changed("all", lambda: Select(page.find("select", 1)).select_by_value(""))
    page.changed("the model", lambda: Select(page.find("select")).select_by_value("model"))
    page.answered("its own share", lambda: page.click(lambda: page.button("model's own")))
    wait("the order at first", lambda: page.ids() == all_ids)
    expand = page.find("input[aria-label='gallery expansion']")
    for _ in range(3):
        page.answered("a step of the expansion", lambda: expand.send_keys(Keys.ARROW_RIGHT))
    wait("another order", lambda: page.ids() != all_ids and "gallery" in page.script("return view.querySelector('.controls').textContent;"))
    page.picture("explore-3-expanded")
    page.answered("no expansion", lambda: expand.send_keys(Keys.HOME))
    wait("the order without it", lambda: page.ids() == all_ids)
    page.painted()


def judge(page):
    """Pairs are judged: by a click, and by keys alone on the way through the list."""
    folder, first = page.notebook.parent, page.first
    neighbours = page.find("input[aria-label=neighbours]")
    neighbours.send_keys(Keys.END)
    wait("a hundred", lambda: len(page.ids()) == 100)
    page.click(lambda: page.find("ol.items li button"))
    wait("the judgement", lambda: len(page.judged()) == 1)
    wait("the file", lambda: (folder / "judged.csv").exists())
    page.focus("input[aria-label=neighbours]")
    for _ in range(40):
        page.key(Keys.TAB)
        if page.focused() in page.ids():
            break
    listed = page.ids()
    expect("Tab stops at the list", page.focused() in listed, True)
    page.key(Keys.HOME)
    expect("the first", page.focused(), listed[0])
    # In the notebook's command mode D D would delete the cell.
    page.lab.js("await app.commands.execute('notebook:enter-command-mode'); return true;")
    page.focus("ol.items li")
    right = page.verdicts()
    page.key(*["u" if i == 1 else verdict for i, verdict in enumerate(right)])
    wait("the judgements", lambda: len(page.judged()) == MANY)
    expect("the next", page.focused(), listed[MANY])
    expect("cells of the notebook", page.lab.js("return panel.content.widgets.length;"), 3)
    page.key(Keys.HOME, "d" if right[0] == "s" else "s")
    wait("what the labels say", lambda: page.script("return !!view.querySelector('ol.items .wrong') && view.querySelector('.judged summary').textContent.includes('1 against the labels');"))
    page.top()
    page.picture("explore-4-judged")
    page.top(".judged")
    page.picture("explore-5-list")
    with open(folder / "judged.csv", newline="") as f:
        rows = list(csv.DictReader(f))
    expect("the table", (len(rows), sorted({r["label"] for r in rows}), rows[-1]["right"], rows[-1]["label"]), (MANY - 1, ["0", "1"], listed[0], "0" if right[0] == "s" else "1"))
    with open(folder / "judged-unsure.csv", newline="") as f:
        expect("not sure", [r["right"] for r in csv.DictReader(f)], [listed[1]])
    page.click(lambda: page.button("Undo"))
    wait("that it is taken back", lambda: len(page.judged()) == MANY - 1)
    page.focus("ol.items li")
    page.key(right[0])
    wait("that it is made again", lambda: len(page.judged()) == MANY)
    # By keys to another item and back.
    page.key(Keys.HOME)
    page.changed("the item by Enter", lambda: page.key(Keys.ENTER))
    expect("the query by Enter", page.query(), listed[0])
    wait("the list has the keys", lambda: page.focused() == page.ids()[0])
    page.changed("back by a key", lambda: page.key(Keys.BACKSPACE))
    expect("back by a key", page.query(), first)


def train(page):
    """Pairs of other items are judged, and all train: there must be some on every side, in every run of this the same ones."""
    pairs = {frozenset((page.first, id)) for id in page.ids()[:MANY]}
    field = page.find("input[role=combobox]")
    field.send_keys("fashion/")
    wait("what is offered", lambda: page.script("return view.querySelectorAll('.offers [role=option]').length === 20;"))
    others = page.script("return [...view.querySelectorAll('.offers [role=option]')].slice(0, 4).map(o => o.dataset.id);")
    for other in others:
        field.send_keys(Keys.CONTROL, "a")
        page.changed("another item", lambda: field.send_keys(other, Keys.ENTER))
        page.focus("ol.items li")
        page.key(*page.verdicts())
        pairs |= {frozenset((other, id)) for id in page.ids()[:MANY]}  # of two of these items there is one
        wait("its judgements", lambda: len(page.judged()) == len(pairs))
    page.run(2)
    expect("the judged pairs train", "of 2 trained" in page.text(2) and "Error" not in page.text(2), True)


def reopened(page):
    """What is saved, and the page that is loaded anew."""
    query, total = page.query(), len(page.judged())
    static = lambda: (page.lab.save(), json.dumps([o.get("data", {}) for o in json.loads(page.notebook.read_text())["cells"][1]["outputs"]]))[1]
    settles("what stays", lambda: (f"nearest to {query}" in static(), "image/png" in static()), (True, True))
    settles("what stays is hidden while the explorer lives", page.shown, ["none"])
    page.lab.open(NAME)
    wait("the explorer of the page that was loaded anew", lambda: page.query() == query and len(page.judged()) == total)
    page.painted()


def looks(page):
    """A dark theme and a narrow window."""
    page.lab.theme("JupyterLab Dark")
    page.top()
    page.picture("explore-6-dark")
    page.browser.set_window_size(560, 1300)
    narrow = "return window.innerWidth < 600 && view.clientWidth < 600 && view.scrollWidth <= view.clientWidth + 1;"
    settles("nothing is wider than a narrow window", lambda: page.script(narrow), True)
    page.top()
    page.picture("explore-7-narrow")
    page.browser.set_window_size(1400, 1300)


def ended(page):
    """The kernel is gone: what was saved is seen, and nothing looks alive; run again, the explorer has what was judged."""
    total = len(page.judged())
    page.lab.save()
    page.lab.js("await panel.sessionContext.session.kernel.restart(); return true;")
    wait("that the explorer says its end", lambda: page.script("return !view || !!view.querySelector('.banner').textContent;"))
    settles("what stays", page.shown, ["block"])
    page.top()
    page.picture("explore-8-ended")
    page.run(0)
    page.run(1)
    wait("the explorer with what was judged", lambda: len(page.ids()) == 10 and len(page.judged()) == total)


def check(lab, notebook, pictures, steps=(opened, times) if TIMES else (opened, typed, moved, judge, train, reopened, looks, ended)):
    page = Explorer(lab, pictures, notebook)
    for step in steps:
        page.step(step)
    expect("errors of the page", lab.errors(), [])


if __name__ == "__main__":
    on_one(NAME, check)
