"""Moves widgets in JupyterLab, in a browser without a window, behind https and a base path.

    pip install selenium==4.51.0            # and: apt-get install chromium chromium-driver
    python kernels/testdata/browser/widgets.py [FOLDER]

A slider is moved and a later cell reads it; the page is loaded anew and the slider is back where it was; a second page sees
what the first one moves; a cell that runs hears changes and a click; a script of anywidget and Go exchange binary values both
ways. FOLDER gets pictures of the page. About a minute; it installs the lab where `kernels install` does.
"""

import json
import time

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from check import TOKEN, on_one, wait

NAME = "widgets.ipynb"


# The median time of six moves of the slider of cell 3, from 3 up to 6 and back.
TIMES = """
    const node = panel.content.widgets[3].outputArea.node, handle = node.querySelector('.noUi-handle');
    const answer = () => node.querySelector('.widget-html-content').textContent, times = [];
    for (const [key, want] of [['Right', 16], ['Right', 25], ['Right', 36], ['Left', 25], ['Left', 16], ['Left', 9]]) {
        const start = performance.now();
        handle.dispatchEvent(new KeyboardEvent('keydown', {key: 'Arrow' + key, bubbles: true}));
        while (answer() != want) {
            await new Promise(done => setTimeout(done, 1));
            if (performance.now() - start > 10000) throw new Error('no ' + want + ' but ' + answer());
        }
        times.push(performance.now() - start);
    }
    return Math.round(times.sort((a, b) => a - b)[3]);
"""


class Page:
    def __init__(self, lab, pictures):
        self.lab, self.browser, self.pictures = lab, lab.browser, pictures

    def run(self, cell, until=None):
        """Runs a cell and waits for its end, or for a condition while it runs."""
        # The driver waits two minutes for an answer, and a busy machine may take longer to build a cell.
        ended = "window.ended = true; }, e => { window.ended = 'error: ' + e; });"
        start = f"window.ended = false; app.commands.execute('notebook:run-cell').then(() => {{ {ended}"
        self.lab.js(f"panel.content.activeCellIndex = {cell}; {start} return true;")
        wait(f"cell {cell}", until or (lambda: self.lab.js("return window.ended;") and self.prompt(cell) not in ("[*]:", "[ ]:")))

    def prompt(self, cell):
        return self.lab.js(f"return panel.content.widgets[{cell}].promptNode.textContent;")

    def cell(self, cell):
        return self.browser.find_elements(By.CSS_SELECTOR, ".jp-Notebook .jp-Cell")[cell]

    def text(self, cell):
        return self.lab.js(f"return panel.content.widgets[{cell}].outputArea.node.innerText.trim();")

    def find(self, cell, css, nth=0):
        found = lambda: self.cell(cell).find_elements(By.CSS_SELECTOR, ".jp-Cell-outputArea " + css)
        wait(f"{css} of cell {cell}", lambda: len(found()) > nth)
        return found()[nth]

    def readout(self, cell, nth=0):
        return self.find(cell, ".widget-readout", nth).text

    def move(self, cell, keys, nth=0):
        self.find(cell, ".noUi-handle", nth).send_keys(keys)

    def picture(self, name):
        if self.pictures:
            self.browser.save_screenshot(str(self.pictures / f"{name}.png"))


def expect(what, got, want):
    if got != want:
        raise AssertionError(f"{what}: {got!r}, not {want!r}")
    print(f"{what}: {got}")


