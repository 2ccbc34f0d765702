// The processes under test, and the wires between them and PostgreSQL.
import { spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import net from "node:net";
import {
  LEASE, MAX_ATTEMPTS, RECOVERY, database, elapsed, folder, home, journal, root, run, seed, sleep, wrong,
} from "./tools.mjs";

/** The program under test, unless a process is given another. */
export const own = process.env.NUMWATCH_PROGRAM;
const bare = { PATH: process.env.PATH, HOME: home, RUST_LOG: "info,sqlx=warn", NO_COLOR: "1" };

/** A process that is started again whenever it was ended, as a service manager does. */
export class Process {
  constructor(name, args, { env = {}, ready, port, wire, program = own } = {}) {
    Object.assign(this, { name, args, env, ready, wire, program, base: `http://127.0.0.1:${port}` });
    this.log = `${folder}/${name}.log`;
    this.kind = name.replace(/-\d$/, "");
  }

  /** Starts it, again and again while the database is away. */
  async start() {
    const end = elapsed() + RECOVERY;
    while (!(await this.tryToStart())) {
      if (elapsed() > end) throw new Error(`${this.name} could not be started; ${this.log} says why`);
      await sleep(0.5);
    }
  }

  tryToStart() {
    // The kernel ends it when this test ends, however that happens. Away from the repository no .env is found.
    const child = spawn("setpriv", ["--pdeathsig", "KILL", this.program, ...this.args], {
      cwd: home,
      env: { ...bare, ...this.env },
      stdio: ["ignore", "pipe", openSync(this.log, "a")],
    });
    this.child = child;
    this.meant = false;
    this.ended = new Promise((resolve) => child.on("exit", resolve));
    return new Promise((resolve) => {
      let ready = false;
      child.stdout.on("data", (text) => {
        ready ||= String(text).includes(this.ready);
        if (ready) resolve(true);
      });
      child.on("exit", (code, signal) => {
        if (ready && !this.meant) this.died(code ?? signal);
        resolve(false);
      });
    });
  }

  died(how) {
    wrong(`${this.name} ended by itself (${how}); ${this.log} says why`);
    this.start().catch((error) => wrong(error.message));
  }

  signal(name) {
    journal(`${this.name} ${name}`);
    this.child.kill(name);
  }

  async kill() {
    this.meant = true;
    this.signal("SIGKILL");
    await this.ended;
  }

  /** Asks it to stop, and answers whether it did so in time. */
  async stop(patience) {
    this.meant = true;
    this.signal("SIGTERM");
    const inTime = await Promise.race([this.ended.then(() => true), sleep(patience).then(() => false)]);
    if (!inTime) await this.kill();
    return inTime;
  }

  /** How many imports it has begun. */
  begun() {
    return readFileSync(this.log, "utf8").split("import begins").length - 1;
  }

  /** Whether it works on an import at this moment, as far as its log tells. */
  isBusy() {
    const tail = readFileSync(this.log, "utf8").slice(-4000);
    const [begun, over] = [tail.lastIndexOf("import begins"), /import succeeded|did not succeed|NumWatch/g];
    return begun >= 0 && !over.test(tail.slice(begun));
  }
}

/** The ports that the kernel gives to outgoing connections begin here, and one of those could take a port meanwhile. */
const [EPHEMERAL] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").split("\t").map(Number);
let nextPort = EPHEMERAL - 1 - Math.floor(Math.random() * 8000);

/** A port that stays free while what listens there is away for a moment. */
export async function freePort() {
  for (;;) {
    const port = (nextPort -= 1);
    const server = net.createServer();
    const free = await new Promise((resolve) => {
      server.on("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!free) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

/** What a process does when it says this to PostgreSQL: at each of these places a connection may hang. */
export const PLACES = [
  ["while it takes an import", /^UPDATE import_runs run\s+SET attempt/],
  ["while it renews its lease", /^UPDATE import_runs\s+SET lease_until/],
  ["while it looks at the schedule", /^SELECT enabled, last_tick FROM schedule FOR UPDATE/],
  ["while it says that it is alive", /INSERT INTO processes/],
  ["while it looks for abandoned imports", /FROM import_runs WHERE phase <> 'queued' AND lease_until/],
  ["while it merges", /^(INSERT INTO|COPY) results/],
  ["while it commits", /^COMMIT/],
  ["while it listens", /^LISTEN/],
];

/** The network between one process and PostgreSQL. It can break, as networks do, while both ends live on. */
class Wire {
  constructor(socket) {
    this.socket = socket;
    this.pairs = new Set();
    this.whole = Promise.resolve();
    /** How many answers to a COMMIT were lost; `losing` says whether they are at this moment. */
    this.lost = 0;
    this.losing = false;
    /** The place at which the next connection to come there is to hang. */
    this.trap = undefined;
  }

  async listen() {
    const server = net.createServer((near) => this.connect(near));
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    return server.address().port;
  }

  async connect(near) {
    near.on("error", () => {});
    await this.whole;
    const far = net.connect(this.socket);
    const pair = { near, far, said: said(), places: new Set(), hung: false };
    this.pairs.add(pair);
    const end = () => {
      // Nobody at the near end hears of it that a hung connection's far end is gone.
      if (pair.hung && !near.destroyed) return;
      this.pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    near.on("close", end);
    far.on("error", () => {}).on("close", end);
    pass(near, far, (chunk) => {
      for (const place of pair.said(chunk)) pair.places.add(place);
      if (this.trap && pair.places.has(this.trap.place)) this.trap.spring(pair);
      if (!pair.places.has("while it listens")) pair.places.clear();
      return !pair.hung;
    });
    // What CommandComplete says: the transaction is durable, and only its owner doesn't hear of it.
    pass(far, near, (chunk) => {
      if (pair.hung) return false;
      if (!this.losing || !chunk.includes("COMMIT\0")) return true;
      this.lost += 1;
      end();
      return false;
    });
  }

  /** Nothing gets through for so many seconds. Then all of it does. */
  async cut(seconds) {
    const pairs = [...this.pairs].flatMap(({ near, far }) => [near, far]);
    let mend;
    this.whole = new Promise((resolve) => (mend = resolve));
    for (const end of pairs) end.pause();
    await sleep(seconds);
    for (const end of pairs) end.resume();
    mend();
  }

  /** The connections that are open now get nothing through any more, and are never closed; new ones do. */
  hang(pairs = [...this.pairs]) {
    for (const pair of pairs) pair.hung = true;
  }

  /** The same for the next connection that comes to a place, within so many seconds. Answers whether one came. */
  async hangAt(place, patience) {
    const listening = [...this.pairs].find((pair) => !pair.hung && pair.places.has(place));
    if (listening) {
      this.hang([listening]);
      return true;
    }
    const sprung = new Promise((resolve) => {
      this.trap = {
        place,
        spring: (pair) => {
          this.trap = undefined;
          this.hang([pair]);
          resolve(true);
        },
      };
    });
    const came = await Promise.race([sprung, sleep(patience).then(() => false)]);
    this.trap = undefined;
    return came;
  }

  /** For so many seconds each transaction that is committed loses its connection before it hears of that. */
  async loseCommits(seconds) {
    const before = this.lost;
    this.losing = true;
    await sleep(seconds);
    this.losing = false;
    return this.lost - before;
  }
}

/** Answers the places that a connection comes to with each chunk: statements are named once, and then called by name. */
function said() {
  const names = new Map();
  const placesOf = (sql) => PLACES.filter(([, pattern]) => pattern.test(sql.trim())).map(([place]) => place);
  return (chunk) => {
    const text = chunk.toString("latin1");
    const found = new Set();
    for (const [, name, sql] of text.matchAll(/(sqlx_s_\d+)\0([^\0]+)\0/g)) {
      if (/[a-z]{4}/i.test(sql)) names.set(name, placesOf(sql));
    }
    for (const [, name] of text.matchAll(/\0(sqlx_s_\d+)\0/g)) {
      for (const place of names.get(name) ?? []) found.add(place);
    }
    // A plain query: Q, its length, its text.
    for (const [, sql] of text.matchAll(/Q[^]{4}((?:COMMIT|COPY|LISTEN)[^\0]*)\0/g)) {
      for (const place of placesOf(sql)) found.add(place);
    }
    return found;
  };
}

/** Passes on what `allows` lets through, no faster than it is taken. */
function pass(from, to, allows) {
  from.on("data", (chunk) => {
    if (!allows(chunk) || to.write(chunk)) return;
    from.pause();
    to.once("drain", () => from.resume());
  });
}

/** A NumWatch that reaches PostgreSQL at a port of this machine, with settings of its own over those that all have. */
export async function numwatch(name, command, feed, databasePort, { settings = {}, ...options } = {}) {
  const port = await freePort();
  const env = {
    DATABASE_URL: `postgres://numwatch@127.0.0.1:${databasePort}/${database}?application_name=${name}&sslmode=disable`,
    NUMWATCH_DATA_DIR: home, NUMWATCH_SITE_ROOT: `${root}/target/site`, NUMWATCH_ADDR: `127.0.0.1:${port}`,
    NUMWATCH_DATABASE_CONNECTIONS: "10", NUMWATCH_LEASE_SECONDS: String(LEASE),
    NUMWATCH_HEARTBEAT_SECONDS: "", NUMWATCH_MAX_ATTEMPTS: String(MAX_ATTEMPTS), NUMWATCH_SHUTDOWN_GRACE_SECONDS: "1", EXTERNAL_API_URL: feed,
    SCHEDULE: "* * * * *", FEED_DELAY_SECONDS: "0", FEED_TIMEOUT_SECONDS: "1.5", FEED_RETRIES: "1",
    FEED_BACKOFF_SECONDS: "0.1", ...settings,
  };
  const ready = command === "serve" ? "NumWatch is at" : "NumWatch runs imports.";
  return new Process(name, [command], { env, ready, port, ...options });
}

/** One with a wire of its own to the project's cluster. */
async function wired(name, command, feed) {
  const url = new URL(await run("scripts/postgres", ["url", database]));
  const wire = new Wire(`${url.searchParams.get("host")}/.s.PGSQL.5432`);
  return numwatch(name, command, feed, await wire.listen(), { wire });
}

/** How the feed is to behave from its next start on. */
export function setTrouble(feed, trouble) {
  feed.args = ["feed", "--addr", feed.base.slice("http://".length), ...trouble];
}

/** A feed that behaves so, and answers for days as they are during the draws and after them. */
export async function startFeed(trouble) {
  const feed = new Process("feed", [], { ready: "answers at", port: await freePort() });
  setTrouble(feed, trouble);
  await feed.start();
  return { feed, during: `${feed.base}/`, afterwards: `${feed.base}/afterwards` };
}

const TROUBLE = [
  "--error-rate", "0.1", "--timeout-rate", "0.02", "--broken-rate", "0.02", "--html-rate", "0.02", "--slow", "50",
  "--seed", String(seed),
];

/**
 * Half of the processes ask for days as they look while draws are waiting, half for the same days afterwards: so
 * imports of one day also update what another brought.
 */
export async function build() {
  const { feed, during, afterwards } = await startFeed(TROUBLE);
  const servers = [await wired("server-1", "serve", during), await wired("server-2", "serve", afterwards)];
  const workers = [await wired("worker-1", "worker", during), await wired("worker-2", "worker", afterwards)];
  const all = [...servers, ...workers];
  await Promise.all(all.map((target) => target.start()));
  return { feed, during, afterwards, servers, workers, all };
}
