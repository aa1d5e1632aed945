// Marks problems in a preview for the content checks of the editor (cms/editor/content_checks.py), before they run.
const facts = JSON.parse(document.getElementById("content-check-facts").textContent);
const main = document.querySelector("main");
// Texts that people write. Other parts of a page come from templates and records.
const WRITTEN = ".prose :is(p, li, td, th, h2, h3, h4, blockquote, figcaption), .callout, .card-title, h1";
const MAX_LINKS = 60;
const MINUTES = 10;
// Milliseconds.
const MAX_WAIT = 3000;

function mark(element, attribute, text) {
  if (element.hasAttribute(attribute)) return;
  element.setAttribute(attribute, text);
  element.title ||= text;
}

function checkTexts() {
  const latest = new RegExp(facts.latest, "i");
  const terms = facts.terms.map(({ pattern, use }) => [new RegExp(`(?<![\\w./-])(?:${pattern})(?![\\w/-]|\\.\\w)`, "i"), use]);
  for (const element of main.querySelectorAll(WRITTEN)) {
    if (element.closest("pre, code")) continue;
    const text = element.textContent.replace(/\s+/g, " ");
    for (const [pattern, use] of terms) {
      const found = text.match(pattern);
      if (found) mark(element, "data-check-term", `“${found[0]}” → ${use}`);
    }
    const found = text.match(latest);
    if (found && element.closest(".prose, .callout")) mark(element, "data-check-latest", found[0]);
  }
}

function checkImages() {
  const titles = new Set(facts.undescribed);
  for (const image of main.querySelectorAll("figure img, .prose img, .card img")) {
    // An image without the attribute is found by a rule of axe.
    const isEmpty = image.hasAttribute("alt") && image.alt.trim() === "";
    if ((isEmpty || titles.has(image.alt)) && image.getAttribute("role") !== "presentation") {
      mark(image, "data-check-no-alt", image.currentSrc || image.src);
    }
  }
}

// The answers are kept for some minutes, because the preview is loaded again after each change.
async function isDead(path) {
  const key = `link ${path}`;
  const [until, known] = JSON.parse(sessionStorage.getItem(key) ?? "[0, false]");
  if (until > Date.now()) return known;
  try {
    const answer = await fetch(path, { method: "HEAD", credentials: "omit" });
    const dead = answer.status === 404 || answer.status === 410;
    sessionStorage.setItem(key, JSON.stringify([Date.now() + MINUTES * 60_000, dead]));
    return dead;
  } catch {
    // Offline, or a redirect to another site: nothing is known about the link.
    return false;
  }
}

async function checkLinks() {
  const links = [...main.querySelectorAll(":is(.prose, .callout, .card) a[href]")];
  for (const link of links) {
    const reason = facts.broken[link.getAttribute("href")];
    if (reason) mark(link, "data-check-dead-link", reason);
  }
  const own = links.filter((link) => link.origin === location.origin && !link.pathname.startsWith("/admin/"));
  const paths = [...new Set(own.map((link) => link.pathname + link.search))].slice(0, MAX_LINKS);
  const dead = new Set();
  await Promise.all(paths.map(async (path) => ((await isDead(path)) ? dead.add(path) : null)));
  for (const link of own) {
    if (dead.has(link.pathname + link.search)) mark(link, "data-check-dead-link", "404");
  }
}

const userbar = document.querySelector("wagtail-userbar");
if (main && userbar) {
  checkTexts();
  checkImages();
  // Wagtail runs the checks when the page has loaded. They wait for the answers about links, but not for long.
  const ready = Promise.race([checkLinks(), new Promise((resolve) => setTimeout(resolve, MAX_WAIT))]);
  const run = userbar.runAxe.bind(userbar);
  userbar.runAxe = async () => {
    await ready;
    await run();
  };
}
