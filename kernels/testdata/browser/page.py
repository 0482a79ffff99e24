"""Opens the pages that the command writes in a browser without a window, and has axe-core look for what keeps people out.

    pip install selenium==4.51.0            # and: apt-get install chromium chromium-driver npm
    python kernels/testdata/browser/page.py [FOLDER]

A report of items, one of protocols and a description are made from a few built-in pictures, and opened in light and in dark,
1,200 and 400 pixels wide. axe-core, taken from npm by version and SHA-256, finds nothing against WCAG or its own rules; nothing
is wider than the window; every table that scrolls is reached by the Tab key; nothing is fetched; and each page prints. FOLDER gets
pictures of the pages. Half a minute.
"""

import base64
import hashlib
import io
import pathlib
import subprocess
import sys
import tarfile
import tempfile

from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

AXE, AXE_SHA256 = "axe-core@4.14.1", "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745"
ROOT = pathlib.Path(__file__).resolve().parents[3]
SMALL = "--backend go --layers 16 --epochs 1 --pairs-per-epoch 500 --batch-pairs 50 --val-pairs 200"


def axe(folder):
    """The script of axe-core."""
    subprocess.run(["npm", "pack", "--silent", AXE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    archive = next(folder.glob("axe-core-*.tgz")).read_bytes()
    assert hashlib.sha256(archive).hexdigest() == AXE_SHA256, "npm gave another archive of " + AXE
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return tar.extractfile("package/axe.min.js").read().decode()


def pages(folder):
    """The pages, by name."""
    program = folder / "siamese"
    subprocess.run(["go", "build", "-o", program, "./siamese/cmd/siamese"], cwd=ROOT, check=True)

    def run(line):
        made = subprocess.run([program, *line.split()], cwd=folder, capture_output=True, text=True)
        assert made.returncode == 0, line + "\n" + made.stderr

    run("split --out s.json builtin:30")
    run(f"train --out m.safetensors --split s.json {SMALL} builtin:30")
    run("evaluate --backend go --split s.json --html report.html --json report.json m.safetensors builtin:30")
    run(f"protocols {SMALL} --protocols items --folds 2 --seeds 1 --no-intervals --html protocols.html builtin:30")
    run("describe --html description.html builtin:30")
    return sorted(folder.glob("*.html"))


def main():
    pictures = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory() as temp:
        folder = pathlib.Path(temp)
        script, made = axe(folder), pages(folder)
        assert len(made) == 3, made
        options = webdriver.ChromeOptions()
        for one in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
            options.add_argument(one)
        options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
        browser = webdriver.Chrome(options=options)
        try:
            for page in made:
                for scheme in ("light", "dark"):
                    for width in (1200, 400):
                        look(browser, script, page, scheme, width, pictures)
                printed = browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"]
                assert base64.b64decode(printed).startswith(b"%PDF"), page
            asked = [entry["message"] for entry in browser.get_log("performance") if "requestWillBeSent\"" in entry["message"]]
            outside = [one for one in asked if '"url":"http' in one]
            assert asked and not outside, outside[:3]
        finally:
            browser.quit()
    print("three pages: nothing found by", AXE)


def look(browser, script, page, scheme, width, pictures):
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                            {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})
    browser.get(page.as_uri())
    at = f"{page.stem}, {scheme}, {width} pixels"
    if pictures:
        pictures.mkdir(parents=True, exist_ok=True)
        browser.save_screenshot(str(pictures / f"page-{page.stem}-{scheme}-{width}.png"))
    browser.execute_script(script)
    found = browser.execute_async_script("axe.run().then(arguments[0], e => arguments[0](String(e)));")
    assert isinstance(found, dict), f"{at}: {found}"
    assert len(found["passes"]) > 10, f"{at}: axe-core tried only {len(found['passes'])} rules"
    wrong = [f"{v['id']} ({v['impact']}), {len(v['nodes'])} times, as at {v['nodes'][0]['target']}: {v['nodes'][0]['failureSummary']}"
             for v in found["violations"]]
    assert not wrong, at + ":\n" + "\n".join(wrong)
    wide, window = browser.execute_script("return [document.documentElement.scrollWidth, innerWidth];")
    assert wide <= window, f"{at}: {wide} pixels wide"
    dark = browser.execute_script("return getComputedStyle(document.body).colorScheme + getComputedStyle(document.documentElement).colorScheme;")
    assert "dark" in dark, at
    # Every box that scrolls sideways gets the focus, in order.
    want = browser.execute_script(
        "return [...document.querySelectorAll('*')].filter(e => e.scrollWidth > e.clientWidth + 1 && "
        "['auto', 'scroll'].includes(getComputedStyle(e).overflowX)).length;")
    reached = 0
    for _ in range(browser.execute_script("return document.querySelectorAll('[tabindex], summary, a[href]').length;")):
        ActionChains(browser).send_keys(Keys.TAB).perform()
        reached += browser.execute_script("const e = document.activeElement; return e.scrollWidth > e.clientWidth + 1 ? 1 : 0;")
    assert reached >= want and (width > 400 or want > 0), f"{at}: {reached} of {want} boxes that scroll are reached by keys"


if __name__ == "__main__":
    main()
