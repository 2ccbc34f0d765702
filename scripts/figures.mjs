// The table that a measurement prints and keeps. A row is { what, value, unit, ratio, promise }; `promise` says what was
// promised and whether it was kept.
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";

/** Prints the rows, writes them to benches/results/, and answers whether every promise was kept. */
export function publish(rows, suffix = "") {
  const machine = `${cpus().length} × ${cpus()[0].model}`;
  const width = Math.max(...rows.map((row) => row.what.length));
  console.log(`\n${machine}\n`);
  for (const { what, value, unit, ratio, promise } of rows) {
    const share = ratio === undefined ? "" : `${ratio.toFixed(2)} ×`;
    const verdict = promise ? `${promise[1] ? "ok" : "BROKEN"}: ${promise[0]} promised` : "";
    const figure = `${value.toLocaleString("en").padStart(12)} ${unit.padEnd(10)} ${share.padStart(8)}`;
    console.log(`${what.padEnd(width)} ${figure}  ${verdict}`.trimEnd());
  }
  const date = new Date().toISOString().slice(0, 10);
  const kept = rows.map(({ what, value, unit, ratio }) => ({ what, value, unit, ratio }));
  writeFileSync(`benches/results/${date}${suffix}.json`, `${JSON.stringify({ date, machine, rows: kept }, null, 2)}\n`);
  return rows.every((row) => row.promise?.[1] ?? true);
}

/** The value below which this share of the values lies; NaN when there are none. */
export function percentile(values, share) {
  return [...values].sort((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? NaN;
}
