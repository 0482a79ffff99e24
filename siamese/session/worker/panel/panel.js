// Plots and tables of the panel: an ES module by the rules of anywidget, after kit.js of package widgetkit. All text of
// others is put in as text; the one HTML is that of comparisons, which the lab has escaped.

const COLOURS = ["#4c78a8", "#f58518", "#54a24b", "#e45756", "#72b7b2", "#b279a2", "#ff9da6", "#9d755d", "#bab0ac", "#eeca3b"];

// Axes with a few ticks; returns the functions from values to places.
const W = 300, H = 190, LEFT = 46, RIGHT = 8, TOP = 22, BOTTOM = 26;

function frame(title, [x0, x1], [y0, y1]) {
  if (!(x1 > x0)) x1 = x0 + 1;
  if (!(y1 > y0)) { const d = Math.abs(y0) * 0.05 || 0.5; y0 -= d; y1 += d; }
  const svg = shape("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": title });
  svg.append(shape("text", { x: LEFT, y: 14, class: "title" }, title));
  const x = (v) => LEFT + ((v - x0) / (x1 - x0)) * (W - LEFT - RIGHT);
  const y = (v) => H - BOTTOM - ((v - y0) / (y1 - y0)) * (H - TOP - BOTTOM);
  for (const share of [0, 0.5, 1]) {
    const a = x0 + share * (x1 - x0), b = y0 + share * (y1 - y0);
    svg.append(shape("line", { x1: LEFT, x2: W - RIGHT, y1: y(b), y2: y(b), class: "grid" }));
    svg.append(shape("text", { x: LEFT - 4, y: y(b) + 3, "text-anchor": "end" }, words(b)));
    svg.append(shape("text", { x: x(a), y: H - BOTTOM + 13, "text-anchor": share === 1 ? "end" : share ? "middle" : "start" }, words(a)));
  }
  return { svg, x, y };
}

function range(values) {
  let low = Infinity, high = -Infinity;
  for (const v of values) if (Number.isFinite(v)) { low = Math.min(low, v); high = Math.max(high, v); }
  return low <= high ? [low, high] : [0, 1];
}

function curve(title, points, colour, dots, most) {
  const p = frame(title, [0, Math.max(most, ...range(points.map((q) => q[0])))], range(points.map((q) => q[1])));
  p.svg.append(shape("polyline", { points: points.map(([a, b]) => `${p.x(a).toFixed(1)},${p.y(b).toFixed(1)}`).join(" "),
    fill: "none", stroke: colour, "stroke-width": 1.6 }));
  if (dots) for (const [a, b] of points) p.svg.append(shape("circle", { cx: p.x(a), cy: p.y(b), r: 2.5, fill: colour }));
  p.svg.append(shape("text", { x: W - RIGHT, y: H - 3, "text-anchor": "end" }, "epochs"));
  return p.svg;
}

function histogram(same, different) {
  const share = (bins) => { const sum = bins.reduce((a, b) => a + b, 0) || 1; return bins.map((n) => n / sum); };
  const a = share(same), b = share(different);
  const p = frame("cosines of validation pairs", [-1, 1], [0, Math.max(...a, ...b)]);
  for (const [bins, colour, name, at] of [[b, COLOURS[1], "different", 1], [a, COLOURS[0], "same", 0]]) {
    const step = 2 / bins.length;
    bins.forEach((v, i) => p.svg.append(shape("rect", { x: p.x(-1 + i * step), width: p.x(step) - p.x(0), y: p.y(v),
      height: Math.max(0, p.y(0) - p.y(v)), fill: colour, "fill-opacity": 0.55 })));
    p.svg.append(shape("text", { x: LEFT + 6, y: TOP + 12 + 12 * at, fill: colour, class: "legend", style: `fill:${colour}` }, name));
  }
  return p.svg;
}

function map(m) {
  const p = frame("test items by their embeddings", range(m.x), range(m.y));
  m.x.forEach((x, i) => {
    const dot = shape("circle", { cx: p.x(x), cy: p.y(m.y[i]), r: 2.2, fill: COLOURS[m.class[i] % COLOURS.length], "fill-opacity": 0.8 });
    dot.append(shape("title", {}, `${m.id[i]}${m.classes[m.class[i]] ? " [" + m.classes[m.class[i]] + "]" : ""}`));
    p.svg.append(dot);
  });
  return p.svg;
}

