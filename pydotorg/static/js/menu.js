// Header menus are <details> elements and a native popover, so they open without script.
// This adds what they lack: Escape, a click outside, focus that moves away, and arrow keys along the row.
const menus = [...document.querySelectorAll("details[data-menu]")];
const nav = document.getElementById("site-nav");
const wide = matchMedia("(min-width: 68rem)");
const floats = (menu) => wide.matches || !nav?.contains(menu);

function close(menu, { refocus = false } = {}) {
  if (!menu.open) return;
  const inside = menu.contains(document.activeElement);
  menu.open = false;
  if (refocus && inside) menu.querySelector("summary").focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") menus.filter(floats).forEach((menu) => close(menu, { refocus: true }));
});
document.addEventListener("click", (event) => {
  for (const menu of menus) if (floats(menu) && !menu.contains(event.target)) close(menu);
});
for (const menu of menus) {
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && floats(menu) && !menu.contains(event.relatedTarget)) close(menu);
  });
  menu.addEventListener("toggle", () => {
    if (menu.open && floats(menu)) menus.forEach((other) => other !== menu && close(other));
  });
}

// Left and right walk along the section row; the arrow down enters an open panel.
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
  menus.forEach((menu) => close(menu));
  if (nav?.matches(":popover-open")) nav.hidePopover();
});
