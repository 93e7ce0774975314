// Files: dropped or pasted ones join those chosen; each can be described or taken away before it is sent.
for (const field of document.querySelectorAll("[data-files]")) {
  const words = JSON.parse(field.dataset.files);
  const input = field.querySelector("input[type=file]");
  const form = field.closest("form");
  const list = document.createElement("ul");
  const note = document.createElement("p");
  let chosen = []; // {file, alt}
  list.className = "file-list";
  note.className = "hint";
  note.setAttribute("role", "status");
  note.textContent = words.drop;
  input.after(note, list);

  const make = (name, properties) => Object.assign(document.createElement(name), properties);
  const weight = (bytes) => {
    const [text, n, digits] = bytes < 1e6 ? [words.kb, Math.max(1, Math.round(bytes / 1e3)), 0] : [words.mb, bytes / 1e6, 1];
    return text.replace("{n}", n.toLocaleString(document.documentElement.lang, { minimumFractionDigits: digits, maximumFractionDigits: digits }));
  };
  const show = () => {
    const transfer = new DataTransfer();
    for (const { file } of chosen) transfer.items.add(file);
    input.files = transfer.files;
    list.replaceChildren(...chosen.map((one, n) => {
      const item = make("li", {});
      const name = make("p", { className: "file-name" });
      name.append(make("b", { textContent: one.file.name }), " ", make("span", { className: "soft small", textContent: weight(one.file.size) }));
      const alt = make("input", { name: "alt-new", type: "hidden", value: one.alt });
      item.append(name);
      if (one.file.type.startsWith("image/") && one.file.type !== "image/tiff") {
        const box = make("div", { className: "field" });
        alt.type = "text";
        alt.id = "alt-new-" + n;
        alt.addEventListener("input", () => { one.alt = alt.value; });
        box.append(make("label", { htmlFor: alt.id, textContent: words.alt }), alt);
        item.append(box);
      } else {
        item.append(alt);
      }
      const away = make("button", { type: "button", className: "button quiet small", textContent: words.remove });
      away.setAttribute("aria-label", words.remove + " " + one.file.name);
      away.addEventListener("click", () => { chosen.splice(n, 1); show(); input.focus(); });
      item.append(away);
      return item;
    }));
  };
  const add = (files) => {
    const said = [];
    for (const file of files) {
      if (file.size > words.max) said.push(words.large.replace("{name}", file.name));
      else if (chosen.length + field.querySelectorAll("input[name=file]").length >= words.most) { said.push(words.many); break; }
      else if (!chosen.some((one) => one.file.name === file.name && one.file.size === file.size && one.file.lastModified === file.lastModified)) chosen.push({ file, alt: "" });
    }
    note.textContent = said.join(" ") || words.drop;
    note.classList.toggle("error", said.length > 0);
    show();
    unfold();
  };
  const unfold = () => { const box = field.closest("details"); if (box) box.open = true; };
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");

  input.addEventListener("change", () => add([...input.files]));
  form.addEventListener("dragover", (event) => { if (carriesFiles(event)) { event.preventDefault(); unfold(); field.classList.add("dropping"); } });
  form.addEventListener("dragleave", (event) => { if (!form.contains(event.relatedTarget)) field.classList.remove("dropping"); });
  form.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    field.classList.remove("dropping");
    add([...event.dataTransfer.files]);
  });
  form.addEventListener("paste", (event) => {
    const data = event.clipboardData;
    if (!data?.files.length || data.types.includes("text/plain")) return;
    event.preventDefault();
    add([...data.files]);
  });
}
