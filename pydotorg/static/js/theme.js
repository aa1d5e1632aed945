// The theme switch: system, light or dark, kept in this browser only.
// The inline script of base.html applies the stored choice before the first paint.
const root = document.documentElement;
const switches = document.querySelectorAll("[data-theme-set]");

function show(choice) {
  for (const button of switches) {
    button.setAttribute("aria-pressed", String(button.dataset.themeSet === choice));
  }
}

function choose(choice) {
  if (choice === "system") delete root.dataset.theme;
  else root.dataset.theme = choice;
  try {
    if (choice === "system") localStorage.removeItem("theme");
    else localStorage.setItem("theme", choice);
  } catch {
    // Storage may be off; the choice then lasts for this page.
  }
  show(choice);
}

for (const button of switches) {
  button.addEventListener("click", () => {
    choose(button.dataset.themeSet);
    const menu = button.closest("details");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}
show(root.dataset.theme || "system");
