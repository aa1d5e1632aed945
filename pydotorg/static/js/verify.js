// Verifies a downloaded file in the page: its SHA-256 checksum is computed in a worker and compared with those of the release.
//
//   <form data-verify hidden data-right="…"><input type="file"><output></output><script id="verify-checksums">…</script></form>
//
// The form is hidden without script. The sentences come from the page; # stands for the name of the file.
const form = document.querySelector("[data-verify]");

function openDrawer() {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  for (let node = target; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
  target.querySelector(":scope > details")?.setAttribute("open", "");
  if (target.closest("details")) target.scrollIntoView();
}

if (form) {
  const checksums = JSON.parse(document.getElementById("verify-checksums").textContent);
  const input = form.querySelector("input");
  const verdict = form.querySelector("output");
  const worker = new Worker(new URL("./verify-worker.js", import.meta.url));
  let chosen = null;
  form.hidden = false;

  // A name is data: a function keeps "$&" in it from being replaced.
  const sentence = (name, file, more = {}) =>
    Object.entries({ "#": file.name, ...more }).reduce(
      (text, [sign, value]) => text.replace(sign, () => value),
      form.dataset[name],
    );

  function show(kind, text) {
    verdict.className = `verify-verdict verify-${kind}`;
    verdict.textContent = text;
  }

  function judge(sha256) {
    const hit = checksums.find(([, known]) => known === sha256);
    if (hit) return show("right", sentence("right", chosen, { "#": hit[0] }));
    const named = checksums.find(([name]) => name === chosen.name);
    if (named?.[2] > chosen.size) {
      return show("wrong", sentence("short", chosen, { "@": chosen.size.toLocaleString(), "%": named[2].toLocaleString() }));
    }
    return show("wrong", sentence("wrong", chosen));
  }

  function start(file) {
    if (!file) return;
    chosen = file;
    show("busy", sentence("reading", file, { "#": "0" }));
    worker.postMessage(file);
  }

  worker.addEventListener("message", ({ data }) => {
    if ("read" in data) show("busy", sentence("reading", chosen, { "#": Math.floor((100 * data.read) / chosen.size) }));
    else if (data.sha256) judge(data.sha256);
    else show("wrong", sentence("failed", chosen, { "#": data.error || "" }));
  });
  // So that a file that was downloaded again can be chosen again.
  input.addEventListener("click", () => {
    input.value = "";
  });
  input.addEventListener("change", () => start(input.files[0]));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("dragover", (event) => {
    event.preventDefault();
    form.classList.add("is-target");
  });
  form.addEventListener("dragleave", () => form.classList.remove("is-target"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("is-target");
    start(event.dataTransfer.files[0]);
  });
}

addEventListener("hashchange", openDrawer);
openDrawer();
