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

from check import TOKEN, expect, on_one, settles, wait

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
    def __init__(self, lab, pictures, notebook=None):
        self.lab, self.browser, self.pictures, self.notebook = lab, lab.browser, pictures, notebook

    def step(self, step):
        start = time.monotonic()
        step(self)
        print(f"-- {step.__name__}: {time.monotonic() - start:.1f} s", flush=True)

    def run(self, cell, until=None):
        """Runs a cell and waits for its end, or for a condition while it runs."""
        self.lab.execute("notebook:run-cell", f"cell {cell}", cell, until)

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
            self.pictures.mkdir(exist_ok=True)
            time.sleep(1)  # what is seen may be drawn in steps, which no test looks at
            self.browser.save_screenshot(str(self.pictures / f"{name}.png"))


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
    # What moves fast is sent when what was sent before has been heard, which may be later than the cell is.
    later = lambda: (page.run(2), page.text(2))[1]
    settles("a later cell", later, "training with 15 epochs and triplet")

    # A page that is loaded anew, and the notebook as it was saved.
    saved = lambda: (lab.save(), json.loads(notebook.read_text())["cells"][1]["outputs"][0]["data"])[1]
    settles("saved", lambda: "".join(saved()["text/plain"]).splitlines(), ["epochs = 15", "rate = 0.001", 'loss = "triplet"'])
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
    settles("a later cell", later, "training with 16 epochs and triplet")

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
    kinds = lambda: set(lab.js("return [...panel.content.widgets[5].outputArea.node.querySelectorAll('.jupyter-widgets')].flatMap(e => [...e.classList]);"))
    missing = {"slider", "hslider", "text", "hprogress", "dropdown", "select", "select-multiple", "checkbox"}
    missing |= {"toggle-button", "textarea", "html", "button", "tab", "accordion", "hbox", "vbox"}
    settles("kinds that are missing", lambda: {m for m in missing if f"widget-{m}" not in kinds()}, set())
    lab.js("panel.content.scrollToItem(5, 'start'); return true;")
    page.picture("4-all")
    expect("elements made of text", lab.js("return [document.querySelectorAll('.jp-Notebook img').length, window.evil];"), [0, None])
    lab.theme("JupyterLab Dark")
    page.picture("5-dark")
    expect("errors of the page", lab.errors(), [])


if __name__ == "__main__":
    on_one(NAME, check, base="/hub/user/ann/", proxy=True)
