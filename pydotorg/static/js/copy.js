// Copy buttons: <button class="copy" data-copy="id-of-an-element"> or data-copy-text="the text itself".
// The script tag has the texts in the language of the page.
const say = document.getElementById("live");
const texts = document.querySelector("script[data-copied]").dataset;

async function write(text) {
  if (navigator.clipboard && isSecureContext) return navigator.clipboard.writeText(text);
  // Plain http has no clipboard API.
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("The browser refused to copy.");
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest(".copy");
  if (!button) return;
  const source = button.dataset.copy && document.getElementById(button.dataset.copy);
  // Prompts are drawn for readers; nobody wants them in a terminal.
  const text = button.dataset.copyText ?? source?.innerText.replace(/^(\$|>>>|\.\.\.) /gm, "").trimEnd() ?? "";
  const label = button.querySelector("[data-copy-label]");
  const before = label?.textContent;
  let word = texts.copied;
  try {
    await write(text);
    button.setAttribute("data-copied", "");
  } catch {
    word = texts.notCopied;
  }
  if (say) say.textContent = word;
  if (label && !button.dataset.busy) {
    button.dataset.busy = "1";
    label.textContent = word;
    setTimeout(() => {
      label.textContent = before;
      delete button.dataset.busy;
      button.removeAttribute("data-copied");
      if (say) say.textContent = "";
    }, 2000);
  }
});

// Code that is wider than its box must be reachable by keyboard to be scrolled.
for (const pre of document.querySelectorAll("pre:not([tabindex])")) {
  if (pre.scrollWidth > pre.clientWidth) pre.tabIndex = 0;
}
