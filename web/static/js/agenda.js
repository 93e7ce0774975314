// Agenda: a point is dragged by its handle to another place; dropping it sends the form of its buttons.
for (const list of document.querySelectorAll("[data-agenda]")) {
  let dragged;
  for (const point of list.children) {
    const form = point.querySelector("[data-move]"), grip = document.createElement("span");
    grip.className = "grip";
    grip.draggable = true;
    grip.ariaHidden = "true";
    grip.textContent = "⠿";
    form.before(grip);
    grip.addEventListener("dragstart", (event) => {
      dragged = point;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", "");
      event.dataTransfer.setDragImage(point, 0, 0);
      point.classList.add("dragged");
    });
    grip.addEventListener("dragend", () => {
      point.classList.remove("dragged");
      dragged = null;
    });
  }
  const start = [...list.children];
  list.addEventListener("dragover", (event) => {
    const over = event.target.closest("[data-agenda] > li");
    if (!dragged) return;
    event.preventDefault();
    if (!over || over === dragged) return;
    const box = over.getBoundingClientRect();
    over[event.clientY < box.top + box.height / 2 ? "before" : "after"](dragged);
  });
  list.addEventListener("drop", (event) => {
    if (!dragged) return;
    event.preventDefault();
    const place = [...list.children].indexOf(dragged);
    if (start[place] === dragged) return;
    const to = document.createElement("input");
    to.type = "hidden";
    to.name = "to";
    to.value = place + 1;
    const form = dragged.querySelector("[data-move]");
    form.append(to);
    form.requestSubmit();
  });
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
