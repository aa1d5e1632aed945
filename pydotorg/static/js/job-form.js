// Live preview of the job form: sends the form to the server, which returns the rendered text of the job.
const form = document.querySelector("form[data-render]");
const body = document.querySelector("[data-job-preview-body]");
let waiting;
let asked = 0;

async function show() {
  const number = ++asked;
  const data = new FormData(form);
  data.delete("logo_file");
  const response = await fetch(form.dataset.render, { method: "POST", body: data });
  // Ignore outdated responses, and redirects to the sign-in page after the session has ended.
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
