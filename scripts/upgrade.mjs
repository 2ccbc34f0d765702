// The rolling upgrade's rehearsal. Called by scripts/upgrade, which has made a database cluster for it alone and let the old
// program migrate it.
//
// The old program serves and works; the new one migrates, and starts beside it; the old one's worker starts anew on the newer
// schema; the old one stops. Clients start imports of all kinds all the time, through whichever is there, and somebody looks
// at the pages of both. At the end all is checked as the chaos test does. A line "WRONG" is a promise that was not kept; then
// it ends with 1.
//
// What is promised: no page of either is ever answered other than 200; imports that come through either are taken by either;
// nothing is lost; and what only a newer program could have written breaks neither.
import { checkAll } from "./chaos-parts/checks.mjs";
import { client, counts, seenEnded, told } from "./chaos-parts/clients.mjs";
import { numwatch, own, startFeed } from "./chaos-parts/processes.mjs";
import { calm, checkPanics, dump, quiet } from "./chaos-parts/quiet.mjs";
import {
  RECOVERY, database, elapsed, expect, groupBy, journal, number, psql, report, run, seed, sleep, violations, wrong,
} from "./chaos-parts/tools.mjs";
import { rehearse } from "./chaos-parts/verdict.mjs";
import { watch } from "./chaos-parts/watch.mjs";

const CLIENTS = 5;
/** Seconds that each step lasts. */
const STEP = 10;
const old = process.env.NUMWATCH_OLD_PROGRAM;

const MIGRATIONS = "SELECT count(*) FROM _sqlx_migrations";

/** An import of a kind that neither program knows, in line and over: as a program still newer would write it. */
const STRANGE = `
  ALTER TABLE import_logs DROP CONSTRAINT import_logs_import_type_check, DROP CONSTRAINT import_logs_failure_kind_check;
  INSERT INTO import_logs (import_type, requested_by, status, completed_at, failure_kind, error_message)
    VALUES ('telegram', 'robot', 'failed', now(), 'boredom', 'It was boring.');
  WITH log AS (INSERT INTO import_logs (import_type, requested_by) VALUES ('telegram', 'robot') RETURNING id)
  INSERT INTO import_runs (import_id, phase, lane) SELECT id, 'queued', 'short' FROM log;`;

/** As if they had never been: the checks would miss them. */
async function forgetStrange() {
  const ids = await psql("DELETE FROM import_logs WHERE import_type = 'telegram' RETURNING id");
  for (const id of ids.split("\n").map(Number)) {
    told.delete(id);
    seenEnded.delete(id);
  }
}

/** Starts a server and a worker of a program, through which clients go from then on. */
async function join(world, names, program, feed) {
  const url = new URL(await run("scripts/postgres", ["url", database]));
  const at = encodeURIComponent(url.searchParams.get("host"));
  const settings = { NUMWATCH_LEASE_SECONDS: "", NUMWATCH_SHUTDOWN_GRACE_SECONDS: "" };
  const made = [];
  for (const [name, command] of names) {
    const target = await numwatch(name, command, feed, 5432, { settings, program });
    target.env.DATABASE_URL = `postgres://numwatch@localhost/${database}?host=${at}&application_name=${name}`;
    await target.start();
    made.push(target);
  }
  world.servers.push(made[0]);
  world.all.push(...made);
  return made;
}

async function stop(target) {
  expect(await target.stop(40), `${target.name} was asked to stop, and 40 s later it had not`);
}

async function step(words) {
  journal(words);
  report(words);
  await sleep(STEP);
}

async function main() {
  console.log(`seed ${seed}`);
  const { feed, during, afterwards } = await startFeed(["--error-rate", "0.05", "--slow", "50", "--seed", String(seed)]);
  const world = { feed, during, afterwards, servers: [], all: [] };
  const [oldServer, oldWorker] = await join(world, [["old-server", "serve"], ["old-worker", "worker"]], old, during);
  const looksAtOld = watch([oldServer]);
  let wanted = true;
  const clients = Array.from({ length: CLIENTS }, (_, nth) => client(nth, world, () => wanted));
  await step("the old program serves and works");

  const before = await number(MIGRATIONS);
  const owner = await run("scripts/postgres", ["url", database]);
  await run("env", [`DATABASE_OWNER_URL=${owner}`, `DATABASE_URL=${oldServer.env.DATABASE_URL}`, own, "migrate"]);
  const added = (await number(MIGRATIONS)) - before;
  await step(`the new program has migrated the schema, by ${added} migrations; the old one goes on`);

  await stop(oldWorker);
  await oldWorker.start();
  const [newServer, newWorker] = await join(world, [["new-server", "serve"], ["new-worker", "worker"]], own, afterwards);
  const looksAtNew = watch([newServer]);
  const [oldBegan, since] = [oldServer.begun() + oldWorker.begun(), elapsed()];
  await step("both serve and work; the old one's worker has started anew on the newer schema");

  await psql(STRANGE);
  await step("an import stands there that neither knows");
  const untouched = `SELECT count(*) FROM import_runs run JOIN import_logs ON id = import_id
    WHERE import_type = 'telegram' AND run.attempt = 0`;
  expect((await number(untouched)) === 1, "an import of a kind that neither program knows was taken");
  await forgetStrange();

  const oldBeside = oldServer.begun() + oldWorker.begun() - oldBegan;
  const newBeside = newServer.begun() + newWorker.begun();
  const beside = elapsed() - since;
  world.servers.shift();
  await looksAtOld.stop();
  await Promise.all([stop(oldServer), stop(oldWorker)]);
  await step("the old program has stopped");

  wanted = false;
  await Promise.all(clients);
  await looksAtNew.stop();
  await calm(world);
  await quiet(RECOVERY);
  const logs = await checkAll(world);
  checkPanics(world.all.map((target) => target.name));
  const [ofOld, ofNew] = [looksAtOld.since(), looksAtNew.since()];
  const bad = [...ofOld, ...ofNew].filter(({ good }) => !good);
  for (const { what, at } of bad) wrong(`at ${at.toFixed(1)} s ${what}`);
  expect(oldBeside > 0 && newBeside > 0, `beside each other the old program began ${oldBeside} imports and the new one ${newBeside}`);
  if (violations.length > 0) await dump();
  const ways = [...groupBy(logs, "status")].map(([status, list]) => `${list.length} ${status}`).join(", ");
  console.log(`
imports             ${logs.length} (${ways}); clients were told of ${told.size}, ${counts.unanswered} requests unanswered, ${counts.refused} refused
migrations          ${added} added while the old program ran
beside each other   ${beside.toFixed(0)} s; the old program began ${oldBeside} imports meanwhile, the new one ${newBeside}
pages looked at     ${ofOld.length} of the old program, ${ofNew.length} of the new one; other than 200: ${bad.length}`);
}

rehearse(main);
