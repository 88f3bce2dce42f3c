const data = JSON.parse(document.getElementById("data").textContent);
const place = id => document.getElementById(id);

lazily(place("ap-chart"), target => {
  const step = 22, top = 4, width = Math.max(320, Math.min(900, target.clientWidth || 640)), left = 92, right = 12;
  const height = data.classes.length * step + top + 24, sx = value => left + value * (width - left - right);
  const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "average precision by class", style: `max-width:${width}px` });
  for (const at of [0, 0.25, 0.5, 0.75, 1]) svg.append(
    element("line", { class: "axis", x1: sx(at), x2: sx(at), y1: top, y2: height - 22 }), element("text", { x: sx(at), y: height - 6, "text-anchor": "middle" }, String(at)));
  data.classes.forEach((one, i) => {
    const y = top + i * step + step / 2;
    svg.append(element("text", { x: left - 8, y: y + 4, "text-anchor": "end" }, one.tag));
    BOTH.forEach((name, k) => {
      const m = one.metrics[name], at = y + (k ? 4.5 : -4.5);
      svg.append(element("line", { class: `rule ${name}`, x1: sx(m.average_precision_low), x2: sx(m.average_precision_high), y1: at, y2: at }));
      svg.append(element("circle", { class: `mark ${name}`, cx: sx(m.average_precision), cy: at, r: 3.6 }, element("title", {}, `${one.name}, ${name}: ${number(m.average_precision)}`)));
    });
  });
  target.append(svg);
});

const byTag = Object.fromEntries(data.classes.map(one => [one.tag, one]));
let kind = null;
for (const one of data.tree) {
  const trained = byTag[one.tag];
  if (one.depth === 0 && one.kind !== kind) kind = one.kind;
  const label = trained ? element("a", { href: `#class-${one.tag}` }, one.name) : element("span", { class: "soft" }, one.name);
  const figures = trained ? [element("span", { class: "soft" }, `${trained.positives}  `), element("span", { class: "dnn" }, number(trained.metrics.dnn.average_precision, 2)), " ", element("span", { class: "xgb" }, number(trained.metrics.xgb.average_precision, 2))] : [];
  place("class-tree").append(element("div", { style: `padding-left:${one.depth * 1.3}rem` }, label, element("code", { class: "soft" }, one.tag), element("span", { class: "figure" }, ...figures)));
}

const listed = data.cards.map(card => ({ card, made: null }));
const perPage = 25;
let page = 0, fit = listed;
const show = () => {
  const [back, on] = place("pages").querySelectorAll("button"), last = Math.max(0, Math.ceil(fit.length / perPage) - 1);
  page = Math.min(Math.max(page, 0), last);
  const shown = fit.slice(page * perPage, (page + 1) * perPage);
  place("cards").replaceChildren(...shown.map(one => (one.made ??= cardOf(one.card))));
  place("pages").querySelector("span").textContent = fit.length ? `${page * perPage + 1} to ${page * perPage + shown.length} of ${fit.length}` : "none";
  back.disabled = page === 0;
  on.disabled = page === last;
};
const search = () => {
  const word = place("find").value.trim().toLowerCase(), tag = place("only").value;
  fit = listed.filter(({ card }) => (!tag || card.rows.some(row => row.tag === tag)) && (!word ||
    [card.name, card.ra, card.dec, card.degrees, ...card.rows.flatMap(row => [row.light_curve, row.obj_id])].join(" ").toLowerCase().includes(word)));
  page = 0;
  show();
};
/* Opening the card of a source, wherever it is in the list. */
const open = i => {
  place("find").value = place("only").value = "";
  search();
  page = Math.floor(i / perPage);
  show();
  listed[i].made.open = true;
  listed[i].made.scrollIntoView({ block: "start" });
};
if (listed.length) {
  const [back, on] = place("pages").querySelectorAll("button");
  const named = new Map(data.cards.flatMap(card => card.rows.map(row => [row.tag, row.name])));
  for (const [tag, name] of named) place("only").append(element("option", { value: tag }, `${tag} (${name})`));
  place("find").addEventListener("input", search);
  place("only").addEventListener("change", search);
  back.addEventListener("click", () => { page -= 1; show(); });
  on.addEventListener("click", () => { page += 1; show(); });
  show();
}

const radius = data.cards.length < 200 ? 3.5 : 2;
lazily(place("plane"), target => {
  const { plane } = data, side = plane.side, to = value => value / side;
  target.append(chart({ domain: [0, 1], title: "DNN score" }, { domain: [0, 1], title: "XGBoost score" }, (g, sx, sy) => {
    const w = sx(to(plane.step)) - sx(0), h = sy(0) - sy(to(plane.step)), scaleX = (sx(1) - sx(0)) / side, scaleY = (sy(0) - sy(1)) / side;
    for (const one of plane.cells) g.append(element("rect", { class: "cell", x: sx(to(one.x)), y: sy(1) + one.y * scaleY, width: w, height: h, "fill-opacity": one.opacity }, element("title", {}, `${one.count} pairs of scores`)));
    for (const one of plane.corners) g.append(element("rect", { class: `corner ${one.sure}`, x: sx(to(one.x)), y: sy(1) + one.y * scaleY, width: one.width * scaleX, height: one.height * scaleY }));
    plane.points.forEach((one, i) => {
      const mark = element("circle", { class: `mark go ${one.sure}`, cx: sx(to(one.x)), cy: sy(1) + one.y * scaleY, r: radius }, element("title", {}, data.cards[data.plane_sources[i]].name));
      mark.addEventListener("click", () => open(data.plane_sources[i]));
      g.append(mark);
    });
  }, { width: 420, height: 400, label: "DNN score against XGBoost score" }));
});

