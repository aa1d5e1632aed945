// Sends a large file straight to the store: ask for an address, put the file there, let the site look at it.
const form = document.querySelector("[data-large-file]");
const [field, title] = [form.querySelector("[type=file]"), form.elements.title];
const [button, bar, told] = [form.querySelector("button"), form.querySelector("progress"), form.querySelector(".told")];

function tell(words, state = "") {
  told.textContent = words;
  told.dataset.state = state;
}

async function ask(address, facts) {
  const body = new URLSearchParams({ csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value, ...facts });
  const response = await fetch(address, { method: "POST", body });
  const answer = await response.json().catch(() => ({ error: form.dataset.noAnswer }));
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

function put(url, file) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (event) => { bar.value = event.loaded / event.total; });
    request.addEventListener("load", () => (request.status < 300 ? done() : failed(new Error(form.dataset.refused.replace("{status}", request.status)))));
    request.addEventListener("error", () => failed(new Error(form.dataset.unreachable)));
    request.open("PUT", url);
    request.send(file.slice());
  });
}

field.addEventListener("change", () => {
  if (!title.value) title.value = field.files[0]?.name ?? "";
});
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const file = field.files[0];
  [button.disabled, bar.hidden] = [true, false];
  try {
    tell(form.dataset.sending);
    const { url, token } = await ask(form.dataset.start, { name: file.name, size: file.size });
    await put(url, file);
    tell(form.dataset.checking);
    location.assign((await ask(form.dataset.finish, { token, title: title.value, collection: form.elements.collection.value })).url);
  } catch (error) {
    [button.disabled, bar.hidden] = [false, true];
    tell(error.message, "error");
  }
});
