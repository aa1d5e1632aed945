// Pages are the same for everyone, so that caches can keep them. What depends on the visitor is fetched here, after load,
// and only when the cookie "account" says that someone is signed in. Its value is never read.
const signedIn = document.cookie.split(";").some((part) => part.trim().startsWith("account="));

async function fill(slot, url) {
  try {
    const answer = await fetch(url, { credentials: "same-origin", headers: { "X-Requested-With": "XMLHttpRequest" } });
    if (!answer.ok || answer.redirected || !answer.headers.get("content-type")?.startsWith("text/html")) return;
    const html = (await answer.text()).trim();
    if (html) slot.innerHTML = html;
  } catch {
    // Offline: the page stays as it was.
  }
}

if (signedIn) {
  const menu = document.getElementById("account");
  if (menu) {
    const target = document.body.dataset.edit;
    await fill(menu, target ? `/authenticated?edit=${encodeURIComponent(target)}` : "/authenticated");
    // In the sheet of small screens the entries stand open.
    const entries = menu.querySelector(".menu-panel");
    if (entries) for (const slot of document.querySelectorAll("[data-account-entries]")) slot.innerHTML = entries.innerHTML;
  }
}
