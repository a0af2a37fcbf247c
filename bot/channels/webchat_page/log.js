// The conversation as it is seen. Everything goes in as text, never as HTML.

import { bubbleOf, choicesOf, element, standAlone } from "./bubble.js";
import { dayOf, heading, words } from "./words.js";

// Replies overtake announcements, so numbers do not come in order. When a connection is lost we ask again for as
// many of the last ones, and skip what is here already.
const OVERLAP = 20;
const NEAR = 96; // pixels from the end that count as reading the end
const PAUSE = 5 * 60_000; // milliseconds after which the time is shown anew
const MARGIN = 8; // pixels above a message that is read from its beginning

export class Log {
  /** `onChoice(value, label)` is called for a tap; `onKnown(id)` when the server has a message of ours. */
  constructor(box, newer, { onChoice, onKnown }) {
    Object.assign(this, { box, newer, onChoice, onKnown });
    this.known = new Set(); // the server's numbers
    this.own = new Map(); // our ids of our own messages
    this.items = new Map(); // what shows a message of theirs, by its number and by that of each whose place it took
    this.said = new WeakMap(); // what each of these says
    this.labels = new Map(); // what the buttons said, by their value
    this.current = null; // the choices of the last question
    this.lines = element("div");
    this.atEnd = true;
    this.top = 0;
    this.live = false; // the history comes in one piece, so it is neither scrolled nor read out line by line
    box.append(this.lines);
    box.addEventListener("scroll", () => this.look());
    newer.addEventListener("click", () => this.toEnd());
    // A keyboard opens, a picture has loaded, a message did not go: who read the end goes on reading it.
    const resized = new ResizeObserver(() => this.live && this.atEnd && this.toEnd());
    resized.observe(box);
    resized.observe(this.lines);
  }

  get empty() {
    return !this.known.size;
  }

  get after() {
    const numbers = [...this.known].sort((one, other) => other - one);
    return numbers[OVERLAP - 1] || 0;
  }

  /** A message that the server tells, of either side. One that changes itself comes again under its own number. */
  show(message) {
    const again = message.edits && message.edits === message.message_id;
    if (this.known.has(message.message_id) && !again) return;
    if (message.message_id) this.known.add(message.message_id);
    if (message.id && this.own.has(message.id)) {
      this.onKnown(message.id);
      return;
    }
    if (message.kind === "start" || (this.items.has(message.message_id) && !again)) return;
    const earlier = this.items.get(message.edits);
    const item = earlier || this.add(message);
    if (message.mine) this.own.set(message.id, item);
    else this.remember(item, message);
    if (earlier) this.change(item, message);
    else if (message.edits) this.markEdited(item);
    this.said.set(item, said(message));
  }

  // What changes one message again may name any that stood in its place.
  remember(item, { message_id: number, edits }) {
    if (number) this.items.set(number, item);
    if (edits) this.items.set(edits, item);
  }

  /** A message takes the place of an earlier one. Who does not see that is told where it is. */
  change(item, message) {
    if (this.said.get(item) === said(message)) return;
    const focused = item.contains(document.activeElement) && document.activeElement.value;
    item.querySelector(".bubble").replaceWith(bubbleOf(message));
    this.renew(item, message.choices);
    this.markEdited(item);
    const same = [...item.querySelectorAll(".choices button")].find((button) => button.value === focused);
    if (same) same.focus();
    if (this.live && !this.sees(item)) this.pointTo(item);
  }

  // Its buttons are as alive as the old ones were; the last question keeps its own.
  renew(item, choices) {
    const old = item.querySelector(".choices");
    const wasAsked = old && old === this.current;
    if (old) old.remove();
    if (wasAsked) this.current = null;
    if (!choices.length) return;
    for (const { value, label } of choices) this.labels.set(value, label);
    const made = choicesOf(choices, this.onChoice);
    if (wasAsked) this.current = made;
    item.append(made);
  }

  markEdited(item) {
    if (!item.querySelector(".edited")) item.querySelector(".bubble").after(element("p", { class: "edited" }, words.edited));
  }

  sees(item) {
    const [box, bubble] = [this.box, item.querySelector(".bubble")].map((node) => node.getBoundingClientRect());
    const middle = (bubble.top + bubble.bottom) / 2;
    return middle > box.top && middle < box.bottom;
  }

