// Where the person is.

import { words } from "./words.js";

const PATIENCE = 15_000; // milliseconds
const STILL_TRUE = 60_000; // milliseconds

/** {latitude, longitude} in degrees; else an Error whose message can be shown. */
export function whereAmI() {
  return new Promise((resolve, reject) => {
    const fail = (sentence) => reject(new Error(sentence));
    if (!window.isSecureContext) return fail(words.place_insecure);
    if (!navigator.geolocation) return fail(words.place_failed);
    return navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ latitude: coords.latitude, longitude: coords.longitude }),
      (error) => fail(error.code === error.PERMISSION_DENIED ? words.place_denied : words.place_failed),
      { enableHighAccuracy: true, timeout: PATIENCE, maximumAge: STILL_TRUE },
    );
  });
}
