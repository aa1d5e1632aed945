// Times of events in the visitor's own zone, below those of the event's, where the two differ.
const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const template = document.querySelector("script[data-your-time]").dataset.yourTime;
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;

for (const time of document.querySelectorAll("time[data-local-time]")) {
  const moment = new Date(time.dateTime);
  const offset = time.dateTime.match(/([+-])(\d\d):(\d\d)$/);
  if (Number.isNaN(moment.getTime()) || !offset) continue;
  const theirs = (offset[1] === "-" ? 1 : -1) * (Number(offset[2]) * 60 + Number(offset[3]));
  if (theirs === moment.getTimezoneOffset()) continue;
  const line = document.createElement("span");
  line.className = "local-time";
  line.textContent = template.replace("{time}", format.format(moment)).replace("{zone}", here);
  time.after(line);
}
