// Picker of the download page: shows another version at once, and preselects the way to install Python.
//
//   <form data-picker-version>             submits when its version changes, and stays on the open tab
//   <div data-tabs data-remember="source"> preselects the way that the visitor chose last, or one whose data-hints fit
//
// Runs after tabs.js and os-detect.js. A #fragment in the address wins over both.
const agent = navigator.userAgent;

function remembered(name) {
  try {
    return localStorage.getItem(`way-${name}`);
  } catch {
    return null;
  }
}

function remember(name, hash) {
  try {
    localStorage.setItem(`way-${name}`, hash);
  } catch {
    // Storage may be blocked: the choice then lasts until the next page.
  }
}

for (const group of document.querySelectorAll("[data-remember]")) {
  const name = group.dataset.remember;
  const tabs = [...group.querySelectorAll(":scope > .tab-list > .tab")];
  const fits = (tab) => (tab.dataset.hints || "").split(",").some((hint) => hint.trim() && agent.includes(hint.trim()));
  const chosen = tabs.find((tab) => tab.hash === remembered(name)) || tabs.find(fits);
  chosen?.dispatchEvent(new CustomEvent("tabs:select"));
  for (const tab of tabs) tab.addEventListener("click", () => remember(name, tab.hash));
}

for (const form of document.querySelectorAll("[data-picker-version]")) {
  form.addEventListener("change", () => {
    location.assign(`${form.action}?${new URLSearchParams(new FormData(form))}${location.hash}`);
  });
}
