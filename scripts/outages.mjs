// Rehearses outages and prints what the API and the logs say meanwhile. Called by scripts/outages, which has made a
// database of its own for it. A line "BROKEN" is a promise of docs/outages.md that was not kept; then it ends with 1.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { ask, program, psql, serve, sleep, stopwatch } from "./client.mjs";

const database = "numwatch_outages";
const folder = `${process.cwd()}/target/outages`;
const address = "127.0.0.1:3921";
const base = `http://${address}`;
/** Whatever is asked during an outage is answered within so many seconds. */
const BOUND = 15;
/** So many seconds after an outage every import has ended. */
const RECOVERY = 30;

// --- the transcript ---

let broken = 0;
let clock = stopwatch();
const line = (text) => console.log(`${clock().toFixed(1).padStart(6)} s  ${text}`);

function title(text) {
  clock = stopwatch();
  console.log(`\n${text}\n${"-".repeat(text.length)}`);
}

function expect(sentence, truth) {
  if (!truth) broken += 1;
  line(`${truth ? "ok    " : "BROKEN"}  ${sentence}`);
}

/** What a person reads of an answer: a problem's sentence, the error on the page, or the beginning of the rest. */
function gist(text) {
  const shown = /<h2[^>]*>([^<]+)<\/h2><p>([^<]+)</.exec(text);
  if (text.startsWith("<!DOCTYPE")) return shown ? `the page: ${shown[1]}. ${shown[2]}` : "the page, whole";
  try {
    return JSON.parse(text).detail ?? `${text.slice(0, 90)}${text.length > 90 ? "…" : ""}`;
  } catch {
    return text.slice(0, 200);
  }
}

/** Asks, and writes down the question and the answer. */
async function say(method, path, options = {}) {
  const answer = await ask(base, method, path, options);
  const what = options.file ? ` (${options.file.split("/").pop()})` : "";
  line(`${method} ${path}${what} → ${answer.status} after ${answer.took.toFixed(1)} s: ${gist(answer.text)}`);
  return answer;
}

async function log(id) {
  return JSON.parse((await ask(base, "GET", `/import-logs/${id}`)).text);
}

async function newest() {
  return JSON.parse((await ask(base, "GET", "/import-logs")).text)[0];
}

function sayLog(entry) {
  const { id, import_type: type, status, failure_kind: kind, attempt, results_created: created } = entry;
  const why = status === "failed" ? ` (${kind}): ${entry.error_message}` : `, ${created} results created`;
  line(`log #${id}: ${type}, ${status}${why}${attempt > 1 ? ` [attempt ${attempt}]` : ""}`);
}

// --- parts of a rehearsal ---

const html = { headers: { accept: "text/html" } };
const soon = { headers: { prefer: "respond-async" } };

function backup(results) {
  const path = `${folder}/${results}.json`;
  if (!existsSync(path)) execFileSync(program, ["generate", "--results", String(results), "--out", path]);
  return path;
}

/** A server with a database and a data folder that are empty. */
async function fresh(name, settings = {}) {
  const empty = "DROP SCHEMA public CASCADE; CREATE SCHEMA public";
  psql(database, `SET client_min_messages = warning; ${empty}`);
  mkdirSync(`${folder}/${name}`, { recursive: true });
  return serve({
    address, folder: `${folder}/${name}`, log: `${folder}/${name}.log`, database: process.env.NUMWATCH_OUTAGES_URL,
    ...settings,
  });
}

/** Everything that people and programs ask of a server in trouble, at once. */
function everything() {
  return Promise.all([
    say("GET", "/health"),
    say("GET", "/import-logs"),
    say("GET", "/", html),
    say("POST", "/import-sample-data", soon),
    say("POST", "/import-backup", { ...soon, file: backup(2000) }),
  ]);
}

/** Waits until something has come about, and answers how many seconds that took; at most `patience`. */
async function until(patience, comeAbout) {
  const took = stopwatch();
  while (took() < patience && !(await comeAbout())) await sleep(0.05);
  return took();
}

/** Waits until no import runs. */
function allEnded(patience) {
  return until(patience, async () => {
    const answer = await ask(base, "GET", "/import-logs");
    return answer.status === 200 && JSON.parse(answer.text).every((entry) => entry.status !== "running");
  });
}

const count = (table) => Number(psql(database, `SELECT count(*) FROM ${table}`));
const reported = () => Number(psql(database, "SELECT sum(results_created) FROM import_logs WHERE status = 'success'"));

// --- the outages ---

