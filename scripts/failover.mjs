// The failover's rehearsal. Called by scripts/failover, which has made a folder for it alone.
//
// Two PostgreSQL servers, the second a synchronous standby of the first, and HAProxy before them; two NumWatch servers and
// two workers, which know only the proxy. Clients keep starting imports of all kinds, and somebody looks at the pages all
// the time. In each round the primary is lost, its standby promoted, and the lost one made the other's standby; so the next
// round goes the other way. At the end all is checked as the chaos test does. A line "WRONG" is a promise that was not kept;
// then it ends with 1.
//
// What is promised: whoever was told "success" finds it, results and log, on the server that took over. Every import that
// ran at the promotion has ended 60 seconds later. The pages come back by themselves.
//
// FAILOVER_SABOTAGE='an SQL statement' is run before the checks, so that they can be seen to fail.
import { checkAll } from "./chaos-parts/checks.mjs";
import { client, counts, seenEnded, told } from "./chaos-parts/clients.mjs";
import { freePort, numwatch, own, startFeed } from "./chaos-parts/processes.mjs";
import { calm, checkPanics, dump, quiet } from "./chaos-parts/quiet.mjs";
import {
  RECOVERY, chance, database, elapsed, expect, groupBy, journal, psql, report, run, seed, sleep, sum, until, violations,
  wantedFaults as wantedRounds, wrong,
} from "./chaos-parts/tools.mjs";
import { rehearse } from "./chaos-parts/verdict.mjs";
import { watch } from "./chaos-parts/watch.mjs";
import { Server, ask, commitOnBoth, hasAll, holdResults, startProxy } from "./failover-parts/postgres.mjs";

const CLIENTS = 5;
/** Seconds for which commits wait for a standby that says nothing: longer than an import's lease. */
const SILENT = 25;
/** Seconds from the promotion within which what ran has ended, and the pages are back. */
const PROMISED = 60;
/** Seconds that whoever is on duty takes to see that the primary is gone. */
const NOTICED = 1;

const dice = chance("the rounds");
const FEED = ["--error-rate", "0.05", "--slow", "50", "--seed", String(seed)];

/** How a primary is lost. `after` is what is left of it to be seen to once the other has taken over. */
const LOSSES = [
  { name: "killed (SIGKILL)", lose: ({ primary }) => primary.kill() },
  { name: "killed while commits wait for its standby", lose: losesStandbyFirst },
  { name: "frozen, as a machine that says nothing any more", lose: ({ primary }) => primary.signal("SIGSTOP"), after: ({ primary }) => primary.kill() },
];

/**
 * The standby says nothing for a while: longer than the leases of imports, so that NumWatch takes them for abandoned while
 * their commits wait. Nobody may see a success meanwhile that would be lost with the primary.
 */
