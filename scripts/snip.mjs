// Takes the bodies of functions that are never called out of a WebAssembly module: node scripts/snip.mjs FROM TO
//
// A page is taken over in one go (`hydrate_from`). Each view also knows a second way, which waits for parts that are
// loaded later; no page has any, but the compiler can't know. Were it walked all the same, the module would stop, and
// the page would stay the plain one that the server has rendered.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const NEVER_CALLED = 'hydrate_async';

const tools = createRequire(new URL('../end2end/package.json', import.meta.url));
const { default: binaryen } = await import(pathToFileURL(tools.resolve('binaryen')).href);

const [from, to] = process.argv.slice(2);
const module = binaryen.readBinary(readFileSync(from));
let found = 0;
for (let nth = 0; nth < module.getNumFunctions(); nth += 1) {
  const it = module.getFunctionByIndex(nth);
  const { name, base } = binaryen.getFunctionInfo(it);
  // What frees such a thing may be the same code that frees others.
  if (base || !name.includes(NEVER_CALLED) || name.includes('drop_in_place')) continue;
  binaryen.Function(it).body = module.unreachable();
  found += 1;
}
// Without names there is nothing to go by, and the page would grow unseen.
if (found === 0) throw new Error(`no function is called ${NEVER_CALLED}: has Leptos renamed it?`);
writeFileSync(to, module.emitBinary());
