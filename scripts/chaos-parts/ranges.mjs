// A range's log against its dates.
import { expect, sum } from "./tools.mjs";

/** After so many days in a row that fail alike a range asks for no more. */
const FAILURES_IN_A_ROW = 3;

/** A range's log is the sum of its dates. */
export function checkRange(log, dates) {
  const name = `#${log.id} (range, ${log.status})`;
  const columns = ["records_processed", "games_created", "results_created", "results_updated", "results_corrected"];
  for (const column of columns) {
    const total = sum(dates.map((date) => date[column]));
    expect(log[column] === total, `${name}: ${column} is ${log[column]}, and its dates have ${total}`);
  }
  const [good, bad] = ["success", "failed"].map((word) => dates.filter((date) => date.outcome === word).length);
  expect(log.successful_dates === good && log.failed_dates === bad,
    `${name} counts ${log.successful_dates} and ${log.failed_dates} dates, and they are ${good} and ${bad}`);
  expect(dates.length === log.progress_total, `${name} has ${dates.length} dates of ${log.progress_total}`);
  expect(log.status === "failed" || good === dates.length, `${name}: ${good} of ${dates.length} dates succeeded`);
  expect(log.status === "success" || good < dates.length, `${name}: all of its dates succeeded`);
  checkUnasked(log, dates, name);
}

/** Days that were not asked bring nothing, and come after three that failed alike; or the whole range was stopped. */
function checkUnasked(log, dates, name) {
  // The scheduler asks for today first.
  const inOrder = dates.toSorted((one, other) => one.date.localeCompare(other.date));
  if (log.requested_by === "scheduler") inOrder.reverse();
  const unasked = inOrder.filter((date) => date.outcome === "pending");
  if (unasked.length === 0) return;
  const brought = sum(unasked.map((date) => date.records_processed + date.results_created + date.results_updated));
  expect(brought === 0, `${name}: days that were not asked have brought something`);
  if (log.failure_kind === "cancelled" || log.failure_kind === "interrupted") return;
  const said = new RegExp(`\\b${unasked.length} days? (was|were) not asked\\b`).test(log.error_message);
  expect(said, `${name} says nothing of its ${unasked.length} days that were not asked: ${log.error_message}`);
  // The database was away at its last attempt: it came no further.
  if (/^The database (could not be reached|took too long)/.test(log.error_message)) return;
  const first = inOrder.indexOf(unasked[0]);
  const before = inOrder.slice(Math.max(0, first - FAILURES_IN_A_ROW), first);
  const alike = new Set(before.map((date) => `${date.outcome} ${date.failure_kind}`));
  const reason = before.length === FAILURES_IN_A_ROW && before[0].outcome === "failed" && alike.size === 1;
  expect(reason, `${name} did not ask for ${unasked.length} days, and those before had not failed alike`);
  expect(inOrder.slice(first).length === unasked.length, `${name} asked for days after those that it left out`);
}
