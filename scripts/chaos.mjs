// The chaos test. Called by scripts/chaos, which has made a database cluster for it alone.
//
// Two servers and two workers share one database. Clients keep starting imports of all kinds, and meanwhile processes
// are killed, frozen and cut off, PostgreSQL crashes and restarts, and the feed fails. Then it is quiet, and everything
// is checked. A line "WRONG" is a promise that was not kept; then it ends with 1.
//
// The seed decides which faults are made, in which order and how long each lasts, and what the clients do. It can't
// decide what a process is doing at the moment in which a fault hits it: a seed that found something may have to be
// run several times to find it again. target/chaos/journal.log says what was done when.
//
// CHAOS_SABOTAGE='an SQL statement' is run before the checks, so that they can be seen to fail.
import { spawn } from "node:child_process";
import { utimesSync } from "node:fs";
import { checkAll, payloads, readLogs } from "./chaos-parts/checks.mjs";
import { FIRST_DAY, cancelled, client, counts, fixed, told } from "./chaos-parts/clients.mjs";
import { fault, faultsMade, makeFaults, tally } from "./chaos-parts/faults.mjs";
import { bytesOf, newFile } from "./chaos-parts/files.mjs";
import { build } from "./chaos-parts/processes.mjs";
import { allEnded, calm, checkPanics, dump, quiet } from "./chaos-parts/quiet.mjs";
import { request } from "./chaos-parts/requests.mjs";
import {
  RECOVERY, chance, database, day, expect, groupBy, number, psql, report, rows, seed, sum, until, violations,
  wantedFaults, wrong,
} from "./chaos-parts/tools.mjs";
import { rehearse } from "./chaos-parts/verdict.mjs";

const CLIENTS = 5;
/** Seconds after the last fault within which every import must have ended: 60 are promised, and some to run it. */
const QUIET = 90;

const progress = () => `${faultsMade()} of ${wantedFaults} faults, ${told.size} imports known to the clients`;

/** The clients go on for as long as faults are made. */
async function trouble(world) {
  let wanted = true;
  const clients = Array.from({ length: CLIENTS }, (_, nth) => client(nth, world, () => wanted));
  const timer = setInterval(() => report(progress()), 30_000);
  await makeFaults(world);
  clearInterval(timer);
  wanted = false;
  await Promise.all(clients);
}

// --- quiet ---

/** Lets no import write results until `release` is called. */
async function holdResults() {
  const holder = spawn("scripts/postgres", ["psql", database, "-Xq"], { stdio: ["pipe", "ignore", "inherit"] });
  const held = "SELECT count(*) FROM pg_locks WHERE relation = 'results'::regclass AND mode = 'ShareLock' AND granted";
  holder.stdin.write("BEGIN; LOCK TABLE results IN SHARE MODE;\n");
  await until(RECOVERY, async () => (await number(held)) === 1);
  return { release: () => holder.stdin.end("COMMIT;\n") };
}

/**
 * The last fault: a worker is frozen while it merges, with rows of its imports locked in the database, and wakes up
 * only when all imports have ended without it, its own ones too.
 */
async function freezeForGood({ servers, workers }) {
  const merging = `SELECT application_name AS name FROM pg_stat_activity
    WHERE application_name LIKE 'worker-%' AND wait_event_type = 'Lock' AND query ~ '(INSERT INTO|COPY) results'`;
  const dice = chance("the last fault");
  const results = await holdResults();
  // More than the servers can take, so that a worker gets some.
  for (let nth = 0; nth < 8; nth += 1) {
    const body = bytesOf(newFile(dice, { kind: "sound", results: 2000 }));
    await request(dice.one(servers), "POST", "/import-backup", { headers: { prefer: "respond-async" }, body });
  }
  let victim;
  const caught = await until(RECOVERY, async () => (victim = (await rows(merging))[0]));
  if (!caught) {
    results.release();
    wrong(`${RECOVERY} s after 8 uploads no worker had come to merge one`);
    return;
  }
  const worker = workers.find((one) => one.name === victim.name);
  const hit = () => {
    worker.signal("SIGSTOP");
    results.release();
  };
  await fault("worker frozen while it merges, for good", hit, allEnded, QUIET);
  worker.signal("SIGCONT");
}

/**
 * Each of the processes takes part again: imports that last a second or two, more than half of the processes could
 * run at a time, are shared out among all.
 */
async function allTakePart({ servers, all }) {
  const before = new Map(all.map((target) => [target, target.begun()]));
  const takers = () => all.filter((target) => target.begun() > before.get(target));
  // A range that waits or runs is refused: no two are the same, not even of two rounds.
  let asked = 0;
  const path = () => {
    const [first, length] = [asked % 40, 9 + Math.floor(asked / 40)];
    asked += 1;
    return `/scheduler/import-range?start_date=${day(first, FIRST_DAY)}&end_date=${day(first + length, FIRST_DAY)}`;
  };
  const complete = await until(RECOVERY, async () => {
    const asks = servers.flatMap((server) => Array.from({ length: 8 }, () => request(server, "POST", path())));
    for (const { status, content } of await Promise.all(asks)) {
      expect(status === 200 && content.success, `in quiet times a range was answered ${JSON.stringify(content)}`);
    }
    return takers().length === all.length;
  });
  if (!complete) wrong(`only these processes take imports after the faults: ${takers().map(({ name }) => name).join(", ")}`);
}

