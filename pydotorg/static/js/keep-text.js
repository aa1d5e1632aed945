// Keeps the text of forms: a copy stays in the browser until the form is saved, and a form that is sent after the session
// ended asks its sender to sign in again, in a dialog, and is then sent.
const template = document.querySelector("template[data-keep-text]");
const { user, sessionUrl, isAdmin } = template.dataset;
const PREFIX = "unsaved:";
const DAY = 86_400_000;
const MAX_DAYS = 7;
const NOT_TEXT = /passw|secret|token|^code$|^opened$|^website_two$|^loaded_|_FORMS$/i;
const TYPED = "textarea, select, input:not([type]), input[type=text], input[type=url], input[type=email], input[type=number], input[type=search], input[type=tel], input[type=date], input[type=time], input[type=checkbox], input[type=radio]";
const TEXT = "textarea, input:not([type]), input[type=text], input[type=url], input[type=email]";

const forms = [...document.querySelectorAll("form[method=post i]")].filter((form) => form.querySelector(TEXT));

// The storage may be full or forbidden: then the form works without a copy.
const store = {
  read(key) {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  },
  write(key, copy) {
    try {
      localStorage.setItem(key, JSON.stringify(copy));
    } catch {
      return;
    }
  },
  remove(key) {
    try {
      localStorage.removeItem(key);
    } catch {
      return;
    }
  },
};

function keyOf(form) {
  const tab = new URLSearchParams(location.search).get("tab") ?? "";
  return `${PREFIX}${user}:${location.pathname}${tab}:${forms.indexOf(form)}`;
}

function fieldsOf(form) {
  const fields = new Map();
  for (const field of form.elements) {
    if (!field.name || NOT_TEXT.test(field.name) || !(field.draftailEditor || field.matches(TYPED))) continue;
    fields.set(field.name, [...(fields.get(field.name) ?? []), field]);
  }
  return fields;
}

function valuesOf(fields) {
  return fields.flatMap((field) => {
    if (field.type === "checkbox" || field.type === "radio") return field.checked ? [field.value] : [];
    if (field.type === "select-multiple") return [...field.selectedOptions].map((option) => option.value);
    return [field.value];
  });
}

function snapshot(form) {
  return Object.fromEntries([...fieldsOf(form)].map(([name, fields]) => [name, valuesOf(fields)]));
}

function labelOf(form, name) {
  const field = fieldsOf(form).get(name)?.[0];
  return (field?.labels?.[0]?.textContent ?? name).trim().replace(/\s+/g, " ");
}

// The text of a rich text is the JSON of its editor.
function plain(text) {
  try {
    const { blocks } = JSON.parse(text);
    return blocks.map((block) => block.text).join("\n");
  } catch {
    return text;
  }
}

function same(one, other) {
  return JSON.stringify((one ?? []).map(plain)) === JSON.stringify((other ?? []).map(plain));
}

function keep(form, loaded) {
  const now = snapshot(form);
  const changed = Object.entries(now).filter(([name, values]) => !same(values, loaded[name]));
  if (!changed.length) return store.remove(keyOf(form));
  const labels = Object.fromEntries(changed.map(([name]) => [name, labelOf(form, name)]));
  store.write(keyOf(form), { at: Date.now(), values: Object.fromEntries(changed), labels });
}

function put(fields, values) {
  for (const [index, field] of fields.entries()) {
    if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
    else if (field.type === "select-multiple") for (const option of field.options) option.selected = values.includes(option.value);
    else if (field.draftailEditor) {
      field.draftailEditor.onChange(window.Draftail.createEditorStateFromRaw(JSON.parse(values[index])));
      field.value = values[index];
    } else if (values[index] !== undefined) field.value = values[index];
    for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
  }
}

function part(name) {
  return template.content.querySelector(`[data-part=${name}]`).cloneNode(true);
}

