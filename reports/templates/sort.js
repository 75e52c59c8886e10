"use strict";
// A number by its size, a month by its date, absent ones before both, text as people read it.
const value = (cell) => {
  const text = cell.textContent.trim();
  if (cell.dataset.value !== undefined) return Number(cell.dataset.value);
  if (/^[A-Z][a-z]{2} \d{4}$/.test(text)) return Date.parse(`1 ${text} UTC`);
  return text === "\u2013" ? -Infinity : text;
};
const order = (a, b) => {
  if (typeof a === "string" && typeof b === "string") return a.localeCompare(b, "en", { numeric: true });
  return a === b ? 0 : a < b || typeof b === "string" ? -1 : 1;
};
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  for (const [place, head] of [...table.tHead.rows[0].cells].entries()) {
    const button = document.createElement("button");
    button.type = "button";
    const label = head.querySelector(".label");
    button.append(...(label ? [label] : head.childNodes));
    head.prepend(button);
    const meaning = head.querySelector(".def");
    if (meaning) button.setAttribute("aria-describedby", meaning.id);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const compare = (a, b) => order(value(a.cells[place]), value(b.cells[place]));
      body.append(...[...body.rows].sort((a, b) => (up ? compare(a, b) : compare(b, a))));
    });
  }
}
for (const input of document.querySelectorAll("input[data-filters]")) {
  const rows = document.getElementById(input.dataset.filters).tBodies[0].rows;
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/);
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
  });
}
// A small screen begins with the newest months.
for (const chart of document.querySelectorAll(".chart.timed")) {
  chart.parentNode.scrollLeft = chart.parentNode.scrollWidth;
}
