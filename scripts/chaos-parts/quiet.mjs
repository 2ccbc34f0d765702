// What comes after the faults: nothing starts by itself any more, all that runs ends, and what is left is looked at.
import { appendFileSync, readFileSync } from "node:fs";
import { setTrouble } from "./processes.mjs";
import { request } from "./requests.mjs";
import { expect, folder, number, psql, rows, until, wrong } from "./tools.mjs";

/** From here on nothing starts by itself, and the feed answers every question, each after a moment. */
export async function calm({ feed, servers }) {
  const { status, content } = await request(servers[0], "POST", "/scheduler/stop");
  expect(status === 200, `in quiet times the scheduler's stop was answered ${status}: ${JSON.stringify(content)}`);
  await feed.kill();
  setTrouble(feed, ["--slow", "150"]);
  await feed.start();
}

const OPEN = `SELECT (SELECT count(*) FROM import_logs WHERE status = 'running')
                   + (SELECT count(*) FROM import_runs)`;
export const allEnded = async () => (await number(OPEN)) === 0;

/** Waits until nothing runs and nothing is queued, and answers whether it came to that. */
export async function quiet(patience) {
  if (await until(patience, allEnded)) return true;
  for (const log of await rows("SELECT * FROM import_logs WHERE status = 'running'")) {
    wrong(`after ${patience} quiet seconds #${log.id} still runs: ${JSON.stringify(log)}`);
  }
  const waiting = await rows("SELECT * FROM import_runs");
  expect(waiting.length === 0, `after ${patience} quiet seconds these runs are left: ${JSON.stringify(waiting)}`);
  return false;
}

/** No process has panicked, not even where that was caught. */
export function checkPanics(names) {
  for (const name of names) {
    const lines = readFileSync(`${folder}/${name}.log`, "utf8").split("\n");
    for (const line of lines.filter((text) => /panicked|in a panic/.test(text))) wrong(`${name}: ${line}`);
  }
}

/** For whoever looks for the cause. */
export async function dump() {
  for (const table of ["import_logs", "import_dates", "import_runs", "processes"]) {
    const text = await psql(`COPY (SELECT * FROM ${table} ORDER BY 1) TO STDOUT WITH (FORMAT csv, HEADER)`);
    appendFileSync(`${folder}/${table}.csv`, `${text}\n`);
  }
}
