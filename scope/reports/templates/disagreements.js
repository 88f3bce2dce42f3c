const cards = [...document.querySelectorAll("details.card")];
const tools = document.querySelector(".tools"), pages = document.querySelector(".pages");
if (cards.length && tools) {
  const perPage = 25, [back, on] = pages.querySelectorAll("button"), said = pages.querySelector("span");
  const word = tools.querySelector("input"), tag = tools.querySelector("select");
  let page = 0;
  const show = () => {
    const wanted = word.value.trim().toLowerCase();
    const fit = cards.filter(card => (!tag.value || card.dataset.tags.split(" ").includes(tag.value)) &&
      (!wanted || card.textContent.toLowerCase().includes(wanted)));
    const last = Math.max(0, Math.ceil(fit.length / perPage) - 1);
    page = Math.min(Math.max(page, 0), last);
    const shown = new Set(fit.slice(page * perPage, (page + 1) * perPage));
    cards.forEach(card => { card.hidden = !shown.has(card); });
    said.textContent = fit.length ? `${page * perPage + 1} to ${page * perPage + shown.size} of ${fit.length}` : "none";
    back.disabled = page === 0;
    on.disabled = page === last;
  };
  word.addEventListener("input", () => { page = 0; show(); });
  tag.addEventListener("change", () => { page = 0; show(); });
  back.addEventListener("click", () => { page -= 1; show(); });
  on.addEventListener("click", () => { page += 1; show(); });
  tools.hidden = pages.hidden = false;
  show();
}