// Columns of the table: title, value to sort by, text.
const metric = (key) => (r) => r.metrics?.[key]?.value;
const interval = (key) => (r) => {
  const m = r.metrics?.[key];
  return !m ? "" : m.low || m.high ? `${m.value.toFixed(4)} [${m.low.toFixed(4)}, ${m.high.toFixed(4)}]` : m.value.toFixed(4);
};
const COLUMNS = [
  ["run", (r) => r.number, (r) => String(r.number)],
  ["name", (r) => r.name, null],
  ["settings", (r) => r.what, (r) => r.what],
  ["seed", (r) => Number(r.seed), (r) => r.seed],
  ["state", (r) => r.status, (r) => r.status],
  ["MAP@R", metric("map_at_r"), interval("map_at_r")],
  ["ROC-AUC", metric("roc_auc"), interval("roc_auc")],
  ["epochs", (r) => r.epochs, (r) => String(r.epochs || "")],
  ["seconds", (r) => r.seconds, (r) => (r.seconds ? r.seconds.toFixed(1) : "")],
  ["begun", (r) => r.made, (r) => r.made],
];

const TICKED = ["delete", "seeds", "save"]; // what is done to ticked runs only

function render({ model, el }) {
  el.classList.add("siamese-panel");
  const chosen = new Set();
  let sort = { column: 0, down: true }, seenRuns = "", seenCompared = "";

  const hide = document.head.appendChild(document.createElement("style"));
  const banner = element("div", { className: "banner", role: "alert" });
  const title = element("b"), place = element("span"), bar = element("progress", { max: 1 });
  const said = element("div", { className: "said", role: "status" });
  const warnings = element("ul", { className: "warnings" });
  const plots = element("div", { className: "plots" });
  const table = element("div", { className: "runs" });
  const compared = element("div", { className: "compared" });
  const file = element("input", { type: "text", value: "model.safetensors", size: 18, "aria-label": "file to keep the model in" });
  const ask = (what, text = "") => model.send({ do: what, runs: ids(!TICKED.includes(what)), text });
  const button = (label, what, help, text) =>
    element("button", { type: "button", title: help, on: { click: () => ask(what, text?.() ?? "") } }, label);
  const tools = element("div", { className: "tools" },
    button("Show", "show", "plots of the run"), button("Copy settings", "copy", "into the form"),
    button("Compare", "compare", "two runs or more: settings, and differences of metrics with intervals"),
    button("3 other seeds", "seeds", "the same settings again"), button("Go on", "resume", "with a run that was stopped, or whose model is gone"),
    button("Delete", "delete", "the runs, not their files"),
    element("span", { className: "keep" }, button("Keep this model", "save", "as a file", () => file.value), file));
  el.append(banner, element("div", { className: "head" }, title, " ", place), bar, said, warnings, plots,
    element("div", { className: "heading" }, "Runs"), tools, table, compared);

  // The runs that are ticked, in the order of the table; with newest that one where none is.
  function ids(newest) {
    const runs = model.get("runs"), ticked = ordered(runs).filter((r) => chosen.has(r.id)).map((r) => r.id);
    return ticked.length || !newest || !runs.length ? ticked : [runs[runs.length - 1].id];
  }

  function ordered(runs) {
    const value = COLUMNS[sort.column][1], sign = sort.down ? -1 : 1;
    return [...runs].sort((a, b) => {
      const x = value(a), y = value(b);
      if (x === undefined || y === undefined) return (x === undefined) - (y === undefined); // those without come last
      return sign * (x < y ? -1 : x > y ? 1 : 0);
    });
  }

  function drawRuns() {
    const runs = model.get("runs"), busy = model.get("busy"), live = model.get("live");
    const seen = JSON.stringify([runs, busy, live.run, sort]);
    if (seen === seenRuns) return;
    const editing = table.contains(document.activeElement) && document.activeElement.type === "text";
    if (editing && seenRuns) return; // what is typed must not be lost: it is drawn when the field is left
    seenRuns = seen;
    for (const id of chosen) if (!runs.some((r) => r.id === id)) chosen.delete(id);
    const focus = table.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    const head = element("tr", {}, element("th"), ...COLUMNS.map(([name], i) =>
      element("th", { "aria-sort": sort.column !== i ? "none" : sort.down ? "descending" : "ascending" },
        element("button", { type: "button", "data-key": "sort" + i, on: { click: () => {
          sort = { column: i, down: sort.column === i ? !sort.down : true };
          drawRuns();
        } } }, name + (sort.column !== i ? "" : sort.down ? " ▾" : " ▴")))));
    const body = ordered(runs).map((r) => {
      const tick = element("input", { type: "checkbox", checked: chosen.has(r.id), "data-key": "tick" + r.id, "aria-label": `run ${r.number}`,
        on: { change: (e) => (e.target.checked ? chosen.add(r.id) : chosen.delete(r.id)) } });
      const name = element("input", { type: "text", value: r.name, placeholder: "name", "data-key": "name" + r.id, "aria-label": `name of run ${r.number}`,
        on: {
          change: (e) => model.send({ do: "rename", runs: [r.id], text: e.target.value }),
          keydown: (e) => { e.stopPropagation(); if (e.key === "Enter") e.target.blur(); },
          blur: () => setTimeout(drawRuns),
        } });
      const cells = COLUMNS.map(([, , text]) => element("td", {}, text ? text(r) : name));
      cells[2].title = r.what;
      cells[4].textContent = r.id === busy.run && busy.paused ? "paused" : r.status;
      return element("tr", { className: r.id === live.run ? "shown" : "", title: r.note }, element("td", {}, tick), ...cells);
    });
    table.replaceChildren(runs.length ? element("table", {}, element("thead", {}, head), element("tbody", {}, ...body))
      : element("p", {}, "No run is kept yet: click Run."));
    if (focus) table.querySelector(`[data-key="${focus}"]`)?.focus();
  }

  // A page that shows the state of a notebook whose kernel is gone gets no answer.
  let connected = true, asked = 0;
  function hello() {
    clearTimeout(asked);
    asked = setTimeout(() => { connected = false; draw(); }, 15000);
    try {
      model.send({ do: "hello" });
    } catch {
      connected = false;
    }
  }
  function heard() {
    clearTimeout(asked);
    if (!connected) { connected = true; draw(); }
  }

  function draw() {
    const live = model.get("live"), busy = model.get("busy"), alive = model.get("alive") && connected;
    hide.textContent = alive && model.get("shown") ? `.siamese-panel-${model.get("shown")}{display:none}` : "";
    banner.textContent = alive ? "" : "The session's worker has ended or was restarted: run the cell again to open the panel. What was finished is kept.";
    el.classList.toggle("ended", !alive);
    for (const b of tools.querySelectorAll("button")) b.disabled = !alive;
    title.textContent = live.title;
    place.textContent = (live.run && live.run === busy.run && busy.paused ? "paused: " : "") + live.place + (busy.waiting ? ` (${busy.waiting} more waiting)` : "");
    bar.value = live.share;
    bar.hidden = !live.run || live.run !== busy.run;
    said.textContent = model.get("said");
    warnings.replaceChildren(...live.warnings.map((w) => element("li", {}, w)));
    const all = [];
    if (live.loss.length) all.push(curve("loss", live.loss, COLOURS[0], live.loss.length < 3, 1));
    if (live.val.length) all.push(curve(live.monitor + " on validation items", live.val, COLOURS[2], true, 1));
    if (live.same) all.push(histogram(live.same, live.different));
    if (live.map) all.push(map(live.map));
    plots.replaceChildren(...all);
    drawRuns();
    if (seenCompared !== model.get("compared")) {
      seenCompared = model.get("compared");
      compared.innerHTML = seenCompared;
    }
  }

  // Keys are for the page's fields here, not for the notebook's commands.
  el.addEventListener("keydown", (e) => e.stopPropagation());
  model.on("change", draw);
  model.on("msg:custom", heard);
  const again = setInterval(hello, 20000);
  hello();
  draw();
  return () => {
    clearInterval(again);
    clearTimeout(asked);
    model.off("change", draw);
    model.off("msg:custom", heard);
    hide.remove();
  };
}

export default { render };
