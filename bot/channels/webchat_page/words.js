// The page's own words, in the language that the server chose, and the server's limits.

export const words = JSON.parse(document.getElementById("words").textContent);
export const limits = JSON.parse(document.getElementById("limits").textContent); // text: characters, file: bytes
export const locale = document.documentElement.lang;

const chinese = locale.startsWith("zh");
const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hour12: false });
const thisYear = new Intl.DateTimeFormat(locale, { month: "long", day: "numeric", weekday: "long" });
const anyYear = new Intl.DateTimeFormat(locale, { year: "numeric", month: "long", day: "numeric" });

export function dayOf(at) {
  return `${at.getFullYear()}-${at.getMonth() + 1}-${at.getDate()}`;
}

/** What stands above a message: the time, on a new day with the day. */
export function heading(at, newDay) {
  return newDay ? `${dayName(at)} ${clock.format(at)}` : clock.format(at);
}

function dayName(at) {
  const now = new Date();
  const before = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (dayOf(at) === dayOf(now)) return words.today;
  if (dayOf(at) === dayOf(before)) return words.yesterday;
  const name = (at.getFullYear() === now.getFullYear() ? thisYear : anyYear).format(at);
  return chinese ? name.replace("星期", " 星期") : name;
}
