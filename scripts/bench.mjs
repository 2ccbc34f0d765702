// Measures imports, the API and the decoders beside their floors. Called by scripts/bench, which has built everything
// and run criterion. Prints a table, writes it to benches/results/, and ends with 1 when a promise is broken.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { ask, program, psql as query, serve, stopwatch } from "./client.mjs";
import { percentile, publish } from "./figures.mjs";

const reference = Number(process.argv[2]);
const folder = "target/bench";
const address = "127.0.0.1:3911";
const base = `http://${address}`;
const rows = [];

/** What is promised of an import of the reference backup: times of `\copy`, and MB. */
const RATIO = 1.25;
const MEMORY = 128;
const SMALL_IMPORT = 100;
/** What is promised of the logs and the page: requests a second; and of the logs, milliseconds. */
const LOGS = 5_000;
const PAGES = 1_500;
const P99 = 25;

const psql = (sql) => query("numwatch_bench", sql);
const median = (values) => percentile(values, 0.5);
const thousands = (number) => number.toLocaleString("en");
const ratioOf = (value, floor) => Number((value / floor).toFixed(2));

function note(what, value, unit, { floor, promise } = {}) {
  const ratio = floor === undefined ? undefined : ratioOf(value, floor);
  rows.push({ what, value: Number(value.toFixed(2)), unit, ratio, promise });
}

const atMost = (limit, value, unit) => [`at most ${limit} ${unit}`, value <= limit];
const atLeast = (limit, value) => [`at least ${thousands(limit)}`, value >= limit];

function backup(results) {
  const path = `${folder}/${results}.json`;
  if (!existsSync(path)) execFileSync(program, ["generate", "--results", String(results), "--out", path]);
  return path;
}

/** Works with a server of its own, and answers the server's peak memory in MB. */
async function withServer(work) {
  rmSync(`${folder}/data`, { recursive: true, force: true });
  mkdirSync(`${folder}/data`, { recursive: true });
  const server = await serve({
    address, folder: `${folder}/data`, log: `${folder}/server.log`, database: process.env.NUMWATCH_BENCH_URL,
    env: { RUST_LOG: "error" },
  });
  try {
    await work();
    return server.peak();
  } finally {
    await server.stop();
  }
}

const emptied = () => psql("TRUNCATE results, games RESTART IDENTITY CASCADE; CHECKPOINT");

/** The way of a real upload: streamed over HTTP, answered when the import has ended. Answers the seconds. */
async function upload(file, created) {
  const { status, text, took } = await ask(base, "POST", "/import-backup", { file, patience: 600 });
  if (status !== 200) throw new Error(`${status}: ${text}`);
  const { results_created: really } = JSON.parse(text);
  if (really !== created) throw new Error(`created ${really} results, not ${created}`);
  return took;
}

async function importSpeed() {
  const file = backup(reference);
  const table = `${process.cwd()}/${folder}/results.copy`;
  const times = { empty: [], again: [], copy: [] };
  const peaks = [];
  for (let round = 0; round < 3; round += 1) {
    emptied();
    peaks.push(await withServer(async () => {
      times.empty.push(await upload(file, reference));
      psql("CHECKPOINT");
      times.again.push(await upload(file, 0));
    }));
    // The same rows in the file's own order: by date backwards.
    psql(`\\copy (SELECT * FROM results ORDER BY result_date DESC, game_id) TO '${table}'`);
    psql("TRUNCATE results; CHECKPOINT");
    const watch = stopwatch();
    psql(`\\copy results FROM '${table}'`);
    times.copy.push(watch());
  }
  const [floor, empty, again] = [times.copy, times.empty, times.again].map(median);
  const peak = Math.max(...peaks);
  note(`\\copy of ${thousands(reference)} results (the floor)`, floor, "s");
  note("import of them into an empty database", empty, "s", {
    floor, promise: atMost(RATIO, ratioOf(empty, floor), "×"),
  });
  note("import of them again, all present", again, "s", { floor, promise: ["no longer", again <= empty] });
  note("peak memory of the server for both", peak, "MB", { promise: atMost(MEMORY, peak, "MB") });
}

