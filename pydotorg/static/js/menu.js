// Header menus are <details> elements and a native popover, so they open without script.
// This adds what they lack: Escape, a click outside, focus that moves away, and arrow keys along the row.
// Listeners sit on the document, since the account menu arrives later.
const nav = document.getElementById("site-nav");
const wide = matchMedia("(min-width: 76rem)");
const floating = () => [...document.querySelectorAll("details[data-menu][open]")].filter((menu) => wide.matches || !nav?.contains(menu));

function close(menu, { refocus = false } = {}) {
  const inside = menu.contains(document.activeElement);
  menu.open = false;
  if (refocus && inside) menu.querySelector("summary").focus();
}
const closeOthers = (node) => floating().forEach((menu) => menu.contains(node) || close(menu));

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") floating().forEach((menu) => close(menu, { refocus: true }));
});
document.addEventListener("click", (event) => closeOthers(event.target));
document.addEventListener("focusin", (event) => closeOthers(event.target));

// What is new in a section is fetched when its panel opens for the first time. Without it the links remain.
async function fill(panel) {
  const labels = panel.dataset.boxes.split(" ");
  delete panel.dataset.boxes;
  const answers = await Promise.all(labels.map((label) => fetch(`/box/${label}/`).catch(() => null)));
  for (const answer of answers.filter((each) => each?.ok)) {
    panel.insertAdjacentHTML("beforeend", await answer.text());
    panel.hidden = false;
  }
}
nav?.addEventListener("toggle", (event) => {
  const panel = event.target.open && event.target.querySelector("[data-boxes]");
  if (panel) fill(panel);
}, true);

// Left and right walk along the section row; the arrow down enters a panel.
const row = nav ? [...nav.querySelectorAll(".nav-list > li > .nav-link, .nav-list > li > details > summary")] : [];
for (const [index, item] of row.entries()) {
  item.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (wide.matches && step) {
      event.preventDefault();
      row[(index + step + row.length) % row.length].focus();
    } else if (event.key === "ArrowDown" && item.matches("summary")) {
      event.preventDefault();
      item.parentElement.open = true;
      item.parentElement.querySelector(".nav-panel a")?.focus();
    }
  });
}

// A sheet that is open while the window grows would lie over the page as an empty layer.
wide.addEventListener("change", () => {
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => close(menu));
  if (nav?.matches(":popover-open")) nav.hidePopover();
});
