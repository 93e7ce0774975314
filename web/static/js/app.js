// Small enhancements of what is there already; every page works without them.

// An error summary takes the focus, so that it is read first.
document.querySelector("[data-summary]")?.focus();

// A form that is being sent is not sent twice by an impatient hand.
addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 4000);
});
addEventListener("pageshow", () => document.querySelectorAll("[data-sent]").forEach((form) => delete form.dataset.sent));

// Menus close with Escape and when the focus goes elsewhere.
for (const menu of document.querySelectorAll("details[data-menu]")) {
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) { menu.open = false; menu.querySelector("summary").focus(); }
  });
  menu.addEventListener("focusout", (event) => { if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false; });
  addEventListener("click", (event) => { if (!menu.contains(event.target)) menu.open = false; });
}

// The editor: marks by button, Ctrl+Enter sends, unsent text is not lost by accident.
for (const area of document.querySelectorAll("textarea[data-editor]")) {
  const words = JSON.parse(area.dataset.editor);
  const bar = document.createElement("div");
  bar.className = "tools";
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", words.label);
  const around = (before, after) => () => {
    const [from, to] = [area.selectionStart, area.selectionEnd];
    area.setRangeText(before + area.value.slice(from, to) + after, from, to, "end");
    if (from === to) area.setSelectionRange(from + before.length, from + before.length);
  };
  const lines = (mark) => () => {
    const from = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
    const chosen = area.value.slice(from, area.selectionEnd);
    area.setRangeText(chosen.split("\n").map((line) => mark + line).join("\n"), from, area.selectionEnd, "end");
  };
  for (const [sign, name, act] of [
    ["B", words.bold, around("**", "**")], ["I", words.italic, around("*", "*")],
    ["”", words.quote, lines("> ")], ["•", words.list, lines("- ")], ["↗", words.link, around("[", "](https://)")],
  ]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.title = name;
    button.setAttribute("aria-label", name);
    button.addEventListener("click", () => { act(); area.focus(); area.dispatchEvent(new Event("input")); });
    bar.append(button);
  }
  area.before(bar);
  const start = area.defaultValue;
  let sending = false;
  area.form?.addEventListener("submit", () => { sending = true; });
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); area.form.requestSubmit(); }
  });
  if (area.form?.querySelector("[data-draft]")) continue; // drafts.js knows what is saved
  addEventListener("beforeunload", (event) => { if (!sending && area.value !== start && area.value.trim()) event.preventDefault(); });
}

// Quote: with words chosen in a post, the link carries them into the answer box instead of loading the page anew.
for (const quote of document.querySelectorAll("a[data-quote]")) {
  quote.addEventListener("click", (event) => {
    const area = document.querySelector("#field-body");
    const chosen = String(getSelection()).trim();
    const post = quote.closest(".post");
    if (!area || !chosen || !post.contains(getSelection().anchorNode)) return;
    event.preventDefault();
    area.value = (area.value.trim() ? area.value.trimEnd() + "\n\n" : "") + chosen.split("\n").map((line) => "> " + line).join("\n") + "\n\n";
    const answers = document.querySelector("input[name=answers]");
    if (answers) answers.value = quote.dataset.quote;
    area.focus();
    area.setSelectionRange(area.value.length, area.value.length);
  });
}
