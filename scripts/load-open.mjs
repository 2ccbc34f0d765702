// 2,000 open pages on one process: what they cost while nothing changes, and how soon all have what has changed: the second
// part of scripts/load.mjs. The time counts from the moment in which the request that changed it has been answered.
import { execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { ask, program, sleep, stopwatch } from "./client.mjs";
import { percentile } from "./figures.mjs";

const PAGES = 2000;
/** Seconds in which each page asks once while nothing changes. */
const IDLE = 10;
/** The promise: milliseconds after which 99 % of the pages have what changed. */
const SEEN = 1000;
/** How often each kind of change is made, and how often one follows another at once. */
const TIMES = 3;
const HURRIED = 4;
/** The import that runs meanwhile, in results. */
const BIG = 500_000;
const PAGE_DATA = "/api/scheduler_page?all_failures=false&all_runs=false";

/** Seconds of the processor that a process has used; the kernel counts them in hundredths. */
function processor(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** MB that a process has in memory now. */
function memory(pid) {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;
}

/** Ids of imports that failed, to dismiss. */
async function failures(base, folder) {
  const ids = [];
  for (let nth = 0; nth < TIMES; nth += 1) {
    const file = `${folder}/broken.json`;
    writeFileSync(file, "{".padEnd(100 + nth));
    ids.push(JSON.parse((await ask(base, "POST", "/import-backup", { file })).text).import_id);
  }
  return ids;
}

/** The pages, in their process: `tell` asks it something, and answers what it replies. */
function openAll(base) {
  const pages = fork("scripts/load-pages.mjs", [base, String(PAGES)]);
  const ended = once(pages, "exit").then(([code, signal]) => {
    throw new Error(`the process of the open pages ended with ${code ?? signal}`);
  });
  // Once they are no longer needed, nobody minds.
  ended.catch(() => {});
  return {
    async tell(what, more) {
      pages.send({ what, ...more });
      return (await Promise.race([once(pages, "message"), ended]))[0];
    },
    close: () => pages.kill(),
  };
}

/** Changes something; answers after how many milliseconds each page had it, counted from the answer to the change. */
async function change({ base, tell }, path) {
  await tell("forget");
  const answer = await ask(base, "POST", path);
  const at = Date.now();
  if (answer.status !== 200) throw new Error(`POST ${path}: ${answer.status} ${answer.text}`);
  // Whoever has changed something sees it with the next reading: its tag is the one that the pages are to have.
  const tag = (await fetch(base + PAGE_DATA)).headers.get("etag");
  const { times, unseen } = await tell("seen", { tag, at });
  // Who never saw it took forever.
  return times.concat(Array(unseen).fill(Infinity));
}

function noteSeen({ note, trouble }, when, times) {
  const p99 = percentile(times, 0.99);
  const what = `from a change's answer to seen, ${when}`;
  note(`${what}: median`, percentile(times, 0.5), "ms");
  note(`${what}: p99`, p99, "ms", [`< ${SEEN}`, p99 < SEEN]);
  note(`${what}: slowest`, percentile(times, 1), "ms");
  if (p99 < SEEN) return;
  const late = Number.isFinite(p99) ? `after ${p99} ms or later` : "not at all";
  trouble.push(`1 % of the open pages had a change ${late}, ${when}; within ${SEEN} ms is promised.`);
}

/** Each page asks once, and is answered that it has everything. */
async function idle({ pid, tell, note }) {
  await tell("count");
  const used = processor(pid);
  await sleep(IDLE);
  note(`processor in ${IDLE} s in which nothing changes`, (processor(pid) - used) * 1000, "ms");
  const { answers } = await tell("state");
  note("answers meanwhile", answers.same + answers.whole, "");
  note("bytes of an answer that nothing has changed", answers.sameBytes / answers.same, "B");
}

/** Changes of all kinds, each once all pages have the one before. */
async function oneByOne(world, dismissible) {
  const { pid, tell, note } = world;
  await tell("count");
  const used = processor(pid);
  const seen = [];
  for (const id of dismissible) {
    const paths = [`/import-logs/${id}/dismiss`, "/scheduler/stop", "/import-sample-data", "/scheduler/start"];
    for (const path of paths) seen.push(...(await change(world, path)));
  }
  const changes = seen.length / PAGES;
  const { answers } = await tell("state");
  note("changes, one after the other", changes, "");
  note("processor for each", ((processor(pid) - used) / changes) * 1000, "ms");
  note("bytes of a whole answer", answers.wholeBytes / answers.whole, "B");
  noteSeen(world, "while nothing else happens", seen);
}

/** News of the change before has just been told: more of it waits, so as not to make all pages ask again at once. */
async function rightAfterAnother(world) {
  const seen = [];
  for (let nth = 0; nth < HURRIED; nth += 1) {
    await ask(world.base, "POST", "/scheduler/stop");
    await sleep(0.15);
    seen.push(...(await change(world, "/scheduler/start")));
    await sleep(1);
  }
  noteSeen(world, "right after another", seen);
}

async function whileImporting(world, file) {
  const { base, pid, note, trouble } = world;
  const [watch, used] = [stopwatch(), processor(pid)];
  let running = true;
  const imported = ask(base, "POST", "/import-backup", { file }).finally(() => (running = false));
  const seen = [];
  for (let nth = 0; running; nth += 1) {
    seen.push(...(await change(world, nth % 2 ? "/scheduler/start" : "/scheduler/stop")));
    // News of the import's progress comes once a second: a change is made at each distance from it.
    await sleep((nth * 0.3) % 1);
  }
  const { status, text, took } = await imported;
  if (status !== 200) trouble.push(`The import meanwhile ended with ${status}: ${text}`);
  note(`import of ${BIG.toLocaleString("en")} results meanwhile`, took, "s", ["to succeed", status === 200]);
  note("changes during it", seen.length / PAGES, "");
  note("processor for a second of it", ((processor(pid) - used) / watch()) * 1000, "ms");
  noteSeen(world, "while an import runs", seen);
}

/** Measures it, notes the figures, and answers what went wrong. */
export async function openPages({ folder, start, note }) {
  const big = `${folder}/big.json`;
  execFileSync(program, ["generate", "--games", "140", "--results", String(BIG), "--out", big]);
  // The scheduler can be switched only with a feed. Nothing asks it: no tick comes while this lasts.
  const server = await start({ EXTERNAL_API_URL: "http://127.0.0.1:9/" });
  const { base, pid } = server;
  const dismissible = await failures(base, folder);
  const before = memory(pid);
  const { tell, close } = openAll(base);
  const trouble = [];
  const world = { base, pid, tell, note, trouble };
  try {
    // They open, and have all seen what was before.
    await sleep(7);
    note(`memory before ${PAGES} pages are open`, before, "MB");
    note("memory with them", memory(pid), "MB");
    note("memory for each", ((memory(pid) - before) * 1024) / PAGES, "kB");
    await idle(world);
    await oneByOne(world, dismissible);
    await rightAfterAnother(world);
    await whileImporting(world, big);
    const { refused, lateness } = await tell("state");
    note("of the pages' requests refused or broken off", refused.length, "", ["0", refused.length === 0]);
    note("how late the pages' own timers were, p99", lateness, "ms");
    note("peak memory of the server with open pages", server.peak(), "MB");
    return [...trouble, ...refused];
  } finally {
    close();
    await server.stop();
  }
}
