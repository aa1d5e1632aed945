// Offer of a sponsorship year: selecting a package checks its benefits, disables the unavailable ones and updates the price.
// Without JavaScript, the form sends only the package, and the server adds its benefits.
const form = document.querySelector("[data-offer]");
const texts = document.querySelector("script[data-customized]").dataset;

if (form) {
  const boxes = [...form.querySelectorAll('[name="benefit"]')];
  const total = form.querySelector("[data-total]");
  const custom = Object.assign(document.createElement("input"), { type: "hidden", name: "custom", value: "1", disabled: true });
  form.append(custom);
  const packages = (box) => (box.dataset.packages ?? "").split(" ").filter(Boolean);
  const chosenPackage = () => form.querySelector('[name="package"]:checked');
  const isFull = (box) => box.dataset.full === "1";

  const allow = () => {
    const chosen = chosenPackage();
    for (const box of boxes) {
      const inPackage = chosen && packages(box).includes(chosen.value);
      const addOn = chosen && chosen.dataset.addOns === "1" && ["package", "add_on"].includes(box.dataset.availability);
      const alone = !chosen && box.dataset.availability === "standalone";
      box.disabled = isFull(box) || !(inPackage || addOn || alone);
      if (box.disabled) box.checked = false;
    }
  };

  const tell = () => {
    const chosen = chosenPackage();
    const ticked = boxes.filter((box) => box.checked);
    const expected = chosen ? boxes.filter((box) => packages(box).includes(chosen.value) && !isFull(box)) : [];
    const groups = new Set(expected.map((box) => box.dataset.group).filter(Boolean));
    const differs = ticked.some((box) => !expected.includes(box))
      || expected.some((box) => !box.dataset.group && !box.checked)
      || [...groups].some((group) => ticked.filter((box) => box.dataset.group === group).length !== 1);
    for (const box of boxes) box.closest("tr")?.classList.toggle("is-chosen", box.checked);
    custom.disabled = !differs;
    if (!total) return;
    if (!chosen) {
      total.textContent = ticked.length ? texts.selected.replace("{number}", ticked.length) : texts.nothing;
    } else if (differs) {
      total.textContent = texts.customized.replace("{package}", chosen.dataset.name);
    } else {
      total.textContent = `${chosen.dataset.name}: ${chosen.dataset.price}`;
    }
  };

  form.addEventListener("change", ({ target }) => {
    if (target.name === "package") {
      allow();
      const taken = new Set();
      for (const box of boxes) {
        const wanted = packages(box).includes(target.value) && !box.disabled;
        box.checked = wanted && !taken.has(box.dataset.group);
        if (box.checked && box.dataset.group) taken.add(box.dataset.group);
      }
    } else if (target.name === "benefit" && target.checked && target.dataset.group) {
      // Only one benefit of an exclusivity group can be selected: the last one wins.
      for (const box of boxes) if (box !== target && box.dataset.group === target.dataset.group) box.checked = false;
    }
    tell();
  });
  form.addEventListener("reset", () => setTimeout(() => { allow(); tell(); }));
  allow();
  tell();
}
