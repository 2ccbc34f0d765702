// The draws of the feed's days, read and merged as the data's format says.
import { digest, lineOf } from "./files.mjs";

/** Draws of a day by their games. What one answer repeats merges as answers do. */
export function decodeDay(sections) {
  const draws = new Map();
  const items = Object.values(sections).flatMap((section) => section?.lists ?? []);
  for (const item of items.filter((entry) => entry.GAME_CODE)) {
    const [, id, date] = /^(.*)-(\d{8})$/.exec(item.GAME_CODE);
    const texts = [item.RESULT_3UP, item.RESULT_2DOWN, item.RESULT_4UP].map((text) => (text ?? "").trim());
    const said = texts.map((text) => ({ รอผล: "waiting", ยกเลิก: "cancelled" })[text]).find(Boolean);
    const [up3, down2, up4] = texts.map((text) => (/^[\d-]*\d[\d-]*$/.test(text) ? text : ""));
    const status = said ?? (up3 || down2 || up4 ? "completed" : "no_result");
    const draw = { date: date.replace(/(....)(..)(..)/, "$1-$2-$3"), up3, down2, up4, status };
    draws.set(id, merged(draws.get(id), draw));
  }
  return draws;
}

const hasDigits = ({ up3, down2, up4 }) => Boolean(up3 || down2 || up4);

/** Each value merges by itself: digits replace what stood there, and nothing else replaces digits. */
function merged(stored, answer) {
  if (!stored) return answer;
  const [up3, down2, up4] = ["up3", "down2", "up4"].map((column) => answer[column] || stored[column]);
  const values = { date: stored.date, up3, down2, up4 };
  if (answer.status === "cancelled") return { ...values, status: "cancelled" };
  if (hasDigits(answer)) return { ...values, status: "completed" };
  // Only digits bring a cancelled draw back.
  if (hasDigits(stored)) return { ...values, status: stored.status === "cancelled" ? "cancelled" : "completed" };
  return { ...values, status: answer.status === "waiting" ? "waiting" : stored.status };
}

export const digestOfDay = (draws) => digest([...draws].map(([id, draw]) => lineOf(id, draw)));

export async function feedDay(url, date) {
  const begins = new Date(Date.parse(`${date}T00:00:00+07:00`)).toISOString();
  return decodeDay(await (await fetch(`${url}?dateCurrent=${begins}`)).json());
}

/** What may be stored of a day: the one answer, the other, or both, in whichever order they came. */
export function outcomes([one, other]) {
  const both = (first, second) => {
    const draws = new Map(first);
    for (const [id, draw] of second) draws.set(id, merged(first.get(id), draw));
    return draws;
  };
  return [one, other, both(one, other), both(other, one)].map(digestOfDay);
}
