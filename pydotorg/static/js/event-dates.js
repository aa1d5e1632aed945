// Shows, while somebody fills in the dates of an event, on which days it will take place. The server works them out.
const place = document.querySelector("[data-dates]");
const form = place?.closest("form");
const texts = document.querySelector("script[data-once]").dataset;
const url = (form?.dataset.datesUrl ? form : place)?.dataset.datesUrl;
const names = [
  "start_date", "start_time", "end_date", "end_time", "time_zone", "repeats", "interval", "weekdays", "nth", "nth_day",
  "until", "count", "rrule", "rdates", "exdates",
];

function paragraph(text) {
  const element = document.createElement("p");
  element.textContent = text;
  return element;
}

function show(facts) {
  place.replaceChildren();
  const box = document.createElement("div");
  box.className = facts.errors ? "callout callout-stop help-block help-critical" : "callout callout-info help-block help-info";
  if (facts.errors) {
    box.append(...facts.errors.map(paragraph));
  } else {
    const list = document.createElement("ul");
    for (const text of facts.more ? [...facts.dates, texts.more] : facts.dates) {
      const item = document.createElement("li");
      item.textContent = text;
      list.append(item);
    }
    box.append(paragraph(facts.description || texts.once), list);
  }
  place.append(box);
}

if (form && url) {
  place.setAttribute("role", "status");
  let waiting;
  let asked = 0;
  async function ask() {
    const data = new FormData(form);
    if (!data.get("start_date")) return;
    const query = new URLSearchParams();
    for (const name of names) for (const value of data.getAll(name)) query.append(name, value);
    asked += 1;
    const mine = asked;
    const answer = await fetch(`${url}?${query}`, { credentials: "same-origin" });
    if (!answer.ok || !answer.headers.get("content-type")?.includes("json")) return;
    const facts = await answer.json();
    if (mine === asked) show(facts);
  }
  form.addEventListener("input", (event) => {
    if (!names.includes(event.target.name)) return;
    clearTimeout(waiting);
    waiting = setTimeout(ask, 400);
  });
  if (form.elements.repeats?.value) ask();
}
