const bytes = text => Uint8Array.from(atob(text), one => one.charCodeAt(0));

/* The points of a light curve: MJD [d], magnitudes and their errors. */
const unpacked = ({ packed, shown: n, epoch, zero }) => {
  const view = new DataView(bytes(packed).buffer);
  const at = (offset, size, read) => Array.from({ length: n }, (_, i) => read(offset + i * size));
  return {
    time: at(0, 4, place => epoch + view.getInt32(place, true) * 1e-5),
    mag: at(4 * n, 2, place => zero + view.getInt16(place, true) * 1e-3),
    error: at(6 * n, 2, place => view.getInt16(place, true) * 1e-3),
  };
};

const span = values => {
  const low = Math.min(...values), high = Math.max(...values), room = 0.05 * (high - low) || 0.05;
  return [low - room, high + room];
};

const lightCurve = (read, xs, domain, title) => {
  const all = read.flatMap(one => one.mag);
  return chart({ domain, title }, { domain: span(all), title: "mag", flip: true }, (g, sx, sy) => {
    read.forEach((one, k) => xs(one).forEach((places, i) => places.forEach(x => {
      const y = sy(one.mag[i]);
      g.append(element("line", { class: `c${k % 4} pale`, x1: sx(x), x2: sx(x), y1: sy(one.mag[i] - one.error[i]), y2: sy(one.mag[i] + one.error[i]) }));
      g.append(element("circle", { class: `c${k % 4}`, cx: sx(x).toFixed(1), cy: y.toFixed(1), r: 1.6 }));
    })));
  }, { width: 480, height: 250, label: `light curve, ${title}` });
};

const foldedPlot = (read, period, epoch) => lightCurve(read, one => one.time.map(t => {
  const phase = (((t - epoch) / period) % 1 + 1) % 1;
  return [phase, phase + 1];
}), [0, 2], `phase, period ${+period.toPrecision(7)} d`);

const dmdtPicture = curve => {
  const levels = bytes(curve.dmdt), canvas = element("canvas", { class: "dmdt", width: 26, height: 26, role: "img", "aria-label": "dm-dt histogram" });
  const pen = canvas.getContext("2d"), image = pen.createImageData(26, 26);
  levels.forEach((level, i) => {
    const row = 25 - Math.floor(i / 26), at = 4 * (row * 26 + i % 26), t = Math.sqrt(level / 255);
    image.data.set([68 + 185 * t, 1 + 230 * t, 84 + 40 * (1 - Math.abs(2 * t - 1)) - 47 * t, 255], at);
  });
  pen.putImageData(image, 0, 0);
  return canvas;
};

const curvesOf = card => {
  const shown = card.curves.filter(one => one.points);
  if (!shown.length) return element("p", { class: "soft" }, card.curves.length ? "There are no light curves to show." : "Its light curves are left out: the page would grow too large.");
  const read = shown.map(one => unpacked(one.points)), epoch = Math.min(...read.map(one => one.time[0]));
  const times = read.flatMap(one => one.time), box = element("div");
  const keys = element("p", { class: "soft" }, ...shown.map((one, k) => element("span", { class: `key c${k % 4}` },
    `${one.light_curve}${one.filter && `, filter ${one.filter}`}, ${one.points.shown < one.points.all ? `${one.points.shown} of ` : ""}${one.points.all} points  `)));
  const grid = element("div", { class: "curves" }, element("div", { class: "plot" }, lightCurve(read, one => one.time.map(t => [t]), span(times), "MJD [d]")));
  box.append(keys, grid);
  if (card.period) {
    const place = element("div", { class: "plot" }), chooser = element("div", { class: "chooser" });
    const fold = factor => {
      place.replaceChildren(foldedPlot(read, card.period * factor, epoch));
      for (const one of chooser.children) one.setAttribute("aria-pressed", String(Number(one.dataset.factor) === factor));
    };
    for (const [factor, text] of [[0.5, "half"], [1, "period"], [2, "double"]]) {
      const button = element("button", { type: "button", "data-factor": factor }, text);
      button.addEventListener("click", () => fold(factor));
      chooser.append(button);
    }
    fold(1);
    grid.append(element("div", {}, place, chooser));
  }
  return box;
};

const reasonsOf = row => element("div", { class: "reasons" },
  element("div", { class: "soft" }, `What drives XGBoost's ${row.name} (SHAP, log-odds), light curve ${row.light_curve}`),
  element("div", { class: "plot" }, barPlot(row.reasons.map(([name, share, value]) =>
    [value === null ? name : `${name} = ${value}`, share, share > 0 ? "plus" : "minus", `${share > 0 ? "+" : ""}${share}`]), "for (right) or against (left)", { width: 480, named: 235 })));

const typed = text => element("span", { class: "number" }, text), soft = text => element("span", { class: "soft" }, text);
const tableOf = card => {
  const spread = value => value === null ? "" : ` \u00b1 ${number(value)}`;
  const scores = row => BOTH.map(one => element("td", { class: `count score ${row.sure === one ? one : ""}` }, number(row[one]) + spread(row[`${one}_std`])));
  const rows = card.rows.map(row => element("tr", {}, element("td", {}, row.name), ...scores(row),
    element("td", {}, typed(row.light_curve), " ", soft(`${row.where} ${row.obj_id}`))));
  const head = ["class", "DNN", "XGBoost", "light curve"].map((one, i) => element("th", { class: i === 1 || i === 2 ? "count" : "" }, one));
  return element("div", { class: "scroll" }, element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows)));
};

const outside = (name, address) => element("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, name);
const fateOf = ({ page, obj_id, status, message }) => element("p", {}, "On Fritz: ",
  ...(page ? [outside(obj_id, page), ", "] : []), status, message ? ` (${message})` : "");

const bodyOf = card => {
  const pictures = card.curves.map((one, k) => element("div", {}, element("div", { class: `soft key c${k % 4}` }, "dm-dt"), dmdtPicture(one)));
  const features = card.features.flatMap(([name, value]) => [element("dt", {}, name), element("dd", { class: "number" }, value)]);
  const reasons = card.rows.filter(row => row.reasons.length).slice(0, 4).map(reasonsOf);
  return element("div", { class: "body" }, tableOf(card),
    element("p", { class: "number" }, `${card.ra} ${card.dec}  (${card.degrees} deg)${card.period ? `, period ${card.period} d` : ""}`),
    curvesOf(card),
    element("div", { class: "beside" }, ...pictures, element("dl", { class: "pairs" }, ...features)),
    element("div", { class: "curves" }, ...reasons),
    card.fate && fateOf(card.fate),
    element("p", { class: "links" }, ...Object.entries(card.links).map(([name, address]) => outside(name, address))));
};

const cardOf = card => {
  const chips = card.verdicts.map(([name, sure]) => element("span", { class: `chip ${sure}` }, `${name}: ${sure === "dnn" ? "DNN" : "XGB"}`));
  const made = element("details", { class: "card", id: card.name }, element("summary", {},
    element("span", { class: "name number" }, card.name), ...chips, element("span", { class: "gap" }, `${number(card.gap, 2)} apart`)));
  made.addEventListener("toggle", () => { if (made.open && made.children.length === 1) made.append(bodyOf(card)); });
  return made;
};
