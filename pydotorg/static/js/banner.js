// A banner can be put away; another one (with another key) shows again. The inline script of base.html hides it before the first paint.
for (const banner of document.querySelectorAll("[data-banner]")) {
  const key = banner.dataset.banner;
  let put;
  try {
    put = localStorage.getItem("banner-off");
  } catch {
    put = null;
  }
  if (put && put !== key) banner.setAttribute("data-banner-new", "");
  banner.querySelector(".banner-close")?.addEventListener("click", () => {
    try {
      localStorage.setItem("banner-off", key);
    } catch {
      // Then it comes back on the next page.
    }
    banner.hidden = true;
  });
}