  // One pointer at a time, at the end, where it is read out too; what changes again and again is pointed to once.
  pointTo(item) {
    const last = this.lines.lastElementChild;
    if (this.pointer && this.pointer.isConnected && this.pointed === item) return;
    if (this.pointer) this.pointer.remove();
    this.pointed = item;
    this.pointer = element("p", { class: "pointer", "data-at": last.dataset.at });
    const button = element("button", { type: "button" }, words.edited_above);
    button.addEventListener("click", () => this.goTo(item));
    this.pointer.append(button);
    this.lines.append(this.pointer);
    this.follow(this.pointer, false);
  }

  goTo(item) {
    this.pointer.remove();
    item.tabIndex = -1;
    item.focus({ preventScroll: true });
    this.toTopOf(item);
  }

  /** A message of ours that the server may not have yet. */
  pend(entry) {
    const { frame, at, blob } = entry;
    const text = frame.text || frame.value || "";
    const kind = frame.type === "file" ? frame.kind : frame.type;
    const preview = blob ? URL.createObjectURL(blob) : "";
    const message = { mine: true, kind, text, at, choices: [], file: frame.name || "", preview };
    this.own.set(frame.id, this.add(message));
    this.mark(frame.id, "waiting", "");
  }

  settle(id) {
    this.mark(id, "", "");
  }

  mark(id, state, sentence) {
    const item = this.own.get(id);
    if (!item) return;
    item.dataset.state = state;
    item.querySelector(".state").textContent = sentence;
  }

  /** The history is told. */
  goLive() {
    this.live = true;
    this.box.setAttribute("aria-live", "polite");
    this.toEnd();
  }

  add(message) {
    const at = new Date(message.at);
    const item = element("div", { class: `message ${message.mine ? "mine" : "theirs"}` });
    item.dataset.at = at.getTime();
    if (message.kind === "choice") message = { ...message, text: this.chosen(message.text) };
    item.append(element("span", { class: "aside" }, message.mine ? words.i_said : words.bot_said));
    item.append(bubbleOf(message), element("p", { class: "state" }));
    if (message.mine && ["text", "choice", "location"].includes(message.kind)) this.retire();
    if (message.choices.length) this.offer(item, message.choices);
    this.place(item, at, message.mine && !message.message_id);
    return item;
  }

  offer(item, choices) {
    for (const { value, label } of choices) this.labels.set(value, label);
    const made = choicesOf(choices, this.onChoice);
    item.append(made);
    if (standAlone(choices)) return;
    this.retire();
    this.current = made;
  }

  // Only the last question's choices look alive. Older ones can still be tapped: the bot says that it is late.
  retire() {
    if (!this.current) return;
    this.current.classList.add("old");
    for (const button of this.current.children) button.tabIndex = -1;
    this.current = null;
  }

  chosen(value) {
    const buttons = [...this.box.querySelectorAll(".choices button")].filter((button) => button.value === value);
    const button = buttons[buttons.length - 1];
    if (button) button.setAttribute("aria-pressed", "true");
    return this.labels.get(value) || value;
  }

  // What the server tells goes before what we have not sent yet.
  place(item, at, ours) {
    const unsent = ours ? null : this.lines.querySelector('.message[data-state="waiting"]');
    const previous = unsent ? unsent.previousElementSibling : this.lines.lastElementChild;
    this.lines.insertBefore(item, unsent);
    const before = previous && new Date(Number(previous.dataset.at));
    const newDay = !before || dayOf(before) !== dayOf(at);
    if (newDay || at - before > PAUSE) {
      const time = element("time", { class: "time", datetime: at.toISOString() }, heading(at, newDay));
      this.lines.insertBefore(time, item);
    }
    if (this.live) this.follow(item, ours);
  }

  follow(item, ours) {
    if (ours) this.toEnd();
    else if (this.atEnd) this.toTopOf(item);
    else this.newer.hidden = false;
  }

  // A message longer than the screen is read from its beginning.
  toTopOf(item) {
    this.box.scrollTop = Math.min(this.box.scrollHeight, item.offsetTop - MARGIN);
    this.atEnd = this.isNearEnd();
  }

  toEnd() {
    this.box.scrollTop = this.box.scrollHeight;
    this.atEnd = true;
    this.newer.hidden = true;
  }

  isNearEnd() {
    return this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < NEAR;
  }

  // Only who moves up leaves the end: what grows below does not take anybody away from it.
  look() {
    const up = this.box.scrollTop < this.top;
    this.top = this.box.scrollTop;
    if (this.isNearEnd()) {
      this.atEnd = true;
      this.newer.hidden = true;
    } else if (up) {
      this.atEnd = false;
    }
  }
}

function said({ text, choices, file, message_id: number }) {
  return JSON.stringify([text, choices, file && [file, number]]);
}
