"""Executes a notebook and renders it as HTML. Requests and events are lines of JSON on standard input and output.

The first request is the order: notebook and output (paths), kernel, cwd, timeout (seconds for each cell, 0 for none), hide (a
directory to leave out of the kernel's PATH), log (a file for the kernel's own messages). Later ones are
{"do": "interrupt"}, {"do": "html", "notebook": path, "output": path, "title": text} and {"do": "end"}. The end of standard
input means that the parent is gone: the kernel is shut down.

Events, in this order: ready; for each cell cell, output (any number) and done (index, seconds, error); failed (error) where the
kernel did not start or the protocol broke; executed (interrupted), after the output was written; rendered (error) for each page.
"""

import asyncio
import json
import os
import re
import sys
import threading
import time

# What GoNB writes at the end of a program that failed; it reports the cell as a success all the same.
FAILED = re.compile(r"^(exit status \d+|signal: .+)\s*\Z", re.MULTILINE)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# A place in the program that GoNB made of a cell, and the mark of the cell's line that it writes before.
PLACE = re.compile(r"(\]\] )?(/\S*/main\.go):(\d+)")
GRACE = 15  # seconds that an interrupted cell has to end

# Libraries may print: the protocol has a descriptor of its own.
protocol = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)


def tell(event, **fields):
    protocol.write(json.dumps({"event": event, **fields}) + "\n")
    protocol.flush()


def failure(cell):
    """What went wrong in an executed cell, or None."""
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            lines = output.get("traceback") or []
            return COLOUR.sub("", "\n".join(lines) or f"{output.ename}: {output.evalue}")
    for output in cell.get("outputs", []):
        if output.output_type == "stream" and output.name == "stderr" and FAILED.search(output.text):
            return mark(COLOUR.sub("", output.text), cell.source)
    return None


def mark(text, source):
    """Adds the marks of a cell's lines that GoNB left out of a panic's text.

    GoNB marks each piece that it reads by itself, and the Go runtime writes file and line apart. The line of a place
    without a mark is the one line of the cell that reads as the program's line does."""
    cell = [line.strip() for line in source.split("\n")]

    def found(place):
        if place[1]:
            return place[0]
        try:
            with open(place[2], encoding="utf-8") as f:
                line = f.read().split("\n")[int(place[3]) - 1].strip()
        except (OSError, IndexError):
            return place[0]
        if not line or cell.count(line) != 1:
            return place[0]
        return f" [[ Cell Line {cell.index(line) + 1} ]] {place[0]}"

    return PLACE.sub(found, text)


