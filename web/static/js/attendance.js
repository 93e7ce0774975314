// Attendance is saved at every tick; the button does the same for all of it, and for people without an account.
for (const form of document.querySelectorAll("form[data-attendance]")) {
  const status = form.querySelector("[data-status]");
  let saving = Promise.resolve();
  form.addEventListener("change", (event) => {
    if (!event.target.closest(".tick")) return;
    saving = saving.then(async () => {
      const sent = new FormData(form);
      const body = new URLSearchParams();
      for (const [name, value] of sent) if (/^(person|way-[ag]|was-[ag])/.test(name)) body.append(name, value);
      status.textContent = "";
      const answer = await fetch(form.action, { method: "POST", body }).catch(() => null);
      if (!answer?.ok) return; // the button sends it again, and says what is wrong
      for (const key of sent.getAll("person")) form.elements["was-" + key].value = sent.get("way-" + key) ?? "";
      status.textContent = form.dataset.attendance;
    });
  });
}