def check(lab, notebook, pictures):
    lab.open(NAME)
    page = Page(lab, pictures)
    page.run(0)
    page.run(1)
    expect("at first", page.readout(1), "10")
    page.move(1, Keys.ARROW_RIGHT * 5)
    wait("the move", lambda: page.readout(1) == "15")
    Select(page.find(1, "select")).select_by_visible_text("triplet")
    page.picture("1-moved")
    page.run(2)
    expect("a later cell", page.text(2), "training with 15 epochs and triplet")

    # A page that is loaded anew, and the notebook as it was saved.
    lab.save()
    saved = json.loads(notebook.read_text())["cells"][1]["outputs"][0]["data"]
    expect("saved", "".join(saved["text/plain"]).splitlines(), ["epochs = 15", "rate = 0.001", 'loss = "triplet"'])
    lab.open(NAME)
    wait("the slider", lambda: page.readout(1) == "15")
    expect("after loading anew", page.find(1, "select").get_property("value"), "triplet")
    page.move(1, Keys.ARROW_LEFT)
    wait("the move", lambda: page.readout(1) == "14")

    # A second page of the same notebook sees it, and moves it.
    first = lab.browser.current_window_handle
    lab.browser.switch_to.new_window("tab")
    lab.browser.get(f"{lab.url}/lab/tree/{NAME}?token={TOKEN}")
    wait("the second page", lambda: lab.browser.find_elements(By.CSS_SELECTOR, ".widget-readout"))
    wait("the slider on the second page", lambda: page.readout(1) == "14")
    page.move(1, Keys.ARROW_RIGHT * 2)
    wait("the move on the second page", lambda: page.readout(1) == "16")
    second = lab.browser.current_window_handle
    lab.browser.switch_to.window(first)
    wait("the move of the second page", lambda: page.readout(1) == "16")
    lab.browser.switch_to.window(second)
    lab.browser.close()
    lab.browser.switch_to.window(first)
    page.run(2)
    expect("a later cell", page.text(2), "training with 16 epochs and triplet")

    # A cell that runs hears changes and a click.
    page.run(3, lambda: page.readout(3) == "0")
    page.move(3, Keys.ARROW_RIGHT * 3)
    wait("Go's answer", lambda: page.find(3, ".widget-html-content").text == "9")
    page.picture("2-live")
    print(f"from a key to Go's answer on the page: {lab.js(TIMES)} ms")
    button = page.find(3, "button")
    button.click()
    wait("the end of the cell", lambda: page.prompt(3) != "[*]:")
    expect("after the click", "stopped at 3" in page.text(3), True)
    wait("the button's end", lambda: not page.find(3, "button").is_enabled())

    # Binary values both ways.
    page.run(4, lambda: page.find(4, ".sum").text == "sum 6")
    page.find(4, ".more").click()
    wait("the end of the cell", lambda: page.prompt(4) != "[*]:")
    expect("in Go", "points [200 100 50 7] message [9 8]" in page.text(4), True)
    expect("back on the page", page.find(4, ".sum").text, "sum 60")
    page.picture("3-any")

    # A cell that is executed again has new widgets with their defaults.
    page.run(1)
    wait("the new slider", lambda: page.readout(1) == "10")
    page.run(2)
    expect("executed again", page.text(2), "training with 10 epochs and contrastive")

    # Every kind is shown, and text is text wherever it stands.
    lab.browser.set_window_size(1700, 1900)
    page.run(5)
    page.find(5, ".widget-button")
    time.sleep(1)
    lab.js("panel.content.scrollToItem(5, 'start'); return true;")
    time.sleep(1)
    page.picture("4-all")
    kinds = set(lab.js("return [...panel.content.widgets[5].outputArea.node.querySelectorAll('.jupyter-widgets')].flatMap(e => [...e.classList]);"))
    missing = {"slider", "hslider", "text", "hprogress", "dropdown", "select", "select-multiple", "checkbox"}
    missing |= {"toggle-button", "textarea", "html", "button", "tab", "accordion", "hbox", "vbox"}
    expect("kinds that are missing", {m for m in missing if f"widget-{m}" not in kinds}, set())
    expect("elements made of text", lab.js("return [document.querySelectorAll('.jp-Notebook img').length, window.evil];"), [0, None])
    lab.js("await app.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'}); return true;")
    time.sleep(2)
    page.picture("5-dark")
    errors = [e["message"] for e in lab.browser.get_log("browser") if e["level"] == "SEVERE" and "favicon" not in e["message"]]
    expect("errors of the page", errors, [])


if __name__ == "__main__":
    on_one(NAME, check, base="/hub/user/ann/", proxy=True)
