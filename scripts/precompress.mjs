// Writes FILE.br and FILE.gz beside every file of a folder that compression makes smaller, so that the server
// sends ready bytes: node scripts/precompress.mjs FOLDER
import { readdir, readFile, writeFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const [brotli, zip] = [promisify(brotliCompress), promisify(gzip)];
const compressible = new Set([".css", ".html", ".ico", ".js", ".json", ".map", ".mjs", ".svg", ".txt", ".wasm", ".webmanifest", ".xml"]);
const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;

const folder = process.argv[2];
if (!folder) {
  console.error("usage: node scripts/precompress.mjs FOLDER");
  process.exit(2);
}

async function compress(file) {
  const plain = await readFile(file);
  const [br, gz] = await Promise.all([
    brotli(plain, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
        [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
      },
    }),
    zip(plain, { level: 9 }),
  ]);
  if (br.length < plain.length) await writeFile(`${file}.br`, br);
  if (gz.length < plain.length) await writeFile(`${file}.gz`, gz);
  return `    ${basename(file)}: ${kB(plain.length)}, ${kB(br.length)} with brotli, ${kB(gz.length)} with gzip`;
}

const entries = await readdir(folder, { recursive: true, withFileTypes: true });
const files = entries
  .filter((entry) => entry.isFile() && compressible.has(extname(entry.name)))
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  .sort();
for (const line of await Promise.all(files.map(compress))) console.log(line);
