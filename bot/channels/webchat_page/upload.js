// Files on their way to the server.

import { limits } from "./words.js";

const LONGEST_SIDE = 2560; // pixels of a photo that is too large as it is

/** The server's answer: {upload} or {reason, retry_after?}; raises when it cannot be reached. */
export async function upload(blob) {
  const form = new FormData();
  form.append("file", await small(blob), blob.name || "file");
  const response = await fetch("/chat/upload", { method: "POST", body: form });
  if (response.status >= 500 && response.status !== 507) throw new Error("unreachable");
  return response.json();
}

async function small(blob) {
  if (blob.size <= limits.file || !blob.type.startsWith("image/") || !window.createImageBitmap) return blob;
  try {
    return await shrunk(await createImageBitmap(blob));
  } catch {
    return blob; // not a picture that this browser can read; the server says what is wrong with it
  }
}

function shrunk(picture) {
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no room"))), "image/jpeg", 0.85);
  });
}