class Run:
    """One execution of one notebook."""

    def __init__(self, order, loop):
        import nbformat

        self.order, self.loop = order, loop
        self.notebook = nbformat.read(order["notebook"], as_version=4)
        self.client = None
        self.interrupted = False

    def make_client(self):
        from nbclient import NotebookClient

        class Client(NotebookClient):
            def process_message(self, msg, cell, cell_index):
                if msg["msg_type"] == "stream":
                    tell("output", text=msg["content"].get("text", ""))
                return super().process_message(msg, cell, cell_index)

        client = Client(
            self.notebook,
            kernel_name=self.order["kernel"],
            timeout=self.order.get("timeout") or None,
            startup_timeout=120,
            allow_errors=True,
            record_timing=False,
            store_widget_state=False,
            coalesce_streams=True,
            resources={"metadata": {"path": self.order["cwd"]}},
        )
        client.create_kernel_manager()
        spec = client.km.kernel_spec
        spec.argv = [*spec.argv, "-raw_error"]  # errors as text: there is no page to hover over
        hide = self.order.get("hide")
        if hide and "PATH" in spec.env:
            spec.env["PATH"] = os.pathsep.join(d for d in spec.env["PATH"].split(os.pathsep) if d != hide)
        return client

    async def execute(self):
        from jupyter_core.utils import ensure_async

        self.client = self.make_client()
        with open(self.order["log"], "w", encoding="utf-8") as log:
            async with self.client.async_setup_kernel(stderr=log, stdout=log):
                tell("ready")
                asked = await ensure_async(self.client.kc.kernel_info())
                info = await self.client.async_wait_for_reply(asked)
                if info:
                    self.notebook.metadata["language_info"] = info["content"]["language_info"]
                for index, cell in enumerate(self.notebook.cells):
                    if cell.cell_type != "code" or not cell.source.strip():
                        continue
                    if self.interrupted or not await self.execute_cell(index, cell):
                        return

    async def execute_cell(self, index, cell):
        """Executes one cell; returns whether to go on."""
        from nbclient.exceptions import CellTimeoutError, DeadKernelError

        tell("cell", index=index)
        start, error = time.monotonic(), None
        task = asyncio.ensure_future(self.client.async_execute_cell(cell, index))
        self.current = task
        try:
            await task
            error = failure(cell)
            if error and "raises-exception" in cell.metadata.get("tags", []):
                error = None
        except CellTimeoutError:
            error = f"the cell took longer than {self.order['timeout']} s"
            self.note(cell, "CellTimeout", error)
        except (DeadKernelError, asyncio.CancelledError) as e:
            error = "the kernel was stopped" if self.interrupted else f"the kernel died ({e}); its messages are in {self.order['log']}"
            self.note(cell, "DeadKernel", error)
        tell("done", index=index, seconds=time.monotonic() - start, error=error or "")
        return error is None and not self.interrupted

    @staticmethod
    def note(cell, name, value):
        """Adds an error that the kernel did not report itself."""
        import nbformat

        cell.outputs.append(nbformat.v4.new_output("error", ename=name, evalue=value, traceback=[value]))

    def interrupt(self):
        """Interrupts the cell that runs; one that does not end within GRACE seconds loses its kernel."""
        if self.interrupted or self.client is None or self.client.km is None:
            self.interrupted = True
            return
        self.interrupted = True

        async def ask():
            await self.client.km.interrupt_kernel()
            await asyncio.sleep(GRACE)
            task = getattr(self, "current", None)
            if task is not None and not task.done():
                await self.client.km.shutdown_kernel(now=True)
                task.cancel()

        self.asking = asyncio.ensure_future(ask())

    def save(self):
        import nbformat

        nbformat.write(self.notebook, self.order["output"])


def render(command):
    """Writes a notebook as one HTML page that needs no network: what the usual template would fetch is left out."""
    import nbformat
    from nbconvert import HTMLExporter

    names = ["html_head_js", "jupyter_widgets", "html_head_js_mathjax", "html_head_js_mermaidjs"]
    blocks = "".join("{% block " + name + " %}{% endblock %}" for name in names)
    exporter = HTMLExporter(embed_images=True, raw_template="{% extends 'lab/index.html.j2' %}" + blocks)
    exporter.exclude_anchor_links = True
    notebook = nbformat.read(command["notebook"], as_version=4)
    page, _ = exporter.from_notebook_node(notebook, resources={"metadata": {"name": command["title"]}})
    with open(command["output"], "w", encoding="utf-8") as f:
        f.write(page)


async def main():
    loop = asyncio.get_running_loop()
    run = Run(json.loads(sys.stdin.readline()), loop)
    commands = asyncio.Queue()

    def listen():
        for line in sys.stdin:
            loop.call_soon_threadsafe(receive, json.loads(line))
        loop.call_soon_threadsafe(receive, {"do": "gone"})

    def receive(command):
        if command["do"] in ("interrupt", "gone"):
            run.interrupt()
        if command["do"] != "interrupt":
            commands.put_nowait(command)

    threading.Thread(target=listen, daemon=True).start()
    try:
        await run.execute()
    except Exception as e:  # the kernel did not start, or the protocol broke
        tell("failed", error=f"{type(e).__name__}: {e}")
    run.save()
    tell("executed", interrupted=run.interrupted)
    while (command := await commands.get())["do"] == "html":
        try:
            render(command)
            tell("rendered", error="")
        except Exception as e:
            tell("rendered", error=f"{type(e).__name__}: {e}")


if hasattr(os, "setpgrp"):
    os.setpgrp()  # Ctrl-C in the terminal is for whoever asked, who passes it on as a command
asyncio.run(main())
os._exit(0)  # nothing is left to do; do not wait for the reader of standard input
