// The add form of a release: once the version is typed, the server says what follows from it. Fields that somebody typed into stay.
const name = document.querySelector("#id_name");
const prefillUrl = document.querySelector("[data-prefill-url]")?.dataset.prefillUrl;

if (name && prefillUrl) {
  const fields = { slug: document.querySelector("#id_slug"), release_notes_url: document.querySelector("#id_release_notes_url") };
  const preRelease = document.querySelector("#id_pre_release");
  const filled = new Map(Object.values(fields).map((field) => [field, field.value]));
  const told = document.createElement("p");
  told.className = "told";
  told.setAttribute("role", "status");
  name.closest("[data-field-wrapper], [data-field]")?.append(told);

  let waiting;
  let asked = 0;
  async function ask() {
    if (!name.value.trim()) return;
    asked += 1;
    const mine = asked;
    const answer = await fetch(`${prefillUrl}?name=${encodeURIComponent(name.value)}`, { credentials: "same-origin" });
    const facts = await answer.json();
    if (mine !== asked) return;
    told.dataset.state = answer.ok ? "ok" : "error";
    told.textContent = answer.ok ? facts.summary : facts.error;
    if (!answer.ok) return;
    for (const [key, field] of Object.entries(fields)) {
      if (field.value && field.value !== filled.get(field)) continue;
      field.value = facts[key];
      filled.set(field, facts[key]);
    }
    preRelease.checked = facts.pre_release;
  }
  name.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 400);
  });
  name.addEventListener("change", ask);
}
