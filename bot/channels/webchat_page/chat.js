// The web chat's page: what is written goes through `pending` and `delivery`, what is told goes into `log`.

import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { Delivery } from "./delivery.js";
import { Log } from "./log.js";
import { Pending } from "./pending.js";
import { words } from "./words.js";

const byId = (id) => document.getElementById(id);
const status = byId("status");
const pending = new Pending();
let met = false; // whether the server has told the history once

const log = new Log(byId("log"), byId("newer"), {
  onChoice: (value, event) => {
    say({ type: "choice", value });
    if (event.detail === 0) composer.focus(); // chosen by keyboard: the button is old now
  },
  onKnown: (id) => delivery.settle(id),
});

const connection = new Connection({
  after: () => log.after,
  onFrame: (frame) => (frame.type === "message" ? log.show(frame) : delivery.hear(frame)),
  onReady: () => {
    status.textContent = "";
    if (!met) meet();
    delivery.run();
  },
  onLost: (reason) => {
    status.textContent = reason || words.lost;
    delivery.interrupt();
    for (const { frame } of pending.entries) log.mark(frame.id, "waiting", words.waiting);
  },
});

const delivery = new Delivery(pending, connection, log);
const composer = new Composer(say);

function say(frame, blob = null) {
  const entry = pending.add(frame, { blob });
  if (frame.type !== "start") log.pend(entry);
  if (!connection.ready) log.mark(entry.frame.id, "waiting", words.waiting);
  delivery.run();
}

// The history is told for the first time: what an earlier page could not send follows; who is new is greeted.
function meet() {
  met = true;
  const isNew = log.empty && !pending.entries.some(({ frame }) => frame.type === "start");
  for (const entry of pending.entries) {
    if (entry.frame.type !== "start" && !log.own.has(entry.frame.id)) log.pend(entry);
  }
  // A fixed id, so that two tabs of a first visit are one greeting.
  if (isNew) pending.add({ type: "start", id: "first-start", payload: "" }, { first: true });
  log.goLive();
}

// A deep link is taken once: its payload leaves the address, so that reloading does not send it again.
function takeDeepLink() {
  const payload = new URLSearchParams(location.search).get("start");
  if (!payload) return;
  say({ type: "start", payload: payload.slice(0, 200) });
  history.replaceState(null, "", location.pathname);
}

function largeType() {
  const button = byId("large");
  button.addEventListener("click", () => {
    const large = document.documentElement.classList.toggle("large");
    button.setAttribute("aria-pressed", String(large));
    document.cookie = `minsheng_large=${large ? 1 : 0}; path=/chat; max-age=34560000; SameSite=Lax`;
    composer.grow();
  });
}

// Where the keyboard covers the page instead of shrinking it (Safari), the page is made to fit. Not while zoomed.
function fitAboveKeyboard() {
  const view = window.visualViewport;
  if (!view) return;
  view.addEventListener("resize", () => {
    if (Math.abs(view.scale - 1) < 0.01) document.documentElement.style.setProperty("--height", `${view.height}px`);
  });
}

window.addEventListener("beforeunload", (event) => pending.fragile && event.preventDefault());
takeDeepLink();
largeType();
fitAboveKeyboard();
connection.open();
