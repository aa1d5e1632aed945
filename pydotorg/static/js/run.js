// Starts the Python console. Nothing of it is loaded before somebody clicks Run.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-console] [data-run]");
  if (!button) return;
  const texts = document.querySelector("script[data-console-script]").dataset;
  const { start } = await import(texts.consoleScript);
  start(button.closest("[data-console]"), texts);
});
