// Tabs: anchors and open panels without script; ARIA tabs with arrow keys with it.
// os-detect.js may ask for a tab by dispatching "tabs:select" on it. A #fragment in the address wins over that.
for (const group of document.querySelectorAll("[data-tabs]")) {
  const list = group.querySelector(":scope > .tab-list");
  const tabs = [...list.querySelectorAll(".tab")];
  const panelOf = (tab) => document.getElementById(tab.hash.slice(1));
  let settled = false;

  function select(tab, { focus = false } = {}) {
    for (const each of tabs) {
      const chosen = each === tab;
      each.setAttribute("aria-selected", String(chosen));
      each.tabIndex = chosen ? 0 : -1;
      panelOf(each).hidden = !chosen;
    }
    if (focus) tab.focus();
  }

  function move(event) {
    const at = tabs.indexOf(event.currentTarget);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    settled = true;
    select(tabs[(to + tabs.length) % tabs.length], { focus: true });
  }

  function fromAddress() {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const tab = target && tabs.find((each) => panelOf(each).contains(target));
    if (!tab) return false;
    settled = true;
    select(tab);
    return true;
  }

  list.setAttribute("role", "tablist");
  for (const [index, tab] of tabs.entries()) {
    const panel = panelOf(tab);
    tab.id ||= `${panel.id || index}-tab`;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", panel.id);
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    panel.tabIndex = 0;
    tab.addEventListener("keydown", move);
    tab.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      settled = true;
      select(tab);
      if (group.hasAttribute("data-tabs-address")) history.replaceState(null, "", tab.hash);
    });
    tab.addEventListener("tabs:select", () => settled || select(tab));
  }
  // List items between a tablist and its tabs must not count as list items.
  for (const item of list.children) if (!item.matches(".tab")) item.setAttribute("role", "presentation");
  group.setAttribute("data-tabs-ready", "");
  if (!fromAddress()) select(tabs.find((tab) => tab.hasAttribute("data-default")) || tabs[0]);
  addEventListener("hashchange", fromAddress);
}
