// The clients that watch while scripts/load-uploads.mjs uploads: a process of their own, so that its work does not delay
// them. Each asks every second, as a page does that is told of an import's progress, whatever the answer takes.
import http from "node:http";
import { monitorEventLoopDelay } from "node:perf_hooks";

const [base, clients] = [process.argv[2], Number(process.argv[3])];
const PERIOD = 1000;
// As a browser asks: with compression, on connections that stay open.
const headers = { "accept-encoding": "gzip, deflate, br, zstd" };
const paths = { page: "/api/scheduler_page?all_failures=false&all_runs=false", logs: "/import-logs" };

let measuring = false;
const times = { page: [], logs: [] };
const refused = [];
const lateness = monitorEventLoopDelay({ resolution: 5 });

function watch(kind) {
  const path = paths[kind];
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const { hostname, port } = new URL(base);
  // Of one client, a question waits for the answer to the one before: that wait counts.
  setInterval(() => {
    const began = performance.now();
    const counts = measuring;
    const end = (trouble) => {
      if (counts) times[kind].push(performance.now() - began);
      if (trouble) refused.push(`GET ${path}: ${trouble}`);
    };
    const request = http.request({ hostname, port, path, headers, agent }, (answer) => {
      answer.resume();
      answer.on("end", () => end(answer.statusCode === 200 ? undefined : answer.statusCode));
      answer.on("error", (error) => end(error.message));
    });
    request.on("error", (error) => end(error.message));
    request.end();
  }, PERIOD);
}

for (let client = 0; client < clients; client += 1) {
  setTimeout(() => {
    watch("page");
    setTimeout(() => watch("logs"), PERIOD / 2);
  }, (client * PERIOD) / clients);
}

process.on("message", (message) => {
  if (message === "measure") {
    measuring = true;
    lateness.enable();
    return;
  }
  measuring = false;
  process.send({ times, refused, lateness: lateness.percentile(99) / 1e6 }, () => process.exit());
});
