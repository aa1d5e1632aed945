// Reports a view of this page: its ID, and the query of a visitor who comes from our search. Sent without cookies.
// Not for people who are signed in or ask not to be tracked.
const { page } = document.body.dataset;
const { viewSample } = document.querySelector("script[data-view-sample]").dataset;

function report() {
  const data = new URLSearchParams({ page });
  const from = document.referrer ? new URL(document.referrer) : location;
  if (from.origin === location.origin && from.pathname === "/search/") data.set("q", from.searchParams.get("q") ?? "");
  // sendBeacon() would send cookies.
  fetch("/page-views/", { method: "POST", body: data, keepalive: true, credentials: "omit" }).catch(() => {});
}

const isPrivate = navigator.doNotTrack === "1" || navigator.globalPrivacyControl || document.cookie.includes("account=");
if (page && !isPrivate && Math.random() * viewSample < 1) {
  if (document.prerendering) document.addEventListener("prerenderingchange", report, { once: true });
  else report();
}
