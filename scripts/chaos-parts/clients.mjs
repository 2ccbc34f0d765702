// The clients: they start imports of all kinds, retry, cancel and look, and remember what they were told.
import { bytesOf, files, newFile } from "./files.mjs";
import { ask, request } from "./requests.mjs";
import { chance, day, elapsed, expect, sleep } from "./tools.mjs";

/** Imports that a client was told of: id → what it was told. */
export const told = new Map();
/** Logs that a client has seen ended, as they were and since when: they must never change again. */
export const seenEnded = new Map();
/** Imports of which a client was told that they will stop. */
export const cancelled = new Set();
export const counts = { cut: 0, unanswered: 0, refused: 0 };

/** The days that ranges are made of: few enough that they overlap, and none that the sample has. */
export const FIRST_DAY = "2024-03-01";
const DAYS = 110;

/** What of a log is fixed once it has ended. */
export const fixed = (log) =>
  JSON.stringify([
    log.status, log.failure_kind, log.error_message, log.completed_at && Date.parse(log.completed_at), log.attempt,
    log.records_processed, log.games_created, log.games_updated, log.results_created, log.results_updated,
    log.results_corrected, log.results_unchanged, log.results_differing, log.duplicates, log.records_rejected,
    log.successful_dates, log.failed_dates,
  ]);

const learn = (id, what) => told.set(id, { ...told.get(id), ...what });

/** Remembers a log that was asked for at some moment: a frozen server may answer long after it has read. */
function remember(log, asked) {
  learn(log.id, {});
  const seen = seenEnded.get(log.id);
  if (log.status === "running") {
    expect(!seen || seen.at > asked, `#${log.id} had ended (${seen?.as}), and runs again`);
    return;
  }
  const { as } = seen ?? { as: fixed(log) };
  expect(as === fixed(log), `#${log.id} changed after its end from ${as} to ${fixed(log)}`);
  if (!seen) seenEnded.set(log.id, { as, at: elapsed() });
}

/** Looks at a log until it has ended, as a page does. */
async function follow(id, { servers }, dice) {
  const end = elapsed() + dice.between(2, 20);
  while (elapsed() < end) {
    const asked = elapsed();
    const { status, content } = await request(dice.one(servers), "GET", `/import-logs/${id}`, { patience: 10 });
    if (status === 200) {
      remember(content, asked);
      if (content.status !== "running") return;
    }
    await sleep(0.5);
  }
}

/** Notes what was answered to the start of an import, and follows it now and then. */
async function started({ status, content, location }, what, world, dice) {
  if (status === 0) counts.unanswered += 1;
  if (status >= 400) counts.refused += 1;
  const id = status === 202 ? content?.id : content?.import_id;
  if (id === undefined) {
    if (what.file && status === 503) what.file.denied = content?.detail;
    // A client that waits a moment before it tries the next is kinder to everybody.
    await sleep(dice.between(0.2, 1));
    return;
  }
  if (status === 202) expect(location === `/import-logs/${id}`, `#${id}: the location is ${location}`);
  learn(id, { ...what, status, answer: content });
  if (status === 202 && dice.often(0.6)) await follow(id, world, dice);
}

/** Half of the requests wait for their import's end. */
const soonOrNot = (dice) => (dice.often(0.5) ? { prefer: "respond-async" } : {});

async function uploads(world, dice) {
  const file = files.length > 3 && dice.often(0.25) ? dice.one(files) : newFile(dice);
  const body = bytesOf(file);
  const headers = soonOrNot(dice);
  const server = dice.one(world.servers);
  if (dice.often(0.07)) {
    counts.cut += 1;
    const cutAfter = Math.floor(body.length * dice.between(0, 0.98));
    await ask(server, "POST", "/import-backup", { headers, body, cutAfter });
    return;
  }
  file.uploads += 1;
  await started(await request(server, "POST", "/import-backup", { headers, body }), { file }, world, dice);
}

async function importsRange(world, dice) {
  const first = dice.whole(0, DAYS);
  const range = `start_date=${day(first, FIRST_DAY)}&end_date=${day(first + dice.whole(0, 6), FIRST_DAY)}`;
  const path = `/scheduler/import-range?${range}`;
  const headers = soonOrNot(dice);
  await started(await request(dice.one(world.servers), "POST", path, { headers }), {}, world, dice);
}

async function importsSample(world, dice) {
  const headers = soonOrNot(dice);
  await started(await request(dice.one(world.servers), "POST", "/import-sample-data", { headers }), {}, world, dice);
}

async function triggers(world, dice) {
  await started(await request(dice.one(world.servers), "POST", "/scheduler/trigger"), {}, world, dice);
}

/** The latest logs that are of some sort, if they could be read. */
async function latest(world, dice, sort) {
  const asked = elapsed();
  const { status, content } = await request(dice.one(world.servers), "GET", "/import-logs", { patience: 10 });
  if (status !== 200) return [];
  for (const log of content) remember(log, asked);
  return content.filter(sort);
}

async function retries(world, dice) {
  const failed = await latest(world, dice, (log) => log.status === "failed");
  if (failed.length === 0) return;
  const { id, import_type, failure_kind } = dice.one(failed);
  const answer = await request(dice.one(world.servers), "POST", `/import-logs/${id}/retry`);
  const hopeless = import_type === "backup" && failure_kind === "invalid_input";
  expect(answer.status !== 202 || !hopeless, `#${id} can only fail again, and its retry was accepted`);
  await started(answer, {}, world, dice);
}

async function cancels(world, dice) {
  const running = await latest(world, dice, (log) => log.status === "running");
  if (running.length === 0) return;
  const { id } = dice.one(running);
  const { status } = await request(dice.one(world.servers), "POST", `/import-logs/${id}/cancel`);
  if (status === 202) cancelled.add(id);
}

async function reads(world, dice) {
  const path = dice.one(["/import-logs", "/games", "/scheduler/status"]);
  await request(dice.one(world.servers), "GET", path, { patience: 10 });
}

const ACTIONS = [
  [48, uploads], [20, importsRange], [8, importsSample], [3, triggers], [9, retries], [4, cancels], [8, reads],
];

/** Does one thing after the other while it is wanted. */
export async function client(nth, world, isWanted) {
  const dice = chance(`client ${nth}`);
  while (isWanted()) {
    await dice.weighted(ACTIONS)(world, dice);
    await sleep(dice.between(0, 0.3));
  }
}
