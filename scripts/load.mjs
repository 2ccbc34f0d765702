// What the server bears: many uploads at once, then many open pages. Called by scripts/load, which has made the database.
// Prints a table, writes it to benches/results/, and ends with 1 when a promise is broken.
import { mkdirSync } from "node:fs";
import { serve } from "./client.mjs";
import { publish } from "./figures.mjs";
import { openPages } from "./load-open.mjs";
import { uploads } from "./load-uploads.mjs";

const folder = "target/load";
const address = "127.0.0.1:3912";

const rows = [];
const note = (what, value, unit, promise) => rows.push({ what, value: Number(value.toFixed(1)), unit, promise });

/** A server of its own for each part, so that none finds the memory of the one before. */
async function start(env) {
  const server = await serve({
    address, folder: `${folder}/data`, log: `${folder}/server.log`, database: process.env.NUMWATCH_LOAD_URL,
    env: { RUST_LOG: "warn", ...env },
  });
  return { ...server, base: `http://${address}` };
}

mkdirSync(`${folder}/data`, { recursive: true });
const trouble = new Set();
for (const part of [uploads, openPages]) {
  for (const words of await part({ folder, start, note })) trouble.add(words);
}
const kept = publish(rows, "-load");
for (const words of [...trouble].slice(0, 5)) console.log(`\n${words}`);
process.exit(kept ? 0 : 1);
