// What is tested, and where it listens.
import { join } from 'node:path';

export const root = join(__dirname, '../..');
export const PROGRAM = process.env.NUMWATCH_PROGRAM || join(root, 'target/release/numwatch');
/** How many tests run side by side, each lane with a server, a feed and a database of its own. */
export const LANES = Number(process.env.E2E_LANES || 1);
// Others may test on the same machine.
const PORT = Number(process.env.E2E_PORT || 3700);
const lane = Number(process.env.TEST_PARALLEL_INDEX || 0);
export const serverAddr = (of: number) => `127.0.0.1:${PORT + of}`;
export const feedAddr = (of: number) => `127.0.0.1:${PORT + 1000 + of}`;
export const SERVER_ADDR = serverAddr(lane);
export const FEED_ADDR = feedAddr(lane);
/** The address of a lane's database: the first lane has the one that is named, the others those with their number behind it. */
export function databaseOf(url: string, of: number): string {
  const its = new URL(url);
  if (of > 0) its.pathname += `_${of}`;
  return its.href;
}
/** The database of this lane. */
export const DATABASE = process.env.DATABASE_URL ? databaseOf(process.env.DATABASE_URL, lane) : '';
/** A server with accounts, on a database of its own; and an origin of somebody else's whose pages may ask it. */
export const SIGNED_ADDR = `127.0.0.1:${PORT + 500}`;
export const SIGNED_SITE = `http://${SIGNED_ADDR}`;
export const CLIENT_ADDR = `127.0.0.1:${PORT + 501}`;
export const CLIENT_SITE = `http://${CLIENT_ADDR}`;
export const SIGNED_DATABASE = process.env.E2E_SIGNED_DATABASE_URL ?? '';
export const SITE = `http://${SERVER_ADDR}`;
/** Small, so that a file which is too large is quickly made. */
export const MAX_UPLOAD_BYTES = 6_000_000;
/** The date that the feed never answers well. */
export const BAD_DATE = '2025-06-18';
