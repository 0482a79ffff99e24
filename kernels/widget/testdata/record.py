"""Records what ipywidgets and anywidget send, for the tests and for the states that widgets begin with.

    python -m venv v && v/bin/pip install ipykernel==7.4.0 ipywidgets==8.1.9 anywidget==0.11.0
    v/bin/python kernels/widget/testdata/record.py

It writes states.json (the state of each widget as its Python class sends it, and the names of its style) and
testdata/talk.json: a talk of a front end with ipykernel, with ids in the order in which they come up.
"""

import base64
import json
import pathlib
import re

from jupyter_client.manager import start_new_kernel

HERE = pathlib.Path(__file__).resolve().parent
CLASSES = """IntSlider FloatSlider FloatLogSlider IntRangeSlider FloatRangeSlider IntText FloatText BoundedIntText BoundedFloatText
Checkbox ToggleButton ToggleButtons Dropdown Select SelectMultiple RadioButtons Text Textarea Button IntProgress FloatProgress
HTML HBox VBox Tab Accordion Output"""

STATES = f"""
import json, ipywidgets as w, anywidget
out = {{}}
for name in {CLASSES!r}.split():
    widget = getattr(w, name)()
    state = widget.get_state()
    out['LayoutModel'] = widget.layout.get_state()
    if 'style' in state:
        style = widget.style.get_state()
        state['style'] = style['_model_name']
        out[style['_model_name']] = style
    state.pop('layout')
    out[name] = state
class Any(anywidget.AnyWidget):
    _esm = 'export default {{}}'
out['Any'] = Any().get_state()
out['Any'].pop('layout')
print(json.dumps(out, sort_keys=True))
"""

SETUP = """
import ipywidgets as w, anywidget, traitlets
from IPython.display import display
class Plot(anywidget.AnyWidget):
    _esm = 'export default { render() {} }'
    _css = '.plot {}'
    _anywidget_id = 'plot'
    zoom = traitlets.Float(1.5).tag(sync=True)
    points = traitlets.Any(b'abc').tag(sync=True)
"""


class Recorder:
    def __init__(self):
        self.manager, self.client = start_new_kernel(kernel_name="python3")
        self.talk, self.ids = [], {}

    def named(self, text):
        """Replaces ids by names in the order in which they come up."""
        return re.sub(r"[0-9a-f]{32}", lambda m: self.ids.setdefault(m[0], f"id{len(self.ids)}"), text)

    def listen(self, msg_id, expected=False):
        said, printed = [], ""
        while True:
            msg = self.client.get_iopub_msg(timeout=60)
            if msg["parent_header"].get("msg_id") != msg_id:
                continue
            kind, content = msg["msg_type"], msg["content"]
            if kind == "status" and content["execution_state"] == "idle":
                return said, printed
            if kind == "stream" and content["name"] == "stdout":
                printed += content["text"]
            if kind == "error" and not expected:  # a value that does not fit is said as an error
                raise SystemExit("\n".join(content["traceback"]))
            if kind.startswith("comm_") or kind == "display_data":
                content.pop("target_module", None)
                if kind == "display_data":
                    content["data"].pop("text/plain")
                buffers = [base64.b64encode(bytes(b)).decode() for b in msg["buffers"]]
                said.append({"kind": kind, "content": content, "metadata": msg["metadata"], "buffers": buffers})

    def run(self, code):
        return self.listen(self.client.execute(code))

    def step(self, name, code):
        said, _ = self.run(code)
        self.talk.append(json.loads(self.named(json.dumps({"step": name, "code": code, "said": said}))))

    def front(self, name, kind, widget, data, buffers=(), **more):
        """The front end sends a message for the widget that an expression names."""
        comm_id = self.run(f"print({widget}.model_id)")[1].strip() if widget else "c" * 32
        content = {"comm_id": comm_id, "data": data, **more}
        metadata = {"version": "1.0.0"} if kind == "comm_open" else {}
        msg = self.client.session.msg(kind, content, metadata=metadata)
        self.client.session.send(self.client.shell_channel.socket, msg, buffers=list(buffers))
        said, _ = self.listen(msg["header"]["msg_id"], expected=name == "no number")
        sent = {"kind": kind, "content": content, "metadata": metadata, "buffers": [base64.b64encode(b).decode() for b in buffers]}
        self.talk.append(json.loads(self.named(json.dumps({"step": name, "front": sent, "said": said}))))


def main():
    r = Recorder()
    states = json.loads(r.run(STATES)[1])
    lines = ",\n".join(f"{json.dumps(k)}: {json.dumps(v, sort_keys=True)}" for k, v in sorted(states.items()))
    (HERE.parent / "states.json").write_text("{\n" + lines + "\n}\n")
    r.client.stop_channels()
    r.manager.shutdown_kernel(now=True)

    r = Recorder()
    r.run(SETUP)
    value = lambda v: {"method": "update", "state": {"value": v}, "buffer_paths": []}
    r.step("slider", "s = w.IntSlider(description='epochs', min=1, max=50, value=10); display(s)")
    r.front("move", "comm_msg", "s", value(20))
    r.front("no number", "comm_msg", "s", value("x"))
    r.front("ask", "comm_msg", "s", {"method": "request_state"})
    r.step("set", "s.value = 7")
    r.step("choice", "d = w.Dropdown(description='loss', options=['a', 'b', 'c'], value='b'); display(d)")
    r.front("choose", "comm_msg", "d", {"method": "update", "state": {"index": 2}, "buffer_paths": []})
    r.step("button", "b = w.Button(description='Run', button_style='primary'); display(b)")
    r.front("click", "comm_msg", "b", {"method": "custom", "content": {"event": "click"}})
    r.step("plot", "p = Plot(); display(p)")
    r.front(
        "points", "comm_msg", "p", {"method": "update", "state": {"zoom": 2.5}, "buffer_paths": [["points"]]}, [b"\0\1\2\3"]
    )
    r.step("set points", "p.points = b'xyz'")
    r.step("send", "p.send({'hello': 1}, [b'abc', b'd'])")
    r.step("box", "h = w.HBox([w.HTML('x &lt; 1')], layout={'width': '50%'}); display(h)")
    r.step("tab", "t = w.Tab([w.Checkbox(True, description='on')], titles=['first']); display(t)")
    r.front("open control", "comm_open", "", {}, target_name="jupyter.widget.control")
    r.front("request states", "comm_msg", "", {"method": "request_states"})
    r.front("close control", "comm_close", "", {})
    r.step("output", "o = w.Output(outputs=({'output_type': 'stream', 'name': 'stdout', 'text': 'a\\n'},)); display(o)")
    r.step("write", "o.outputs = ({'output_type': 'stream', 'name': 'stdout', 'text': 'a\\nb\\n'},)")
    r.run("shown = {'output_type': 'display_data', 'metadata': {}, 'data': {'text/html': '<b>x</b>', 'text/plain': 'plain'}}")
    r.step("second output", "q = w.Output(outputs=(shown,)); display(q)")
    r.step("clear", "q.outputs = ()")
    r.step("close", "s.close()")
    r.client.stop_channels()
    r.manager.shutdown_kernel(now=True)
    (HERE / "talk.json").write_text("[\n" + ",\n".join(json.dumps(s, sort_keys=True) for s in r.talk) + "\n]\n")


main()
