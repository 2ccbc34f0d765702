// Requests to the servers, and what may be answered.
import http from "node:http";
import { expect, journal, wrong } from "./tools.mjs";

/**
 * One request. The status is 0 when there was no whole answer: a process was killed or frozen, or the client broke the
 * upload off itself after `cutAfter` bytes.
 */
export function ask(server, method, path, { headers = {}, body, patience = 30, cutAfter } = {}) {
  return new Promise((resolve) => {
    const sized = body ? { "content-type": "application/json", "content-length": body.length } : {};
    let text = "";
    const end = (status, answer) => {
      clearTimeout(timer);
      resolve({ status, text, headers: answer?.headers ?? {} });
    };
    const options = { method, headers: { ...sized, ...headers }, agent: false };
    const request = http.request(server.base + path, options, (answer) => {
      answer.setEncoding("utf8");
      answer.on("data", (piece) => (text += piece));
      answer.on("end", () => end(answer.complete ? answer.statusCode : 0, answer));
      answer.on("error", () => end(0));
    });
    request.on("error", () => end(0));
    const timer = setTimeout(() => request.destroy(new Error("no answer in time")), patience * 1000);
    if (cutAfter === undefined) request.end(body);
    else request.write(body.subarray(0, cutAfter), () => setTimeout(() => request.destroy(new Error("cut off")), 50));
  });
}

/** What each request may be answered besides 503: the database, the feed and the workers come and go. */
const STATUSES = {
  "POST /import-backup": [200, 202, 400, 409, 422],
  "POST /import-sample-data": [200, 202, 409],
  "POST /scheduler/import-range": [200, 202, 409],
  "POST /scheduler/trigger": [200, 409],
  "POST /scheduler/stop": [200],
  "POST /import-logs/N/retry": [202, 409],
  "POST /import-logs/N/cancel": [202, 409],
  "GET /import-logs": [200],
  "GET /import-logs/N": [200],
  "GET /games": [200],
  "GET /scheduler/status": [200],
  "DELETE /import-logs": [200],
};

/** Words of programs: a person who reads them learns nothing, and a stranger too much. */
const RAW = /sqlx|sqlstate|postgres|relation|backend|socket|timed out|pool|terminat|os error|broken pipe|57P0|panick/i;

/** Each sort of refusal, for the journal. */
const refusals = new Set();

/** Checks the form of an answer, and answers its JSON; `undefined` when there was none. */
function judge(what, answer) {
  if (answer.status === 0) return undefined;
  const says = `${what} answered ${answer.status}: ${answer.text.slice(0, 300)}`;
  expect([...STATUSES[what], 503].includes(answer.status), `not a status of this request. ${says}`);
  let content;
  try {
    content = JSON.parse(answer.text);
  } catch {
    wrong(`not JSON. ${says}`);
    return undefined;
  }
  const type = answer.headers["content-type"] ?? "";
  if (answer.status < 400) {
    expect(type.startsWith("application/json"), `the content type is ${type}. ${says}`);
    return content;
  }
  expect(type.startsWith("application/problem+json"), `the content type is ${type}. ${says}`);
  expect(content.status === answer.status && content.title && content.type, `not a problem document. ${says}`);
  const detail = String(content.detail ?? "");
  expect(/^[A-Z#"].*[.!]$/s.test(detail) && detail.includes(" "), `the detail is no sentence. ${says}`);
  expect(answer.status < 500 || !RAW.test(detail), `the detail has words of programs. ${says}`);
  const sort = `${what} ${answer.status}: ${detail.replace(/\d+/g, "9")}`;
  if (!refusals.has(sort)) journal(sort);
  refusals.add(sort);
  return content;
}

export async function request(server, method, path, options) {
  const answer = await ask(server, method, path, options);
  const what = `${method} ${path.split("?")[0].replace(/\/\d+/, "/N")}`;
  const content = judge(what, answer);
  return { status: answer.status, content, location: answer.headers.location };
}
