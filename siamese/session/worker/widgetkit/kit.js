// What scripts of the lab's widgets have in common. It is put before each of them, in one module: no imports, no exports.

const NS = "http://www.w3.org/2000/svg";

// element makes an element of HTML. Properties are set as such where there is one, else as attributes; "on" has listeners.
// All text of others is put in as text.
function element(tag, properties = {}, ...children) {
  const e = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "on") for (const [name, f] of Object.entries(value)) e.addEventListener(name, f);
    else if (key in e && key !== "role" && key !== "list") e[key] = value;
    else e.setAttribute(key, value);
  }
  e.append(...children);
  return e;
}

// shape makes an element of SVG.
function shape(tag, attributes, text) {
  const e = document.createElementNS(NS, tag);
  for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
  if (text !== undefined) e.textContent = text;
  return e;
}

// words writes a number in few digits.
function words(v) {
  if (v === 0) return "0";
  const a = Math.abs(v);
  return a >= 1e4 || a < 1e-3 ? v.toExponential(1) : String(Number(v.toPrecision(3)));
}

// Pictures keeps the PNG pictures of items that came as buffers of messages, by the items' ids, the newest most of them.
class Pictures {
  constructor(most = 500) {
    this.most = most;
    this.urls = new Map();
  }
  has(id) { return this.urls.has(id); }
  // url is what an <img> shows, "" where there is none.
  url(id) { return this.urls.get(id) ?? ""; }
  // image shows an item's picture; one of few pixels keeps them sharp.
  image(id, properties = {}) {
    return element("img", { src: this.url(id), ...properties, on: { load: (e) => {
      if (e.target.naturalWidth < e.target.clientWidth) e.target.style.imageRendering = "pixelated";
    } } });
  }
  put(id, buffer) {
    this.drop(id);
    this.urls.set(id, URL.createObjectURL(new Blob([buffer], { type: "image/png" })));
    for (const old of this.urls.keys()) {
      if (this.urls.size <= this.most) break;
      this.drop(old);
    }
  }
  drop(id) {
    if (!this.urls.has(id)) return;
    URL.revokeObjectURL(this.urls.get(id));
    this.urls.delete(id);
  }
  clear() { for (const id of [...this.urls.keys()]) this.drop(id); }
}

// latest sends requests one at a time: while one is not answered only the newest of the others waits, so that a slider
// that is moved fast is followed as fast as there are answers. send is given what is asked; call answered when one came. An
// answer that does not come is waited for as long as patience says, in milliseconds.
function latest(send, patience = 5000) {
  let waiting, open = 0, timer = 0;
  const next = () => {
    clearTimeout(timer);
    open = 0;
    if (waiting === undefined) return;
    const what = waiting;
    waiting = undefined;
    open = 1;
    timer = setTimeout(next, patience);
    send(what);
  };
  return {
    ask(what) { waiting = what; if (!open) next(); },
    answered: next,
    stop() { waiting = undefined; open = 0; clearTimeout(timer); },
  };
}

// attach draws a widget whenever its state changes, and hands on what the program sends. It asks now and then whether the
// program is there: a page that shows the state of a notebook whose kernel is gone gets no answer. It returns whether it
// is, as connected, and begin and end.
//
// Keys are for what has the focus here. In its command mode a notebook takes them whatever has it: arrows that move a slider
// would go to another cell, and two judgements by D would delete this one. It leaves alone an element with the attribute; the
// form's controls, which are not ours, are in the same output. Ctrl S and its like stay the notebook's.
function attach(model, el, draw, heard) {
  let unheard = 0, again = 0;
  function hello() {
    clearTimeout(unheard);
    unheard = setTimeout(() => { life.connected = false; draw(); }, 15000);
    try { model.send({ do: "hello" }); } catch { life.connected = false; }
  }
  function hear(content, buffers) {
    clearTimeout(unheard);
    if (!life.connected) { life.connected = true; draw(); }
    heard(content, buffers);
  }
  function keys(e) {
    if (el.closest(".jp-OutputArea-child")?.contains(e.target)) e.target.toggleAttribute("data-lm-suppress-shortcuts", !e.ctrlKey && !e.metaKey && !e.altKey);
  }
  const life = {
    connected: true,
    begin() {
      window.addEventListener("keydown", keys, true); // before the notebook, which listens at the document
      el.addEventListener("keydown", (e) => e.stopPropagation());
      model.on("change", draw);
      model.on("msg:custom", hear);
      again = setInterval(hello, 20000);
      hello();
      draw();
    },
    end() {
      window.removeEventListener("keydown", keys, true);
      clearInterval(again);
      clearTimeout(unheard);
      model.off("change", draw);
      model.off("msg:custom", hear);
    },
  };
  return life;
}