const sure = card => card.rows[0].sure;
lazily(place("colours"), target => {
  const { all, sources } = data.colours, own = sources.filter(one => one);
  if (!all.length && !own.length) { target.append(element("p", { class: "soft" }, "The data have no magnitudes and parallaxes of Gaia.")); return; }
  const drawn = [...all, ...own];
  target.append(chart({ domain: span(drawn.map(one => one[0])), title: "BP \u2212 RP [mag]" }, { domain: span(drawn.map(one => one[1])), title: "absolute G [mag]", flip: true }, (g, sx, sy) => {
    for (const [x, y] of all) g.append(element("circle", { class: "back", cx: sx(x).toFixed(1), cy: sy(y).toFixed(1), r: 1.3 }));
    sources.forEach((one, i) => {
      if (!one) return;
      const mark = element("circle", { class: `mark go ${sure(data.cards[i])}`, cx: sx(one[0]), cy: sy(one[1]), r: radius }, element("title", {}, data.cards[i].name));
      mark.addEventListener("click", () => open(i));
      g.append(mark);
    });
  }, { width: 420, height: 400, label: "colour-magnitude diagram" }));
});

lazily(place("sky"), target => {
  const { sky } = data, svg = element("svg", { class: "sky", viewBox: `0 0 ${sky.width} ${sky.height}`, role: "img", "aria-label": "places of the sources on the sky" });
  if (sky.bar) svg.append(element("rect", { class: "frame", width: sky.width, height: sky.height }), element("polyline", { class: "bar", points: sky.bar }));
  for (const line of sky.lines) svg.append(element("polyline", { class: "grid", points: line }));
  for (const one of sky.labels) svg.append(element("text", { x: one.x, y: one.y }, one.text));
  sky.points.forEach((one, i) => {
    const mark = element("circle", { class: `mark go ${sure(data.cards[i])}`, cx: one.x, cy: one.y, r: radius * 1.3 }, element("title", {}, data.cards[i].name));
    mark.addEventListener("click", () => open(i));
    svg.append(mark);
  });
  target.append(svg);
});

const figure = (title, svg) => element("figure", {}, element("figcaption", {}, title), element("div", { class: "plot" }, svg));
const confusionTable = table => {
  const cell = (name, truth, predicted) => pick(table, { algorithm: name, truth, predicted }).count[0] ?? 0;
  const line = name => [["true", "positive"], ["false", "negative"]].map(([, truth]) => element("tr", {}, element("td", { class: name }, `${name === "dnn" ? "DNN" : "XGB"}, ${truth}`), ...["positive", "negative"].map(called => element("td", {}, cell(name, truth, called)))));
  return element("table", { class: "confusion" }, element("thead", {}, element("tr", {}, ...["truth", "called positive", "called negative"].map(one => element("th", {}, one)))), element("tbody", {}, ...BOTH.flatMap(line)));
};
for (const one of data.classes) {
  const box = element("div", { class: "small" });
  const summary = BOTH.map(name => `${name === "dnn" ? "DNN" : "XGBoost"} ${number(one.metrics[name].average_precision)} (${number(one.metrics[name].average_precision_low, 2)} to ${number(one.metrics[name].average_precision_high, 2)})`).join(", ");
  place("class-sections").append(element("section", { class: "class", id: `class-${one.tag}` },
    element("h3", {}, `${one.name} `, element("code", { class: "soft" }, one.tag)), element("p", { class: "soft" }, `${one.positives} positives, ${one.negatives} negatives; average precision: ${summary}`), box));
  lazily(box, () => {
    const { plots } = one, features = plots.importance;
    box.append(
      figure("Precision and recall", curvePlot(plots.precision_recall, "recall", "precision", ["recall", "precision"])),
      figure("Receiver operating characteristic", curvePlot(plots.roc, "false_positive_rate", "true_positive_rate", ["false positive rate", "true positive rate"], true)),
      figure("Reliability", reliabilityPlot(plots.reliability)),
      figure("Scores (dotted: negatives)", histogramPlot(plots.histogram)),
      figure("Loss of DNN (dotted: training rows)", lossPlot(plots.training, "dnn")),
      figure("Loss of XGBoost", lossPlot(plots.training, "xgb")),
      figure("Importance of the features", barPlot((features.feature ?? []).slice(0, 12).map((name, i) => [name, features.gain[i], "xgb"]), "share of the gain", { named: 150 })),
      element("figure", {}, element("figcaption", {}, "Confusion at the score threshold"), element("div", { class: "scroll" }, confusionTable(plots.confusion))));
  });
}
/* Charts of a class are drawn late, which moves what is below: go to where the address says again. */
if (location.hash) requestAnimationFrame(() => document.getElementById(location.hash.slice(1))?.scrollIntoView());