/** Each size three times, each time in a server of its own. */
async function memory() {
  const [small, large] = [reference / 5, reference * 2];
  const peaks = new Map([[small, []], [large, []]]);
  for (let round = 0; round < 3; round += 1) {
    for (const [size, list] of peaks) {
      emptied();
      list.push(await withServer(() => upload(backup(size), size)));
    }
  }
  const [floor, peak] = [...peaks.values()].map(median);
  note(`peak memory for ${thousands(small)} results, median of 3`, floor, "MB");
  note(`peak memory for ${thousands(large)} results, median of 3`, peak, "MB", {
    floor, promise: atMost(MEMORY, peak, "MB"),
  });
}

async function smallImport() {
  await withServer(async () => {
    const times = [];
    for (let run = 0; run < 51; run += 1) {
      const { status, text, took } = await ask(base, "POST", "/import-sample-data");
      if (status !== 200) throw new Error(text);
      times.push(took * 1000);
    }
    const typical = median(times);
    note("sample import, from request to success, median", typical, "ms", {
      promise: atMost(SMALL_IMPORT, typical, "ms"),
    });
  });
}

/** wrk's own report: requests a second, and the 99th percentile in milliseconds. */
function load(path, headers = []) {
  const options = ["-t2", "-c16", "-d8s", "--latency", ...headers.flatMap((header) => ["-H", header])];
  const report = execFileSync("wrk", [...options, base + path], { encoding: "utf8" });
  if (/Non-2xx/.test(report)) throw new Error(report);
  const [, value, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(report);
  return {
    rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(report)[1]),
    p99: value * { us: 0.001, ms: 1, s: 1000 }[unit],
  };
}

async function api() {
  await withServer(() => {
    const { rate: floor } = load("/health");
    note("GET /health: SELECT 1 through the same pool (the floor)", floor, "requests/s");
    // From here on everybody has to say who they are, and each request is asked whether that is true.
    const env = { ...process.env, DATABASE_URL: process.env.NUMWATCH_BENCH_URL };
    const token = execFileSync(program, ["token", "add", `bench-${Date.now()}`, "--role", "viewer"], { env, encoding: "utf8" });
    const signedIn = `Authorization: Bearer ${token.trim()}`;
    psql("TRUNCATE import_logs CASCADE");
    for (const [from, logs] of [[1, 20], [21, 1_000_000]]) {
      psql(`INSERT INTO import_logs (import_type, filename, status, started_at, completed_at)
            SELECT 'backup', 'numwatch-backup-' || n || '.json', 'success', now() - n * interval '1 s', now()
            FROM generate_series(${from}, ${logs}) n`);
      psql("VACUUM ANALYZE import_logs");
      const asked = [["GET /import-logs", "/import-logs", [], LOGS], ["the page", "/", ["Accept: text/html"], PAGES]];
      for (const [name, path, headers, promised] of asked) {
        const { rate, p99 } = load(path, [signedIn, ...headers]);
        const what = `${name}, ${thousands(logs)} logs`;
        note(what, rate, "requests/s", { floor, promise: atLeast(promised, rate) });
        const promise = path === "/import-logs" ? atMost(P99, p99, "ms") : undefined;
        note(`${what}: p99 at 16 connections`, p99, "ms", { promise });
      }
    }
    psql("TRUNCATE import_logs CASCADE");
  });
}

/** What criterion has measured before. */
function decoders() {
  const results = "target/criterion/decode";
  const read = (name, file) => JSON.parse(readFileSync(`${results}/${name}/new/${file}.json`, "utf8"));
  for (const name of readdirSync(results).filter((entry) => entry !== "report")) {
    const [about, estimates] = [read(name, "benchmark"), read(name, "estimates")];
    const bytesPerNanosecond = about.throughput.Bytes / estimates.median.point_estimate;
    note(`decoding: ${about.function_id}`, bytesPerNanosecond * 1000, "MB/s");
  }
}

await importSpeed();
await memory();
await smallImport();
await api();
decoders();
process.exit(publish(rows) ? 0 : 1);
