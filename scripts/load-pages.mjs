// Open pages, in a process of their own (scripts/load-open.mjs starts it): each hears of changes from GET /events, asks for
// the page's data a moment later, and every ten seconds besides, with the tag of what it has (src/browser/changes.rs,
// src/components/polled.rs). Sockets instead of browsers, so that the machine bears thousands of them.
import { monitorEventLoopDelay } from "node:perf_hooks";
import net from "node:net";

const [base, wanted] = [process.argv[2], Number(process.argv[3])];
const { hostname, port } = new URL(base);
const PATH = "/api/scheduler_page?all_failures=false&all_runs=false";
/** Milliseconds: how long a page that has heard waits at most, how often it asks anyway, how long all take to open. */
const SPREAD = 300;
const PERIOD = 10_000;
const OPENING = 4000;
/** Who has not seen a change after so many milliseconds is given up. */
const PATIENCE = 5000;

const pages = [];
const refused = [];
const lateness = monitorEventLoopDelay({ resolution: 5 });
lateness.enable();
let answers = { whole: 0, same: 0, sameBytes: 0, wholeBytes: 0 };

/** The tags in the order in which they were met, so that a later state of the page is known from an earlier one. */
const order = new Map();
function rank(tag) {
  if (!order.has(tag)) order.set(tag, order.size);
  return order.get(tag);
}

/** One that asks for the page's data, on a connection that stays open. */
class Page {
  tag = "";
  text = "";
  asking = false;
  again = false;
  waiting = false;
  /** What it was answered since it was asked to forget: how new, and when. */
  met = [];

  connect() {
    this.socket = net.connect(Number(port), hostname);
    this.socket.setEncoding("latin1");
    this.socket.on("data", (piece) => this.hear(piece));
    this.socket.on("error", (error) => refused.push(`GET ${PATH}: ${error.message}`));
    this.socket.on("close", () => {
      if (this.asking) refused.push(`GET ${PATH}: broken off`);
      this.asking = false;
      this.socket = undefined;
    });
  }

  ask() {
    if (this.asking) {
      this.again = true;
      return;
    }
    this.asking = true;
    this.text = "";
    if (!this.socket) this.connect();
    const known = this.tag && `If-None-Match: ${this.tag}\r\n`;
    this.socket.write(`GET ${PATH} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAccept-Encoding: gzip\r\n${known}\r\n`);
  }

  hear(piece) {
    this.text += piece;
    const head = this.text.indexOf("\r\n\r\n") + 4;
    if (head < 4) return;
    const headers = this.text.slice(0, head);
    const same = headers.startsWith("HTTP/1.1 304");
    const body = same ? 0 : Number(/content-length: (\d+)/i.exec(headers)?.[1] ?? 0);
    if (this.text.length < head + body) return;
    if (same) {
      answers.same += 1;
      answers.sameBytes += head;
    } else if (headers.startsWith("HTTP/1.1 200")) {
      answers.whole += 1;
      answers.wholeBytes += head + body;
    } else refused.push(`GET ${PATH}: ${headers.slice(9, 12)}`);
    this.tag = /etag: (\S+)/i.exec(headers)?.[1] ?? this.tag;
    this.met.push({ nth: rank(this.tag), at: Date.now() });
    this.asking = false;
    if (!this.again) return;
    this.again = false;
    this.ask();
  }

  /** Something may have changed: all that is heard while it waits is one reason to ask. */
  heard() {
    if (this.waiting) return;
    this.waiting = true;
    setTimeout(() => {
      this.waiting = false;
      this.ask();
    }, Math.random() * SPREAD);
  }

  listen() {
    const socket = net.connect(Number(port), hostname);
    socket.setEncoding("latin1");
    socket.write(`GET /events HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAccept: text/event-stream\r\n\r\n`);
    socket.on("data", (text) => {
      if (text.startsWith("HTTP/1.1") && !text.startsWith("HTTP/1.1 200")) {
        refused.push(`GET /events: ${text.slice(9, 12)}`);
      }
      if (/^event: (hello|change)/m.test(text)) this.heard();
    });
    socket.on("error", (error) => refused.push(`GET /events: ${error.message}`));
    socket.on("close", () => refused.push("GET /events: broken off"));
  }
}

function open() {
  const page = new Page();
  pages.push(page);
  page.ask();
  page.listen();
  setInterval(() => page.ask(), PERIOD);
}

for (let nth = 0; nth < wanted; nth += 1) setTimeout(open, (nth * OPENING) / wanted);

const replies = {
  /** Begins to count anew. */
  count(_, reply) {
    answers = { whole: 0, same: 0, sameBytes: 0, wholeBytes: 0 };
    lateness.reset();
    reply({});
  },
  state: (_, reply) => reply({ answers, refused, lateness: lateness.percentile(99) / 1e6 }),
  /** Before a change: forgets which states came before. */
  forget(_, reply) {
    order.clear();
    for (const page of pages) page.met = [];
    reply({});
  },
  /** After it: when did each page first have the state with this tag, or a newer one? Milliseconds after `at`. */
  seen({ tag, at }, reply) {
    const least = rank(tag);
    const end = Date.now() + PATIENCE;
    const look = setInterval(() => {
      const first = pages.map((page) => page.met.find(({ nth }) => nth >= least));
      const times = first.filter(Boolean).map((answer) => Math.max(0, answer.at - at));
      if (times.length < pages.length && Date.now() < end) return;
      clearInterval(look);
      reply({ times, unseen: pages.length - times.length });
    }, 50);
  },
};
process.on("message", (message) => replies[message.what](message, (answer) => process.send(answer)));