// Texts of blocks that the form does not have, to be copied by hand.
function showRest(offer, rest, labels) {
  offer.replaceChildren(part("rest"));
  for (const [name, values] of rest) {
    const label = document.createElement("label");
    const field = document.createElement("textarea");
    field.readOnly = true;
    field.rows = 4;
    field.value = values.map(plain).join("\n");
    label.append(labels[name] ?? name, field);
    offer.append(label);
  }
}

function offerCopy(form, copy) {
  const offer = part("offer");
  const time = offer.querySelector("[data-time]");
  time.textContent = new Date(copy.at).toLocaleString(document.documentElement.lang || "en", { dateStyle: "medium", timeStyle: "short" });
  offer.querySelector("[data-restore]").addEventListener("click", () => {
    const fields = fieldsOf(form);
    const rest = [];
    for (const [name, values] of Object.entries(copy.values)) {
      if (fields.has(name)) put(fields.get(name), values);
      else if (values.some((text) => plain(text).trim())) rest.push([name, values]);
    }
    if (rest.length) showRest(offer, rest, copy.labels);
    else offer.remove();
    form.querySelector(TEXT).focus();
  });
  offer.querySelector("[data-discard]").addEventListener("click", () => {
    store.remove(keyOf(form));
    offer.remove();
    form.querySelector(TEXT).focus();
  });
  form.prepend(offer);
}

// Whether a page without an error shows the next step of a form in its place: a form without any of its fields.
function isNextStep(key) {
  const names = Object.keys(store.read(key)?.values ?? {});
  return forms.some((form) => keyOf(form) === key && !names.some((name) => fieldsOf(form).has(name)));
}

// A form was sent from this tab: its copy goes when the answer led to another page or to the next step without an error.
function dropSaved() {
  const sent = sessionStorage.getItem(`${PREFIX}sent`);
  sessionStorage.removeItem(`${PREFIX}sent`);
  const [navigation] = performance.getEntriesByType("navigation");
  const failed = document.querySelector(".messages .error, .callout-stop, .error-message, [aria-invalid=true]");
  const isAccepted = navigation?.responseStatus < 400 && !failed && !location.pathname.startsWith("/accounts/");
  if (sent && isAccepted && (navigation.redirectCount > 0 || isNextStep(sent))) store.remove(sent);
}

function forgetOld() {
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(PREFIX) && !(store.read(key)?.at > Date.now() - MAX_DAYS * DAY)) store.remove(key);
  }
}

async function readSession() {
  const response = await fetch(sessionUrl, { headers: { Accept: "application/json" }, cache: "no-store" });
  if (!response.ok) throw new Error(`The session endpoint returned ${response.status}.`);
  return response.json();
}

// Signing in renews the token. Wagtail's own scripts send the one that they have read at load.
let token = "";
function renewToken(next) {
  for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = next;
  if (!token && isAdmin) {
    const send = window.fetch;
    window.fetch = (resource, options = {}) => {
      const headers = new Headers(options.headers);
      if (headers.has("X-CSRFToken")) headers.set("X-CSRFToken", token);
      return send(resource, { ...options, headers });
    };
  }
  token = next;
}

let asking;
// Returns whether the person who opened the page is signed in, after asking them to sign in if necessary.
function ensureSession() {
  asking ??= askForSession().finally(() => {
    asking = undefined;
  });
  return asking;
}

async function askForSession() {
  let session;
  try {
    session = await readSession();
  } catch {
    return askInDialog({ is_reachable: false });
  }
  if (String(session.user ?? "") === user && !session.sign_in_url) {
    renewToken(session.csrf_token);
    return true;
  }
  return askInDialog(session);
}

