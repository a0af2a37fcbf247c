// A resident's WeChat, played. What people say goes in as text, never as HTML.

const PAUSE = 700; // milliseconds between two looks
const LINK = /https?:\/\/[^\s<>"'\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+/g;

const $ = (id) => document.getElementById(id);
const person = document.body.dataset.person;
let shown = 0;
let looking = null;

function element(tag, text = "", attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function withLinks(text) {
  const parts = [];
  let done = 0;
  for (const found of text.matchAll(LINK)) {
    parts.push(text.slice(done, found.index), element("a", found[0], { href: found[0], target: "_blank", rel: "noopener" }));
    done = found.index + found[0].length;
  }
  return [...parts, text.slice(done)];
}

function bubble({ by, text, picture, choices, card, url }) {
  if (by === "note") return element("p", text, { class: "note" });
  const line = element("div", "", { class: `message ${by}` });
  const box = element("div");
  if (picture) box.append(element("img", "", { src: picture, alt: "照片" }));
  if (card) box.append(element("small", card));
  box.append(...withLinks(text));
  if (url) box.append(element("a", "详情", { href: url, target: "_blank", rel: "noopener", class: "details" }));
  choices.forEach((label, position) => {
    const choice = element("button", label, { type: "button" });
    choice.addEventListener("click", () => act({ act: "taps", choice: position }));
    box.append(choice);
  });
  line.append(box);
  return line;
}

async function ask(address, options) {
  try {
    const answer = await fetch(address, options);
    $("hint").textContent = answer.ok ? "" : await answer.text();
    return answer.ok ? await answer.json() : null;
  } catch {
    $("hint").textContent = "沙盒没有应答，它还在运行吗？";
    return null;
  }
}

async function look() {
  clearTimeout(looking);
  const found = await ask(`/log?person=${person}&after=${shown}`);
  if (found?.after === shown) {
    for (const entry of found.entries) $("log").append(bubble(entry));
    shown += found.entries.length;
    if (found.entries.length) $("log").lastElementChild.scrollIntoView({ block: "end" });
  }
  clearTimeout(looking);
  looking = setTimeout(look, PAUSE);
}

async function post(address, body, type = "application/json") {
  looking ??= setTimeout(look, PAUSE);
  const done = await ask(address, { method: "POST", body, headers: { "Content-Type": type } });
  await look();
  return done;
}

const act = (what) => post(`/act?person=${person}`, JSON.stringify(what));

function open(button, isOpen) {
  button.setAttribute("aria-expanded", isOpen);
  $(button.getAttribute("aria-controls")).hidden = !isOpen;
}

function closeMenu() {
  for (const button of document.querySelectorAll(".opens")) open(button, false);
}

function type(isTyping) {
  $("menu").hidden = isTyping;
  $("writing").hidden = !isTyping;
  open($("plus"), false);
  if (isTyping) $("text").focus();
}

// --- below

$("keyboard").addEventListener("click", () => type(true));
$("to-menu").addEventListener("click", () => type(false));
$("plus").addEventListener("click", () => open($("plus"), $("more").hidden));
$("writing").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value;
  if (!text.trim()) return;
  $("text").value = "";
  act({ act: "says", text });
});
$("text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  $("writing").requestSubmit();
});
$("picture").addEventListener("click", () => $("file").click());
$("file").addEventListener("change", async () => {
  const [file] = $("file").files;
  if (file) await post(`/picture?person=${person}`, file, file.type || "image/jpeg");
  $("file").value = "";
});

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  const { click, place, scan, say, act: named, account, answers, agrees } = button?.dataset ?? {};
  if (button?.classList.contains("opens")) {
    const wasOpen = button.getAttribute("aria-expanded") === "true";
    closeMenu();
    open(button, !wasOpen);
    return;
  }
  closeMenu();
  const label = button?.textContent.trim();
  if (click) act({ act: "clicks", key: click, label });
  if (place) act({ act: "shares", place: Number(place) });
  if (scan !== undefined) act({ act: "scans", payload: scan, label });
  if (say) act({ act: "says", text: say });
  if (named) act({ act: named });
  if (answers) act({ act: "answers", path: answers, agrees: Boolean(agrees) });
  if (account) change(account, button);
  if (scan !== undefined || say || named || answers) panel(false);
});

// --- beside

async function change(name, button) {
  for (const one of document.querySelectorAll("[data-account]")) one.disabled = true;
  $("hint").textContent = "程序正在重新启动……";
  const changed = await post("/account", JSON.stringify({ [name]: button.getAttribute("aria-pressed") !== "true" }));
  if (changed) location.reload();
  for (const one of document.querySelectorAll("[data-account]")) one.disabled = false;
}

function panel(isOpen) {
  $("panel").classList.toggle("open", isOpen);
  $("panel-switch").setAttribute("aria-expanded", isOpen);
}

$("panel-switch").addEventListener("click", () => panel(!$("panel").classList.contains("open")));

look();
