// Ctrl+K or ⌘K opens the search dialog; "/" does too when nobody is typing. The form in it is a plain GET form.
const dialog = document.getElementById("search-dialog");

function open() {
  if (!dialog?.showModal || dialog.open) return false;
  document.getElementById("site-nav")?.hidePopover?.();
  dialog.showModal();
  dialog.querySelector("input[type=search]").select();
  return true;
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  const shortcut = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
  const slash = event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey;
  if ((shortcut || slash) && open()) event.preventDefault();
});
for (const opener of document.querySelectorAll("[data-search-open]")) {
  opener.addEventListener("click", (event) => {
    if (!event.ctrlKey && !event.metaKey && open()) event.preventDefault();
  });
}
// Suggestions while typing: a combobox with a list, moved through with the arrow keys.
const field = dialog?.querySelector("[role=combobox]");
const list = dialog?.querySelector("[role=listbox]");
let waiting;
let asked = 0;

function choose(option) {
  for (const each of list.children) each.setAttribute("aria-selected", String(each === option));
  if (option) field.setAttribute("aria-activedescendant", option.id);
  else field.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

async function suggest() {
  const number = ++asked;
  const query = field.value.trim();
  const response = query ? await fetch(`/search/suggestions/?q=${encodeURIComponent(query)}`).catch(() => null) : null;
  const html = response?.ok ? await response.text() : "";
  // An answer to an earlier query may come later.
  if (number !== asked) return;
  list.innerHTML = html.trim();
  const count = list.children.length;
  list.hidden = !count;
  field.setAttribute("aria-expanded", String(count > 0));
  field.removeAttribute("aria-activedescendant");
  announce(count);
}

function announce(count) {
  const text = count === 1 ? list.dataset.one : list.dataset.many.replace("{number}", count);
  // The rest of the page is inert while the dialog is open.
  dialog.querySelector("[role=status]").textContent = field.value.trim() ? text : "";
}

field?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(suggest, 150);
});
field?.addEventListener("keydown", (event) => {
  const options = [...list.children];
  const now = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if ((event.key === "ArrowDown" || event.key === "ArrowUp") && options.length) {
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    // Above the first one and below the last one is the field itself.
    const next = ((now + 1 + step + options.length + 1) % (options.length + 1)) - 1;
    choose(options[next]);
  } else if (event.key === "Enter" && now >= 0) {
    event.preventDefault();
    options[now].click();
  }
});
// Any dialog closes by its own close buttons and by a click on the backdrop.
for (const each of document.querySelectorAll("dialog")) {
  each.addEventListener("click", (event) => {
    if (event.target === each || event.target.closest("[data-dialog-close]")) each.close();
  });
}
for (const opener of document.querySelectorAll("[data-dialog-open]")) {
  opener.addEventListener("click", () => document.getElementById(opener.dataset.dialogOpen)?.showModal());
}
if (/Mac|iPhone|iPad/.test(navigator.platform)) {
  for (const hint of document.querySelectorAll("[data-search-hint]")) hint.textContent = "⌘K";
}
