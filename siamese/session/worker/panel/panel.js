// The panel: an ES module by the rules of anywidget, after kit.js of package widgetkit, plots.js and cut.js. All text of
// others is put in as text; the one HTML is that of comparisons, which the lab has escaped.

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
  const cut = threshold(model, () => life.connected);
  el.append(banner, element("div", { className: "head" }, title, " ", place), bar, said, warnings, plots, cut.root,
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

  function draw() {
    const live = model.get("live"), busy = model.get("busy"), alive = model.get("alive") && life.connected;
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
    cut.draw();
    drawRuns();
    if (seenCompared !== model.get("compared")) {
      seenCompared = model.get("compared");
      compared.innerHTML = seenCompared;
    }
  }

  const life = attach(model, el, draw, (content, buffers) => cut.heard(content, buffers));
  life.begin();
  return () => {
    life.end();
    cut.end();
    hide.remove();
  };
}

export default { render };
