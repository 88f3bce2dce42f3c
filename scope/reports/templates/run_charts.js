const SVG = "http://www.w3.org/2000/svg";
const element = (name, attributes = {}, ...inner) => {
  const made = name in { svg: 1, g: 1, path: 1, line: 1, rect: 1, circle: 1, text: 1, title: 1, polyline: 1 }
    ? document.createElementNS(SVG, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...inner.filter(one => one !== null));
  return made;
};
const number = (value, digits = 3) => value === null || value === undefined ? "\u2013" : Number(value).toFixed(digits);
const short = value => Math.abs(value) >= 1e5 || (value !== 0 && Math.abs(value) < 1e-3) ? value.toExponential(0) : String(+value.toPrecision(6));

/* Round places for at most `n` marks between two values. */
const ticks = (low, high, n = 5) => {
  const span = high - low || 1, raw = span / n, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map(one => one * power).find(one => one >= raw * 0.999);
  const found = [];
  for (let at = Math.ceil(low / step - 1e-9) * step; at <= high + 1e-9 * span; at += step) found.push(+at.toPrecision(12));
  return found;
};

/* A frame with axes: x and y are {domain, title, flip, log, ticks}; draw() gets the group and two scales. */
const chart = (x, y, draw, { width = 300, height = 220, label = "" } = {}) => {
  const left = 46, right = 8, top = 8, bottom = 36, w = width - left - right, h = height - top - bottom;
  const scale = (axis, size, from) => {
    const f = axis.log ? Math.log10 : one => one, [low, high] = axis.domain.map(f), span = high - low || 1;
    return value => from + (axis.flip ? 1 - (f(value) - low) / span : (f(value) - low) / span) * size;
  };
  const sx = scale(x, w, left), up = scale({ ...y, flip: !y.flip }, h, top);
  const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
  svg.append(element("rect", { class: "axis", x: left, y: top, width: w, height: h }));
  const marks = axis => axis.ticks ?? (axis.log
    ? Array.from({ length: 13 }, (_, k) => 10 ** (k - 6)).filter(one => one >= axis.domain[0] * 0.999 && one <= axis.domain[1] * 1.001)
    : ticks(...axis.domain));
  for (const at of marks(x)) svg.append(element("text", { x: sx(at), y: top + h + 15, "text-anchor": "middle" }, short(at)));
  for (const at of marks(y)) {
    svg.append(element("line", { class: "axis", x1: left, x2: left + w, y1: up(at), y2: up(at) }));
    svg.append(element("text", { x: left - 5, y: up(at) + 4, "text-anchor": "end" }, short(at)));
  }
  svg.append(element("text", { x: left + w / 2, y: height - 4, "text-anchor": "middle" }, x.title ?? ""));
  svg.append(element("text", { transform: `translate(11 ${top + h / 2}) rotate(-90)`, "text-anchor": "middle" }, y.title ?? ""));
  const group = element("g");
  svg.append(group);
  draw(group, sx, up);
  return svg;
};
const path = (xs, ys, sx, sy) => xs.map((one, i) => `${i ? "L" : "M"}${sx(one).toFixed(1)} ${sy(ys[i]).toFixed(1)}`).join("");
/* The rows of a table of columns in which some columns have given values, as columns. */
const pick = (table, wanted) => {
  const names = Object.keys(table), first = table[names[0]] ?? [];
  const rows = first.map((_, i) => i).filter(i => Object.entries(wanted).every(([key, value]) => table[key][i] === value));
  return Object.fromEntries(names.map(name => [name, rows.map(i => table[name][i])]));
};
const UNIT = { domain: [0, 1], ticks: [0, 0.5, 1] };
const BOTH = ["dnn", "xgb"];

const curvePlot = (table, x, y, titles, diagonal) => chart({ ...UNIT, title: titles[0] }, { ...UNIT, title: titles[1] }, (g, sx, sy) => {
  if (diagonal) g.append(element("path", { class: "line soft dotted", d: path([0, 1], [0, 1], sx, sy) }));
  for (const name of BOTH) {
    const own = pick(table, { algorithm: name });
    g.append(element("path", { class: `line ${name}`, d: path(own[x], own[y], sx, sy) }));
  }
}, { label: titles.join(" against ") });

