// The checks: each log against the database, the database against the files and the feed, and both against what the
// clients were told.
import { readFileSync, readdirSync, statSync } from "node:fs";
import { cancelled, fixed, seenEnded, told } from "./clients.mjs";
import { decodeDay, digestOfDay, feedDay, outcomes } from "./days.mjs";
import { SHARED_RESULTS, files, isSound } from "./files.mjs";
import { checkRange } from "./ranges.mjs";
import { MAX_ATTEMPTS, database, expect, groupBy, home, number, rows, sum, until, wrong } from "./tools.mjs";

/** How many rejects of one import are kept. */
const REJECTS_KEPT = 10_000;
/** How many differences of one import are kept. */
const DIFFERENCES_KEPT = 20;

/** Checks everything that can be, and answers the logs. */
export async function checkAll(world) {
  const logs = await readLogs();
  const dates = await rows("SELECT * FROM import_dates");
  const byId = new Map(logs.map((log) => [log.id, log]));
  logs.forEach(checkLog);
  for (const log of logs.filter((one) => one.resolved_by !== null)) checkResolved(log, byId, dates);
  for (const [id, what] of told) checkTold(id, what, byId.get(id));
  for (const id of cancelled) {
    const log = byId.get(id);
    // A range whose days had all come by then has succeeded all the same.
    const stopped = log?.status === "failed" || (log?.import_type === "date_range" && log.status === "success");
    expect(stopped, `#${id}: its cancel was accepted, and it is ${log?.status}`);
  }
  await checkSums(logs);
  await checkRejects(logs);
  await checkFiles(logs);
  const byImport = groupBy(dates, "import_id");
  const ranges = logs.filter((log) => log.import_type === "date_range");
  for (const log of ranges) checkRange(log, byImport.get(log.id) ?? []);
  await checkFeed(world, logs, dates);
  checkPayloads(logs);
  await checkLeftovers();
  return logs;
}

export const readLogs = () => rows("SELECT * FROM import_logs ORDER BY id");

// --- the logs by themselves ---

