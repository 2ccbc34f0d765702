// What all parts of the chaos test share: its settings, chance, waiting, questions to the database, the verdict. The
// rehearsals of a failover and of an upgrade use them too, each with a folder of its own (REHEARSAL).
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync } from "node:fs";

export const wantedFaults = Number(process.argv[2]);
export const seed = Number(process.argv[3]);
export const root = process.cwd();
export const folder = `${root}/target/${process.env.REHEARSAL || "chaos"}`;
export const home = process.env.NUMWATCH_DATA_DIR;
export const database = "numwatch_chaos";

/** Seconds: a worker not heard of for so long counts as dead. Short, so that it happens often. */
export const LEASE = 3;
export const MAX_ATTEMPTS = 3;
/** Seconds within which whatever was hit must work again. */
export const RECOVERY = 60;

const began = performance.now();
export const elapsed = () => (performance.now() - began) / 1000;
export const sleep = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
export const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
export const hash = (kind, text) => createHash(kind).update(text).digest("hex");
export const pad = (value, width) => String(value).padStart(width, "0");
export const day = (offset, from) => new Date(Date.parse(from) + offset * 86_400_000).toISOString().slice(0, 10);

export function groupBy(list, key) {
  const groups = new Map();
  for (const item of list) {
    if (!groups.has(item[key])) groups.set(item[key], []);
    groups.get(item[key]).push(item);
  }
  return groups;
}

/** Numbers that the seed and a name decide (mulberry32), so that no stream depends on how fast another runs. */
export function chance(name) {
  let state = Number.parseInt(hash("sha256", `${seed} ${name}`).slice(0, 8), 16);
  const share = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (low, high) => low + share() * (high - low);
  /** One of [weight, value] pairs. */
  const weighted = (pairs) => {
    let left = share() * sum(pairs.map(([weight]) => weight));
    return pairs.find(([weight]) => (left -= weight) < 0)[1];
  };
  return {
    share,
    between,
    weighted,
    whole: (low, high) => Math.floor(between(low, high + 1)),
    one: (list) => list[Math.floor(share() * list.length)],
    often: (probability) => share() < probability,
  };
}

/** Waits until a condition holds, and answers whether it came to that within so many seconds. */
export async function until(patience, condition) {
  const end = elapsed() + patience;
  while (elapsed() < end) {
    if (await condition()) return true;
    await sleep(0.1);
  }
  return false;
}

export function run(command, args, input = "") {
  return new Promise((resolve, reject) => {
    const options = { encoding: "utf8", maxBuffer: 1 << 28 };
    const child = execFile(command, args, options, (error, output) => (error ? reject(error) : resolve(output.trim())));
    child.stdin.on("error", () => {}).end(input);
  });
}

export const psql = (sql) => run("scripts/postgres", ["psql", database, "-XqAt", "-v", "ON_ERROR_STOP=1"], sql);
export const number = async (sql) => Number(await psql(sql));
/** The rows of a query, as objects. */
export const rows = async (sql) => JSON.parse(await psql(`SELECT coalesce(json_agg(r), '[]') FROM (${sql}) r`));

const stamp = () => elapsed().toFixed(2).padStart(8);
export const journal = (text) => appendFileSync(`${folder}/journal.log`, `${stamp()}  ${text}\n`);
export const report = (text) => console.log(`${elapsed().toFixed(0).padStart(5)} s  ${text}`);

/** Promises that were not kept. */
export const violations = [];

export function wrong(sentence) {
  violations.push(sentence);
  journal(`WRONG ${sentence}`);
  // A fault that shows in a thousand rows is understood from the first of them.
  if (violations.length <= 50) console.log(`WRONG ${sentence}`);
}

export function expect(truth, sentence) {
  if (!truth) wrong(sentence);
}