const reliabilityPlot = table => chart({ ...UNIT, title: "mean score" }, { ...UNIT, title: "share of positives" }, (g, sx, sy) => {
  g.append(element("path", { class: "line soft dotted", d: path([0, 1], [0, 1], sx, sy) }));
  for (const name of BOTH) {
    const own = pick(table, { algorithm: name, scores: "calibrated" });
    own.mean_score.forEach((at, i) => g.append(element("line", { class: `rule pale ${name}`, x1: sx(at), x2: sx(at), y1: sy(own.share_low[i]), y2: sy(own.share_high[i]) })));
    g.append(element("path", { class: `line ${name}`, d: path(own.mean_score, own.share_positive, sx, sy) }));
  }
}, { label: "reliability" });

const histogramPlot = table => {
  const most = Math.max(...table.count, 1);
  return chart({ ...UNIT, title: "score" }, { domain: [0.7, most * 1.3], log: true, title: "light curves" }, (g, sx, sy) => {
    for (const name of BOTH) for (const truth of ["negative", "positive"]) {
      const own = pick(table, { algorithm: name, truth }), xs = [], ys = [];
      own.count.forEach((n, i) => { xs.push(own.score_low[i], own.score_high[i]); ys.push(Math.max(n, 0.7), Math.max(n, 0.7)); });
      g.append(element("path", { class: `line ${name} ${truth === "negative" ? "dotted" : ""}`, d: path(xs, ys, sx, sy) }));
    }
  }, { label: "scores by true class" });
};

const lossPlot = (table, name) => {
  const own = pick(table, { algorithm: name }), losses = own.loss.filter(one => one > 0);
  return chart({ domain: [1, Math.max(...own.pass, 2)], title: name === "dnn" ? "epoch" : "tree" },
    { domain: [Math.min(...losses) * 0.9, Math.max(...losses) * 1.1], log: true, title: "cross-entropy",
      ticks: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1].filter(one => one > Math.min(...losses) * 0.9 && one < Math.max(...losses) * 1.1) }, (g, sx, sy) => {
      for (const seed of new Set(own.seed)) for (const part of ["training", "validation"]) {
        const one = pick(own, { seed, part });
        g.append(element("path", { class: `line ${name} ${part === "training" ? "dotted" : ""}`, d: path(one.pass, one.loss, sx, sy) }));
      }
    }, { label: `loss in training, ${name}` });
};

/* Horizontal bars: [text, value, class]; values may be negative. */
const barPlot = (rows, title, { width = 300, named = 120 } = {}) => {
  const step = 17, height = rows.length * step + 34, low = Math.min(0, ...rows.map(one => one[1])), high = Math.max(0, ...rows.map(one => one[1]));
  const sx = value => named + (value - low) / (high - low || 1) * (width - named - 10);
  const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title });
  rows.forEach(([text, value, kind, more], i) => {
    const y = i * step + 3, from = Math.min(sx(0), sx(value));
    svg.append(element("text", { x: named - 6, y: y + 12, "text-anchor": "end" }, text));
    svg.append(element("rect", { class: `bar ${kind}`, x: from, y: y + 2, width: Math.max(Math.abs(sx(value) - sx(0)), 0.5), height: step - 5 }, element("title", {}, more ?? short(value))));
  });
  svg.append(element("line", { class: "axis", x1: sx(0), x2: sx(0), y1: 0, y2: rows.length * step }));
  for (const at of ticks(low, high, 4)) svg.append(element("text", { x: sx(at), y: rows.length * step + 14, "text-anchor": "middle" }, short(at)));
  svg.append(element("text", { x: (named + width) / 2, y: height - 2, "text-anchor": "middle" }, title));
  return svg;
};
/* Draw when it comes near the window, once. */
const lazily = (place, draw) => {
  const watch = new IntersectionObserver(seen => {
    if (seen.some(one => one.isIntersecting)) { watch.disconnect(); draw(place); }
  }, { rootMargin: "600px" });
  watch.observe(place);
};
