// 50 uploads at the same moment while 200 clients watch: the first part of scripts/load.mjs.
import { execFileSync, fork } from "node:child_process";
import { readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { ask, program, psql, sleep, stopwatch } from "./client.mjs";
import { percentile } from "./figures.mjs";

const UPLOADS = 50;
const RESULTS = 20_000;
const GAMES = 140;
const CLIENTS = 200;
/** The promises: MB of the server's memory, and milliseconds within which 99 % of the clients' answers come. */
const MEMORY = 256;
const P99 = 250;

/** Backups of one size with games of their own each, so that it is known exactly what must be there in the end. */
function backups(folder) {
  const pattern = `${folder}/pattern.json`;
  const size = ["--games", String(GAMES), "--results", String(RESULTS)];
  execFileSync(program, ["generate", ...size, "--out", pattern]);
  const text = readFileSync(pattern, "utf8");
  unlinkSync(pattern);
  return Array.from({ length: UPLOADS }, (_, nth) => {
    const path = `${folder}/${nth}.json`;
    writeFileSync(path, text.replaceAll('"L03-01-', `"U${String(nth).padStart(2, "0")}-01-`));
    return path;
  });
}

/** Sends a backup and answers the status of its import, once it has ended. */
async function send(base, file, nth) {
  const waits = nth % 2 === 0;
  const headers = waits ? {} : { prefer: "respond-async" };
  const answer = await ask(base, "POST", "/import-backup", { file, headers, patience: 500 });
  if (answer.status !== (waits ? 200 : 202)) return `${answer.status} ${answer.text}`;
  if (waits) return JSON.parse(answer.text).results_created === RESULTS ? "success" : answer.text;
  for (;;) {
    const log = JSON.parse((await ask(base, "GET", `/import-logs/${JSON.parse(answer.text).id}`)).text);
    if (log.status !== "running") return log.status === "success" ? "success" : JSON.stringify(log);
    await sleep(1);
  }
}

/** Measures it, notes the figures, and answers what went wrong. */
export async function uploads({ folder, start, note }) {
  const files = backups(folder);
  const server = await start();
  const clients = fork("scripts/load-clients.mjs", [server.base, String(CLIENTS)]);
  const watched = new Promise((resolve, reject) => {
    clients.on("message", resolve);
    clients.on("exit", (code) => reject(new Error(`the clients ended with ${code}`)));
  });
  let outcomes;
  let seen;
  let peak;
  let took;
  try {
    // The clients connect first.
    await sleep(3);
    clients.send("measure");
    const watch = stopwatch();
    outcomes = await Promise.all(files.map((file, nth) => send(server.base, file, nth)));
    took = watch();
    clients.send("stop");
    seen = await watched;
    peak = server.peak();
  } finally {
    clients.kill();
    await server.stop();
  }

  const successes = outcomes.filter((outcome) => outcome === "success").length;
  const [logged, results, games, short] = psql("numwatch_load", `
    SELECT (SELECT count(*) FROM import_logs WHERE status = 'success'), (SELECT count(*) FROM results),
           (SELECT count(*) FROM games), (SELECT count(*) FROM (
              SELECT FROM results JOIN games ON games.id = game_id
              GROUP BY left(base_game_id, 3) HAVING count(*) <> ${RESULTS}) AS uneven)`).split("|").map(Number);
  note(`imports that succeeded, of ${UPLOADS} uploads at once`, successes, "", [`${UPLOADS}`, successes === UPLOADS]);
  note("of them by their logs", logged, "", [`${UPLOADS}`, logged === UPLOADS]);
  const whole = UPLOADS * RESULTS;
  note("results in the database", results, "", [`${whole}`, results === whole && short === 0]);
  note("games in the database", games, "", [`${UPLOADS * GAMES}`, games === UPLOADS * GAMES]);
  note("from the first byte to the last success", took, "s");
  note("peak memory of the server", peak, "MB", [`< ${MEMORY}`, peak < MEMORY]);
  for (const [kind, name] of [["page", "the page's data"], ["logs", "GET /import-logs"]]) {
    const times = seen.times[kind];
    note(`${name}, ${CLIENTS} clients: answers`, times.length, "", ["> 0", times.length > 0]);
    note(`${name}: median`, percentile(times, 0.5), "ms");
    const p99 = percentile(times, 0.99);
    note(`${name}: p99`, p99, "ms", [`< ${P99}`, p99 < P99]);
    note(`${name}: slowest`, percentile(times, 1), "ms");
  }
  note("of them refused or broken off", seen.refused.length, "", ["0", seen.refused.length === 0]);
  note("how late the clients' own timers were, p99", seen.lateness, "ms");

  return [...outcomes.filter((outcome) => outcome !== "success"), ...seen.refused];
}
