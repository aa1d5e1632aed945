/* Puts a list of candidates into an order of the visitor's own, the same on each visit, so that nobody comes first for everybody. */
const KEY = "shuffle-seed";

function seed() {
  try {
    let known = localStorage.getItem(KEY);
    if (!known) {
      known = String(crypto.getRandomValues(new Uint32Array(1))[0]);
      localStorage.setItem(KEY, known);
    }
    return known;
  } catch {
    return null;
  }
}

/* FNV-1a: short, and spreads names well. */
function hash(text) {
  let value = 0x811c9dc5;
  for (const letter of text) value = Math.imul(value ^ letter.codePointAt(0), 0x01000193);
  return value >>> 0;
}

const own = seed();
for (const list of own ? document.querySelectorAll("[data-shuffle]") : []) {
  const place = (row) => hash(`${own} ${list.dataset.shuffle} ${row.dataset.key}`);
  [...list.children].sort((a, b) => place(a) - place(b)).forEach((row) => list.append(row));
}
