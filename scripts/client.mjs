// What the scripts share that try a running server: a server of their own, requests, and questions to its database.
import { execFileSync, spawn } from "node:child_process";
import { createReadStream, createWriteStream, readFileSync, statSync } from "node:fs";
import http from "node:http";
import { Readable } from "node:stream";

export const program = process.env.NUMWATCH_PROGRAM;

export const sleep = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** A stopwatch: seconds since it was made. */
export function stopwatch() {
  const began = performance.now();
  return () => (performance.now() - began) / 1000;
}

export function psql(database, sql) {
  const options = ["-XqAt", "-v", "ON_ERROR_STOP=1", "-c", sql];
  return execFileSync("scripts/postgres", ["psql", database, ...options], { encoding: "utf8" }).trim();
}

// What a person's .env may set and no measurement or rehearsal should depend on. Empty: the default.
const defaults = {
  DATABASE_URL_FILE: "", DATABASE_OWNER_URL: "", DATABASE_OWNER_URL_FILE: "",
  NUMWATCH_DATABASE_CONNECTIONS: "", NUMWATCH_WORKERS: "", NUMWATCH_PAYLOADS: "", NUMWATCH_PAYLOADS_FILE: "", NUMWATCH_MAX_UPLOAD_BYTES: "",
  NUMWATCH_LEASE_SECONDS: "", NUMWATCH_HEARTBEAT_SECONDS: "", NUMWATCH_MAX_ATTEMPTS: "",
  NUMWATCH_SHUTDOWN_GRACE_SECONDS: "", NUMWATCH_LOG_FORMAT: "",
  EXTERNAL_API_URL: "", EXTERNAL_API_URL_FILE: "", FEED_ALLOW_HTTP: "", FEED_MAX_BYTES: "", FEED_DELAY_SECONDS: "", FEED_TIMEOUT_SECONDS: "", FEED_RETRIES: "", FEED_BACKOFF_SECONDS: "",
  CORS_ORIGINS: "", SCHEDULE: "0 0 29 2 *", RUST_LOG: "info,sqlx=warn",
};

/**
 * Starts `numwatch serve`, or another command before it that ends in it, and waits for its last line. Its own log
 * goes into `log`. Answers its process id and how to stop it.
 */
export async function serve({ address, folder, log, database, env = {}, options = [], before = [] }) {
  const [command, ...parts] = [...before, program, "serve", ...options];
  const settings = { NUMWATCH_ADDR: address, NUMWATCH_DATA_DIR: folder, DATABASE_URL: database, ...env };
  execFileSync(program, ["migrate"], { env: { ...process.env, ...defaults, ...settings } });
  const server = spawn(command, parts, {
    env: { ...process.env, ...defaults, ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines = createWriteStream(log);
  server.stderr.pipe(lines);
  const ended = new Promise((resolve) => server.on("exit", resolve));
  await new Promise((resolve, reject) => {
    server.stdout.on("data", (text) => String(text).includes(`http://${address}`) && resolve());
    server.on("error", reject);
    server.on("exit", (code) => reject(new Error(`the server ended with ${code}: ${readFileSync(log, "utf8")}`)));
  });
  return {
    pid: server.pid,
    /** The most memory it ever had, in MB. */
    peak: () => Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"))[1]) / 1024,
    async stop() {
      server.kill("SIGTERM");
      const patience = setTimeout(() => server.kill("SIGKILL"), 30_000);
      await ended;
      clearTimeout(patience);
    },
  };
}

/** The bytes of a file; the second half not before `halfway` is kept. */
async function* content(file, halfway) {
  const middle = Math.floor(statSync(file).size / 2);
  yield* createReadStream(file, { end: middle - 1, highWaterMark: 1 << 18 });
  await halfway;
  yield* createReadStream(file, { start: middle, highWaterMark: 1 << 18 });
}

/**
 * One request. Answers its status, what it said and how long it took, and never throws: without an answer, or when
 * it takes longer than `patience` seconds, the status is 0.
 */
export function ask(base, method, path, { headers = {}, file, halfway, agent, patience = 60 } = {}) {
  return new Promise((resolve) => {
    const took = stopwatch();
    const sized = file ? { "content-type": "application/json", "content-length": statSync(file).size } : {};
    const body = file && Readable.from(content(file, halfway), { objectMode: false });
    let status = 0;
    let text = "";
    const end = (trouble) => {
      clearTimeout(timer);
      body?.destroy();
      resolve(trouble ? { status: 0, text: trouble, took: took() } : { status, text, took: took() });
    };
    const request = http.request(base + path, { method, headers: { ...sized, ...headers }, agent }, (answer) => {
      // Whoever is refused in the middle stops sending, as browsers and curl do.
      body?.unpipe(request);
      status = answer.statusCode;
      answer.setEncoding("utf8");
      answer.on("data", (piece) => (text += piece));
      answer.on("end", () => end());
      answer.on("error", (error) => end(error.message));
    });
    const timer = setTimeout(() => request.destroy(new Error(`no answer within ${patience} s`)), patience * 1000);
    request.on("error", (error) => status === 0 && end(error.message));
    if (body) body.pipe(request);
    else request.end();
  });
}
