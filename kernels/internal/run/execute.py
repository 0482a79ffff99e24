"""Executes a notebook and renders it as HTML. Requests and events are lines of JSON on standard input and output.

The first request is the order: notebook and output (paths), elsewhere (paths where output cannot be written), kernel, cwd, timeout
(seconds for each cell, 0 for none), ipc (where the kernel's sockets are: the beginning of their paths; empty for TCP), log (a file
for the kernel's own messages). Later ones are {"do": "interrupt"}, {"do": "html", "notebook": path, "output": path, "title": text},
{"do": "trust", "notebook": path, "output": directory of the signatures} and {"do": "end"}. The end of standard input means that the
parent is gone: the kernel is shut down.

Events, in this order: ready; for each cell cell, output (any number) and done (index, seconds, error, copy); failed (error) where
the kernel did not start or the protocol broke; executed (interrupted, copy, error), after the output was written; rendered (error)
for each page, trusted (error) for each notebook. copy is where the newest output is.
The output is written after every cell: what was executed is there even if this process is killed.
"""

import asyncio
import json
import os
import re
import signal
import sys
import threading
import time

# jsonschema loads this for the formats iri and iri-reference, which the schemas of notebooks do not have, and building its
# grammar takes more than a second of processor time. Without it these formats alone are not checked.
sys.modules["rfc3987_syntax"] = None

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
GRACE = 300  # seconds that an interrupted cell has to save what it wants to keep
BEGIN = 10  # seconds that an interrupt waits for the kernel to begin with its cell

# Libraries may print: the protocol has a descriptor of its own.
protocol = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)


def tell(event, **fields):
    try:
        protocol.write(json.dumps({"event": event, **fields}) + "\n")
        protocol.flush()
    except BrokenPipeError:
        pass  # the parent was killed; what was executed is saved all the same


def failure(reply):
    """What went wrong in an executed cell, or None. reply is the content of the kernel's execute_reply."""
    if reply.get("status") == "ok":
        return None
    lines = reply.get("traceback") or []
    return COLOUR.sub("", "\n".join(lines)) or f"{reply.get('ename', 'aborted')}: {reply.get('evalue', '')}"


def settled(text):
    """A stream's text after its carriage returns and backspaces, as a terminal ends up with it."""
    lines = []
    for line in text.split("\n"):
        shown, at = "", 0
        for piece in re.split(r"([\r\b])", line):
            if piece == "\r":
                at = 0
            elif piece == "\b":
                at = max(0, at - 1)
            else:
                shown = shown[:at] + piece + shown[at + len(piece) :]
                at += len(piece)
        lines.append(shown)
    return "\n".join(lines)


def coalesce(outputs):
    """Joins neighbours of one stream, as JupyterLab does. What was shown between two texts stays there."""
    joined = []
    for output in outputs:
        if output.output_type == "stream" and joined and joined[-1].get("name") == output.name:
            joined[-1].text += output.text
        else:
            joined.append(output)
    for output in joined:
        if output.output_type == "stream":
            output.text = settled(output.text)
    return joined


def plain(outputs):
    """Leaves of a widget the text that stands for it: what it was ended with its kernel, and JupyterLab would show an error."""
    for output in outputs:
        data = output.get("data", {})
        if "text/plain" in data:
            data.pop("application/vnd.jupyter.widget-view+json", None)
    return outputs