/** The disk of the store of uploads is full in the middle of an upload. */
async function disk() {
  title("The disk of the uploads is full");
  const store = `${folder}/store`;
  mkdirSync(store, { recursive: true });
  // A small disk that only the server sees, and that goes with it.
  const apart = ["unshare", process.getuid() === 0 ? "-m" : "-rm"];
  const mount = ["sh", "-c", 'mount -t tmpfs -o size=32m none "$0" && exec "$@"', store];
  if (spawnSync(apart[0], [...apart.slice(1), ...mount, "true"]).status !== 0) {
    line("skipped: this machine lets nobody mount a small disk (unshare, mount)");
    return;
  }
  const server = await fresh("disk", {
    before: [...apart, ...mount],
    env: { NUMWATCH_PAYLOADS: `file://${store}` },
  });
  try {
    const seen = `/proc/${server.pid}/root${store}`;
    // The file by which the store is known stays.
    const isKept = (entry) => entry.isFile() && entry.name !== "store-id";
    const kept = () => readdirSync(seen, { recursive: true, withFileTypes: true }).filter(isKept);
    writeFileSync(`${seen}/ballast`, Buffer.alloc(20 << 20));
    line("of the disk's 32 MB 12 are free, and the file has 24");
    for (const headers of [{}, soon.headers]) {
      const refused = await say("POST", "/import-backup", { headers, file: backup(100_000) });
      const entry = await newest();
      sayLog(entry);
      expect("it is 507 and says that the disk is full", refused.status === 507 && /disk.* full/.test(refused.text));
      const sentence = entry.error_message ?? "";
      expect("the log says so too, and what to do", /disk.* full/.test(sentence) && /upload .*again/i.test(sentence));
      expect("the log is failed, and no retry is offered", entry.status === "failed" && !entry.retryable);
      expect("nothing of the upload is left in the store", kept().length === 1);
    }
    expect("everything else goes on: a sample import", (await say("POST", "/import-sample-data")).status === 200);
    rmSync(`${seen}/ballast`);
    line("20 MB have been freed");
    const next = await say("POST", "/import-backup", { file: backup(100_000) });
    expect("the next upload succeeds", next.status === 200);
    expect("and its file is not kept longer than needed", kept().length === 0);
    const held = count("results");
    expect(`the database holds what the logs say: ${held} results`, held === reported() && held >= 100_000);
  } finally {
    await server.stop();
  }
}

/** The processes of the database's own server. */
function cluster() {
  const data = `${process.env.NUMWATCH_DATA_DIR}/postgres/data`;
  const postmaster = Number.parseInt(readFileSync(`${data}/postmaster.pid`, "utf8"), 10);
  const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, "utf8");
  return [postmaster, ...children.split(" ").filter(Boolean).map(Number)];
}

/** Ways in which a database can be gone, and how each ends. */
function signal(processes, name) {
  for (const id of processes) if (existsSync(`/proc/${id}`)) process.kill(id, name);
}
const postgres = (command) => execFileSync("scripts/postgres", [command], { stdio: ["ignore", "ignore", "pipe"] });
const gone = {
  stopped: { words: "is stopped", begin: () => postgres("stop"), end: () => postgres("start") },
  killed: { words: "is killed", begin: () => signal(cluster(), "SIGKILL"), end: () => postgres("start") },
  frozen: {
    words: "freezes",
    begin: () => signal((gone.frozen.processes = cluster()), "SIGSTOP"),
    end: () => signal(gone.frozen.processes, "SIGCONT"),
  },
};

