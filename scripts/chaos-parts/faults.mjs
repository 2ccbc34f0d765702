// The faults: what is done to the processes, the feed, the network and PostgreSQL.
import { readFileSync, readlinkSync } from "node:fs";
import { PLACES } from "./processes.mjs";
import { ask } from "./requests.mjs";
import {
  LEASE, RECOVERY, chance, database, expect, home, journal, psql, rows, run, sleep, sum, until, wantedFaults, wrong,
} from "./tools.mjs";

/** kind → how many were made, and after how many of them what was hit worked again. */
export const tally = new Map();
export const faultsMade = () => sum([...tally.values()].map((kind) => kind.made));

const healthy = async (server) => (await ask(server, "GET", "/health", { patience: 5 })).status === 200;

/** Makes one fault: `hit` makes it and mends it, then `works` must come true by itself. */
export async function fault(kind, hit, works, patience = RECOVERY) {
  if (!tally.has(kind)) tally.set(kind, { made: 0, survived: 0 });
  const count = tally.get(kind);
  count.made += 1;
  journal(kind);
  await hit();
  const recovered = await until(patience, works);
  if (recovered) count.survived += 1;
  else wrong(`${patience} s after "${kind}" what it hit did not work again`);
}

// --- processes ---

async function freeze(target, seconds) {
  target.signal("SIGSTOP");
  await sleep(seconds);
  target.signal("SIGCONT");
}

/** Kinds of trouble for a server or a worker, each with how often it is chosen. */
function troublesOf(target, dice) {
  const pause = dice.between(0, 2.5);
  const [moment, longer] = [dice.between(0.1, 2), dice.between(LEASE * 1.2, LEASE * 3)];
  const again = async () => {
    await sleep(pause);
    await target.start();
  };
  return [
    [10, "killed (SIGKILL)", () => target.kill().then(again)],
    [3, "frozen for a moment (SIGSTOP)", () => freeze(target, moment)],
    [7, "frozen for longer than its lease", () => freeze(target, longer)],
    [3, "stopped (SIGTERM)", async () => {
      expect(await target.stop(40), `${target.name} was asked to stop, and 40 s later it had not`);
      await again();
    }],
    [4, "cut off from the database for longer than its lease", () => target.wire.cut(longer)],
    [4, "not told of its commits", () => target.wire.loseCommits(moment)],
    [3, "all of its connections hang", () => target.wire.hang()],
    ...PLACES.map(([place]) => [1.5, `hangs ${place}`, () => target.wire.hangAt(place, 10)]),
  ];
}

/** Whether a process says that it is alive, and all its background tasks go round. */
async function isWell(target) {
  const seen = await rows(`SELECT name FROM processes
    WHERE name LIKE '%(${target.child.pid})' AND seen_at > now() - interval '8 seconds'`).catch(() => []);
  return seen.length > 0 && (target.kind !== "server" || (await healthy(target)));
}

async function troubleProcess(target, dice) {
  const troubles = troublesOf(target, dice);
  const [, words, hit] = dice.weighted(troubles.map((trouble) => [trouble[0], trouble]));
  // A fault in the middle of an import finds more than one that hits an idle process.
  if (dice.often(0.7)) await until(2, () => target.isBusy());
  const works = () => target.child.exitCode === null && isWell(target);
  await fault(`${target.kind} ${words}`, hit, works);
}

async function troubleFeed(feed, dice) {
  const seconds = dice.between(0.3, 3);
  const killed = async () => {
    await feed.kill();
    await sleep(seconds);
    await feed.start();
  };
  // It has no page of its own, and says so.
  const works = () => ask(feed, "GET", "/", { patience: 5 }).then((answer) => answer.status === 400);
  if (dice.often(0.5)) await fault("feed killed (SIGKILL)", killed, works);
  else await fault("feed frozen (SIGSTOP)", () => freeze(feed, seconds), works);
}

// --- PostgreSQL ---

const postmaster = () => Number(readFileSync(`${home}/postgres/data/postmaster.pid`, "utf8").split("\n")[0]);

/** A process that has ended but was not waited for has no folder any more. */
function lives(pid) {
  try {
    return Boolean(readlinkSync(`/proc/${pid}/cwd`));
  } catch {
    return false;
  }
}

/** Ends PostgreSQL by a signal to its first process, and starts it again. */
async function restartPostgres(signal, pause) {
  const pid = postmaster();
  process.kill(pid, signal);
  if (!(await until(RECOVERY, () => !lives(pid)))) throw new Error(`PostgreSQL did not end by ${signal}`);
  await sleep(pause);
  await run("scripts/postgres", ["start"]);
}

const SESSIONS = `SELECT pid FROM pg_stat_activity
  WHERE datname = '${database}' AND backend_type = 'client backend' AND pid <> pg_backend_pid()`;

/** Freezes the sessions that have a transaction at this moment, as a disk does that stalls. */
async function freezeSessions(seconds) {
  const pids = (await rows(`${SESSIONS} AND xact_start IS NOT NULL`)).map((row) => row.pid);
  const signal = (name) => {
    // Those that have ended meanwhile need nothing any more.
    for (const pid of pids.filter(lives)) process.kill(pid, name);
  };
  signal("SIGSTOP");
  await sleep(seconds);
  signal("SIGCONT");
}

async function killSession() {
  const [victim] = await rows(`${SESSIONS} ORDER BY random() LIMIT 1`);
  if (victim && lives(victim.pid)) process.kill(victim.pid, "SIGKILL");
  await until(RECOVERY, () => psql("SELECT 1").catch(() => false));
}

async function troubleDatabase(servers, dice) {
  const [pause, share, seconds] = [dice.between(0, 1.5), dice.between(0.2, 1), dice.between(0.5, LEASE * 1.5)];
  const terminate = `SELECT pg_terminate_backend(pid) FROM (${SESSIONS} AND random() < ${share}) session`;
  const [kind, hit] = dice.weighted([
    [4, ["PostgreSQL crashed (immediate shutdown)", () => restartPostgres("SIGQUIT", pause)]],
    [3, ["PostgreSQL restarted (fast shutdown)", () => restartPostgres("SIGINT", pause)]],
    [1, ["PostgreSQL's first process killed (SIGKILL)", () => restartPostgres("SIGKILL", pause)]],
    [2, ["a session killed (SIGKILL), so all are reset", killSession]],
    [5, ["sessions terminated", () => psql(terminate)]],
    [4, ["sessions with a transaction frozen (SIGSTOP)", () => freezeSessions(seconds)]],
  ]);
  const anyAnswers = async () => (await Promise.all(servers.map(healthy))).some(Boolean);
  await fault(kind, hit, anyAnswers);
}

// --- all of them ---

/** Each target has its own stream of faults, all at the same time, until enough have been made. */
export async function makeFaults({ feed, servers, all }) {
  const streams = [
    ...all.map((target) => [target.name, [0.5, 5], (dice) => troubleProcess(target, dice)]),
    ["feed", [3, 9], (dice) => troubleFeed(feed, dice)],
    ["database", [2, 7], (dice) => troubleDatabase(servers, dice)],
  ];
  const stream = async ([name, [shortest, longest], trouble]) => {
    const dice = chance(`faults of ${name}`);
    for (;;) {
      await sleep(dice.between(shortest, longest));
      if (faultsMade() >= wantedFaults) return;
      await trouble(dice);
    }
  };
  await Promise.all(streams.map(stream));
}
