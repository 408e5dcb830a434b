// Sorts and narrows the list; without it the list is whole, in the order of the organisation.
"use strict";
const body = document.querySelector(".all tbody");
const rows = [...body.rows];
const heads = [...document.querySelectorAll(".all thead th")];
const form = document.querySelector(".controls");
const words = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));

function key(row, column) {
  const cell = row.cells[column];
  if (cell.dataset.sort === undefined) return cell.textContent.trim().toLowerCase();
  return cell.dataset.sort === "" ? null : Number(cell.dataset.sort);
}

function sort(column, direction) {
  const sign = direction === "ascending" ? 1 : -1;
  const keys = new Map(rows.map((row) => [row, key(row, column)]));
  rows.sort((a, b) => {
    const [x, y] = [keys.get(a), keys.get(b)];
    if (x === null || y === null) return (x === null) - (y === null);
    return sign * (typeof x === "string" ? x.localeCompare(y, "en", { numeric: true }) : x - y);
  });
  heads.forEach((head) => head.removeAttribute("aria-sort"));
  heads[column].setAttribute("aria-sort", direction);
  body.append(...rows);
}

function narrow() {
  const asked = form.querySelector("#search").value.toLowerCase().trim();
  const wanted = ["kind", "rating", "segment"].map((name) => [name, form.querySelector(`#${name}`)?.value]);
  let shown = 0;
  for (const row of rows) {
    const fits = wanted.every(([name, value]) => !value || row.dataset[name] === value);
    row.hidden = !(fits && words.get(row).includes(asked));
    shown += !row.hidden;
  }
  form.querySelector("output").value = `${shown.toLocaleString("en")} of ${rows.length.toLocaleString("en")}`;
}

heads.forEach((head, column) => {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...head.childNodes);
  head.append(button);
  button.addEventListener("click", () => {
    const number = column >= 5;
    const first = number ? "descending" : "ascending";
    const other = number ? "ascending" : "descending";
    sort(column, head.getAttribute("aria-sort") === first ? other : first);
  });
});
form.hidden = false;
form.addEventListener("input", narrow);
form.addEventListener("change", narrow);
form.addEventListener("submit", (event) => event.preventDefault());
narrow();
