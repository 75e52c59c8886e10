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
// What a mark says under the pointer it says to a finger too, and to who steps with the arrow keys.
const said = document.createElement("p");
said.className = "said";
said.setAttribute("role", "status");
if (document.querySelector(".across .chart")) document.body.append(said);
let at = null;
const say = (mark) => {
  if (at) at.classList.remove("at");
  at = mark;
  said.textContent = mark ? mark.querySelector("title").textContent : "";
  if (!mark) return;
  mark.classList.add("at");
  const place = mark.getBoundingClientRect();
  const left = place.left + place.width / 2 - said.offsetWidth / 2;
  const above = place.top - said.offsetHeight - 8;
  const right = document.documentElement.clientWidth - said.offsetWidth - 8;
  said.style.left = `${scrollX + Math.max(8, Math.min(left, right))}px`;
  said.style.top = `${scrollY + (above < 8 ? Math.min(place.bottom, innerHeight - said.offsetHeight - 16) + 8 : above)}px`;
};
const distance = (mark, x, y) => {
  const box = mark.getBoundingClientRect();
  return Math.hypot(Math.max(box.left - x, 0, x - box.right), Math.max(box.top - y, 0, y - box.bottom));
};
for (const frame of document.querySelectorAll(".across")) {
  const marks = [...frame.querySelectorAll(".chart title")].map((title) => title.parentNode)
    .filter((mark) => !mark.matches(".chart"));
  if (!marks.length) continue;
  frame.setAttribute("role", "application");
  frame.setAttribute("aria-roledescription", "chart");
  frame.setAttribute("aria-label", `${frame.getAttribute("aria-label")}. The arrow keys step through its values.`);
  const steps = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity };
  frame.addEventListener("focus", () => {
    if (frame.matches(":focus-visible")) say(marks.at(frame.querySelector(".timed") ? -1 : 0));
  });
  frame.addEventListener("blur", () => say(null));
  frame.addEventListener("keydown", (event) => {
    if (event.key === "Escape") say(null);
    if (!(event.key in steps) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(marks.indexOf(at) + steps[event.key], marks.length - 1));
    marks[next].scrollIntoView({ block: "nearest", inline: "nearest" });
    say(marks[next]);
  });
  frame.addEventListener("click", (event) => {
    const far = (mark) => distance(mark, event.clientX, event.clientY);
    const own = event.target.closest(".chart *:has(> title)");
    const nearest = own || marks.reduce((one, other) => (far(other) < far(one) ? other : one));
    say(far(nearest) < 24 ? nearest : null);
  });
}
// A small screen begins with the newest months, and keeps what its lines and rows are called in sight.
for (const frame of document.querySelectorAll(".across:has(> .chart)")) {
  const chart = frame.querySelector(".chart");
  const staying = [...chart.querySelectorAll(".stays")];
  const follow = () => {
    const moved = (frame.scrollLeft * chart.viewBox.baseVal.width) / chart.clientWidth;
    for (const part of staying) {
      if (moved && !part.querySelector("rect")) {
        // as wide as the values are: a longer name of their unit stands above all marks
        const box = part.getBBox();
        const ends = [...part.querySelectorAll(".tick")].map((tick) => tick.getBBox()).map((tick) => tick.x + tick.width);
        const under = document.createElementNS(chart.namespaceURI, "rect");
        const sizes = { class: "under", x: 0, y: box.y - 4, width: Math.max(...ends) + 4, height: box.height + 8 };
        for (const [name, size] of Object.entries(sizes)) under.setAttribute(name, size);
        part.prepend(under);
      }
      part.style.transform = `translateX(${moved}px)`;
    }
    if (at && frame.contains(at)) say(at);
  };
  frame.addEventListener("scroll", follow);
  if (chart.matches(".timed")) {
    frame.scrollLeft = frame.scrollWidth;
    const marks = [...chart.querySelectorAll("title")].map((title) => title.parentNode).filter((mark) => mark !== chart);
    const newest = Math.max(...marks.map((mark) => mark.getBoundingClientRect().right));
    const short = frame.getBoundingClientRect().left + frame.clientWidth * 0.6 - newest;
    if (marks.length && short > 0) frame.scrollLeft -= short;
  }
  follow();
}