async function losesStandbyFirst({ primary, standby }) {
  const held = holdResults(primary, database);
  const merging = "SELECT count(*) FROM pg_locks WHERE relation = 'results'::regclass AND NOT granted";
  const caught = await until(RECOVERY, async () => (await ask(primary, merging, database)) !== "0");
  standby.signal("SIGSTOP");
  held.release();
  expect(caught, `for ${RECOVERY} s no import came to its merge`);
  await sleep(SILENT);
  const waiting = await ask(primary, "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
  journal(`${waiting} sessions wait for the standby`);
  shown.push(...JSON.parse(await ask(primary, list("success"), database)));
  await primary.kill();
  // Whoever ends such a session shows to all what it has committed, and the standby has not.
  expect(!primary.says("canceling the wait for synchronous replication"), "a session was ended while its commit waited for the standby");
  standby.signal("SIGCONT");
}

/** Successes that anybody could see on a primary just before it was lost. */
const shown = [];

/** The imports that are said to be so, as one line of JSON. */
const list = (status) => `SELECT coalesce(json_agg(id), '[]') FROM import_logs WHERE status = '${status}'`;

async function build() {
  const servers = [new Server("one", await freePort()), new Server("two", await freePort())];
  const [primary, standby] = servers;
  await primary.create();
  await primary.start();
  await ask(primary, `CREATE ROLE numwatch LOGIN`);
  await ask(primary, `CREATE DATABASE ${database}`);
  await standby.follow(primary, "pg_basebackup");
  await commitOnBoth(primary, standby);
  const proxy = await startProxy(servers);
  const owner = `postgres://postgres@127.0.0.1:${proxy.port}/${database}?sslmode=disable`;
  // What asks the database from here on asks whichever is the primary (scripts/postgres).
  process.env.DATABASE_URL = owner;
  const { feed, during, afterwards } = await startFeed(FEED);
  // As NumWatch is by default, where that matters here.
  const options = { settings: { NUMWATCH_LEASE_SECONDS: "", NUMWATCH_SHUTDOWN_GRACE_SECONDS: "" } };
  const made = (name, command, url) => numwatch(name, command, url, proxy.port, options);
  const web = [await made("server-1", "serve", during), await made("server-2", "serve", afterwards)];
  const workers = [await made("worker-1", "worker", during), await made("worker-2", "worker", afterwards)];
  const all = [...web, ...workers];
  await run("env", [`DATABASE_OWNER_URL=${owner}`, `DATABASE_URL=${all[0].env.DATABASE_URL}`, own, "migrate"]);
  await Promise.all(all.map((target) => target.start()));
  return { feed, during, afterwards, servers: web, workers, all, primary, standby };
}

/** Waits until every one of these imports has ended, and answers how many seconds that took. */
async function ended(primary, ids, since) {
  const open = `SELECT count(*) FROM import_logs WHERE status = 'running' AND id = ANY('{${ids}}')`;
  const left = PROMISED - (elapsed() - since);
  if (await until(left, async () => (await ask(primary, open, database)) === "0")) return elapsed() - since;
  const rest = await ask(primary, `SELECT json_agg(log) FROM import_logs log WHERE status = 'running' AND id = ANY('{${ids}}')`, database);
  wrong(`${PROMISED} s after the promotion these still run: ${rest}`);
  return PROMISED;
}

/** One round. Answers its figures, and the two have changed places. */
async function fail(world, watched, nth) {
  const { name, lose, after } = LOSSES[nth % LOSSES.length];
  await sleep(dice.between(5, 10));
  const { primary, standby } = world;
  journal(`round ${nth + 1}: ${primary.name} is ${name}`);
  await lose(world);
  const lost = elapsed();
  await sleep(NOTICED);
  await standby.promote();
  const promoted = elapsed();
  const running = JSON.parse(await ask(standby, list("running"), database));
  const [back, last] = await Promise.all([
    until(PROMISED, () => watched.isWell(promoted)).then((well) => {
      if (!well) wrong(`${PROMISED} s after the promotion the pages are not back`);
      return elapsed() - promoted;
    }),
    ended(standby, running, promoted),
  ]);
  await after?.(world);
  const how = await primary.follow(standby, nth % 2 === 0 ? "pg_rewind" : "pg_basebackup");
  await commitOnBoth(standby, primary);
  [world.primary, world.standby] = [standby, primary];
  // Trouble that came back after all was well counts too.
  const answers = watched.since(lost);
  const away = Math.max(lost, ...answers.filter(({ good }) => !good).map(({ at }) => at)) - lost;
  const slowest = Math.max(...answers.filter(({ good }) => good).map(({ took }) => took));
  const figures = { name, running: running.length, away, slowest, back, last, whole: elapsed() - lost };
  report(`round ${nth + 1}: the primary was ${name}; promoted after ${(promoted - lost).toFixed(1)} s; pages and health ` +
    `away for ${away.toFixed(1)} s, and slow for ${slowest.toFixed(1)} s at most; of ${running.length} running imports the last ended ${last.toFixed(1)} s after the promotion; ` +
    `${how}, synchronous again after ${figures.whole.toFixed(1)} s`);
  return figures;
}

/** Whoever was told of a success finds it. Answers how many were, and how many don't. */
function checkSuccesses(logs) {
  const byId = new Map(logs.map((log) => [log.id, log]));
  const ids = new Set(shown);
  for (const [id, { status, answer }] of told) if (status === 200 && answer?.results_created !== undefined) ids.add(id);
  for (const [id, { as }] of seenEnded) if (JSON.parse(as)[0] === "success") ids.add(id);
  const lost = [...ids].filter((id) => byId.get(id)?.status !== "success");
  for (const id of lost) wrong(`#${id} was told to have succeeded, and is ${byId.get(id)?.status ?? "gone"}`);
  return { success: ids.size, lost: lost.length };
}

/** The standby has what the primary has. */
async function checkStandby({ primary, standby }) {
  expect(await hasAll(standby, primary), "the standby does not come to have what the primary has");
  const all = "SELECT (SELECT count(*) FROM import_logs), (SELECT count(*) FROM results), (SELECT md5(string_agg(log::text, '' ORDER BY id)) FROM import_logs log)";
  const [here, there] = await Promise.all([primary, standby].map((server) => ask(server, all, database)));
  expect(here === there, `the primary has ${here}, and the standby ${there}`);
}

const middle = (numbers) => numbers.toSorted((one, other) => one - other)[Math.floor((numbers.length - 1) / 2)];
const spread = (numbers) => `p50 ${middle(numbers).toFixed(1)} s, max ${Math.max(...numbers).toFixed(1)} s`;

function printFigures(rounds, logs, { success, lost }) {
  const ways = [...groupBy(logs, "status")].map(([status, list]) => `${list.length} ${status}`).join(", ");
  const again = logs.filter((log) => log.attempt - log.handed_back > 1).length;
  console.log(`
rounds                    ${rounds.length}
imports                   ${logs.length} (${ways}; ${again} begun again after an interruption)
running at a promotion    ${sum(rounds.map(({ running }) => running))}
told "success"            ${success}
lost of those             ${lost}
pages and health away     ${spread(rounds.map(({ away }) => away))} from the loss, ${NOTICED} s of which until somebody noticed
slowest answer            ${spread(rounds.map(({ slowest }) => slowest))}
all well                  ${spread(rounds.map(({ back }) => back))} from the promotion
last import ended after   ${spread(rounds.map(({ last }) => last))} from the promotion
two servers again after   ${spread(rounds.map(({ whole }) => whole))}
requests                  ${counts.unanswered} unanswered, ${counts.refused} refused`);
}

async function main() {
  console.log(`seed ${seed}: ${wantedRounds} rounds`);
  const world = await build();
  const watched = watch(world.servers);
  let wanted = true;
  const clients = Array.from({ length: CLIENTS }, (_, nth) => client(nth, world, () => wanted));
  const rounds = [];
  for (let nth = 0; nth < wantedRounds; nth += 1) rounds.push(await fail(world, watched, nth));
  wanted = false;
  await Promise.all(clients);
  await watched.stop();
  await calm(world);
  await quiet(RECOVERY);
  if (process.env.FAILOVER_SABOTAGE) await psql(process.env.FAILOVER_SABOTAGE);
  const logs = await checkAll(world);
  const successes = checkSuccesses(logs);
  await checkStandby(world);
  checkPanics(world.all.map((target) => target.name));
  if (violations.length > 0) await dump();
  printFigures(rounds, logs, successes);
}

rehearse(main);
