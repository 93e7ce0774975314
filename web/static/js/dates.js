// Dates on offer: another row, or the times of the first, without asking the server.
const rows = document.querySelector("[data-rows]");
document.querySelector("[data-more]")?.addEventListener("click", (event) => {
  event.preventDefault();
  const most = Number(event.target.dataset.more);
  const count = rows.closest("form").querySelector("[data-row-count]");
  const last = rows.lastElementChild;
  const n = Number(last.dataset.row) + 1;
  if (n > most) return;
  const row = last.cloneNode(true);
  row.dataset.row = n;
  row.querySelector("[data-n]").textContent = n;
  row.querySelectorAll(".error").forEach((text) => text.remove());
  row.querySelectorAll(".wrong").forEach((field) => field.classList.remove("wrong"));
  for (const part of row.querySelectorAll("[name],[for],[id]")) {
    for (const at of ["name", "for", "id", "aria-describedby"]) if (part.hasAttribute(at)) part.setAttribute(at, part.getAttribute(at).replace(/-\d+$/, "-" + n));
    part.removeAttribute("aria-invalid");
    if (part.type === "checkbox") part.checked = false;
    else if (part.matches("input")) part.value = "";
  }
  row.querySelector("details").open = false;
  rows.append(row);
  count.value = n;
  event.target.hidden = n === most;
  row.querySelector("input").focus();
});
document.querySelector("[data-copy]")?.addEventListener("click", (event) => {
  event.preventDefault();
  const times = (row) => row.querySelectorAll("[type=time]");
  const [from, until] = times(rows.firstElementChild);
  for (const row of rows.children) {
    const [a, b] = times(row);
    if (!a.value && !b.value) { a.value = from.value; b.value = until.value; }
  }
});
