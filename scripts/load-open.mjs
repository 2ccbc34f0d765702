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
const FAILURES = 3;
/** The import that runs meanwhile, in results. */
const BIG = 300_000;
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
  for (let nth = 0; nth < FAILURES; nth += 1) {
    const file = `${folder}/broken.json`;
    writeFileSync(file, "{".padEnd(100 + nth));
    ids.push(JSON.parse((await ask(base, "POST", "/import-backup", { file })).text).import_id);
  }
  return ids;
}

/** Measures it, notes the figures, and answers what went wrong. */
export async function openPages({ folder, start, note }) {
  const big = `${folder}/big.json`;
  execFileSync(program, ["generate", "--games", "140", "--results", String(BIG), "--out", big]);
  // The scheduler can be switched only with a feed. Nothing asks it: no tick comes while this lasts.
  const server = await start({ EXTERNAL_API_URL: "http://127.0.0.1:9/" });
  const { base, pid } = server;
  const dismissed = await failures(base, folder);
  const before = memory(pid);
  const pages = fork("scripts/load-pages.mjs", [base, String(PAGES)]);
  const trouble = [];
  const tell = async (what, more) => {
    pages.send({ what, ...more });
    return (await once(pages, "message"))[0];
  };

  /** Changes something; answers after how many milliseconds each page had it, counted from the answer to the change. */
  async function change(path) {
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

  function noteSeen(when, times) {
    const p99 = percentile(times, 0.99);
    const what = `from a change's answer to seen, ${when}`;
    note(`${what}: median`, percentile(times, 0.5), "ms");
    note(`${what}: p99`, p99, "ms", [`< ${SEEN}`, p99 < SEEN]);
    note(`${what}: slowest`, percentile(times, 1), "ms");
    if (p99 < SEEN) return;
    const late = Number.isFinite(p99) ? `after ${p99} ms or later` : "not at all";
    trouble.push(`1 % of the open pages had a change ${late}, ${when}; within ${SEEN} ms is promised.`);
  }

  try {
    // They open, and have all seen what was before.
    await sleep(7);
    note(`memory before ${PAGES} pages are open`, before, "MB");
    note("memory with them", memory(pid), "MB");
    note("memory for each", ((memory(pid) - before) * 1024) / PAGES, "kB");

    await tell("count");
    let used = processor(pid);
    await sleep(IDLE);
    used = processor(pid) - used;
    const idle = await tell("state");
    note(`processor in ${IDLE} s in which nothing changes`, used * 1000, "ms");
    note("answers meanwhile", idle.answers.same + idle.answers.whole, "");
    note("bytes of an answer that nothing has changed", idle.answers.sameBytes / idle.answers.same, "B");

    const quiet = [];
    await tell("count");
    used = processor(pid);
    for (const id of dismissed) {
      const paths = [`/import-logs/${id}/dismiss`, "/scheduler/stop", "/import-sample-data", "/scheduler/start"];
      for (const path of paths) quiet.push(...(await change(path)));
    }
    const changes = quiet.length / PAGES;
    const told = await tell("state");
    note("changes, one after the other", changes, "");
    note("processor for each", ((processor(pid) - used) / changes) * 1000, "ms");
    note("bytes of a whole answer", told.answers.wholeBytes / told.answers.whole, "B");
    noteSeen("while nothing else happens", quiet);

    const watch = stopwatch();
    used = processor(pid);
    let running = true;
    const ended = ask(base, "POST", "/import-backup", { file: big }).finally(() => (running = false));
    const busy = [];
    for (let nth = 0; running; nth += 1) {
      busy.push(...(await change(nth % 2 ? "/scheduler/start" : "/scheduler/stop")));
    }
    const { status, text, took } = await ended;
    if (status !== 200) trouble.push(`The import meanwhile ended with ${status}: ${text}`);
    note(`import of ${BIG.toLocaleString("en")} results meanwhile`, took, "s", ["to succeed", status === 200]);
    note("changes during it", busy.length / PAGES, "");
    note("processor for a second of it", ((processor(pid) - used) / watch()) * 1000, "ms");
    noteSeen("while an import runs", busy);

    const { refused, lateness } = await tell("state");
    note("of the pages' requests refused or broken off", refused.length, "", ["0", refused.length === 0]);
    note("how late the pages' own timers were, p99", lateness, "ms");
    note("peak memory of the server with open pages", server.peak(), "MB");
    trouble.push(...refused);
  } finally {
    pages.kill();
    await server.stop();
  }
  return trouble;
}
