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
