// Two PostgreSQL servers, a primary and its standby, and HAProxy before them: started, killed, promoted and made anew.
import { spawn } from "node:child_process";
import {
  chownSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, readlinkSync, rmSync, writeFileSync,
} from "node:fs";
import { freePort } from "../chaos-parts/processes.mjs";
import { RECOVERY, elapsed, folder, home, journal, run, sleep, until } from "../chaos-parts/tools.mjs";

const programs = await run("scripts/postgres", ["programs"]);
/** PostgreSQL refuses to run as root. */
const owner = process.getuid() === 0
  ? { uid: Number(await run("id", ["-u", "postgres"])), gid: Number(await run("id", ["-g", "postgres"])) }
  : {};

const SLOT = "standby";
const SETTINGS = {
  listen_addresses: "127.0.0.1", unix_socket_directories: "", max_connections: 200, timezone: "UTC", log_timezone: "UTC",
  synchronous_commit: "on", primary_slot_name: SLOT, wal_retrieve_retry_interval: "500ms",
  // For pg_rewind, which looks for what a primary had that its standby has not.
  wal_keep_size: "512MB",
};

/** Runs one of PostgreSQL's programs to its end, as its owner. */
function program(name, args, log) {
  const out = openSync(log, "a");
  const child = spawn(`${programs}/${name}`, args, { cwd: "/", stdio: ["ignore", out, out], ...owner });
  return new Promise((resolve) => child.on("exit", resolve).on("error", () => resolve(1)));
}

/** Asks a server, whatever the proxy thinks of it. */
export function ask(server, sql, database = "postgres") {
  const where = ["-h", "127.0.0.1", "-p", String(server.port), "-U", "postgres", "-d", database];
  return run(`${programs}/psql`, ["-XAtq", "-v", "ON_ERROR_STOP=1", ...where], sql);
}

/** Lets no import write results until `release` is called. */
export function holdResults(server, database) {
  const where = ["-h", "127.0.0.1", "-p", String(server.port), "-U", "postgres", "-d", database];
  const holder = spawn(`${programs}/psql`, ["-Xq", ...where], { stdio: ["pipe", "ignore", "inherit"] });
  holder.stdin.write("BEGIN; LOCK TABLE results IN SHARE MODE;\n");
  return { release: () => holder.stdin.end("COMMIT;\n") };
}

export class Server {
  constructor(name, port) {
    Object.assign(this, { name, port, data: `${home}/${name}/data`, log: `${folder}/postgres-${name}.log` });
    mkdirSync(`${home}/${name}`);
    if (owner.uid !== undefined) chownSync(`${home}/${name}`, owner.uid, owner.gid);
  }

  /** With checksums, which pg_rewind needs, too. */
  async create() {
    const args = ["-D", this.data, "-U", "postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--lc-collate=C", "--auth=trust", "--data-checksums"];
    if ((await program("initdb", args, this.log)) !== 0) throw new Error(`initdb failed; ${this.log} says why`);
  }

  /** Starts it and waits until it answers; as a standby of another, when there is one. */
  async start(primary) {
    const settings = { ...SETTINGS, port: this.port, cluster_name: `numwatch_${this.name}` };
    if (primary) {
      settings.primary_conninfo = `host=127.0.0.1 port=${primary.port} user=postgres application_name=${SLOT}`;
      writeFileSync(`${this.data}/standby.signal`, "");
      if (owner.uid !== undefined) chownSync(`${this.data}/standby.signal`, owner.uid, owner.gid);
    }
    const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const out = openSync(this.log, "a");
    // The kernel ends it when this rehearsal ends, however that happens.
    const command = ["--pdeathsig", "KILL", `${programs}/postgres`, "-D", this.data, ...args];
    spawn("setpriv", command, { cwd: "/", stdio: ["ignore", out, out], ...owner });
    if (!(await until(RECOVERY, () => ask(this, "SELECT 1").catch(() => false)))) {
      throw new Error(`PostgreSQL ${this.name} does not answer; ${this.log} says why`);
    }
  }

