// Keys of a moderation queue: J and K go through the list, A approves, R starts a reason, Ctrl+Enter requests changes, S is spam, C claims, U undoes the last decision.
// 1 to 9 insert a saved reply as the reason, Escape leaves the text. Without JavaScript, links, buttons and the select element do the same.
const list = document.querySelector("[data-queue] ol");
const decision = document.querySelector(".queue__decision");
const press = (...actions) => decision?.querySelector(actions.map((action) => `button[value="${action}"]`).join())?.click();

function go(step) {
  const links = [...(list?.querySelectorAll("a") ?? [])];
  links[links.findIndex((link) => link.ariaCurrent) + step]?.click();
}

const KEYS = {
  j: () => go(1),
  k: () => go(-1),
  a: () => press("approve", "close"),
  r: () => decision?.querySelector("textarea").focus(),
  s: () => press("remove"),
  c: () => document.querySelector("[data-claim]")?.click(),
  u: () => document.querySelector(".messages .undo button")?.click(),
};

for (const choice of document.querySelectorAll("[data-saved-reply]")) {
  choice.addEventListener("change", () => {
    document.getElementById(choice.dataset.savedReply).value = choice.selectedOptions[0].dataset.text ?? "";
  });
}

function insertSavedReply(number) {
  const choice = decision?.querySelector("[data-saved-reply]");
  if (!choice?.options[number]) return;
  choice.selectedIndex = number;
  choice.dispatchEvent(new Event("change"));
  KEYS.r();
}

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && decision?.contains(event.target)) {
    event.preventDefault();
    press("reject");
    return;
  }
  if (event.key === "Escape" && isTyping && decision?.contains(event.target)) {
    // The keys of the queue work again.
    event.target.blur();
    return;
  }
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const action = /^[1-9]$/.test(event.key) ? () => insertSavedReply(Number(event.key)) : KEYS[event.key.toLowerCase()];
  if (!action) return;
  event.preventDefault();
  action();
});

list?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
