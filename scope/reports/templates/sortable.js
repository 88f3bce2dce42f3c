"use strict";
/* A click on a heading sorts: texts by the alphabet, numbers the greatest first; the next, the other way. */
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
    const numeric = head.classList.contains("count"), before = head.getAttribute("aria-sort");
    const down = before ? before === "ascending" : numeric;
    const text = row => row.cells[column].textContent.trim(), value = row => { const one = Number(text(row)); return Number.isNaN(one) ? -1 : one; };
    const order = (a, b) => numeric ? value(a) - value(b) : text(a).localeCompare(text(b), "en");
    const rows = [...table.tBodies[0].rows].sort((a, b) => down ? order(b, a) : order(a, b));
    heads.forEach(other => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    table.tBodies[0].append(...rows);
  }));
}