  /** All of its processes: each stands in its folder of data. */
  processes() {
    const stands = (pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`) === this.data;
      } catch {
        return false;
      }
    };
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && stands(name)).map(Number);
  }

  signal(name) {
    journal(`PostgreSQL ${this.name} ${name}`);
    for (const pid of this.processes()) {
      try {
        process.kill(pid, name);
      } catch {
        // It has ended meanwhile.
      }
    }
  }

  /** As a machine that loses its power. */
  async kill() {
    this.signal("SIGKILL");
    const gone = await until(RECOVERY, () => {
      this.signal("SIGKILL");
      return this.processes().length === 0;
    });
    if (!gone) throw new Error(`PostgreSQL ${this.name} can't be killed`);
    rmSync(`${this.data}/postmaster.pid`, { force: true });
  }

  /** Makes a standby a primary, which is one when this returns. */
  async promote() {
    journal(`PostgreSQL ${this.name} is promoted`);
    const code = await program("pg_ctl", ["-D", this.data, "promote", "-w", "-t", String(RECOVERY)], this.log);
    if (code !== 0) throw new Error(`PostgreSQL ${this.name} could not be promoted; ${this.log} says why`);
  }

  /** Whether it has ever said so. */
  says(words) {
    return readFileSync(this.log, "utf8").includes(words);
  }

  /** Makes it the standby of another: from what it has, or from nothing. Answers how it was made. */
  async follow(primary, how) {
    await ask(primary, `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '${SLOT}'`);
    await ask(primary, `SELECT pg_create_physical_replication_slot('${SLOT}', true)`);
    const source = `host=127.0.0.1 port=${primary.port} user=postgres dbname=postgres`;
    if (how === "pg_rewind" && existsSync(this.data)) {
      // A primary that was just promoted says what it is only after a checkpoint: until then pg_rewind finds nothing to do, and
      // what it leaves can't follow (PostgreSQL manual, "pg_rewind", of version 16 on).
      await ask(primary, "CHECKPOINT");
      const code = await program("pg_rewind", ["-D", this.data, `--source-server=${source}`, "--no-sync"], this.log);
      if (code === 0) {
        await this.start(primary);
        return how;
      }
      journal(`pg_rewind ended with ${code}; ${this.log} says why`);
    }
    rmSync(this.data, { recursive: true, force: true });
    const args = ["-D", this.data, "-d", source, "-X", "stream", "-S", SLOT, "-c", "fast", "--no-sync"];
    if ((await program("pg_basebackup", args, this.log)) !== 0) {
      throw new Error(`pg_basebackup failed; ${this.log} says why`);
    }
    await this.start(primary);
    return "pg_basebackup";
  }
}

/** From now on a commit is one when the standby has it too; which it must show once. */
export async function commitOnBoth(primary, standby) {
  const state = "SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming'";
  const streams = await until(RECOVERY, async () => (await ask(primary, state)) !== "");
  if (!streams) throw new Error(`no standby follows ${primary.name}`);
  await ask(primary, `ALTER SYSTEM SET synchronous_standby_names = '${SLOT}'`);
  await ask(primary, "SELECT pg_reload_conf()");
  const both = await until(RECOVERY, async () => (await ask(primary, state)) === "sync");
  if (!both) throw new Error(`the standby of ${primary.name} is not synchronous`);
  const mark = String(elapsed());
  await ask(primary, `CREATE TABLE IF NOT EXISTS marks (mark text); INSERT INTO marks VALUES ('${mark}')`);
  const shows = () => ask(standby, `SELECT 1 FROM marks WHERE mark = '${mark}'`).catch(() => "");
  if (!(await until(RECOVERY, async () => (await shows()) === "1"))) {
    throw new Error(`${standby.name} says that it follows ${primary.name}, and has not what that has; ${standby.log} says why`);
  }
}

/** Whether a standby has all that its primary has. */
export async function hasAll(standby, primary) {
  const at = await ask(primary, "SELECT pg_current_wal_lsn()");
  const replayed = `SELECT pg_last_wal_replay_lsn() >= '${at}'`;
  return until(RECOVERY, async () => (await ask(standby, replayed)) === "t");
}

/** HAProxy, which leads to whichever of the two is the primary. Answers its port. */
export async function startProxy(servers) {
  const port = await freePort();
  const [one, two] = servers;
  const env = { PATH: process.env.PATH, PROXY_PORT: port, ONE_PORT: one.port, TWO_PORT: two.port };
  const out = openSync(`${folder}/haproxy.log`, "a");
  const program = process.env.HAPROXY || "haproxy";
  const args = ["--pdeathsig", "KILL", program, "-db", "-f", "scripts/failover-parts/haproxy.cfg"];
  const child = spawn("setpriv", args, { env, stdio: ["ignore", out, out] });
  child.on("exit", (code) => {
    throw new Error(`HAProxy ended with ${code}: ${readFileSync(`${folder}/haproxy.log`, "utf8")}`);
  });
  await sleep(1);
  return { port, child };
}
