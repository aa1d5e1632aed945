/* Shows a statement as it will be read, while somebody writes it. */
const form = document.querySelector("[data-statement-preview]");
const field = form.querySelector("#id_statement");
const shown = form.querySelector("[data-statement-shown]");
const body = form.querySelector("[data-statement-body]");
let timer = 0;

async function show() {
  const data = new FormData();
  data.set("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
  data.set("statement", field.value);
  const answer = await fetch(form.dataset.statementPreview, { method: "POST", body: data });
  if (!answer.ok) return;
  // The server has cleaned it, with the function that makes the page.
  body.innerHTML = (await answer.json()).html;
  shown.hidden = !field.value.trim();
}

field.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(show, 400);
});
if (field.value.trim()) show();
