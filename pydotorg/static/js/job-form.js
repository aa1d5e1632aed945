// The live preview beside the form of an advert: what is typed goes to the server, which answers with the advert's text.
const form = document.querySelector("form[data-render]");
const body = document.querySelector("[data-job-preview-body]");
let waiting;
let asked = 0;

async function show() {
  const number = ++asked;
  const data = new FormData(form);
  data.delete("logo_file");
  const response = await fetch(form.dataset.render, { method: "POST", body: data });
  // An answer that was overtaken by a newer one, and the log-in page of a session that has ended, are of no use.
  if (number !== asked || !response.ok || response.redirected) return;
  body.innerHTML = await response.text();
  document.querySelector("[data-job-preview-empty]").hidden = true;
}

if (form && body) {
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 400);
  });
}
