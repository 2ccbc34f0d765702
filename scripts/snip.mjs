// Takes the bodies of functions that are never called out of a WebAssembly module: node scripts/snip.mjs FROM TO
//
// A page is taken over in one go (`hydrate_from`). Each view also knows a second way, which waits for parts that are
// loaded later; no page has any, but the compiler can't know. Were it walked all the same, the module would stop, and
// the page would stay the plain one that the server has rendered.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

// The bodies of an async function: what else has this in its name, such as what frees or boxes one, may be the same code as
// something that is called, of which the compiler keeps one copy under one of the names.
const NEVER_CALLED = /hydrate_async::\{\{closure\}\}::h[0-9a-f]+$/;

const tools = createRequire(new URL('../end2end/package.json', import.meta.url));
const { default: binaryen } = await import(pathToFileURL(tools.resolve('binaryen')).href);

const [from, to] = process.argv.slice(2);
const module = binaryen.readBinary(readFileSync(from));
let found = 0;
for (let nth = 0; nth < module.getNumFunctions(); nth += 1) {
  const it = module.getFunctionByIndex(nth);
  const { name, base } = binaryen.getFunctionInfo(it);
  if (base || !NEVER_CALLED.test(name)) continue;
  binaryen.Function(it).body = module.unreachable();
  found += 1;
}
// Without names there is nothing to go by, and the page would grow unseen.
if (found === 0) throw new Error(`no function is called ${NEVER_CALLED}: has Leptos renamed it, or the linker taken the names away?`);
writeFileSync(to, module.emitBinary());
