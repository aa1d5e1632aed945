// The Python console: one worker for the page, which ends when a program is stopped. All output is text.
const TIME_LIMIT = 30;
const MAX_NODES = 2000;
const PROMPT = ">>> ";
const CONTINUED = "... ";
let python = null;
let current = null;

class Python {
  constructor(url) {
    this.worker = new Worker(url, { type: "module" });
    this.worker.addEventListener("message", ({ data }) => current?.receive(data));
    this.worker.addEventListener("error", () => current?.end("failed"));
  }

  send(message) {
    this.worker.postMessage(message);
  }
}

function endPython() {
  python?.worker.terminate();
  python = null;
}

class View {
  constructor(root, texts) {
    this.root = root;
    this.texts = texts;
    for (const name of ["run", "stop", "clear", "output", "ask", "prompt", "size"]) this[name] = root.querySelector(`[data-${name}]`);
    this.status = root.querySelector(".console-status");
    this.stop.addEventListener("click", () => this.end("stopped"));
    this.ask.addEventListener("submit", (event) => {
      event.preventDefault();
      this.answer();
    });
  }

  say(name) {
    this.status.textContent = (this.texts[name] ?? "").replace("#", TIME_LIMIT);
  }

  print(text, isError = false) {
    const part = document.createElement("span");
    if (isError) part.className = "console-error";
    part.textContent = text;
    this.output.append(part);
    while (this.output.childNodes.length > MAX_NODES) this.output.firstChild.remove();
    this.output.scrollTop = this.output.scrollHeight;
  }

  execute(source, isSession) {
    if (current && current !== this && current.isRunning) current.end("stopped");
    current = this;
    this.isRunning = true;
    this.output.hidden = false;
    this.stop.hidden = false;
    this.run.setAttribute("aria-disabled", "true");
    this.say(python ? "running" : "loading");
    python ??= new Python(this.texts.worker);
    python.send({ run: source, isSession });
  }

  receive(data) {
    if (data.ready) this.size?.remove();
    if (data.started) {
      this.say("running");
      this.startClock();
    }
    if (data.accepted) this.echo();
    if ("text" in data) this.print(data.text, data.isError);
    if ("ask" in data) this.showQuestion(data.ask);
    if (data.full) this.end("full");
    if (data.failed) this.end("failed");
    if (data.done) this.finish("finished", data.isIncomplete);
  }

  echo() {}

  startClock() {
    clearTimeout(this.clock);
    this.clock = setTimeout(() => this.end("timeout"), TIME_LIMIT * 1000);
  }

  showQuestion(prompt) {
    // Time that somebody needs to type does not count.
    clearTimeout(this.clock);
    this.say("waiting");
    if (prompt.trim()) this.ask.querySelector("[data-ask-label]").textContent = prompt;
    this.ask.hidden = false;
    this.ask.elements.answer.focus();
  }

  answer() {
    const field = this.ask.elements.answer;
    python?.send({ answer: field.value });
    field.value = "";
    this.ask.hidden = true;
    this.say("running");
    this.startClock();
    this.stop.focus();
  }

  // Ends the program with its worker: nothing else stops an endless loop.
  end(reason) {
    if (!this.isRunning) return;
    endPython();
    this.finish(reason, false);
  }

  finish(reason) {
    clearTimeout(this.clock);
    const hadFocus = this.root.contains(document.activeElement) && document.activeElement !== this.output;
    this.isRunning = false;
    this.ask.hidden = true;
    this.run.removeAttribute("aria-disabled");
    this.say(reason);
    this.rest(hadFocus);
    this.stop.hidden = true;
  }

  // A button that disappears passes the focus on.
  rest(hadFocus) {
    if (hadFocus) this.run.focus();
  }
}

class Sample extends View {
  click() {
    if (this.isRunning) return;
    this.output.replaceChildren();
    this.execute(this.root.dataset.code, false);
  }
}

class Shell extends View {
  constructor(root, texts) {
    super(root, texts);
    this.input = this.prompt.querySelector("textarea");
    this.history = [];
    this.place = 0;
    this.input.addEventListener("keydown", (event) => this.press(event));
    this.input.addEventListener("input", () => this.grow());
    this.clear.addEventListener("click", () => {
      this.output.replaceChildren();
      this.input.focus();
    });
    this.prompt.addEventListener("submit", (event) => event.preventDefault());
  }

  click() {
    if (this.isRunning) return;
    // Loads Python, and proves that it runs.
    this.execute("", true);
  }

  grow() {
    this.input.rows = Math.min(this.input.value.split("\n").length, 15);
  }

  fill(text) {
    this.input.value = text;
    this.input.setSelectionRange(text.length, text.length);
    this.grow();
  }

  press(event) {
    const before = this.input.value.slice(0, this.input.selectionStart);
    const after = this.input.value.slice(this.input.selectionEnd);
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.enter();
    } else if (event.key === "ArrowUp" && !before.includes("\n") && this.place > 0) {
      event.preventDefault();
      this.place -= 1;
      this.fill(this.history[this.place]);
    } else if (event.key === "ArrowDown" && !after.includes("\n") && this.place < this.history.length) {
      event.preventDefault();
      this.place += 1;
      this.fill(this.history[this.place] ?? "");
    } else if (event.key === "Backspace" && !after && / {4}$/.test(before) && !before.split("\n").at(-1).trim()) {
      // One level of indentation at once.
      event.preventDefault();
      this.fill(before.slice(0, -4));
    }
  }

  enter() {
    if (this.isRunning) return;
    const source = this.input.value;
    const lines = source.split("\n");
    // An empty line ends a block.
    this.pending = source.trimEnd();
    if (this.pending) this.execute(lines.length > 1 && !lines.at(-1).trim() ? `${this.pending}\n` : this.pending, true);
  }

  finish(reason, isIncomplete) {
    if (isIncomplete && reason === "finished") {
      const last = this.input.value.split("\n").at(-1);
      const indent = /^ */.exec(last)[0] + (/:\s*(#.*)?$/.test(last) ? "    " : "");
      this.fill(`${this.input.value}\n${indent}`);
    } else if (this.pending) {
      this.remember();
    }
    this.pending = "";
    super.finish(reason === "finished" ? "ready" : reason);
  }

  echo() {
    if (this.pending) this.print(`${PROMPT}${this.pending.replaceAll("\n", `\n${CONTINUED}`)}\n`);
  }

  remember() {
    if (this.history.at(-1) !== this.pending) this.history.push(this.pending);
    this.place = this.history.length;
    this.fill("");
  }

  rest() {
    const isLoaded = python !== null;
    this.prompt.hidden = !isLoaded;
    this.clear.hidden = !isLoaded;
    this.run.hidden = isLoaded;
    if (isLoaded) this.input.focus();
    else this.run.focus();
  }
}

const views = new WeakMap();

export function start(root, texts) {
  if (!views.has(root)) views.set(root, "shell" in root.dataset ? new Shell(root, texts) : new Sample(root, texts));
  views.get(root).click();
}
