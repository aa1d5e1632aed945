// Runs Python in a web worker, away from the page. Messages to it: {run, isSession} and {answer}. Messages from it: {ready},
// {started}, {accepted} (the source is complete), {text, isError}, {ask}, {done, isIncomplete}, {full} and {failed}.
import { loadPyodide } from "./{{ console.version }}/pyodide.mjs";

const MAX_OUTPUT = 200000;
// Writes of one run that are sent at once. Later ones are gathered, so that a loop that prints does not drown the page.
const MAX_SINGLE_WRITES = 500;
let written, writes, gathered;

const PROGRAM = `
import ast, builtins, codeop, linecache
from code import InteractiveInterpreter
from pyodide.ffi import can_run_sync, run_sync

session = InteractiveInterpreter({"__name__": "__main__"})

def read_line(prompt=""):
    if not can_run_sync():
        raise RuntimeError("input() needs a newer browser.")
    line = run_sync(ask(str(prompt)))
    print(f"{prompt}{line}")
    return line

builtins.input = read_line

def is_incomplete(source):
    if source.rsplit("\\n", 1)[-1][:1].isspace():
        return True
    try:
        return codeop.compile_command(source, "<shell>", "exec") is None
    except (SyntaxError, ValueError, OverflowError):
        return False

def run(source, is_session):
    if is_session:
        if is_incomplete(source):
            return True
        accept()
    name = "<shell>" if is_session else "<sample>"
    interpreter = session if is_session else InteractiveInterpreter({"__name__": "__main__"})
    linecache.cache[name] = (len(source), None, [f"{line}\\n" for line in source.split("\\n")], name)
    try:
        tree = ast.parse(source, name)
        code = compile(ast.Interactive(tree.body) if is_session else tree, name, "single" if is_session else "exec")
    except (SyntaxError, ValueError, OverflowError):
        interpreter.showsyntaxerror(name)
        return False
    try:
        interpreter.runcode(code)
    except SystemExit:
        pass
    return False

run
`;

function flush() {
  for (const [isError, text] of gathered) postMessage({ text, isError });
  gathered = [];
}

function write(text, isError) {
  if (written > MAX_OUTPUT || !text) return;
  written += text.length;
  writes += 1;
  if (gathered.length && gathered.at(-1)[0] === isError) gathered.at(-1)[1] += text;
  else gathered.push([isError, text]);
  if (writes < MAX_SINGLE_WRITES || writes % 100 === 0 || written > MAX_OUTPUT) flush();
  if (written > MAX_OUTPUT) postMessage({ full: true });
}

function stream(isError) {
  const decoder = new TextDecoder();
  return {
    isatty: true,
    write(bytes) {
      write(decoder.decode(bytes, { stream: true }), isError);
      return bytes.length;
    },
  };
}

function begin() {
  [written, writes, gathered] = [0, 0, []];
}

let answer;
const queue = [];
let run;
let isBusy = false;

async function work() {
  if (!run || isBusy) return;
  isBusy = true;
  while (queue.length) {
    const { run: source, isSession } = queue.shift();
    begin();
    postMessage({ started: true });
    // Suspends Python while input() waits, in browsers that can.
    const isIncomplete = await ("Suspending" in WebAssembly ? run.callPromising(source, isSession) : run(source, isSession));
    flush();
    postMessage({ done: true, isIncomplete });
  }
  isBusy = false;
}

addEventListener("message", ({ data }) => {
  if ("answer" in data) return answer?.(data.answer);
  queue.push(data);
  work().catch((error) => postMessage({ failed: String(error) }));
});

try {
  const pyodide = await loadPyodide({ env: { HOME: "/home/pyodide", PYTHON_COLORS: "0" } });
  begin();
  pyodide.setStdout(stream(false));
  pyodide.setStderr(stream(true));
  const ask = (prompt) =>
    new Promise((resolve) => {
      answer = resolve;
      flush();
      postMessage({ ask: prompt });
    });
  const accept = () => postMessage({ accepted: true });
  run = pyodide.runPython(PROGRAM, { globals: pyodide.toPy({ ask, accept }) });
  postMessage({ ready: true });
  await work();
} catch (error) {
  postMessage({ failed: String(error) });
}