function askInDialog(session) {
  const dialog = part("dialog");
  const frame = dialog.querySelector("iframe");
  const link = dialog.querySelector("[data-sign-in]");
  document.body.append(dialog);

  function show(now) {
    const isOther = now.user != null && String(now.user) !== user;
    dialog.querySelector("[data-other]").hidden = !isOther;
    dialog.querySelector("[data-unreachable]").hidden = now.is_reachable !== false;
    dialog.querySelector("[data-ended]").hidden = isOther || now.is_reachable === false;
    frame.hidden = isOther || now.is_reachable === false;
    if (now.sign_in_url && !frame.hidden && !frame.getAttribute("src")) {
      link.href = now.sign_in_url;
      frame.src = now.sign_in_url;
    }
  }

  return new Promise((resolve) => {
    async function check() {
      let now;
      try {
        now = await readSession();
      } catch {
        now = { is_reachable: false };
      }
      if (now.is_reachable !== false && String(now.user ?? "") === user && !now.sign_in_url) {
        renewToken(now.csrf_token);
        dialog.dataset.done = "";
        return dialog.close();
      }
      show(now);
    }
    frame.addEventListener("load", () => {
      // The sign-in page alone, without the frame of the site.
      for (const around of frame.contentDocument?.querySelectorAll(".site-header, .site-footer, .banner, .breadcrumbs, .skip-link") ?? []) {
        around.hidden = true;
        around.style.display = "none";
      }
      if (frame.getAttribute("src")) check();
    });
    dialog.querySelector("[data-again]").addEventListener("click", check);
    window.addEventListener("focus", check);
    dialog.addEventListener("close", () => {
      window.removeEventListener("focus", check);
      dialog.remove();
      resolve("done" in dialog.dataset);
    });
    show(session);
    dialog.showModal();
  });
}

function send(form, submitter) {
  form.dataset.sessionIsChecked = "";
  // Wagtail disables a button that was pressed, and a disabled button is not part of the form.
  const wasDisabled = submitter?.disabled;
  if (wasDisabled) submitter.disabled = false;
  form.requestSubmit(submitter);
  if (wasDisabled) submitter.disabled = true;
  delete form.dataset.sessionIsChecked;
}

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    // Attributes: a control may be named "action" or "method", and would be the value of the property.
    const attribute = (name) => form.getAttribute(name)?.toLowerCase() ?? "";
    if (attribute("method") !== "post" || attribute("target") === "_blank" || attribute("action").includes("/logout/")) return;
    if (forms.includes(form)) sessionStorage.setItem(`${PREFIX}sent`, keyOf(form));
    if (!user || "sessionIsChecked" in form.dataset) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { submitter } = event;
    ensureSession().then((isSignedIn) => {
      if (isSignedIn) send(form, submitter);
    });
  },
  true,
);

try {
  dropSaved();
  forgetOld();
} catch {
  // The browser forbids storage: the dialog works without it.
}

for (const form of forms) {
  const copy = store.read(keyOf(form));
  let loaded;
  const isChanged = (now) => Object.entries(copy.values).some(([name, values]) => !same(values, now[name]));
  const begin = () => {
    loaded = snapshot(form);
    if (copy && isChanged(loaded)) offerCopy(form, copy);
  };
  // Editors of blocks fill their fields while the page loads.
  if (document.readyState === "complete") begin();
  else window.addEventListener("load", begin);
  let waiting;
  let isSent = false;
  const changed = () => {
    clearTimeout(waiting);
    isSent = false;
    waiting = setTimeout(() => loaded && keep(form, loaded), 400);
  };
  // The copy is written before the answer arrives: a later one could follow its removal by the next page.
  form.addEventListener("submit", () => {
    clearTimeout(waiting);
    isSent = true;
    if (loaded) keep(form, loaded);
  });
  for (const type of ["input", "change", "keyup"]) form.addEventListener(type, changed);
  window.addEventListener("pagehide", () => loaded && waiting && !isSent && keep(form, loaded));
  document.addEventListener("w-autosave:success", (event) => {
    if (event.target !== form) return;
    clearTimeout(waiting);
    loaded = snapshot(form);
    store.remove(keyOf(form));
  });
}

document.addEventListener("w-autosave:error", async (event) => {
  if (!event.detail.response?.is_signed_out) return;
  const form = event.target;
  // The event on which Wagtail saves a draft.
  const again = new CustomEvent("w-unsaved:add", { bubbles: true, cancelable: true, detail: event.detail.trigger?.detail });
  if (await ensureSession()) form.dispatchEvent(again);
});
