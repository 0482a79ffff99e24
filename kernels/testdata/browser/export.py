"""Exports executed notebooks to HTML and PDF, and sees that their pictures and tables are there.

    python -m venv venv && venv/bin/pip install nbconvert==7.17.2 pypdf==6.4.0 selenium==4.51.0
    venv/bin/python kernels/testdata/browser/export.py [--pictures FOLDER] [NOTEBOOK…]      # without any: those of the repository

nbconvert writes a page of each, in which nothing is fetched from anywhere; a browser without a window opens that with the network
cut off, and prints it. Half a minute for seven notebooks; neither a kernel nor the lab is needed.
"""

import argparse
import base64
import html
import io
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import pypdf

from check import REPO, browse, expect, wait

# What of a page is seen: pictures that are loaded and have a size, tables with rows, and texts.
SEEN = """
    const big = e => { const r = e.getBoundingClientRect(); return r.width > 8 && r.height > 8; };
    const outputs = [...document.querySelectorAll('.jp-OutputArea-output')];
    const all = css => outputs.flatMap(o => [...o.querySelectorAll(css)]);
    // Icons of headings and pictures within drawings are none of these.
    const drawings = outputs.filter(o => [...o.querySelectorAll('svg, img')].some(big));
    return {loaded: [...document.images].every(i => i.complete), broken: all('img').filter(i => !i.naturalWidth).length,
        drawings: drawings.length, tables: all('table').filter(t => big(t) && t.rows.length > 1).length,
        text: document.body.innerText.replace(/\\s+/g, ' ')};
"""


def shown(notebook):
    """How many outputs of a notebook are pictures, how many tables they have, words of tables and of drawings, and whether any
    picture is of pixels."""
    pictures, tables, words, drawn, pixels = 0, 0, [], [], False
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            data = {k: v if isinstance(v, str) else "".join(v) for k, v in output.get("data", {}).items() if k.startswith(("text/", "image/"))}
            page = data.get("text/html", "")
            pictures += "image/png" in data or "<img" in page or "<svg" in page
            tables += page.count("<table")
            # The first line of a table in words is its caption.
            words += [" ".join(data["text/plain"].split("\n")[0].split()[:3])] if "<table" in page else []
            drawing = data.get("image/svg+xml", "")
            if "<image" not in drawing:  # else it is printed as pixels
                drawn += [html.unescape(w) for w in re.findall(r"<text[^>]*>([^<]+)</text>", drawing)[:1]]
            pixels |= "<image" in drawing or "<img" in page or ("image/png" in data and not drawing)
    return pictures, tables, words, drawn, pixels


def exported(browser, path, folder, pictures):
    notebook = json.loads(path.read_text())
    drawings, tables, words, drawn, pixels = shown(notebook)
    assert drawings and tables, f"{path}: {drawings} pictures, {tables} tables"
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--embed-images", "--output-dir", folder, path]
    command += ["--HTMLExporter.mathjax_url=", "--HTMLExporter.require_js_url=", "--HTMLExporter.jquery_url="]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    page = folder / f"{path.stem}.html"
    browser.get(page.as_uri())
    wait(f"the pictures of {page.name}", lambda: browser.execute_script(SEEN)["loaded"])
    seen = browser.execute_script(SEEN)
    expect(f"{path.name} as HTML: pictures that are missing, tables that are missing", [seen["broken"], max(0, drawings - seen["drawings"]), max(0, tables - seen["tables"])], [0, 0, 0])
    expect("words of tables that are missing", [w for w in words if w not in seen["text"]], [])
    raw = base64.b64decode(browser.print_page())
    pdf = pypdf.PdfReader(io.BytesIO(raw))
    text = " ".join(" ".join(p.extract_text() for p in pdf.pages).split())
    # A drawing is paths in the PDF, and its words are words.
    images = sum(len(p.images) for p in pdf.pages)
    expect(f"{path.name} as PDF of {len(pdf.pages)} pages: it has pixels", images > 0, pixels)
    joined = text.replace(" ", "")
    expect("words of tables and drawings that are missing", [w for w in words + drawn if w.replace(" ", "") not in joined], [])
    if pictures:
        pictures.mkdir(exist_ok=True)
        (pictures / f"{path.stem}.pdf").write_bytes(raw)
        browser.save_screenshot(str(pictures / f"export-{path.stem}.png"))


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--pictures", type=pathlib.Path)
    args.add_argument("notebooks", nargs="*", type=pathlib.Path)
    args = args.parse_args()
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as tmp:
        browser = browse()
        try:
            browser.set_network_conditions(offline=True, latency=0, throughput=0)
            for path in args.notebooks or sorted((REPO / "notebooks").glob("*.ipynb")):
                exported(browser, path.resolve(), pathlib.Path(tmp), args.pictures)
        finally:
            browser.quit()
    print(f"{time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
