// Minutes: each point is saved by itself while it is typed, and never over what somebody else wrote.
for (const form of document.querySelectorAll("[data-minutes]")) {
  const words = JSON.parse(form.dataset.minutes), parts = [];
  let sending = false;
  for (const box of form.querySelectorAll("[data-part]")) {
    const id = box.dataset.part, { elements: el } = form;
    const text = el["body-" + id], revision = el["revision-" + id], was = el["was-" + id];
    const said = box.querySelector("[data-saved]"), below = box.querySelector("[data-below]");
    let saved = text.value, timer, stopped = !!box.querySelector("input[type=radio]");
    const part = { busy: null, unsaved: () => !stopped && text.value !== saved };
    const later = (seconds) => { clearTimeout(timer); timer = setTimeout(save, seconds * 1000); };
    const save = () => part.busy ??= send().finally(() => { part.busy = null; });
    async function send() {
      if (sending || !part.unsaved()) return;
      const now = text.value, body = new URLSearchParams({ ["body-" + id]: now, ["revision-" + id]: revision.value, ["was-" + id]: was.value });
      let again = 3;
      try {
        const answer = await fetch(form.dataset.keep, { method: "POST", body, redirect: "error" });
        if (answer.status !== 409 && !answer.ok) throw new Error(answer.status);
        const to = await answer.json();
        below.innerHTML = to.html;
        if (answer.ok) {
          saved = now;
          if (to.was) { revision.value = to.revision; was.value = to.was; }
          const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
          said.textContent = words.saved.replace("%", time);
        } else {
          stopped = true;
          said.textContent = words.unsaved;
          const go = (mine) => {
            revision.value = to.revision;
            was.value = to.was;
            if (!mine) saved = text.value = to.body ?? "";
            below.replaceChildren();
            stopped = false;
            text.focus();
            save();
          };
          below.querySelector("[data-mine]").addEventListener("click", () => go(true));
          below.querySelector("[data-theirs]").addEventListener("click", () => go(false));
        }
      } catch {
        said.textContent = words.failed;
        again = 15;
      }
      if (part.unsaved()) later(again);
    }
    text.addEventListener("input", () => { if (part.unsaved()) said.textContent = words.unsaved; later(2); });
    addEventListener("online", save);
    parts.push(part);
  }
  form.addEventListener("submit", async (event) => {
    const busy = parts.map((part) => part.busy).filter(Boolean);
    if (busy.length) {
      event.preventDefault();
      await Promise.all(busy);
      form.requestSubmit(event.submitter);
    } else sending = true;
  });
  addEventListener("pageshow", () => { sending = false; });
  addEventListener("beforeunload", (event) => { if (!sending && parts.some((part) => part.unsaved())) event.preventDefault(); });
}

// What runs counts on.
for (const timer of document.querySelectorAll("[data-until]")) {
  const words = JSON.parse(timer.dataset.words), until = Date.parse(timer.dataset.until);
  const tick = () => {
    const left = Math.ceil((until - Date.now()) / 60000);
    timer.textContent = (left < 0 ? words.over : words.left).replace("%", Math.abs(left));
    timer.classList.toggle("over", left < 0);
  };
  tick();
  setInterval(tick, 5000);
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
