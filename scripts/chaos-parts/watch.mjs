// Whoever looks at NumWatch meanwhile: pages, health and the API of each server are asked for all the time.
import { ask } from "./requests.mjs";
import { elapsed, sleep } from "./tools.mjs";

const PATHS = ["/", "/imports", "/monitoring", "/health", "/import-logs"];
const EVERY = 0.2;
/** Whoever waits longer for an answer has none. */
const PATIENCE = 5;

/** Watches until `stop` is called. */
export function watch(servers) {
  let wanted = true;
  const seen = [];
  const last = new Map();
  const look = async (server, path) => {
    while (wanted) {
      const asked = elapsed();
      const { status, text } = await ask(server, "GET", path, { patience: PATIENCE });
      const [at, good, where] = [elapsed(), status === 200, `${server.name} ${path}`];
      const answer = { at, took: at - asked, good, what: good ? where : `${where} ${status}: ${text.slice(0, 200)}` };
      seen.push(answer);
      last.set(where, answer);
      await sleep(EVERY);
    }
  };
  const looking = Promise.all(servers.flatMap((server) => PATHS.map((path) => look(server, path))));
  return {
    /** Whether all have answered well since then. */
    isWell: (since) => [...last.values()].every(({ good, at }) => good && at > since),
    /** All answers since then, and what came instead of one. */
    since: (moment = 0) => seen.filter(({ at }) => at >= moment),
    async stop() {
      wanted = false;
      await looking;
    },
  };
}
