// One message's parts: words, files, buttons.

import { words } from "./words.js";

const LINK = /https?:\/\/[^\s<>"'\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+/g;
const DOUBLE_TAP = 700; // milliseconds within which a second tap on a button is the first one's trembling

export function element(tag, attributes = {}, text = "") {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  return made;
}

export function bubbleOf(message) {
  const bubble = element("div", { class: "bubble" });
  if (message.kind === "location") bubble.append(placeOf());
  if (message.file || message.preview) bubble.append(fileOf(message));
  if (message.text) bubble.append(wordsOf(message));
  return bubble;
}

// The pin is drawn, for not every telephone has one among its characters.
function placeOf() {
  const line = element("p", { class: "words place" }, words.my_place);
  line.prepend(document.querySelector("#place svg").cloneNode(true));
  return line;
}

function wordsOf({ mine, text }) {
  const paragraph = element("p", { class: "words", dir: "auto" });
  if (mine) paragraph.textContent = text;
  else paragraph.append(...withLinks(text));
  return paragraph;
}

function withLinks(text) {
  const parts = [];
  let done = 0;
  for (const found of text.matchAll(LINK)) {
    const address = found[0].replace(/[.,;:!?)\]]+$/, "");
    parts.push(text.slice(done, found.index), linkTo(address, address));
    done = found.index + address.length;
  }
  return [...parts, text.slice(done)];
}

function linkTo(address, text) {
  return element("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, text);
}

function fileOf({ kind, message_id: number, preview, file }) {
  const address = preview || (number ? `/chat/file/${number}` : "");
  const name = file || { photo: words.my_photo, voice: words.my_voice }[kind] || "";
  if (address && kind === "photo") return pictureOf(address, name);
  if (address && kind === "voice") return element("audio", { src: address, controls: "", preload: "none", "aria-label": name });
  return downloadOf(preview ? "" : address, name);
}

function pictureOf(address, name) {
  const link = linkTo(address, "");
  const picture = element("img", { src: address, alt: name });
  picture.onerror = () => link.replaceWith(downloadOf(address, name));
  link.append(picture);
  return link;
}

function downloadOf(address, name) {
  const line = element(address ? "a" : "p", address ? { class: "file", href: address, download: name } : { class: "file" });
  line.append(element("bdi", {}, name));
  if (address) line.append(element("span", { class: "download" }, words.download));
  return line;
}

/** Whether buttons carry marks of their own (a12.read), so that they lead on from an announcement at any time and answer no question. */
export const standAlone = (choices) => choices.every(({ value }) => /^a\d+\./.test(value));

export function choicesOf(choices, onChoice) {
  const group = element("div", { class: "choices", role: "group", "aria-label": words.choices });
  if (standAlone(choices)) group.classList.add("alone");
  if (choices.every(({ label }) => label.length <= 6)) group.classList.add("short");
  for (const { value, label } of choices) group.append(choiceOf(value, label, onChoice));
  return group;
}

function choiceOf(value, label, onChoice) {
  const button = element("button", { type: "button", value });
  button.append(element("bdi", {}, label));
  let last = -DOUBLE_TAP;
  button.addEventListener("click", (event) => {
    if (event.timeStamp - last < DOUBLE_TAP) return;
    last = event.timeStamp;
    onChoice(value, event);
  });
  return button;
}
