// Puts the cursor into the search field of the block chooser when it opens: type a few letters, then Enter inserts the block.
const TRIES = 20;

function focusSearch(tries = TRIES) {
  const field = document.querySelector(".tippy-box .w-combobox__field input");
  if (field) field.focus();
  else if (tries > 0) requestAnimationFrame(() => focusSearch(tries - 1));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest(".c-sf-add-button");
  // Wagtail has changed the state of the button before the click arrives here.
  if (button?.getAttribute("aria-expanded") === "true") focusSearch();
});
