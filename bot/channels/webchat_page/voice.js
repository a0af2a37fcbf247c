// Voice messages of at most a minute.

const LONGEST = 60; // seconds
const FORMS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];

export function canRecord() {
  return Boolean(window.MediaRecorder && navigator.mediaDevices && form());
}

function form() {
  return FORMS.find((one) => MediaRecorder.isTypeSupported(one));
}

export class Recorder {
  /** `onTick(seconds)` while it records; `onEnd(file)` when it ends, with null when it was thrown away. */
  constructor({ onTick, onEnd }) {
    Object.assign(this, { onTick, onEnd });
  }

  /** Raises when the microphone is not permitted. */
  async start() {
    if (this.machine) return;
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const pieces = [];
    this.machine = new MediaRecorder(stream, { mimeType: form(), audioBitsPerSecond: 32_000 });
    this.machine.ondataavailable = (event) => pieces.push(event.data);
    this.machine.onstop = () => this.end(stream, pieces);
    this.machine.start();
    this.began = Date.now();
    this.onTick(0);
    this.timer = setInterval(() => this.tick(), 250);
  }

  stop(wanted) {
    this.wanted = wanted;
    if (this.machine && this.machine.state !== "inactive") this.machine.stop();
  }

  tick() {
    const seconds = Math.min(LONGEST, Math.floor((Date.now() - this.began) / 1000));
    this.onTick(seconds);
    if (seconds >= LONGEST) this.stop(true);
  }

  end(stream, pieces) {
    clearInterval(this.timer);
    for (const track of stream.getTracks()) track.stop();
    const type = this.machine.mimeType.split(";")[0];
    const extension = { "audio/webm": "webm", "audio/mp4": "m4a", "audio/ogg": "ogg" }[type] || "webm";
    this.machine = null;
    this.onEnd(this.wanted ? new File(pieces, `voice.${extension}`, { type }) : null);
  }
}
