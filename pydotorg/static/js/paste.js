// What is pasted into a rich text from Word, Google Docs, a web page or Markdown goes through the site first, which answers with text or
// with blocks (cms/pasting.py). Ctrl, Shift and V paste words alone, and plain words never take this way.
(() => {
  const texts = document.querySelector("script[data-paste]").dataset;
  const address = texts.url;
  const streams = new WeakMap();
  const APART = ["table", "code", "quote"];
  const STRUCTURE = /<(?:table|pre|h[1-6]|[uo]l|blockquote)\b|mso-list|docs-internal-guid/i;
  const OWN = /data-draftjs-conductor-fragment|data-editor=/;
  const MARKDOWN = [
    /^#{1,6} \S.*(?:\n\s*\n|$(?![\s\S]))/m, // A heading with a line free below it: a remark in source code has none.
    /^#{2,6} \S/m,
    /^\s*\|?.*\|.*\n\s*\|?\s*:?-{2,}:?\s*\|/m,
    /(?:^|\n)[ \t]*(?:[-*+]|\d+[.)]) +\S[^\n]*\n(?:[ \t]*\n)?[ \t]*(?:[-*+]|\d+[.)]) +\S/,
    /^```/m,
    /\[[^\]\n]+\]\((?:https?:|mailto:|\/|#)[^)\s]*\)/,
    /\*\*\S[^*\n]*\*\*/,
  ];
  let wordsAlone = false;
  let passing = false;

  // The block of a stream is known to nobody but its definition, so remember it by its element.
  const definition = window.wagtailStreamField?.blocks.StreamBlockDefinition.prototype;
  if (definition) {
    const { render } = definition;
    definition.render = function renderAndRemember(...rest) {
      const stream = render.apply(this, rest);
      streams.set(stream.container[0], stream);
      return stream;
    };
  }

  function streamAround(target) {
    const element = target.closest("[data-streamfield-child]");
    for (let above = element; above; above = above.parentElement) {
      const stream = streams.get(above);
      if (stream) {
        const child = stream.children.find((each) => each.element === element);
        return child?.block.widget?.input?.draftailEditor ? { stream, child } : null;
      }
    }
    return null;
  }

  function handOn(target, formats) {
    const data = new DataTransfer();
    for (const [type, text] of Object.entries(formats)) if (text) data.setData(type, text);
    passing = true;
    target.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    passing = false;
  }

  // The editor joins the first part of what comes in to the paragraph of the caret. A heading or a list begins below it instead.
  function fragmentOf(target, text) {
    const content = JSON.parse(text);
    const wrapper = target.closest(".Draftail-Editor__wrapper");
    const state = [...(wrapper?.parentNode.querySelectorAll("input") ?? [])].find((input) => input.draftailEditor)?.draftailEditor.getEditorState();
    const here = state?.getCurrentContent().getBlockForKey(state.getSelection().getStartKey()).getText();
    if (here && content.blocks[0].type !== "unstyled") {
      content.blocks.unshift({ key: "above", type: "unstyled", depth: 0, text: "", inlineStyleRanges: [], entityRanges: [] });
    }
    const fragment = document.createElement("div");
    fragment.setAttribute("data-draftjs-conductor-fragment", JSON.stringify(content));
    return fragment.outerHTML;
  }

  async function ask(facts) {
    const { CSRF_HEADER_NAME, CSRF_TOKEN } = JSON.parse(document.querySelector("#wagtail-config").textContent);
    const response = await fetch(address, { method: "POST", headers: { [CSRF_HEADER_NAME]: CSRF_TOKEN }, body: new URLSearchParams(facts) });
    return response.json();
  }

  function tell(after, words, undo) {
    document.querySelector(".pasted")?.remove();
    const notice = document.createElement("div");
    notice.className = "pasted";
    notice.setAttribute("role", "status");
    notice.append(Object.assign(document.createElement("span"), { textContent: words }));
    function button(label, action) {
      const made = Object.assign(document.createElement("button"), { type: "button", className: "button button-small button-secondary", textContent: label });
      made.addEventListener("click", () => {
        notice.remove();
        action?.();
      });
      notice.append(made);
    }
    if (undo) button(texts.undo, undo);
    button(texts.close);
    after.after(notice);
  }

  function insert({ stream, child }, blocks, lost) {
    const before = child.getState();
    const at = stream.children.indexOf(child);
    const { stateBefore, stateAfter } = window.draftail.splitState(child.block.widget.getState());
    const added = [];
    const add = (state) => added.push(stream.insert({ id: crypto.randomUUID?.() ?? null, ...state }, at + 1 + added.length, {}));
    const isEmpty = !stateBefore.getCurrentContent().hasText();
    for (const block of blocks) add(block);
    if (stateAfter.getCurrentContent().getPlainText().trim()) add({ type: child.type, value: stateAfter });
    if (isEmpty) stream.deleteBlock(at);
    else child.block.widget.setState(stateBefore);
    const last = added.at(-1);
    last.focus({ soft: true });
    const pasted = blocks.length === 1 ? texts.one : texts.many.replace("{number}", blocks.length);
    tell(last.element, `${pasted} ${lost}`.trim(), () => {
      for (const each of added) {
        const index = stream.children.indexOf(each);
        if (index >= 0) stream.deleteBlock(index);
      }
      if (isEmpty) stream.insert(before, at, { focus: true });
      else child.block.widget.setState(before.value);
    });
  }

  document.addEventListener("keydown", (event) => {
    wordsAlone = (event.ctrlKey || event.metaKey) && event.shiftKey && event.key.toLowerCase() === "v";
  }, true);

  document.addEventListener("paste", async (event) => {
    const { target } = event;
    if (passing || wordsAlone || !target.closest?.(".public-DraftEditor-content")) return;
    const html = event.clipboardData.getData("text/html").replace(/\ssrc=(["'])data:.*?\1/gi, "");
    const text = event.clipboardData.getData("text/plain");
    const isMarkdown = !STRUCTURE.test(html) && MARKDOWN.some((pattern) => pattern.test(text.replaceAll("\r\n", "\n")));
    if (OWN.test(html) || !(isMarkdown || STRUCTURE.test(html))) return;
    event.preventDefault();
    event.stopPropagation();
    const place = streamAround(target);
    const allowed = APART.filter((name) => place?.stream.blockDef.childBlockDefsByName[name]);
    const facts = [[isMarkdown ? "markdown" : "html", isMarkdown ? text : html], ...allowed.map((name) => ["blocks", name])];
    // Where the site does not answer, the editor does what it can by itself.
    const answer = await ask(facts).catch(() => null);
    if (!answer) {
      handOn(target, { "text/html": html, "text/plain": text });
      return;
    }
    const field = target.closest("[data-field]") ?? target;
    const lost = answer.lost?.length ? texts.lost.replace("{names}", answer.lost.join(", ")) : "";
    if (answer.error) {
      tell(field, answer.error);
    } else if (answer.blocks) {
      insert(place, answer.blocks, lost);
    } else {
      if (answer.text) handOn(target, { "text/html": fragmentOf(target, answer.text), "text/plain": text });
      if (lost) tell(field, lost);
    }
  }, true);
})();
