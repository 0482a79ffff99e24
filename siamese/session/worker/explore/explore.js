// The page of the explorer: an ES module by the rules of anywidget, behind kit.js of package widgetkit. All text of others
// is put in as text.

// How labels agree, as shape and word; the colour is the style sheet's.
const AGREES = { same: ["●", "same label"], different: ["▲", "another label"], "": ["○", "no label to compare"] };
const VERDICTS = [["same", "S", "same"], ["different", "D", "different"], ["unsure", "U", "not sure"]];

function move(n, place) {
  if (n.was === 0 || n.was === place) return ["", ""];
  if (n.was < 0) return ["new", "was not looked among before"];
  return n.was > place ? [`↑ ${n.was}`, `up from ${n.was}`] : [`↓ ${n.was}`, `down from ${n.was}`];
}

function render({ model, el }) {
  el.classList.add("siamese-explore");
  const info = model.get("info");
  const page = Math.random().toString(36).slice(2);
  const pictures = new Pictures(), asked = new Set(), without = new Set(); // those that are awaited, and that have none
  let count = 0, pending = "", begins = true, first = false, focus = "", held = false;

  const hide = document.head.appendChild(document.createElement("style"));
  const banner = element("div", { className: "banner", role: "alert" });
  const said = element("div", { className: "said", role: "status" });

  function send(message) {
    pending = `${page}:${++count}`; // until it is answered
    model.send({ ...message, seq: pending });
  }
  // Of a movement's settings the newest are sent, with whether they are the first of it.
  const moves = latest(() => {
    send({ do: "set", begin: first,
      settings: { kind: kind.value, share: Number(share.value), k: Number(k.value), expand: Number(expand.value), label: label.value, domain: domain.value } });
    first = false;
  });
  function change() {
    labels();
    first ||= begins;
    begins = false;
    moves.ask(true);
  }
  const moved = { input: change, change: () => { begins = true; } };
  const once = () => { begins = true; change(); begins = true; }; // a movement of its own
  const chosen = { change: once };

  // The query: typed, by chance, or back.
  const field = element("input", { type: "text", placeholder: "an item's id", size: 24, role: "combobox", autocomplete: "off", spellcheck: false,
    "aria-label": "item to look at", "aria-expanded": "false", "aria-autocomplete": "list", on: { input: type, keydown: typed, blur: () => setTimeout(close, 150) } });
  const offers = element("ul", { className: "offers", role: "listbox", hidden: true });
  let chosenOffer = -1;
  function type() { model.send({ do: "complete", text: field.value }); }
  function close() { offers.hidden = true; field.setAttribute("aria-expanded", "false"); chosenOffer = -1; }
  function typed(e) {
    const list = [...offers.querySelectorAll("[role=option]")];
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      e.preventDefault();
      if (offers.hidden) { type(); return; }
      chosenOffer = Math.max(-1, Math.min(list.length - 1, chosenOffer + (e.key === "ArrowDown" ? 1 : -1)));
      list.forEach((o, i) => o.setAttribute("aria-selected", i === chosenOffer ? "true" : "false"));
      list[chosenOffer]?.scrollIntoView({ block: "nearest" });
    } else if (e.key === "Enter") {
      look(chosenOffer >= 0 && !offers.hidden ? list[chosenOffer].dataset.id : field.value);
    } else if (e.key === "Escape") close();
  }
  function offer(m) {
    if (m.text !== field.value || document.activeElement !== field) return; // typed on, or by another page
    chosenOffer = -1;
    offers.replaceChildren(...m.offered.map((o) => element("li", { role: "option", "data-id": o.id, "aria-selected": "false",
      on: { mousedown: (e) => { e.preventDefault(); look(o.id); } } }, o.id, ...(o.label ? [element("span", { className: "label" }, " " + o.label)] : []))));
    const more = m.total - m.offered.length;
    if (more > 0) offers.append(element("li", { className: "more" }, `and ${more} more: type on`));
    if (!m.total) offers.append(element("li", { className: "more" }, "no id has this in it"));
    offers.hidden = false;
    field.setAttribute("aria-expanded", "true");
  }
  function look(id) { close(); held = true; focus = ""; send({ do: "look", text: id }); }
  const button = (text, help, click) => element("button", { type: "button", title: help, on: { click } }, text);
  const random = button("Random", "another item, by chance", () => send({ do: "random" }));
  const back = button("Back", "to the item before", () => send({ do: "back" }));

  // What it looks by.
  const kind = element("select", { "aria-label": "similarity", on: chosen }, ...info.kinds.map((o) => element("option", { value: o.name }, o.title)));
  const share = element("input", { type: "range", min: 0, max: 1, step: 0.01, "aria-label": "feature share", on: moved });
  const shareText = element("output");
  const own = button("model's own", "the feature share that the model was trained with", () => { share.value = info.share; once(); });
  const k = element("input", { type: "range", min: 1, max: info.most, step: 1, "aria-label": "neighbours", on: moved });
  const kText = element("output");
  // All items are compared with all for it: it is asked for when the slider is let go of.
  const expand = element("input", { type: "range", min: 0, max: info.expand, step: 1, value: 0, "aria-label": "gallery expansion",
    title: "every item becomes the mean of itself and its nearest, by their cosines", on: { input: labels, change: once } });
  const expandText = element("output");
  function rules(name, list, left) {
    const of = (value, text) => element("option", { value }, text);
    const s = element("select", { "aria-label": `among items by ${name}`, on: chosen }, of("", "all"), of("same", `its own ${name}`), of("other", `another ${name}`),
      ...list.map((one) => of("=" + one, one)));
    if (left) s.append(element("option", { disabled: true }, `(${left} more are not listed)`));
    return s;
  }
  const label = rules("label", info.labels, info.left[0]), domain = rules("domain", info.domains, info.left[1]);
  const row = (text, ...parts) => element("label", {}, element("span", {}, text), ...parts);
  const controls = element("div", { className: "controls" }, row("similarity", kind),
    element("div", { className: "share" }, row("feature share", share, shareText), own), row("neighbours", k, kText),
    ...(info.expand ? [row("gallery expansion", expand, expandText)] : []),
    ...(info.labels.length ? [row("among label", label)] : []), ...(info.domains.length ? [row("among domain", domain)] : []));
  function labels() {
    shareText.textContent = Number(share.value).toFixed(2);
    kText.textContent = k.value;
    expandText.textContent = Number(expand.value) || "off";
    share.disabled = own.disabled = kind.value !== "model";
  }

  const query = element("div", { className: "query" });
  const words = element("div", { className: "words" });
  const list = element("ol", { className: info.pictures ? "items pictures" : "items", "aria-label": "neighbours", on: { keydown: keys } });
  const legend = element("div", { className: "legend" }, ...["same", "different"].flatMap((a) => [element("span", { className: "agrees " + a }, AGREES[a][0]), ` ${AGREES[a][1]}  `]),
    "↑ ↓ where it stood before. Keys: arrows, S same, D different, U not sure, Enter looks at it, Backspace goes back.");
  const judged = element("details", { className: "judged", open: true });
  el.append(banner, element("div", { className: "bar" }, element("div", { className: "search" }, field, offers), random, back), said,
    element("div", { className: "body" }, element("div", { className: "side" }, query, controls), element("div", { className: "main" }, words, list, legend)), judged);

  const picture = (id) => (pictures.has(id) ? pictures.image(id, { alt: "", draggable: false })
    : element("span", { className: "none" }, without.has(id) ? "no picture" : "…"));
  const item = (of) => [element("span", { className: "id", title: of.id }, of.id), ...(of.label ? [element("span", { className: "label" }, of.label)] : []),
    ...(of.domain ? [element("span", { className: "domain" }, of.domain)] : [])];

  function judge(id, verdict) {
    send({ do: "judge", left: model.get("found").query.id, right: id, verdict });
  }
  function keys(e) {
    const at = e.target.closest("li");
    if (!at || e.ctrlKey || e.metaKey || e.altKey) return;
    const all = [...list.children], i = all.indexOf(at);
    const to = (j) => { const next = all[Math.max(0, Math.min(all.length - 1, j))]; stop(next); next.focus(); };
    const verdict = VERDICTS.find(([, key]) => key === e.key.toUpperCase());
    if (verdict) { judge(at.dataset.id, verdict[0]); to(i + 1); }
    else if (e.key === "ArrowRight" || e.key === "ArrowDown") to(i + (e.key === "ArrowDown" ? across() : 1));
    else if (e.key === "ArrowLeft" || e.key === "ArrowUp") to(i - (e.key === "ArrowUp" ? across() : 1));
    else if (e.key === "Home") to(0);
    else if (e.key === "End") to(all.length - 1);
    else if (e.key === "Enter" && e.target === at) look(at.dataset.id);
    else if (e.key === "Backspace") { held = true; focus = ""; send({ do: "back" }); }
    else return;
    e.preventDefault();
  }
  function across() { // items beside each other
    const all = [...list.children];
    return Math.max(1, all.findIndex((li) => li.offsetTop > all[0].offsetTop + 4));
  }
  function stop(li) { // where Tab stops in the list
    for (const other of list.children) other.tabIndex = other === li ? 0 : -1;
    focus = li.dataset.id;
  }

  function draw() {
    const found = model.get("found"), marks = model.get("marks"), alive = model.get("alive") && life.connected;
    if (model.get("seq") === pending) {
      pending = "";
      moves.answered();
    }
    if (model.get("judged") !== seenJudged) drawJudged();
    hide.textContent = alive && model.get("shown") ? `.siamese-explore-${model.get("shown")}{display:none}` : "";
    banner.textContent = alive ? "" : "The session's worker has ended or was restarted: run the cell again to open the explorer. Judged pairs are kept.";
    el.classList.toggle("ended", !alive);
    for (const b of el.querySelectorAll("button, input, select")) b.disabled = !alive;
    if (!pending && ![share, k, expand].some((c) => c.matches(":active"))) { // what is being moved is not moved back
      kind.value = found.settings.kind; share.value = found.settings.share; k.value = found.settings.k; expand.value = found.settings.expand;
      label.value = found.settings.label; domain.value = found.settings.domain;
    }
    labels();
    if (!alive) share.disabled = own.disabled = true;
    back.disabled = !alive || !model.get("past");
    said.textContent = model.get("said") || (model.get("slow") ? "computes …" : info.notice);
    query.replaceChildren(...(info.pictures ? [element("div", { className: "picture", "data-picture": found.query.id }, picture(found.query.id))] : []), ...item(found.query));
    const none = found.list.length ? "" : "no item is left to look among";
    words.textContent = [none, found.among ? `${found.list.length} of ${found.among} items` : "", found.above >= 0 && found.list.length ? `${found.above} of them the same by the model's threshold` : "",
      found.before ? `moves: from ${found.before}` : ""].filter(Boolean).join("; ");
    const inside = list.contains(document.activeElement), acting = inside && document.activeElement.tagName === "BUTTON" ? document.activeElement.dataset.key : "";
    if (!found.list.some((n) => n.id === focus)) focus = found.list[0]?.id ?? "";
    list.replaceChildren(...found.list.map((n, i) => {
      const [arrow, from] = move(n, i + 1), [shape, agrees] = AGREES[n.agrees], verdict = marks[n.id] ?? "";
      const wrong = (n.agrees === "same" && verdict === "different") || (n.agrees === "different" && verdict === "same");
      const says = VERDICTS.find(([v]) => v === verdict)?.[2] ?? verdict;
      return element("li", { className: `${n.agrees || "unknown"} ${verdict && "marked"}`, "data-id": n.id, tabIndex: n.id === focus ? 0 : -1,
        "aria-label": [`${i + 1}: ${n.id}`, n.label, agrees, `cosine ${n.cosine.toFixed(3)}`, from, verdict && `judged ${says}`, wrong && "the labels say otherwise"].filter(Boolean).join(", "),
        on: { focus: (e) => { if (e.target === e.currentTarget) stop(e.target); } } },
        element("div", { className: info.pictures ? "picture" : "open", title: "look at it", ...(info.pictures ? { "data-picture": n.id } : {}), on: { click: () => look(n.id) } }, ...(info.pictures ? [picture(n.id)] : [`${i + 1}`])),
        element("div", { className: "text", on: { click: () => look(n.id) } }, ...item(n)),
        element("div", { className: "value" }, element("span", { className: "agrees " + (n.agrees || "unknown"), title: agrees }, shape), " " + n.cosine.toFixed(3),
          element("span", { className: "move " + (arrow.startsWith("↑") ? "up" : arrow ? "down" : ""), title: from }, arrow ? " " + arrow : "")),
        element("div", { className: "marks" }, ...VERDICTS.map(([name, key, text]) => element("button", { type: "button", tabIndex: -1, "data-key": n.id + " " + name, title: `${text} (${key})`,
          "aria-pressed": verdict === name ? "true" : "false", disabled: !alive, on: { click: () => judge(n.id, verdict === name ? "" : name) } }, { same: "=", different: "≠", unsure: "?" }[name]))),
        ...(wrong ? [element("div", { className: "wrong" }, "labels say otherwise")] : []));
    }));
    if (held && !pending && model.get("said")) held = false; // what was typed is there to be corrected
    if (held && !pending) field.value = "";
    if (inside || held) {
      const to = acting ? [...list.querySelectorAll("button")].find((b) => b.dataset.key === acting) : [...list.children].find((li) => li.dataset.id === focus);
      if (!held || !pending) { to?.focus({ preventScroll: inside }); held = false; }
    }
    const need = info.pictures ? [found.query, ...found.list].map((n) => n.id).filter((id) => !pictures.has(id) && !asked.has(id) && !without.has(id)) : [];
    if (need.length && alive) {
      for (const id of need) asked.add(id);
      model.send({ do: "pictures", ids: need });
    }
    el.dataset.drawn = model.get("seq");
  }

  let seenJudged = null;
  function drawJudged() {
    const j = seenJudged = model.get("judged"), against = j.against ? `; ${j.against} against the labels` : "";
    const name = (of) => element("button", { type: "button", className: "link", title: "look at it", on: { click: () => look(of.id) } }, of.id + (of.label ? ` [${of.label}]` : ""));
    const rows = j.list.map((p) => element("tr", { className: p.against ? "against" : "" }, element("td", {}, name(p.left)),
      element("td", {}, { same: "= same", different: "≠ different", unsure: "? not sure" }[p.verdict] ?? p.verdict), element("td", {}, name(p.right)),
      element("td", {}, p.against ? "labels say otherwise" : ""),
      element("td", {}, element("button", { type: "button", title: "take it back", on: { click: () => send({ do: "judge", left: p.left.id, right: p.right.id, verdict: "" }) } }, "Undo"))));
    judged.replaceChildren(element("summary", {}, `Judged pairs in ${j.file}: ${j.summary}${against}`),
      ...(j.code ? [element("div", {}, "They train: ", element("code", {}, j.code))] : []),
      ...(rows.length ? [element("div", { className: "table" }, element("table", {}, element("tbody", {}, ...rows)))] : []),
      ...(j.total > rows.length ? [element("div", {}, `and ${j.total - rows.length} earlier ones`)] : []));
  }

  function heard(m, buffers) {
    if (m.offered) offer(m);
    if (m.pictures) {
      m.pictures.forEach((id, i) => {
        asked.delete(id);
        if (!buffers[i].byteLength) without.add(id);
        else if (!pictures.has(id)) pictures.put(id, buffers[i]);
        for (const p of el.querySelectorAll("[data-picture]")) if (p.dataset.picture === id) p.replaceChildren(picture(id));
      });
    }
  }

  const life = attach(model, el, draw, heard);
  life.begin();
  return () => {
    life.end();
    moves.stop();
    pictures.clear();
    hide.remove();
  };
}

export default { render };
