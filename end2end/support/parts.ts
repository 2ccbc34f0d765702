// What is tested, and where it listens.
import { join } from 'node:path';

export const root = join(__dirname, '../..');
export const PROGRAM = join(root, 'target/release/numwatch');
// Others may test on the same machine.
export const SERVER_ADDR = process.env.E2E_SERVER_ADDR || '127.0.0.1:3700';
export const FEED_ADDR = process.env.E2E_FEED_ADDR || '127.0.0.1:4700';
/** A server with accounts, on a database of its own; and an origin of somebody else's whose pages may ask it. */
export const SIGNED_ADDR = process.env.E2E_SIGNED_ADDR || '127.0.0.1:3701';
export const SIGNED_SITE = `http://${SIGNED_ADDR}`;
export const CLIENT_ADDR = process.env.E2E_CLIENT_ADDR || '127.0.0.1:3702';
export const CLIENT_SITE = `http://${CLIENT_ADDR}`;
export const SIGNED_DATABASE = process.env.E2E_SIGNED_DATABASE_URL ?? '';
export const SITE = `http://${SERVER_ADDR}`;
/** Small, so that a file which is too large is quickly made. */
export const MAX_UPLOAD_BYTES = 6_000_000;
/** The date that the feed never answers well. */
export const BAD_DATE = '2025-06-18';
