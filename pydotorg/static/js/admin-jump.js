// Ctrl or ⌘ and K opens the quick jump: type, arrow down, Enter. In a rich text the same keys make a link.
const texts = document.querySelector("script[data-jump]").dataset;
const address = texts.url;

const dialog = document.createElement("dialog");
dialog.className = "jump";
dialog.setAttribute("aria-label", texts.title);
dialog.innerHTML = `
  <label class="w-sr-only" for="jump-field">${texts.title}</label>
  <input id="jump-field" type="search" autocomplete="off" placeholder="${texts.hint}">
  <div aria-live="polite"></div>`;
const [field, answer] = [dialog.querySelector("input"), dialog.querySelector("div")];
let asked = 0;
let timer;

async function ask() {
  const number = ++asked;
  const response = await fetch(`${address}?part=&q=${encodeURIComponent(field.value)}`);
  const html = response.ok && !response.redirected ? await response.text() : `<p>${texts.noAnswer}</p>`;
  // An answer that comes late does not replace a newer one.
  if (number === asked) answer.innerHTML = html;
}

function open() {
  if (!dialog.isConnected) document.body.append(dialog);
  if (dialog.open) return;
  dialog.showModal();
  field.select();
  ask();
}

function move(step) {
  const stops = [field, ...answer.querySelectorAll("a")];
  const here = stops.indexOf(document.activeElement);
  stops[(here + step + stops.length) % stops.length].focus();
}

document.addEventListener("keydown", (event) => {
  const inText = document.activeElement?.closest("[contenteditable=true]");
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && !event.shiftKey && !event.altKey && !inText) {
    event.preventDefault();
    open();
  }
});
document.addEventListener("click", (event) => {
  const link = event.target.closest(`a[href="${address}"]`);
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  event.stopPropagation();
  open();
}, true);
field.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(ask, 120);
});
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});
dialog.addEventListener("keydown", (event) => {
  // Wagtail has keys of its own for the page below.
  event.stopPropagation();
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    move(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Enter" && document.activeElement === field) {
    event.preventDefault();
    answer.querySelector("a")?.click();
  }
});
