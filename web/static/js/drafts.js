// Drafts: what is typed is saved by itself; two windows with the same text notice each other; nothing unsaved is left by accident.
for (const line of document.querySelectorAll("[data-draft]")) {
  const form = line.closest("form");
  const words = JSON.parse(line.dataset.words);
  const { draft, tab } = form.elements;
  tab.value = Math.random().toString(36).slice(2) + Date.now().toString(36);
  const typed = () => {
    const fields = new URLSearchParams(new FormData(form));
    for (const name of ["request", "draft", "tab"]) fields.delete(name);
    return fields.toString();
  };
  const some = () => [...form.querySelectorAll("textarea, input:not([type]), input[type=text]")].some((field) => field.value.trim());
  let saved = "unsaved" in line.dataset ? "" : typed();
  let timer, busy = false, sending = false, stopped = false, wire;
  const unsaved = () => some() && typed() !== saved;
  const later = (seconds) => { clearTimeout(timer); timer = setTimeout(save, seconds * 1000); };
  async function save() {
    if (busy || sending || stopped || !unsaved()) return;
    const now = typed(), body = new URLSearchParams(new FormData(form));
    body.set("place", line.dataset.draft);
    busy = true;
    wire = new AbortController();
    let again = 3;
    try {
      const answer = await fetch(line.dataset.post, { method: "POST", body, signal: wire.signal, redirect: "error" });
      if (answer.status !== 409 && !answer.ok) throw new Error(answer.status);
      const said = await answer.json();
      if (answer.ok) {
        saved = now;
        draft.value = said.revision;
        const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
        line.textContent = words.saved.replace("%", time);
      } else {
        stopped = true;
        line.innerHTML = said.html;
        line.classList.add("notice", "warn");
        line.scrollIntoView({ block: "nearest" });
        line.querySelector("[data-mine]").addEventListener("click", () => {
          draft.value = said.revision;
          line.classList.remove("notice", "warn");
          stopped = false;
          save();
        });
      }
    } catch {
      if (!sending) line.textContent = words.failed;
      again = 15;
    }
    busy = false;
    if (unsaved()) later(again);
  }
  form.addEventListener("input", () => {
    if (!stopped && unsaved() && !busy) line.textContent = words.unsaved;
    later(3);
  });
  form.addEventListener("submit", () => { sending = true; wire?.abort(); });
  addEventListener("pageshow", () => { sending = false; });
  addEventListener("online", save);
  addEventListener("beforeunload", (event) => { if (!sending && unsaved()) event.preventDefault(); });
  if (unsaved()) later(3);
}

// Similar ones are offered while typing a title.
for (const box of document.querySelectorAll("[data-similar]")) {
  const { title, statement: text = title, lang } = box.closest("form").elements;
  let timer, asked = text.value.trim();
  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const now = text.value.trim();
      if (now === asked) return;
      asked = now;
      if (now.length < 4) return box.replaceChildren();
      const answer = await fetch(box.dataset.similar + "?" + new URLSearchParams({ title: now, in: lang.value })).catch(() => 0);
      if (answer.ok && asked === now) box.innerHTML = await answer.text();
    }, 700);
  });
}
