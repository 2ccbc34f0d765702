import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from '@playwright/test';

import {
  CLIENT_SITE,
  LANES,
  MAX_UPLOAD_BYTES,
  PROGRAM,
  SIGNED_ADDR,
  SIGNED_DATABASE,
  SIGNED_SITE,
  SITE,
  databaseOf,
  feedAddr,
  root,
  serverAddr,
} from './support/parts';

const database = process.env.DATABASE_URL;
if (!database) {
  throw new Error('DATABASE_URL is not set. Run scripts/test, or set it to an empty database that the tests may fill.');
}
const signed = SIGNED_DATABASE;
if (!signed) {
  throw new Error('E2E_SIGNED_DATABASE_URL is not set. Run scripts/test, or set it to another empty database, in which the tests add accounts.');
}
const owner = process.env.DATABASE_OWNER_URL;
const data = process.env.E2E_DATA_DIR || mkdtempSync(join(tmpdir(), 'numwatch-e2e-'));

const settings = {
  DATABASE_URL_FILE: '',
  DATABASE_OWNER_URL: '',
  DATABASE_OWNER_URL_FILE: '',
  NUMWATCH_DATABASE_CONNECTIONS: '16',
  NUMWATCH_SITE_ROOT: join(root, 'target/site'),
  CORS_ORIGINS: '',
  NUMWATCH_DATABASE_DIRECT_URL: '',
  NUMWATCH_DATABASE_DIRECT_URL_FILE: '',
  NUMWATCH_METRICS_ADDR: '',
  ALERT_WEBHOOK_URL: '',
  ALERT_WEBHOOK_URL_FILE: '',
  NUMWATCH_PAYLOADS: '',
  NUMWATCH_PAYLOADS_FILE: '',
  NUMWATCH_MAX_UPLOAD_BYTES: String(MAX_UPLOAD_BYTES),
  NUMWATCH_WORKERS: '2',
  NUMWATCH_LEASE_SECONDS: '15',
  NUMWATCH_HEARTBEAT_SECONDS: '1',
  NUMWATCH_MAX_ATTEMPTS: '3',
  NUMWATCH_SHUTDOWN_GRACE_SECONDS: '1',
  EXTERNAL_API_URL_FILE: '',
  FEED_MAX_BYTES: '',
  // 29 February: no tick comes while the tests run.
  SCHEDULE: '0 0 29 2 *',
  FEED_DELAY_SECONDS: '0.05',
  FEED_TIMEOUT_SECONDS: '30',
  FEED_RETRIES: '1',
  FEED_BACKOFF_SECONDS: '0.05',
  RUST_LOG: 'error',
  NUMWATCH_LOG_FORMAT: 'text',
};

/** A server, migrated and started. */
const server = (site: string, env: Record<string, string>) => ({
  command: `${PROGRAM} migrate && exec ${PROGRAM} serve`,
  // Not the project's folder: a developer's .env must not be read.
  cwd: data,
  url: `${site}/health`,
  reuseExistingServer: false,
  timeout: 60_000,
  stdout: 'ignore' as const,
  stderr: 'pipe' as const,
  gracefulShutdown: { signal: 'SIGTERM' as const, timeout: 5_000 },
  env,
});

/** The server that the tests of one lane ask. */
const serverOf = (lane: number) =>
  server(`http://${serverAddr(lane)}`, {
    ...settings,
    DATABASE_URL: databaseOf(database, lane),
    DATABASE_OWNER_URL: owner ? databaseOf(owner, lane) : '',
    NUMWATCH_ADDR: serverAddr(lane),
    NUMWATCH_DATA_DIR: join(data, `lane-${lane}`),
    EXTERNAL_API_URL: `http://${feedAddr(lane)}`,
  });

/** What takes longest is begun first, so that no lane is left with it. */
const LONG = ['accessibility.spec.ts', 'signed.spec.ts', 'translated.spec.ts'];

export default defineConfig({
  testDir: 'tests',
  // The tests of one lane share its database.
  workers: LANES,
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  reporter: 'list',
  timeout: 30_000,
  expect: { timeout: 10_000 },
  use: {
    baseURL: SITE,
    locale: 'en-GB',
    timezoneId: 'Asia/Bangkok',
    viewport: { width: 1280, height: 900 },
    actionTimeout: 10_000,
    // A trace tells most, and makes all of them a quarter slower.
    trace: process.env.E2E_TRACE ? 'retain-on-failure' : 'off',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM || '/usr/bin/chromium-headless-shell',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: [
    { name: 'long', testMatch: LONG },
    { name: 'no-js', testMatch: 'no-js/**', use: { javaScriptEnabled: false } },
    { name: 'hydrated', testIgnore: ['no-js/**', ...LONG] },
  ],
  // The feed is started by the tests (support/feed.ts): some want it slow, failing, or silent.
  webServer: [
    ...Array.from({ length: LANES }, (_, lane) => serverOf(lane)),
    // The same with accounts: the tests add them (tests/signed.spec.ts).
    server(SIGNED_SITE, {
      ...settings,
      DATABASE_URL: signed,
      NUMWATCH_ADDR: SIGNED_ADDR,
      NUMWATCH_DATA_DIR: join(data, 'signed'),
      EXTERNAL_API_URL: `http://${feedAddr(0)}`,
      CORS_ORIGINS: CLIENT_SITE,
    }),
  ],
});
