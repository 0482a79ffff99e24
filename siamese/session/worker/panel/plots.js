// Plots of the panel, as SVG.

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

