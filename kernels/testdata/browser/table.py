"""Sorts and filters a table of thousands of rows in JupyterLab, in a browser without a window.

    pip install selenium==4.51.0            # and: apt-get install chromium chromium-driver
    python kernels/testdata/browser/table.py [FOLDER]

A frame is shown, scrolled, sorted by clicks and by keys, and filtered, and what is in ids, labels and columns stays text. The
kernel is shut down meanwhile: nothing of it is asked. Where the notebook is not trusted the same table is there without a script.
FOLDER gets pictures of the page. About a minute; it installs the lab where `kernels install` does.
"""

import json

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from check import expect, on_one, settles, wait
from widgets import Page

NAME = "table.ipynb"


class Table(Page):
    def script(self, code):
        """Runs JavaScript in which `box` is the table with its filter and `rows` are the rows that are seen, as lists of texts."""
        start = "const box = panel.content.widgets[1].outputArea.node.querySelector('.siamese-table');"
        rows = "[...box.querySelectorAll('tr')].filter(r => r.querySelector('td') && !r.hidden).map(r => [...r.cells].map(c => c.textContent))"
        return self.lab.js(f"{start} const rows = box ? {rows} : []; {code}")

    def rows(self):
        return self.script("return rows;")

    def column(self, name):
        names = self.script("return [...box.querySelectorAll('th')].map(c => c.firstChild.textContent);")
        at = names.index(name)
        return at, self.cell(1).find_elements(By.CSS_SELECTOR, ".siamese-table th")[at]

    def text_only(self, what):
        made = "return [box.querySelectorAll('img, b, i').length, window.evil ?? null];"
        expect(f"elements made of text, {what}", self.script(made), [0, None])


def numbers(rows, at):
    return [float(r[at]) for r in rows]


def check(lab, notebook, pictures):
    lab.open(NAME)
    page = Table(lab, pictures)
    page.run(0)
    page.run(1)
    wait("the table", lambda: page.script("return !!box;"))
    all_rows = page.rows()
    count = len(all_rows)
    print("rows that are shown:", count)
    assert count >= 200, all_rows[:3]
    expect("it scrolls", page.script("const s = box.querySelector('div'); return s.scrollHeight > 4 * s.clientHeight;"), True)
    lab.save()
    page.text_only("at first")
    lab.js("await panel.sessionContext.shutdown(); return true;")

    # A click sorts numbers as numbers, another turns them round.
    at, head = page.column("size")
    head.click()
    expect("ascending", numbers(page.rows(), at), sorted(numbers(all_rows, at)))
    expect("said", [head.get_attribute("aria-sort"), head.text], ["ascending", "size ▲"])
    page.picture("table-1-sorted")
    head.click()
    expect("descending", numbers(page.rows(), at) == sorted(numbers(all_rows, at), reverse=True), True)
    # By keys, a column whose name has markup; the notebook does not take the keys for its own.
    at, head = page.column("<b>weight</b>")
    head.send_keys(Keys.ENTER)
    expect("by keys", numbers(page.rows(), at) == sorted(numbers(all_rows, at)), True)
    expect("one column is said to sort", len(page.cell(1).find_elements(By.CSS_SELECTOR, "th[aria-sort]")), 1)
    expect("no row is lost", sorted(page.rows()) == sorted(all_rows), True)
    page.text_only("sorted")

    # A filter, whose letters are no commands of the notebook.
    field = page.find(1, ".siamese-table input")
    field.send_keys("ddx")
    expect("no row has it", page.rows(), [])
    expect("said", page.find(1, ".siamese-table [role=status]").text, f"0 of the {count} rows below")
    field.send_keys(Keys.BACKSPACE * 3, "</SCRIPT><i>")
    seen = page.rows()
    expect("filtered by markup", len(seen) == count // 2 and all("</script><i>" in "".join(r) for r in seen), True)
    expect("cells of the notebook", lab.js("return panel.content.widgets.length;"), 2)
    page.picture("table-2-filtered")
    page.text_only("filtered")
    field.send_keys(Keys.BACKSPACE * 12)
    expect("all again", len(page.rows()), count)

    # Not trusted: a copy that nobody has executed here.
    content = json.loads(notebook.read_text())
    content["metadata"]["copy"] = True
    copy = notebook.with_name("copy.ipynb")
    copy.write_text(json.dumps(content))
    lab.open(copy.name)
    expect("trusted", lab.trusted(), False)
    shown = "const t = panel.content.widgets[1].outputArea.node.querySelector('table'); return t && t.rows.length - 1;"
    wait("the table without trust", lambda: lab.js(shown) == count)
    made = "const n = panel.content.widgets[1].outputArea.node; return [n.querySelectorAll('img, b, i, input, script').length, window.evil ?? null];"
    expect("elements made of text, and the script's, without trust", lab.js(made), [0, None])
    page.picture("table-3-untrusted")
    expect("errors of the page", lab.errors(), [])


if __name__ == "__main__":
    on_one(NAME, check)
