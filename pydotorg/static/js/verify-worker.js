// Computes the SHA-256 checksum of a file in parts, so that memory does not grow with the file. Web Crypto needs the whole file.
//
// Receives a File. Posts {read: bytes} about ten times a second, then {sha256: hex} or {error: sentence}.
// Bytes in memory at a time.
const PART = 4 * 1024 * 1024;
const K = new Uint32Array(64);
const INITIAL = new Uint32Array(8);

// The constants are the first 32 bits of the fractional parts of the roots of the first primes (FIPS 180-4).
function fillConstants() {
  let count = 0;
  for (let number = 2; count < 64; number += 1) {
    let isPrime = true;
    for (let factor = 2; factor * factor <= number; factor += 1) if (number % factor === 0) isPrime = false;
    if (!isPrime) continue;
    K[count] = fraction(Math.cbrt(number));
    if (count < 8) INITIAL[count] = fraction(Math.sqrt(number));
    count += 1;
  }
}

function fraction(root) {
  return Math.floor((root - Math.floor(root)) * 2 ** 32);
}

fillConstants();

class Sha256 {
  #state = Int32Array.from(INITIAL);
  #block = new Uint8Array(64);
  #filled = 0;
  #length = 0;
  #words = new Int32Array(16);
  #k = Int32Array.from(K);

  update(bytes) {
    this.#length += bytes.length;
    let at = 0;
    if (this.#filled) {
      at = Math.min(64 - this.#filled, bytes.length);
      this.#block.set(bytes.subarray(0, at), this.#filled);
      this.#filled += at;
      if (this.#filled < 64) return;
      this.#compress(this.#block, 0, 64);
      this.#filled = 0;
    }
    at = this.#compress(bytes, at, bytes.length);
    this.#block.set(bytes.subarray(at));
    this.#filled = bytes.length - at;
  }

  hex() {
    const bits = this.#length * 8;
    const padding = new Uint8Array(((this.#filled < 56 ? 56 : 120) - this.#filled) + 8);
    padding[0] = 0x80;
    const view = new DataView(padding.buffer);
    view.setUint32(padding.length - 8, Math.floor(bits / 2 ** 32));
    view.setUint32(padding.length - 4, bits >>> 0);
    this.update(padding);
    return [...this.#state].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  }

  // All whole blocks in one call: the state then stays in registers.
  #compress(bytes, at, end) {
    const w = this.#words;
    const k = this.#k;
    const state = this.#state;
    let [h0, h1, h2, h3, h4, h5, h6, h7] = state;
    while (at + 64 <= end) {
      let a = h0;
      let b = h1;
      let c = h2;
      let d = h3;
      let e = h4;
      let f = h5;
      let g = h6;
      let h = h7;
      for (let i = 0; i < 64; i += 1) {
        let word;
        if (i < 16) {
          word = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
          at += 4;
        } else {
          const x = w[(i - 15) & 15];
          const y = w[(i - 2) & 15];
          const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
          const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
          word = (w[i & 15] + s0 + w[(i - 7) & 15] + s1) | 0;
        }
        w[i & 15] = word;
        const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
        const t1 = (h + s1 + (g ^ (e & (f ^ g))) + k[i] + word) | 0;
        const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
        h = g;
        g = f;
        f = e;
        e = (d + t1) | 0;
        d = c;
        const ab = (a & b) | (c & (a | b));
        c = b;
        b = a;
        a = (t1 + s0 + ab) | 0;
      }
      h0 = (h0 + a) | 0;
      h1 = (h1 + b) | 0;
      h2 = (h2 + c) | 0;
      h3 = (h3 + d) | 0;
      h4 = (h4 + e) | 0;
      h5 = (h5 + f) | 0;
      h6 = (h6 + g) | 0;
      h7 = (h7 + h) | 0;
    }
    state.set([h0, h1, h2, h3, h4, h5, h6, h7]);
    return at;
  }
}

self.addEventListener("message", async ({ data: file }) => {
  try {
    const hash = new Sha256();
    let told = 0;
    for (let read = 0; read < file.size; read += PART) {
      hash.update(new Uint8Array(await file.slice(read, read + PART).arrayBuffer()));
      if (Date.now() - told > 100) {
        told = Date.now();
        self.postMessage({ read });
      }
    }
    self.postMessage({ sha256: hash.hex() });
  } catch (error) {
    self.postMessage({ error: error.message });
  }
});
