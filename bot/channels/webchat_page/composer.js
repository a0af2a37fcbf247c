// Writing, and the keys above it.

import { newId } from "./pending.js";
import { whereAmI } from "./place.js";
import { canRecord, Recorder } from "./voice.js";
import { limits, words } from "./words.js";

const DRAFT = "minsheng:draft";

const byId = (id) => document.getElementById(id);

export class Composer {
  /** `say(frame, blob)` sends a message. */
  constructor(say) {
    this.say = say;
    this.text = byId("text");
    this.hint = byId("hint");
    this.writing();
    this.keys();
    this.files();
    this.voice();
  }

  tell(sentence) {
    this.hint.textContent = sentence;
  }

  writing() {
    const { text } = this;
    text.value = draft();
    text.addEventListener("input", () => this.grow());
    text.addEventListener("keydown", (event) => {
      // While a Chinese input method composes, Enter chooses its word (keyCode 229: Safari tells it only so).
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.submit();
    });
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
      this.focus();
    });
    this.grow();
    if (window.matchMedia("(hover: hover) and (pointer: fine)").matches) text.focus();
  }

  submit() {
    const written = this.text.value;
    this.tell("");
    if (!written.trim()) return;
    if ([...written].length > limits.text) {
      this.tell(words.too_long);
      return;
    }
    this.text.value = "";
    this.grow();
    this.say({ type: "text", text: written });
  }

  focus() {
    this.text.focus();
  }

  grow() {
    keepDraft(this.text.value);
    this.text.style.height = "auto";
    this.text.style.height = `${this.text.scrollHeight + 2}px`;
  }

  keys() {
    for (const key of document.querySelectorAll("[data-says]")) {
      key.addEventListener("click", () => {
        this.tell("");
        this.say({ type: "text", text: key.dataset.says });
      });
    }
    byId("place").addEventListener("click", async () => {
      this.tell(words.locating);
      try {
        this.say({ type: "location", ...(await whereAmI()) });
        this.tell("");
      } catch (error) {
        this.tell(error.message);
      }
    });
  }

  files() {
    for (const [key, kind] of [["photo", "photo"], ["file", "document"]]) {
      const input = byId(`${key}-input`);
      byId(key).addEventListener("click", () => input.click());
      input.addEventListener("change", () => {
        const group = input.files.length > 1 ? newId() : "";
        this.tell("");
        for (const file of input.files) this.say({ type: "file", kind, name: file.name, group }, file);
        input.value = "";
      });
    }
  }

  voice() {
    if (!canRecord()) return;
    byId("voice").hidden = false;
    const show = (recording) => {
      byId("recorder").hidden = !recording;
      byId("writing").hidden = recording;
    };
    const recorder = new Recorder({
      onTick: (seconds) => {
        byId("elapsed").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
      },
      onEnd: (file) => {
        show(false);
        if (file) this.say({ type: "file", kind: "voice", name: file.name }, file);
      },
    });
    byId("voice").addEventListener("click", async () => {
      this.tell("");
      try {
        await recorder.start();
        show(true);
        byId("recording-send").focus();
      } catch {
        this.tell(words.voice_denied);
      }
    });
    byId("recording-send").addEventListener("click", () => recorder.stop(true));
    byId("recording-cancel").addEventListener("click", () => recorder.stop(false));
  }
}

function draft() {
  try {
    return localStorage.getItem(DRAFT) || "";
  } catch {
    return "";
  }
}

function keepDraft(text) {
  try {
    if (text) localStorage.setItem(DRAFT, text);
    else localStorage.removeItem(DRAFT);
  } catch {
    // not allowed to store: the draft lives as long as the page
  }
}
