// How a rehearsal ends: with what was broken, and whether anything was.
import { seed, violations } from "./tools.mjs";

/** Tells it, after what was done, and ends. */
function finish(done) {
  // Once more: they were printed where they happened, which may be hundreds of lines up.
  for (const violation of violations) console.log(`WRONG  ${violation}`);
  const verdict = violations.length ? `${violations.length} promises are BROKEN` : "every promise was kept";
  console.log(`\n${[done, verdict, `seed ${seed}`].filter(Boolean).join("; ")}`);
  process.exit(violations.length ? 1 : 0);
}

/** Rehearses: what `main` answers was done. */
export function rehearse(main) {
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));
  main().then(finish, (error) => {
    console.error(error);
    console.error(`${violations.length} promises were broken before this; seed ${seed}`);
    process.exit(1);
  });
}
