// <form data-filter-table="id"> filters the rows of a table, or any [data-filter-row] inside the element with that id, as one types.
// A text field searches the text of a row; any other control compares with the row's data-<name>, which may hold several values.
// Without script the form is a GET form that the server answers.
for (const form of document.querySelectorAll("form[data-filter-table]")) {
  const target = document.getElementById(form.dataset.filterTable);
  if (!target) continue;
  const marked = [...target.querySelectorAll("[data-filter-row]")];
  const rows = marked.length ? marked : [...target.querySelectorAll("tbody > tr")];
  const words = new Map(rows.map((row) => [row, row.textContent.toLowerCase().replace(/\s+/g, " ")]));
  const groups = [...target.querySelectorAll("[data-filter-group]")];
  const wasOpen = new Map(groups.map((group) => [group, group.open]));
  const count = form.querySelector("output");
  const empty = document.querySelector(`[data-filter-empty="${form.dataset.filterTable}"]`);

  const fits = (row, name, value, free) =>
    free
      ? value.toLowerCase().split(/\s+/).every((word) => words.get(row).includes(word))
      : (row.dataset[name] || "").split(" ").includes(value);

  function filter({ keep = true } = {}) {
    const asked = [...form.elements]
      .filter((field) => field.name && field.value.trim() && (!/checkbox|radio/.test(field.type) || field.checked))
      .filter((field) => field.type !== "hidden" && field.type !== "submit")
      .map((field) => [field.name, field.value.trim(), /search|text/.test(field.type)]);
    let shown = 0;
    for (const row of rows) {
      row.hidden = !asked.every(([name, value, free]) => fits(row, name, value, free));
      shown += row.hidden ? 0 : 1;
    }
    for (const group of groups) {
      const some = rows.some((row) => !row.hidden && group.contains(row));
      group.hidden = !some;
      if ("open" in group) group.open = asked.length ? some : wasOpen.get(group);
    }
    if (count) count.textContent = asked.length ? count.dataset.filtered.replace("#", shown) : count.dataset.all;
    if (empty) empty.hidden = shown > 0;
    if (keep) {
      const query = new URLSearchParams(asked.map(([name, value]) => [name, value])).toString();
      history.replaceState(null, "", query ? `?${query}` : location.pathname);
    }
  }

  form.addEventListener("input", () => filter());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    filter();
  });
  form.addEventListener("reset", () => setTimeout(filter));
  const query = new URLSearchParams(location.search);
  for (const field of form.elements) {
    if (field.name && query.has(field.name) && !/checkbox|radio/.test(field.type)) field.value = query.get(field.name);
  }
  filter({ keep: false });
}