class Run:
    """One execution of one notebook."""

    def __init__(self, order, loop):
        import nbformat

        self.order, self.loop = order, loop
        self.notebook = nbformat.read(order["notebook"], as_version=4)
        self.client = None
        self.interrupted = False
        self.begun = None  # set when the kernel has begun with the cell; None before the first
        self.copy, self.unsaved = "", ""  # where the newest copy is, and why there is none of what was executed last

    def make_client(self):
        from nbclient import NotebookClient

        run = self

        class Client(NotebookClient):
            def process_message(self, msg, cell, cell_index):
                if msg["msg_type"] == "stream":
                    text = msg["content"].get("text", "")
                    tell("output", text=text)
                run.begun.set()  # it is about this cell: at least that the kernel is busy with it
                return super().process_message(msg, cell, cell_index)

        client = Client(
            self.notebook,
            kernel_name=self.order["kernel"],
            timeout_func=lambda cell: self.order.get("timeout") or None,  # timeout itself takes no fractions
            startup_timeout=120,
            allow_errors=True,
            record_timing=False,
            store_widget_state=False,
            coalesce_streams=False,  # it would move all texts of a cell to its first one
            resources={"metadata": {"path": self.order["cwd"]}},
        )
        client.create_kernel_manager()
        if self.order["ipc"]:  # Unix sockets, which other users of this machine cannot open
            client.km.transport, client.km.ip = "ipc", self.order["ipc"]
        spec = client.km.kernel_spec
        spec.argv = [*spec.argv, "--gopls=", "--history="]  # nobody completes code here, or asks what was typed
        client.on_cell_executed = self.replied
        return client

    def replied(self, cell, cell_index, execute_reply):
        """Notes the kernel's answer to a cell, which says whether it failed."""
        self.reply = execute_reply["content"]
        if told := execute_reply.get("metadata", {}).get("siamese"):
            cell.metadata["siamese"] = told  # the receipt: Go puts it in its place

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
        self.reply, self.begun = {}, asyncio.Event()
        task = asyncio.ensure_future(self.client.async_execute_cell(cell, index))
        self.current = task
        try:
            await task
            error = failure(self.reply)
            if error and "raises-exception" in cell.metadata.get("tags", []):
                error = None
        except CellTimeoutError:
            error = f"the cell took longer than {self.order['timeout']:g} s, the limit of --timeout"
            self.note(cell, "CellTimeout", error)
        except (DeadKernelError, asyncio.CancelledError) as e:
            error = "the kernel was stopped"
            if not self.interrupted:
                error = f"the kernel {await self.ending()}; its messages are in {self.order['log']}"
            self.note(cell, "DeadKernel", error)
        cell.outputs = plain(coalesce(cell.outputs))
        self.save()
        tell("done", index=index, seconds=time.monotonic() - start, error=error or "", copy=self.copy)
        return error is None and not self.interrupted

    @staticmethod
    def note(cell, name, value):
        """Adds an error that the kernel did not report itself."""
        import nbformat

        cell.outputs.append(nbformat.v4.new_output("error", ename=name, evalue=value, traceback=[value]))

    def interrupt(self):
        """Interrupts the cell that runs. One that does not end within GRACE seconds is killed, or loses its kernel."""
        if self.interrupted or self.client is None or self.client.km is None:
            self.interrupted = True
            return
        self.interrupted = True

        async def ask():
            if self.begun is not None:  # a kernel that has not begun with a cell yet has nothing to interrupt
                try:
                    await asyncio.wait_for(self.begun.wait(), BEGIN)
                except asyncio.TimeoutError:
                    pass
            await self.client.km.interrupt_kernel()
            await asyncio.sleep(GRACE)
            await self.client.km.interrupt_kernel()
            await asyncio.sleep(5)
            task = getattr(self, "current", None)
            if task is not None and not task.done():
                await self.client.km.shutdown_kernel(now=True)
                task.cancel()

        self.asking = asyncio.ensure_future(ask())

    async def ending(self):
        """How the kernel ended, which it did by itself."""
        code = await self.client.km.provisioner.poll()
        if code is None or code >= 0:
            return f"ended with exit status {code}"
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        memory = ", as the system does when memory runs out" if name == "SIGKILL" else ""
        return f"was killed ({name}{memory})"

    def save(self):
        """Writes the copy, elsewhere where its place is gone or full."""
        import nbformat

        why = ""
        for path in [self.order["output"], *self.order.get("elsewhere", [])]:
            folder, name = os.path.split(path)
            tmp = os.path.join(folder, "." + name + ".tmp")
            try:
                nbformat.write(self.notebook, tmp)
                os.replace(tmp, path)
                self.copy, self.unsaved = path, ""
                return
            except OSError as e:
                why = why or f"{type(e).__name__}: {e}"
                try:
                    os.remove(tmp)
                except OSError:
                    pass
        self.unsaved = why


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


def trust(command):
    """Signs a notebook, so that JupyterLab shows the outputs that were made here as they are, scripts included."""
    import nbformat
    from nbformat.sign import NotebookNotary

    os.makedirs(command["output"], mode=0o700, exist_ok=True)
    NotebookNotary(data_dir=command["output"]).sign(nbformat.read(command["notebook"], as_version=4))


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
    tell("executed", interrupted=run.interrupted, copy=run.copy, error=run.unsaved)
    answers = {"html": (render, "rendered"), "trust": (trust, "trusted")}
    while (command := await commands.get())["do"] in answers:
        act, event = answers[command["do"]]
        try:
            act(command)
            tell(event, error="")
        except Exception as e:
            tell(event, error=f"{type(e).__name__}: {e}")


if hasattr(os, "setpgrp"):
    os.setpgrp()  # Ctrl-C in the terminal is for whoever asked, who passes it on as a command
asyncio.run(main())
os._exit(0)  # nothing is left to do; do not wait for the reader of standard input
