// Measures imports and the API beside their floors. Called by scripts/bench, which has built everything.
import { execFileSync, spawn } from "node:child_process";
import { createReadStream, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import http from "node:http";

const reference = Number(process.argv[2]);
const program = "target/release/numwatch";
const folder = "target/bench";
const address = "127.0.0.1:3911";
const base = `http://${address}`;
const rows = [];

const psql = (sql) => execFileSync("scripts/postgres", ["psql", "numwatch_bench", "-XqAt", "-v", "ON_ERROR_STOP=1", "-c", sql], { encoding: "utf8" }).trim();
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const seconds = (from) => Number(process.hrtime.bigint() - from) / 1e9;

function backup(results) {
  const path = `${folder}/${results}.json`;
  if (!existsSync(path)) execFileSync(program, ["generate", "--results", String(results), "--out", path]);
  return path;
}

// A server of its own, so that its peak memory is that of what is measured.
async function withServer(work) {
  rmSync(`${folder}/data`, { recursive: true, force: true });
  mkdirSync(`${folder}/data`, { recursive: true });
  const server = spawn(program, ["serve"], {
    env: { ...process.env, NUMWATCH_ADDR: address, NUMWATCH_DATA_DIR: `${folder}/data`, EXTERNAL_API_URL: "", RUST_LOG: "error" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => server.on("exit", resolve));
  await new Promise((resolve, reject) => {
    server.stdout.on("data", (text) => String(text).includes(base) && resolve());
    server.on("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  });
  try {
    await work();
    const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"));
    return Number(peak[1]) / 1024;
  } finally {
    server.kill("SIGTERM");
    await ended;
  }
}

// The way of a real upload: streamed over HTTP, answered when the import has ended.
function upload(path) {
  return new Promise((resolve, reject) => {
    const began = process.hrtime.bigint();
    const headers = { "content-type": "application/json", "content-length": statSync(path).size };
    const request = http.request(`${base}/import-backup`, { method: "POST", headers }, (answer) => {
      let body = "";
      answer.on("data", (piece) => (body += piece));
      answer.on("end", () => (answer.statusCode === 200 ? resolve({ took: seconds(began), ...JSON.parse(body) }) : reject(new Error(body))));
    });
    request.on("error", reject);
    createReadStream(path, { highWaterMark: 1 << 18 }).pipe(request);
  });
}

// wrk's own report: requests a second and the 99th percentile in milliseconds.
function load(path, headers = []) {
  const report = execFileSync("wrk", ["-t2", "-c16", "-d8s", "--latency", ...headers.flatMap((h) => ["-H", h]), base + path], { encoding: "utf8" });
  const [, value, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(report);
  return { rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(report)[1]), p99: value * { us: 0.001, ms: 1, s: 1000 }[unit] };
}

function note(what, value, unit, floor) {
  rows.push({ what, value: Number(value.toFixed(2)), unit, ...(floor === undefined ? {} : { ratio: Number((value / floor).toFixed(2)) }) });
}

async function importSpeed() {
  const file = backup(reference);
  const table = `${process.cwd()}/${folder}/results.copy`;
  const times = { empty: [], again: [], copy: [] };
  let peak = 0;
  for (let round = 0; round < 3; round += 1) {
    psql("TRUNCATE results, games RESTART IDENTITY CASCADE; CHECKPOINT");
    peak = Math.max(peak, await withServer(async () => {
      const first = await upload(file);
      if (first.results_created !== reference) throw new Error(`created ${first.results_created} of ${reference}`);
      times.empty.push(first.took);
      psql("CHECKPOINT");
      const second = await upload(file);
      if (second.results_created !== 0) throw new Error(`created ${second.results_created} again`);
      times.again.push(second.took);
    }));
    // The same rows in the file's own order: by date backwards.
    psql(`\\copy (SELECT * FROM results ORDER BY result_date DESC, game_id) TO '${table}'`);
    psql("TRUNCATE results; CHECKPOINT");
    const began = process.hrtime.bigint();
    psql(`\\copy results FROM '${table}'`);
    times.copy.push(seconds(began));
  }
  const floor = median(times.copy);
  note(`\\copy of ${reference} results (the floor)`, floor, "s");
  note(`import of them, empty database`, median(times.empty), "s", floor);
  note(`import of them, all present`, median(times.again), "s", floor);
  note(`peak memory of the server for both`, peak, "MB");
  for (const size of [reference / 5, reference * 2]) {
    psql("TRUNCATE results, games RESTART IDENTITY CASCADE; CHECKPOINT");
    note(`peak memory for ${size} results`, await withServer(() => upload(backup(size))), "MB");
  }
}

async function smallImport() {
  await withServer(async () => {
    const times = [];
    for (let run = 0; run < 51; run += 1) {
      const began = process.hrtime.bigint();
      const answer = await fetch(`${base}/import-sample-data`, { method: "POST" });
      if (answer.status !== 200) throw new Error(await answer.text());
      times.push(seconds(began) * 1000);
    }
    note("sample import, from request to success, median", median(times), "ms");
  });
}

async function api() {
  await withServer(async () => {
    const floor = load("/health");
    note("GET /health: SELECT 1 through the same pool (the floor)", floor.rate, "requests/s");
    for (const [logs, sql] of [
      ["20 logs", "TRUNCATE import_logs CASCADE"],
      ["1,000,000 logs", "SELECT 1"],
    ]) {
      psql(`${sql}; INSERT INTO import_logs (import_type, filename, status, started_at, completed_at, phase)
            SELECT 'backup', 'numwatch-backup-' || n || '.json', 'success', now() - n * interval '1 s', now(), 'ended'
            FROM generate_series(1, ${logs === "20 logs" ? 20 : 1_000_000}) n`);
      psql("VACUUM ANALYZE import_logs");
      for (const [name, path, headers] of [["GET /import-logs", "/import-logs", []], ["the page", "/", ["Accept: text/html"]]]) {
        const measured = load(path, headers);
        note(`${name}, ${logs}`, measured.rate, "requests/s", floor.rate);
        note(`${name}, ${logs}: p99 at 16 connections`, measured.p99, "ms");
      }
    }
    psql("TRUNCATE import_logs CASCADE");
  });
}

await importSpeed();
await smallImport();
await api();

const machine = `${cpus().length} × ${cpus()[0].model}`;
const width = Math.max(...rows.map((row) => row.what.length));
console.log(`\n${machine}\n`);
for (const row of rows) {
  console.log(`${row.what.padEnd(width)}  ${row.value.toLocaleString("en").padStart(12)} ${row.unit.padEnd(10)} ${row.ratio === undefined ? "" : `${row.ratio} × the floor`}`);
}
const date = new Date().toISOString().slice(0, 10);
writeFileSync(`benches/results/${date}.json`, `${JSON.stringify({ date, machine, reference, rows }, null, 2)}\n`);
