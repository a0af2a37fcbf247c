// Sends what is pending, one after another, each until it is accepted: what was written first arrives first.

import { upload } from "./upload.js";
import { words } from "./words.js";

const UPLOAD_AGAIN = 3000; // milliseconds, as is the next
const SLOW = 1000; // after which it is said that a message is on its way

export class Delivery {
  constructor(pending, connection, log) {
    Object.assign(this, { pending, connection, log });
    this.running = false;
    this.answered = null;
    this.until = 0;
  }

  async run() {
    if (this.running) return;
    this.running = true;
    try {
      while (this.connection.ready && this.pending.next && (await this.deliver()));
    } finally {
      this.running = false;
    }
  }

  /** The server's word on a message. */
  hear(frame) {
    if (this.answered && this.answered.id === frame.id) this.answered.resolve(frame);
    else if (frame.type === "accepted") this.settle(frame.id);
  }

  /** The connection is lost: what was on its way is sent again later. */
  interrupt() {
    if (this.answered) this.answered.resolve(null);
  }

  settle(id) {
    this.pending.settle(id);
    this.log.settle(id);
  }

  // Photos that were chosen together are answered once, after the last: so all are uploaded before the first is sent,
  // and those that are not taken are left out. True when the next step may follow.
  async deliver() {
    const { next, album } = this.pending;
    const waiting = album.find(({ frame, blob }) => blob && !frame.upload);
    if (waiting) return this.uploads(waiting);
    const frame = { ...next.frame, following: album.length - 1 };
    return this.judge(next, await this.patiently(next, () => this.exchange(frame)));
  }

  async uploads(entry) {
    const answer = await this.patiently(entry, () => this.uploaded(entry));
    return answer === true || this.judge(entry, answer);
  }

  async patiently({ frame }, act) {
    this.log.mark(frame.id, "sending", "");
    const patience = setTimeout(() => this.log.mark(frame.id, "sending", words.sending), SLOW);
    const answer = await act();
    clearTimeout(patience);
    return answer;
  }

  // What the server's answer makes of a message; true when the next one may follow.
  judge({ frame }, answer) {
    if (answer && answer.type === "accepted") {
      this.settle(frame.id);
      return true;
    }
    if (answer && !answer.retry_after) {
      this.pending.settle(frame.id);
      this.log.mark(frame.id, "failed", words.not_sent + answer.reason);
      return true;
    }
    this.log.mark(frame.id, "waiting", answer ? answer.reason : words.waiting);
    if (answer) setTimeout(() => this.run(), 1000 * answer.retry_after);
    return false;
  }

  // True once the file is with the server; else what to do about it, like an answer of the socket.
  async uploaded(entry) {
    try {
      const answer = await upload(entry.blob);
      if (!answer.upload) return answer;
      entry.frame.upload = answer.upload;
      this.pending.keep(entry);
      return true;
    } catch {
      setTimeout(() => this.run(), UPLOAD_AGAIN);
      return null;
    }
  }

  exchange(frame) {
    return new Promise((resolve) => {
      this.answered = { id: frame.id, resolve };
      if (!this.connection.send(frame)) resolve(null);
    }).finally(() => {
      this.answered = null;
    });
  }
}