/** PostgreSQL is gone for 30 seconds in the middle of an import. */
async function withoutDatabase(how) {
  const { words, begin, end } = gone[how];
  title(`PostgreSQL ${words} for 30 seconds in the middle of an import`);
  const server = await fresh(`database-${how}`, {
    options: ["--demo-feed"],
    env: { NUMWATCH_WORKERS: "1", NUMWATCH_FEED_ADDR: "127.0.0.1:3922" },
  });
  try {
    const upload = JSON.parse((await say("POST", "/import-backup", { ...soon, file: backup(500_000) })).text);
    const days = "start_date=2025-07-01&end_date=2025-07-03";
    const range = JSON.parse((await say("POST", `/scheduler/import-range?${days}`, soon)).text);
    await until(30, async () => (await log(upload.id)).records_processed >= 100_000);
    const before = await Promise.all([log(upload.id), log(range.id)]);
    const [loading, queued] = before.map((entry) => entry.phase);
    line(`log #${upload.id}: ${loading}, ${before[0].records_processed} records; log #${range.id}: ${queued}`);
    line("a request waits for its import, and another upload is half sent");
    const waiting = say("POST", "/import-sample-data", { patience: 90 });
    let sendRest;
    const halfway = new Promise((resolve) => (sendRest = resolve));
    const sending = say("POST", "/import-backup", { file: backup(20_000), halfway, patience: 90 });
    await sleep(0.5);
    begin();
    line(`PostgreSQL ${words}`);
    const away = stopwatch();
    const asked = [];
    for (const moment of [1, 4, 8]) {
      await sleep(Math.max(0, moment - away()));
      asked.push(everything());
      if (moment === 4) sendRest();
    }
    const answers = [...(await Promise.all(asked)).flat(), await sending];
    expect("each request is refused with a 503", answers.every((answer) => answer.status === 503));
    expect(`within ${BOUND} s`, answers.every((answer) => answer.took < BOUND));
    const plain = (answer) => /The database .*can't be reached/.test(answer.text);
    expect("in words for people", answers.every(plain));
    const accepted = await waiting;
    const told = accepted.status === 503 && JSON.parse(accepted.text).import_id > 0;
    expect("the one whose import was accepted before names it", told);
    await sleep(Math.max(0, 30 - away()));
    end();
    line("PostgreSQL is back");
    const took = await allEnded(120);
    const all = JSON.parse((await ask(base, "GET", "/import-logs")).text);
    all.reverse().forEach(sayLog);
    const after = [upload, range].map(({ id }) => all.find((entry) => entry.id === id));
    expect(`all imports have ended by themselves ${took.toFixed(1)} s later`, took < RECOVERY);
    expect("the backup and the range with success", after.every((entry) => entry.status === "success"));
    const [{ results_created: created, ...others }] = after;
    // Of its draws some have come with the other imports: they are there as they are in the file, or not.
    const known = others.results_unchanged + others.results_updated + others.results_differing;
    expect(`the backup brought ${created} results, and ${known} were known`, created + known === 500_000);
    const cut = all.find((entry) => entry.status === "failed");
    const again = cut?.status === "failed" && /upload .*again/i.test(cut.error_message);
    expect("the upload that was half sent says to be uploaded again", again);
    const held = count("results");
    expect(`the database holds what the logs say: ${held} results`, held === reported());
    const health = await say("GET", "/health");
    expect("and all is well again", health.status === 200);
  } finally {
    if (how === "frozen") end();
    await server.stop();
  }
}

async function withoutDatabaseInAllWays() {
  for (const how of Object.keys(gone)) await withoutDatabase(how);
}

/** Imports and readers that wait for a lock hold connections, and there are few. */
async function pool() {
  title("All connections are taken");
  const server = await fresh("pool", { env: { NUMWATCH_DATABASE_CONNECTIONS: "7", NUMWATCH_WORKERS: "1" } });
  let locks = true;
  const holder = spawn("scripts/postgres", ["psql", database, "-Xqv", "ON_ERROR_STOP=1"], {
    stdio: ["pipe", "ignore", "inherit"],
  });
  try {
    holder.stdin.write("BEGIN; LOCK TABLE games IN ACCESS EXCLUSIVE MODE;\n");
    const locked = "SELECT count(*) FROM pg_locks WHERE relation = 'games'::regclass AND mode = 'AccessExclusiveLock'";
    await until(30, () => psql(database, locked) !== "0");
    line("another program has locked the table games; imports and readers of it wait, each with one of 7 connections");
    for (let nth = 0; nth < 4; nth += 1) await say("POST", "/import-sample-data", soon);
    const reader = async () => {
      while (locks) await ask(base, "GET", "/games");
    };
    const readers = Array.from({ length: 8 }, reader);
    await sleep(2);
    const answers = [...(await everything()), ...(await everything())];
    const honest = (answer) => [200, 202, 503].includes(answer.status);
    expect("each request is answered, or refused with a 503", answers.every(honest));
    expect(`within ${BOUND} s`, answers.every((answer) => answer.took < BOUND));
    const rest = 40 - clock();
    if (rest > 0) await sleep(rest);
    locks = false;
    holder.stdin.end("COMMIT;\n");
    line("the lock is released");
    await Promise.all(readers);
    const took = await allEnded(120);
    const ended = JSON.parse((await ask(base, "GET", "/import-logs")).text);
    ended.forEach(sayLog);
    expect(`all imports have ended by themselves ${took.toFixed(1)} s later`, took < RECOVERY);
    expect("none was lost", ended.every((entry) => entry.status === "success"));
    const held = count("results");
    expect(`the database holds what the logs say: ${held} results`, held === reported());
  } finally {
    locks = false;
    holder.kill();
    await server.stop();
  }
}

