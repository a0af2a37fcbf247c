// Messages that the server has not accepted yet. They outlive the page and the connection: whatever was
// written is sent again until it is accepted. Each has a storage entry of its own, so that two tabs do not
// overwrite each other; a message that both send is a repeat and does nothing twice.

const PREFIX = "minsheng:pending:";

let counter = 0;

export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Pending {
  constructor() {
    this.entries = stored().sort((one, other) => one.order - other.order);
  }

  /** `frame` is what is sent; `blob` a file that has to be uploaded before. */
  add(frame, { blob = null, first = false } = {}) {
    counter += 1;
    const order = first ? 0 : Date.now() + (counter % 1000) / 1000;
    const entry = { frame: { id: newId(), ...frame }, order, at: Date.now(), blob };
    if (first) this.entries.unshift(entry);
    else this.entries.push(entry);
    this.keep(entry);
    return entry;
  }

  /** A file without its upload cannot outlive the page, so it is not stored; true when the entry was. */
  keep(entry) {
    const { frame, order, at, blob } = entry;
    if (blob && !frame.upload) return false;
    try {
      localStorage.setItem(PREFIX + frame.id, JSON.stringify({ frame, order, at }));
      return true;
    } catch {
      return false; // storage is full or not allowed: it lives as long as the page
    }
  }

  settle(id) {
    this.entries = this.entries.filter((entry) => entry.frame.id !== id);
    try {
      localStorage.removeItem(PREFIX + id);
    } catch {
      // nothing was stored, then
    }
  }

  get next() {
    return this.entries[0];
  }

  /** The next one, and what was chosen together with it. */
  get album() {
    const { group } = this.next.frame;
    return group ? this.entries.filter(({ frame }) => frame.group === group) : [this.next];
  }

  /** Files that would be lost if the page were closed now. */
  get fragile() {
    return this.entries.some((entry) => entry.blob && !entry.frame.upload);
  }
}

function stored() {
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(PREFIX))
      .map((key) => readable(localStorage.getItem(key)))
      .filter((entry) => entry);
  } catch {
    return [];
  }
}

function readable(text) {
  try {
    const entry = JSON.parse(text);
    return entry && entry.frame && entry.frame.id ? { blob: null, ...entry } : null;
  } catch {
    return null;
  }
}
