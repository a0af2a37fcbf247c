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
      while (this.connection.ready && this.pending.next && (await this.deliver(this.pending.next)));
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

  // True when the next one may follow.
  async deliver(entry) {
    const { frame } = entry;
    this.log.mark(frame.id, "sending", "");
    const patience = setTimeout(() => this.log.mark(frame.id, "sending", words.sending), SLOW);
    const uploaded = await this.uploaded(entry);
    const answer = uploaded === true ? await this.exchange(frame) : uploaded;
    clearTimeout(patience);
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
    if (!entry.blob || entry.frame.upload) return true;
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
