// threshold is the part below the plots in which the threshold of the run that is seen is moved. It has what every threshold
// does (see Steps of the lab's package threshold), so that moving asks nobody but for the wrong pairs.
function threshold(model, connected) {
  let stamp = 0, steps = null, at = 0, shown = null, known = null, settling = 0, told = "", left = null;
  const pictures = new Pictures();
  const send = (what) => connected() && model.send(what);
  const me = crypto.getRandomValues(new Uint32Array(2)).join("-"); // the state comes late: this page knows its own moves
  const moved = () => ({ run: model.get("cut").run, side: model.get("cut").side, moved: at, by: me });
  const what = element("div", { className: "what" }), problem = element("div", { className: "said", role: "status" });
  const slider = element("input", { type: "range", step: "0.001", "aria-label": "threshold", on: { input: () => move(Number(slider.value)) } });
  const typed = element("input", { type: "text", size: 8, inputMode: "decimal", "aria-label": "threshold in figures", on: {
    change: () => type(),
    keydown: (e) => { if (e.key === "Enter") type(); },
  } });
  const side = element("select", { "aria-label": "pairs that are counted", on: { change: () => send({ do: "side", ...moved(), side: side.value }) } },
    element("option", { value: "val" }, "validation pairs"), element("option", { value: "test" }, "pairs of test items"));
  const own = element("button", { type: "button", title: "back to the one that training chose", on: { click: () => {
    move(model.get("cut").own);
    clearTimeout(settling);
    send({ do: "own", ...moved() });
  } } }, "The model's own");
  const keep = element("button", { type: "button", title: "with the run: Keep this model writes it with the model", on: { click: () => {
    clearTimeout(settling);
    send({ do: "keep", ...moved() });
  } } }, "Keep this threshold");
  const kept = element("span", { className: "kept" });
  const plots = element("div", { className: "plots" });
  const which = element("select", { "aria-label": "which wrong pairs", on: { change: () => ask() } },
    element("option", { value: "" }, "farthest from the threshold"), element("option", { value: "near" }, "next to the threshold"));
  const groups = [element("div", { className: "pairs" }), element("div", { className: "pairs" })];
  const titles = [element("b"), element("b")];
  const body = element("div", {}, element("div", { className: "tools" }, slider, typed, side, own, keep, kept), plots,
    element("div", { className: "tools" }, element("span", {}, "Wrong pairs"), which),
    ...groups.map((g, i) => element("div", { className: "wrong" }, titles[i], g)));
  const root = element("div", { className: "cut" }, element("div", { className: "heading" }, "Threshold"), what, problem, body);

  const wrong = latest(() => send({ do: "wrong", stamp, at, near: which.value === "near", have: [...pictures.urls.keys()].slice(-150) }));
  const ask = () => wrong.ask(true);

  // The place of the step that does what a threshold does.
  function place(t) {
    let low = 0, high = steps.at.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (steps.at[middle] < t) low = middle + 1;
      else high = middle;
    }
    return low;
  }
  const same = (i) => (i < steps.at.length ? steps.same[i] : 0);
  const different = (i) => (i < steps.at.length ? steps.different[i] : 0);

  function type() {
    const text = typed.value.trim().replace(",", "."), t = text === "" ? NaN : Number(text);
    if (t >= -1 && t <= 1) {
      if (t !== at) move(t);
      problem.textContent = "";
      return;
    }
    problem.textContent = `the threshold is a number from -1 to 1, not "${typed.value}"`;
  }

  function move(t) {
    if (!steps) return;
    if (!steps.exact) t = steps.at[Math.min(place(t), steps.at.length - 1)]; // pairs are counted there
    at = t;
    problem.textContent = "";
    draw();
    ask();
    clearTimeout(settling);
    settling = setTimeout(() => { settling = 0; send({ do: "at", ...moved() }); }, 300);
  }

  // What is drawn once for some pairs: the curve, the bars, the cells. What moves is in shown.
  function build() {
    const p = same(0), n = different(0), last = steps.at.length - 1;
    const roc = frame("ROC: 1 - FNR by FPR", [0, 1], [0, 1]), points = [];
    let x = -1, y = -1; // points that cannot be told apart on the page are one
    for (let i = last; i >= 0; i--) {
      const a = different(i) / n, b = same(i) / p;
      if (i && i !== last && Math.abs(a - x) < 0.002 && Math.abs(b - y) < 0.002) continue;
      points.push(`${roc.x(a).toFixed(1)},${roc.y(b).toFixed(1)}`);
      [x, y] = [a, b];
    }
    roc.svg.append(shape("polyline", { points: points.join(" "), fill: "none", stroke: COLOURS[0], "stroke-width": 1.6 }));
    const dot = roc.svg.appendChild(shape("circle", { r: 4.5, fill: COLOURS[1], stroke: "#fff", "stroke-width": 1, class: "point" }));
    const low = steps.at[0], high = Math.max(steps.at[Math.max(0, last - 1)], low + 1e-3), bins = 50, bars = [];
    for (let k = 0; k < bins; k++) {
      const from = k ? place(low + (k / bins) * (high - low)) : 0, to = k === bins - 1 ? last : place(low + ((k + 1) / bins) * (high - low));
      bars.push([(same(from) - same(to)) / p, (different(from) - different(to)) / n]);
    }
    const h = frame("cosines: share of the pairs of each kind", [low, high], [0, Math.max(...bars.flat())]);
    for (const [kind, colour, name] of [[1, COLOURS[1], "different"], [0, COLOURS[0], "same"]]) {
      bars.forEach((b, k) => h.svg.append(shape("rect", { x: h.x(low + (k / bins) * (high - low)), width: (W - LEFT - RIGHT) / bins, y: h.y(b[kind]),
        height: Math.max(0, h.y(0) - h.y(b[kind])), fill: colour, "fill-opacity": 0.55 })));
      h.svg.append(shape("text", { x: (LEFT + W - RIGHT) / 2, y: TOP + 12 + 12 * kind, class: "legend", "text-anchor": "middle", style: `fill:${colour}` }, name));
    }
    const line = h.svg.appendChild(shape("line", { y1: TOP, y2: H - BOTTOM, class: "line" }));
    const cells = [0, 1, 2, 3].map(() => element("td")), rates = element("div", { className: "rates" });
    const row = (name, ...of) => element("tr", {}, element("th", { scope: "row" }, name), ...of);
    const head = element("tr", {}, ...["pairs", "called same", "called different"].map((t) => element("th", { scope: "col" }, t)));
    const table = element("table", { className: "confusion" }, element("thead", {}, head),
      element("tbody", {}, row("same", cells[0], cells[1]), row("different", cells[2], cells[3])));
    plots.replaceChildren(roc.svg, h.svg, element("div", { className: "counts" }, table, rates));
    slider.min = (Math.floor(Math.max(-1, low) * 1000) / 1000).toFixed(3);
    slider.max = (Math.ceil(Math.min(1, high) * 1000) / 1000).toFixed(3);
    shown = { p, n, roc, dot, h, low, high, line, cells, rates };
  }

  function draw() {
    const { p, n } = shown, i = place(at), tp = same(i), fp = different(i), clamp = Math.min(shown.high, Math.max(shown.low, at));
    shown.dot.setAttribute("cx", shown.roc.x(fp / n));
    shown.dot.setAttribute("cy", shown.roc.y(tp / p));
    for (const end of ["x1", "x2"]) shown.line.setAttribute(end, shown.h.x(clamp));
    [tp, p - tp, fp, n - fp].forEach((v, k) => { shown.cells[k].textContent = String(v); });
    const fpr = fp / n, fnr = (p - tp) / p, digits = (v) => v.toFixed(4);
    shown.rates.textContent = `balanced accuracy ${digits(1 - (fpr + fnr) / 2)}, FPR ${digits(fpr)}, FNR ${digits(fnr)}`;
    if (Number(slider.value) !== at) slider.value = String(at);
    slider.setAttribute("aria-valuetext", `${digits(at)}: ${shown.rates.textContent}`);
    if (document.activeElement !== typed || Number(typed.value) !== at) typed.value = digits(at);
    titles[0].textContent = `called same, but different: ${fp}`;
    titles[1].textContent = `called different, but same: ${p - tp}`;
  }

  // A pair as its two pictures, or as a row where items have none.
  function drawPairs(group, pairs) {
    const name = (i) => i.id + (i.label ? ` [${i.label}]` : "") + (i.domain ? ` ${i.domain}` : "");
    const seen = (i) => (pictures.has(i.id) ? pictures.image(i.id, { alt: name(i), title: name(i) }) : element("span", { className: "none" }, i.id));
    if (pairs.some((w) => pictures.has(w.left.id) || pictures.has(w.right.id)))
      return group.replaceChildren(...pairs.map((w) => element("figure", {}, seen(w.left), seen(w.right),
        element("figcaption", { title: `${name(w.left)} and ${name(w.right)}` }, w.cosine.toFixed(4), element("br"),
          w.left.label === w.right.label ? w.left.label || `${w.left.id} | ${w.right.id}` : `${w.left.label || w.left.id} | ${w.right.label || w.right.id}`))));
    const cells = (...of) => of.map((t) => element("td", {}, t));
    group.replaceChildren(element("table", {}, element("tbody", {}, ...pairs.map((w) => element("tr", {}, ...cells(w.cosine.toFixed(4), name(w.left), name(w.right)))))));
  }

  function copy(view, type) {
    return new type(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
  }

  return {
    root,
    heard(m, buffers) {
      if (m.steps === stamp && stamp) {
        steps = { exact: m.exact, at: copy(buffers[0], Float64Array), same: copy(buffers[1], Uint32Array), different: copy(buffers[2], Uint32Array) };
        at = known = model.get("cut").threshold;
        build();
        draw();
        ask();
        this.draw();
      } else if (m.wrong === stamp && stamp) {
        m.ids.forEach((id, i) => pictures.put(id, buffers[i]));
        drawPairs(groups[0], m.accepted);
        drawPairs(groups[1], m.missed);
        root.dataset.at = String(m.at);
        wrong.answered();
      }
    },
    draw() {
      const cut = model.get("cut");
      root.hidden = !cut.run;
      if (cut.stamp !== stamp) {
        if (cut.run !== told) { pictures.clear(); told = cut.run; }
        [stamp, steps] = [cut.stamp, null];
        wrong.stop();
        clearTimeout(settling);
        settling = 0;
        delete root.dataset.at;
        if (stamp) send({ do: "steps", stamp });
      } else if (steps && cut.by !== me && cut.threshold !== known) { // another page has moved it
        at = known = cut.threshold;
        draw();
        ask();
      }
      what.textContent = cut.problem ? "" : cut.stamp ? cut.what : "pairs are scored";
      if (cut.problem) problem.textContent = cut.problem;
      if (!steps && body.contains(document.activeElement)) left = document.activeElement;
      body.hidden = !steps;
      if (steps && left) { // keys go on where they were while pairs were loaded, unless they went elsewhere
        if (document.activeElement === document.body) left.focus({ preventScroll: true });
        left = null;
      }
      side.value = cut.side || "val";
      side.options[1].disabled = !cut.test;
      kept.textContent = cut.kept === null ? "" : `kept: ${cut.kept.toFixed(4)}`;
      own.textContent = `The model's own${cut.stamp ? " (" + cut.own.toFixed(4) + ")" : ""}`;
      for (const b of [own, keep, side]) b.disabled = !model.get("alive") || !connected();
    },
    end() {
      wrong.stop();
      clearTimeout(settling);
      pictures.clear();
    },
  };
}