/** What a log says of itself. */
function checkLog(log) {
  const name = `#${log.id} (${log.import_type}, ${log.status})`;
  expect(log.status !== "running", `${name} still runs`);
  expect(log.completed_at, `${name} has no end`);
  const tries = log.attempt - log.handed_back;
  expect(tries <= MAX_ATTEMPTS, `${name} was begun ${tries} times, and ${MAX_ATTEMPTS} is the most`);
  const reasoned = log.failure_kind !== null && /^[A-Z\d"#].*\.$/s.test(log.error_message ?? "");
  const clean = log.failure_kind === null && log.error_message === null && log.cancelled_by === null;
  expect(log.status === "success" ? clean : reasoned, `${name} says ${log.failure_kind}: ${log.error_message}`);
  expect(log.failure_kind !== "internal", `${name} is a fault of NumWatch itself`);
  const results = log.results_created + log.results_updated + log.results_unchanged + log.results_differing;
  const brought = results + log.games_created + log.games_updated + log.results_corrected;
  if (log.status === "failed" && log.import_type !== "date_range") {
    // What was read of it is counted all the same: records, rejects, duplicates.
    expect(brought === 0, `${name} counts data that it did not bring: ${fixed(log)}`);
  }
  const used = log.records_processed - log.records_rejected;
  expect(used >= 0, `${name} has more rejects than records: ${fixed(log)}`);
  if (log.status === "success" && log.import_type !== "backup") {
    expect(results === used, `${name} accounts for ${results} of its ${used} draws`);
  }
  checkDifferences(log, name);
}

/** A feed corrects and a backup differs, never the other way round; both values of the first are kept. */
function checkDifferences(log, name) {
  const [own, other] = log.import_type === "backup"
    ? [log.results_differing, log.results_corrected]
    : [log.results_corrected, log.results_differing];
  expect(other === 0, `${name} counts what its type can't bring: ${fixed(log)}`);
  expect(log.results_corrected <= log.results_updated, `${name} has corrected more than it updated: ${fixed(log)}`);
  const kept = log.differences.length;
  expect(kept === Math.min(own, DIFFERENCES_KEPT), `${name} has ${own} differences, and ${kept} are kept`);
}

/** What a failure lacked has come since: the same bytes, the sample, or each day of a range, with any import. */
function checkResolved(log, byId, dates) {
  const by = byId.get(log.resolved_by);
  const name = `#${log.id} (${log.import_type}) is resolved by #${log.resolved_by}`;
  expect(by?.import_type === log.import_type, `${name}, which is ${by?.import_type}`);
  if (log.import_type === "date_range") {
    for (const { date, resolved_by } of dates.filter((one) => one.import_id === log.id && one.outcome !== "success")) {
      const came = dates.some((one) => one.import_id === resolved_by && one.date === date && one.outcome === "success");
      expect(came, `${name}, and ${date} has not come with #${resolved_by}`);
    }
    return;
  }
  expect(by?.status === "success", `${name}, which did not succeed`);
  expect(by?.payload_sha256 === log.payload_sha256, `${name}, which is of other bytes`);
}

/** What a client was told of an import, and how it saw it end. */
function checkTold(id, { status, answer, file }, log) {
  if (!log) {
    wrong(`a client was told of #${id}, and it has no log`);
    return;
  }
  const seen = seenEnded.get(id)?.as ?? fixed(log);
  expect(seen === fixed(log), `#${id} was seen as ${seen} and is ${fixed(log)}`);
  // An upload that was refused before it had come whole has no sum.
  const refused = log.status === "failed" && log.attempt === 0 && log.payload_sha256 === null;
  if (file && !refused) expect(log.payload_sha256 === file.sha256, `#${id} is of another file than the client sent`);
  const said = `#${id} was answered ${JSON.stringify(answer)} and is ${fixed(log)}`;
  if (status === 200 && answer.results_created !== undefined) {
    const same = ["games_created", "results_created", "records_processed", "records_rejected"];
    expect(log.status === "success" && same.every((key) => answer[key] === log[key]), said);
  }
  // Who waited in vain was told that it was started, and nothing of how it ends.
  const untold = /^Import #\d+ was started, but /.test(answer?.detail ?? "");
  if (status >= 400 && !untold) expect(log.status === "failed" && answer.detail === log.error_message, said);
}

// --- the logs against the database ---

async function checkSums(logs) {
  for (const [table, column] of [["games", "games_created"], ["results", "results_created"]]) {
    const created = sum(logs.map((log) => log[column]));
    const held = await number(`SELECT count(*) FROM ${table}`);
    expect(held === created, `the logs say that ${created} ${table} were created, and there are ${held}`);
  }
}

async function checkRejects(logs) {
  const kept = await rows("SELECT import_id AS id, count(*) AS kept FROM import_rejects GROUP BY 1");
  const byId = new Map(kept.map((row) => [row.id, row.kept]));
  for (const log of logs) {
    const found = byId.get(log.id) ?? 0;
    const expected = Math.min(log.records_rejected, REJECTS_KEPT);
    expect(found === expected, `#${log.id} has ${log.records_rejected} rejects, and ${found} are kept`);
  }
}

// --- the database against the files ---

/** SQL's side of `lineOf` and `digest` (files.mjs). */
const LINE = `concat_ws('|', base_game_id, result_date, coalesce(result_3up, ''), coalesce(result_2down, ''),
                        coalesce(result_4up, ''), results.status)`;
const DIGEST = `md5(string_agg(${LINE}, E'\\n' ORDER BY ${LINE} COLLATE "C"))`;
const JOINED = "results JOIN games ON games.id = game_id";
const OF_FILES = "base_game_id ~ '^(F|SHARE)'";

/** All of a file's results are in the database when one of its imports succeeded, and otherwise none. */
async function checkFiles(logs) {
  const stored = await rows(`
    SELECT split_part(base_game_id, '-', 1) AS name, count(DISTINCT game_id) AS games, count(*) AS results,
           ${DIGEST} AS digest
    FROM ${JOINED} WHERE ${OF_FILES} GROUP BY 1`);
  const byName = new Map(stored.map((row) => [row.name, row]));
  const byHash = groupBy(logs, "payload_sha256");
  let anyShared = false;
  for (const file of files.filter((entry) => entry.sha256)) {
    const imports = byHash.get(file.sha256) ?? [];
    const successes = imports.filter((log) => log.status === "success");
    anyShared ||= file.shared && successes.length > 0;
    checkFile(file, imports, successes, byName.get(file.name));
    byName.delete(file.name);
  }
  const [shared, expected] = [byName.get("SHARE")?.results ?? 0, anyShared ? SHARED_RESULTS : 0];
  expect(shared === expected, `of the shared games there are ${shared} results, not ${expected}`);
  byName.delete("SHARE");
  for (const name of byName.keys()) wrong(`there are results of ${name}, which no client sent`);
}

function checkFile(file, imports, successes, row) {
  const ids = imports.map((log) => `#${log.id} ${log.status}`).join(", ");
  const name = `file ${file.name} (${file.kind}; ${ids || "no import"})`;
  for (const log of imports.filter((one) => file.kind === "all rejected" && one.failure_kind === "invalid_input")) {
    const read = log.records_processed === file.records && log.records_rejected === file.rejected;
    expect(read, `${name}: what #${log.id} has read is not what the file holds: ${fixed(log)}`);
  }
  if (successes.length === 0) {
    expect(!row, `${name} never succeeded, and ${row?.results} of its results are there`);
    return;
  }
  expect(isSound(file), `${name} can't be imported, and was`);
  expect(row?.results === file.results && row.games === file.games,
    `${name} has ${file.results} results, and ${row?.results} are there`);
  expect(row?.digest === file.digest, `${name}: what is there is not what it holds`);
  const created = sum(imports.map((log) => log.results_created));
  const most = file.results + (file.shared ? SHARED_RESULTS : 0);
  const possible = created >= file.results && created <= most;
  expect(possible, `${name} has ${file.results} results, and its imports created ${created}`);
  const denied = file.uploads === 1 && /[Nn]othing was changed/.test(file.denied ?? "");
  expect(!denied, `${name}: its only upload was answered "${file.denied}"`);
  for (const log of successes) {
    // Only what several files hold can differ: each brings all the values that it has.
    const accounted = log.results_created + log.results_unchanged + log.results_differing;
    const same = log.records_processed === file.records && log.records_rejected === file.rejected &&
      log.duplicates === file.duplicates && accounted === file.draws && log.results_updated === 0 &&
      log.results_differing <= (file.shared ? SHARED_RESULTS : 0) && log.file_size === file.size;
    expect(same, `${name}: the counters of #${log.id} are wrong: ${fixed(log)}, ${JSON.stringify(file)}`);
  }
}

// --- the database against the feed ---

/** Of each date all draws are there, as the feed has them now or has them afterwards, or none. */
async function checkFeed({ during, afterwards }, logs, dates) {
  const stored = await rows(`
    SELECT result_date AS date, count(*) AS results, ${DIGEST} AS digest
    FROM ${JOINED} WHERE NOT ${OF_FILES} GROUP BY 1`);
  const byDate = new Map(stored.map((row) => [row.date, row]));
  const check = async ([date, imports]) => {
    const both = await Promise.all([feedDay(during, date), feedDay(afterwards, date)]);
    checkDate(date, imports, both, byDate.get(date));
    byDate.delete(date);
  };
  await Promise.all([...groupBy(dates, "date")].map(check));
  checkSample(logs, byDate);
}

function checkDate(date, imports, both, row) {
  const successes = imports.filter((entry) => entry.outcome === "success");
  if (successes.length === 0) {
    expect(!row, `${date} never succeeded, and ${row?.results} of its results are there`);
    return;
  }
  const draws = both[0].size;
  const whole = outcomes(both).includes(row?.digest);
  expect(whole, `${date}: the ${row?.results} results that are there are not the feed's ${draws}`);
  const created = sum(imports.map((entry) => entry.results_created));
  expect(created === row?.results, `${date}: ${created} results were created, and there are ${row?.results}`);
  for (const entry of successes) {
    // Of this feed nothing is rejected.
    const right = entry.records_processed === draws;
    expect(right, `${date} in #${entry.import_id}: ${entry.records_processed} records, and the feed has ${draws}`);
  }
}

/** What is left when the feed's dates have been looked at is the sample's one. */
function checkSample(logs, byDate) {
  const sample = decodeDay(JSON.parse(readFileSync("src/server/importer/responseData.json", "utf8")));
  const successes = logs.filter((log) => log.import_type === "sample_data" && log.status === "success");
  const [row, ...others] = byDate.values();
  if (successes.length === 0) expect(!row, `no sample import succeeded, and there are results of ${row?.date}`);
  else expect(row?.digest === digestOfDay(sample), `the sample's results are not those of its file: ${row?.results}`);
  for (const other of others) wrong(`there are results of ${other.date}, which nobody imported`);
  for (const log of successes) {
    const draws = log.records_processed - log.records_rejected;
    expect(draws === sample.size, `#${log.id}: ${draws} draws, not ${sample.size}`);
  }
}

// --- what is left over ---

/** All files in the store of uploads but the one by which it is known. */
export function payloads() {
  const found = readdirSync(`${home}/payloads`, { recursive: true }).map((name) => `${home}/payloads/${name}`);
  return found.filter((path) => statSync(path).isFile() && !path.endsWith("/store-id"));
}

/** The uploads that failed imports keep for a retry are where their logs say. None is kept that can only fail again. */
function checkPayloads(logs) {
  const kept = new Set(payloads().map((path) => path.split("/").pop()));
  for (const log of logs.filter((entry) => entry.payload !== null)) {
    const name = `#${log.id} (${log.status}, ${log.failure_kind})`;
    expect(log.status === "failed", `${name} still has its upload`);
    expect(log.failure_kind !== "invalid_input", `${name} can only fail again, and still has its upload`);
    expect(kept.has(log.payload), `${name} can be retried, says its log, and its upload is gone`);
  }
}

/** Nothing is left in the database's own rooms. */
async function checkLeftovers() {
  const rooms = {
    "staging tables": "SELECT count(*) FROM pg_class WHERE relname ~ '^staged_' OR relpersistence = 't'",
    "sessions that hold a transaction open": `SELECT count(*) FROM pg_stat_activity
      WHERE datname = '${database}' AND state LIKE 'idle in transaction%' AND state_change < now() - interval '5 s'`,
    "locks that are waited for": "SELECT count(*) FROM pg_locks WHERE NOT granted",
    "prepared transactions": "SELECT count(*) FROM pg_prepared_xacts",
  };
  for (const [what, sql] of Object.entries(rooms)) {
    const gone = await until(10, async () => (await number(sql)) === 0);
    if (!gone) wrong(`${await number(sql)} ${what} are left`);
  }
}
