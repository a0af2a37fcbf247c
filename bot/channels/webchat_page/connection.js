// The socket to the server: opened again whenever it is lost, and asked now and then whether it still lives.

const FIRST_WAIT = 500; // milliseconds, like all below
const LONGEST_WAIT = 15_000;
const PING_EVERY = 25_000;
const ANSWER_WITHIN = 15_000; // every frame of ours is answered
const SLOWEST = 3; // characters a millisecond, on a bad line: a very long message takes its time
const UNKNOWN_VISITOR = 4401;
const RELOADED = "minsheng:reloaded";

export class Connection {
  /**
   * `after` tells the id after which messages are missing here. `onFrame` gets what the server says; `onReady` is
   * called when it has told all that was missing, `onLost` with a reason of the server's, if it gave one.
   */
  constructor({ after, onFrame, onReady, onLost }) {
    Object.assign(this, { after, onFrame, onReady, onLost });
    this.socket = null;
    this.ready = false;
    this.wait = FIRST_WAIT;
    this.reason = "";
    window.addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.hurry());
    setInterval(() => this.ready && this.ping(), PING_EVERY);
  }

  open() {
    clearTimeout(this.again);
    clearTimeout(this.deadline);
    this.due = 0; // milliseconds since 1970, when an answer must be here
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/chat/ws?after=${this.after()}`);
    this.socket = socket;
    socket.onopen = () => this.ping();
    socket.onmessage = (event) => this.socket === socket && this.hear(JSON.parse(event.data));
    socket.onclose = (event) => this.socket === socket && this.lose(event.code);
  }

  /** False when there is no connection to send over. */
  send(frame) {
    if (!this.socket || this.socket.readyState !== WebSocket.OPEN) return false;
    const written = JSON.stringify(frame);
    this.socket.send(written);
    // What is on its way already is waited for, whatever small comes after it.
    this.due = Math.max(this.due, Date.now() + ANSWER_WITHIN + written.length / SLOWEST);
    clearTimeout(this.deadline);
    this.deadline = setTimeout(() => this.lose(), this.due - Date.now());
    return true;
  }

  // Frames are answered in order and after the history, so the first pong says that the history is told.
  ping() {
    this.send({ type: "ping" });
  }

  hear(frame) {
    clearTimeout(this.deadline);
    this.due = 0;
    if (frame.type === "pong") {
      this.wait = FIRST_WAIT;
      this.reason = "";
      if (!this.ready) {
        this.ready = true;
        mayReloadAgain();
        this.onReady();
      }
    } else if (frame.type === "refused" && !frame.id) {
      this.reason = frame.reason;
      this.wait = Math.max(this.wait, 1000 * (frame.retry_after || 0));
      if (this.socket.readyState === WebSocket.OPEN) setTimeout(() => this.ping(), this.wait);
    } else {
      this.onFrame(frame);
    }
  }

  lose(code) {
    const socket = this.socket;
    this.socket = null;
    this.ready = false;
    clearTimeout(this.deadline);
    if (socket) socket.close();
    this.onLost(this.reason);
    if (code === UNKNOWN_VISITOR && reloadsOnce()) return;
    this.again = setTimeout(() => this.open(), this.wait * (1 + Math.random() / 2));
    this.wait = Math.min(2 * this.wait, LONGEST_WAIT);
  }

  hurry() {
    if (this.ready) this.ping();
    else if (!this.socket) this.open();
  }
}

// Without a cookie the server does not know us: the page itself brings a new one. Once, for cookies may be forbidden.
function reloadsOnce() {
  try {
    if (sessionStorage.getItem(RELOADED)) return false;
    sessionStorage.setItem(RELOADED, "1");
  } catch {
    return false;
  }
  location.reload();
  return true;
}

function mayReloadAgain() {
  try {
    sessionStorage.removeItem(RELOADED);
  } catch {
    // not allowed to store, so nothing was
  }
}