/** Whoever clears the data waits for a lock, and leaves. */
async function clearing() {
  title("Clearing the data waits for another program, and its client leaves");
  const server = await fresh("clearing");
  const holder = spawn("scripts/postgres", ["psql", database, "-Xqv", "ON_ERROR_STOP=1"], {
    stdio: ["pipe", "ignore", "inherit"],
  });
  try {
    const waiting = () => Number(psql(database, "SELECT count(*) FROM pg_locks WHERE NOT granted"));
    holder.stdin.write("BEGIN; LOCK TABLE games IN ROW EXCLUSIVE MODE;\n");
    const locked = "SELECT count(*) FROM pg_locks WHERE relation = 'games'::regclass AND mode = 'RowExclusiveLock'";
    await until(30, () => psql(database, locked) !== "0");
    line("another program writes to the table games, in a transaction that stays open");
    const leaves = say("DELETE", "/clear-data", { patience: 2 });
    const begun = await until(5, () => waiting() > 0);
    expect(`the clearing waits for it (${begun.toFixed(1)} s)`, begun < 5);
    expect("its client leaves without an answer", (await leaves).status === 0);
    const imported = await say("POST", "/import-sample-data");
    expect("an import waits for it no longer than it may wait itself", imported.status === 200 && imported.took < BOUND);
    expect("and then nobody clears for it any more", (await until(BOUND, () => waiting() === 0)) < 1);
    const stays = await say("DELETE", "/clear-data");
    const told = stays.status === 503 && /[Tt]ry again/.test(stays.text) && stays.took < BOUND;
    expect("one whose client stays is refused with a 503 in words for people", told);
    expect(`and has cleared nothing: ${count("results")} results`, count("results") === reported());
    holder.stdin.end("COMMIT;\n");
    const cleared = await say("DELETE", "/clear-data");
    expect("and once the other program is done it clears", cleared.status === 200 && count("results") === 0);
  } finally {
    holder.kill();
    await server.stop();
  }
}

/** A feed that accepts connections and never says a word. */
async function feed() {
  title("The feed never answers");
  const connections = new Set();
  const silent = net.createServer((connection) => {
    connections.add(connection);
    connection.on("error", () => {}).on("close", () => connections.delete(connection));
  });
  await new Promise((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${silent.address().port}`;
  const quick = { EXTERNAL_API_URL: url, FEED_TIMEOUT_SECONDS: "1", FEED_RETRIES: "1", FEED_DELAY_SECONDS: "0" };
  let server = await fresh("feed", { env: quick });
  try {
    const range = "/scheduler/import-range?start_date=2025-06-20&end_date=2025-06-21";
    const answer = await say("POST", range);
    const entry = await newest();
    sayLog(entry);
    const failed = entry.status === "failed" && entry.failure_kind === "source_unavailable";
    expect("the log is failed, source_unavailable", failed);
    const named = /2025-06-20 .*did not answer within 1 s.*2025-06-21/.test(entry.error_message);
    expect("and says which days, and that the feed did not answer in time", named);
    expect("so does the API", answer.text.includes("did not answer within 1 s"));
    await server.stop();
    server = await fresh("feed-patient", { env: { ...quick, FEED_TIMEOUT_SECONDS: "60" } });
    const { id } = JSON.parse((await say("POST", range, soon)).text);
    await sleep(3);
    const before = await log(id);
    line(`log #${id}: ${before.status}, ${before.phase}`);
    await say("POST", `/import-logs/${id}/cancel`);
    const seconds = await until(60, async () => (await log(id)).status !== "running");
    sayLog(await log(id));
    expect(`a cancel ends it after ${seconds.toFixed(1)} s`, seconds < 2);
  } finally {
    await server.stop();
    for (const connection of connections) connection.destroy();
    silent.close();
  }
}

const outages = { disk, database: withoutDatabaseInAllWays, pool, clearing, feed };
const wanted = process.argv.slice(2);
for (const name of wanted) {
  if (!outages[name]) {
    console.error(`error: there is no outage "${name}"; there are ${Object.keys(outages).join(", ")}`);
    process.exit(2);
  }
}
for (const name of wanted.length ? wanted : Object.keys(outages)) await outages[name]();
console.log(broken ? `\n${broken} promises are broken` : "\nall promises are kept");
process.exit(broken ? 1 : 0);
