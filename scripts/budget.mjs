// What a browser loads for each kind of page besides its document, packed with Brotli, and how much it may be: node
// scripts/budget.mjs FOLDER. Fails above the budget.
import { statSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
const PAGES = [
  { pages: 'pages that live (Scheduler)', files: ['numwatch.wasm', 'numwatch.js', 'numwatch.css'], most: 200_000 },
  { pages: 'pages that need no scripts (all others)', files: ['light.css'], most: 20_000 },
];

const kilobytes = (bytes) => (bytes / 1000).toFixed(1);
let over = false;
for (const { pages, files, most } of PAGES) {
  const sizes = files.map((file) => statSync(join(folder, `${file}.br`)).size);
  const sum = sizes.reduce((a, b) => a + b, 0);
  const parts = files.map((file, nth) => `${file.replace('numwatch.', '')} ${kilobytes(sizes[nth])}`);
  console.log(`${kilobytes(sum).padStart(7)} of ${most / 1000} kB  ${pages}: ${parts.join(', ')}`);
  over ||= sum > most;
}
if (over) {
  console.error('A page loads more than it may. What has grown? README, "How many bytes a page takes".');
  process.exit(1);
}
