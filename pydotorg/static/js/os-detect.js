// Which system is the visitor on? Marks <html data-os data-arch>, preselects the tab that fits and swaps neutral parts.
//
//   <a class="tab" href="#macos" data-detect="macos">           a tab, chosen when it fits
//   <div data-detect-group>                                     exactly one child stays
//     <p data-detect="unknown">…</p> <p data-detect="windows" hidden>…</p>
//
// Values, several in one attribute; the most specific wins: windows windows-arm64 macos macos-arm64 linux android ios phone unknown.
const agent = navigator.userAgent;
const hints = navigator.userAgentData;

function system() {
  const name = (hints?.platform || "").toLowerCase();
  if (/android/i.test(agent) || name === "android") return "android";
  // An iPad says that it is a Mac, but no Mac has a touch screen.
  if (/iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1)) return "ios";
  if (/CrOS/.test(agent) || name.startsWith("chrom")) return "linux";
  if (/Windows Phone|Xbox|PlayStation|Tizen|SMART-TV|Web0S/i.test(agent)) return "unknown";
  if (/Windows/.test(agent) || name === "windows") return "windows";
  if (/Macintosh/.test(agent) || name === "macos") return "macos";
  if (/Linux|X11|BSD|SunOS/.test(agent) || name === "linux") return "linux";
  return "unknown";
}

function apply(os, arch) {
  const words = [arch && `${os}-${arch}`, os, os === "android" || os === "ios" ? "phone" : null].filter(Boolean);
  document.documentElement.dataset.os = os;
  if (arch) document.documentElement.dataset.arch = arch;
  // For platforms that staff add: data-hints are parts of the user agent string, separated by commas.
  const named = (node) => (node.dataset.hints || "").split(",").some((hint) => hint.trim() && agent.includes(hint.trim()));
  const best = (nodes) => {
    const own = os === "unknown" && nodes.find(named);
    if (own) return own;
    for (const word of words) {
      const hit = nodes.find((node) => node.dataset.detect.split(/\s+/).includes(word));
      if (hit) return hit;
    }
    return null;
  };
  for (const group of document.querySelectorAll("[data-detect-group]")) {
    const parts = [...group.children].filter((child) => child.dataset.detect);
    const hit = best(parts);
    if (hit) for (const part of parts) part.hidden = part !== hit;
  }
  // The part that fits is marked, where all of them are useful. Nothing changes its place: the page is painted already.
  for (const group of document.querySelectorAll("[data-detect-mark]")) {
    const hit = best([...group.children].filter((child) => child.dataset.detect));
    if (hit) hit.dataset.fits = "";
  }
  for (const list of document.querySelectorAll("[data-tabs] > .tab-list")) {
    const hit = best([...list.querySelectorAll(".tab[data-detect]")]);
    if (hit) hit.dispatchEvent(new CustomEvent("tabs:select"));
  }
}

const os = system();
apply(os, null);
if ((os === "macos" || os === "windows") && hints?.getHighEntropyValues) {
  hints
    .getHighEntropyValues(["architecture", "bitness"])
    .then(({ architecture }) => architecture === "arm" && apply(os, "arm64"))
    .catch(() => {});
}