/** "One click runs it again": retries what failed and can succeed. Of a chain of retries, the last. */
async function retryFailures({ servers }) {
  const passing = await rows(`
    SELECT id FROM import_logs log
    WHERE status = 'failed' AND resolved_by IS NULL AND failure_kind <> 'invalid_input'
      AND (import_type <> 'backup' OR payload IS NOT NULL)
      AND NOT EXISTS (SELECT FROM import_logs retry WHERE retry.retry_of = log.id)
    ORDER BY id`);
  const started = [];
  for (const { id } of passing) {
    const { status, content } = await request(servers[id % 2], "POST", `/import-logs/${id}/retry`);
    if (status === 202) started.push(content.id);
    // Of two failures that keep the same upload, the retry of one may put the other right.
    else expect(status === 409, `the retry of #${id} was answered ${status}: ${JSON.stringify(content)}`);
  }
  await quiet(RECOVERY);
  for (const log of (await readLogs()).filter((entry) => started.includes(entry.id))) {
    const right = log.status === "success" || log.failure_kind === "invalid_input";
    expect(right, `#${log.id}, a retry in quiet times, is ${fixed(log)}`);
  }
  return started.length;
}

/**
 * The logs are cleared, a day passes, and a process starts anew: then no uploads are left. That the day has passed is
 * told to the files, since nobody wants to wait for it.
 */
async function clearAll({ servers, all }, logs) {
  const { content } = await request(servers[0], "DELETE", "/import-logs");
  const cleared = content?.logs_deleted;
  expect(cleared === logs.length, `${cleared} logs were cleared, and there were ${logs.length}`);
  for (const table of ["import_logs", "import_dates", "import_rejects"]) {
    const left = await number(`SELECT count(*) FROM ${table}`);
    expect(left === 0, `${left} rows of ${table} are left after the logs were cleared`);
  }
  await Promise.all(all.map((target) => target.stop(20)));
  const before = new Date(Date.now() - 2 * 86_400_000);
  for (const path of payloads()) utimesSync(path, before, before);
  await all[0].start();
  const tidy = await until(10, () => payloads().length === 0);
  await all[0].stop(20);
  if (!tidy) wrong(`housekeeping left these uploads: ${payloads().join(", ")}`);
}

/** Life after the faults. */
async function goOn(world) {
  await allTakePart(world);
  report(`retried ${await retryFailures(world)} failures; checking again`);
  await clearAll(world, await checkAll(world));
}

// --- the whole ---

function printTable() {
  const kinds = [...tally].sort(([one], [other]) => one.localeCompare(other));
  const width = Math.max(5, ...kinds.map(([kind]) => kind.length));
  console.log(`\n${"fault".padEnd(width)}  made  survived`);
  for (const [kind, { made, survived }] of kinds) {
    console.log(`${kind.padEnd(width)}  ${String(made).padStart(4)}  ${String(survived).padStart(8)}`);
  }
}

function printImports(logs) {
  const kinds = [...groupBy(logs, "import_type")].map(([type, list]) => {
    const good = list.filter((log) => log.status === "success").length;
    return `${list.length} ${type} (${good} succeeded, ${list.length - good} failed)`;
  });
  const failures = [...groupBy(logs.filter((log) => log.failure_kind), "failure_kind")];
  const again = sum(logs.map((log) => Math.max(0, log.attempt - 1)));
  console.log(`\nimports: ${kinds.join(", ")}`);
  console.log(`failed: ${failures.map(([kind, list]) => `${list.length} ${kind}`).join(", ") || "none"}`);
  console.log(`begun again after an interruption: ${again}; uploads cut off: ${counts.cut}; ` +
    `cancels accepted: ${cancelled.size}; requests unanswered: ${counts.unanswered}, refused: ${counts.refused}`);
}

async function main() {
  console.log(`seed ${seed}: ${wantedFaults} faults`);
  const world = await build();
  await trouble(world);
  await calm(world);
  await freezeForGood(world);
  const ended = await quiet(QUIET);
  report(`${progress()}; checking`);
  if (process.env.CHAOS_SABOTAGE) await psql(process.env.CHAOS_SABOTAGE);
  const logs = await checkAll(world);
  if (violations.length > 0) await dump();
  // What runs for ever would only break all that follows, too.
  if (ended) await goOn(world);
  checkPanics(world.all.map((target) => target.name));
  printTable();
  printImports(logs);
  const survived = sum([...tally.values()].map((kind) => kind.survived));
  return `${faultsMade()} faults made, ${survived} survived; ${logs.length} imports`;
}

rehearse(main);
